"""The smallest world with a color that cannot be known: a ball that is orange or blue, by lot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colorlab.color.encoding import PolarChroma, decode

SIZE = 32  # of a picture, in pixels
HUES = (20, 200)  # orange and sky blue, in degrees: opposite to each other
SATURATION = 0.8  # of the balls
MEADOW = (86, 0.6)  # hue and saturation of what is around them


def balls(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.int64]]:
    """Paint meadows with one ball each. The ball is always the lighter of the two.

    Args:
        count: the number of pictures N.
        seed: seed for places, sizes, brightness and hues.

    Returns:
        The pictures, (N, 32, 32, 3) uint8; where each has its ball, (N, 32, 32); and the hue of
        each ball in degrees, (N,), which is one of `HUES` with equal chances.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    places = rng.uniform((0.35, 0.35, 0.18), (0.65, 0.65, 0.3), (count, 3))
    cy, cx, radius = places.T[..., None, None]
    ball = np.hypot(y - cy, x - cx) < radius
    hue = rng.choice(HUES, (count, 1, 1))
    h = np.where(ball, hue, MEADOW[0]) / 360
    s = np.where(ball, SATURATION, MEADOW[1])
    light, dark = rng.uniform((0.75, 0.3), (1.0, 0.6), (count, 2)).T[..., None, None]
    chroma = PolarChroma.from_hue_saturation(h.astype(np.float32), s.astype(np.float32))
    rgb = decode(np.where(ball, light, dark)[..., None].astype(np.float32), chroma)
    return np.rint(255 * rgb).astype(np.uint8), ball, hue.ravel()
