"""What limits training on this machine: the disk, the decoding of photos, or the step.

python benchmarks/limits.py

Painted photos, in a folder and packed into shards, are read, decoded, and trained on with the
content step of `small`. All take turns, so that a machine whose speed drifts slows all. README.md
says what is measured, and what is not. On Linux.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from pairs import ROUNDS, machine, spread
from PIL import Image

from colorlab import photos
from colorlab.backend import keras, tf
from colorlab.data import shards
from colorlab.data.crops import open_crops
from colorlab.data.toyworld import scenes
from colorlab.model import presets
from colorlab.model.presets import POLICIES
from colorlab.training.gan import ColorGAN
from colorlab.training.trainer import device_name

WIDTH, HEIGHT = 640, 480  # pixels of a photo
GRAIN = 8  # of 255 levels; without it, a painted photo has half of a real one's bytes
SMALL = presets.get("small")
STEPS = 5  # of a batch in memory, in a round
HEADER = ("", "photos a second", "share of its limit's", "hours for a million photos")

Step = Callable[[Any], object]


def make_photos(folder: Path, number: int) -> None:
    rng = np.random.default_rng(0)
    folder.mkdir()
    for i, scene in enumerate(scenes(number)):
        image = Image.fromarray(scene).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        grainy = np.asarray(image) + rng.normal(0, GRAIN, (HEIGHT, WIDTH, 1))
        image = Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8))
        image.save(folder / f"{i:06d}.jpg", quality=90)


def forget(folder: Path) -> None:
    """Let the system drop what it holds of the files, so that the disk is asked for them again."""
    os.sync()  # what is not on the disk yet would not be dropped
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read(folder: Path) -> float:
    """Photos a second, their bytes alone, one photo after another in random order."""
    source = open_crops(folder, size=SMALL.size, seed=0).source
    forget(folder)
    begin = time.perf_counter()
    for i in np.random.default_rng(0).permutation(len(source)):
        photo = source[i]
        if isinstance(photo, Path):
            photo.read_bytes()
    return len(source) / (time.perf_counter() - begin)


def batches(folder: Path) -> Any:
    crops = open_crops(folder, size=SMALL.size, seed=0)
    return crops.batches(SMALL.batch_size, 0, len(crops) // SMALL.batch_size)


def bare(folder: Path) -> Any:
    """TensorFlow's own decoding of the same bytes, a crop of each from a fixed place."""
    source = open_crops(folder, size=SMALL.size, seed=0).source
    stored = (source[i] for i in range(len(source)))
    read = [each.read_bytes() if isinstance(each, Path) else bytes(each) for each in stored]

    def crop(photo: Any) -> Any:
        return tf.io.decode_jpeg(photo, channels=3)[: SMALL.size, : SMALL.size]

    decoded = tf.data.Dataset.from_tensor_slices(read).map(crop, tf.data.AUTOTUNE)
    return decoded.batch(SMALL.batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def consume(some: Iterable[Any], step: Step = len) -> float:
    """Photos a second, after the first batch: that one waits for threads, and for a compiler."""
    stream = iter(some)
    step(next(stream))
    count, begin = 0, time.perf_counter()
    for batch in stream:
        step(batch)
        count += len(batch)
    return count / (time.perf_counter() - begin)


def content_step(precision: str) -> Step:
    """A content step as `colorlab train` takes it."""
    keras.config.set_dtype_policy(POLICIES[precision])
    gan = ColorGAN(SMALL.generator(SMALL.size), SMALL.critic())
    gan.compile()
    step = tf.function(gan.train_step, autograph=False)
    return lambda batch: float(step(batch)["content_loss"])


def measure(folders: Sequence[Path], steps: Mapping[str, Step]) -> dict[str, float]:
    """Photos a second of each part, and of training as a whole; a step's name is its precision."""
    rates = {}
    for folder in folders:
        rates[f"disk, {folder.name}"] = read(folder)
        # What was just read is in memory, so this does not wait for the disk.
        rates[f"decoding, {folder.name}"] = consume(batches(folder))
        rates[f"TensorFlow's decoding, {folder.name}"] = consume(bare(folder))
    batch = tf.constant(scenes(SMALL.batch_size, size=SMALL.size))
    for precision, step in steps.items():
        rates[f"step, {precision}"] = consume([batch] * (1 + STEPS), step)
        for folder in folders:
            forget(folder)
            rates[f"training, {folder.name}, {precision}"] = consume(batches(folder), step)
    return rates


def table(rounds: Sequence[Mapping[str, float]]) -> str:
    """The rates as Markdown; below, the slowest part of each training."""
    rates = {name: np.array([each[name] for each in rounds]) for name in rounds[0]}
    lines = [f"| {' | '.join(HEADER)} |", f"|---|{'---:|' * (len(HEADER) - 1)}"]
    limits = []
    for name, figures in rates.items():
        what, place, *precision = name.split(", ")
        share = ""
        if what == "decoding":
            share = spread(figures / rates[f"TensorFlow's decoding, {place}"], 2)
        if what == "training":
            parts = [f"disk, {place}", f"decoding, {place}", f"step, {precision[0]}"]
            share = spread(figures / rates[parts[-1]], 2)
            slowest = min(parts, key=lambda part: np.median(rates[part])).partition(",")[0]
            limits.append(f"{place}, {precision[0]}: {slowest}")
        hours = 1e6 / 3600 / np.median(figures)
        lines.append(f"| {name} | {spread(figures, 0)} | {share} | {hours:.1f} |")
    return "\n".join([*lines, "", f"What limits training: {'; '.join(limits)}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, default=600)
    asked = parser.parse_args()
    if asked.photos < 2 * SMALL.batch_size:
        parser.error(f"--photos is {asked.photos}; expected {2 * SMALL.batch_size} or more")
    print(f"{device_name()}, {machine('tensorflow', 'pillow')}, {ROUNDS} rounds\n", flush=True)
    with TemporaryDirectory() as temporary:
        folders = [Path(temporary) / name for name in ("folder", "shards")]
        make_photos(folders[0], asked.photos)
        shards.pack(photos.find(folders[0]), folders[1])
        steps = {precision: content_step(precision) for precision in POLICIES}
        print(table([measure(folders, steps) for _ in range(ROUNDS)]))


if __name__ == "__main__":
    main()
