"""Train what lesson 03 shows but has no time to train: it takes minutes, on a CPU as well.

    python scripts/lesson_03.py

It writes `notebooks/03_runs.npz`. All arrays in it are float16:

photos/SEED/STEP    the weights of `toy` after so many steps by the content loss alone, on painted
                    scenes: those of the averaged generator, one after another, (80762,). Seed 0 has
                    all steps of `STEPS`, the other seeds have only the last.
balls/LOSS/SEED     what a small generator paints on balls that are orange or teal by lot: the mean
                    chroma of each of 60 balls, after 0, 50, 100, ... steps of the second stage,
                    (13, 60, 2). The loss is "content" or "critic" (content loss and critic).

The settings are those of the lesson. On the same machine, the script writes the same file again; on
another one, the numbers may differ a little.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab import ColorGAN, encode
from colorlab.backend import keras, tf
from colorlab.data.coins import balls
from colorlab.data.toyworld import scenes
from colorlab.model import presets
from colorlab.model.critic import patch_critic
from colorlab.model.generators import residual_unet

OUT = Path(__file__).parents[1] / "notebooks" / "03_runs.npz"
SIZE, BATCH, PHOTOS = 48, 16, 1024
STEPS = (0, 40, 600, 1200, 2400, 4800)
SEEDS = (0, 1, 2)
COIN_SEEDS = (0, 1, 2, 3, 4)
COIN_STEPS, COIN_INTERVAL = 600, 50

Arrays = dict[str, NDArray[np.float16]]


def photo_run(seed: int, batches: tf.data.Dataset, steps: tuple[int, ...]) -> Arrays:
    """Train one generator by the content loss → its weights after each of these steps."""
    keras.utils.set_random_seed(seed)
    recipe = presets.get("toy")
    # The critic does not learn here. It is there so that the seed gives the lesson's weights.
    gan = ColorGAN(recipe.generator(SIZE), patch_critic((32, 64), normalize=False), seed=seed)
    adam = keras.optimizers.Adam(recipe.learning_rate)
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
    for loss, objective in (("content", None), ("critic", "hinge")):
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
    shell = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = shell.add_argument
    add("--out", type=Path, default=OUT, help="By default notebooks/03_runs.npz.")
    add("--steps", type=int, nargs="+", default=STEPS, help="Of the photos' first seed.")
    add("--seeds", type=int, nargs="*", default=SEEDS, help="Of the photos.")
    add("--coin-seeds", type=int, nargs="*", default=COIN_SEEDS)
    options = shell.parse_args()
    tf.config.experimental.enable_op_determinism()
    found: Arrays = {}
    world = tf.data.Dataset.from_tensor_slices(scenes(PHOTOS, size=SIZE, seed=1))
    for seed in options.seeds:
        steps = options.steps if seed == options.seeds[0] else options.steps[-1:]
        found |= photo_run(seed, world.repeat().batch(BATCH), tuple(steps))
    coins = tf.data.Dataset.from_tensor_slices(balls(1024, seed=1)[0])
    for seed in options.coin_seeds:
        found |= coin_run(seed, coins.repeat().batch(BATCH), balls(60, seed=2))
    np.savez(options.out, **found)  # type: ignore[arg-type]  # NumPy's stub takes no other keyword


if __name__ == "__main__":
    main()
