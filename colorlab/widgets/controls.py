"""How the photo lab's controls look, and where each is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

if TYPE_CHECKING:
    from colorlab.widgets.colorize import ColorizeLab

ROW = {"flex_flow": "row wrap", "grid_gap": "8px 16px", "align_items": "center"}
SNUG = {"width": "auto"}

STYLE = """<style>
.colorlab { max-width: 900px; padding: 4px; }
.colorlab .widget-label { width: auto; text-align: left; }
.colorlab .widget-upload { width: auto; }
.colorlab .widget-dropdown { width: auto; }
.colorlab .widget-toggle-buttons { width: auto; flex-flow: row nowrap; align-items: baseline; }
.colorlab .widget-colorpicker > .widget-colorpicker-input { min-width: 0; flex: none; }
.colorlab :is(button, select, input, .noUi-handle, .widget-readout):focus-visible
  { outline: 2px solid #1976d2 !important; }
.colorlab-stage { background: #8883; border-radius: 6px; }
.colorlab-stage > img { max-width: 100%; max-height: 100%; object-fit: contain; }
.colorlab-knob > .widget-slider { display: grid; grid-template-columns: 1fr auto; height: 44px; }
.colorlab-knob .widget-readout { min-width: 44px; }
.colorlab-knob .slider-container { grid-row: 2; grid-column: 1 / 3; }
.colorlab-error { color: var(--jp-error-color1, #b71c1c); }
</style>"""


def button(description: str, icon: str, **options: Any) -> widgets.Button:
    """A button as wide as its name."""
    return widgets.Button(description=description, icon=icon, layout=SNUG, **options)


def switch(choices: Mapping[str, str], description: str) -> widgets.ToggleButtons:
    """A row of buttons of which one is down; each choice with what it means."""
    return widgets.ToggleButtons(
        options=list(choices),
        tooltips=list(choices.values()),
        description=description,
        style={"button_width": "auto"},
    )


def arranged(lab: ColorizeLab) -> tuple[widgets.Widget, ...]:
    """The lab's controls, from top to bottom: what to open, the picture and its panel, messages."""
    stage = widgets.HBox([lab.picture, lab.canvas])
    stage.layout = {"height": "440px", "align_items": "center", "justify_content": "center"}
    stage.add_class("colorlab-stage")
    views = widgets.HBox([lab.view, lab.curtain, lab.zoom, lab.keep_version], layout=ROW)
    lab.hint_tools.layout = ROW
    easel = widgets.VBox([stage, views, lab.hint_tools, lab.versions])
    easel.layout = {"flex": "9 1 400px", "grid_gap": "8px"}
    sliders = (lab.strength, lab.hue_shift, lab.saturation, lab.warmth, lab.fade)
    knobs = [_with_reset(slider) for slider in sliders]
    panel = widgets.VBox([*knobs, lab.keep, lab.reset, lab.save_path, lab.save])
    panel.layout = {"flex": "1 0 280px", "grid_gap": "12px"}
    for text in (lab.path, lab.model_path):
        text.layout = {"flex": "1 1 200px"}
    return (
        widgets.HTML(STYLE),
        widgets.HBox(list(lab.samples.values()), layout=ROW),
        widgets.HBox([lab.path, lab.upload], layout=ROW),
        widgets.HBox([lab.models, lab.model_path], layout=ROW),
        widgets.HBox([easel, panel], layout=ROW | {"align_items": "flex-start"}),
        lab.message,
    )


def _with_reset(slider: widgets.IntSlider) -> widgets.HBox:
    start = slider.value
    reset = widgets.Button(
        description="reset", tooltip=f"Reset {slider.description}", layout={"width": "60px"}
    )
    reset.on_click(lambda _: slider.set_trait("value", start))
    slider.layout = {"width": "auto", "flex": "1"}
    knob = widgets.HBox([slider, reset])
    knob.add_class("colorlab-knob")
    return knob
