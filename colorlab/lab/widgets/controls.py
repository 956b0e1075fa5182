"""Building blocks for the controls of the widgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

ROW = {"flex_flow": "row wrap", "grid_gap": "8px 16px", "align_items": "center"}
SNUG = {"width": "auto"}


def button(description: str, icon: str, **options: Any) -> widgets.Button:
    """A button as wide as its description."""
    return widgets.Button(description=description, icon=icon, layout=SNUG, **options)


def switch(choices: Mapping[str, str], description: str) -> widgets.ToggleButtons:
    """A row of buttons, one of which is down; `choices` maps each to a tooltip that explains it."""
    return widgets.ToggleButtons(
        options=list(choices),
        tooltips=list(choices.values()),
        description=description,
        style={"button_width": "auto"},
    )


def with_reset(slider: widgets.IntSlider) -> widgets.HBox:
    """A slider, and a button that resets it to its current value."""
    start = slider.value
    reset = widgets.Button(
        description="reset", tooltip=f"Reset {slider.description}", layout={"width": "60px"}
    )
    reset.on_click(lambda _: slider.set_trait("value", start))
    slider.layout = {"width": "auto", "flex": "1"}
    knob = widgets.HBox([slider, reset])
    knob.add_class("colorlab-knob")
    return knob
