"""Whether a photo has color, or only a tone: decided from the whole photo, never from one pixel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

POINTS = 4096  # about how many points of a photo are examined
LEVELS = 48  # levels of brightness, each with its own tone
BORDER = 12  # how far a border's points may differ from its corner, in any channel, out of 255
# Distances in the plane of Cb and Cr, out of 255:
STRAY = 9.0  # from a point to the tone of its brightness; up to this limit it may be noise
BLUE = 0.8  # factor on the blue of a point for STRONG: cyanotypes are the strongest tones
STRONG = 60.0  # from a point to gray; the toned photos that were tried stay below this limit
FEW = 0.03  # fraction of the points that may exceed a limit, such as a date stamp or dust


def has_color(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> bool:
    """Whether a photo has color; if not, it is black-and-white, toned or not.

    In a black-and-white photo, the color of a point depends only on its brightness, whatever the
    toning: sepia, blue, or one tone in the shadows and another in the highlights. So a photo has
    color if more than FEW of its points are farther than STRAY from the mean tone of all points
    that are equally bright. It also has color if more than FEW are farther than STRONG from gray:
    in a sunset, too, color depends only on brightness. A uniform border does not count, and
    neither do the outermost points.

    Args:
        pixels: (H, W, 3) uint8.
        alpha: (H, W) uint8; pixels where it is 0 are hidden and do not count.

    Source: our own. Many values of STRAY and FEW were tried on 400 color photos and their toned
        versions. These have the smallest sum of both error rates
        (`python benchmarks/has_color.py FOLDER`).
    """
    stray, strength = distances(pixels, alpha)
    return bool(max((stray > STRAY).mean(), (strength > STRONG).mean()) > FEW)


def distances(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """How far the points of a photo are from the tone of their brightness, and from gray.

    Args:
        pixels: (H, W, 3) uint8.
        alpha: as for `has_color`.

    Returns:
        Two arrays (N,) float64 of distances in the plane of Cb and Cr, out of 255. N is about
        POINTS or less. In the distance from gray, blue is multiplied by BLUE.
    """
    points = _without_border(_shrunk(pixels, alpha))
    # The sum of the channels is used because luma hardly grows where a tone has saturated red and
    # green.
    light = points.sum(axis=-1, dtype=np.uint16).ravel()
    # With too few points per level, each point would be its own tone.
    level = light * np.uint16(min(LEVELS, 1 + len(light) // 16)) // 766
    color = np.asarray(Image.fromarray(points).convert("YCbCr"))[..., 1:].reshape(-1, 2).T - 128.0
    count = np.maximum(np.bincount(level), 1)
    tone = np.stack([np.bincount(level, channel) / count for channel in color])
    blue, red = color
    return np.hypot(*(color - tone[:, level])), np.hypot(np.where(blue > 0, BLUE * blue, blue), red)


def _shrunk(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """About POINTS points, each a mean, which removes noise and JPEG's coarse color at edges."""
    side = (pixels.shape[0] * pixels.shape[1] / POINTS) ** 0.5
    step = max(1, int(side / 4))  # in a large photo, 16 pixels per point are enough
    some = pixels[::step, ::step]
    if alpha is not None:
        some = some * (alpha[::step, ::step, None] > 0)
    return np.asarray(Image.fromarray(some).reduce(max(1, round(side / step))))


def _without_border(points: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) → the same without its uniform frames, at most two; a side keeps 16 points."""
    inner = points.astype(np.int16)
    for _ in range(8):  # four sides, two frames
        corner = inner[0, 0]
        while len(inner) > 16 and (np.abs(inner[0] - corner) <= BORDER).all():
            inner = inner[1:]
        # The next two lines may mix border and photo.
        inner = np.rot90(inner[2:] if len(inner) > 17 else inner)
    return inner.astype(np.uint8)
