"""How good a colorization is, in numbers.

No number is enough alone: by PSNR, a dull model beats a colorful one that errs now and then. Each
function takes whole photos as (H, W, 3) float32 in [0, 1], sRGB, and returns one float.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from colorlab.errors import ColorlabError

Float = NDArray[np.float32]


def psnr(a: Float, b: Float) -> float:
    """Peak signal-to-noise ratio, 10·log10(1 / mean squared difference). Higher is closer.

    Args:
        a: (H, W, 3) float32 in [0, 1].
        b: the same, of the same size.

    Returns:
        Decibels; infinite for equal photos.

    Raises:
        ColorlabError: if these are not two such photos.

    Source: Huynh-Thu and Ghanbari, "Scope of validity of PSNR in image/video quality assessment",
    Electronics Letters 44(13), 2008.
    """
    _check(a, b)
    error = float(np.square(a - b).mean())
    return -10.0 * math.log10(error) if error else math.inf


def ab_distance(a: Float, b: Float) -> float:
    """Mean over the pixels of the distance between the colors in CIELAB's a*b* plane.

    Lightness, which is given and not learned, has no part in it. Lower is closer.

    Args:
        a: (H, W, 3) float32 in [0, 1].
        b: the same, of the same size.

    Returns:
        The distance, 0 or more. Between a pure red and gray it is about 105.

    Raises:
        ColorlabError: if these are not two such photos.

    Source: CIE 15:2004, "Colorimetry", section 8.2.1 (CIELAB; here of D65, the white of sRGB).
    """
    _check(a, b)
    difference = rgb2lab(a)[..., 1:] - rgb2lab(b)[..., 1:]
    return float(np.hypot(difference[..., 0], difference[..., 1]).mean())


def colorfulness(rgb: Float) -> float:
    """How colorful people find a photo: 15 is slightly, 45 averagely, 82 highly colorful.

    Args:
        rgb: (H, W, 3) float32 in [0, 1].

    Returns:
        M⁽³⁾ = σ + 0.3 μ of R − G and (R + G)/2 − B, with R, G and B from 0 to 255; 0 for gray.

    Raises:
        ColorlabError: if this is no such photo.

    Source: Hasler and Süsstrunk, "Measuring colourfulness in natural images", Proc. SPIE 5007,
    2003, metric M⁽³⁾ and the scale that people gave it.
    """
    _check(rgb)
    r, g, b = (255.0 * rgb[..., channel] for channel in range(3))
    red_green = r - g
    yellow_blue = (r + g) / 2.0 - b
    spread = math.hypot(red_green.std(), yellow_blue.std())
    distance = math.hypot(red_green.mean(), yellow_blue.mean())
    return spread + 0.3 * distance


def _check(*pictures: NDArray[Any]) -> None:
    for rgb in pictures:
        if rgb.ndim != 3 or rgb.shape[-1] != 3 or not np.issubdtype(rgb.dtype, np.floating):
            raise ColorlabError(
                f"Got {rgb.dtype} of shape {rgb.shape}; expected (H, W, 3) float in [0, 1]: "
                "divide 8-bit pixels by 255."
            )
        if rgb.shape != pictures[0].shape:
            raise ColorlabError(
                f"The photos have shapes {pictures[0].shape} and {rgb.shape}; resize one of them."
            )
