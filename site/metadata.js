// What a result says about its photo: EXIF as colorlab keeps it (photos/exif.py), and who colored it.

import { EXIF } from "./facts.js";

const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]; // bytes of one value, by EXIF's types
const [EXIF_IFD, GPS_IFD, SOFTWARE, TEXT, LONG] = [0x8769, 0x8825, 0x0131, 2, 4];
const MOST = 65000; // bytes; a JPEG has no room for more
const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const says = (bytes, at, text) => ascii(text).every((byte, i) => bytes[at + i] == byte);

/** The EXIF of a JPEG, PNG or WebP file, or null. */
function found(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) == 0xffd8) {
    for (let at = 2; bytes[at] == 0xff && bytes[at + 1] != 0xda; at += 2 + view.getUint16(at + 2))
      if (bytes[at + 1] == 0xe1 && says(bytes, at + 4, "Exif\0\0"))
        return bytes.slice(at + 10, at + 2 + view.getUint16(at + 2));
  } else if (says(bytes, 1, "PNG")) {
    for (let at = 8; at < bytes.length; at += 12 + view.getUint32(at))
      if (says(bytes, at + 4, "eXIf")) return bytes.slice(at + 8, at + 8 + view.getUint32(at));
  } else if (says(bytes, 8, "WEBP")) {
    for (let at = 12; at < bytes.length; at += 8 + view.getUint32(at + 4, true) + (bytes[at + 4] & 1))
      if (says(bytes, at, "EXIF")) {
        const begin = at + (says(bytes, at + 8, "Exif\0\0") ? 14 : 8);
        return bytes.slice(begin, at + 8 + view.getUint32(at + 4, true));
      }
  }
  return null;
}

/** The entries of one directory of EXIF, by tag: {type, count, value}; `value` holds bytes. */
function entries(view, at, little) {
  const of = new Map();
  for (let i = 0, from = at + 2; i < view.getUint16(at, little); i++, from += 12) {
    const type = view.getUint16(from + 2, little), count = view.getUint32(from + 4, little);
    const length = count * SIZES[type];
    const begin = length > 4 ? view.getUint32(from + 8, little) : from + 8;
    if (!(begin + length <= view.byteLength)) continue; // damaged
    const value = new Uint8Array(view.buffer, view.byteOffset + begin, length);
    of.set(view.getUint16(from, little), { type, count, value });
  }
  return of;
}

const chosen = (of, tags) => new Map([...of].filter(([tag]) => tags.includes(tag)));

/** The EXIF for the result of a photo: what a copy keeps, and the mark, as bytes. */
export function exifFor(file, keepLocation) {
  let little = true, about = new Map(), when = new Map(), place = new Map();
  try {
    const bytes = found(file);
    if (bytes) {
      const view = new DataView(bytes.buffer);
      little = bytes[0] == 0x49;
      const main = entries(view, view.getUint32(4, little), little);
      const inner = (tag) => {
        const entry = main.get(tag);
        if (!entry) return new Map();
        const { buffer, byteOffset, byteLength } = entry.value;
        return entries(view, new DataView(buffer, byteOffset, byteLength).getUint32(0, little), little);
      };
      about = chosen(main, EXIF.about);
      when = chosen(inner(EXIF_IFD), EXIF.when);
      if (keepLocation) place = inner(GPS_IFD);
    }
  } catch {
    // Damaged EXIF counts as missing, as in Python.
    [about, when, place] = [new Map(), new Map(), new Map()];
  }
  const value = ascii(`${EXIF.mark}\0`), mark = { type: TEXT, count: value.length, value };
  const written = directories(about.set(SOFTWARE, mark), when, place, little);
  if (written.length <= MOST) return written;
  return directories(new Map([[SOFTWARE, mark]]), new Map(), new Map(), little);
}

/** Write EXIF: the main directory, and the two that it points to if they are not empty. */
function directories(about, when, place, little) {
  const room = (of, more = 0) => [...of.values()].reduce(
    (sum, { value }) => sum + 12 + (value.length > 4 ? value.length + (value.length & 1) : 0), 6 + 12 * more);
  const inner = [[EXIF_IFD, when], [GPS_IFD, place]].filter(([, of]) => of.size);
  let at = 8 + room(about, inner.length);
  for (const [tag, of] of inner) {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, at, little);
    about.set(tag, { type: LONG, count: 1, value });
    at += room(of);
  }
  const bytes = new Uint8Array(at), view = new DataView(bytes.buffer);
  bytes.set(ascii(little ? "II" : "MM"));
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  at = 8;
  for (const of of [about, ...inner.map(([, of]) => of)]) {
    const sorted = [...of].sort(([a], [b]) => a - b);
    let free = at + 6 + 12 * sorted.length;
    view.setUint16(at, sorted.length, little);
    sorted.forEach(([tag, { type, count, value }], i) => {
      const to = at + 2 + 12 * i;
      view.setUint16(to, tag, little);
      view.setUint16(to + 2, type, little);
      view.setUint32(to + 4, count, little);
      if (value.length <= 4) return bytes.set(value, to + 8);
      view.setUint32(to + 8, free, little);
      bytes.set(value, free);
      free += value.length + (value.length & 1);
    });
    at = free;
  }
  return bytes;
}

/** A PNG or JPEG that a canvas wrote, with EXIF and, in a PNG, the mark as text. */
export async function withMetadata(picture, exif) {
  const head = new Uint8Array(await picture.slice(0, 64).arrayBuffer());
  const view = new DataView(head.buffer);
  if (picture.type == "image/png") {
    const parts = [chunk("tEXt", ascii(`Software\0${EXIF.mark}`)), chunk("eXIf", exif)];
    const begin = 8 + 25; // after the signature and the header
    return new Blob([picture.slice(0, begin), ...parts, picture.slice(begin)], { type: picture.type });
  }
  const begin = head[3] == 0xe0 ? 4 + view.getUint16(4) : 2; // after JFIF's own segment
  const length = exif.length + 8;
  const segment = [Uint8Array.of(0xff, 0xe1, length >> 8, length & 255), ascii("Exif\0\0"), exif];
  return new Blob([picture.slice(0, begin), ...segment, picture.slice(begin)], { type: picture.type });
}

/** A chunk of a PNG: length, name, data, CRC. */
function chunk(name, data) {
  const bytes = new Uint8Array(data.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(ascii(name), 4);
  bytes.set(data, 8);
  let crc = -1;
  for (const byte of bytes.subarray(4, 8 + data.length)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  view.setUint32(8 + data.length, ~crc);
  return bytes;
}
