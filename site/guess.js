// What colorizer.py, tone.py and Pillow do with a photo before and after the network, in the page.
//
// A photo's pixels are read line by line, through `line(y)` → RGBA of row y, since a large photo
// has no room here as float32. `Colorizer.guess` gives the same result.

import { COLORIZER, TONE } from "./facts.js";
import { LUMA, enlarger } from "./paint.js";

const WHOLE = { left: 0, top: 0, right: 1, bottom: 1 };
const clamp = (number, least, most) => Math.min(Math.max(number, least), most);

/** Pillow's `reduce`: each point is the mean of step × step, at the edges of those that are left. */
function reduced(line, height, width, depth, step) {
  const map = { height: Math.ceil(height / step), width: Math.ceil(width / step), depth };
  const stride = map.width * depth;
  const data = new Float32Array(map.height * stride);
  let sums = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    const row = line(y);
    for (let x = 0, to = 0; x < width; to += depth)
      for (const end = Math.min(x + step, width); x < end; x++)
        for (let c = 0; c < depth; c++) sums[to + c] += row[x * depth + c];
    if ((y + 1) % step && y + 1 < height) continue;
    const rows = (y % step) + 1, top = Math.floor(y / step) * stride;
    for (let i = 0; i < stride; i++)
      data[top + i] = sums[i] / (rows * Math.min(step, width - Math.floor(i / depth) * step));
    sums = new Float64Array(stride);
  }
  return { ...map, data };
}

/** For each of `to` points, which of `from` it is the mean of, and their weights: a triangle as wide
 * as the points that it replaces. */
function triangles(from, to) {
  const scale = from / to, reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), from);
    const weights = Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - center) / reach));
    const sum = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Pillow's bilinear `resize` of a map of depth 1. */
function resized(map, height, width) {
  const narrow = new Float32Array(map.height * width), data = new Float32Array(height * width);
  triangles(map.width, width).forEach(({ first, weights }, x) => {
    for (let y = 0; y < map.height; y++) {
      let sum = 0;
      for (let j = 0; j < weights.length; j++) sum += weights[j] * map.data[y * map.width + first + j];
      narrow[y * width + x] = sum;
    }
  });
  triangles(map.height, height).forEach(({ first, weights }, y) => {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let j = 0; j < weights.length; j++) sum += weights[j] * narrow[(first + j) * width + x];
      data[y * width + x] = sum;
    }
  });
  return data;
}

/** (height, width) of each picture that the network sees, smallest first. */
function sizes(height, width) {
  const { zooms, side, multiple } = COLORIZER;
  const most = Math.floor((16 * side) / multiple) * multiple;
  return zooms.map((zoom) => [height, width].map((length) => {
    const seen = (length * zoom * side) / Math.sqrt(height * width);
    return clamp(Math.round(seen / multiple) * multiple, 2 * multiple, most);
  }));
}

/** NumPy's percentile of sorted numbers. */
function percentile(sorted, percent) {
  const at = ((sorted.length - 1) * percent) / 100, first = Math.floor(at);
  const next = sorted[Math.min(first + 1, sorted.length - 1)];
  return sorted[first] + (at - first) * (next - sorted[first]);
}

/** The photo's gray, a map of depth 1, small but at least three times as large as the network sees. */
export function grayOf(line, height, width, keepsLuma) {
  const [tall, wide] = sizes(height, width).at(-1);
  const step = Math.max(1, Math.min(Math.floor(height / (3 * tall)), Math.floor(width / (3 * wide))));
  const gray = new Float32Array(width);
  const grayLine = (y) => {
    const pixels = line(y);
    for (let x = 0; x < width; x++) {
      const r = pixels[4 * x], g = pixels[4 * x + 1], b = pixels[4 * x + 2];
      gray[x] = (keepsLuma ? LUMA[0] * r + LUMA[1] * g + LUMA[2] * b : Math.max(r, g, b)) / 255;
    }
    return gray;
  };
  return { ...reduced(grayLine, height, width, 1, step), sizes: sizes(height, width) };
}

/** The index of a point in the mirror image. */
const mirror = (i, width) => i + width - 1 - 2 * (i % width);

/** Colorizer.guess: from `grayOf` → {chroma (h, w, 2), confidence (h, w), height, width}.
 *
 * `network` takes float32 (2, height, width) and promises {data (2, h, w, 2), height: h, width: w}. */
export async function guess(gray, network) {
  const sorted = gray.data.slice().sort();
  let black = percentile(sorted, 1), contrast = percentile(sorted, 99) - black;
  if (contrast <= 2 / 255 || contrast >= COLORIZER.flat) [black, contrast] = [0, 1];
  const views = [];
  for (const [height, width] of gray.sizes) {
    const count = height * width, both = new Float32Array(2 * count);
    resized(gray, height, width).forEach((seen, i) => {
      both[i] = both[count + mirror(i, width)] = clamp((seen - black) / contrast, 0, 1);
    });
    const { data, height: h, width: w } = await network(both, height, width);
    const answer = data.subarray(0, 2 * h * w), mirrored = data.subarray(2 * h * w);
    const back = new Float32Array(2 * h * w);
    for (let i = 0; i < h * w; i++) back.set(mirrored.subarray(2 * i, 2 * i + 2), 2 * mirror(i, w));
    for (const each of [answer, back]) views.push({ data: each, height: h, width: w, depth: 2 });
  }
  const { height, width } = views.at(-1);
  return { ...joined(views.map((view) => enlarged(view, height, width))), height, width };
}

function enlarged(view, height, width) {
  const row = enlarger(view, WHOLE, height, width), data = new Float32Array(2 * height * width);
  for (let y = 0; y < height; y++) data.set(row(y), 2 * y * width);
  return data;
}

/** The mean of the views, less a share of its own mean, and how well the views agree. */
function joined(views) {
  const points = views[0].length / 2;
  const chroma = new Float32Array(2 * points), confidence = new Float32Array(points);
  const cast = [0, 0];
  for (let i = 0; i < points; i++) {
    let x = 0, y = 0, spread = 0;
    for (const view of views) (x += view[2 * i] / views.length), (y += view[2 * i + 1] / views.length);
    for (const view of views) spread += Math.hypot(view[2 * i] - x, view[2 * i + 1] - y) / views.length;
    const length = Math.hypot(x, y);
    confidence[i] = length / Math.max(length + spread, 1e-6);
    chroma.set([x, y], 2 * i);
    cast[0] += (COLORIZER.cast * x) / points;
    cast[1] += (COLORIZER.cast * y) / points;
  }
  return { chroma: chroma.map((each, i) => each - cast[i % 2]), confidence };
}

/** tone.has_color: whether a photo has color; if not, it is black-and-white, toned or not. */
export function hasColor(line, height, width) {
  const side = Math.sqrt((height * width) / TONE.points), step = Math.max(1, Math.floor(side / 4));
  const wide = Math.ceil(width / step), some = new Float32Array(3 * wide);
  const someLine = (y) => {
    const pixels = line(y * step);
    for (let x = 0; x < wide; x++)
      for (let c = 0; c < 3; c++) some[3 * x + c] = pixels[4 * x * step + c];
    return some;
  };
  const small = reduced(someLine, Math.ceil(height / step), wide, 3, Math.max(1, Math.round(side / step)));
  const rows = Array.from({ length: small.height }, (_, y) =>
    Array.from({ length: small.width }, (_, x) =>
      [0, 1, 2].map((c) => Math.floor(small.data[3 * (y * small.width + x) + c] + 0.5))));
  const points = withoutBorder(rows).flat();
  const levels = Math.min(TONE.levels, 1 + Math.floor(points.length / 16));
  const tones = Array.from({ length: levels }, () => ({ count: 0, blue: 0, red: 0 }));
  const colors = points.map(([r, g, b]) => {
    const tone = tones[Math.floor(((r + g + b) * levels) / 766)];
    const blue = Math.floor(-0.168736 * r - 0.331264 * g + 0.5 * b); // JPEG's Cb and Cr
    const red = Math.floor(0.5 * r - 0.418688 * g - 0.081312 * b);
    (tone.count += 1), (tone.blue += blue), (tone.red += red);
    return { tone, blue, red };
  });
  const share = (far) => colors.filter(far).length / colors.length;
  const stray = share(({ tone, blue, red }) =>
    Math.hypot(blue - tone.blue / tone.count, red - tone.red / tone.count) > TONE.stray);
  const strong = share(({ blue, red }) => Math.hypot(blue > 0 ? TONE.blue * blue : blue, red) > TONE.strong);
  return Math.max(stray, strong) > TONE.few;
}

/** Rows of points without their uniform frames, at most two; a side keeps 16 points. */
function withoutBorder(rows) {
  for (let side = 0; side < 8; side++) {
    const corner = rows[0][0];
    const same = (point) => point.every((channel, c) => Math.abs(channel - corner[c]) <= TONE.border);
    while (rows.length > 16 && rows[0].every(same)) rows = rows.slice(1);
    if (rows.length > 17) rows = rows.slice(2); // these two may mix border and photo
    rows = rows[0].map((_, i) => rows.map((row) => row[row.length - 1 - i])); // a quarter turn
  }
  return rows;
}
