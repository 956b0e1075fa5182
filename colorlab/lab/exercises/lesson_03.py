"""The exercises of lesson 03, training. Networks are imported where they are used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float

Stack = Sequence[tuple[int, int]]
ORANGE, BLUE = np.array([0.6, 0.4], np.float32), np.array([-0.5, -0.2], np.float32)
GRAY = np.zeros(2, np.float32)


@exercise(
    [(4, 2, 16, True), (3, 32, 8, False), (1, 64, 32, True)],
    "how many numbers does one filter have? It looks at all channels that come in.",
    "a filter has size · size numbers for each channel that comes in, and perhaps a bias.",
    {
        "Each filter looks at all channels that come in, not at one.": (
            lambda size, inputs, filters, bias: filters * (size * size + bias)
        ),
        "You counted one bias for the whole layer; each filter has its own.": (
            lambda size, inputs, filters, bias: filters * size * size * inputs + bias
        ),
        "You forgot the biases.": (
            lambda size, inputs, filters, bias: filters * size * size * inputs
        ),
        "A filter is size × size: two factors.": (
            lambda size, inputs, filters, bias: filters * (size * inputs + bias)
        ),
    },
)
def num_weights(size: int, inputs: int, filters: int, bias: bool) -> int:
    """How many numbers a size × size convolution from `inputs` to `filters` channels learns."""
    from colorlab.backend import layers

    convolution = layers.Conv2D(filters, size, use_bias=bias)
    convolution.build((None, None, None, inputs))
    return int(convolution.count_params())


def _seen(stack: Stack) -> int:
    """How many inputs one output of the last of these convolutions sees."""
    seen = 1
    for size, stride in reversed(stack):
        seen = (seen - 1) * stride + size
    return seen


@exercise(
    [([(3, 1)],), ([(3, 1), (3, 1)],), ([(4, 2), (3, 2)],), ([(4, 2), (4, 2), (4, 1)],)],
    "start at one score. How many outputs of the convolution before does it see? And how many "
    "inputs do so many neighbors see together?",
    "go from the last convolution to the first: n outputs lie `stride` apart, so the first and the "
    "last are (n − 1) · stride inputs apart, and each sees `size` of them.",
    {
        "You went from the first convolution to the last. Start at the score, from the back.": (
            lambda stack: _seen(stack[::-1])
        ),
        "You left out the strides: neighbors lie `stride` inputs apart.": (
            lambda stack: _seen([(size, 1) for size, _ in stack])
        ),
        "You multiplied the sizes. Neighbors see overlapping parts.": (
            lambda stack: np.prod([size for size, _ in stack])
        ),
        "That is what the first convolution sees. Each score sees several of its outputs.": (
            lambda stack: stack[0][0]
        ),
    },
)
def receptive_field(stack: Stack) -> int:
    """(size, stride) of each convolution, first to last → how many inputs wide one score sees."""
    return _seen(stack)


def _distance(true: Float, predicted: Float) -> float:
    return float(np.hypot(*(predicted - true)))


@exercise(
    [(0.8, ORANGE, BLUE), (0.02, BLUE, ORANGE), (0.5, GRAY, ORANGE)],
    "there are three factors: a distance and two weights. Which of them does a dark pixel change?",
    "distance in the disk; times the value, but at least 0.1; times 1 + 4 · the true saturation.",
    {
        "You left out the weight of the true saturation.": (
            lambda value, true, predicted: max(value, 0.1) * _distance(true, predicted)
        ),
        "The value counts at least 0.1, so that the dark learns, too.": (
            lambda value, true, predicted: (
                value * (1 + 4 * np.hypot(*true)) * _distance(true, predicted)
            )
        ),
        "You weighted by the predicted saturation; the true one is meant.": (
            lambda value, true, predicted: (
                max(value, 0.1) * (1 + 4 * np.hypot(*predicted)) * _distance(true, predicted)
            )
        ),
        "You squared the distance.": (
            lambda value, true, predicted: (
                max(value, 0.1) * (1 + 4 * np.hypot(*true)) * _distance(true, predicted) ** 2
            )
        ),
        "The distance is that of two points in the disk, a straight line, not |x| + |y|.": (
            lambda value, true, predicted: (
                max(value, 0.1) * (1 + 4 * np.hypot(*true)) * np.abs(predicted - true).sum()
            )
        ),
    },
)
def pixel_loss(value: float, true: Float, predicted: Float) -> float:
    """A pixel's value, its true and its predicted chroma (2,) → its content loss."""
    from colorlab.model.objectives import content_loss

    at = (1, 1, 1, -1)
    light = np.float32(value).reshape(at)
    return float(content_loss(light, true.reshape(at), predicted.reshape(at)))


@exercise(
    [(ORANGE, BLUE, share, squared) for share in (0.3, 0.8) for squared in (True, False)],
    "try it with villages on a road: which place has the least mean squared distance, which one "
    "the least mean distance?",
    "the square is least at the mean, each color weighed by its share. For the distance, stand "
    "between the two and take one step towards the more frequent one: do you gain or lose?",
    {
        "You took the mean in both cases. It is right for the squared distance only.": (
            lambda a, b, share, squared: share * a + (1 - share) * b
        ),
        "The mean must count each color by its probability.": (
            lambda a, b, share, squared: (a + b) / 2 if squared else (a if share > 0.5 else b)
        ),
        "You took the more probable color in both cases. It is right for the distance only.": (
            lambda a, b, share, squared: a if share > 0.5 else b
        ),
        "`share` is the probability of a, not of b.": (
            lambda a, b, share, squared: (
                (1 - share) * a + share * b if squared else (b if share > 0.5 else a)
            )
        ),
    },
)
def best_answer(a: Float, b: Float, share: float, squared: bool) -> Float:
    """Chroma a with probability `share`, else b → the guess (2,) of least mean (squared) error."""
    if squared:
        return np.asarray(share * a + (1.0 - share) * b)
    return a if share > 0.5 else b
