"""Color hints: where they reach, where they stop, and what they leave alone."""

import numpy as np
import pytest
import skimage.color
import skimage.data

from colorlab import ColorlabError, photos
from colorlab.colorizer import render
from colorlab.hints import Hint, as_hints, ground, spread, tint_of

LUMA = np.array([0.299, 0.587, 0.114])
RED, GREEN = "#ff0000", "#00ff00"


def halves(height: int = 40, width: int = 80) -> np.ndarray:
    """Dark on the left, bright on the right."""
    gray = np.full((height, width, 1), 0.3, np.float32)
    gray[:, width // 2 :] = 0.8
    return gray


def flat(height: int = 60, width: int = 80) -> np.ndarray:
    return np.full((height, width, 1), 0.5, np.float32)


def test_a_hint_fills_its_side_of_an_edge_and_not_the_other():
    influence = spread(halves(), [Hint(0.25, 0.5, RED)])[..., 2]
    assert influence[:, :38].min() > 0.8
    assert influence[:, 42:].max() < 0.2


def test_a_faded_photo_has_edges_as_well():
    gray = ground(photos.read(skimage.data.coffee()))
    hints = [Hint(0.5, 0.85, RED)]
    np.testing.assert_allclose(spread(0.3 + 0.3 * gray, hints), spread(gray, hints), atol=1e-3)


def test_faint_noise_is_no_edge():
    noise = np.random.default_rng(0).normal(0, 0.3 / 255, (60, 80, 1)).astype(np.float32)
    hints = [Hint(0.25, 0.5, RED)]
    np.testing.assert_allclose(spread(flat() + noise, hints), spread(flat(), hints), atol=0.2)


def test_on_flat_ground_influence_falls_with_distance():
    tint = spread(flat(101, 201), [Hint(0.5, 0.5, RED)])
    assert tint[50, 100].tolist() == [1, 0, 1]
    row = tint[50, 105:, 2]
    assert (np.diff(row) < 0).all()
    np.testing.assert_allclose(tint[50, 100:, 2], tint[50, 100::-1, 2], atol=1e-6)
    np.testing.assert_allclose(tint[50, 200, 2], 0.5, atol=0.01)  # half a width away


@pytest.mark.parametrize("size", [(60, 80), (120, 160)])
def test_how_far_a_hint_reaches_does_not_depend_on_the_size(size: tuple[int, int]):
    tint = spread(flat(*size), [Hint(0, 0, RED)])
    assert 0.49 < tint[0, size[1] // 2, 2] < 0.53


def test_each_of_two_hints_wins_near_itself():
    tint = spread(flat(), [Hint(0.3, 0.5, RED), Hint(0.7, 0.5, GREEN)])
    red, green = tint[30, 24, :2], tint[30, 56, :2]
    np.testing.assert_allclose(red, [1, 0], atol=1e-6)
    np.testing.assert_allclose(green, [-1 / 2, 3**0.5 / 2], atol=1e-6)  # hue 120°
    np.testing.assert_allclose(tint[30, 40, :2] / tint[30, 40, 2], (red + green) / 2, atol=0.02)


def test_the_order_of_hints_does_not_matter():
    gray = ground(photos.read(skimage.data.coffee()))
    hints = [Hint(0.5, 0.85, RED), Hint(0.1, 0.1, "#a06030"), Hint(0.48, 0.45, "#603010")]
    np.testing.assert_allclose(spread(gray, hints), spread(gray, hints[::-1]), atol=1e-6)


def test_far_hints_do_not_add_up():
    """Nine hints on the left weigh no more on the right than the nearest of them."""
    alone = spread(halves(), [Hint(0.4, 0.5, RED)])
    many = spread(halves(), [Hint(0.4, 0.5, RED)] + [Hint(0.3, y / 10, RED) for y in range(1, 9)])
    np.testing.assert_allclose(many[20, 60], alone[20, 60], atol=1e-6)


@pytest.mark.parametrize("color", ["#e07020", "#3050a0", "#C0FFEE", "#808080", "#ffffff"])
def test_what_is_picked_is_what_one_gets(color: str):
    """Independent: scikit-image's HSV of the rendered photo, and of the color."""
    photo = photos.read(np.full((9, 9), 200, np.uint8))
    chroma = np.full((3, 3, 2), 0.4, np.float32)
    hints = [Hint(0.5, 0.5, color)]
    colored = render(photo, chroma, keep="value", tint=tint_of(photo, hints))
    h, s, v = skimage.color.rgb2hsv(np.asarray(colored))[4, 4]
    picked = np.array([[list(bytes.fromhex(color[1:]))]], np.uint8)
    hue, saturation, _ = skimage.color.rgb2hsv(picked)[0, 0]
    assert v == 200 / 255
    assert s == pytest.approx(saturation, abs=0.01)
    if saturation:
        assert h == pytest.approx(hue, abs=0.01)


@pytest.mark.parametrize("keep", ["value", "luma"])
def test_the_photo_s_gray_is_kept(keep: str):
    pixels = skimage.data.astronaut()[::4, ::4]
    photo = photos.read(pixels)
    tint = tint_of(photo, [Hint(0.3, 0.65, "#e07020"), Hint(0.33, 0.08, "#3060c0")])
    colored = np.asarray(render(photo, np.zeros((8, 8, 2), np.float32), keep=keep, tint=tint))
    assert np.ptp(colored, axis=-1).max() > 100
    if keep == "value":
        np.testing.assert_array_equal(colored.max(axis=-1), pixels.max(axis=-1))
    else:
        assert np.abs(colored @ LUMA - pixels @ LUMA).max() <= 1


def test_the_color_of_the_photo_itself_is_not_used():
    pixels = skimage.data.coffee()
    hints = [Hint(0.5, 0.85, RED)]
    np.testing.assert_array_equal(
        tint_of(photos.read(pixels), hints), tint_of(photos.read(np.roll(pixels, 1, -1)), hints)
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 300), (700, 500)])
def test_a_photo_of_any_size_takes_hints(size: tuple[int, int]):
    pixels = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    tint = tint_of(photos.read(pixels), [Hint(0, 0, RED), Hint(1, 1, GREEN), Hint(1, 1, RED)])
    assert max(tint.shape) <= 256
    assert np.isfinite(tint).all()
    assert tint[..., 2].max() == 1
    assert (np.hypot(tint[..., 0], tint[..., 1]) <= tint[..., 2] + 1e-6).all()


def test_no_hints_have_no_tint():
    assert tint_of(photos.read(skimage.data.coffee()), []) is None


def test_a_hint_may_be_a_list_of_three():
    assert as_hints([[0, 0.5, RED]]) == [Hint(0, 0.5, RED)]


@pytest.mark.parametrize(
    "parts",
    [
        [1.1, 0.5, RED],
        [0.5, -0.1, RED],
        [float("nan"), 0.5, RED],
        ["0.5", 0.5, RED],
        [None, 0.5, RED],
        [0.5, 0.5, "red"],
        [0.5, 0.5, "#ff00"],
        [0.5, 0.5, "#ff00gg"],
        [0.5, 0.5, "#ff0000\n"],
        [0.5, 0.5, 255],
        [0.5, 0.5],
        [0.5, 0.5, RED, 1],
        "red",
        7,
        None,
    ],
)
def test_what_is_no_hint_is_refused_in_one_line(parts: object):
    with pytest.raises(ColorlabError, match=r'is no hint; expected x .* y .* "#rrggbb"') as caught:
        tint_of(photos.read(np.zeros((8, 8), np.uint8)), [parts])
    assert "\n" not in str(caught.value)
