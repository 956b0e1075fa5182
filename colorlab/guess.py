"""A network's guess for a photo: a color for each place, and which other colors are likely.

from colorlab import Colorizer
guess = Colorizer().guess("old.jpg")
guess.palette(0.3, 0.65)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from colorlab.color.adjustments import in_disk
from colorlab.errors import ColorlabError

Float = NDArray[np.float32]
# A pure color of the wanted hue becomes e^LEAN times as likely, one of the opposite hue e^-LEAN
# times. With 4, faces turned blue.
LEAN = 2.5
# Two colors of a palette lie at least so far apart in polar chroma, so that an eye can tell them.
APART = 0.5


@dataclass(frozen=True)
class Guess:
    """A network's prediction for a photo, at the working size. `render` enlarges the chroma.

    Attributes:
        chroma: PolarChroma (h, w, 2) float32.
        confidence: (h, w, 1) float32 in [0, 1]. How well the network's predictions agree, from 0
            (each gave another color) to 1 (all gave this color).
        likely: (h', w', n) float32 with sum 1, how likely each of the n colors is; None if the
            network predicts one color for each place instead of a distribution.
        colors: PolarChroma (n, 2) float32, what `likely` is about.
    """

    chroma: Float
    confidence: Float
    likely: Float | None = None
    colors: Float | None = None

    def leaning(self, hue: float) -> Guess:
        """The guess with all colors drawn toward a hue, as far as the network finds that likely.

        Each color's probability is multiplied by exp(LEAN · (the part of its chroma that points to
        the hue)), and the chroma moves as far as the mean does. So a place that may have many
        colors moves far, and one of whose color the network is sure does not.

        Args:
            hue: in degrees.

        Raises:
            ColorlabError: if the network predicts no distribution, or the hue is not finite.

        Source: exponential tilting, after Esscher 1932, "On the probability function in the
            collective theory of risk".
        """
        likely, colors = self._distribution()
        if not math.isfinite(hue):
            raise ColorlabError(f"lean is {hue}; expected a hue in degrees.")
        angle = math.radians(hue)
        toward = colors @ np.array([math.cos(angle), math.sin(angle)], np.float32)
        tilted = likely * np.exp(LEAN * toward)
        tilted /= tilted.sum(axis=-1, keepdims=True)
        height, width = self.chroma.shape[:2]
        moved = enlarged((tilted - likely) @ colors, height, width, np.arange(height))
        return replace(self, chroma=self.chroma + moved)

    def palette(self, x: float, y: float, count: int = 8) -> Float:
        """The likeliest colors at a place, all of them clearly different.

        Args:
            x, y: the place, as in a `Hint`.
            count: how many colors, at most.

        Returns:
            PolarChroma (n, 2), the likeliest first.

        Raises:
            ColorlabError: if the network predicts no distribution.
        """
        likely, colors = self._distribution()
        colors = in_disk(colors)
        height, width = likely.shape[:2]
        row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
        around = likely[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        left = around.mean(axis=(0, 1))
        chosen: list[Float] = []
        while len(chosen) < count and left.max() >= 0.0:
            chosen.append(colors[left.argmax()])
            left[np.hypot(*(colors - chosen[-1]).T) < APART] = -1.0
        return np.stack(chosen)

    def _distribution(self) -> tuple[Float, Float]:
        if self.likely is None or self.colors is None:
            raise ColorlabError(
                "This model predicts one color for each place; expected one that predicts a "
                "distribution, such as the preset small-2."
            )
        return self.likely, self.colors


def enlarged(map: Float, height: int, width: int, rows: NDArray[np.int64]) -> Float:
    """Some rows of a map (h, w, C) that is enlarged bilinearly to (height, width).

    Returns (len(rows), width, C). Rows are independent of one another, so strips join without a
    seam.
    """
    y0, y1, fy = _neighbors(rows, height, len(map))
    x0, x1, fx = _neighbors(np.arange(width), width, map.shape[1])
    lines = map[y0] + fy[:, None, None] * (map[y1] - map[y0])
    left = lines[:, x0]
    return np.asarray(left + fx[:, None] * (lines[:, x1] - left))


def _neighbors(
    places: NDArray[np.int64], length: int, samples: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Float]:
    """For pixels on a line of `length`: the two nearest of `samples`, and the second's weight."""
    at = ((places + 0.5) * samples / length - 0.5).clip(0, samples - 1)
    first = at.astype(np.int64)
    return first, np.minimum(first + 1, samples - 1), (at - first).astype(np.float32)
