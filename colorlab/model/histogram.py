"""A distribution over chroma: how likely each of 81 colors is at a point.

A car may be red, blue or white. A loss on a single color is smallest at a dull color between them,
which no car has. A distribution can keep all three.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.backend import keras, layers, ops

Tensor = Any
# The points of a square grid with step 1/5 that lie in the unit disk: (81, 2), PolarChroma.
CENTERS = np.array(
    [(x / 5, y / 5) for x, y in product(range(-5, 6), repeat=2) if x * x + y * y <= 25], np.float32
)
SPREAD = 0.12  # standard deviation of the Gaussian that spreads a color over the centers
TEMPERATURE = 0.7  # a value below 1 draws the mean toward the likeliest color


def soft_histogram(chroma: Tensor) -> Tensor:
    """PolarChroma (..., 2) in the unit disk → shares of CENTERS, (..., 81) float32 with sum 1.

    Source: Zhang, Isola and Efros, "Colorful image colorization", ECCV 2016 (arXiv 1603.08511),
    section 2.2, the soft encoding, here with all centers instead of the five nearest.
    """
    away = ops.sum(ops.square(chroma[..., None, :] - CENTERS), axis=-1)
    return ops.softmax(away / (-2.0 * SPREAD**2))


def annealed_mean(x: Tensor) -> Tensor:
    """A map (N, H, W, C) → chroma (N, H, W, 2) float32 in the unit disk: a distribution's mean.

    The layer "logits", a 1×1 convolution, gives the scores of the 81 centers. The layer "chroma" is
    the mean of the centers, weighted by the softmax of the scores at TEMPERATURE; it is not
    trained.

    Source: Zhang, Isola and Efros 2016, equation 5.
    """
    small = keras.initializers.RandomNormal(stddev=0.01)  # makes the first prediction gray
    logits = layers.Conv2D(
        len(CENTERS), 1, kernel_initializer=small, dtype="float32", name="logits"
    )(x)
    scaled = layers.Rescaling(1.0 / TEMPERATURE, dtype="float32")(logits)
    mean = layers.Conv2D(2, 1, use_bias=False, trainable=False, dtype="float32", name="chroma")
    chroma = mean(layers.Softmax(dtype="float32")(scaled))
    mean.set_weights([CENTERS[None, None]])
    return chroma


def with_shares(generator: keras.Model) -> tuple[keras.Model, NDArray[np.float32]] | None:
    """A generator that also gives its distribution, and the colors that this is about.

    Returns:
        A model, gray (N, H, W, 1) → [chroma (N, h, w, 2), shares (N, h, w, 81) with sum 1], and the
        81 colors as PolarChroma (81, 2): CENTERS, times the strength that a model ships with. None
        if the generator does not end with `annealed_mean`.
    """
    named = {layer.name: layer for layer in getattr(generator, "layers", ())}
    mean = named.get("chroma")
    if "logits" not in named or not isinstance(mean, layers.Conv2D):
        return None
    model = keras.Model(generator.input, [generator.output, mean.input])
    return model, np.asarray(mean.get_weights()[0][0, 0])
