"""RGB ⇄ (gray, chroma): what the generator is given, and what it must predict.

A photo is split in HSV. Its brightness is *given*, as one gray channel; its color is *learned*, as
two chroma channels:

    gray, chroma = encode(rgb)          # (..., H, W, 1) and (..., H, W, 2)
    rgb = decode(gray, chroma)          # the same photo again, to 1/255

Every function works on NumPy arrays (and then needs no TensorFlow) and on tensors of any Keras
backend, with any leading shape, also inside a compiled step. Its gradients are finite everywhere.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from colorlab.errors import ColorlabError

Array = Any  # a NumPy array or a tensor: the two share no type that a checker could name
Gray = Literal["value", "luma"]

LUMA = (0.299, 0.587, 0.114)  # Rec. 601, which JPEG and black-and-white conversions use


class ColorSpace(Protocol):
    """How a photo's color is written as the two numbers per pixel that a generator predicts.

    Only the networks and their losses see these numbers. `Colorizer` turns them into polar chroma.
    """

    @property
    def name(self) -> str:
        """Its key in `spaces.SPACES`, or a name of your own."""

    def split(self, rgb: Array) -> Array:
        """rgb (..., H, W, 3) in [0, 1] → chroma (..., H, W, 2) in [-1, 1]."""

    def to_polar(self, gray: Array, chroma: Array, keep: Gray) -> Array:
        """The same color as PolarChroma (..., H, W, 2).

        Args:
            gray: (..., H, W, 1) in [0, 1].
            chroma: (..., H, W, 2), from `split` or from a generator.
            keep: which gray `gray` is, "value" or "luma".
        """

    def shown(self, gray: Array, chroma: Array) -> Array:
        """The chroma (..., H, W, 2) as a critic sees it, next to the gray (..., H, W, 1)."""

    def visibility(self, value: Array, chroma: Array) -> Array:
        """How much an error counts, (..., H, W), given the true value and the true chroma."""


class PolarChroma:
    """Chroma as a point in the unit disk: (s·cos 2πh, s·sin 2πh).

    Hue is an angle: 350° and 10° are neighbors here, and their mean is 0°. Gray, which also means
    "no idea", is (0, 0).
    """

    name: ClassVar[str] = "polar"

    @staticmethod
    def from_hue_saturation(h: Array, s: Array) -> Array:
        """h and s in [0, 1], (..., H, W) → chroma (..., H, W, 2) in the unit disk."""
        ops = namespace(h)
        return ops.stack([s * ops.cos(2 * math.pi * h), s * ops.sin(2 * math.pi * h)], axis=-1)

    @staticmethod
    def to_hue_saturation(chroma: Array) -> tuple[Array, Array]:
        """Chroma (..., H, W, 2) → h and s in [0, 1]; a point outside the disk has s = 1.

        Hue 1 is red, like hue 0. Only rounding produces it, from an angle just below 0.
        """
        ops = namespace(chroma)
        x, y = chroma[..., 0], chroma[..., 1]
        colored = x * x + y * y > 1e-12
        # At gray neither the angle nor the root has a derivative, so both get a constant there.
        safe_x, safe_y = ops.where(colored, x, 1.0), ops.where(colored, y, 0.0)
        turn = ops.arctan2(safe_y, safe_x) / (2 * math.pi)
        h = ops.where(turn < 0, turn + 1.0, turn)  # `mod` takes several times as long
        s = ops.where(colored, ops.sqrt(safe_x * safe_x + safe_y * safe_y), 0.0)
        return h, ops.minimum(s, 1.0)

    @staticmethod
    def split(rgb: Array) -> Array:
        """rgb (..., H, W, 3) in [0, 1] → chroma (..., H, W, 2) in the unit disk."""
        return PolarChroma.from_hue_saturation(*_hue_saturation(rgb))

    @staticmethod
    def to_polar(gray: Array, chroma: Array, keep: Gray) -> Array:
        """Return the chroma as it is: it is polar already."""
        return chroma

    @staticmethod
    def shown(gray: Array, chroma: Array) -> Array:
        """gray·chroma, the HSV cone: in the dark, saturation is noise that nobody sees."""
        return gray * chroma

    @staticmethod
    def visibility(value: Array, chroma: Array) -> Array:
        """max(value, 0.1)·(1 + 4·saturation), (..., H, W).

        Nobody sees color in the dark, but the floor of 0.1 lets the network learn it there, too.
        The second factor is needed because most pixels are nearly gray and would outvote the rest.
        """
        ops = namespace(chroma)
        saturation = ops.sqrt(ops.sum(ops.square(chroma), axis=-1))
        return ops.maximum(value[..., 0], 0.1) * (1.0 + 4.0 * saturation)


class HueSaturation:
    """Chroma as in Neural-Image-Colorization: (h, s).

    Hue jumps at red, where 0 and 1 are the same color. Lesson 01 shows what this leads to.
    """

    name: ClassVar[str] = "raw"

    @staticmethod
    def from_hue_saturation(h: Array, s: Array) -> Array:
        """h and s in [0, 1], (..., H, W) → chroma (..., H, W, 2) in [0, 1]."""
        return namespace(h).stack([h, s], axis=-1)

    @staticmethod
    def to_hue_saturation(chroma: Array) -> tuple[Array, Array]:
        """Chroma (..., H, W, 2) → h and s in [0, 1]; hue wraps, saturation is clipped."""
        ops = namespace(chroma)
        return ops.mod(chroma[..., 0], 1.0), ops.clip(chroma[..., 1], 0.0, 1.0)

    @staticmethod
    def split(rgb: Array) -> Array:
        """rgb (..., H, W, 3) in [0, 1] → chroma (..., H, W, 2) in [0, 1]."""
        return HueSaturation.from_hue_saturation(*_hue_saturation(rgb))

    @staticmethod
    def to_polar(gray: Array, chroma: Array, keep: Gray) -> Array:
        """The point in the disk at angle h and distance s."""
        return PolarChroma.from_hue_saturation(*HueSaturation.to_hue_saturation(chroma))

    @staticmethod
    def shown(gray: Array, chroma: Array) -> Array:
        """Hue and saturation, unchanged."""
        return chroma

    @staticmethod
    def visibility(value: Array, chroma: Array) -> Array:
        """As for PolarChroma: max(value, 0.1)·(1 + 4·saturation)."""
        return namespace(chroma).maximum(value[..., 0], 0.1) * (1.0 + 4.0 * chroma[..., 1])


def value(rgb: Array) -> Array:
    """HSV's value, max(R, G, B): (..., H, W, 3) in [0, 1] → (..., H, W, 1) in [0, 1]."""
    ops = namespace(rgb)
    return ops.maximum(ops.maximum(rgb[..., 0:1], rgb[..., 1:2]), rgb[..., 2:3])


def luma(rgb: Array) -> Array:
    """Rec. 601 luma, 0.299 R + 0.587 G + 0.114 B: (..., H, W, 3) in [0, 1] → (..., H, W, 1)."""
    r, g, b = LUMA
    return r * rgb[..., 0:1] + g * rgb[..., 1:2] + b * rgb[..., 2:3]


def encode(
    rgb: Array, *, keep: Gray = "value", space: ColorSpace = PolarChroma
) -> tuple[Array, Array]:
    """Split colors into the gray that is given and the chroma that is learned.

    Args:
        rgb: (..., H, W, 3) float32 in [0, 1], array or tensor.
        keep: which gray to return: "value", max(R, G, B), or "luma".
        space: the color space of the chroma: PolarChroma, HueSaturation, Lab, or one of your own.

    Returns:
        gray (..., H, W, 1) float32 in [0, 1], and chroma (..., H, W, 2) float32, which does not
        depend on `keep`.

    Raises:
        ColorlabError: if `keep` is neither of the two, the last axis does not have length 3, or
            rgb holds integers.

    Source: A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978 (the hexcone model, HSV).

    >>> gray, chroma = encode(np.array([[[0.8, 0.4, 0.4]]]))  # a pale red, hue 0°, s = 0.5
    >>> gray.tolist(), chroma.tolist()
    ([[[0.8]]], [[[0.5, 0.0]]])
    """
    _check(keep, rgb, "rgb", channels=3)
    return luma(rgb) if keep == "luma" else value(rgb), space.split(rgb)


def decode(
    gray: Array, chroma: Array, *, keep: Gray = "value", space: ColorSpace = PolarChroma
) -> Array:
    """Join gray and chroma into colors, without changing the gray.

    With `keep="value"` this is plain HSV → RGB with v = gray. With `keep="luma"` it finds the color
    of hue h and saturation s whose *luma* is gray. Luma is linear in v:
    luma(v, h, s) = v·(1 − s·(1 − L)) with L = luma(1, h, 1), so one division gives v. Where v would
    exceed 1, no such color exists: there v = 1, and s is lowered just enough.

    Args:
        gray: (..., H, W, 1) float32 in [0, 1].
        chroma: (..., H, W, 2) float32; points outside the space's range are brought back into it.
        keep: which gray `gray` is, "value" or "luma". The result keeps it.
        space: the color space of the chroma: PolarChroma, HueSaturation, Lab, or one of your own.

    Returns:
        rgb (..., H, W, 3) float32 in [0, 1], with value(rgb), or luma(rgb), equal to gray.

    Raises:
        ColorlabError: if `keep` is neither of the two, the last axes do not have lengths 1 and 2,
            or gray or chroma holds integers.

    >>> decode(np.array([[[0.8]]]), np.array([[[-0.5, 0.0]]])).round(3).tolist()  # hue 180°, cyan
    [[[0.4, 0.8, 0.8]]]
    """
    _check(keep, gray, "gray", channels=1)
    _check(keep, chroma, "chroma", channels=2)
    ops = namespace(chroma)
    v = gray[..., 0]
    h, s = PolarChroma.to_hue_saturation(space.to_polar(gray, chroma, keep))
    pure = _pure_color(ops, h)
    if keep == "luma":
        # 1 − L, from 0.114 (yellow) to 0.886 (blue): never 0
        dimming = 1.0 - sum(share * channel for share, channel in zip(LUMA, pure, strict=True))
        s = ops.minimum(s, (1.0 - v) / dimming)
        v = v / (1.0 - s * dimming)
    return ops.stack([v * (1.0 - s * (1.0 - channel)) for channel in pure], axis=-1)


def namespace(x: Array) -> ModuleType:
    """NumPy for arrays, keras.ops for tensors: the functions used here have one name in both."""
    if isinstance(x, np.ndarray | np.generic):
        return np
    from colorlab.backend import ops

    return ops  # type: ignore[no-any-return]


def _hue_saturation(rgb: Array) -> tuple[Array, Array]:
    """(..., H, W, 3) → HSV's h and s in [0, 1], (..., H, W)."""
    ops = namespace(rgb)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    v = ops.maximum(ops.maximum(r, g), b)
    spread = v - ops.minimum(ops.minimum(r, g), b)
    # Black has no saturation and gray has no hue. Dividing by 1 there keeps both 0 and their
    # gradients finite.
    s = spread / ops.where(v > 0, v, 1.0)
    safe = ops.where(spread > 0, spread, 1.0)
    sixth = ops.where(
        v == r, (g - b) / safe, ops.where(v == g, 2.0 + (b - r) / safe, 4.0 + (r - g) / safe)
    )
    return ops.mod(sixth / 6.0, 1.0), s


def _pure_color(ops: ModuleType, h: Array) -> tuple[Array, Array, Array]:
    """The R, G and B of hue h in [0, 1] at full value and saturation, each of h's shape.

    Each channel is 1 up to a sixth of a turn from its own hue (0, 1/3, 2/3), and 0 beyond two
    sixths.
    """
    sixths = 6.0 * h
    red = ops.abs(sixths - 3.0) - 1.0
    green, blue = 2.0 - ops.abs(sixths - 2.0), 2.0 - ops.abs(sixths - 4.0)
    return ops.clip(red, 0.0, 1.0), ops.clip(green, 0.0, 1.0), ops.clip(blue, 0.0, 1.0)


def _check(keep: str, x: Array, name: str, channels: int) -> None:
    if keep not in ("value", "luma"):
        raise ColorlabError(f'keep is {keep!r}; expected "value" or "luma".')
    if x.shape[-1] != channels:
        raise ColorlabError(
            f"{name} has shape {tuple(x.shape)}; expected its last axis to be {channels} long."
        )
    if "int" in str(x.dtype):
        raise ColorlabError(f"{name} is {x.dtype}; expected float32, 0 to 255 divided by 255.")
