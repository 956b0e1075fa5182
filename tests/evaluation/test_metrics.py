import colorsys
import math

import numpy as np
import pytest
import scipy.stats
from skimage.color import lab2rgb, rgb2lab

from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.evaluation.metrics import (
    ab_auc,
    ab_distance,
    ciede2000,
    colorfulness,
    green_kept,
    hue_error,
    luck,
    psnr,
)

RED, GREEN, BLUE, YELLOW = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)
COMPARISONS = (psnr, ab_distance, ab_auc, ciede2000, hue_error, green_kept)


@pytest.fixture(scope="module")
def pair():
    return (scenes(2, size=24, seed=1) / 255).astype(np.float32)


def halves(left, right):
    picture = np.empty((6, 8, 3), np.float32)
    picture[:, :4], picture[:, 4:] = left, right
    return picture


def hsv(degrees, s, v):
    return colorsys.hsv_to_rgb(degrees / 360, s, v)


def turned(picture, degrees):
    """Each pixel's hue turned, one by one, by Python's own HSV."""
    pixels = [colorsys.rgb_to_hsv(*pixel) for pixel in picture.reshape(-1, 3).tolist()]
    rgb = [colorsys.hsv_to_rgb((h + degrees / 360) % 1, s, v) for h, s, v in pixels]
    return np.array(rgb, np.float32).reshape(picture.shape)


def test_psnr_is_ten_decimal_logarithms_of_the_mean_square(pair):
    differences = np.subtract(*pair.astype(np.float64)).ravel().tolist()
    error = math.fsum(d * d for d in differences) / len(differences)
    assert psnr(*pair) == pytest.approx(10 * math.log10(1 / error), abs=1e-4)


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


def test_ab_auc_is_the_area_under_a_curve_that_is_swept(pair):
    a, b = (rgb2lab(rgb.astype(np.float64))[..., 1:] for rgb in pair)
    distances = np.linalg.norm(a - b, axis=-1)
    thresholds = np.linspace(0, 150, 15_001)
    within = [(distances <= threshold).mean() for threshold in thresholds]
    area = np.trapezoid(within, thresholds) / 150
    assert ab_auc(*pair) == pytest.approx(100 * area, abs=0.01)
    assert 50 < ab_auc(*pair) < 99


def test_ab_auc_is_all_for_the_truth_and_nothing_beyond_150(pair):
    assert ab_auc(pair[0], pair[0]) == 100
    # Lindbloom's tables: green (−86, 83) and magenta (98, −61) are 234 apart.
    assert ab_auc(halves(GREEN, GREEN), halves((1, 0, 1), (1, 0, 1))) == 0
    assert ab_auc(halves(GREEN, 0.5), halves((1, 0, 1), 0.5)) == pytest.approx(50)


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [
        # Those pairs of Sharma, Wu and Dalal's table 1 that sRGB can show.
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((36.4612, 47.8580, 18.3852), (36.2715, 50.5065, 21.2231), 1.4146),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ],
)
def test_ciede2000_is_what_its_paper_prints(first, second, published):
    pictures = [lab2rgb(np.full((2, 3, 3), lab, float)) for lab in (first, second)]
    assert ciede2000(*pictures) == pytest.approx(published, abs=2e-3)


def test_ciede2000_is_the_mean_over_the_pixels_and_sees_lightness():
    # From black to white is 100 in lightness alone; S_L is 1 at their mean, 50.
    assert ciede2000(halves(0, 0.5), halves(1, 0.5)) == pytest.approx(50, abs=0.01)


@pytest.mark.parametrize("near_red", [False, True])
@pytest.mark.parametrize(("degrees", "error"), [(40, 40), (-70, 70), (180, 180), (200, 160)])
def test_hue_error_of_a_turned_hue_is_the_shorter_way_round(pair, degrees, error, near_red):
    a = turned(pair[0], degrees)
    assert hue_error(a, pair[0], near_red=near_red) == pytest.approx(error, abs=1e-3)


@pytest.mark.parametrize("near_red", [False, True])
def test_hue_error_is_the_weighted_mean_of_each_pixels_angle(pair, near_red):
    a, truth = pair[0].copy(), pair[1]
    a[::3] = a[::3].mean(axis=-1, keepdims=True)  # some gray
    total = weights = 0.0
    for p, q in zip(a.reshape(-1, 3).tolist(), truth.reshape(-1, 3).tolist(), strict=True):
        (hue, saturation, _), (true, s, v) = colorsys.rgb_to_hsv(*p), colorsys.rgb_to_hsv(*q)
        difference = abs(hue - true) * 360
        angle = min(difference, 360 - difference) if saturation else 90
        if s * v > 0.1 and (not near_red or min(true, 1 - true) * 360 <= 30):
            total += s * v * angle
            weights += s * v
    assert hue_error(a, truth, near_red=near_red) == pytest.approx(total / weights, rel=1e-3)


@pytest.mark.parametrize("near_red", [False, True])
def test_hue_error_across_the_seam_is_small(near_red):
    a, truth = halves(hsv(350, 0.5, 0.8), hsv(10, 1, 1)), halves(hsv(10, 1, 1), hsv(350, 0.8, 0.5))
    assert hue_error(a, truth, near_red=near_red) == pytest.approx(20, abs=1e-3)


def test_hue_error_weighs_by_the_chroma_of_the_truth_and_leaves_the_pale_out():
    weak, strong = hsv(200, 0.4, 0.5), hsv(80, 0.8, 1)  # chroma 0.2 and 0.8
    a = halves(hsv(200, 1, 1), hsv(140, 0.2, 0.3))  # off by 0° and 60°
    assert hue_error(a, halves(weak, strong)) == pytest.approx(0.8 * 60, abs=1e-3)
    pale = hsv(200, 0.1, 0.9)
    assert hue_error(a, halves(pale, strong)) == pytest.approx(60, abs=1e-3)


def test_hue_error_near_red_is_of_thirty_degrees_to_either_side():
    for inside, outside in ((29, 31), (331, 329)):
        truth = halves(hsv(inside, 1, 1), hsv(outside, 1, 1))
        a = halves(hsv(inside + 50, 1, 1), hsv(outside, 1, 1))
        assert hue_error(a, truth, near_red=True) == pytest.approx(50, abs=1e-3)
        assert hue_error(a, truth) == pytest.approx(25, abs=1e-3)


def test_a_gray_pixel_is_off_by_ninety_degrees():
    truth = halves(hsv(10, 0.5, 1), hsv(200, 0.5, 1))
    assert hue_error(halves(0.7, 0), truth) == pytest.approx(90)
    assert hue_error(halves(0.7, hsv(200, 0.1, 0.1)), truth) == pytest.approx(45, abs=1e-3)


def test_green_is_kept_where_a_truly_green_pixel_is_on_the_green_side():
    # Each truth's hue and saturation, and whether it is green: the borders are the card's.
    truths = {(100, 0.8): 1, (71, 0.5): 1, (159, 0.5): 1}
    truths |= {(69, 0.8): 0, (161, 0.8): 0, (100, 0.2): 0}
    teal, brown = hsv(170, 0.3, 0.5), hsv(30, 0.5, 0.4)  # a* is -14 and 14
    for (hue, saturation), green in truths.items():
        truth = halves(hsv(hue, saturation, 0.6), hsv(0, 0.5, 0.5))
        assert green_kept(truth, truth) == green / 2
        assert green_kept(halves(teal, teal), truth) == green / 2
        assert green_kept(halves(brown, teal), truth) == 0
        assert green_kept(halves(0.5, 0.5), truth) == 0


def test_a_photo_without_colored_pixels_has_no_hue_error():
    red, blue = halves(RED, RED), halves(BLUE, BLUE)
    assert math.isnan(hue_error(red, halves(0.2, hsv(0, 0.09, 1))))
    assert math.isnan(hue_error(red, blue, near_red=True))
    assert hue_error(red, blue) == pytest.approx(120, abs=1e-3)


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
    for metric in (*COMPARISONS, lambda a, _: colorfulness(a)):
        with pytest.raises(ColorlabError, match=r"expected \(H, W, 3\) float"):
            metric(wrong, wrong)


def test_photos_of_two_sizes_are_refused(pair):
    for metric in COMPARISONS:
        with pytest.raises(ColorlabError, match=r"\(24, 24, 3\) and \(1, 24, 3\)"):
            metric(pair[0], pair[1][:1])


@pytest.mark.parametrize(("right", "asked"), [(0, 5), (7, 12), (12, 12), (58, 100)])
def test_luck_is_the_binomial_tail(right, asked):
    expected = scipy.stats.binomtest(right, asked, 0.5, alternative="greater").pvalue
    assert luck(right, asked) == pytest.approx(expected)
