"""Reference answers to the exercises of lesson 07, scaling up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]


@exercise(
    lambda: [(8.0, 1, 2.0), (8.0, 16, 2.0), (3.0, 4, 0.75), (0.5, 2, 40.0)],
    "one core loads 1000 / load photos a second, the network learns from 1000 / step; the two work "
    "at the same time, and the slower one decides.",
    tolerance=1e-2,
)
def photos_per_second(load: float, cores: int, step: float) -> float:
    """Milliseconds to load a photo on one core, cores, ms to learn it → photos per second."""
    return min(1000.0 * cores / load, 1000.0 / step)


def _errors() -> list[Case]:
    rng = np.random.default_rng(0)
    return [(rng.random(own).astype(np.float32), batch) for own, batch in ((4, 8), (3, 8), (1, 5))]


@exercise(
    _errors,
    "the sum of what all replicas return must be the mean over all rows of the whole batch, so "
    "every row counts the same, whichever replica it is on.",
)
def own_loss(errors: Float, batch: int) -> float:
    """Errors (N,) of a replica's own rows, rows of the whole batch → its part of the loss."""
    return float(errors.sum() / batch)


@exercise(
    lambda: [(64, 2, 0), (64, 2, 1), (96, 4, 2), (24, 8, 7)],
    "each replica has batch // replicas rows, one replica's after the other's.",
)
def own_rows(batch: int, replicas: int, replica: int) -> tuple[int, int]:
    """Rows of a batch, replicas, a replica's index from 0 → its first row, one past its last."""
    rows = batch // replicas
    return replica * rows, (replica + 1) * rows


@exercise(
    lambda: [(1_000_000, 10, 100.0), (200, 3, 5.0)],
    "each photo is seen once an epoch; a day has 86,400 seconds.",
)
def days(photos: int, epochs: int, per_second: float) -> float:
    """Number of photos, epochs, photos per second → days of training."""
    return photos * epochs / per_second / 86_400
