"""The normalization of `colorlab.model.fused` against Keras's own.

python benchmarks/fused.py
"""

from __future__ import annotations

from typing import Any

from shared import Work, compare, heading, machine

from colorlab.quiet import import_keras

import_keras()

from colorlab.backend import keras, tf
from colorlab.model.fused import GroupNormalization

TURN = 0.5  # seconds
# Maps as they occur: of pix2pix with a batch of 4, of small with one of 16.
MAPS = (("instance", (4, 128, 128, 64), -1), ("group", (16, 24, 24, 64), 4))


def normalization(made: Any, shape: tuple[int, ...], groups: int) -> Work:
    """Forward and backward."""
    layer = made(groups=groups, epsilon=1e-5)
    layer.build(shape)
    x, dy = (tf.random.stateless_normal(shape, (seed, 0)) for seed in range(2))

    def both_ways() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        watched = [x, layer.gamma.value, layer.beta.value]
        return tape.gradient(y, watched, output_gradients=dy)

    graph: Work = tf.function(both_ways, autograph=False)
    return graph


def main() -> None:
    print(f"{machine('tensorflow', 'keras')}\n")
    print(heading("what", "colorlab", "Keras", "times as fast"), flush=True)
    normalizations = GroupNormalization, keras.layers.GroupNormalization
    for name, shape, groups in MAPS:
        ours, theirs = (normalization(made, shape, groups) for made in normalizations)
        compare(f"{name} normalization of {shape}", ours, theirs, TURN)


if __name__ == "__main__":
    main()
