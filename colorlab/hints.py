"""Color hints: "this color, here". The region around a hint follows, up to its edges.

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
# Longer side, in pixels, of the gray on which paths are searched. This is finer than the network's
# color, and a hint takes a fortieth of a second.
SIDE = 256
# Length of a path over flat gray, as a fraction of the longer side, after which a hint and the
# network have equal weight. At 0.5, one or two hints fill a sky or a sleeve.
REACH = 0.5
# Power of the distance. With 6, a hint's color has a share of 98 % at half its reach, and of 2 % at
# twice its reach. With 4, it leaked through edges.
FALL = 6
# A slope of STEEP times the photo's mean slope doubles the cost of a step. It is relative to the
# mean, so that faded and grainy photos have edges as well. A mean below FLAT, the mean of faint
# noise, counts as FLAT.
STEEP = 0.7
FLAT = 0.005


class Hint(NamedTuple):
    """A place and its color. In JSON, it is a list of three.

    Attributes:
        x, y: in [0, 1], fractions of the photo's width from the left and its height from the top.
        color: "#rrggbb", as an HTML color input gives it. Only its hue and saturation count; the
            brightness comes from the photo.
    """

    x: float
    y: float
    color: str


def as_hints(hints: Iterable[Sequence[Any]]) -> list[Hint]:
    """Check hints, such as those from a JSON file.

    Args:
        hints: each a Hint, or its three parts.

    Raises:
        ColorlabError: if a hint does not have three parts, lies outside the photo, or has a color
            that is not "#rrggbb".
    """
    return [_as_hint(parts) for parts in hints]


def tint_of(photo: Photo, hints: Sequence[Sequence[Any]]) -> Float | None:
    """The effect of hints on a photo, for `colorizer.render`.

    Args:
        photo: a photo from `photos.read`. Its own color is not used.
        hints: as for `as_hints`.

    Returns:
        The result of `spread` at the size of `ground`, or None without hints.

    Raises:
        ColorlabError: as for `as_hints`.
    """
    return spread(ground(photo), hints) if hints else None


def ground(photo: Photo) -> Float:
    """The gray on which hints spread: (h, w, 1) float32 in [0, 1], at most SIDE pixels a side.

    For a large photo this takes far longer than spreading a hint, so a caller that moves hints
    around should keep it.
    """
    image = Image.fromarray(photo.gray[..., 0])
    image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(image)[..., None]


def spread(gray: Float, hints: Sequence[Sequence[Any]]) -> Float:
    """Spread hints over a picture: far over flat areas, hardly across edges.

    The cheapest path from a hint to each pixel is found; the steeper the gray, the more a step
    costs. The path's cost d, in units of REACH, gives the hint the weight d^−FALL. The network's
    color has weight 1 everywhere.

    Args:
        gray: (h, w, 1) float32 in [0, 1].
        hints: one or more, as for `as_hints`. Their order does not matter.

    Returns:
        (h, w, 3) float32: A·m, PolarChroma, and A. A in [0, 1] is the share of the nearest hint,
        1 at the hint itself; m is the weighted mean of the hints' chromas. The network's chroma
        becomes (1 − A)·chroma + A·m. All three channels may be enlarged like a chroma.

    Raises:
        ColorlabError: as for `as_hints`.

    Source: Yatziv & Sapiro 2006, "Fast image and video colorization using chrominance blending",
        IEEE TIP 15(5): the paths, and weights that are powers of their lengths.
    """
    # These imports take a quarter of a second, which a photo without hints saves.
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
    """(row, column) of a hint; the bottom and right edges belong to the last row and column."""
    return min(int(hint.y * height), height - 1), min(int(hint.x * width), width - 1)


def _chroma(hint: Hint) -> Float:
    """A hint's color as PolarChroma (2,)."""
    rgb = np.array([[list(bytes.fromhex(hint.color[1:]))]], np.float32) / 255.0
    _, chroma = encode(rgb)
    return np.asarray(chroma[0, 0])
