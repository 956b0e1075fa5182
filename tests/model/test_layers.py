"""The blocks of both networks."""

import numpy as np
import pytest
import tensorflow as tf
from keras import Input, Model

from colorlab.model.layers import (
    bottleneck,
    convolve,
    down,
    group_norm,
    instance_norm,
    inverted_residual,
    squeeze_excite,
    up_merge,
    up_transposed,
)

X = np.random.default_rng(0).normal(2, 3, (3, 8, 12, 5)).astype("float32")
X8 = np.random.default_rng(1).normal(2, 3, (3, 8, 12, 8)).astype("float32")


def block(build, channels=5):
    x = Input((None, None, channels))
    return Model(x, build(x))


def test_each_photo_and_each_channel_is_normalized_by_itself():
    mean, variance = X.mean((1, 2), keepdims=True), X.var((1, 2), keepdims=True)
    expected = (X - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(block(instance_norm)(X), expected, atol=1e-4)


def test_sixteen_channels_of_a_photo_are_normalized_together():
    x = np.random.default_rng(0).normal(2, 3, (3, 8, 12, 32)).astype("float32")
    groups = x.reshape(3, 8, 12, 2, 16)  # channels 0 to 15, and 16 to 31
    mean, variance = (f((1, 2, 4), keepdims=True) for f in (groups.mean, groups.var))
    expected = ((groups - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape)
    np.testing.assert_allclose(block(group_norm, 32)(x), expected, atol=1e-4)


@pytest.mark.parametrize(
    "build",
    [
        lambda x: down(x, 6),
        lambda x: up_transposed(x, 6),
        bottleneck,
        lambda x: inverted_residual(x, 8),
        lambda x: inverted_residual(x, 6, strides=2),
    ],
)
def test_a_photo_s_result_does_not_depend_on_its_batch(build):
    model = block(build, 8)
    np.testing.assert_allclose(model(X8)[1:2], model(X8[1:2]), atol=1e-5)


def test_a_convolution_has_a_bias_exactly_where_it_is_not_normalized():
    plain = block(lambda x: convolve(x, 7, 3, norm=None))
    normal = block(lambda x: convolve(x, 7, 3))
    assert [w.shape for w in plain.weights] == [(3, 3, 5, 7), (7,)]
    assert [w.shape for w in normal.weights] == [(3, 3, 5, 7), (7,), (7,)]  # scale and shift


@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (lambda x: down(x, 6), (3, 4, 6, 6)),
        (lambda x: up_transposed(x, 6), (3, 16, 24, 6)),
        (bottleneck, (3, 8, 12, 8)),
        (lambda x: inverted_residual(x, 8), (3, 8, 12, 8)),
        (lambda x: inverted_residual(x, 6, strides=2), (3, 4, 6, 6)),
    ],
)
def test_blocks_halve_double_and_keep_the_size(build, shape):
    assert block(build, 8)(X8).shape == shape


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


def test_a_bottleneck_adds_to_what_comes_in():
    model = block(bottleneck, 8)
    model.set_weights([np.zeros(w.shape) for w in model.weights])
    np.testing.assert_array_equal(model(X8), np.maximum(X8, 0))


def test_a_channel_s_weight_is_the_sigmoid_of_what_the_whole_photo_says():
    model = block(squeeze_excite, 8)
    reduce, bias, expand, bias_of_weight = model.get_weights()
    mean = X8.mean((1, 2), keepdims=True)
    hidden = np.maximum(mean @ reduce[0, 0] + bias, 0)
    weight = 1 / (1 + np.exp(-(hidden @ expand[0, 0] + bias_of_weight)))
    np.testing.assert_allclose(model(X8), X8 * weight, rtol=1e-5)


def test_an_inverted_residual_adds_its_input_exactly_where_the_shape_stays():
    same, wider = (block(lambda x, n=n: inverted_residual(x, n), 8) for n in (8, 9))
    for model in (same, wider):  # the last normalization scales by 0
        model.set_weights([np.zeros_like(w) if w.ndim == 1 else w for w in model.get_weights()])
    np.testing.assert_array_equal(same(X8), X8)
    assert not np.asarray(wider(X8)).any()


def test_an_inverted_residual_has_the_weights_of_the_paper():
    # Widen to 6 × 8, 3×3 on each channel, narrow to 12; a scale and a shift for each.
    model = block(lambda x: inverted_residual(x, 12), 8)
    trained = 8 * 48 + 2 * 48 + 9 * 48 + 2 * 48 + 48 * 12 + 2 * 12
    assert sum(w.size for w in map(np.asarray, model.trainable_weights)) == trained
