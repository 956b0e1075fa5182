// Colors photos beside the page, so that it never freezes: decodes, runs the network, and saves.
//
// Each message {id, kind, ...} is answered by {id, ...} or {id, error}. {progress} says how much of
// the network is loaded, from 0 to 1.

import { ASSETS, COLORIZER } from "./facts.js";
import { grayOf, guess, hasColor } from "./guess.js";
import { exifFor, withMetadata } from "./metadata.js";
import { adjusted, paint } from "./paint.js";

const PREVIEW = 1600; // pixels of the longer side
const MOST = 100; // megapixels
const STRIP = 2 ** 20; // pixels that are read from a photo at a time
const CACHE = `colorlab ${new URL("./", self.location)}`; // sw.js tidies it
const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };

// ---- The network.

let network = null; // {gpu, promise of {ort, session}}

/** Fetch an asset once for all visits, and tell how much of it is there. */
async function fetched({ url, size }, tell) {
  const address = new URL(url, self.location).href;
  const cache = await self.caches?.open(CACHE); // there is none without HTTPS
  const known = await cache?.match(address);
  const response = known ?? (await fetch(address).catch(() => null));
  if (!response?.ok) throw new Error("no answer");
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > size) throw new Error("it is another file");
    bytes.set(value, at);
    tell((at += value.length));
  }
  if (at != size) throw new Error("a part is missing"); // never to be kept
  if (!known) await cache?.put(address, new Response(bytes)).catch(() => {}); // the disk may be full
  return bytes;
}

/** Load runtime and model; WebGPU's runtime is another one. */
async function load(gpu) {
  const runtime = gpu ? ASSETS.gpu : ASSETS.wasm;
  const total = runtime.size + ASSETS.model.size, done = [0, 0];
  const tell = (which) => (count) => {
    done[which] = count;
    self.postMessage({ progress: (done[0] + done[1]) / total });
  };
  const [ort, wasm, model] = await Promise.all(
    [import(runtime.script), fetched(runtime, tell(0)), fetched(ASSETS.model, tell(1))]);
  ort.env.wasm.numThreads = 1; // more need headers of isolation, which a plain host does not send
  ort.env.wasm.wasmBinary = wasm.buffer;
  const executionProviders = [gpu ? "webgpu" : "wasm"];
  return { ort, session: await ort.InferenceSession.create(model, { executionProviders }) };
}

function loaded(gpu) {
  if (network?.gpu != gpu) {
    const promise = load(gpu).catch((error) => {
      network = null; // the next photo tries again
      throw new Error(`The network could not be loaded (${error.message}); check the connection and reload the page.`);
    });
    network = { gpu, promise };
  }
  return network.promise;
}

async function run(gpu, pictures, height, width) {
  const { ort, session } = await loaded(gpu);
  const gray = new ort.Tensor("float32", pictures, [2, height, width, 1]);
  const { chroma } = await session.run({ gray }, ["chroma"]);
  const [, h, w] = chroma.dims;
  return { data: await chroma.getData(), height: h, width: w };
}

// ---- The photo.

let photo = null; // the one that is open: its gray and, once it is colored, chroma and confidence

async function decoded(file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is not a photo that this browser reads; expected a JPEG, PNG or WebP.`);
  });
  if (bitmap.width * bitmap.height > MOST * 1e6)
    throw new Error(`${file.name} has ${Math.round((bitmap.width * bitmap.height) / 1e6)} megapixels; expected at most ${MOST}.`);
  return bitmap;
}

/** The pixels of a bitmap line by line; a strip of them is in memory at a time. */
function reader({ bitmap, height, width }) {
  const rows = Math.min(height, Math.max(1, Math.floor(STRIP / width)));
  const context = new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true });
  let top = -Infinity, strip = null;
  return (y) => {
    if (y < top || y >= top + rows) {
      top = y - (y % rows);
      context.clearRect(0, 0, width, rows);
      context.drawImage(bitmap, 0, -top);
      strip = context.getImageData(0, 0, width, rows).data;
    }
    return strip.subarray(4 * (y - top) * width, 4 * (y - top + 1) * width);
  };
}

const ACTIONS = {
  /** Open a photo; `color` says whether it has color, if the user knows better than its pixels. */
  async open({ file, color }) {
    const bitmap = await decoded(file);
    const { height, width } = bitmap;
    const line = reader({ bitmap, height, width });
    color ??= hasColor(line, height, width);
    const gray = grayOf(line, height, width, !color);
    const transparent = file.type != "image/jpeg" && seesThrough(line, height, width);
    const scale = Math.min(1, PREVIEW / Math.max(height, width));
    const small = new OffscreenCanvas(Math.ceil(scale * width), Math.ceil(scale * height));
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, small.width, small.height);
    bitmap.close();
    const type = transparent ? "image/png" : "image/jpeg";
    const preview = await small.convertToBlob({ type, quality: 0.95 });
    photo = { gray };
    return { size: [height, width], color, transparent, preview };
  },

  /** Color the photo that is open, with a small chroma. */
  async color({ gpu }) {
    await loaded(gpu);
    const begin = performance.now();
    photo = { ...photo, ...(await guess(photo.gray, (...seen) => run(gpu, ...seen))) };
    const { chroma, confidence, height, width } = photo;
    return { chroma, confidence, size: [height, width], seconds: (performance.now() - begin) / 1000 };
  },

  /** The photo at full size in its new colors, as a file. */
  async save({ file, numbers, keepsLuma, type, keepLocation }) {
    const bitmap = await decoded(file);
    const { height, width } = bitmap;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error(`${file.name} is too large for this browser; make it smaller.`);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const chroma = { ...photo, data: adjusted(photo.chroma, photo.confidence, numbers), depth: 2 };
    const rows = Math.max(1, Math.floor(STRIP / width));
    for (let top = 0; top < height; top += rows) {
      const strip = context.getImageData(0, top, width, Math.min(rows, height - top));
      const region = { ...WHOLE, top: top / height, bottom: (top + strip.height) / height };
      paint(strip, region, chroma, null, keepsLuma, 0);
      context.putImageData(strip, 0, top);
    }
    const picture = await canvas.convertToBlob({ type, quality: 0.95 });
    if (picture.type != type) throw new Error(`This browser does not write ${type}; choose another format.`);
    const exif = exifFor(new Uint8Array(await file.arrayBuffer()), keepLocation);
    return { picture: await withMetadata(picture, exif) };
  },
};

function seesThrough(line, height, width) {
  for (let y = 0; y < height; y++) {
    const pixels = line(y);
    for (let i = 3; i < 4 * width; i += 4) if (pixels[i] < 255) return true;
  }
  return false;
}

let busy = Promise.resolve(); // one thing after the other
self.onmessage = ({ data }) => {
  busy = busy.then(() => ACTIONS[data.kind](data)).then(
    (answer) => self.postMessage({ id: data.id, ...answer }),
    (error) => self.postMessage({ id: data.id, error: error.message }));
};
