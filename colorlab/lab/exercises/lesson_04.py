"""The exercises of lesson 04, the colorize lab."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from colorlab.color.adjustments import adjust
from colorlab.color.encoding import luma, value
from colorlab.evaluation.metrics import ab_distance, luck, psnr
from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, pairs_of_photos, random


def _gray(truth: Float) -> Float:
    return np.asarray(value(truth)).repeat(3, axis=-1)


@exercise(
    pairs_of_photos(),
    "which two pictures are compared with the truth?",
    "the gray photo is the truth's value, three times; ask psnr for the result and for the gray, "
    "and subtract.",
    {
        "That is the PSNR of the result. How much is that above the gray photo's?": psnr,
        "The sign is turned: the gain is above 0 if the result is the better one.": (
            lambda result, truth: psnr(_gray(truth), truth) - psnr(result, truth)
        ),
        "You took the result's own gray. The gray photo is that of the truth.": (
            lambda result, truth: psnr(result, truth) - psnr(_gray(result), truth)
        ),
        "You took luma for the gray. Here it is the value.": (
            lambda result, truth: psnr(result, truth) - psnr(luma(truth).repeat(3, axis=-1), truth)
        ),
    },
)
def gain(result: Float, truth: Float) -> float:
    """A result and the truth, each (H, W, 3) → its PSNR minus the gray photo's, in dB."""
    return psnr(result, truth) - psnr(_gray(truth), truth)


@exercise(
    pairs_of_photos(),
    "a share of what? Which two distances are compared?",
    "divide the distance of the result from the truth by that of the gray photo: 1 is no better.",
    {
        "You divided the other way round: a better result should have a smaller share.": (
            lambda result, truth: ab_distance(_gray(truth), truth) / ab_distance(result, truth)
        ),
        "That is the distance itself, not yet its share of the gray photo's.": ab_distance,
        "You subtracted. A share is a quotient.": (
            lambda result, truth: ab_distance(result, truth) - ab_distance(_gray(truth), truth)
        ),
    },
)
def share_of_gray(result: Float, truth: Float) -> float:
    """A result and the truth, each (H, W, 3) → its a*b* distance as a share of the gray photo's."""
    return ab_distance(result, truth) / ab_distance(_gray(truth), truth)


@exercise(
    [
        (random(5, 6, 2, low=-0.7, high=0.7), random(5, 6, 1, seed=1), fade)
        for fade in (0.0, 0.5, 1.0)
    ],
    "by which factor is the chroma multiplied at fade 0, and by which at fade 1?",
    "the factor goes from 1 at fade 0 to the confidence at fade 1, in a straight line.",
    {
        "With this, fade 0 takes all color away. It should change nothing.": (
            lambda chroma, confidence, fade: chroma * confidence * fade
        ),
        "Sure and unsure color fade alike: the confidence is missing.": (
            lambda chroma, confidence, fade: chroma * (1 - fade)
        ),
        "With this, the sure color fades. It should be the unsure one.": (
            lambda chroma, confidence, fade: chroma * (1 - fade * confidence)
        ),
        "The fade is missing: unsure color is faded at any setting.": (
            lambda chroma, confidence, fade: chroma * confidence
        ),
    },
)
def faded(chroma: Float, confidence: Float, fade: float) -> Any:
    """Chroma (H, W, 2), confidence (H, W, 1), `fade` from 0 to 1 → faded chroma (H, W, 2)."""
    return adjust(chroma, confidence, fade=fade)


@exercise(
    [(8, 10), (12, 12), (6, 12), (0, 5)],
    "`at least` has several cases. Which numbers of right answers count?",
    "of the 2 ** asked rows, count those with k right, for each k from `right` to `asked`; "
    "math.comb(asked, k) counts them.",
    {
        "That is exactly so many right, not at least so many.": (
            lambda right, asked: math.comb(asked, right) / 2**asked
        ),
        "That is more than so many right. At least includes the number itself.": (
            lambda right, asked: luck(right + 1, asked)
        ),
        "You left out the row in which all are right; a range ends before its end.": (
            lambda right, asked: luck(right, asked) - 0.5**asked
        ),
        "That is the probability that certain answers are right, whatever the others are.": (
            lambda right, asked: 0.5**right
        ),
    },
)
def coin(right: int, asked: int) -> float:
    """Probability, 0 to 1, that a coin is right in at least `right` of `asked` questions."""
    return luck(right, asked)
