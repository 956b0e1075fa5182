"""A distribution over chroma: how likely each of 81 colors is at a point.

The median of what a thing may be (a car is red, blue or white) is a brown that it never is. A
distribution keeps the colors apart, and says how sure the network is.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from colorlab.backend import keras, layers, ops

Tensor = Any
# The points of a square grid of step 1/5 in the unit disk: (81, 2), PolarChroma.
CENTERS = np.array(
    [(x / 5, y / 5) for x, y in product(range(-5, 6), repeat=2) if x * x + y * y <= 25], np.float32
)
SPREAD = 0.12  # the standard deviation with which a color is shared out among centers
TEMPERATURE = 0.5  # below 1, the mean is drawn toward the likeliest color


def soft_histogram(chroma: Tensor) -> Tensor:
    """PolarChroma (..., 2) → how it is shared out among CENTERS, (..., 81) float32 of sum 1.

    Source: Zhang, Isola and Efros, "Colorful image colorization", ECCV 2016 (arXiv 1603.08511),
    section 2.2, the soft encoding; here all centers take part, not the five nearest alone.
    """
    away = ops.sum(ops.square(chroma[..., None, :] - CENTERS), axis=-1)
    return ops.softmax(away / (-2.0 * SPREAD**2))


def annealed_mean(x: Tensor) -> Tensor:
    """(N, H, W, C) → chroma (N, H, W, 2): the mean of a distribution, at a low temperature.

    A 1×1 convolution to 81 scores, the layer "logits", is the distribution; its softmax at
    TEMPERATURE weighs the centers, which no training moves.

    Source: Zhang, Isola and Efros 2016, equation 5.
    """
    small = keras.initializers.RandomNormal(stddev=0.01)  # the first guess is gray
    logits = layers.Conv2D(
        len(CENTERS), 1, kernel_initializer=small, dtype="float32", name="logits"
    )(x)
    scaled = layers.Rescaling(1.0 / TEMPERATURE, dtype="float32")(logits)
    mean = layers.Conv2D(2, 1, use_bias=False, trainable=False, dtype="float32", name="chroma")
    chroma = mean(layers.Softmax(dtype="float32")(scaled))
    mean.set_weights([CENTERS[None, None]])
    return chroma
