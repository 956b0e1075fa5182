"""The blocks that both networks are built from. Each takes a tensor and returns a tensor.

At inference, a photo's color never depends on the rest of its batch. On a 1×1 map instance
normalization would output a constant, so the blocks can leave it out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from colorlab.backend import layers
from colorlab.model.fused import GroupNormalization

Tensor = Any
Norm = Callable[[Tensor], Tensor]


def instance_norm(x: Tensor) -> Tensor:
    """(N, H, W, C) → the same: each photo's channels at mean 0, variance 1, scaled, shifted.

    It is group normalization with one group per channel.

    Source: Ulyanov et al. 2016, arXiv 1607.08022.
    """
    return GroupNormalization(groups=-1, epsilon=1e-5)(x)


def group_norm(x: Tensor) -> Tensor:
    """(N, H, W, C) → the same: each photo's channels at mean 0, variance 1 in groups of sixteen.

    Within a group, some channels stay stronger than others, which tells what kind of scene the
    photo shows. Instance normalization removes this information.

    Source: Wu and He 2018, arXiv 1803.08494.
    """
    return GroupNormalization(groups=max(1, x.shape[-1] // 16), epsilon=1e-5)(x)


def batch_norm(x: Tensor) -> Tensor:
    """(N, H, W, C) → the same: each channel at mean 0, variance 1 over the batch, scaled, shifted.

    At inference it uses the mean and variance collected in training, so that a photo's color does
    not depend on the rest of its batch.

    Source: Ioffe and Szegedy 2015, arXiv 1502.03167.
    """
    # With Keras's 0.99, the statistics would lag behind the weights in a short fine-tuning.
    return layers.BatchNormalization(momentum=0.9)(x)


def convolve(
    x: Tensor, filters: int, size: int, *, strides: int = 1, norm: Norm | None = instance_norm
) -> Tensor:
    """(N, H, W, C) → (N, H/strides, W/strides, filters): convolution, then normalization.

    With a normalization, the convolution has no bias: the normalization has its own. Batch and
    instance normalization would subtract it again; group normalization would not quite.
    """
    x = layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=norm is None,
        kernel_initializer="he_normal",
    )(x)
    return norm(x) if norm else x


def down(x: Tensor, filters: int, *, norm: Norm | None = instance_norm) -> Tensor:
    """(N, H, W, C) → (N, H/2, W/2, filters): 4×4 stride-2 convolution, leaky ReLU of slope 0.2."""
    return layers.LeakyReLU(0.2)(convolve(x, filters, 4, strides=2, norm=norm))


def up_transposed(x: Tensor, filters: int, *, dropout: float = 0.0) -> Tensor:
    """(N, H, W, C) → (N, 2H, 2W, filters) as in pix2pix: transposed 4×4, norm, dropout, ReLU."""
    x = layers.Conv2DTranspose(
        filters, 4, strides=2, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = instance_norm(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return layers.ReLU()(x)


def up_merge(x: Tensor, skip: Tensor, filters: int, norm: Norm = group_norm) -> Tensor:
    """(N, H, W, C), skip (N, 2H, 2W, F) → (N, 2H, 2W, filters): narrow, enlarge, merge.

    Narrowing before enlarging costs a quarter as much as narrowing after it. Nearest-neighbor
    enlargement with a 3×3 convolution leaves no checkerboard pattern (Odena et al. 2016,
    distill.pub/2016/deconv-checkerboard).
    """
    x = layers.Conv2D(filters, 1)(x)
    x = layers.Concatenate()([layers.UpSampling2D(2)(x), skip])
    return layers.ReLU()(convolve(x, filters, 3, norm=norm))


def bottleneck(x: Tensor, norm: Norm = group_norm) -> Tensor:
    """(N, H, W, C) → the same shape: x plus the output of 1×1, 3×3 and 1×1 convolutions.

    The 3×3 convolution works on half of the channels, so the three cost a fifth of two 3×3
    convolutions on all of them. `squeeze_excite` weights each channel of their output before it is
    added.

    Source: He et al. 2015, arXiv 1512.03385, figure 5.
    """
    filters = x.shape[-1]
    y = layers.ReLU()(convolve(x, filters // 2, 1, norm=norm))
    y = layers.ReLU()(convolve(y, filters // 2, 3, norm=norm))
    y = squeeze_excite(convolve(y, filters, 1, norm=norm))
    return layers.ReLU()(layers.Add()([x, y]))


def convolve_relu6(x: Tensor, filters: int, size: int, *, strides: int = 1) -> Tensor:
    """(N, H, W, C) → (N, H/strides, W/strides, filters): convolution, batch norm, clip to [0, 6].

    Source: Sandler et al. 2018, arXiv 1801.04381, also for the two blocks below.
    """
    return layers.ReLU(6.0)(convolve(x, filters, size, strides=strides, norm=batch_norm))


def inverted_residual(x: Tensor, filters: int, *, strides: int = 1, expansion: int = 6) -> Tensor:
    """(N, H, W, C) → (N, H/strides, W/strides, filters): widen, filter each channel, narrow.

    A 1×1 convolution widens to `expansion` times the channels, a 3×3 depthwise convolution works on
    each channel alone, and a 1×1 convolution without ReLU narrows to `filters`. If the shape stays
    the same, x is added.
    """
    y = convolve_relu6(x, expansion * x.shape[-1], 1) if expansion > 1 else x
    y = layers.DepthwiseConv2D(
        3, strides=strides, padding="same", use_bias=False, depthwise_initializer="he_normal"
    )(y)
    y = convolve(layers.ReLU(6.0)(batch_norm(y)), filters, 1, norm=batch_norm)
    return layers.Add()([x, y]) if strides == 1 and filters == x.shape[-1] else y


def up_merge_relu6(x: Tensor, skip: Tensor, filters: int) -> Tensor:
    """(N, H, W, C), skip (N, 2H, 2W, F) → (N, 2H, 2W, filters): `up_merge` by `convolve_relu6`."""
    x = layers.UpSampling2D(2)(convolve_relu6(x, filters, 1))
    return convolve_relu6(layers.Concatenate()([x, skip]), filters, 3)


def squeeze_excite(x: Tensor) -> Tensor:
    """(N, H, W, C) → the same shape: each channel times a weight in (0, 1).

    The weights come from the channels' means over the whole photo. So an object in one place (a
    boat) can influence the color everywhere else (water).

    Source: Hu et al. 2018, arXiv 1709.01507.
    """
    filters = x.shape[-1]
    mean = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weight = layers.Conv2D(filters // 8, 1, activation="relu")(mean)
    weight = layers.Conv2D(filters, 1, activation="sigmoid")(weight)
    return layers.Multiply()([x, weight])
