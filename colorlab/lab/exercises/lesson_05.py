"""Reference answers to the exercises of lesson 05, your own photos."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab import photos
from colorlab.color.encoding import decode, encode
from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]

HEADS = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
    b"\xff\xd8\xff\xe1\x1c\x45Exif\x00\x00",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\r",
    b"<!DOCTYPE ht",
    b"",
)


@exercise(
    lambda: [(head,) for head in HEADS],
    "bytes have startswith; a JPEG begins with FF D8 FF, a PNG with 89 and then the letters PNG.",
)
def is_jpeg(head: bytes) -> bool:
    """The first bytes of a file → whether they are those of a JPEG."""
    return photos.true_format(io.BytesIO(head)) == "JPEG"


def _two_weights() -> list[Case]:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 3, 4)).astype(np.float32)
    return [(one, other, share) for share in (0.0, 0.25, 0.5, 1.0)]


@exercise(_two_weights, "share 0 is the first, share 1 the second, one half their mean.")
def blend(one: Float, other: Float, share: float) -> Any:
    """Two arrays of one shape, a share from 0 to 1 → the array that far from `one` to `other`."""
    return (1.0 - share) * one + share * other


def _photo_and_hues() -> list[Case]:
    photo = np.random.default_rng(1).random((9, 11, 3), np.float32)
    return [(photo, 0.0, 30.0), (photo, 350.0, 40.0), (photo, 120.0, 60.0)]


@exercise(
    _photo_and_hues,
    "the angle of a point (x, y) is np.arctan2(y, x); two angles are never more than 180 degrees "
    "apart, so bring the difference into -180 to 180 before you take its size.",
    tolerance=1e-3,
)
def pop(rgb: Float, hue: float, width: float) -> Any:
    """A photo (H, W, 3), hue and width in degrees → the photo, in color only near that hue."""
    gray, chroma = encode(rgb)
    angle = np.degrees(np.arctan2(chroma[..., 1], chroma[..., 0]))
    apart = np.abs((angle - hue + 180) % 360 - 180)
    return decode(gray, chroma * (apart <= width)[..., None])
