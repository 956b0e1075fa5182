"""The photo lab's controls, and where each of them is."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from colorlab import photos
from colorlab.colorizer import Colorizer
from colorlab.lab.widgets.canvas import PhotoCanvas
from colorlab.lab.widgets.controls import button, fold, group
from colorlab.lab.widgets.film_strip import Versions, film_strip
from colorlab.lab.widgets.frame import LivePicture
from colorlab.lab.widgets.hint_tools import HintTools, Offer
from colorlab.lab.widgets.opener import Opener
from colorlab.lab.widgets.sliders import Sliders

STYLE = Path(__file__).with_name("photo_lab.css").read_text()
# The views, and what is seen in each: in words, and as a tooltip.
SEEN = {
    "curtain": ("gray and color", "Gray to the left of the handle, color to its right"),
    "color": ("color", "The photo in color"),
    "gray": ("gray", "The photo as the network gets it"),
    "original": ("its own colors", "The photo as it was opened"),
}
MARKS = {"success": "✓ ", "error": "⚠ "}


class Desk(widgets.HBox):
    """The photo lab without what its controls do: the picture, and beside it the controls.

    Attributes:
        opener: the controls that open a photo.
        view: the choice of what is seen: curtain, color, gray or original.
        curtain: how far the curtain is drawn, in %, if the kernel draws the picture.
        picture: the picture as the kernel draws it.
        canvas: the picture as the page draws it.
        versions, keep_version: the thumbnails of kept and suggested versions; keeps one more.
        sliders, hint_tools, reset: the controls that change the colors, and one that resets them.
        models, model_path: choose a model, or load one.
        save_path, save: save the photo under a name.
    """

    def __init__(
        self,
        on_open: Callable[[photos.Source], None],
        on_version: Callable[[dict[str, Any], Colorizer], None],
        offer: Offer,
    ) -> None:
        """Make the controls.

        Args:
            on_open: called with what the user opens.
            on_version: called with what a version changes, and its model.
            offer: the colors that a hint at a place may have.
        """
        self.opener = Opener(on_open)
        self.models = widgets.Dropdown(description="Model", tooltip="The network that colors")
        self.model_path = widgets.Text(
            description="Load another model",
            placeholder="a run's folder or a .keras file",
            tooltip="The path of a model that you trained",
            continuous_update=False,
        )
        self.picture = LivePicture()
        self.canvas = PhotoCanvas(layout={"display": "none"}).add_class("colorlab-page")
        self.view = widgets.ToggleButtons(
            options=[(view.capitalize(), view) for view in SEEN],
            tooltips=[tooltip for _, tooltip in SEEN.values()],
            style={"button_width": "auto"},
        )
        self.curtain = widgets.IntSlider(50, 0, 100, description="Curtain, %")
        self.hint_tools = HintTools(self.canvas, offer)
        self.versions = Versions(on_version)
        self.keep_version = button("Keep", "plus", tooltip="Keep this version, to compare it")
        self.sliders = Sliders()
        self.reset = button("Reset", "refresh", tooltip="Take all sliders and hints back")
        self.save_path = widgets.Text(
            description="Save as", tooltip="A name that ends in .png or .jpg, or a path"
        )
        self.save = button("Save", "download", button_style="primary")
        self.message = widgets.HTML().add_class("colorlab-message")
        super().__init__(self._arranged())
        self.add_class("colorlab-desk")
        self._link()

    def say(self, text: str, kind: str) -> None:
        """Show a message: an "error", a "success", "busy", a "remark", or one that is "passing"."""
        role = "alert" if kind == "error" else "status"
        look = f"colorlab-pill colorlab-{kind}"
        says = MARKS.get(kind, "") + html.escape(text)
        self.message.value = f'<span role="{role}" class="{look}">{says}</span>'

    def use_page(self, alive: bool) -> None:
        """Show the picture as the page draws it, and what it can do, or as the kernel does."""
        self.picture.layout.display = "none" if alive else ""
        for each in (self.canvas, self._hints_group):
            each.layout.display = "" if alive else "none"
        self.opener.use_page(alive)

    def _arranged(self) -> list[widgets.Widget]:
        """The picture with its film strip, and beside it (or below, if narrow) the controls."""
        stage = widgets.VBox([self.view, self.curtain, self.picture, self.canvas, self.message])
        stage.add_class("colorlab-stage")
        versions = widgets.HBox([self.keep_version, self.versions])
        strip = film_strip(self.opener.toggle, *self.opener.samples.values(), versions)
        easel = widgets.VBox([stage, strip, self.opener]).add_class("colorlab-easel")
        self._hints_group = group("Hints", self.hint_tools)
        advanced = fold("Advanced", "", tooltip="Controls that few photos need")
        folded = widgets.VBox([*self.sliders.advanced, self.models, self.model_path])
        panel = widgets.VBox(
            [
                self.reset.add_class("colorlab-reset"),
                self.sliders,
                self._hints_group,
                group("Save", widgets.HBox([self.save_path, self.save])),
                widgets.VBox([advanced, folded.add_class("colorlab-folded")]),
            ]
        )
        return [easel, panel.add_class("colorlab-panel")]

    def _link(self) -> None:
        """Link controls and canvas in the page, which draws a change without the kernel then."""
        linked = [(knob, "value", name) for name, knob in self.sliders.knobs.items()]
        linked += [
            (self.sliders.keep, "index", "keep"),
            (self.hint_tools.place, "value", "picking"),
            (self.view, "index", "view"),
            (self.curtain, "value", "curtain"),
        ]
        self._links = [
            widgets.jslink((control, trait), (self.canvas, name)) for control, trait, name in linked
        ]
