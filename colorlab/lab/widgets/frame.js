// Names for screen readers: ipywidgets shows them beside some controls, but does not attach them.

function name(frame) {
  for (const label of frame.querySelectorAll(".widget-label"))
    for (const part of label.parentElement.querySelectorAll(
      ".noUi-handle, .widget-readout, input[type=color]"))
      part.setAttribute("aria-label", label.textContent);
  for (const readout of frame.querySelectorAll(".widget-readout"))
    readout.setAttribute("role", "textbox");
  for (const [icon, says] of [["play", "Play"], ["pause", "Pause"], ["stop", "Back to the start"]])
    for (const sign of frame.querySelectorAll(`.widget-play .fa-${icon}`))
      sign.parentElement.setAttribute("aria-label", says);
  for (const toggle of frame.querySelectorAll(".widget-toggle-button")) {
    const state = toggle.classList.contains("colorlab-fold") ? "aria-expanded" : "aria-pressed";
    toggle.setAttribute(state, toggle.classList.contains("mod-active"));
  }
  for (const thumbnail of frame.querySelectorAll(".colorlab-thumbnail"))
    thumbnail.setAttribute("aria-current", thumbnail.classList.contains("colorlab-current"));
  for (const text of frame.querySelectorAll(".colorlab-live"))
    text.setAttribute("aria-live", "polite");
  for (const picture of frame.querySelectorAll("img[title]"))
    picture.alt = picture.title;
}

function render({ el }) {
  const changes = new MutationObserver(() => name(el.closest(".colorlab")));
  let ended = false;
  const begin = () => {
    const frame = el.closest(".colorlab");
    if (!frame) return ended || requestAnimationFrame(begin); // it is not in the page yet
    changes.observe(frame, { subtree: true, childList: true, attributeFilter: ["class", "title"] });
    name(frame);
  };
  begin();
  return () => {
    ended = true;
    changes.disconnect();
  };
}

export default { render };
