"""The color spaces by name, and Lab, which most other colorizers predict."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from colorlab.color.encoding import (
    Array,
    ColorSpace,
    Gray,
    HueSaturation,
    PolarChroma,
    luma,
    namespace,
    value,
)
from colorlab.errors import ColorlabError

# Linear sRGB → XYZ, scaled so that the D65 white is (1, 1, 1), and back (IEC 61966-2-1).
_TO_XYZ = np.array(
    [
        [0.433953, 0.376219, 0.189828],
        [0.212671, 0.715160, 0.072169],
        [0.017757, 0.109469, 0.872704],
    ],
    np.float32,
)
_FROM_XYZ = np.linalg.inv(_TO_XYZ)
_FARTHEST = 134.0  # sRGB's blue is 133.8 from gray, and no other sRGB color is that far
_HALVINGS = 20  # bisection steps that find a lightness


class Lab:
    """Chroma as CIELAB's (a*, b*) / 134, a point in the unit disk.

    Equal distances look about equally different, whether the colors are dark or bright. But the
    possible a* and b* depend on the lightness L*, and the given gray is not L*: to join gray and
    chroma, L* has to be found first.

    Source: CIE 15:2004, section 8.2.1; the white is D65, as in scikit-image.
    """

    name: ClassVar[str] = "lab"

    @staticmethod
    def split(rgb: Array) -> Array:
        """rgb (..., H, W, 3) in [0, 1] → chroma (..., H, W, 2) in the unit disk."""
        ops = namespace(rgb)
        linear = ops.where(
            rgb > 0.04045, (ops.maximum(rgb, 0.04045) / 1.055 + 0.055 / 1.055) ** 2.4, rgb / 12.92
        )
        xyz = ops.matmul(linear, _TO_XYZ.T)
        # Near black a line replaces the cube root, so that the slope stays finite.
        f = ops.where(
            xyz > 0.008856, ops.maximum(xyz, 0.008856) ** (1.0 / 3.0), 7.787 * xyz + 16.0 / 116.0
        )
        fx, fy, fz = f[..., 0], f[..., 1], f[..., 2]
        return ops.stack([500.0 * (fx - fy), 200.0 * (fy - fz)], axis=-1) / _FARTHEST

    @staticmethod
    def to_polar(gray: Array, chroma: Array, keep: Gray) -> Array:
        """The color with this a* and b* whose value, or luma, equals the gray, as PolarChroma.

        Value and luma grow with the lightness, so bisection between black and white finds it. A
        color outside sRGB is clipped.
        """
        ops = namespace(chroma)
        own = luma if keep == "luma" else value
        low = ops.zeros_like(gray + chroma[..., :1])
        high = ops.ones_like(low)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            # Rounding can leave a full channel just below 1, whatever the lightness.
            darker = own(_rgb(middle, chroma)) < gray - 1e-6
            low, high = ops.where(darker, middle, low), ops.where(darker, high, middle)
        return PolarChroma.split(_rgb(0.5 * (low + high), chroma))

    @staticmethod
    def shown(gray: Array, chroma: Array) -> Array:
        """(a*, b*) unchanged: in the dark it is small anyway."""
        return chroma

    @staticmethod
    def visibility(value: Array, chroma: Array) -> Array:
        """`1 + 4·|chroma|`, (..., H, W).

        Equal distances are equally visible, but most pixels are nearly gray and would outvote the
        rest.
        """
        ops = namespace(chroma)
        return 1.0 + 4.0 * ops.sqrt(ops.sum(ops.square(chroma), axis=-1))


SPACES: dict[str, ColorSpace] = {space.name: space for space in (PolarChroma, HueSaturation, Lab)}


def get(space: str | ColorSpace) -> ColorSpace:
    """The color space with that name, or `space` itself if it is one.

    Raises:
        ColorlabError: if there is none with that name. The message lists all names.
    """
    if not isinstance(space, str):
        return space
    if space not in SPACES:
        raise ColorlabError(
            f"No color space {space!r}; choose one of {', '.join(SPACES)}, or pass one of your own."
        )
    return SPACES[space]


def _rgb(lightness: Array, chroma: Array) -> Array:
    """L*/100 (..., H, W, 1) and (a*, b*)/134 → rgb (..., H, W, 3), clipped to [0, 1]."""
    ops = namespace(chroma)
    fy = (100.0 * lightness[..., 0] + 16.0) / 116.0
    a, b = _FARTHEST * chroma[..., 0], _FARTHEST * chroma[..., 1]
    f = ops.stack([fy + a / 500.0, fy, fy - b / 200.0], axis=-1)
    xyz = ops.where(f > 0.2068966, f * f * f, (f - 16.0 / 116.0) / 7.787)
    linear = ops.clip(ops.matmul(xyz, _FROM_XYZ.T), 0.0, 1.0)
    bent = 1.055 * ops.maximum(linear, 0.0031308) ** (1.0 / 2.4) - 0.055
    return ops.where(linear > 0.0031308, bent, 12.92 * linear)
