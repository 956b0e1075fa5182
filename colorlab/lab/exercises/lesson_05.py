"""The exercises of lesson 05, your own photos."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from colorlab import photos
from colorlab.color.encoding import decode, encode
from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, random


@exercise(
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",),
        (b"\xff\xd8\xff\xe1\x1c\x45Exif\x00\x00",),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\r",),
        (b"<!DOCTYPE ht",),
        (b"\xff\x0a\xfa\x1f\x00\x00\x00\x00",),  # JPEG XL
        (b"\xff\xd8\x00\x00JFIF\x00\x01",),
        (b"\x00\x00\xff\xd8\xff\xe0\x00\x10JFIF",),
        (b"",),
    ],
    "how many bytes must agree, and where in the file?",
    'bytes have startswith: head.startswith(b"...") compares all bytes that you give it.',
    {
        "You compared the first byte alone. Other files begin with FF, too.": (
            lambda head: head[:1] == b"\xff"
        ),
        "You compared two bytes. A JPEG begins with three: FF D8 FF.": (
            lambda head: head[:2] == b"\xff\xd8"
        ),
        "You looked for JFIF. A camera's photos often have Exif in its place.": (
            lambda head: b"JFIF" in head
        ),
        "The three bytes may stand anywhere in this. They must stand at the beginning.": (
            lambda head: b"\xff\xd8\xff" in head
        ),
    },
)
def is_jpeg(head: bytes) -> bool:
    """The first bytes of a file → whether they are those of a JPEG."""
    return photos.true_format(io.BytesIO(head)) == "JPEG"


@exercise(
    [(random(2), -random(2, seed=1), 0.25)]
    + [(random(3, 4), -random(3, 4, seed=1), share) for share in (0.0, 0.5, 1.0)],
    "what should come out for share 0, and what for share 1?",
    "each of the two counts by its part: `other` by share, `one` by the rest, 1 − share.",
    {
        "The two are swapped: share 0 should give `one`.": (
            lambda one, other, share: share * one + (1 - share) * other
        ),
        "You took the middle, whatever the share is.": lambda one, other, share: (one + other) / 2,
        "You added a part of `other` but took nothing of `one` away.": (
            lambda one, other, share: one + share * other
        ),
    },
)
def blend(one: Float, other: Float, share: float) -> Any:
    """Two arrays of one shape, a share from 0 to 1 → the array that far from `one` to `other`."""
    return (1.0 - share) * one + share * other


def _apart(rgb: Float, hue: float) -> Float:
    """How far each pixel's hue is from this one, in degrees from 0 to 180."""
    _, chroma = encode(rgb)
    angle = np.degrees(np.arctan2(chroma[..., 1], chroma[..., 0]))
    return np.asarray(np.abs((angle - hue + 180) % 360 - 180))


def _kept(rgb: Float, keep: Any) -> Any:
    """The photo with the color of some pixels alone."""
    gray, chroma = encode(rgb)
    return decode(gray, chroma * keep[..., None])


def _distance_of_numbers(rgb: Float, hue: float) -> Float:
    """How far hue and angle are apart as plain numbers, the angle from 0 to 360."""
    _, chroma = encode(rgb)
    angle = np.degrees(np.arctan2(chroma[..., 1], chroma[..., 0])) % 360
    return np.asarray(np.abs(angle - hue))


@exercise(
    [(random(9, 11, 3), *near) for near in ((0.0, 30.0), (350.0, 40.0), (120.0, 60.0))],
    "how far apart are two angles, the short way round? And what is no color, in chroma?",
    "the angle of a point (x, y) is np.arctan2(y, x); bring the difference into -180 to 180 before "
    "you take its size, and multiply the chroma by 0 where it is too large.",
    {
        "You forgot the seam: 350 and 10 are 20 degrees apart, not 340.": (
            lambda rgb, hue, width: _kept(rgb, _distance_of_numbers(rgb, hue) <= width)
        ),
        "It is the wrong way round: what is near that hue should keep its color.": (
            lambda rgb, hue, width: _kept(rgb, _apart(rgb, hue) > width)
        ),
        "The other pixels are black. Only their color should go, not their gray.": (
            lambda rgb, hue, width: rgb * (_apart(rgb, hue) <= width)[..., None]
        ),
        "`width` counts to each side of the hue; half of it is too little.": (
            lambda rgb, hue, width: _kept(rgb, _apart(rgb, hue) <= width / 2)
        ),
    },
)
def pop(rgb: Float, hue: float, width: float) -> Any:
    """A photo (H, W, 3), hue and width in degrees → the photo, in color only near that hue."""
    return _kept(rgb, _apart(rgb, hue) <= width)
