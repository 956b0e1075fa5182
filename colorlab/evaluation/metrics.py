"""Measure how good a colorization is, in numbers.

No number is enough by itself: by PSNR, a dull model beats a colorful one that is sometimes wrong.

METRICS is what an evaluation measures. To add a metric of your own, give `evaluation.evaluate` a
tuple with one more `Metric`; the report, CSV and JSON then have a column for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2hsv, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from colorlab.color.encoding import Gray, encode
from colorlab.errors import ColorlabError

Float = NDArray[np.float32]
AUC_RANGE = 150.0  # the largest threshold of the cumulative error curve, in units of a*b*
COLORED = 0.1  # HSV chroma, v·s, above which a pixel has a hue that people can name
NEAR_RED = 30.0  # degrees to either side of hue 0, where hue jumps from 1 to 0
GREEN, GREEN_SATURATION = (70.0, 160.0), 0.25  # hues in degrees; a green pixel has more saturation


def psnr(a: Float, b: Float) -> float:
    """Peak signal-to-noise ratio in decibels, 10·log10(1 / mean squared difference).

    Higher means closer; equal photos have infinity. Both are (H, W, 3) float32 in [0, 1], of one
    size, or a ColorlabError is raised.

    Source: Huynh-Thu and Ghanbari, "Scope of validity of PSNR in image/video quality assessment",
    Electronics Letters 44(13), 2008.
    """
    _check(a, b)
    with np.errstate(divide="ignore"):  # for equal photos, the error is 0
        return float(peak_signal_noise_ratio(a, b, data_range=1))


def ab_distance(a: Float, b: Float) -> float:
    """Mean over the pixels of the distance between the colors in CIELAB's a*b* plane.

    Lightness does not count, because it is given and not learned. 0 means equal colors; pure red
    and gray are about 105 apart. Both photos are (H, W, 3) float32 in [0, 1], of one size, or a
    ColorlabError is raised.

    Source: CIE 15:2004, "Colorimetry", section 8.2.1 (CIELAB, here with D65, the white of sRGB).
    """
    return float(_ab_errors(a, b).mean())


def ab_auc(a: Float, b: Float) -> float:
    """Area under the cumulative a*b* error curve, in percent. Higher means closer; 100 is equal.

    The curve gives the share of pixels whose a*b* distance is at most t. Its area is the average
    over the thresholds t from 0 to 150. A pixel at distance d counts for the thresholds above d, so
    it adds 1 − d/150. In the paper's table 1, ImageNet left gray reaches 89.1 and the paper's own
    network 89.5, so small differences matter. Both photos are (H, W, 3) float32 in [0, 1], of one
    size, or a ColorlabError is raised.

    Source: Zhang, Isola and Efros, "Colorful image colorization", ECCV 2016 (arXiv 1603.08511),
    section 3.1, "Raw accuracy (AuC)".
    """
    return 100.0 * float((1.0 - _ab_errors(a, b) / AUC_RANGE).clip(min=0.0).mean())


def ciede2000(a: Float, b: Float) -> float:
    """Mean over the pixels of the color difference ΔE₀₀, lightness included.

    0 means equal; a person can just see a difference of about 1. Both photos are (H, W, 3) float32
    in [0, 1], of one size, or a ColorlabError is raised.

    Source: Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula: implementation notes,
    supplementary test data, and mathematical observations", Color Research and Application 30(1),
    2005.
    """
    _check(a, b)
    return float(deltaE_ciede2000(rgb2lab(a), rgb2lab(b)).mean())


def hue_error(a: Float, truth: Float, *, near_red: bool = False) -> float:
    """Mean angle in degrees, 0 to 180, between two photos' hues, where the truth is colored.

    Hue is an angle, so 350° and 10° are 20° apart. Each pixel is weighted by its HSV chroma v·s in
    the truth; pixels below 0.1 do not count. A pixel that is gray in `a` counts as 90°, the mean
    error of a random hue. NaN means that no pixel counts. Both photos are (H, W, 3) float32 in
    [0, 1], of one size, or a ColorlabError is raised.

    If `near_red`, only pixels count whose hue in the truth is at most 30° from red (0°). There, hue
    as a number jumps from 1 to 0, so a network that predicts it makes errors.

    Source: the hue of A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978 (HSV).
    """
    _check(a, truth)
    (_, found), (v, true) = encode(a), encode(truth)
    found, true = found @ [1.0, 1.0j], true @ [1.0, 1.0j]  # complex numbers, whose angle is the hue
    weight = v[..., 0] * abs(true)
    counted = weight > COLORED
    if near_red:
        counted &= abs(np.angle(true, deg=True)) <= NEAR_RED
    if not counted.any():
        return math.nan
    error = np.where(found, abs(np.angle(found * true.conj(), deg=True)), 90.0)
    return float(np.average(error[counted], weights=weight[counted]))


def colorfulness(rgb: Float) -> float:
    """How colorful people find a photo: 15 is slightly, 45 averagely, 82 highly colorful.

    This is M⁽³⁾ = σ + 0.3 μ, from the standard deviations σ and the means μ of R − G and
    (R + G)/2 − B, with R, G and B from 0 to 255; 0 for gray. The photo is (H, W, 3) float32 in
    [0, 1], or a ColorlabError is raised.

    Source: Hasler and Süsstrunk, "Measuring colourfulness in natural images", Proc. SPIE 5007,
    2003, metric M⁽³⁾ and its scale, from people's ratings.
    """
    _check(rgb)
    r, g, b = (255.0 * rgb[..., channel] for channel in range(3))
    red_green, yellow_blue = r - g, (r + g) / 2.0 - b
    spread = math.hypot(red_green.std(), yellow_blue.std())
    distance = math.hypot(red_green.mean(), yellow_blue.mean())
    return spread + 0.3 * distance


def green_kept(a: Float, truth: Float) -> float:
    """Share of a photo's pixels that are green in the truth and stay green in `a`.

    A pixel is green in the truth if its hue is from 70° to 160° and its saturation above 0.25. It
    stays green if its a* (CIELAB) in `a` is below -1; the a* of gray is 0, except for rounding. So
    the share of green pixels is `green_kept(truth, truth)`. Both photos are (H, W, 3) float32 in
    [0, 1], of one size, or a ColorlabError is raised.

    Source: our own; the a* axis is that of CIE 15:2004, "Colorimetry", section 8.2.1.
    """
    _check(a, truth)
    hue, saturation, _ = np.moveaxis(rgb2hsv(truth), -1, 0)
    low, high = GREEN
    green = (360.0 * hue >= low) & (360.0 * hue <= high) & (saturation > GREEN_SATURATION)
    return float((green & (rgb2lab(a)[..., 1] < -1.0)).mean())


def luck(right: int, asked: int) -> float:
    """Probability that a coin answers at least `right` of `asked` yes-or-no questions correctly.

    It is Σ C(asked, k) / 2^asked over k ≥ right, in (0, 1]. If it is small, the answers were hardly
    guesses.

    Source: the upper tail of the binomial distribution (the sign test).
    """
    return float(sum(math.comb(asked, k) for k in range(right, asked + 1)) / 2**asked)


@dataclass(frozen=True)
class Comparison:
    """The input of a metric: three photos of one size, (H, W, 3) float32 in [0, 1]."""

    result: Float  # the colored photo
    truth: Float  # the original photo
    uncolored: Float  # the gray that was given, in three channels
    keep: Gray  # which gray that is


@dataclass(frozen=True)
class Metric:
    """One figure of an evaluation.

    Attributes:
        name: its column in CSV and JSON; a `Row` has an attribute of that name.
        measure: a comparison → the figure, or two numbers whose quotient it is. The average of
            quotients is the quotient of the two means, so a nearly gray photo has little weight.
            NaN means that a photo has no such figure, and leaves it out of the average.
        header: two short lines above its column in a report: what it is, and its unit.
        form: its format, as `format` takes it.
        better: what a better result has: "more", "less", or "closer to the truth".
        legend: what it is, in one line.
        worst: whether its average is the largest figure instead of the mean.
    """

    name: str
    measure: Callable[[Comparison], float | tuple[float, float]]
    header: tuple[str, str]
    form: str
    better: Literal["more", "less", "closer to the truth"]
    legend: str
    worst: bool = False


def _gray_error(case: Comparison) -> float:
    kept, _ = encode(case.result, keep=case.keep)
    return 255.0 * float(np.abs(kept - case.uncolored[..., :1]).max())


# fmt: off
METRICS = (
    Metric("psnr", lambda c: psnr(c.result, c.truth),
           ("PSNR", "dB"), ".2f", "more", "of the result, against the truth"),
    Metric("gain", lambda c: psnr(c.result, c.truth) - psnr(c.uncolored, c.truth),
           ("gain", "dB"), "+.2f", "more", "above the PSNR of the photo left gray"),
    Metric("distance", lambda c: ab_distance(c.result, c.truth),
           ("a*b*", ""), ".1f", "less", "distance from the truth"),
    Metric("distance_ratio",
           lambda c: (ab_distance(c.result, c.truth), ab_distance(c.uncolored, c.truth)),
           ("a*b*", "/gray"), ".2f", "less",
           "the same distance, as a fraction of the gray photo's"),
    Metric("ciede2000", lambda c: ciede2000(c.result, c.truth),
           ("dE00", ""), ".1f", "less", "CIEDE2000, the color difference that people see"),
    Metric("auc", lambda c: ab_auc(c.result, c.truth), ("AuC", "%"), ".1f", "more",
           "area under the cumulative curve of the a*b* distance, from 0 to 150"),
    Metric("colorfulness", lambda c: colorfulness(c.result),
           ("color", ""), ".1f", "closer to the truth", "how colorful people find it"),
    Metric("colorfulness_ratio", lambda c: (colorfulness(c.result), colorfulness(c.truth)),
           ("color", "/truth"), ".2f", "closer to the truth",
           "colorfulness, as a fraction of the truth's"),
    Metric("hue_error", lambda c: hue_error(c.result, c.truth), ("hue", "°"), ".0f", "less",
           "error of the hue where the truth is colored; gray counts 90°"),
    Metric("hue_error_red", lambda c: hue_error(c.result, c.truth, near_red=True),
           ("red", "°"), ".0f", "less", "the same, where the truth is near red"),
    Metric("green_ratio",
           lambda c: (green_kept(c.result, c.truth), green_kept(c.truth, c.truth)),
           ("green", "kept"), ".0%", "more", "fraction of the truly green pixels that stay green"),
    Metric("gray_error", _gray_error,
           ("gray", "1/255"), ".2f", "less", "largest change of the given gray", worst=True),
)
# fmt: on


def _ab_errors(a: Float, b: Float) -> Float:
    """The distance of each pixel in a*b*, (H, W)."""
    _check(a, b)
    return np.asarray(np.linalg.norm(rgb2lab(a)[..., 1:] - rgb2lab(b)[..., 1:], axis=-1))


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
