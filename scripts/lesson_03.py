"""Train what lesson 03 shows but has no time to train: it takes minutes, on a CPU as well.

    python scripts/lesson_03.py

It writes `notebooks/03_runs.npz`. The loss is "content" or "critic" (content loss and critic):

photos/SEED/STEP    the weights of `toy` after so many steps by the content loss alone, on painted
                    scenes: those of the averaged generator, one after another, (80762,) float16.
                    Seed 0 has all steps of `STEPS`, the other seeds have only the last.
pairs/LOSS/SEED     what that generator predicts for the lesson's 40 test scenes after 120 more
                    steps, for all seeds but 0: its chroma in 127ths, (40, 24, 24, 2) int8.
balls/LOSS/SEED     what a small generator paints on balls that are orange or blue by lot: the mean
                    chroma of each of 60 balls, after 0, 50, 100, ... steps of the second stage,
                    (13, 60, 2) float16.

The settings are those of the lesson, but the weights of the long runs are averaged over more steps.
On the same machine, the script writes the same file again; on another one, the numbers may differ a
little.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.quiet import import_keras

import_keras()

from colorlab import ColorGAN, encode  # noqa: E402  after TensorFlow was made quiet
from colorlab.backend import keras, tf  # noqa: E402
from colorlab.data.coins import balls  # noqa: E402
from colorlab.data.toyworld import scenes  # noqa: E402
from colorlab.model import presets  # noqa: E402
from colorlab.model.critic import patch_critic  # noqa: E402
from colorlab.model.generators import residual_unet  # noqa: E402

OUT = Path(__file__).parents[1] / "notebooks" / "03_runs.npz"
SIZE, BATCH, PHOTOS = 48, 16, 1024
STEPS = (0, 40, 600, 1200, 2400, 4800)
SEEDS = (0, 1, 2)
PAIR_STEPS = 120
COIN_SEEDS = (0, 1, 2, 3, 4)
COIN_STEPS, COIN_INTERVAL = 600, 50

OBJECTIVES = {"content": None, "critic": "hinge"}

Arrays = dict[str, NDArray[Any]]


def new_gan(seed: int, ema: float) -> ColorGAN:
    """The lesson's networks before they have learned anything."""
    keras.utils.set_random_seed(seed)
    networks = presets.get("toy").generator(SIZE), patch_critic((32, 64), normalize=False)
    return ColorGAN(*networks, ema=ema, seed=seed)


def photo_run(seed: int, batches: tf.data.Dataset, steps: tuple[int, ...]) -> Arrays:
    """Train one generator by the content loss → its weights after each of these steps."""
    gan = new_gan(seed, ema=0.998)
    adam = keras.optimizers.Adam(presets.get("toy").learning_rate)
    gan.compile(generator_optimizer=adam, jit_compile=False)
    found = {}
    for step in steps:
        begin = int(gan.step)
        if step > begin:
            gan.fit(batches.skip(begin).take(step - begin), verbose=0, shuffle=False)
        weights = np.concatenate([np.ravel(each) for each in gan.averaged.get_weights()])
        found[f"photos/{seed}/{step}"] = weights.astype(np.float16)
        print(f"photos, seed {seed}, step {step}", flush=True)
    return found


def pair_run(seed: int, batches: tf.data.Dataset, start: NDArray[np.float16]) -> Arrays:
    """Train on from these weights without and with a critic → what it predicts for test scenes."""
    gray = encode(scenes(40, size=SIZE, seed=2) / np.float32(255))[0]
    found = {}
    for loss, objective in OBJECTIVES.items():
        gan = new_gan(seed, ema=0.98)
        ends = np.cumsum([each.size for each in gan.averaged.get_weights()])[:-1]
        for network in (gan.generator, gan.averaged):
            parts = zip(np.split(start, ends), network.weights, strict=True)
            network.set_weights([part.reshape(each.shape) for part, each in parts])
        gan.step.assign(STEPS[-1])
        gan.compile(
            objective,
            generator_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
            critic_optimizer=keras.optimizers.Adam(1e-3, beta_1=0.5),
            adversarial_weight=0.5,
            match_gradients=True,
            jit_compile=False,
        )
        gan.fit(batches.take(PAIR_STEPS), verbose=0, shuffle=False)
        found[f"pairs/{loss}/{seed}"] = np.rint(127 * np.asarray(gan(gray))).astype(np.int8)
        print(f"pairs, {loss}, seed {seed}", flush=True)
    return found


def coin_run(seed: int, batches: tf.data.Dataset, test: tuple[Any, ...]) -> Arrays:
    """Train by the content loss, then on without and with a critic → the balls' colors."""
    pictures, in_ball, _ = test
    gray = encode(pictures / np.float32(255))[0]
    keras.utils.set_random_seed(seed)
    gan = ColorGAN(residual_unet((8, 16), num_blocks=1), patch_critic((16, 32)), seed=seed)
    gan.compile(generator_optimizer=keras.optimizers.Adam(3e-3), jit_compile=False)
    gan.fit(batches.take(120), verbose=0, shuffle=False)
    halfway = gan.get_weights()
    found = {}
    for loss, objective in OBJECTIVES.items():
        gan.set_weights(halfway)
        gan.compile(
            objective,
            generator_optimizer=keras.optimizers.Adam(5e-4, beta_1=0.5),
            critic_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
            adversarial_weight=2.0,
            match_gradients=True,
            jit_compile=False,
        )
        colors = []
        for step in range(0, COIN_STEPS + 1, COIN_INTERVAL):
            if step:
                part = batches.skip(120 + step - COIN_INTERVAL).take(COIN_INTERVAL)
                gan.fit(part, verbose=0, shuffle=False)
            chroma = np.asarray(gan(gray)).repeat(2, 1).repeat(2, 2)
            colors.append([c[ball].mean(0) for c, ball in zip(chroma, in_ball, strict=True)])
        found[f"balls/{loss}/{seed}"] = np.array(colors, np.float16)
        print(f"balls, {loss}, seed {seed}", flush=True)
    return found


def main() -> None:
    """Train all runs and write the file."""
    tf.config.experimental.enable_op_determinism()
    found: Arrays = {}
    world = tf.data.Dataset.from_tensor_slices(scenes(PHOTOS, size=SIZE, seed=1))
    batches = world.repeat().batch(BATCH)
    for seed in SEEDS:
        found |= photo_run(seed, batches, STEPS if seed == 0 else STEPS[-1:])
        if seed:  # the lesson itself trains the pair of seed 0
            found |= pair_run(seed, batches, found[f"photos/{seed}/{STEPS[-1]}"])
    coins = tf.data.Dataset.from_tensor_slices(balls(1024, seed=1)[0])
    for seed in COIN_SEEDS:
        found |= coin_run(seed, coins.repeat().batch(BATCH), balls(60, seed=2))
    np.savez_compressed(OUT, **found)  # type: ignore[arg-type]  # NumPy's stub knows no arrays as keywords


if __name__ == "__main__":
    main()
