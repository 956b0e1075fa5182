"""What can be changed about a color that the network found.

Each `Adjustment` is one slider of the photo lab, one keyword of `Colorizer.colorize`, one option of
`colorlab colorize`, and one number of the settings that the lab saves. A new one is an entry here
and, where the page draws it, a formula of the same name in `canvas.js`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colorlab.color.encoding import Array, PolarChroma, namespace
from colorlab.errors import ColorlabError

# Full warmth moves colors so far toward orange, hue 30°: as polar chroma, a quarter of the disk.
WARM = np.array([0.25 * math.cos(math.radians(30)), 0.25 * math.sin(math.radians(30))], np.float32)


@dataclass(frozen=True)
class Adjustment:
    """One change.

    Attributes:
        name: the keyword.
        label: what a slider of it says, with its unit.
        scale: how many of a slider's units are 1.
        least, most: the ends of the slider, in its units.
        neutral: the number that changes nothing.
        help: what it does, as one line.
        expected: which numbers are allowed, in words.
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
    return _in_disk(number * chroma)


def _hue_shift(chroma: Array, confidence: Array, number: float) -> Array:
    cos, sin = math.cos(math.radians(number)), math.sin(math.radians(number))
    x, y = chroma[..., 0], chroma[..., 1]
    return namespace(chroma).stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def _warmth(chroma: Array, confidence: Array, number: float) -> Array:
    return _in_disk(chroma + np.float32(number) * WARM)


# In the order in which they are made.
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
    """Change a polar chroma as the photo lab's sliders do.

    Args:
        chroma: (..., H, W, 2) float32, PolarChroma.
        confidence: (..., H, W, 1) float32 in [0, 1], as of a `Guess`. Only `fade` asks for it.
        numbers: for names in ADJUSTMENTS, made in its order.

            - `fade`, 0 to 1: each color is multiplied by 1 - fade·(1 - confidence).
            - `saturation`, above 0: a gamma. s becomes s^(1/saturation), so that pale color is
              lifted (above 1) or lowered (below 1) more than strong color.
            - `strength`, 0 or more: a factor on the saturation. 0 leaves gray, 2 is 200 %.
            - `hue_shift`: degrees by which every hue is turned.
            - `warmth`, -1 to 1: all colors, gray too, move toward orange, or away from it to blue.
              A gray becomes an orange of s = 0.25 at 1, and a blue at -1, its light unchanged.

    Returns:
        chroma (..., H, W, 2) float32 in the unit disk.

    Raises:
        ColorlabError: if there is no adjustment of a name, or its number is not allowed.

    >>> adjust(np.array([[[0.5, 0.0]]]), hue_shift=90, strength=1.2).round(3).tolist()
    [[[0.0, 0.6]]]
    """
    check_adjustments(numbers)
    chroma = _in_disk(chroma)
    for name, each in ADJUSTMENTS.items():
        if (number := numbers.get(name, each.neutral)) != each.neutral:
            chroma = each.change(chroma, confidence, number)
    return chroma


def check_adjustments(numbers: dict[str, float]) -> None:
    """Refuse a name that is none, and a number that is not allowed, as `adjust` does."""
    for name, number in numbers.items():
        if name not in ADJUSTMENTS:
            raise ColorlabError(f"No setting {name!r}; expected one of {', '.join(ADJUSTMENTS)}.")
        if not ADJUSTMENTS[name].allows(number):
            raise ColorlabError(f"{name} is {number}; expected {ADJUSTMENTS[name].expected}.")


def _in_disk(chroma: Array) -> Array:
    """Points outside the unit disk → its rim."""
    ops = namespace(chroma)
    square = ops.sum(chroma * chroma, axis=-1, keepdims=True)
    return chroma / ops.sqrt(ops.maximum(square, 1.0))
