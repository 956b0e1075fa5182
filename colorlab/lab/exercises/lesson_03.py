"""Reference answers to the exercises of lesson 03, training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from colorlab.lab.exercises.checking import Case, exercise

Float = NDArray[np.float32]


@exercise(
    lambda: [(4, 1, 16, True), (3, 32, 8, False), (1, 64, 32, True)],
    "a filter has size · size numbers for each channel that comes in, and perhaps a bias.",
)
def num_weights(size: int, inputs: int, filters: int, bias: bool) -> int:
    """How many numbers a size × size convolution from `inputs` to `filters` channels learns."""
    from colorlab.backend import layers  # only exercises with networks load TensorFlow

    convolution = layers.Conv2D(filters, size, use_bias=bias)
    convolution.build((None, None, None, inputs))
    return int(convolution.count_params())


@exercise(
    lambda: [([(3, 1)],), ([(3, 1), (3, 1)],), ([(4, 2), (3, 1)],), ([(4, 2), (4, 2), (4, 1)],)],
    "start at one score and go back to the input: n outputs of a convolution lie `stride` apart, "
    "so the first and the last are (n − 1) · stride inputs apart, and each sees `size` of them.",
)
def receptive_field(stack: Sequence[tuple[int, int]]) -> int:
    """(size, stride) of each convolution, first to last → how many inputs wide one score sees."""
    seen = 1
    for size, stride in reversed(stack):
        seen = (seen - 1) * stride + size
    return seen


def _pixels() -> list[Case]:
    orange, teal = np.array([0.6, 0.4], np.float32), np.array([-0.5, -0.2], np.float32)
    return [(0.8, orange, teal), (0.02, teal, orange), (0.5, np.zeros(2, np.float32), orange)]


@exercise(
    _pixels,
    "distance in the disk; times the value, but at least 0.1; times 1 + 4 · the true saturation.",
)
def pixel_loss(value: float, true: Float, predicted: Float) -> float:
    """A pixel's value, its true and its predicted chroma (2,) → its content loss."""
    from colorlab.model.objectives import content_loss

    at = (1, 1, 1, -1)
    light = np.float32(value).reshape(at)
    return float(content_loss(light, true.reshape(at), predicted.reshape(at)))


def _two_colors() -> list[Case]:
    a, b = np.array([0.75, 0.3], np.float32), np.array([-0.6, -0.5], np.float32)
    return [(a, b, share, squared) for share in (0.3, 0.8) for squared in (True, False)]


@exercise(
    _two_colors,
    "the square is least at the mean, each color weighed by its share. For the distance, stand "
    "between the two and take one step towards the more frequent one: do you gain or lose?",
)
def best_answer(a: Float, b: Float, share: float, squared: bool) -> Float:
    """Two chromas (2,), the first of which is true with probability `share` → best guess (2,).

    It has the least mean squared distance if `squared`, or else the least mean distance.
    """
    if squared:
        return np.asarray(share * a + (1.0 - share) * b)
    return a if share > 0.5 else b
