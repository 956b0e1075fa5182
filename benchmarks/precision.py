"""A training step of `small` in float32, with XLA and without, and in bfloat16, on this processor.

python benchmarks/precision.py
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

from shared import duration, heading, in_turns, machine, row, seconds, spread, training_step

from colorlab.data.toyworld import scenes
from colorlab.quiet import import_keras

import_keras()

from colorlab.backend import keras, tf
from colorlab.model import presets
from colorlab.model.presets import POLICIES
from colorlab.training.trainer import device_name


def stepper(precision: str, jit_compile: bool, size: int) -> Callable[[], float]:
    """A content step; each call returns its seconds."""
    keras.config.set_dtype_policy(POLICIES[precision])
    small = presets.get("small")
    photos = tf.constant(scenes(small.batch_size, size=size))
    step = partial(training_step(small, size, jit_compile=jit_compile), photos)
    step()  # compiles
    return partial(seconds, step)


def main() -> None:
    print(f"{device_name()}, {machine('tensorflow', 'keras')}\n")
    print(heading("crops", "precision", "time for a step", "times as fast as float32"), flush=True)
    for size in (64, 96):
        ways = product(POLICIES, (False, True))
        figures = in_turns({f"{p}{', XLA' * xla}": stepper(p, xla, size) for p, xla in ways})
        for way, own in figures.items():
            ratio = spread(figures["float32"] / own)
            print(row(f"{size} px", way, duration(own), ratio), flush=True)


if __name__ == "__main__":
    main()
