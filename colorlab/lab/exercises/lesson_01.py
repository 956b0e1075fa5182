"""Reference answers to the exercises of lesson 01, HSV encoding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.color.encoding import PolarChroma, decode, luma, value
from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]


def _random(*shape: int) -> Any:
    return np.random.default_rng(1).uniform(0.05, 0.95, shape).astype(np.float32)


def _pairs_of_hues() -> list[Case]:
    return [(350.0, 30.0), (10.0, 340.0), (20.0, 40.0), (300.0, 30.0), (200.0, 359.0)]


@exercise(_pairs_of_hues, "hues are points on a circle: add the points, then ask for the angle.")
def mean_hue(a: float, b: float) -> float:
    """Two hues in degrees → the hue halfway between them, in degrees from 0 up to 360."""
    points = np.exp(1j * np.radians([a, b]))
    return float(np.degrees(np.angle(points.sum())) % 360.0)


@exercise(
    lambda: [(np.float32(0.25), np.float32(1.0)), (_random(4), _random(4)[::-1]),
             (_random(3, 5), _random(3, 5).T.reshape(3, 5))],
    "a full turn is h = 1, so the angle is 2πh; the two numbers go on a new last axis.",
)  # fmt: skip
def polar(h: Float, s: Float) -> Float:
    """Hue and saturation in [0, 1], any shape (...) → chroma (..., 2)."""
    return np.asarray(PolarChroma.from_hue_saturation(np.asarray(h), np.asarray(s)))


@exercise(
    lambda: [(0.3 * _random(6, 6), _random(6, 6), _random(6, 6) * 0.8)],
    "color the photo at full light first, v = 1, and take the luma of that: luma grows with v.",
)
def value_from_luma(gray: Float, h: Float, s: Float) -> Float:
    """Luma, hue and saturation, each (H, W) → the value (H, W) of the color with that luma."""
    chroma = PolarChroma.from_hue_saturation(h, s)
    return np.asarray(value(decode(gray[..., None], chroma, keep="luma"))[..., 0])


@exercise(
    lambda: [(_random(8, 9, 3),), (np.repeat(_random(4, 4, 1), 3, axis=-1),)],
    "the share of the squares that is left: compare the photo with its gray, then with its mean.",
)
def share_given(rgb: Float) -> float:
    """A photo (H, W, 3) → the share of its variation that its luma explains, at most 1."""
    left = np.square(rgb - luma(rgb)).sum()
    return float(1.0 - left / np.square(rgb - rgb.mean(axis=(0, 1))).sum())
