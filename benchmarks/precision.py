"""A training step of `small` in bfloat16 and in float32, on this processor.

python benchmarks/precision.py

The two take turns, so that a machine whose speed drifts slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from colorlab import presets
from colorlab.backend import keras, tf
from colorlab.gan import ColorGAN
from colorlab.toyworld import scenes
from colorlab.training import POLICIES, device_name

PAIRS = 10


def stepper(precision: str, size: int) -> Callable[[], float]:
    """A content step as `colorlab train` takes it; each call returns its seconds."""
    keras.config.set_dtype_policy(POLICIES[precision])
    small = presets.get("small")
    gan = ColorGAN(small.generator(size), small.critic())
    gan.compile(jit_compile=precision == "float32")
    step = tf.function(gan.train_step)
    photos = tf.constant(scenes(small.batch_size, size=size))

    def run() -> float:
        begin = time.perf_counter()
        float(step(photos)["content_loss"])
        return time.perf_counter() - begin

    run()  # compiles
    return run


def main() -> None:
    print(f"{device_name()}, TensorFlow {version('tensorflow')}, {PAIRS} pairs of steps")
    for size in (64, 96):
        steppers = [stepper(precision, size) for precision in ("float32", "bfloat16")]
        pairs = np.array([[run() for run in steppers] for _ in range(PAIRS)])
        exact, half = np.median(pairs, axis=0)
        ratios = pairs[:, 0] / pairs[:, 1]
        print(
            f"{size} px: float32 {exact:.2f} s, bfloat16 {half:.2f} s, "
            f"{np.median(ratios):.2f} times as fast ({ratios.min():.2f} to {ratios.max():.2f})"
        )


if __name__ == "__main__":
    main()
