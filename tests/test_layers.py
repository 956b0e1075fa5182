"""The blocks of both networks."""

import numpy as np
import pytest
import tensorflow as tf
from keras import Input, Model

from colorlab.layers import convolve, down, instance_norm, residual, up_merge, up_transposed

X = np.random.default_rng(0).normal(2, 3, (3, 8, 12, 5)).astype("float32")


def block(build, channels=5):
    x = Input((None, None, channels))
    return Model(x, build(x))


def test_each_photo_and_each_channel_is_normalized_by_itself():
    mean, variance = X.mean((1, 2), keepdims=True), X.var((1, 2), keepdims=True)
    expected = (X - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(block(instance_norm)(X), expected, atol=1e-4)


@pytest.mark.parametrize("build", [lambda x: down(x, 6), residual, lambda x: up_transposed(x, 6)])
def test_a_photo_s_result_does_not_depend_on_its_batch(build):
    model = block(build)
    np.testing.assert_allclose(model(X)[1:2], model(X[1:2]), atol=1e-5)


def test_a_convolution_has_a_bias_exactly_where_it_is_not_normalized():
    plain = block(lambda x: convolve(x, 7, 3, normalize=False))
    normal = block(lambda x: convolve(x, 7, 3))
    assert [w.shape for w in plain.weights] == [(3, 3, 5, 7), (7,)]
    assert [w.shape for w in normal.weights] == [(3, 3, 5, 7), (7,), (7,)]  # scale and shift


@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (lambda x: down(x, 6), (3, 4, 6, 6)),
        (lambda x: up_transposed(x, 6), (3, 16, 24, 6)),
        (residual, (3, 8, 12, 5)),
    ],
)
def test_blocks_halve_double_and_keep_the_size(build, shape):
    assert block(build)(X).shape == shape


def test_up_merge_doubles_the_size_and_uses_both_of_its_inputs():
    x, skip = Input((None, None, 5)), Input((None, None, 4))
    model = Model([x, skip], up_merge(x, skip, 6))
    fine = tf.random.stateless_normal((3, 16, 24, 4), [1, 2])
    coarse = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch([coarse, fine])
        y = model([coarse, fine])
        total = tf.reduce_sum(y * y)
    assert y.shape == (3, 16, 24, 6)
    assert all(np.abs(g).max() > 0 for g in tape.gradient(total, [coarse, fine]))


def test_a_residual_block_adds_to_what_comes_in():
    model = block(residual)
    model.set_weights([np.zeros(w.shape) for w in model.weights])
    np.testing.assert_array_equal(model(X), X)
