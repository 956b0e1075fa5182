"""The blocks that both networks are built from. Each takes a tensor and returns a tensor.

Normalization is instance normalization (Ulyanov et al. 2016, arXiv 1607.08022): each photo, each
channel by itself, so that a photo's color never depends on its batch. It is Keras's own layer, one
group a channel. On a 1×1 map it would output a constant, so the blocks can leave it out.
"""

from __future__ import annotations

from typing import Any

from colorlab.backend import layers

Tensor = Any


def instance_norm(x: Tensor) -> Tensor:
    """(N, H, W, C) → the same: each photo's channels at mean 0, variance 1, scaled, shifted."""
    return layers.GroupNormalization(groups=-1, epsilon=1e-5)(x)


def convolve(
    x: Tensor, filters: int, size: int, *, strides: int = 1, normalize: bool = True
) -> Tensor:
    """(N, H, W, C) → (N, H/strides, W/strides, filters): convolution, then normalization.

    The bias is left out where the normalization, which has its own, would subtract it again.
    """
    x = layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=not normalize,
        kernel_initializer="he_normal",
    )(x)
    return instance_norm(x) if normalize else x


def down(x: Tensor, filters: int, *, normalize: bool = True) -> Tensor:
    """(N, H, W, C) → (N, H/2, W/2, filters): 4×4 stride-2 convolution, leaky ReLU of slope 0.2."""
    return layers.LeakyReLU(0.2)(convolve(x, filters, 4, strides=2, normalize=normalize))


def up_transposed(x: Tensor, filters: int, *, dropout: float = 0.0) -> Tensor:
    """(N, H, W, C) → (N, 2H, 2W, filters) as in pix2pix: transposed 4×4, dropout, ReLU."""
    x = layers.Conv2DTranspose(
        filters, 4, strides=2, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = instance_norm(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return layers.ReLU()(x)


def up_merge(x: Tensor, skip: Tensor, filters: int) -> Tensor:
    """(N, H, W, C), skip (N, 2H, 2W, F) → (N, 2H, 2W, filters): narrow, enlarge, merge.

    Narrowing before the enlargement costs a quarter of narrowing after it. Nearest neighbor, then
    3×3, leaves no checkerboard (Odena et al. 2016, distill.pub/2016/deconv-checkerboard).
    """
    x = layers.Conv2D(filters, 1)(x)
    x = layers.Concatenate()([layers.UpSampling2D(2)(x), skip])
    return layers.ReLU()(convolve(x, filters, 3))


def residual(x: Tensor) -> Tensor:
    """(N, H, W, C) → the same shape: x plus two 3×3 convolutions of it (arXiv 1512.03385)."""
    filters = x.shape[-1]
    y = layers.ReLU()(convolve(x, filters, 3))
    return layers.Add()([x, convolve(y, filters, 3)])
