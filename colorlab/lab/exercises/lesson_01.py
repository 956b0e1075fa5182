"""The exercises of lesson 01, HSV encoding."""

from __future__ import annotations

import numpy as np

from colorlab.color.encoding import PolarChroma, decode, luma, value
from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, random

TINT = np.array([1.0, 0.7, 0.4], np.float32)


def _direction(a: float, b: float) -> float:
    """The direction of the mean of two hues as points, in degrees from -180 to 180."""
    return float(np.degrees(np.angle(np.exp(1j * np.radians([a, b])).sum())))


@exercise(
    [(350.0, 30.0), (10.0, 340.0), (20.0, 40.0), (300.0, 30.0), (200.0, 359.0)],
    "draw both hues on the circle. Which point lies between them, the short way round?",
    "hues are points (cos, sin) on a circle: add the points, then ask for the angle, from 0 to "
    "360.",
    {
        "You averaged the numbers, not the points on the circle.": lambda a, b: (a + b) / 2,
        "You have the right direction, but the answer should lie between 0 and 360.": _direction,
        "You have the right direction, but in radians.": (
            lambda a, b: np.radians(_direction(a, b) % 360)
        ),
        "cos and sin take radians: np.radians turns degrees into them.": (
            lambda a, b: np.degrees(np.angle(np.exp(1j * np.array([a, b])).sum())) % 360
        ),
    },
)
def mean_hue(a: float, b: float) -> float:
    """Two hues in degrees → the hue halfway between them, in degrees from 0 up to 360."""
    return _direction(a, b) % 360.0


@exercise(
    [(random(*shape), random(*shape, seed=1)) for shape in ((), (4,), (3, 5))],
    "what is the angle of a hue that has gone once around, h = 1? And how far is the point from "
    "the center?",
    "the angle is 2πh and the distance is s; the two numbers go on a new last axis.",
    {
        "You took h for the angle. A full turn is h = 1, but an angle of 2π.": (
            lambda h, s: np.stack([s * np.cos(h), s * np.sin(h)], axis=-1)
        ),
        "The two numbers are swapped: the cosine comes first.": (
            lambda h, s: np.stack([s * np.sin(2 * np.pi * h), s * np.cos(2 * np.pi * h)], axis=-1)
        ),
        "Every point is on the rim: the saturation is missing.": (
            lambda h, s: np.stack([np.cos(2 * np.pi * h), np.sin(2 * np.pi * h)], axis=-1)
        ),
        "The new axis of two numbers should be the last one, not the first.": (
            lambda h, s: np.stack([s * np.cos(2 * np.pi * h), s * np.sin(2 * np.pi * h)])
        ),
    },
)
def polar(h: Float, s: Float) -> Float:
    """Hue and saturation in [0, 1], any shape (...) → chroma (..., 2)."""
    return np.asarray(PolarChroma.from_hue_saturation(np.asarray(h), np.asarray(s)))


def _luma_at_value_1(h: Float, s: Float) -> Float:
    brightest = np.ones((*h.shape, 1), np.float32)
    return np.asarray(luma(decode(brightest, PolarChroma.from_hue_saturation(h, s)))[..., 0])


@exercise(
    [
        (random(*shape, high=0.25), random(*shape, seed=1), random(*shape, high=0.8, seed=2))
        for shape in ((6, 6), (2, 3))
    ],
    "how much luma has this color if its value is 1? Luma grows in proportion to value.",
    "color the photo with v = 1, take the luma of that, and divide the wanted luma by it.",
    {
        "You returned the luma. The value of a color is larger.": lambda gray, h, s: gray,
        "You multiplied by the luma of this color at value 1; divide by it.": (
            lambda gray, h, s: gray * _luma_at_value_1(h, s)
        ),
        "That is the luma at value 1. How does the wanted luma compare with it?": (
            lambda gray, h, s: _luma_at_value_1(h, s)
        ),
        "The last axis is still there; [..., 0] takes it off.": (
            lambda gray, h, s: (gray / _luma_at_value_1(h, s))[..., None]
        ),
    },
)
def value_from_luma(gray: Float, h: Float, s: Float) -> Float:
    """Luma, hue and saturation, each (H, W) → the value (H, W) of the color with that luma."""
    chroma = PolarChroma.from_hue_saturation(h, s)
    return np.asarray(value(decode(gray[..., None], chroma, keep="luma"))[..., 0])


def _unexplained(rgb: Float, gray: Float, mean: Float) -> float:
    """The squared distance of a photo from its gray, as a share of that from a mean."""
    return float(np.square(rgb - gray).sum() / np.square(rgb - mean).sum())


@exercise(
    [(random(8, 9, 3) * TINT,), (np.repeat(random(4, 4, 1), 3, axis=-1),)],
    "which part of the variation is left when the gray is known? The rest is explained.",
    "divide the squared distance from luma(rgb) by that from the mean color, which is a mean over "
    "rows and columns only, and subtract from 1.",
    {
        "That is the share that is left, not the share that is explained.": (
            lambda rgb: _unexplained(rgb, luma(rgb), rgb.mean(axis=(0, 1)))
        ),
        "You took one mean number of the whole photo; its mean color has three.": (
            lambda rgb: 1.0 - _unexplained(rgb, luma(rgb), rgb.mean())
        ),
        "You took the value for the gray; the question is about luma.": (
            lambda rgb: 1.0 - _unexplained(rgb, value(rgb), rgb.mean(axis=(0, 1)))
        ),
    },
)
def share_given(rgb: Float) -> float:
    """A photo (H, W, 3) → the share of its variation that its luma explains, at most 1."""
    return 1.0 - _unexplained(rgb, luma(rgb), rgb.mean(axis=(0, 1)))
