"""Color hints: "here, this color". The region around follows, as far as its edges.

from colorlab import Colorizer, Hint
Colorizer().colorize("old.jpg", hints=[Hint(0.3, 0.65, "#e07020")])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab.color.encoding import encode
from colorlab.errors import ColorlabError
from colorlab.photos import Photo

Float = NDArray[np.float32]
# Pixels of the longer side on which ways are searched: finer than the network's color, and a hint
# takes a fortieth of a second.
SIDE = 256
# A way over flat ground, as a share of the longer side, after which a hint and the network weigh
# the same. Half a photo fills a sky or a sleeve with one hint or two.
REACH = 0.5
# The power of the distance: with 6, of a hint's color 98 % are there at half its reach, and 2 % at
# twice. With 4 it seeped through edges.
FALL = 6
# A slope of `STEEP` times the photo's mean one doubles a way. Relative to the mean, so that faded
# and grainy photos have edges as well; no mean counts as less than FLAT, that of faint noise.
STEEP = 0.7
FLAT = 0.005


class Hint(NamedTuple):
    """A place and its color. JSON has it as a list of three.

    Attributes:
        x, y: in [0, 1], shares of the photo's width from the left, and of its height from the top.
        color: "#rrggbb", as an HTML color input gives it. Its hue and saturation count; how light
            a place is, the photo knows.
    """

    x: float
    y: float
    color: str


def as_hints(hints: Iterable[Sequence[Any]]) -> list[Hint]:
    """Check hints, such as those that a JSON file holds.

    Args:
        hints: each a Hint, or its three parts.

    Raises:
        ColorlabError: if one has not three parts, lies outside the photo, or has no such color.
    """
    return [_as_hint(parts) for parts in hints]


def tint_of(photo: Photo, hints: Sequence[Sequence[Any]]) -> Float | None:
    """What hints do to a photo, as `colorizer.render` takes it.

    Args:
        photo: what `photos.read` returned. Its own color is not used.
        hints: as for `as_hints`.

    Returns:
        As `spread`, of the size of `ground`; None without hints.

    Raises:
        ColorlabError: as `as_hints`.
    """
    return spread(ground(photo), hints) if hints else None


def ground(photo: Photo) -> Float:
    """The gray on which hints spread: (h, w, 1) float32 in [0, 1], at most SIDE pixels a side.

    Of a large photo it takes far longer than a hint. Who moves hints about keeps it.
    """
    image = Image.fromarray(photo.gray[..., 0])
    image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(image)[..., None]


def spread(gray: Float, hints: Sequence[Sequence[Any]]) -> Float:
    """Spread hints over a picture: far over flat ground, hardly over an edge.

    From a hint to each pixel, the cheapest way is searched, where a step costs the more, the
    steeper the gray is there. Its length d, in units of REACH, gives the hint the weight d^−FALL;
    the network's color has the weight 1 everywhere.

    Args:
        gray: (h, w, 1) float32 in [0, 1].
        hints: one or more, as for `as_hints`. Their order does not matter.

    Returns:
        (h, w, 3) float32: A·m, PolarChroma, and A. A in [0, 1] is the share of the hint that is
        nearest, 1 at the hint itself; m is the weighted mean of the hints' chromas. A chroma
        becomes (1 − A)·chroma + A·m. All three may be enlarged like a chroma.

    Raises:
        ColorlabError: as `as_hints`.

    Source: Yatziv & Sapiro 2006, "Fast image and video colorization using chrominance blending",
        IEEE TIP 15(5): the ways, and weights that are powers of their lengths.
    """
    # A quarter of a second, which nobody waits for who gives no hint.
    from skimage.filters import sobel
    from skimage.graph import MCP_Geometric

    slope = sobel(gray[..., 0])
    cost = 1.0 + (slope / (STEEP * max(slope.mean(), FLAT))) ** 2
    height, width = cost.shape
    checked = as_hints(hints)
    ways = [MCP_Geometric(cost).find_costs([_pixel(hint, height, width)])[0] for hint in checked]
    d = np.stack(ways) / (REACH * max(height, width))  # (hints, h, w)
    weights = np.maximum(d, 1e-3) ** -FALL  # at the hint itself d is 0
    shares = weights / weights.sum(axis=0)
    m = np.tensordot(shares, [_chroma(hint) for hint in checked], axes=(0, 0))
    nearest = weights.max(axis=0)[..., None]
    influence = nearest / (nearest + 1.0)
    return np.concatenate([influence * m, influence], axis=-1).astype(np.float32)


def _as_hint(parts: Sequence[Any]) -> Hint:
    try:
        x, y, color = parts
        good = 0 <= x <= 1 and 0 <= y <= 1 and re.fullmatch("#[0-9a-fA-F]{6}", color)
    except (TypeError, ValueError):
        good = False
    if not good:
        raise ColorlabError(
            f'{parts!r} is no hint; expected x from 0 (left) to 1, y from 0 (top) to 1, "#rrggbb".'
        )
    return Hint(x, y, color)


def _pixel(hint: Hint, height: int, width: int) -> tuple[int, int]:
    """(row, column); the right and the bottom edge belong to the last ones."""
    return min(int(hint.y * height), height - 1), min(int(hint.x * width), width - 1)


def _chroma(hint: Hint) -> Float:
    """PolarChroma (2,)."""
    rgb = np.array([[list(bytes.fromhex(hint.color[1:]))]], np.float32) / 255.0
    _, chroma = encode(rgb)
    return np.asarray(chroma[0, 0])
