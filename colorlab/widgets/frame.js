// Names for a screen reader, which ipywidgets writes beside some controls and does not give them.

function name(frame) {
  for (const label of frame.querySelectorAll(".widget-label"))
    for (const part of label.parentElement.querySelectorAll(
      ".noUi-handle, .widget-readout, input[type=color]"))
      part.setAttribute("aria-label", label.textContent);
  for (const readout of frame.querySelectorAll(".widget-readout"))
    readout.setAttribute("role", "textbox");
  for (const reset of frame.querySelectorAll(".colorlab-knob > button"))
    reset.setAttribute("aria-label", reset.title);
  for (const toggle of frame.querySelectorAll(".widget-toggle-button"))
    toggle.setAttribute("aria-pressed", toggle.classList.contains("mod-active"));
  for (const text of frame.querySelectorAll(".colorlab-live"))
    text.setAttribute("aria-live", "polite");
  for (const picture of frame.querySelectorAll("img[title]"))
    picture.alt = picture.title;
}

function render({ el }) {
  const changes = new MutationObserver(() => name(el.closest(".colorlab")));
  // A frame appears piece by piece, and this piece may be there before it is in the page.
  const begin = new ResizeObserver(() => {
    const frame = el.closest(".colorlab");
    if (!frame) return;
    begin.disconnect();
    changes.observe(frame, { subtree: true, childList: true, attributeFilter: ["class", "title"] });
    name(frame);
  });
  begin.observe(el);
  return () => {
    begin.disconnect();
    changes.disconnect();
  };
}

export default { render };
