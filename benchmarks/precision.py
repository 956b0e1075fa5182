"""A training step of `small` in float32, with XLA and without, and in bfloat16, on this processor.

python benchmarks/precision.py

They take turns, so that a machine whose speed drifts slows all.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pairs import duration, in_turns, machine, seconds, spread

from colorlab.backend import keras, tf
from colorlab.data.toyworld import scenes
from colorlab.model import presets
from colorlab.model.presets import POLICIES
from colorlab.training.gan import ColorGAN
from colorlab.training.trainer import device_name

WAYS = {
    "float32": ("float32", False),
    "float32, XLA": ("float32", True),
    "bfloat16": ("bfloat16", False),
    "bfloat16, XLA": ("bfloat16", True),
}


def stepper(precision: str, jit_compile: bool, size: int) -> Callable[[], float]:
    """A content step as `colorlab train` takes it; each call returns its seconds."""
    keras.config.set_dtype_policy(POLICIES[precision])
    small = presets.get("small")
    gan = ColorGAN(small.generator(size), small.critic())
    gan.compile(jit_compile=jit_compile)
    step = tf.function(gan.train_step, autograph=False)
    photos = tf.constant(scenes(small.batch_size, size=size))

    def run() -> float:
        return seconds(lambda: float(step(photos)["content_loss"]))

    run()  # compiles
    return run


def main() -> None:
    print(f"{device_name()}, {machine('tensorflow', 'keras')}\n")
    print("| crops | | a step | times as fast as float32 |\n|---|---|---:|---:|", flush=True)
    for size in (64, 96):
        figures = in_turns({way: stepper(*how, size) for way, how in WAYS.items()})
        for way, own in figures.items():
            ratio = spread(np.divide(figures["float32"], own))
            print(f"| {size} px | {way} | {duration(own)} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
