"""The exercises of lesson 00, the start."""

from __future__ import annotations

import numpy as np

from colorlab.color.encoding import decode, luma, value
from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, pairs_of_photos, random


@exercise(
    [(2, 5), (1, 1), (480, 640)],
    "how many numbers does each of the two photos have? Count them for one point first.",
    "a point of a color photo has three numbers, a point of a gray one has one.",
    {
        "You counted all numbers of the color photo. The gray photo has some of them.": (
            lambda height, width: 3 * height * width
        ),
        "You counted the points. Each point lacks more than one number.": (
            lambda height, width: height * width
        ),
    },
)
def numbers_missing(height: int, width: int) -> int:
    """Height and width of a color photo → how many fewer numbers its gray photo has."""
    return 2 * height * width


@exercise(
    [
        (random(4, 5, 1), random(4, 5, 2, low=-0.6, high=0.6)),
        (random(2, 3, 1, seed=1), random(2, 3, 2, low=-0.6, high=0.6, seed=1)),
    ],
    "which of the two arrays holds the color? What is half of it?",
    "divide the chroma by 2, leave the gray as it is, and decode both.",
    {
        "You halved the finished photo, and with it the gray.": (
            lambda gray, chroma: np.asarray(decode(gray, chroma)) / 2
        ),
        "You halved the gray, too. Only the color should change.": (
            lambda gray, chroma: decode(gray / 2, chroma / 2)
        ),
        "The color is whole: nothing was halved.": decode,
    },
)
def half_colored(gray: Float, chroma: Float) -> Float:
    """Gray (H, W, 1) and chroma (H, W, 2) → a photo (H, W, 3) with half of the color."""
    return np.asarray(decode(gray, chroma / 2))


@exercise(
    pairs_of_photos(),
    "take the value of each photo first. Is a change to darker also a change?",
    "subtract value(before) from value(after); np.abs makes a difference of either sign count, and "
    "max finds the largest.",
    {
        "You compared red, green and blue. Colors may change; the question is about the value.": (
            lambda before, after: np.abs(after - before).max()
        ),
        "Only points that became brighter count in this. Some became darker.": (
            lambda before, after: (value(after) - value(before)).max()
        ),
        "You took the mean of the changes, not the largest.": (
            lambda before, after: np.abs(value(after) - value(before)).mean()
        ),
        "You compared the brightest points of the photos, not each point with itself.": (
            lambda before, after: np.abs(value(after).max() - value(before).max())
        ),
        "You compared lumas. Here the gray is the value.": (
            lambda before, after: np.abs(luma(after) - luma(before)).max()
        ),
    },
)
def change_of_light(before: Float, after: Float) -> float:
    """Two photos (H, W, 3) → the largest difference between their values at any pixel."""
    return float(np.abs(value(after) - value(before)).max())
