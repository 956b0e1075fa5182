"""Building blocks for the controls of the widgets."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from PIL import Image, ImageOps

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


def thumbnail(image: Image.Image, name: str, on_click: Callable[[], None]) -> widgets.Box:
    """A button with a picture on it and its name below, which a screen reader reads out.

    ipywidgets has no such button: this is a plain one, with the picture as its background, cropped
    to its shape. The box that is returned holds the button and its style.
    """
    width, height = 88, 60  # pixels on the page; the picture is twice as large, for fine screens
    file = io.BytesIO()
    ImageOps.fit(image.convert("RGB"), (2 * width, 2 * height)).save(file, "JPEG", quality=80)
    picture = base64.b64encode(file.getvalue()).decode()
    button = widgets.Button(description=name, layout={"width": f"{width}px", "height": "auto"})
    place = f"colorlab-thumbnail-{button.model_id}"
    button.add_class(place)
    button.on_click(lambda _: on_click())
    style = widgets.HTML(
        f"<style>.{place} {{ background: url(data:image/jpeg;base64,{picture}) top / {width}px "
        f"{height}px no-repeat; padding: {height}px 0 0; border-radius: 4px; }}</style>",
        layout={"display": "none"},
    )
    return widgets.Box([style, button], layout={"overflow": "visible"})


def slider_row(on_move: Callable[[object], None], *sliders: widgets.Widget) -> widgets.HBox:
    """Sliders side by side that call `on_move` whenever one of them moves."""
    for slider in sliders:
        slider.style = {"description_width": "150px"}
        slider.observe(on_move, names="value")
    return widgets.HBox(sliders, layout=ROW)


def with_reset(slider: widgets.IntSlider) -> widgets.HBox:
    """A slider, and a button that resets it to its current value."""
    start = slider.value
    reset = widgets.Button(description="reset", tooltip=f"Reset {slider.description}")
    reset.layout = {"width": "60px"}
    reset.on_click(lambda _: slider.set_trait("value", start))
    slider.layout = {"width": "auto", "flex": "1"}
    knob = widgets.HBox([slider, reset])
    knob.add_class("colorlab-knob")
    return knob
