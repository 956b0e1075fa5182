"""RGB ⇄ (gray, chroma): what the generator is given, and what it must say.

A photo is taken apart in HSV. Its light is *given*, as one gray channel; its color is *learned*, as
two chroma channels:

    gray, chroma = encode(rgb)          # (..., H, W, 1) and (..., H, W, 2)
    rgb = decode(gray, chroma)          # the same photo again, to 1/255

Every function works on NumPy arrays (and then needs no TensorFlow) and on tensors of any Keras
backend, for any leading shape, inside a compiled step, and has finite gradients everywhere.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, Literal, Protocol

import numpy as np

from colorlab.errors import ColorlabError

Array = Any  # a NumPy array or a tensor: the two share no type that a checker could name
Gray = Literal["value", "luma"]

LUMA = (0.299, 0.587, 0.114)  # Rec. 601, what JPEG and black-and-white conversions use
# Full warmth moves colors so far toward orange, hue 30°: as polar chroma, a quarter of the disk.
WARM = (0.25 * math.cos(math.radians(30)), 0.25 * math.sin(math.radians(30)))


class ChromaSpace(Protocol):
    """How hue h and saturation s, both in [0, 1], become the two numbers of a chroma.

    Hue 1 is hue 0 again, red. Only rounding makes it: of an angle that is hardly below 0.
    """

    @staticmethod
    def from_hue_saturation(h: Array, s: Array) -> Array:
        """(..., H, W) twice → chroma (..., H, W, 2)."""

    @staticmethod
    def to_hue_saturation(chroma: Array) -> tuple[Array, Array]:
        """Chroma (..., H, W, 2), any real numbers → h and s in [0, 1]."""


class PolarChroma:
    """Chroma as a point of the unit disk: (s·cos 2πh, s·sin 2πh).

    Hue is an angle: 350° and 10° are neighbors here, their mean is 0°. "No idea" is (0, 0), gray.
    """

    @staticmethod
    def from_hue_saturation(h: Array, s: Array) -> Array:
        """(..., H, W) twice → chroma (..., H, W, 2) in the unit disk."""
        ops = _namespace(h)
        return ops.stack([s * ops.cos(2 * math.pi * h), s * ops.sin(2 * math.pi * h)], axis=-1)

    @staticmethod
    def to_hue_saturation(chroma: Array) -> tuple[Array, Array]:
        """Chroma (..., H, W, 2) → h and s in [0, 1]; a point outside the disk has s = 1."""
        ops = _namespace(chroma)
        x, y = chroma[..., 0], chroma[..., 1]
        colored = x * x + y * y > 1e-12
        # At gray neither the angle nor the root has a derivative: there, send both a constant.
        safe_x, safe_y = ops.where(colored, x, 1.0), ops.where(colored, y, 0.0)
        turn = ops.arctan2(safe_y, safe_x) / (2 * math.pi)
        h = ops.where(turn < 0, turn + 1.0, turn)  # a remainder takes several times as long
        s = ops.where(colored, ops.sqrt(safe_x * safe_x + safe_y * safe_y), 0.0)
        return h, ops.minimum(s, 1.0)


class HueSaturation:
    """Chroma as the original had it: (h, s). Its seam at red (h = 0 = 1) is lesson 01's story."""

    @staticmethod
    def from_hue_saturation(h: Array, s: Array) -> Array:
        """(..., H, W) twice → chroma (..., H, W, 2) in [0, 1]."""
        return _namespace(h).stack([h, s], axis=-1)

    @staticmethod
    def to_hue_saturation(chroma: Array) -> tuple[Array, Array]:
        """Chroma (..., H, W, 2) → h and s in [0, 1]; hue wraps, saturation is clipped."""
        ops = _namespace(chroma)
        return ops.mod(chroma[..., 0], 1.0), ops.clip(chroma[..., 1], 0.0, 1.0)


def value(rgb: Array) -> Array:
    """HSV's value, max(R, G, B): (..., H, W, 3) in [0, 1] → (..., H, W, 1) in [0, 1]."""
    ops = _namespace(rgb)
    return ops.maximum(ops.maximum(rgb[..., 0:1], rgb[..., 1:2]), rgb[..., 2:3])


def luma(rgb: Array) -> Array:
    """Rec. 601 luma, 0.299 R + 0.587 G + 0.114 B: (..., H, W, 3) in [0, 1] → (..., H, W, 1)."""
    r, g, b = LUMA
    return r * rgb[..., 0:1] + g * rgb[..., 1:2] + b * rgb[..., 2:3]


def encode(
    rgb: Array, *, keep: Gray = "value", space: type[ChromaSpace] = PolarChroma
) -> tuple[Array, Array]:
    """Take colors apart into the light that is given and the color that is learned.

    Args:
        rgb: (..., H, W, 3) float32 in [0, 1], array or tensor.
        keep: which gray stands for the light: "value", max(R, G, B), or "luma".
        space: how the chroma is written down: PolarChroma or HueSaturation.

    Returns:
        gray (..., H, W, 1) float32 in [0, 1], and chroma (..., H, W, 2) float32. The chroma is that
        of HSV and does not depend on `keep`.

    Raises:
        ColorlabError: if `keep` is neither of the two, the last axis is not 3 long, or rgb holds
            integers.

    Source: A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978 (the hexcone model, HSV).

    >>> gray, chroma = encode(np.array([[[0.8, 0.4, 0.4]]]))  # a pale red, hue 0°, s = 0.5
    >>> gray.tolist(), chroma.tolist()
    ([[[0.8]]], [[[0.5, 0.0]]])
    """
    _check(keep, rgb, "rgb", channels=3)
    ops = _namespace(rgb)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    v = ops.maximum(ops.maximum(r, g), b)
    spread = v - ops.minimum(ops.minimum(r, g), b)
    # Black has no saturation and gray no hue: dividing by 1 there keeps both 0, gradients too.
    s = spread / ops.where(v > 0, v, 1.0)
    safe = ops.where(spread > 0, spread, 1.0)
    sixth = ops.where(
        v == r, (g - b) / safe, ops.where(v == g, 2.0 + (b - r) / safe, 4.0 + (r - g) / safe)
    )
    h = ops.mod(sixth / 6.0, 1.0)
    gray = luma(rgb) if keep == "luma" else v[..., None]
    return gray, space.from_hue_saturation(h, s)


def decode(
    gray: Array, chroma: Array, *, keep: Gray = "value", space: type[ChromaSpace] = PolarChroma
) -> Array:
    """Put light and color together again, without changing the light.

    With `keep="value"` this is plain HSV → RGB with v = gray. With `keep="luma"` it looks for the
    color of hue h whose *luma* is gray. Luma is linear in v, luma(v, h, s) = v·(1 − s·(1 − L)) with
    L = luma(1, h, 1), so v follows by one division. Where v would exceed 1 no such color exists:
    there v = 1, and s is lowered just enough.

    Args:
        gray: (..., H, W, 1) float32 in [0, 1].
        chroma: (..., H, W, 2) float32; points outside the space's range are brought back into it.
        keep: what `gray` is, and so what the result keeps: "value" or "luma".
        space: how the chroma is written down: PolarChroma or HueSaturation.

    Returns:
        rgb (..., H, W, 3) float32 in [0, 1], with value(rgb), or luma(rgb), equal to gray.

    Raises:
        ColorlabError: if `keep` is neither of the two, a last axis is not 1 and 2 long, or either
            holds integers.

    >>> decode(np.array([[[0.8]]]), np.array([[[-0.5, 0.0]]])).round(3).tolist()  # hue 180°, cyan
    [[[0.4, 0.8, 0.8]]]
    """
    _check(keep, gray, "gray", channels=1)
    _check(keep, chroma, "chroma", channels=2)
    ops = _namespace(chroma)
    v = gray[..., 0]
    h, s = space.to_hue_saturation(chroma)
    pure = _pure_color(ops, h)
    if keep == "luma":
        # 1 − L, from 0.114 (yellow) to 0.886 (blue): never 0
        dimming = 1.0 - sum(share * channel for share, channel in zip(LUMA, pure, strict=True))
        s = ops.minimum(s, (1.0 - v) / dimming)
        v = v / (1.0 - s * dimming)
    return ops.stack([v * (1.0 - s * (1.0 - channel)) for channel in pure], axis=-1)


def adjust(
    chroma: Array,
    *,
    strength: float = 1.0,
    hue_shift: float = 0.0,
    saturation: float = 1.0,
    warmth: float = 0.0,
) -> Array:
    """Change a polar chroma as the widget's sliders do, in this order.

    Args:
        chroma: (..., H, W, 2) float32, PolarChroma.
        strength: factor on the saturation, 0 or more: 0 leaves gray, 2 is 200 %.
        hue_shift: degrees by which every hue is turned; any number, 360 is a full turn.
        saturation: a gamma, above 0: s becomes s^(1/saturation), so that pale color is lifted
            (above 1) or lowered (below 1) more than strong color.
        warmth: from -1 to 1: all colors, gray too, move toward orange, or away from it to blue. A
            gray becomes an orange of s = 0.25 at 1, and a blue at -1, its light unchanged.

    Returns:
        chroma (..., H, W, 2) float32 in the unit disk.

    Raises:
        ColorlabError: if `strength` is negative, `saturation` is not above 0, or `warmth` is not in
            its range.

    >>> adjust(np.array([[[0.5, 0.0]]]), hue_shift=90, strength=1.2).round(3).tolist()
    [[[0.0, 0.6]]]
    """
    _check("value", chroma, "chroma", channels=2)
    if not strength >= 0:
        raise ColorlabError(f"strength is {strength}; expected 0 (gray) or more, 1 for unchanged.")
    if not saturation > 0:
        raise ColorlabError(f"saturation is {saturation}; expected above 0, 1 for unchanged.")
    if not -1 <= warmth <= 1:
        raise ColorlabError(f"warmth is {warmth}; expected -1 (cool) to 1 (warm), 0 for unchanged.")
    h, s = PolarChroma.to_hue_saturation(chroma)
    s = _namespace(chroma).minimum(strength * s ** (1.0 / saturation), 1.0)
    turned = PolarChroma.from_hue_saturation(h + hue_shift / 360.0, s)
    tinted = turned + np.float32(warmth) * np.asarray(WARM, np.float32)
    return PolarChroma.from_hue_saturation(*PolarChroma.to_hue_saturation(tinted))


def _namespace(x: Array) -> ModuleType:
    """NumPy for arrays, keras.ops for tensors: all that is used here has one name in both."""
    if isinstance(x, np.ndarray | np.generic):
        return np
    from colorlab.backend import ops

    return ops  # type: ignore[no-any-return]


def _pure_color(ops: ModuleType, h: Array) -> tuple[Array, Array, Array]:
    """R, G and B, each of h's shape, of the color of hue h in [0, 1], at full value and saturation.

    Each is 1 within a sixth of a turn of its own hue (0, 1/3, 2/3), and 0 beyond two.
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
