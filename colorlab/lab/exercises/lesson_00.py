"""Reference answers to the exercises of lesson 00, the start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colorlab.color.encoding import decode, value
from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]


@exercise(lambda: [(1, 1), (480, 640)], "a point of a color photo has three numbers.")
def numbers_missing(height: int, width: int) -> int:
    """Height and width of a color photo → how many fewer numbers its gray photo has."""
    return 2 * height * width


def _parts() -> list[Case]:
    rng = np.random.default_rng(0)
    gray, chroma = rng.random((4, 5, 1)), rng.uniform(-0.6, 0.6, (4, 5, 2))
    return [(gray.astype(np.float32), chroma.astype(np.float32))]


@exercise(_parts, "half of the chroma is half of the color; leave the gray as it is.")
def half_colored(gray: Float, chroma: Float) -> Float:
    """Gray (H, W, 1) and chroma (H, W, 2) → a photo (H, W, 3) with half of the color."""
    return np.asarray(decode(gray, chroma / 2))


@exercise(
    lambda: [tuple(np.random.default_rng(1).random((2, 6, 7, 3), np.float32))],
    "value(rgb) is the light; np.abs makes a difference of either sign count.",
)
def change_of_light(before: Float, after: Float) -> float:
    """Two photos (H, W, 3) → the largest difference between their values at any pixel."""
    return float(np.abs(value(after) - value(before)).max())
