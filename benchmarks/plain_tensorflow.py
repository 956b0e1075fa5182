"""A preset's training step in the style of TensorFlow's pix2pix tutorial: one pass, two tapes.

Normalization and optimizer are Keras's own, in the whole process.

Source: tensorflow.org/tutorials/generative/pix2pix
"""

from __future__ import annotations

from typing import Any

import numpy as np

from colorlab.backend import keras, tf
from colorlab.color.encoding import encode
from colorlab.model import layers, objectives
from colorlab.model.presets import Preset


class Step:
    """A training step of a preset: content alone, or with its critic."""

    def __init__(self, preset: Preset, size: int, *, adversarial: bool) -> None:
        layers.GroupNormalization = keras.layers.GroupNormalization  # type: ignore
        self.preset = preset
        self.objective = objectives.get(preset.objective) if adversarial else None
        self.generator, self.critic = preset.generator(size), preset.critic()
        self.averaged = keras.models.clone_model(self.generator)
        beta = 0.5 if adversarial else 0.9
        self.optimizers = [keras.optimizers.Adam(2e-4, beta_1=beta) for _ in range(2)]
        self.graph = tf.function(self._step)

    def __call__(self, batch: np.ndarray[Any, Any]) -> float:
        """Learn from uint8 (N, H, W, 3) → the content loss."""
        return float(self.graph(tf.constant(batch)))

    def _step(self, batch: Any) -> Any:
        rgb = tf.cast(batch, tf.float32) / 255.0
        gray = tf.reduce_max(rgb, axis=-1, keepdims=True)
        with tf.GradientTape() as generator_tape, tf.GradientTape() as critic_tape:
            predicted = self.generator(gray, training=True)
            small = tf.nn.avg_pool2d(rgb, *[rgb.shape[1] // predicted.shape[1]] * 2, "VALID")
            value, chroma = encode(small)
            content = objectives.content_loss(value, chroma, predicted)
            loss = self.preset.content_weight * content
            if self.objective:
                real = self.critic([value, chroma], training=True)
                fake = self.critic([value, predicted], training=True)
                loss += self.preset.adversarial_weight * self.objective.generator_loss(fake)
                critic_loss = self.objective.critic_loss(real, fake)
        self._learn(0, generator_tape, loss, self.generator)
        if self.objective:
            self._learn(1, critic_tape, critic_loss, self.critic)
        for average, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign(0.998 * average + 0.002 * weight)
        return content

    def _learn(self, which: int, tape: Any, loss: Any, network: Any) -> None:
        variables = network.trainable_variables
        self.optimizers[which].apply_gradients(
            zip(tape.gradient(loss, variables), variables, strict=True)
        )
