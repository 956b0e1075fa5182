import numpy as np
import pytest
from skimage.color import rgb2hsv

from colorlab.data.coins import HUES, balls


def test_each_ball_has_one_of_two_hues_and_its_gray_does_not_tell_which():
    pictures, ball, hue = balls(400, seed=0)
    assert pictures.shape == (400, 32, 32, 3) and pictures.dtype == np.uint8
    assert set(hue) == set(HUES) and 150 < (hue == HUES[0]).sum() < 250
    h, s, v = np.moveaxis(rgb2hsv(pictures), -1, 0)
    for i in range(20):
        assert 360 * np.median(h[i][ball[i]]) == pytest.approx(hue[i], abs=2)
        assert np.median(s[i][ball[i]]) == pytest.approx(0.8, abs=0.02)
        assert v[i][ball[i]].min() > v[i][~ball[i]].max()  # the ball is easy to find
    light = np.array([v[i][ball[i]].mean() for i in range(400)])
    orange, blue = (light[hue == each].mean() for each in HUES)
    assert orange == pytest.approx(blue, abs=0.02)


def test_a_seed_paints_the_same_balls_again_and_another_seed_others():
    np.testing.assert_array_equal(balls(5, seed=1)[0], balls(5, seed=1)[0])
    assert (balls(5, seed=1)[0] != balls(5, seed=2)[0]).any()
