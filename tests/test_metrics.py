import math

import numpy as np
import pytest
from skimage.color import rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from colorlab.errors import ColorlabError
from colorlab.metrics import ab_distance, colorfulness, psnr
from colorlab.toyworld import scenes

RED, GREEN, BLUE, YELLOW = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)


@pytest.fixture(scope="module")
def pair():
    return (scenes(2, size=24, seed=1) / 255).astype(np.float32)


def halves(left, right):
    picture = np.empty((6, 8, 3), np.float32)
    picture[:, :4], picture[:, 4:] = left, right
    return picture


def test_psnr_is_that_of_scikit_image(pair):
    assert psnr(*pair) == pytest.approx(peak_signal_noise_ratio(*pair, data_range=1), abs=1e-4)


def test_psnr_of_a_tenth_too_dark_everywhere_is_twenty_decibels():
    assert psnr(halves(0.5, 0.5), halves(0.4, 0.4)) == pytest.approx(20, abs=1e-4)


def test_psnr_of_equal_photos_is_infinite(pair):
    assert psnr(pair[0], pair[0]) == math.inf


def test_ab_distance_is_the_mean_of_each_pixels_distance(pair):
    a, b = (rgb2lab(rgb.astype(np.float64)).reshape(-1, 3).tolist() for rgb in pair)
    distances = [math.dist(p[1:], q[1:]) for p, q in zip(a, b, strict=True)]
    assert ab_distance(*pair) == pytest.approx(sum(distances) / len(distances), abs=1e-3)


def test_ab_distance_of_red_is_the_published_chroma_of_srgb_red():
    # a* = 80.09, b* = 67.20 (Lindbloom's tables of sRGB in CIELAB, D65); gray has 0, 0.
    assert ab_distance(halves(RED, 0.5), halves(0.5, 0.5)) == pytest.approx(
        math.hypot(80.09, 67.20) / 2, abs=0.05
    )


def test_ab_distance_does_not_see_lightness():
    assert ab_distance(halves(0.1, 0.9), halves(0.8, 0.3)) == pytest.approx(0, abs=0.02)


def test_colorfulness_of_gray_is_zero():
    assert colorfulness(halves(0.2, 0.9)) == 0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # R − G is ±255: σ = 255, μ = 0. (R + G)/2 − B is 127.5 in both halves: σ = 0, μ = 127.5.
        (RED, GREEN, 255 + 0.3 * 127.5),
        # R − G is 0; (R + G)/2 − B is −255 and 255.
        (BLUE, YELLOW, 255),
        # One color: no spread, and R − G = 255, (R + G)/2 − B = 127.5.
        (RED, RED, 0.3 * math.hypot(255, 127.5)),
        # R − G is 255 and 0: σ = μ = 127.5. (R + G)/2 − B is 127.5 and −255: σ 191.25, μ −63.75.
        (RED, BLUE, math.hypot(127.5, 191.25) + 0.3 * math.hypot(127.5, 63.75)),
    ],
)
def test_colorfulness_of_two_halves_is_what_a_pencil_says(left, right, expected):
    assert colorfulness(halves(left, right)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("wrong", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 1), np.float32)])
def test_what_is_no_float_rgb_is_refused(wrong):
    for metric in (psnr, ab_distance):
        with pytest.raises(ColorlabError, match=r"expected \(H, W, 3\) float"):
            metric(wrong, wrong)
    with pytest.raises(ColorlabError, match=r"expected \(H, W, 3\) float"):
        colorfulness(wrong)


def test_photos_of_two_sizes_are_refused(pair):
    for metric in (psnr, ab_distance):
        with pytest.raises(ColorlabError, match=r"\(24, 24, 3\) and \(1, 24, 3\)"):
            metric(pair[0], pair[1][:1])
