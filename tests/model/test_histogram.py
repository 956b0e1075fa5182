"""A distribution over chroma: how a color is shared out, and how it is read back."""

import numpy as np
import pytest
from keras import Input, Model

from colorlab.backend import ops
from colorlab.model.histogram import CENTERS, annealed_mean, soft_histogram


def test_centers_are_the_points_of_a_square_grid_in_the_unit_disk():
    assert CENTERS.shape == (81, 2)  # Gauss's circle problem: 81 lattice points within radius 5
    assert np.hypot(*CENTERS.T).max() == pytest.approx(1)
    assert len(np.unique(CENTERS, axis=0)) == 81
    apart = np.linalg.norm(CENTERS[:, None] - CENTERS, axis=-1)
    np.testing.assert_allclose(np.sort(apart)[:, 1], 0.2, atol=1e-6)


def test_a_color_is_shared_out_among_the_centers_around_it():
    colors = np.array([[0.0, 0.0], [0.1, 0.0], [-0.55, 0.35], [0.6, -0.8]], np.float32)
    shares = np.asarray(soft_histogram(ops.convert_to_tensor(colors)))
    np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-6)
    # Inside the disk the mean of the centers, so weighted, is the color again.
    np.testing.assert_allclose((shares @ CENTERS)[:3], colors[:3], atol=0.02)
    # Beside (0.1, 0) two centers are equally near; what is two steps away has hardly a share.
    share = {(x, y): shares[1, i] for i, (x, y) in enumerate(np.rint(5 * CENTERS).tolist())}
    assert share[0, 0] == pytest.approx(share[1, 0])
    assert share[0, 1] / share[0, 0] == pytest.approx(np.exp(-(0.2**2) / (2 * 0.12**2)), rel=1e-4)


def read(logits):
    """What `annealed_mean` makes of these scores, (81,)."""
    x = Input((None, None, 81))
    model = Model(x, annealed_mean(x))
    centers = model.get_weights()[-1]
    model.set_weights([np.eye(81)[None, None], np.zeros(81), centers])
    return np.asarray(model(np.reshape(logits, (1, 1, 1, 81)).astype("float32")))[0, 0, 0]


def test_the_mean_of_a_distribution_is_drawn_toward_the_likeliest_color():
    red, cyan = (np.abs(CENTERS - place).sum(axis=-1).argmin() for place in ([1, 0], [-1, 0]))
    odds = np.full(81, -50.0)
    odds[red], odds[cyan] = np.log(0.6), np.log(0.4)
    # At a temperature of 0.7, likelihoods count to the power of 1/0.7. Their own mean is 0.2.
    p, q = 0.6 ** (1 / 0.7), 0.4 ** (1 / 0.7)
    np.testing.assert_allclose(read(odds), [(p - q) / (p + q), 0], atol=1e-5)


def test_no_idea_is_gray_and_so_is_an_untrained_head():
    np.testing.assert_allclose(read(np.zeros(81)), 0, atol=1e-6)
    x = Input((None, None, 16))
    untrained = Model(x, annealed_mean(x))
    chroma = untrained(np.random.default_rng(0).random((1, 8, 8, 16), np.float32))
    assert np.abs(np.asarray(chroma)).max() < 0.1
    assert len(untrained.trainable_weights) == 2  # the centers stay where they are
