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
from colorlab.lab.widgets.controls import SNUG, Thumbnail, button, fold
from colorlab.photos import Photo

SAMPLES = ("astronaut", "cat", "coffee", "rocket", "camera")  # they come with scikit-image


class Opener(widgets.HBox):
    """Ways to open a photo: a button that chooses a file, and a field for its path.

    Attributes:
        toggle: the button that opens and closes this row.
        samples: the samples' thumbnails by name, for the film strip.
        choose: the button if the page sends files, in parts.
        upload: the button if ipywidgets sends them, in one message.
        path: the field.
    """

    def __init__(self, on_open: Callable[[photos.Source], None]) -> None:
        """Call `on_open` with whatever the user chooses, a photo or a source of one."""
        self._on_open = on_open
        self._arriving = io.BytesIO()
        self.toggle = fold("Open…", "folder-open", tooltip="Open a photo of your own")
        self.samples = {
            photo.name: Thumbnail(photo.image, photo.name, partial(on_open, photo))
            for photo in map(sample, SAMPLES)
        }
        self.choose = button("Choose a file", "image").add_class("colorlab-choose")
        self.upload = widgets.FileUpload(
            accept="image/*", description="Choose a file, 10 MB at most", layout=SNUG
        )
        self.path = widgets.Text(
            description="or type its path",
            placeholder="such as photos/grandma.jpg",
            continuous_update=False,
        )
        self._others = widgets.HTML("You can also drop a photo on the picture or paste one.")
        self.path.observe(self._on_path, names="value")
        self.upload.observe(self._on_upload, names="value")
        super().__init__([self.choose, self.upload, self.path, self._others])
        self.add_class("colorlab-folded").add_class("colorlab-open-row")

    def begin(self, name: str) -> None:
        """A photo of this name was opened: mark it if it is a sample, and close the row."""
        self.toggle.value = False
        self.path.value = ""  # so that the same path can be typed again
        for each, thumbnail in self.samples.items():
            thumbnail.mark(each == name)

    def use_page(self, alive: bool) -> None:
        """Offer what the page can do if it draws the picture, or else what ipywidgets can."""
        # A message in Jupyter holds at most 10 MB; a larger one is silently dropped.
        for each, on in {self.choose: alive, self._others: alive, self.upload: not alive}.items():
            each.layout.display = "" if on else "none"

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
