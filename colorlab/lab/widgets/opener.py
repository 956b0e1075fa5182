"""Open a photo in the photo lab: a sample, a path, or a file sent through the page."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import skimage.data

from colorlab import photos
from colorlab.lab.widgets.controls import ROW, thumbnail
from colorlab.photos import Photo

SAMPLES = ("astronaut", "cat", "coffee", "rocket", "camera")  # they come with scikit-image


class Opener(widgets.VBox):
    """Thumbnails (`samples`, by name), a field for a `path`, and a button for an `upload`."""

    def __init__(self, on_open: Callable[[photos.Source], None]) -> None:
        """Call `on_open` with whatever the user chooses, a photo or a source of one."""
        self._on_open = on_open
        self._arriving = io.BytesIO()
        self.samples = {}
        for photo in map(sample, SAMPLES):
            self.samples[photo.name] = thumbnail(photo.image, photo.name, partial(on_open, photo))
        self.path = widgets.Text(
            description="A file", placeholder="its path, any size", continuous_update=False
        )
        self.path.layout = {"flex": "1 1 200px"}
        self.upload = widgets.FileUpload(accept="image/*")
        self.path.observe(self._on_path, names="value")
        self.upload.observe(self._on_upload, names="value")
        strip = widgets.HBox(list(self.samples.values()), layout=ROW)
        super().__init__([strip, widgets.HBox([self.path, self.upload], layout=ROW)])

    def receive(self, part: bytes, name: str, *, first: bool, last: bool) -> None:
        """Take a part of a file from the page; the last part opens the file."""
        if first:
            self._arriving = io.BytesIO()
            self._arriving.name = name
        self._arriving.write(part)
        if last:
            self._on_open(self._arriving)

    def _on_path(self, change: Any) -> None:
        if change.new:
            self._on_open(typed_path(change.new))

    def _on_upload(self, change: Any) -> None:
        for upload in change.new:
            self.receive(upload["content"], upload["name"], first=True, last=True)
            self.upload.value = ()  # so that the same file can be chosen again


def sample(name: str) -> Photo:
    """One of scikit-image's photos."""
    return replace(photos.read(getattr(skimage.data, name)()), name=name)


def typed_path(text: str) -> Path:
    """The path that the user typed, with "~" expanded and without spaces around it."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111  Path's own raises for "~nobody"
