"""Reference answers to the exercises of lesson 04, the colorize lab."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.color.adjustments import adjust
from colorlab.color.encoding import value
from colorlab.evaluation.metrics import ab_distance, luck, psnr
from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]


def _two_photos() -> list[Case]:
    return [
        tuple(np.random.default_rng(seed).random((2, 12, 16, 3), np.float32)) for seed in (1, 2)
    ]


@exercise(
    _two_photos,
    "the gray photo is the truth's value, three times; ask psnr twice, and subtract.",
    tolerance=1e-3,
)
def gain(result: Float, truth: Float) -> float:
    """A result and the truth, each (H, W, 3) → its PSNR minus the gray photo's, in dB."""
    gray = value(truth).repeat(3, axis=-1)
    return psnr(result, truth) - psnr(gray, truth)


@exercise(
    _two_photos,
    "the distance of the result, divided by the distance of the gray photo: 1 is no better.",
)
def share_of_gray(result: Float, truth: Float) -> float:
    """A result and the truth, each (H, W, 3) → its a*b* distance as a share of the gray photo's."""
    gray = value(truth).repeat(3, axis=-1)
    return ab_distance(result, truth) / ab_distance(gray, truth)


def _guesses() -> list[Case]:
    rng = np.random.default_rng(3)
    arrays = rng.uniform(-0.7, 0.7, (5, 6, 2)), rng.random((5, 6, 1))
    return [(*(a.astype(np.float32) for a in arrays), fade) for fade in (0.0, 0.5, 1.0)]


@exercise(_guesses, "fade 0 changes nothing; fade 1 leaves the share that the confidence says.")
def faded(chroma: Float, confidence: Float, fade: float) -> Any:
    """Chroma (H, W, 2), confidence (H, W, 1), `fade` from 0 to 1 → faded chroma (H, W, 2)."""
    return adjust(chroma, confidence, fade=fade)


@exercise(
    lambda: [(12, 12), (6, 12), (0, 5), (9, 10)],
    "of the 2 ** asked rows of answers that a coin can give, count those with k right, for each "
    "k that is large enough; math.comb(asked, k) counts them.",
)
def coin(right: int, asked: int) -> float:
    """Probability, 0 to 1, that a coin is right in at least `right` of `asked` questions."""
    return luck(right, asked)
