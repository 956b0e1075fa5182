"""Group normalization in fewer passes over memory, and with a right second derivative.

A step of `toy` takes 1.13 times as long with the same formula in plain operations, and 1.10 times
with Keras's layer (two cores, 16 photos of 64 pixels).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from colorlab.backend import keras, layers, ops

Tensor = Any


@keras.saving.register_keras_serializable("colorlab")
class Adam(keras.optimizers.Adam):
    """Keras's Adam, under the name that the checkpoints of 0.1.0 know it by."""


@keras.saving.register_keras_serializable("colorlab")
class GroupNormalization(layers.GroupNormalization):
    """Keras's layer for maps (N, H, W, C), with its gradient written out.

    Its second derivative, which a gradient penalty needs, is correct. Keras's own is wrong on
    TensorFlow, where the moments treat the mean as a constant.

    Source: Wu and He 2018, arXiv 1803.08494, equation 1.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """(N, H, W, C) → the same: each group at mean 0 and variance 1, scaled and shifted."""
        channels = inputs.shape[-1]
        groups = channels if self.groups == -1 else self.groups
        size = channels // groups
        mean_of_group = np.kron(np.eye(groups), np.full((size, size), 1 / size))  # (C, C)

        def over_group(each: Tensor) -> Tensor:  # (N, C) → the mean of each one's group, (N, C)
            return each if size == 1 else ops.matmul(each, ops.cast(mean_of_group, each.dtype))

        def per_pixel(each: Tensor) -> Tensor:
            return ops.reshape(each, (-1, 1, 1, channels))

        @ops.custom_gradient  # type: ignore[untyped-decorator]
        def normalized(x: Tensor, gamma: Tensor, beta: Tensor) -> Any:
            mean = over_group(ops.mean(x, (1, 2)))
            squares = ops.square(x - per_pixel(mean))
            inverse = ops.rsqrt(over_group(ops.mean(squares, (1, 2))) + self.epsilon)
            scale = inverse * gamma

            def gradient(*args: Tensor, upstream: Tensor = None) -> tuple[Tensor, Tensor, Tensor]:
                dy = args[0] if upstream is None else upstream  # a keyword on PyTorch only
                _, height, width, _ = ops.shape(x)
                count = ops.cast(height * width, x.dtype)
                sum_dy, sum_dy_x = ops.sum(dy, (1, 2)), ops.sum(dy * x, (1, 2))
                d_gamma = inverse * (sum_dy_x - mean * sum_dy)  # Σ dy · (x − mean) / deviation
                along_x = inverse**2 * over_group(d_gamma * gamma) / count
                level = inverse * over_group(sum_dy * gamma) / count - along_x * mean
                dx = dy * per_pixel(scale) - x * per_pixel(along_x) - per_pixel(level)
                return dx, ops.sum(d_gamma, 0), ops.sum(sum_dy, 0)

            return x * per_pixel(scale) + per_pixel(beta - mean * scale), gradient

        # Means are computed in float32, even in half precision.
        x, gamma, beta = (ops.cast(each, "float32") for each in (inputs, self.gamma, self.beta))
        return ops.cast(normalized(x, gamma, beta), inputs.dtype)
