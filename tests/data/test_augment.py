"""The generator is trained on grays of all the kinds that people bring."""

import numpy as np
import pytest

from colorlab.backend import keras, ops
from colorlab.data.augment import training_pair


def pair(rgb, **options):
    seed = keras.random.SeedGenerator(0)
    return map(np.asarray, training_pair(ops.convert_to_tensor(rgb), 2, seed=seed, **options))


def test_grays_are_value_for_half_luma_for_a_third_a_mix_for_the_rest():
    red = np.broadcast_to(np.array([255, 0, 0], np.uint8), (3000, 4, 4, 3))
    gray = next(pair(red, age=lambda gray, **draws: gray))[:, 0, 0, 0]
    assert np.isclose(gray, 1).mean() == pytest.approx(1 / 2, abs=0.04)
    assert np.isclose(gray, 0.299).mean() == pytest.approx(1 / 3, abs=0.04)
    assert gray.min() > 0.298 and gray.max() < 1.001


def test_a_third_of_the_grays_are_flat_soft_and_grainy_and_the_critic_s_light_never_is():
    stripes = np.zeros((900, 16, 16, 3), np.uint8)
    stripes[:, :, 8:] = 255
    gray, light, _, _ = pair(stripes)
    aged = (gray != stripes[..., :1] / 255).any((1, 2, 3))
    assert aged.mean() == pytest.approx(1 / 3, abs=0.05)
    assert gray.min() == 0 and gray.max() == 1
    dark, bright = gray[aged][:, :, :6], gray[aged][:, :, 10:]
    contrast = bright.mean((1, 2, 3)) - dark.mean((1, 2, 3))
    assert contrast.min() == pytest.approx(0.4, abs=0.05)
    assert contrast.max() == pytest.approx(1, abs=0.05)
    edge = gray[aged][:, :, 7].mean((1, 2)) - dark.mean((1, 2, 3))
    np.testing.assert_allclose(edge, contrast / 3, atol=0.06)  # a mean of three, two of them dark
    assert bright.std((1, 2)).max() > 0.01
    assert (light == stripes[:, ::2, ::2, :1] / 255).all()


def test_color_is_that_of_the_photo_shrunk_to_the_chroma_s_size():
    halves = np.zeros((1, 4, 4, 3), np.uint8)
    halves[:, :, ::2] = [255, 0, 0]
    halves[:, :, 1::2] = [0, 0, 255]
    gray, _, value, chroma = pair(halves)
    assert gray.shape == (1, 4, 4, 1)
    np.testing.assert_allclose(value, np.full((1, 2, 2, 1), 0.5))
    magenta = [np.cos(np.pi * 5 / 3), np.sin(np.pi * 5 / 3)]  # hue 300°, s = 1
    np.testing.assert_allclose(chroma, np.broadcast_to(magenta, (1, 2, 2, 2)), atol=1e-6)
