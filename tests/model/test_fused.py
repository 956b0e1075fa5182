"""Group normalization against Keras's, NumPy and differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from colorlab.backend import keras, tf
from colorlab.model.fused import GroupNormalization

SHAPE = (3, 5, 4, 12)


def layer(groups: int, made: Callable[..., Any] = GroupNormalization) -> Any:
    norm = made(groups=groups, epsilon=1e-5)
    norm.build(SHAPE)
    rng = np.random.default_rng(1)
    norm.set_weights([rng.normal(size=12), rng.normal(size=12)])
    return norm


def normalized(x: np.ndarray[Any, Any], groups: int, norm: Any) -> np.ndarray[Any, Any]:
    """The paper's equation 1, in double precision."""
    n, h, w, c = x.shape
    grouped = x.astype(np.float64).reshape(n, h, w, groups, c // groups)
    mean = grouped.mean((1, 2, 4), keepdims=True)
    deviation = np.sqrt(grouped.var((1, 2, 4), keepdims=True) + 1e-5)
    gamma, beta = norm.get_weights()
    return ((grouped - mean) / deviation).reshape(x.shape) * gamma + beta


@pytest.mark.parametrize("groups", [1, 3, 12, -1])
def test_normalization_is_the_papers(groups: int) -> None:
    x = np.random.default_rng(2).normal(100.0, 2.0, SHAPE).astype(np.float32)
    norm = layer(groups)
    expected = normalized(x, groups if groups > 0 else 12, norm)
    np.testing.assert_allclose(np.asarray(norm(x)), expected, atol=1e-3)


def test_a_flat_map_stays_finite_and_flat() -> None:
    norm = layer(3)
    flat = np.asarray(norm(np.full(SHAPE, 1234.567, np.float32)))
    np.testing.assert_allclose(flat, np.broadcast_to(norm.get_weights()[1], SHAPE), atol=0.1)


@pytest.mark.parametrize("groups", [3, -1])
def test_its_gradients_are_keras_gradients(groups: int) -> None:
    rng = np.random.default_rng(3)
    x, dy = (tf.constant(rng.normal(size=SHAPE).astype(np.float32)) for _ in range(2))
    found = []
    for made in (GroupNormalization, keras.layers.GroupNormalization):
        norm = layer(groups, made)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = norm(x)
        watched = [x, norm.gamma.value, norm.beta.value]
        found.append(tape.gradient(y, watched, output_gradients=dy))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("groups", [3, -1])
def test_a_gradient_penalty_can_be_learned_from(groups: int) -> None:
    rng = np.random.default_rng(4)
    x, weight, along = (rng.normal(size=SHAPE).astype(np.float32) for _ in range(3))
    norm = layer(groups)

    def slope(at: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(at)
            score = tf.reduce_sum(weight * tf.square(norm(at)))
        return tape.gradient(score, at)

    def penalty(at: Any) -> Any:
        return tf.reduce_mean(tf.square(slope(at)))

    with tf.GradientTape() as tape:
        here = tf.constant(x)
        tape.watch(here)
        there = penalty(here)
    claimed = float(tf.reduce_sum(tape.gradient(there, here) * along))
    step = 1e-2
    ahead, behind = (float(penalty(tf.constant(x + s * along))) for s in (step, -step))
    assert claimed == pytest.approx((ahead - behind) / (2 * step), rel=0.01)


def test_half_precision_takes_means_of_floats() -> None:
    x = np.random.default_rng(5).normal(10.0, 1.0, (1, 64, 64, 12)).astype(np.float32)
    half = tf.cast(x, "bfloat16")
    norm = layer(3)
    got = tf.cast(norm(half), "float32")
    expected = normalized(np.asarray(tf.cast(half, "float32")), 3, norm)
    np.testing.assert_allclose(np.asarray(got), expected, atol=0.03)
