"""Turn color photos into the gray inputs of training and their true chroma."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from colorlab.backend import keras, ops
from colorlab.color.encoding import ColorSpace, PolarChroma, luma, value

Tensor = Any
Draw = Callable[..., Tensor]


def aged(
    gray: Tensor,
    *,
    seed: keras.random.SeedGenerator,
    uniform: Draw = keras.random.uniform,
    normal: Draw = keras.random.normal,
) -> Tensor:
    """(N, H, W, 1) in [0, 1] → the same, a third of them flat, soft and grainy like old prints."""
    each = (ops.shape(gray)[0], 1, 1, 1)
    old = uniform(each, seed=seed) < 1.0 / 3.0
    contrast = uniform(each, 0.4, 1.0, seed=seed)
    darkest = uniform(each, seed=seed) * (1.0 - contrast)
    grain = uniform(each, 0.0, 0.03, seed=seed)
    soft = ops.average_pool(gray, 3, strides=1, padding="same", data_format="channels_last")
    noise = grain * normal(ops.shape(gray), seed=seed)
    return ops.where(old, ops.clip(darkest + contrast * soft + noise, 0.0, 1.0), gray)


def training_pair(
    rgb: Tensor,
    factor: int,
    *,
    seed: keras.random.SeedGenerator,
    space: ColorSpace = PolarChroma,
    age: Draw = aged,
    uniform: Draw = keras.random.uniform,
    normal: Draw = keras.random.normal,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Turn color photos into grays of several kinds, and return their color at the chroma's size.

    The gray is value for half of the photos, luma for a third, and a mix of both for the rest. A
    third of the grays are aged.

    Args:
        rgb: (N, H, W, 3), from 0 to 255, of any dtype; H and W are multiples of `factor`.
        factor: f, how many times smaller the generator's chroma is than its gray, along each side.
        seed: the seed generator for the random draws.
        space: the color space of the chroma.
        age: a function like `aged`, which makes some grays look like old prints.
        uniform, normal: functions like those of `keras.random`. `ColorGAN` passes its own, so that
            several devices draw the same numbers as one.

    Returns:
        Four float32 tensors: the generator's gray (N, H, W, 1) in [0, 1]; at the chroma's size, the
        same gray before aging, for a critic, and the photo's value, both (N, H/f, W/f, 1) in
        [0, 1]; and its chroma (N, H/f, W/f, 2) in that color space.
    """
    rgb = ops.cast(rgb, "float32") / 255.0
    u = uniform((ops.shape(rgb)[0], 1, 1, 1), seed=seed)
    mix = ops.clip(6.0 * (u - 0.5), 0.0, 1.0)
    gray = age(_mixed_gray(rgb, mix), seed=seed, uniform=uniform, normal=normal)
    small = ops.average_pool(rgb, factor, strides=factor, data_format="channels_last")
    return gray, _mixed_gray(small, mix), value(small), space.split(small)


def _mixed_gray(rgb: Tensor, mix: Tensor) -> Tensor:
    return (1.0 - mix) * value(rgb) + mix * luma(rgb)
