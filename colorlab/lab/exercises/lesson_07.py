"""The exercises of lesson 07, scaling up."""

from __future__ import annotations

from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, random


def _first(batch: int, replicas: int, replica: int) -> int:
    """How many rows lie before a replica's own, if the first ones take what is left over."""
    rows, left_over = divmod(batch, replicas)
    return replica * rows + min(replica, left_over)


@exercise(
    [(8.0, 16, 4.0), (8.0, 1, 2.0), (3.0, 4, 0.75), (0.5, 2, 40.0)],
    "how many photos a second can all cores load, and from how many can the network learn? Which "
    "of the two has to wait?",
    "one core loads 1000 / load photos a second, the network learns from 1000 / step; the two work "
    "at the same time, and the slower one decides.",
    {
        "You let the two work one after the other. They work at the same time.": (
            lambda load, cores, step: 1000.0 / (load / cores + step)
        ),
        "You took the faster of the two. The slower one decides.": (
            lambda load, cores, step: max(1000.0 * cores / load, 1000.0 / step)
        ),
        "You let one core load. All of them do.": (
            lambda load, cores, step: min(1000.0 / load, 1000.0 / step)
        ),
        "That is in photos per millisecond; a second has 1000 of them.": (
            lambda load, cores, step: min(cores / load, 1.0 / step)
        ),
    },
)
def photos_per_second(load: float, cores: int, step: float) -> float:
    """Milliseconds to load a photo on one core, cores, ms to learn it → photos per second."""
    return min(1000.0 * cores / load, 1000.0 / step)


@exercise(
    [(random(3, seed=1), 8), (random(4), 8), (random(1), 5)],
    "add up what all replicas return. By how many rows must it have been divided?",
    "the sum over this replica's rows, divided by the rows of the whole batch: so every row counts "
    "the same, whichever replica it is on.",
    {
        "That is the mean over this replica's rows. Summed over all replicas it is too large.": (
            lambda errors, batch: errors.mean()
        ),
        "You added the errors but did not divide them.": lambda errors, batch: errors.sum(),
        "You divided twice: by this replica's rows and by the batch.": (
            lambda errors, batch: errors.mean() / batch
        ),
    },
)
def own_loss(errors: Float, batch: int) -> float:
    """Errors (N,) of a replica's own rows, rows of the whole batch → its part of the loss."""
    return float(errors.sum() / batch)


@exercise(
    [(64, 2, 1), (10, 4, 0), (10, 4, 1), (10, 4, 3), (23, 8, 7)],
    "how many rows has each replica, and how many come before this one's?",
    "rows, more = divmod(batch, replicas): each replica has rows, and the first `more` replicas "
    "have one more. So replica * rows + min(replica, more) rows come before.",
    {
        "The rows that are left over belong to no replica. The first replicas take one each.": (
            lambda batch, replicas, replica: (
                replica * (batch // replicas),
                (replica + 1) * (batch // replicas),
            )
        ),
        "The second number is the last row. Asked is one past it, as in a slice.": (
            lambda batch, replicas, replica: (
                _first(batch, replicas, replica),
                _first(batch, replicas, replica + 1) - 1,
            )
        ),
        "The replicas' numbers begin at 0, not at 1.": (
            lambda batch, replicas, replica: (
                _first(batch, replicas, replica - 1),
                _first(batch, replicas, replica),
            )
        ),
        "The second number is how many rows it has. Asked is one past its last row.": (
            lambda batch, replicas, replica: (
                _first(batch, replicas, replica),
                _first(batch, replicas, replica + 1) - _first(batch, replicas, replica),
            )
        ),
    },
)
def own_rows(batch: int, replicas: int, replica: int) -> tuple[int, int]:
    """Rows of a batch, replicas, a replica's index from 0 → its first row, one past its last."""
    return _first(batch, replicas, replica), _first(batch, replicas, replica + 1)


@exercise(
    [(1_000_000, 10, 100.0), (200, 3, 5.0)],
    "how many photos are seen in all, and how many in a day?",
    "each photo is seen once an epoch; a day has 86,400 seconds.",
    {
        "You counted one epoch. Each photo is seen once in each of them.": (
            lambda photos, epochs, per_second: photos / per_second / 86_400
        ),
        "That is in seconds. A day has 86,400 of them.": (
            lambda photos, epochs, per_second: photos * epochs / per_second
        ),
        "That is in hours. A day has 24 of them.": (
            lambda photos, epochs, per_second: photos * epochs / per_second / 3600
        ),
    },
)
def days(photos: int, epochs: int, per_second: float) -> float:
    """Number of photos, epochs, photos per second → days of training."""
    return photos * epochs / per_second / 86_400
