"""Inputs on which the answers to several exercises are tried."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


def random(*shape: int, low: float = 0.05, high: float = 0.95, seed: int = 0) -> Float:
    """Numbers from a uniform distribution, the same for the same seed."""
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def pairs_of_photos() -> list[tuple[Float, Float]]:
    """Three pairs of photos, (12, 16, 3) each; the second pair is the first one in reverse order.

    The photos are reddish, so that their channels and their mean colors differ.
    """
    tint = np.array([1.0, 0.7, 0.4], np.float32)
    one, two, three = (random(12, 16, 3, seed=seed) * tint for seed in (1, 2, 3))
    return [(one, two), (two, one), (three, one * np.float32(0.9))]
