"""Reference answers to the exercises of lesson 06, debugging a GAN."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]


def _normal(*shape: int) -> Any:
    return np.random.default_rng(6).normal(size=shape).astype(np.float32)


@exercise(
    lambda: [(np.array([-0.6, -0.3], np.float32),), (np.tanh(_normal(2, 4, 4, 2)),)],
    "each of the two numbers by itself: 0 where it is negative, and itself where it is not.",
)
def reachable(chroma: Float) -> Float:
    """Chroma (..., 2) → the nearest chroma (..., 2) that ReLU and then tanh can output."""
    return np.maximum(chroma, 0.0)


def _pixels() -> list[Case]:
    pixels = np.arange(0, 256, 5).astype(np.uint8)
    as_float = (pixels / 255).astype(np.float32)
    very_dark = np.array([[0, 1]], np.uint8)  # its largest number does not tell uint8 from float
    return [(pixels,), (as_float,), (very_dark,), (np.full((2, 3, 1), 255, np.uint8),)]


@exercise(_pixels, "let the dtype decide: only np.uint8 is divided by 255.")
def to_network(pixels: Any) -> Float:
    """Pixels of any shape, uint8 (0 to 255) or float in [0, 1] → float32 in [0, 1], same shape."""
    return np.asarray(pixels / 255 if pixels.dtype == np.uint8 else pixels, np.float32)


@exercise(
    lambda: [(0.02 * _normal(3, 4), 10 * _normal(4, 3).T, 0.001, 0.01),
             (np.zeros(3, np.float32), np.array([-500.0, 0.5, 500.0]), 0.1, 0.01)],
    "first the whole step, with the gradient as it is; then bring every weight into ± limit.",
)  # fmt: skip
def clipped_step(weights: Float, gradient: Float, rate: float, limit: float) -> Float:
    """The weights after a step down the gradient and WGAN's clip; all arrays have one shape."""
    return np.clip(weights - rate * gradient, -limit, limit)


@exercise(
    lambda: [(3 * _normal(4, 2, 2, 1) + 9, 3 * _normal(4, 2, 2, 1)[::-1]),
             (_normal(6, 2, 2, 1), 5 + _normal(2, 2, 2, 1))],
    "no sigmoid and no logarithm: two means, and it must fall when real scores rise.",
)  # fmt: skip
def wasserstein_critic_loss(real: Float, fake: Float) -> float:
    """Raw scores of real and of fake photos, each (N, h, w, 1) → the loss of WGAN's critic."""
    from colorlab.model.objectives import (
        get,  # here, so that other exercises need no TensorFlow
    )

    return float(get("wasserstein").critic_loss(real, fake))


@exercise(
    lambda: [(np.array([2.0, 4.0]), 1), (np.array([2.0, 4.0]), 2), (np.abs(_normal(8)), 4)],
    "what counts is the sum over all devices: it must be the mean over all photos of all of them.",
)
def replica_loss(per_photo: Float, num_replicas: int) -> float:
    """Losses (n,) of one of `num_replicas` devices, each with n photos → that device's loss."""
    return float(np.mean(per_photo) / num_replicas)
