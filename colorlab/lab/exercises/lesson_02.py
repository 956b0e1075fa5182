"""Reference answers to the exercises of lesson 02, the critic."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[Any]


def _random(*shape: int, seed: int = 2) -> Float:
    return np.random.default_rng(seed).uniform(0.05, 0.95, shape).astype(np.float32)


@exercise(
    lambda: [(0.3, 0.1), (0.2, 0.2), (_random(7), _random(7)[::-1])],
    "of all samples that turn up at this place, which share is real?",
)
def best_discriminator(p: Float, q: Float) -> Float:
    """Densities of real and fake at the same places, both above 0 → best D there, in (0, 1)."""
    return np.asarray(p / (p + q))


@exercise(
    lambda: [(np.array([-8, -1, 0, 1, 8], np.float32),), (6.0 * _random(3, 4) - 3.0,)],
    "the derivative of log(1 + exp(t)) is σ(t); mind the sign of t = −score in the second.",
)
def told_by_score(score: Float) -> Float:
    """Scores of fakes, any shape → the derivatives of both logistic generator losses, stacked."""
    from colorlab.backend import tf
    from colorlab.model.objectives import OBJECTIVES

    scores = tf.constant(score)
    told = []
    for name in ("logistic_saturating", "logistic"):
        with tf.GradientTape() as tape:
            tape.watch(scores)
            loss = OBJECTIVES[name].generator_loss(scores)
        told.append(score.size * tape.gradient(loss, scores).numpy())  # the loss is a mean
    return np.stack(told)


def _pairs_of_samples() -> list[Case]:
    return [
        (np.array([0.0, 1.0, 2.0]), np.array([7.0, 5.0, 6.0])),
        (_random(9), _random(9, seed=3) + 0.4),
        (_random(6), _random(6)[::-1]),
    ]


@exercise(
    _pairs_of_samples,
    "the cheapest plan carries the leftmost to the leftmost, the second to the second, and so on.",
)
def carrying_distance(a: Float, b: Float) -> float:
    """Two samples of n numbers each → their Wasserstein-1 distance."""
    return float(np.abs(np.sort(a) - np.sort(b)).mean())


@exercise(
    lambda: [(_random(2, 3, 2, 2), -_random(2, 3, 2, 2, seed=3), _random(2, seed=4)),
             (_random(4, 4, 4, 2), -_random(4, 4, 4, 2, seed=3), _random(4, seed=4))],
    "give u three more axes of length 1; u = 1 is the real photo and u = 0 the fake one.",
)  # fmt: skip
def between(real: Float, fake: Float, u: Float) -> Float:
    """Two chromas (N, H, W, 2), a number in [0, 1] for each photo (N,) → chroma between them."""
    mix = u.reshape(-1, 1, 1, 1)
    return np.asarray(mix * real + (1.0 - mix) * fake)


@exercise(
    lambda: [(_random(3, 4, 4, 2),), (0.5 * _random(2, 3, 5, 2),), (np.zeros((1, 2, 2, 2)),)],
    "one norm a photo: square, sum over rows, columns and channels, root. Then compare with 1.",
)
def penalty(gradient: Float) -> float:
    """Gradients (N, H, W, 2) of each photo's score by its chroma → the gradient penalty."""
    norms = np.sqrt(np.square(gradient).sum(axis=(1, 2, 3)))
    return float(np.square(norms - 1.0).mean())
