"""Train one small generator with each of several critics; lesson 02 shows what becomes of it.

    python scripts/lesson_02.py

It writes notebooks/02_generators.npz, which the lesson opens. It needs about four minutes of
CPU time. Another machine, or another number of threads, rounds differently, and a GAN makes large
differences out of small ones: the numbers will not be the same there.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab.quiet import import_keras

import_keras()

from colorlab import ColorGAN, decode, encode  # noqa: E402  after TensorFlow was made quiet
from colorlab.backend import keras, tf  # noqa: E402
from colorlab.data.toyworld import scenes  # noqa: E402
from colorlab.evaluation.metrics import ab_distance, colorfulness  # noqa: E402
from colorlab.model.critic import patch_critic  # noqa: E402
from colorlab.model.generators import residual_unet  # noqa: E402
from colorlab.model.objectives import get  # noqa: E402

Floats = NDArray[np.float32]

FILE = Path(__file__).parents[1] / "notebooks" / "02_generators.npz"
OBJECTIVES = ("logistic_saturating", "logistic", "wasserstein_gp", "wasserstein")
SEEDS = (1, 2, 3)
SIZE, WIDTHS, BATCH, SHOWN = 32, (8, 16, 32), 16, 6  # as in the lesson
CONTENT_STEPS = 128  # before a critic joins
CRITIC_STEPS = 5  # for each step of the generator, as in the papers on the Wasserstein GAN
STEPS = (0, 25, 50, 75, 100)  # of the generator; its scores are measured after each

PHOTOS, HELD = scenes(256, SIZE, seed=1), scenes(64, SIZE, seed=2)
TRUTH = HELD / np.float32(255)
GRAY = encode(TRUTH)[0]


def batches() -> Any:
    """The training photos in the same endless order for each run, uint8 (16, 32, 32, 3)."""
    return tf.data.Dataset.from_tensor_slices(PHOTOS).shuffle(256, seed=0).repeat().batch(BATCH)


def adam(rate: float = 1e-3) -> Any:
    """A new optimizer."""
    return keras.optimizers.Adam(rate, beta_1=0.5)


def chroma(generator: Any) -> Floats:
    """What the generator says of the 64 photos that it was not trained on, (64, 16, 16, 2)."""
    return np.asarray(generator(GRAY, training=False))


def scores(generator: Any) -> tuple[float, float]:
    """Colorfulness as a share of the truth's, and a*b* distance as a share of the gray photos'."""
    pictures = decode(GRAY, chroma(generator).repeat(2, axis=1).repeat(2, axis=2))
    grays = GRAY.repeat(3, axis=-1)

    def distance(pictures: Floats) -> float:
        return float(np.mean([ab_distance(*pair) for pair in zip(pictures, TRUTH, strict=True)]))

    color = np.mean([colorfulness(each) for each in pictures])
    return (
        float(color / np.mean([colorfulness(each) for each in TRUTH])),
        distance(pictures) / distance(grays),
    )


def start(seed: int) -> Any:
    """A generator that has learned to color by its error alone."""
    keras.utils.set_random_seed(seed)
    gan = ColorGAN(residual_unet(WIDTHS, num_blocks=1), patch_critic(WIDTHS))
    gan.compile(generator_optimizer=keras.optimizers.Adam(4e-3))
    gan.fit(batches(), steps_per_epoch=CONTENT_STEPS, verbose=0, shuffle=False)
    return gan.generator


def train(generator: Any, name: str, seed: int) -> list[tuple[float, float]]:
    """Train the generator on with one objective alone, or with the content loss alone.

    Returns:
        Its scores after each of STEPS.
    """
    keras.utils.set_random_seed(seed)  # so all critics of a seed begin with the same weights
    gan = ColorGAN(generator, patch_critic(WIDTHS))
    batches_a_step = 1
    if name == "content":
        gan.compile(generator_optimizer=adam())
    else:
        objective = replace(get(name), critic_steps=CRITIC_STEPS)
        gan.compile(
            objective, generator_optimizer=adam(), critic_optimizer=adam(), content_weight=0.0
        )
        batches_a_step = CRITIC_STEPS
    found = [scores(generator)]
    for before, after in pairwise(STEPS):
        steps = (after - before) * batches_a_step
        gan.fit(batches(), steps_per_epoch=steps, verbose=0, shuffle=False)
        found.append(scores(generator))
    return found


def main() -> None:
    """Train all, and write what the lesson shows."""
    names = (*OBJECTIVES, "content")
    found = np.zeros((len(names), len(SEEDS), len(STEPS), 2), np.float32)
    said = np.zeros((1 + len(names), len(SEEDS), SHOWN, SIZE // 2, SIZE // 2, 2), np.int8)
    for j, seed in enumerate(SEEDS):
        generator = start(seed)
        weights = generator.get_weights()
        said[0, j] = np.round(127 * chroma(generator)[:SHOWN])
        for i, name in enumerate(names):
            generator.set_weights(weights)
            found[i, j] = train(generator, name, seed)
            said[1 + i, j] = np.round(127 * chroma(generator)[:SHOWN])
            print(seed, name, *(f"{a:.2f} {b:.2f}," for a, b in found[i, j]), flush=True)
    np.savez_compressed(
        FILE,
        names=np.array(["start", *names]),
        truth=HELD[:SHOWN],
        chroma=said,
        steps=np.array(STEPS),
        scores=found,
    )
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
