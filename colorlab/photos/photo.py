"""A photo in memory, and which gray of it is given to the network."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab.color import tone
from colorlab.color.encoding import Gray, luma, value
from colorlab.errors import PhotoError


@dataclass(frozen=True, eq=False)
class Photo:
    """An upright photo in sRGB.

    Attributes:
        pixels: (H, W, 3) uint8, read-only.
        alpha: (H, W) uint8, read-only, 255 is opaque; None if the photo has no alpha.
        name: the file's name without its folder, or a word such as "array".
        format: the file's format, such as "JPEG"; "" for what is not a file.
        exif: the EXIF that a copy may keep: description, dates, camera, author, and, if `read` was
            asked to keep it, the place. Empty if there is none.
        dpi: dots per inch, across and down, if the file says so.
        pages: how many full pages or frames the file has.
        software: the software that made the picture, if the file says so, or "".
        color: what the caller of `read` said: True for a color photo, False for a black-and-white
            one; None lets the pixels decide.
    """

    pixels: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    name: str
    format: str = ""
    exif: bytes = b""
    dpi: tuple[float, float] | None = None
    pages: int = 1
    software: str = ""
    color: bool | None = None

    @property
    def rgb(self) -> NDArray[np.float32]:
        """The pixels as (H, W, 3) float32 in [0, 1]."""
        return np.divide(self.pixels, 255, dtype=np.float32)

    @property
    def image(self) -> Image.Image:
        """The photo as a PIL image, RGB, or RGBA if it has alpha."""
        image = Image.fromarray(self.pixels)
        if self.alpha is not None:
            image.putalpha(Image.fromarray(self.alpha))
        return image

    @cached_property
    def has_color(self) -> bool:
        """Whether it is a color photo: `color` if that is given, or else `tone.has_color`."""
        return tone.has_color(self.pixels, self.alpha) if self.color is None else self.color

    @property
    def keep(self) -> Gray:
        """The kind of gray to keep: "value", or "luma" if the photo has no color.

        Black-and-white film and conversions are close to luma. A tone, such as sepia, is dropped.
        """
        return "value" if self.has_color else "luma"

    @property
    def gray(self) -> NDArray[np.float32]:
        """The gray that `keep` names, (H, W, 1) float32 in [0, 1]."""
        light = value if self.keep == "value" else luma
        gray = np.empty((*self.pixels.shape[:2], 1), np.float32)
        for some, part in strips(self.pixels, gray):
            part[:] = light(np.divide(some, 255, dtype=np.float32))
        return gray

    @property
    def remarks(self) -> list[str]:
        """Remarks for the user, a line each: several pages, or no gray between black and white."""
        remarks = []
        if self.pages > 1:
            remarks.append(f"has {self.pages} pages; the largest is taken")
        # No color has the value or the luma of black or white.
        if all(((some == 0) | (some == 255)).all() for (some,) in strips(self.pixels)):
            remarks.append("is all black and white, which cannot take color; scan it in gray")
        return remarks


Array = NDArray[Any]
Source = (
    Photo | str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | Array
)


def strips(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Cut arrays into strips of a million numbers, so that a huge photo is never copied whole."""
    count = 1 + arrays[0].size // 2**20
    return zip(*(np.array_split(each, count) for each in arrays), strict=True)


def refusal(label: object, problem: str) -> PhotoError:
    """The error that names a photo and says what is wrong with it, in one line."""
    # File names and Pillow's messages can contain line breaks and terminal codes.
    return PhotoError("".join(c if c.isprintable() else "?" for c in f"{label}: {problem}"))


def require_color(photo: Photo, label: object) -> None:
    """Raise a PhotoError that names `label` if the photo has no color to learn from."""
    if not photo.has_color:
        raise refusal(label, "has no color to learn from; give color photos")
