// The picker of a hint's color: colors that are likely at its place, and a wheel for any other.

function element(tag, attributes, parent) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}

/** Make a closed picker. It calls `choose(color)`, `remove()` and `close()`. */
function picker(parent, { choose, remove, close }) {
  const panel = element("div", {
    class: "colorlab-picker", role: "dialog", "aria-label": "Color of this hint", hidden: "",
  }, parent);
  const swatches = element("div", { class: "colorlab-swatches" }, panel);
  const row = element("div", {}, panel);
  const label = element("label", {}, row);
  const wheel = element("input", { type: "color" }, label);
  label.append("Other…");
  const act = (name, run) => {
    const button = element("button", { type: "button" }, row);
    button.textContent = name;
    button.addEventListener("click", run);
  };
  act("Remove", remove);
  act("Done", close);
  for (const event of ["input", "change"])
    wheel.addEventListener(event, () => choose(wheel.value, event == "change"));
  panel.addEventListener("keydown", (event) => event.key == "Escape" && close());
  let offered = "";

  return {
    hide: () => (panel.hidden = true),
    /** Open it at a place, shares of the sides of `parent`, with these [color, words]. */
    show: ([across, down], choices, color) => {
      const opening = panel.hidden;
      panel.hidden = false;
      panel.style.left = `clamp(120px, ${100 * across}%, max(120px, 100% - 120px))`;
      panel.style.top = `${100 * down}%`;
      panel.classList.toggle("colorlab-above", down > 0.55);
      if (!wheel.matches(":focus")) wheel.value = color; // otherwise a hand may be turning it
      if (offered != JSON.stringify(choices)) {
        offered = JSON.stringify(choices);
        swatches.replaceChildren(...choices.map(([shade, words]) => {
          const swatch = element("button", {
            type: "button", title: words, "aria-label": words, style: `background: ${shade}`,
          });
          swatch.addEventListener("click", () => choose(shade, true));
          return swatch;
        }));
      }
      for (const [i, swatch] of [...swatches.children].entries())
        swatch.setAttribute("aria-pressed", choices[i][0] == color);
      if (opening) swatches.querySelector("[aria-pressed=true], button")?.focus();
    },
  };
}

export { element, picker };
