"""The adjustments that a user can make to the predicted color.

Each `Adjustment` is a slider in the photo lab, a keyword of `Colorizer.colorize`, an option of
`colorlab colorize`, and a number in the settings that the lab saves. To add one, add an entry here
and, if the page draws it, a formula with the same name in `paint.js`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colorlab.color.encoding import Array, PolarChroma, namespace
from colorlab.errors import ColorlabError

# Full warmth shifts polar chroma by a quarter of the disk's radius toward orange, hue 30°.
WARM = np.array([0.25 * math.cos(math.radians(30)), 0.25 * math.sin(math.radians(30))], np.float32)


@dataclass(frozen=True)
class Adjustment:
    """One adjustment and its slider.

    Attributes:
        name: the keyword.
        label: the slider's label, with its unit.
        scale: how many of the slider's units make 1.
        least, most: the ends of the slider, in its units.
        neutral: the number that changes nothing.
        help: one line that says what it does.
        expected: the allowed numbers, in words.
        allows: whether a number is allowed.
        change: PolarChroma (..., H, W, 2), confidence (..., H, W, 1), number → PolarChroma.
    """

    name: str
    label: str
    scale: int
    least: int
    most: int
    neutral: float
    help: str
    expected: str
    allows: Callable[[float], bool]
    change: Callable[[Array, Array, float], Array]


def _fade(chroma: Array, confidence: Array, number: float) -> Array:
    return chroma * (1.0 - number * (1.0 - confidence))


def _saturation(chroma: Array, confidence: Array, number: float) -> Array:
    h, s = PolarChroma.to_hue_saturation(chroma)
    return PolarChroma.from_hue_saturation(h, s ** (1.0 / number))


def _strength(chroma: Array, confidence: Array, number: float) -> Array:
    return in_disk(number * chroma)


def _hue_shift(chroma: Array, confidence: Array, number: float) -> Array:
    cos, sin = math.cos(math.radians(number)), math.sin(math.radians(number))
    x, y = chroma[..., 0], chroma[..., 1]
    return namespace(chroma).stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def _warmth(chroma: Array, confidence: Array, number: float) -> Array:
    return in_disk(chroma + np.float32(number) * WARM)


# `adjust` applies them in this order.
ADJUSTMENTS = {
    each.name: each
    for each in (
        Adjustment(
            "fade",
            "Fade unsure color, %",
            scale=100,
            least=0,
            most=100,
            neutral=0.0,
            help="Make color pale where the network is not sure, from 0 to 1.",
            expected="0 (nothing fades) to 1",
            allows=lambda number: 0 <= number <= 1,
            change=_fade,
        ),
        Adjustment(
            "saturation",
            "Saturation, %",
            scale=100,
            least=50,
            most=200,
            neutral=1.0,
            help="Lift pale color (above 1) or lower it (below 1) more than strong color.",
            expected="above 0, 1 for unchanged",
            allows=lambda number: number > 0,
            change=_saturation,
        ),
        Adjustment(
            "strength",
            "Color strength, %",
            scale=100,
            least=0,
            most=200,
            neutral=1.0,
            help="Multiply all color by a number: 0 leaves gray, 2 is twice as strong.",
            expected="0 (gray) or more, 1 for unchanged",
            allows=lambda number: number >= 0,
            change=_strength,
        ),
        Adjustment(
            "hue_shift",
            "Hue shift, degrees",
            scale=1,
            least=-180,
            most=180,
            neutral=0.0,
            help="Turn every hue by so many degrees.",
            expected="a number of degrees",
            allows=math.isfinite,
            change=_hue_shift,
        ),
        Adjustment(
            "warmth",
            "Warmth, %",
            scale=100,
            least=-100,
            most=100,
            neutral=0.0,
            help="Move all colors toward orange (up to 1) or toward blue (down to -1).",
            expected="-1 (cool) to 1 (warm), 0 for unchanged",
            allows=lambda number: -1 <= number <= 1,
            change=_warmth,
        ),
    )
}


def adjust(chroma: Array, confidence: Array | float = 1.0, **numbers: float) -> Array:
    """Adjust a polar chroma as the photo lab's sliders do.

    Args:
        chroma: (..., H, W, 2) float32, PolarChroma.
        confidence: (..., H, W, 1) float32 in [0, 1], as in a `Guess`. Only `fade` uses it.
        numbers: a number for each name in ADJUSTMENTS, applied in its order.

            - `fade`, 0 to 1: each color is multiplied by 1 - fade·(1 - confidence).
            - `saturation`, above 0: a gamma. s becomes s^(1/saturation), which raises (above 1) or
              lowers (below 1) pale color more than strong color.
            - `strength`, 0 or more: a factor on the saturation. 0 leaves gray, 2 is 200 %.
            - `hue_shift`: the number of degrees by which every hue is turned.
            - `warmth`, -1 to 1: all colors, even gray, move toward orange (above 0) or blue (below
              0). At 1 gray becomes an orange of s = 0.25, and at -1 a blue, both as bright as the
              gray was.

    Returns:
        chroma (..., H, W, 2) float32 in the unit disk.

    Raises:
        ColorlabError: if there is no adjustment of that name, or its number is not allowed.

    >>> adjust(np.array([[[0.5, 0.0]]]), hue_shift=90, strength=1.2).round(3).tolist()
    [[[0.0, 0.6]]]
    """
    check_adjustments(numbers)
    chroma = in_disk(chroma)
    for name, each in ADJUSTMENTS.items():
        if (number := numbers.get(name, each.neutral)) != each.neutral:
            chroma = each.change(chroma, confidence, number)
    return chroma


def check_adjustments(numbers: dict[str, float]) -> None:
    """Refuse an unknown name and a number that is not allowed, as `adjust` does."""
    for name, number in numbers.items():
        if name not in ADJUSTMENTS:
            raise ColorlabError(f"No setting {name!r}; expected one of {', '.join(ADJUSTMENTS)}.")
        if not ADJUSTMENTS[name].allows(number):
            raise ColorlabError(f"{name} is {number}; expected {ADJUSTMENTS[name].expected}.")


def in_disk(chroma: Array) -> Array:
    """Move points outside the unit disk to its rim."""
    ops = namespace(chroma)
    square = ops.sum(chroma * chroma, axis=-1, keepdims=True)
    return chroma / ops.sqrt(ops.maximum(square, 1.0))
