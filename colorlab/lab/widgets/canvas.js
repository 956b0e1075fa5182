// The photo lab's picture, drawn in the page.
//
// The kernel sends a photo, the chroma that the network predicts, and the tint of the color hints,
// once each. After that, every move of a slider is drawn here, without the kernel. The result is
// that of colorlab's `render`, with the formulas of colorizer.py, encoding.py and adjustments.py.

const WARM = [0.25 * Math.cos(Math.PI / 6), 0.25 * Math.sin(Math.PI / 6)];
const LUMA = [0.299, 0.587, 0.114];
const CHUNK = 2 ** 21; // bytes; Jupyter silently drops messages of more than 10 MB
const MOST = 100e6; // bytes of the largest file that is sent; larger ones are opened by their path
const PATIENCE = 1000; // milliseconds without an answer until the kernel is called busy
// In the page, an ipywidgets switch holds the index of its choice. These are the choices, in order.
const VIEWS = ["color", "gray", "original", "curtain"];
const [LUMA_KEPT, WHOLE] = [1, 0]; // choices of "keep" and of "zoom"

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

/** adjustments.adjust: chroma (h, w, 2), confidence (h, w) → chroma (h, w, 2). */
function adjusted(chroma, confidence, model) {
  const asked = Object.entries(model.get("scales"))
    .map(([name, scale]) => [CHANGES[name], model.get(name) / scale]);
  const out = new Float32Array(chroma.length);
  for (let i = 0; i < chroma.length; i += 2) {
    let point = inDisk(chroma[i], chroma[i + 1]);
    for (const [change, number] of asked) point = change(...point, number, confidence[i / 2]);
    out.set(point, i);
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
function enlarger(map, region, height, width) {
  const rows = neighbors(region.top, region.bottom, height, map.height);
  const columns = neighbors(region.left, region.right, width, map.width);
  const { data, depth } = map;
  const stride = map.width * depth;
  const line = new Float32Array(stride), out = new Float32Array(width * depth);
  return (row) => {
    const above = rows.first[row] * stride, below = rows.second[row] * stride;
    for (let i = 0; i < stride; i++)
      line[i] = data[above + i] + rows.part[row] * (data[below + i] - data[above + i]);
    for (let i = 0; i < width; i++) {
      const left = columns.first[i] * depth, right = columns.second[i] * depth;
      for (let c = 0; c < depth; c++)
        out[i * depth + c] = line[left + c] + columns.part[i] * (line[right + c] - line[left + c]);
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
const SIDE = 4096; // steps from corner to corner
const [RED, GREEN, BLUE] = [5, 3, 1].map((n) =>
  Float32Array.from({ length: 4 * SIDE + 1 }, (_, step) => {
    const place = step / SIDE - 1;
    const [y, way] = place < 1 ? [place, 1] : [2 - place, -1];
    return wave(Math.atan2(y, way * (1 - Math.abs(y))), n);
  }));

/** colorizer.render for a region: color the photo's pixels (RGBA) in place. */
function paint(image, region, chroma, tint, keepsLuma, firstInColor) {
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

const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

function element(tag, attributes, parent) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}

function render({ model, el }) {
  const stage = element("div", { class: "colorlab-canvas" }, el);
  const frame = element("div", { class: "colorlab-frame", role: "application", tabindex: 0 }, stage);
  const canvas = element("canvas", { role: "img" }, frame);
  const marks = element("div", {}, frame);
  const cross = element("div", { class: "colorlab-cross" }, frame);
  const handle = element("div", {
    class: "colorlab-handle", role: "slider", tabindex: 0, "aria-label": "Curtain, %",
    "aria-valuemin": 0, "aria-valuemax": 100,
  }, frame);
  const note = element("div", { class: "colorlab-note", role: "status" }, stage);
  const chooser = element("input", { type: "file", accept: "image/*", hidden: "" }, stage);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  let shown = null; // the photo on the screen: {bitmap, height, width, chroma, confidence}
  let pixels = null; // the photo's pixels in the visible region
  let region = { left: 0, top: 0, right: 1, bottom: 1 }; // the visible part, in shares of the sides
  let center = [0.5, 0.5], aim = [0.5, 0.5]; // of the region; place of the cross within it
  let comparing = false, ended = false, fetching = false, asked = 0, waiting = 0, loads = 0, drawn = 0;

  const say = (text, error = false) => {
    note.textContent = text;
    note.classList.toggle("colorlab-error", error);
    note.setAttribute("role", error ? "alert" : "status");
  };
  const failed = () => note.getAttribute("role") == "alert"; // shown until the next request

  // ---- Ask the kernel, and say so if it does not answer.

  const ask = (content, buffers = []) => {
    if (ended) return over();
    if (failed()) say("");
    model.send(content, undefined, buffers);
    asked += 1;
    wait();
  };
  const wait = () => {
    waiting ||= setTimeout(() => failed() ||
      say("The kernel is busy with something else; this waits until it is done."), PATIENCE);
  };
  const over = () => {
    ended = true;
    say("This kernel has ended. Run the cell again to go on.", true);
  };
  const answered = (content, buffers) => {
    clearTimeout(waiting);
    waiting = 0;
    asked = Math.max(asked - 1, 0); // another view of this lab may have asked
    if (asked) wait();
    else if (!failed()) say("");
    if (content.kind == "full") load(new Blob([buffers[0]]));
  };

  // ---- The picture.

  /** Show the photo that the kernel sent, or the same one at full size (`full`). */
  const load = async (full) => {
    const [height, width] = model.get("size");
    const [chromaHeight, chromaWidth] = model.get("chroma_size");
    const chroma = { data: floats(model.get("chroma")), height: chromaHeight, width: chromaWidth };
    const confidence = floats(model.get("confidence"));
    const turn = ++loads;
    const bitmap = await createImageBitmap(full ?? new Blob([model.get("photo")]));
    if (turn != loads) return; // another photo came meanwhile
    fetching = false;
    shown = { bitmap, height, width, chroma, confidence };
    look();
  };

  /** Take the visible region from the photo, with as many pixels as the screen has. */
  const look = () => {
    if (!shown || !stage.clientWidth) return;
    const { bitmap, height, width } = shown;
    const ratio = window.devicePixelRatio;
    const room = [stage.clientWidth * ratio, stage.clientHeight * ratio];
    const fit = Math.min(room[0] / width, room[1] / height, 4);
    const scale = model.get("zoom") == WHOLE ? fit : 1;
    if (model.get("zoom") != WHOLE && bitmap.width < width && !fetching) {
      fetching = true;
      say("Fetching the photo at full size …");
      ask({ kind: "full" });
    }
    const sides = [width, height].map((side, i) => {
      const count = Math.max(1, Math.round(Math.min(side * scale, room[i])));
      const share = Math.min(count / (side * scale), 1);
      center[i] = Math.min(Math.max(center[i], share / 2), 1 - share / 2);
      const from = Math.round((center[i] - share / 2) * side) / side; // otherwise 1:1 would blur
      return { count, from, to: from + share };
    });
    region = { left: sides[0].from, right: sides[0].to, top: sides[1].from, bottom: sides[1].to };
    [canvas.width, canvas.height] = [sides[0].count, sides[1].count];
    [frame.style.width, frame.style.height] = sides.map((side) => `${side.count / ratio}px`);
    context.imageSmoothingQuality = "high";
    context.fillStyle = "white"; // behind transparent pixels
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(
      bitmap, region.left * bitmap.width, region.top * bitmap.height,
      (region.right - region.left) * bitmap.width, (region.bottom - region.top) * bitmap.height,
      0, 0, canvas.width, canvas.height);
    pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    draw();
    mark();
  };

  const draw = () => {
    drawn = 0;
    if (!pixels) return;
    const view = VIEWS[model.get("view")], curtain = model.get("curtain");
    const image = new ImageData(pixels.data.slice(), pixels.width, pixels.height);
    if (view != "original" && !comparing) {
      const share = view == "gray" ? 1 : view == "curtain" ? curtain / 100 : 0;
      const [height, width] = model.get("tint_size");
      const tint = height && { data: floats(model.get("tint")), height, width, depth: 3 };
      const data = adjusted(shown.chroma.data, shown.confidence, model);
      paint(image, region, { ...shown.chroma, data, depth: 2 }, tint, model.get("keep") == LUMA_KEPT,
        Math.round(share * image.width));
    }
    context.putImageData(image, 0, 0);
    canvas.setAttribute("aria-label", model.get("says"));
    handle.hidden = view != "curtain";
    handle.style.left = `${curtain}%`;
    handle.setAttribute("aria-valuenow", curtain);
    frame.setAttribute("aria-label", model.get("picking")
      ? "Photo: arrow keys move the cross, Enter places a hint"
      : "Photo: hold the space bar to compare; arrow keys move it at 1:1");
  };
  const redraw = () => (drawn ||= requestAnimationFrame(draw)); // at most once a frame

  /** Mark each hint by a button that removes it. */
  const mark = () => {
    marks.replaceChildren(...model.get("hints").flatMap(([x, y, color], index) => {
      const across = (x - region.left) / (region.right - region.left);
      const down = (y - region.top) / (region.bottom - region.top);
      if (across < 0 || across > 1 || down < 0 || down > 1) return [];
      const button = element("button", {
        class: "colorlab-hint", title: "Remove this hint", "aria-label": `Remove hint ${index + 1}`,
        style: `left: ${100 * across}%; top: ${100 * down}%; background: ${color}`,
      });
      button.addEventListener("click", () => ask({ kind: "remove", index }));
      return [button];
    }));
    frame.classList.toggle("colorlab-picking", model.get("picking"));
    [cross.style.left, cross.style.top] = aim.map((share) => `${100 * share}%`);
  };

  // ---- Actions of the user: pull the curtain, place a hint, move the photo, or hold to compare.

  const set = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const place = ([across, down]) => ask({
    kind: "hint",
    x: region.left + across * (region.right - region.left),
    y: region.top + down * (region.bottom - region.top),
  });
  const compare = (on) => {
    comparing = on;
    redraw();
  };
  const move = (across, down) => {
    center = [center[0] + across * (region.right - region.left),
      center[1] + down * (region.bottom - region.top)];
    look();
  };
  const within = (event) => {
    const box = frame.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      .map((share) => Math.min(Math.max(share, 0), 1));
  };
  const zoomed = () => region.right - region.left < 1 || region.bottom - region.top < 1;

  frame.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("button")) return;
    let last = within(event);
    if (model.get("picking")) return place(last);
    const pull = (at) => set("curtain", Math.round(100 * at[0]));
    const drag = (at) => {
      move(last[0] - at[0], last[1] - at[1]);
      last = at;
    };
    const curtain = VIEWS[model.get("view")] == "curtain" && (!zoomed() || event.target == handle);
    const follow = curtain ? pull : zoomed() ? drag : () => {};
    if (curtain) pull(last);
    else if (!zoomed()) compare(true);
    const onMove = (moved) => follow(within(moved));
    frame.setPointerCapture(event.pointerId);
    frame.addEventListener("pointermove", onMove);
    frame.addEventListener("lostpointercapture", () => {
      frame.removeEventListener("pointermove", onMove);
      compare(false);
    }, { once: true });
  });
  handle.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -100, End: 100 };
    if (!(event.key in steps)) return;
    set("curtain", Math.min(Math.max(model.get("curtain") + steps[event.key], 0), 100));
    event.preventDefault();
    event.stopPropagation();
  });
  frame.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.target != frame) return;
    if (event.key in ways && model.get("picking")) {
      aim = aim.map((at, i) => Math.min(Math.max(at + 0.02 * ways[event.key][i], 0), 1));
      mark();
    } else if (event.key in ways && zoomed()) move(...ways[event.key].map((step) => 0.1 * step));
    else if (event.key == "Enter" && model.get("picking")) place(aim);
    else if (event.key == " ") compare(true);
    else return;
    event.preventDefault();
    event.stopPropagation(); // otherwise the notebook would take the arrow keys
  });
  for (const end of ["keyup", "blur"])
    frame.addEventListener(end, () => comparing && compare(false));

  // ---- Files: dropped on the picture, or chosen after a click on the lab's upload button.

  let sending = Promise.resolve(); // one file after the other, otherwise their parts would mix
  const send = (file) => (sending = sending.then(() => sendParts(file)));
  const sendParts = async (file) => {
    if (file.size > MOST)
      return say(`${file.name} has ${Math.round(file.size / 1e6)} MB; expected at most 100. ` +
        "Give its path instead.", true);
    const parts = Math.max(1, Math.ceil(file.size / CHUNK));
    for (let part = 0; part < parts; part++) {
      const bytes = await file.slice(part * CHUNK, (part + 1) * CHUNK).arrayBuffer();
      say(`Sending ${file.name}: ${part + 1} of ${parts} …`);
      ask({ kind: "file", name: file.name, first: part == 0, last: part == parts - 1 }, [bytes]);
    }
  };
  const hovers = (event) => {
    event.preventDefault();
    stage.classList.toggle("colorlab-over", event.type == "dragover");
  };
  stage.addEventListener("dragover", hovers);
  stage.addEventListener("dragleave", hovers);
  stage.addEventListener("drop", (event) => {
    hovers(event);
    event.stopPropagation(); // otherwise JupyterLab would copy the file into its folder
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    else say("Nothing that could be read was dropped; expected a photo.", true);
  });
  chooser.addEventListener("change", () => {
    if (chooser.files.length) send(chooser.files[0]);
    chooser.value = ""; // so that the same file can be chosen again
  });
  // A click anywhere in the lab asks the kernel for something: a ping shows whether it is busy.
  const clicked = (event) => {
    if (event.target.closest(".widget-upload")) {
      event.stopPropagation(); // ipywidgets would send the file in one message, whatever its size
      chooser.click();
    } else ask({ kind: "ping" });
  };

  // ---- Beginning and end.

  let lab = null;
  const size = new ResizeObserver(() => {
    if (!lab && (lab = el.closest(".colorlab"))) lab.addEventListener("click", clicked, true);
    look();
  });
  size.observe(stage);
  // Another photo, or another model's colors for the same one.
  for (const name of ["photo", "chroma"]) model.on(`change:${name}`, () => load());
  for (const name of [...Object.keys(model.get("scales")), "keep", "view", "curtain", "tint", "says"])
    model.on(`change:${name}`, redraw);
  model.on("change:zoom", look);
  model.on("change:hints", mark);
  model.on("change:picking", () => {
    mark();
    redraw();
  });
  model.on("msg:custom", answered);
  model.on("comm_live_update", over); // the kernel was restarted
  set("alive", true);
  load();
  return () => {
    size.disconnect();
    lab?.removeEventListener("click", clicked, true);
  };
}

export default { render };
