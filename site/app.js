// The photo lab without a kernel: canvas.js draws, worker.js colors, and this page joins the two.

import canvas from "./canvas.js";
import { ADJUSTMENTS, ASSETS, GRAYS, GROUPS, MARKS, VERSION, VIEWS } from "./facts.js";

const $ = (id) => document.getElementById(id);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// ---- What canvas.js asks a kernel for, answered here.

const values = {
  photo: null, size: [1, 1], chroma: new Float32Array(2), confidence: new Float32Array(1),
  chroma_size: [1, 1], tint_size: [0, 0], hints: [], picked: -1, choices: [], picking: false,
  alive: false, view: 0, curtain: 50, zoom: 0, keep: 0, says: "", scales: {}, neutrals: {},
};
for (const { name, scale, neutral } of ADJUSTMENTS) {
  values.scales[name] = scale;
  values.neutrals[name] = values[name] = neutral;
}
const actions = {}; // event → the functions that it calls
const model = {
  get: (name) => values[name],
  set(name, value) {
    if (values[name] === value) return;
    values[name] = value;
    for (const act of actions[`change:${name}`] ?? []) act();
  },
  save_changes() {},
  on: (event, act) => (actions[event] ??= []).push(act),
  send({ kind, name, first, last }, _, buffers) {
    const answer = kind == "full" ? [shown.file] : [];
    queueMicrotask(() => actions["msg:custom"].forEach((act) => act({ kind }, answer)));
    if (kind != "file") return;
    if (first) parts = [];
    parts.push(...buffers);
    if (last) open(new File(parts, name, { type: typeOf(name) }));
  },
};
let parts = []; // of the file that canvas.js sends
const typeOf = (name) => (/\.jpe?g$/i.test(name) ? "image/jpeg" : "");

// ---- Ask the worker, and say what it does.

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const waiting = new Map(); // id → {resolve, reject}
let asked = 0;
const ask = (kind, content) => new Promise((resolve, reject) => {
  waiting.set(++asked, { resolve, reject });
  worker.postMessage({ id: asked, kind, ...content });
});
worker.onmessage = ({ data: { id, error, progress, ...answer } }) => {
  if (progress != undefined) return loading(progress);
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error == undefined) resolve(answer);
  else reject(new Error(error));
};
worker.onerror = () => say("This browser cannot run the page; expected a current one.", "error");

/** Show a message; `kind` is "busy", "passing", "success" or "error". */
function say(text, kind) {
  $("message").setAttribute("role", kind == "error" ? "alert" : "status");
  const pill = element("span", { class: `colorlab-pill colorlab-${kind}` }, (MARKS[kind] ?? "") + text);
  $("message").replaceChildren(pill);
}
function loading(share) {
  $("progress").value = share;
  $("progress").hidden = share == 1;
  if (share < 1) say(`Loading the network, once: ${Math.round(100 * share)} %`, "busy");
  else if (shown) say(`Coloring ${shown.file.name} …`, "busy");
}

// ---- Open, color, save.

let shown = null; // {file, size, color, transparent, colored}
let opened = 0;

async function open(file, color) {
  const turn = ++opened;
  say(`Opening ${file.name} …`, "busy");
  $("save").disabled = true;
  try {
    const photo = await ask("open", { file, color });
    if (turn != opened) return; // another photo was opened meanwhile
    const again = shown?.file == file;
    shown = { file, ...photo };
    show(photo.preview, again);
    await colorIt(turn);
  } catch (error) {
    if (turn == opened) say(error.message, "error");
    $("progress").hidden = true;
    $("save").disabled = !shown?.colored;
  }
}

/** Show a photo in gray, before it is colored; `again` says that only its gray has changed. */
function show(preview, again) {
  const { file, size, color, transparent } = shown;
  $("start").hidden = true;
  $("views").hidden = false;
  $("color").checked = color;
  model.set("keep", color ? 0 : 1);
  if (again) return;
  $("type").value = file.type == "image/jpeg" ? "image/jpeg" : "image/png";
  $("type").options[0].disabled = transparent; // JPEG has no transparency
  for (const each of document.querySelectorAll(".thumbnail"))
    each.classList.toggle("current", `${each.dataset.name}.jpg` == file.name);
  values.size = size;
  Object.assign(values, { chroma: new Float32Array(2), confidence: new Float32Array(1), chroma_size: [1, 1] });
  values.zoom = 0;
  model.set("photo", preview);
  describe();
}

async function colorIt(turn) {
  say(`Coloring ${shown.file.name} …`, "busy");
  const { chroma, confidence, size, seconds } = await ask("color", { gpu: $("gpu").checked });
  if (turn != opened) return;
  Object.assign(values, { confidence, chroma_size: size });
  model.set("chroma", chroma);
  shown.colored = true;
  $("save").disabled = false;
  const [height, width] = shown.size;
  say(`${shown.file.name}, ${width} × ${height} pixels, colored in ${seconds.toFixed(1)} s`, "passing");
}

async function save() {
  const { file } = shown, type = $("type").value, turn = opened;
  const name = `${file.name.replace(/\.\w+$/, "")}-color.${type == "image/png" ? "png" : "jpg"}`;
  const numbers = Object.fromEntries(ADJUSTMENTS.map(({ name, scale }) => [name, values[name] / scale]));
  const keepsLuma = values.keep == 1, keepLocation = $("location").checked;
  say(`Saving ${name} …`, "busy");
  $("save").disabled = true;
  try {
    const { picture } = await ask("save", { file, numbers, keepsLuma, type, keepLocation });
    const link = element("a", { download: name, href: URL.createObjectURL(picture) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // milliseconds
    say(`Saved ${name} at full size`, "success");
  } catch (error) {
    say(error.message, "error");
  }
  if (turn == opened) $("save").disabled = false;
}

// ---- The controls.

/** Say what the picture shows. */
function describe() {
  if (shown) model.set("says", `${shown.file.name} in ${VIEWS[values.view].seen}`);
}
function knob({ name, label, least, most, help }) {
  const id = `knob-${name}`, neutral = values.neutrals[name];
  const title = `${help} A double-click, or Delete, resets it.`;
  const input = element("input", { id, type: "range", min: least, max: most, value: neutral, title });
  const output = element("output", { for: id });
  const update = () => (output.value = input.value = values[name]);
  input.addEventListener("input", () => model.set(name, Number(input.value)));
  input.addEventListener("keydown", ({ key }) => key == "Delete" && model.set(name, neutral));
  model.on(`change:${name}`, update);
  update();
  const parts = [element("label", { for: id }, label), output, input];
  return element("div", { class: `knob colorlab-knob colorlab-knob-${name}` }, ...parts);
}
function controls() {
  const knobs = Object.fromEntries(ADJUSTMENTS.map((each) => [each.name, knob(each)]));
  for (const [title, names] of Object.entries(GROUPS)) {
    const heading = element("h2", { class: "colorlab-heading" }, title);
    const group = names.map((name) => knobs[name]);
    $("groups").append(element("section", { class: "colorlab-group" }, heading, ...group));
    for (const name of names) delete knobs[name];
  }
  $("advanced").prepend(...Object.values(knobs));
  VIEWS.forEach(({ name, title }, i) => {
    const input = element("input", { type: "radio", name: "view", value: i, id: `view-${i}` });
    input.checked = i == values.view;
    input.addEventListener("change", () => model.set("view", i));
    $("views").append(input, element("label", { for: input.id, title }, name));
  });
  model.on("change:view", describe);
  GRAYS.forEach((label, i) => $("keep").append(element("option", { value: i }, label)));
  $("keep").addEventListener("change", () => model.set("keep", Number($("keep").value)));
  model.on("change:keep", () => ($("keep").value = values.keep));
  $("color").addEventListener("change", () => shown && open(shown.file, $("color").checked));
  $("gpu-choice").hidden = !navigator.gpu;
  $("gpu").addEventListener("change", () => shown && open(shown.file, shown.color));
  $("reset").addEventListener("click", () => {
    for (const [name, neutral] of Object.entries(values.neutrals)) model.set(name, neutral);
  });
  $("panel").addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
}
function samples() {
  for (const { name, url } of ASSETS.samples) {
    const image = element("img", { src: url, alt: "", width: 80, height: 56 });
    const button = element("button", { type: "button", class: "thumbnail" }, image, name);
    button.dataset.name = name;
    button.addEventListener("click", async () => {
      const turn = ++opened; // a photo that is opened meanwhile is what the user wants
      const blob = await fetch(url).then((answer) => answer.blob()).catch(() => null);
      if (turn != opened) return;
      if (blob) open(new File([blob], `${name}.jpg`, { type: "image/jpeg" }));
      else say(`${name} could not be loaded; check the connection.`, "error");
    });
    $("strip").append(button);
  }
}

// Outside of the picture's reach, too, a photo can be dropped or pasted.
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) open(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
  if (file) open(file);
});

controls();
samples();
canvas.render({ model, el: $("canvas") });
$("version").textContent = VERSION;
$("gpu-size").textContent = megabytes(ASSETS.gpu.size);
$("weight").textContent = `The first photo loads the network (${megabytes(ASSETS.model.size)}) and its ` +
  `runtime (${megabytes(ASSETS.wasm.size)}; less if the host compresses it). After that, the page works offline.`;
navigator.serviceWorker?.register("./sw.js").catch(() => {}); // not on a host without HTTPS
