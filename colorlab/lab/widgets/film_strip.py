"""The photo lab's film strip: photos to open, and versions of the one that is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as widgets
from PIL import Image

from colorlab.colorizer import Colorizer
from colorlab.lab.widgets.controls import Thumbnail


class Versions(widgets.HBox):
    """Thumbnails that bring back the settings and the model that were kept."""

    def __init__(self, on_choose: Callable[[dict[str, Any], Colorizer], None]) -> None:
        """Begin without versions; call `on_choose` at a click on one."""
        self._on_choose = on_choose
        super().__init__()
        self.begin()

    def begin(self) -> None:
        """Drop all versions: they were another photo's."""
        self._kept: list[tuple[dict[str, Any], Colorizer]] = []
        self.children: tuple[Thumbnail, ...] = ()

    def keep(self, picture: Image.Image, settings: dict[str, Any], model: Colorizer) -> None:
        """Add a version that looks like this picture."""
        self._kept.append((settings, model))
        name = f"version {len(self._kept)}"
        choose = partial(self._on_choose, settings, model)
        self.children += (Thumbnail(picture, name, choose),)
        self.mark(settings, model)

    def mark(self, settings: dict[str, Any], model: Colorizer) -> None:
        """Mark the version that is seen with these settings and this model, if any."""
        for thumbnail, kept in zip(self.children, self._kept, strict=True):
            thumbnail.mark(kept == (settings, model))


def film_strip(*children: widgets.Widget) -> widgets.HBox:
    """A row that scrolls sideways instead of breaking into two."""
    return widgets.HBox(children).add_class("colorlab-strip")
