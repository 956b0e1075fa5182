"""The photo lab's film strip: photos to open, and versions of the one that is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as widgets
from PIL import Image

from colorlab.colorizer import Colorizer
from colorlab.lab.widgets.controls import Thumbnail
from colorlab.lab.widgets.sliders import LEANS

# Versions that the lab suggests, and what each changes: of a model that predicts a distribution...
LEANING: dict[str, dict[str, Any]] = {
    "as guessed": {"lean": None},
    "redder": {"lean": LEANS["red"]},
    "yellower": {"lean": LEANS["yellow"]},
    "greener": {"lean": LEANS["green"]},
    "bluer": {"lean": LEANS["blue"]},
}
# ... and of any other.
LOOKS: dict[str, dict[str, Any]] = {
    "as guessed": {"strength": 1.0, "warmth": 0.0},
    "stronger": {"strength": 1.5, "warmth": 0.0},
    "softer": {"strength": 0.6, "warmth": 0.0},
    "warmer": {"strength": 1.0, "warmth": 0.3},
    "cooler": {"strength": 1.0, "warmth": -0.3},
}


class Versions(widgets.HBox):
    """Thumbnails of versions of a photo: first those that the user kept, then those suggested."""

    def __init__(self, on_choose: Callable[[dict[str, Any], Colorizer], None]) -> None:
        """Begin without versions; call `on_choose` at a click on one, with what it changes."""
        self._on_choose = on_choose
        # Each is what it changes, its model, and its thumbnail.
        self._suggested: list[tuple[dict[str, Any], Colorizer, Thumbnail]] = []
        self._kept: list[tuple[dict[str, Any], Colorizer, Thumbnail]] = []
        super().__init__()

    def begin(self) -> None:
        """Drop the kept versions: they were another photo's."""
        self._kept = []

    def suggest(
        self, changes: dict[str, dict[str, Any]], pictures: list[Image.Image], model: Colorizer
    ) -> None:
        """Suggest versions by their names, each with what it changes, and their pictures."""
        for *_, thumbnail in self._suggested:
            for each in (*thumbnail.children, thumbnail):
                each.close()
        self._suggested = [
            self._version(picture, name, change, model)
            for (name, change), picture in zip(changes.items(), pictures, strict=True)
        ]
        self._show()

    def keep(self, picture: Image.Image, settings: dict[str, Any], model: Colorizer) -> None:
        """Add a version that looks like this picture."""
        name = f"version {len(self._kept) + 1}"
        self._kept.append(self._version(picture, name, settings, model))
        self._show()
        self.mark(settings, model)

    def mark(self, settings: dict[str, Any], model: Colorizer) -> None:
        """Mark each version that is seen with these settings and this model."""
        for changes, its_model, thumbnail in [*self._suggested, *self._kept]:
            thumbnail.mark(model is its_model and changes.items() <= settings.items())

    def _version(
        self, picture: Image.Image, name: str, changes: dict[str, Any], model: Colorizer
    ) -> tuple[dict[str, Any], Colorizer, Thumbnail]:
        return changes, model, Thumbnail(picture, name, partial(self._on_choose, changes, model))

    def _show(self) -> None:
        self.children = [thumbnail for *_, thumbnail in [*self._kept, *self._suggested]]


def film_strip(*children: widgets.Widget) -> widgets.HBox:
    """A row that scrolls sideways instead of breaking into two."""
    return widgets.HBox(children).add_class("colorlab-strip")
