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
from PIL import Image

from colorlab import photos
from colorlab.lab.widgets.controls import ROW
from colorlab.lab.widgets.thumbnail import thumbnail
from colorlab.photos import Photo

SAMPLES = ("astronaut", "cat", "coffee", "rocket", "camera")  # they come with scikit-image


class Opener(widgets.VBox):
    """Thumbnails, a field for a path, and a button for an upload.

    Attributes:
        samples: name → the thumbnail's box.
        path, upload: the field and the button.
    """

    def __init__(self, on_open: Callable[[photos.Source], None]) -> None:
        """Call `on_open` with whatever the user chooses, as `photos.read` takes it."""
        self._on_open = on_open
        self._arriving = io.BytesIO()
        self.samples = {
            name: thumbnail(
                Image.fromarray(sample(name).pixels), name, partial(self._on_sample, name)
            )
            for name in SAMPLES
        }
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
        self._arriving.write(part)
        if last:
            self._arriving.seek(0)
            self._on_open(_named(self._arriving, name))

    def _on_sample(self, name: str) -> None:
        self._on_open(sample(name))

    def _on_path(self, change: Any) -> None:
        if change.new:
            self._on_open(typed_path(change.new))

    def _on_upload(self, change: Any) -> None:
        for upload in change.new:
            self._on_open(_named(io.BytesIO(upload["content"]), upload["name"]))
            self.upload.value = ()  # so that the same file can be chosen again


def sample(name: str) -> Photo:
    """One of scikit-image's photos."""
    return replace(photos.read(getattr(skimage.data, name)()), name=name)


def typed_path(text: str) -> Path:
    """The path that the user typed, with "~" expanded and without spaces around it."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111  Path's own raises for "~nobody"


def _named(file: io.BytesIO, name: str) -> io.BytesIO:
    file.name = name
    return file
