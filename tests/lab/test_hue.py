"""The hue widgets: what their controls do to the picture, and the means that the wheel shows."""

import cmath
import io
import math

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2hsv

from colorlab.lab.widgets import HueSliders, HueWheel
from colorlab.lab.widgets.hue import RADIUS, SIDE


def shown(widget):
    return np.asarray(Image.open(io.BytesIO(widget.picture.value)))


@pytest.mark.parametrize(("a", "b"), [(350, 10), (100, 140), (300, 30), (0, 360)])
def test_the_wheel_takes_both_means(a, b):
    of_numbers, of_points = HueWheel(a, b).means
    points = [cmath.exp(1j * math.radians(hue)) for hue in (a, b)]
    assert of_numbers == (a + b) / 2
    assert math.cos(math.radians(of_points) - cmath.phase(sum(points))) == pytest.approx(1)


def test_opposite_hues_meet_in_gray():
    wheel = HueWheel(40, 220)
    assert wheel.means[1] is None
    assert "gray" in wheel.text.value


def test_the_wheel_has_each_hue_where_it_says():
    wheel = shown(HueWheel(30, 30))  # its marks are elsewhere
    for hue in range(0, 360, 60):
        x = SIDE / 2 + 0.8 * RADIUS * math.cos(math.radians(hue))
        y = SIDE / 2 - 0.8 * RADIUS * math.sin(math.radians(hue))
        found = 360 * rgb2hsv(wheel[round(y), round(x)] / 255)[0]
        assert abs((found - hue + 180) % 360 - 180) < 4


def test_the_wheel_follows_its_sliders_and_says_so():
    wheel = HueWheel(0, 0)
    before = shown(wheel)
    wheel.a.value = 90
    assert np.abs(shown(wheel).astype(int) - before).max() > 100
    assert "90°" in wheel.picture.tooltip


@pytest.mark.parametrize(
    ("slider", "position", "color"),
    [("hue_shift", 120, (40, 200, 80)), ("strength", 0, (200, 200, 200))],
)
def test_a_third_of_the_circle_swaps_the_channels_and_no_saturation_leaves_the_value(
    slider, position, color
):
    sliders = HueSliders(np.full((20, 30, 3), (200, 80, 40), np.uint8))
    getattr(sliders, slider).value = position
    np.testing.assert_allclose(255 * sliders.result()[0, 0], color, atol=0.01)
    np.testing.assert_allclose(shown(sliders)[10, 10], color, atol=3)


@pytest.mark.parametrize("widget", [HueWheel(), HueSliders(np.zeros((8, 8, 3), np.uint8))])
def test_a_still_stays_where_no_kernel_runs(widget):
    assert "image/jpeg" in widget._repr_mimebundle_()
