// The photo lab's colors: the formulas of colorizer.py, encoding.py and adjustments.py, in the page.
//
// colorlab's `render` gives the same result.

const WARM = [0.25 * Math.cos(Math.PI / 6), 0.25 * Math.sin(Math.PI / 6)];
export const LUMA = [0.299, 0.587, 0.114];

/** Points outside the unit disk → its rim. */
const inDisk = (x, y) => {
  const long = Math.max(Math.hypot(x, y), 1);
  return [x / long, y / long];
};

// The formulas of adjustments.py: (x, y, number, confidence) → [x, y].
const CHANGES = {
  fade: (x, y, fade, confidence) => {
    const sure = 1 - fade * (1 - confidence);
    return [x * sure, y * sure];
  },
  saturation: (x, y, saturation) => {
    const s = Math.hypot(x, y);
    const factor = s && s ** (1 / saturation - 1);
    return [x * factor, y * factor];
  },
  strength: (x, y, strength) => inDisk(strength * x, strength * y),
  hue_shift: (x, y, degrees) => {
    const cos = Math.cos((degrees * Math.PI) / 180), sin = Math.sin((degrees * Math.PI) / 180);
    return [cos * x - sin * y, sin * x + cos * y];
  },
  warmth: (x, y, warmth) => inDisk(x + warmth * WARM[0], y + warmth * WARM[1]),
};

/** adjustments.adjust: chroma (h, w, 2), confidence (h, w), {name: number} → chroma (h, w, 2). */
export function adjusted(chroma, confidence, numbers) {
  const asked = Object.entries(numbers).map(([name, number]) => [CHANGES[name], number]);
  const out = new Float32Array(chroma.length);
  for (let i = 0; i < chroma.length; i += 2) {
    let [x, y] = inDisk(chroma[i], chroma[i + 1]);
    for (const [change, number] of asked) [x, y] = change(x, y, number, confidence[i / 2]);
    out[i] = x;
    out[i + 1] = y;
  }
  return out;
}

/** For `count` places from `from` to `to` (shares of a side): the two nearest samples of each, and
 * how far the place lies from the first to the second, 0 to 1. */
function neighbors(from, to, count, samples) {
  const first = new Int32Array(count), second = new Int32Array(count);
  const part = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const place = (from + ((to - from) * (i + 0.5)) / count) * samples - 0.5;
    const at = Math.min(Math.max(place, 0), samples - 1);
    first[i] = Math.floor(at);
    second[i] = Math.min(first[i] + 1, samples - 1);
    part[i] = at - first[i];
  }
  return { first, second, part };
}

/** Enlarge a map {data, height, width, depth} bilinearly: returns a function, row → its numbers. */
export function enlarger(map, region, height, width) {
  const rows = neighbors(region.top, region.bottom, height, map.height);
  const { first, second, part } = neighbors(region.left, region.right, width, map.width);
  const { data, depth } = map;
  const stride = map.width * depth;
  const line = new Float32Array(stride), out = new Float32Array(width * depth);
  return (row) => {
    const above = rows.first[row] * stride, below = rows.second[row] * stride;
    const share = rows.part[row];
    for (let i = 0; i < stride; i++)
      line[i] = data[above + i] + share * (data[below + i] - data[above + i]);
    for (let i = 0, at = 0; i < width; i++) {
      const left = first[i] * depth, right = second[i] * depth;
      for (let c = 0; c < depth; c++)
        out[at++] = line[left + c] + part[i] * (line[right + c] - line[left + c]);
    }
    return out;
  };
}

/** One channel of the pure color of a hue angle: R, G, B for n = 5, 3, 1. */
function wave(angle, n) {
  const k = (n + (angle * 3) / Math.PI + 6) % 6;
  return 1 - Math.min(Math.max(Math.min(k, 4 - k), 0), 1);
}

// Tables of the waves of all angles, because an arc tangent and three waves per pixel would take
// longer than all else. They are indexed not by the angle but by the place where its ray meets the
// square |x| + |y| = 1, counterclockwise from (0, -1).
const SIDE = 1024; // steps from corner to corner
const [RED, GREEN, BLUE] = [5, 3, 1].map((n) =>
  Float32Array.from({ length: 4 * SIDE + 1 }, (_, step) => {
    const place = step / SIDE - 1;
    const [y, way] = place < 1 ? [place, 1] : [2 - place, -1];
    return wave(Math.atan2(y, way * (1 - Math.abs(y))), n);
  }));

/** colorizer.render for a region: color the photo's pixels (RGBA) in place. */
export function paint(image, region, chroma, tint, keepsLuma, firstInColor) {
  const { data, height, width } = image;
  const colors = enlarger(chroma, region, height, width);
  const tints = tint && enlarger(tint, region, height, width);
  for (let row = 0; row < height; row++) {
    const color = colors(row), hinted = tints && tints(row);
    for (let i = 0; i < width; i++) {
      const at = 4 * (row * width + i);
      const r = data[at], g = data[at + 1], b = data[at + 2];
      let v = keepsLuma ? LUMA[0] * r + LUMA[1] * g + LUMA[2] * b : Math.max(r, g, b);
      if (i < firstInColor) {
        data[at] = data[at + 1] = data[at + 2] = v;
        continue;
      }
      let x = color[2 * i], y = color[2 * i + 1];
      if (hinted) {
        const rest = 1 - hinted[3 * i + 2];
        x = rest * x + hinted[3 * i];
        y = rest * y + hinted[3 * i + 1];
      }
      let s = Math.min(Math.sqrt(x * x + y * y), 1);
      const slope = y / (Math.abs(x) + Math.abs(y) || 1);
      const step = ((x < 0 ? 3 - slope : 1 + slope) * SIDE + 0.5) | 0;
      const red = RED[step], green = GREEN[step], blue = BLUE[step];
      if (keepsLuma) {
        const dimming = 1 - (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue);
        s = Math.min(s, (1 - v / 255) / dimming);
        v /= 1 - s * dimming;
      }
      data[at] = v * (1 - s * (1 - red));
      data[at + 1] = v * (1 - s * (1 - green));
      data[at + 2] = v * (1 - s * (1 - blue));
    }
  }
}
