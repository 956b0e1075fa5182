"""The critic: what it sees, and that it says a number, not a probability."""

import numpy as np
import pytest
import tensorflow as tf

from colorlab.model import presets
from colorlab.model.critic import patch_critic

RNG = np.random.default_rng(0)


def photo(size, count=1):
    gray = RNG.random((count, size, size, 1), dtype=np.float32)
    chroma = RNG.uniform(-0.7, 0.7, (count, size, size, 2)).astype("float32")
    return gray, chroma


def test_pix2pix_s_critic_has_as_many_weights_as_worked_out_by_hand():
    kernel = 4 * 4
    by_hand = (
        (kernel * (1 + 2) * 64 + 64)  # gray and two of chroma; a bias, for it is not normalized
        + (kernel * 64 * 128 + 2 * 128)
        + (kernel * 128 * 256 + 2 * 256)
        + (kernel * 256 * 512 + 2 * 512)
        + (kernel * 512 * 1 + 1)
    )
    assert presets.get("pix2pix").critic().count_params() == by_hand == 2_765_633


def test_each_score_sees_70_by_70_pixels():
    critic = patch_critic((4, 8, 16, 32), normalize=False)  # the paper's depth, narrower
    gray, chroma = map(tf.constant, photo(160))
    with tf.GradientTape() as tape:
        tape.watch([gray, chroma])
        score = critic([gray, chroma])[0, 10, 10, 0]
    for gradient in tape.gradient(score, [gray, chroma]):
        rows, columns = np.nonzero(np.abs(gradient[0]).max(axis=-1))
        assert np.ptp(rows) + 1 == 70
        assert np.ptp(columns) + 1 == 70


@pytest.mark.parametrize("size", [(64, 64), (96, 48)])
def test_there_is_one_score_a_patch(size):
    critic = patch_critic((4, 8, 16))
    scores = critic([np.zeros((2, *size, 1)), np.zeros((2, *size, 2))])
    assert scores.shape == (2, size[0] // 4, size[1] // 4, 1)


def test_scores_are_unbounded_and_of_both_signs():
    critic = patch_critic((4, 8))
    critic.layers[-1].set_weights([1000 * w for w in critic.layers[-1].get_weights()])
    scores = np.asarray(critic([*photo(64)]))
    assert scores.min() < -10 and scores.max() > 10


def test_the_critic_sees_no_color_in_the_dark():
    critic = patch_critic((4, 8))
    gray, chroma = photo(32)
    dark = np.zeros_like(gray)
    np.testing.assert_array_equal(critic([dark, chroma]), critic([dark, -chroma]))
    assert np.abs(np.asarray(critic([gray, chroma]) - critic([gray, -chroma]))).max() > 1e-3


def test_the_critic_judges_color_for_this_gray():
    critic = patch_critic((4, 8))
    gray, chroma = photo(32, count=2)
    swapped = gray[::-1]
    assert np.abs(np.asarray(critic([gray, chroma]) - critic([swapped, chroma]))).max() > 1e-3


def test_a_photo_s_scores_do_not_depend_on_its_batch():
    critic = patch_critic((4, 8, 16))
    gray, chroma = photo(32, count=3)
    alone = critic([gray[1:2], chroma[1:2]])
    np.testing.assert_allclose(critic([gray, chroma])[1:2], alone, atol=1e-5)
