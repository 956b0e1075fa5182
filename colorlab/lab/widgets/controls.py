"""Building blocks for the controls of the widgets."""

from __future__ import annotations

import base64
import html
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


def fold(description: str, icon: str, **options: Any) -> widgets.ToggleButton:
    """A button that opens and closes the box after it, or after the row that it is in.

    The page does that, also while the kernel is busy; the box needs the class "colorlab-folded".
    """
    toggle = widgets.ToggleButton(description=description, icon=icon, layout=SNUG, **options)
    return toggle.add_class("colorlab-fold")


def group(title: str, *children: widgets.Widget) -> widgets.VBox:
    """Controls from top to bottom under a small heading."""
    heading = widgets.HTML(f'<h3 class="colorlab-heading">{html.escape(title)}</h3>')
    return widgets.VBox([heading, *children]).add_class("colorlab-group")


class Thumbnail(widgets.Box):
    """A button with a picture on it and its name below, which a screen reader reads out.

    ipywidgets has no such button: this is a plain one, with the picture as its background, cropped
    to its shape. The box holds the button and its style.
    """

    def __init__(self, image: Image.Image, name: str, on_click: Callable[[], None]) -> None:
        """Call `on_click` at a click."""
        # In pixels of the page. The picture has twice as many, for fine screens.
        width, height = 80, 56
        file = io.BytesIO()
        ImageOps.fit(image.convert("RGB"), (2 * width, 2 * height)).save(file, "JPEG", quality=80)
        picture = base64.b64encode(file.getvalue()).decode()
        self.button = widgets.Button(description=name, tooltip=name)
        self.button.layout = {"width": f"{width}px", "height": "auto"}
        place = f"colorlab-thumbnail-{self.button.model_id}"
        self.button.add_class(place).add_class("colorlab-thumbnail")
        self.button.on_click(lambda _: on_click())
        style = widgets.HTML(
            f"<style>.{place} {{ background: url(data:image/jpeg;base64,{picture}) top / {width}px "
            f"{height}px no-repeat; padding: {height}px 0 0; }}</style>",
            layout={"display": "none"},
        )
        super().__init__([style, self.button], layout={"overflow": "visible", "flex": "none"})

    def mark(self, current: bool) -> None:
        """Mark it as the current one, or not."""
        change = self.button.add_class if current else self.button.remove_class
        change("colorlab-current")


def slider_row(on_move: Callable[[object], None], *sliders: widgets.Widget) -> widgets.HBox:
    """Sliders side by side that call `on_move` whenever one of them moves."""
    for slider in sliders:
        slider.style = {"description_width": "150px"}
        slider.observe(on_move, names="value")
    return widgets.HBox(sliders, layout=ROW)
