import numpy as np
import pytest
from skimage.color import rgb2hsv

from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError


@pytest.fixture(scope="module")
def world():
    return scenes(200, size=64, seed=3)


@pytest.fixture(scope="module")
def hsv(world):
    return rgb2hsv(world)


def hue_families(hsv):
    """The share of each sixth of the hue circle among the pixels that have a color at all."""
    hues = hsv[..., 0][hsv[..., 1] > 0.15]
    counts = np.bincount((hues * 6).astype(int) % 6, minlength=6)
    return counts / counts.sum()


@pytest.mark.parametrize(("count", "size"), [(2, 16), (2, 33), (0, 32)])
def test_scenes_are_square_color_pictures_of_the_size_asked(count, size):
    pictures = scenes(count, size=size)
    assert pictures.shape == (count, size, size, 3) and pictures.dtype == np.uint8


def test_a_scene_stays_the_same_however_many_are_asked_for_and_seeds_share_none():
    one, other = (scenes(20, size=32, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(one[:4], scenes(4, size=32, seed=0))
    assert len(np.unique(np.concatenate([one, other]).reshape(40, -1), axis=0)) == 40


@pytest.mark.parametrize("bad", [{"count": -1}, {"count": 1, "size": 15}, {"count": 1, "seed": -2}])
def test_an_argument_out_of_range_is_named(bad):
    name, number = list(bad.items())[-1]
    with pytest.raises(ColorlabError, match=f"^{name} is {number}; expected .* or more"):
        scenes(**bad)


@pytest.mark.parametrize("low", [0.45, 0.55, 0.65, 0.75, 0.85])
def test_gray_alone_cannot_tell_color(hsv, low):
    band = hsv[(hsv[..., 2] >= low) & (hsv[..., 2] < low + 0.1)]
    families = hue_families(band)
    assert (families > 0.1).sum() >= 3
    assert families.max() < 0.6


def test_place_does_tell_color(hsv):
    yellow_and_green, blue_and_violet = [0, 1], [3, 4]
    top, bottom = hue_families(hsv[:, :16]), hue_families(hsv[:, -16:])
    assert top[blue_and_violet].sum() > bottom[blue_and_violet].sum() + 0.3
    assert bottom[yellow_and_green].sum() > top[yellow_and_green].sum() + 0.3


def test_scenes_are_colorful_and_no_two_are_equal(world):
    # Hasler and Süsstrunk 2003, on their scale: 33 is "moderately", 59 "quite" colorful.
    red, green, blue = np.moveaxis(world.reshape(200, -1, 3).astype(float), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(1), yb.std(1))
    colorfulness = spread + 0.3 * np.hypot(rg.mean(1), yb.mean(1))
    assert colorfulness.mean() > 45
    assert np.quantile(colorfulness, 0.05) > 33
    assert len(np.unique(world.reshape(200, -1), axis=0)) == 200
