"""Normalization and optimizer of `colorlab.model.fused` against Keras's own.

python benchmarks/fused.py
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pairs import duration, in_turns, machine, seconds, spread

from colorlab.backend import keras, tf
from colorlab.model import presets
from colorlab.model.fused import Adam, GroupNormalization

TURN = 0.5  # seconds
# Maps as they occur: of pix2pix with a batch of 4, of small with one of 16.
MAPS = (("instance", (4, 128, 128, 64), -1), ("group", (16, 24, 24, 64), 4))


def normalization(made: Any, shape: tuple[int, ...], groups: int) -> Callable[[], object]:
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

    graph: Callable[[], object] = tf.function(both_ways, autograph=False)
    return graph


def optimizer(made: Any, preset: presets.Preset) -> Callable[[], object]:
    """Moving all of a generator's variables once."""
    variables = preset.generator(preset.size).trainable_variables
    gradients = [tf.random.stateless_normal(each.shape, (0, 0)) for each in variables]
    adam = made(1e-6)
    adam.build(variables)
    graph: Callable[[], object] = tf.function(
        lambda: adam.apply(gradients, variables), autograph=False
    )
    return graph


def main() -> None:
    ways = {}
    for name, shape, groups in MAPS:
        ways[f"{name} normalization of {shape}"] = [
            normalization(made, shape, groups)
            for made in (GroupNormalization, keras.layers.GroupNormalization)
        ]
    for preset in (presets.get("small"), presets.get("pix2pix")):
        ways[f"Adam on the generator of {preset.name}"] = [
            optimizer(made, preset) for made in (Adam, keras.optimizers.Adam)
        ]
    print(f"{machine('tensorflow', 'keras')}\n")
    print("| what | colorlab | Keras | times as fast |\n|---|---:|---:|---:|", flush=True)
    for name, (ours, theirs) in ways.items():
        ours(), theirs()
        turns = {"ours": partial(seconds, ours, TURN), "theirs": partial(seconds, theirs, TURN)}
        figures = in_turns(turns)
        ratio = [b / a for a, b in zip(*figures.values(), strict=True)]
        cells = [name, *(duration(each) for each in figures.values()), spread(ratio)]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
