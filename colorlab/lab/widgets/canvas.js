// The photo lab's picture: drawn in the page by paint.js, and what hands do to it.
//
// The kernel sends a photo, the chroma that the network predicts, and the tint of the color hints,
// once each. After that, every move of a slider is drawn here, without the kernel.

import { adjusted, paint } from "./paint.js";
import { element, picker } from "./picker.js";

const CHUNK = 2 ** 21; // bytes; Jupyter silently drops messages of more than 10 MB
const MOST = 100e6; // bytes of the largest file that is sent; larger ones are opened by their path
const PATIENCE = 1000; // milliseconds without an answer until the kernel is called busy
// In the page, an ipywidgets switch holds the index of its choice. These are the choices, in order.
const VIEWS = ["curtain", "color", "gray", "original"];
const LUMA_KEPT = 1; // choice of "keep"
const [FIT, CLOSEST] = [0, 8]; // zoom: all of the photo; most screen pixels for one of the photo
const NONE = -1; // "picked" if no hint's color is being chosen
const STILL = 4; // pixels that a pointer may move and yet be a click
const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"; // the icon of "Full screen"

const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const clamp = (number, least, most) => Math.min(Math.max(number, least), most);

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
  const colors = picker(frame, {
    // While the wheel turns, colors are dropped that come faster than they are answered.
    choose: (color, last) => (last || !asked) && ask({ kind: "color", index: model.get("picked"), color }),
    remove: () => {
      ask({ kind: "remove", index: model.get("picked") });
      set("picked", NONE); // a second click would remove the next hint
      frame.focus();
    },
    close: () => {
      set("picked", NONE);
      frame.focus();
    },
  });
  const tools = element("div", { class: "colorlab-tools", role: "group", "aria-label": "Zoom" }, el);
  const percent = element("span", { class: "colorlab-percent" }, tools);
  const note = element("div", { class: "colorlab-note colorlab-pill", role: "status" }, el);
  const chooser = element("input", { type: "file", accept: "image/*", hidden: "" }, stage);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  let shown = null; // the photo on the screen: {bitmap, height, width, chroma, confidence}
  let pixels = null; // the photo's pixels in the visible region
  let region = { left: 0, top: 0, right: 1, bottom: 1 }; // the visible part, in shares of the sides
  let center = [0.5, 0.5], aim = [0.5, 0.5]; // of the region; place of the cross within it
  let scale = 1, fit = 1; // screen pixels per photo pixel: now, and if all of the photo is seen
  let comparing = false, ended = false, fetching = false, asked = 0, waiting = 0, loads = 0, drawn = 0;

  /** Show a message; `kind` is "error", "busy" or nothing. */
  const say = (text, kind = "") => {
    note.textContent = text;
    for (const each of ["error", "busy"]) note.classList.toggle(`colorlab-${each}`, each == kind);
    note.setAttribute("role", kind == "error" ? "alert" : "status");
  };
  const failed = () => note.getAttribute("role") == "alert"; // shown until the next request
  const set = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };

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
      say("The kernel is busy with something else; this waits until it is done.", "busy"), PATIENCE);
  };
  const over = () => {
    ended = true;
    say("This kernel has ended. Run the cell again to go on.", "error");
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
    if (!model.get("photo")) return; // the page without a kernel begins without a photo
    const [height, width] = model.get("size");
    const [chromaHeight, chromaWidth] = model.get("chroma_size");
    const chroma = { data: floats(model.get("chroma")), height: chromaHeight, width: chromaWidth };
    const confidence = floats(model.get("confidence"));
    const turn = ++loads, photo = model.get("photo");
    const known = !full && shown?.photo == photo; // only its colors are new
    const bitmap = known ? shown.bitmap : await createImageBitmap(full ?? new Blob([photo]));
    if (turn != loads) return; // another photo came meanwhile
    fetching = false;
    if (!shown && !failed()) say("");
    shown = { photo, bitmap, height, width, chroma, confidence };
    look();
  };

  /** Take the visible region from the photo, with as many pixels as the screen has. */
  const look = () => {
    if (!shown || !stage.clientWidth) return;
    const { bitmap, height, width } = shown;
    const ratio = window.devicePixelRatio;
    const room = [stage.clientWidth * ratio, stage.clientHeight * ratio];
    fit = Math.min(room[0] / width, room[1] / height, 4);
    scale = model.get("zoom") == FIT ? fit : model.get("zoom");
    if (model.get("zoom") != FIT && bitmap.width < Math.min(scale, 1) * width && !fetching) {
      fetching = true;
      say("Fetching the photo at full size …", "busy");
      ask({ kind: "full" });
    }
    const sides = [width, height].map((side, i) => {
      const count = Math.max(1, Math.round(Math.min(side * scale, room[i])));
      const share = Math.min(count / (side * scale), 1);
      center[i] = clamp(center[i], share / 2, 1 - share / 2);
      // From a whole screen pixel on, otherwise 1:1 would blur.
      const from = Math.round((center[i] - share / 2) * side * scale) / (side * scale);
      return { count, from, to: from + share };
    });
    region = { left: sides[0].from, right: sides[0].to, top: sides[1].from, bottom: sides[1].to };
    [canvas.width, canvas.height] = [sides[0].count, sides[1].count];
    [frame.style.width, frame.style.height] = sides.map((side) => `${side.count / ratio}px`);
    frame.classList.toggle("colorlab-zoomed", zoomed());
    percent.textContent = `${Math.round(100 * scale)} %`;
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
      const neutrals = model.get("neutrals");
      const numbers = Object.fromEntries(Object.entries(model.get("scales"))
        .filter(([name]) => model.get(name) != neutrals[name])
        .map(([name, unit]) => [name, model.get(name) / unit]));
      const [height, width] = model.get("tint_size");
      const tint = height && { data: floats(model.get("tint")), height, width, depth: 3 };
      const data = adjusted(shown.chroma.data, shown.confidence, numbers);
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
      : "Photo: hold the space bar to compare; plus, minus and 0 zoom; arrow keys move it");
  };
  const redraw = () => (drawn ||= requestAnimationFrame(draw)); // at most once a frame

  /** Mark each hint by a button that opens the picker of its color. */
  const mark = () => {
    let picked = null;
    marks.replaceChildren(...model.get("hints").flatMap(([x, y, color], index) => {
      const across = (x - region.left) / (region.right - region.left);
      const down = (y - region.top) / (region.bottom - region.top);
      if (across < 0 || across > 1 || down < 0 || down > 1) return [];
      if (index == model.get("picked")) picked = [[across, down], model.get("choices"), color];
      const button = element("button", {
        class: "colorlab-hint", title: "Change or remove this hint", "aria-label": `Hint ${index + 1}`,
        style: `left: ${100 * across}%; top: ${100 * down}%; background: ${color}`,
      });
      button.addEventListener("click", () => ask({ kind: "pick", index }));
      return [button];
    }));
    if (picked) colors.show(...picked);
    else colors.hide();
    frame.classList.toggle("colorlab-picking", model.get("picking"));
    [cross.style.left, cross.style.top] = aim.map((share) => `${100 * share}%`);
  };

  // ---- Zoom, and move the photo.

  const zoomed = () => region.right - region.left < 1 || region.bottom - region.top < 1;

  /** Zoom; what is at a place on the page, by default the stage's middle, stays there. If a hand
   * moved it there, `from` says where it was before, and how the photo was seen then. */
  const zoomTo = (wanted, place, from = { place, center, scale }) => {
    if (!shown) return;
    const box = stage.getBoundingClientRect(), ratio = window.devicePixelRatio;
    const middle = [box.left + box.width / 2, box.top + box.height / 2];
    const next = clamp(wanted, Math.min(fit, 1), CLOSEST);
    if (place)
      center = [shown.width, shown.height].map((side, i) => from.center[i] + (ratio / side) *
        ((from.place[i] - middle[i]) / from.scale - (place[i] - middle[i]) / next));
    if (next == scale) look();
    else set("zoom", next == fit ? FIT : next);
  };
  /** Move the photo by so many pixels of the page. */
  const pan = (x, y) => {
    const ratio = window.devicePixelRatio;
    center = [center[0] - (x * ratio) / (shown.width * scale),
      center[1] - (y * ratio) / (shown.height * scale)];
    look();
  };
  let turning = null, rest = 0; // where the wheel began to turn and how the photo was seen; a timer
  // As maps in pages do: a plain turn of the wheel scrolls the page, unless the photo has the focus.
  const wheeled = (event) => {
    const control = event.ctrlKey || event.metaKey; // a pinch on a touchpad comes with ctrlKey
    if (!control && !document.fullscreenElement && !stage.contains(document.activeElement)) return;
    if (!control && event.deltaY > 0 && model.get("zoom") == FIT) return; // nothing to zoom out of
    event.preventDefault();
    turning ??= { place: [event.clientX, event.clientY], center: [...center], scale };
    clearTimeout(rest);
    rest = setTimeout(() => (turning = null), 300); // milliseconds
    const turned = -event.deltaY * (event.deltaMode ? 33 : 1); // pixels; else it counts lines
    zoomTo(scale * 2 ** clamp(turned / (control ? 60 : 200), -0.5, 0.5), turning.place, turning);
  };
  const fullScreen = () =>
    document.fullscreenElement ? document.exitFullscreen() : lab?.requestFullscreen();

  const wheel = "With the wheel: hold Ctrl, or click on the photo first";
  const tool = (name, title, act) => {
    const button = element("button", { class: "colorlab-tool", title, type: "button" }, tools);
    button.textContent = name;
    button.addEventListener("click", act);
    return button;
  };
  tool("Fit", `Show all of the photo. ${wheel}`, () => set("zoom", FIT));
  tool("1:1", `Show each pixel of the photo. ${wheel}`, () => zoomTo(1));
  const corners = tool("", "Full screen", fullScreen);
  corners.setAttribute("aria-label", "Full screen");
  corners.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${CORNERS}"/></svg>`;

  // ---- Hands on the picture: pull the curtain, place a hint, move or pinch, or hold to compare.

  const place = ([across, down]) => {
    const view = VIEWS[model.get("view")];
    const gray = view == "curtain" ? 100 * across < model.get("curtain") : view != "color";
    if (gray) set("view", VIEWS.indexOf("color")); // otherwise the hint's color would not be seen
    ask({
      kind: "hint",
      x: clamp(region.left + across * (region.right - region.left), 0, 1),
      y: clamp(region.top + down * (region.bottom - region.top), 0, 1),
    });
  };
  const compare = (on) => {
    comparing = on;
    redraw();
  };
  const within = (event) => {
    const box = frame.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      .map((share) => clamp(share, 0, 1));
  };
  const pull = (event) => set("curtain", Math.round(100 * within(event)[0]));

  const pointers = new Map(); // id → [x, y], its last place on the page
  let doing = ""; // what they do: "curtain", "place", "pan", "compare" or "pinch"
  let start = [0, 0]; // where the first one went down
  let pinched = null; // where two pointers went down, and how the photo was seen then
  /** The middle between two pointers, and how far they are apart. */
  const pinch = () => {
    const [[ax, ay], [bx, by]] = pointers.values();
    return { place: [(ax + bx) / 2, (ay + by) / 2], apart: Math.hypot(ax - bx, ay - by) || 1 };
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("button, .colorlab-picker") || pointers.size > 1) return;
    if (model.get("picked") != NONE) set("picked", NONE);
    frame.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pointers.size == 2) {
      if (comparing) compare(false);
      doing = "pinch";
      pinched = { ...pinch(), center: [...center], scale };
      return;
    }
    start = [event.clientX, event.clientY];
    const curtain = VIEWS[model.get("view")] == "curtain" && (!zoomed() || event.target == handle);
    doing = event.target != handle && model.get("picking") ? "place"
      : curtain ? "curtain" : zoomed() ? "pan" : "compare";
    if (doing == "curtain") pull(event);
    else if (doing == "compare") compare(true);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    const [x, y] = [event.clientX, event.clientY], last = pointers.get(event.pointerId);
    pointers.set(event.pointerId, [x, y]);
    if (doing == "place" && zoomed() && Math.hypot(x - start[0], y - start[1]) > STILL) doing = "pan";
    if (doing == "curtain") pull(event);
    else if (doing == "pan") pan(x - last[0], y - last[1]);
    else if (doing == "pinch" && pointers.size == 2) {
      const now = pinch();
      zoomTo((pinched.scale * now.apart) / pinched.apart, now.place, pinched);
    }
  });
  frame.addEventListener("pointerup", (event) => {
    if (doing == "place" && pointers.has(event.pointerId)) place(within(event));
  });
  frame.addEventListener("lostpointercapture", (event) => {
    pointers.delete(event.pointerId);
    if (doing != "pinch" || !pointers.size) doing = "";
    if (comparing) compare(false);
  });
  handle.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -100, End: 100 };
    if (!(event.key in steps)) return;
    set("curtain", clamp(model.get("curtain") + steps[event.key], 0, 100));
    event.preventDefault();
    event.stopPropagation();
  });
  frame.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const zooms = { "+": 1.25 * scale, "=": 1.25 * scale, "-": scale / 1.25, 0: fit };
    if (event.target != frame || event.ctrlKey || event.metaKey) return;
    if (event.key in ways && model.get("picking")) {
      aim = aim.map((at, i) => clamp(at + 0.02 * ways[event.key][i], 0, 1));
      mark();
    } else if (event.key in ways && zoomed()) {
      const [across, down] = ways[event.key];
      pan(-0.1 * across * stage.clientWidth, -0.1 * down * stage.clientHeight);
    } else if (event.key in zooms) zoomTo(zooms[event.key]);
    else if (event.key == "Enter" && model.get("picking")) place(aim);
    else if (event.key == " ") compare(true);
    else return;
    event.preventDefault();
    event.stopPropagation(); // otherwise the notebook would take the arrow keys
  });
  for (const end of ["keyup", "blur"])
    frame.addEventListener(end, () => comparing && compare(false));
  stage.addEventListener("wheel", wheeled, { passive: false });

  // ---- Files: dropped on the lab, pasted into it, or chosen after a click on "Choose a file".

  let sending = Promise.resolve(); // one file after the other, otherwise their parts would mix
  const send = (file) => (sending = sending.then(() => sendParts(file)));
  const sendParts = async (file) => {
    if (file.size > MOST)
      return say(`${file.name} has ${Math.round(file.size / 1e6)} MB; expected at most 100. ` +
        "In Jupyter, type its path instead.", "error");
    const parts = Math.max(1, Math.ceil(file.size / CHUNK));
    for (let part = 0; part < parts; part++) {
      const bytes = await file.slice(part * CHUNK, (part + 1) * CHUNK).arrayBuffer();
      say(`Sending ${file.name}: ${part + 1} of ${parts} …`, "busy");
      ask({ kind: "file", name: file.name, first: part == 0, last: part == parts - 1 }, [bytes]);
    }
  };
  const hovers = (event) => {
    event.preventDefault();
    lab.classList.toggle("colorlab-over", event.type == "dragover");
  };
  const dropped = (event) => {
    hovers(event);
    event.stopPropagation(); // otherwise JupyterLab would copy the file into its folder
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    else say("Nothing that could be read was dropped; expected a photo.", "error");
  };
  const pasted = (event) => {
    const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
    if (!file) return; // text, for one of the fields
    event.preventDefault();
    event.stopPropagation();
    send(file);
  };
  chooser.addEventListener("change", () => {
    if (chooser.files.length) send(chooser.files[0]);
    chooser.value = ""; // so that the same file can be chosen again
  });

  // ---- The rest of the lab.

  // A click anywhere in it asks the kernel for something: a ping shows whether it is busy.
  const clicked = (event) => {
    if (event.target.closest(".colorlab-choose")) chooser.click();
    else if (!event.target.closest(".colorlab-tool")) ask({ kind: "ping" });
  };
  /** A double-click on a slider, or the key Delete on its handle, resets it. */
  const reset = (event) => {
    const knob = event.target.closest(".colorlab-knob");
    const meant = event.type == "dblclick"
      ? !event.target.closest(".widget-readout") // there it selects the number
      : event.key == "Delete" && event.target.closest(".noUi-handle");
    const neutrals = Object.entries(model.get("neutrals"));
    for (const [name, neutral] of knob && meant ? neutrals : [])
      if (knob.classList.contains(`colorlab-knob-${name}`)) set(name, neutral);
  };
  const listeners = {
    dblclick: reset, keydown: reset, dragover: hovers, dragleave: hovers, drop: dropped, paste: pasted,
  };

  // ---- Beginning and end.

  let lab = null;
  const size = new ResizeObserver(() => {
    if (!lab && (lab = el.closest(".colorlab"))) {
      lab.addEventListener("click", clicked, true);
      for (const [name, act] of Object.entries(listeners)) lab.addEventListener(name, act);
    }
    look();
  });
  size.observe(stage);
  // Another photo, or another model's colors for the same one.
  for (const name of ["photo", "chroma"]) model.on(`change:${name}`, () => load());
  for (const name of [...Object.keys(model.get("scales")), "keep", "view", "curtain", "tint", "says"])
    model.on(`change:${name}`, redraw);
  model.on("change:zoom", look);
  for (const name of ["hints", "picked", "choices"]) model.on(`change:${name}`, mark);
  model.on("change:picking", () => {
    mark();
    redraw();
  });
  model.on("msg:custom", answered);
  model.on("comm_live_update", over); // the kernel was restarted
  set("alive", true);
  if (model.get("photo")) say("Loading the photo …", "busy");
  load();
  return () => {
    size.disconnect();
    lab?.removeEventListener("click", clicked, true);
    for (const [name, act] of Object.entries(listeners)) lab?.removeEventListener(name, act);
  };
}

export default { render };
