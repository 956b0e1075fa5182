"""What limits training on this machine: the disk, the decoding of photos, or the step.

python benchmarks/limits.py

Painted photos, in a folder and packed into shards, are read, decoded, and trained on with the
content step of `small`. All take turns, so that a machine whose speed drifts slows all. README.md
says what is measured, and what is not. On Linux.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from shared import ROUNDS, heading, machine, make_photo, options, row, spread, training_step

from colorlab import photos
from colorlab.data import shards
from colorlab.data.crops import open_crops
from colorlab.data.toyworld import scenes
from colorlab.quiet import import_keras

import_keras()

from colorlab.backend import keras, tf
from colorlab.model import presets
from colorlab.model.presets import POLICIES
from colorlab.training.trainer import device_name

SMALL = presets.get("small")
STEPS = 5  # of a batch in memory, in a round

Step = Callable[[Any], object]


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
    keras.config.set_dtype_policy(POLICIES[precision])
    return training_step(SMALL, SMALL.size)


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
    columns = "part", "photos a second", "fraction of its limit", "hours for a million photos"
    lines, limits = [heading(*columns)], []
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
        lines.append(row(name, spread(figures, 0), share, f"{hours:.1f}"))
    return "\n".join([*lines, "", f"What limits training: {'; '.join(limits)}"])


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--photos", type=int, default=600)
    asked = parser.parse_args()
    if asked.photos < 2 * SMALL.batch_size:
        parser.error(f"--photos is {asked.photos}; expected {2 * SMALL.batch_size} or more")
    print(f"{device_name()}, {machine('tensorflow', 'pillow')}, {ROUNDS} rounds\n", flush=True)
    with TemporaryDirectory() as temporary:
        folders = [Path(temporary) / name for name in ("folder", "shards")]
        folders[0].mkdir()
        for i in range(asked.photos):
            make_photo(folders[0] / f"{i:06d}.jpg", (640, 480), i)
        shards.pack(photos.find(folders[0]), folders[1])
        steps = {precision: content_step(precision) for precision in POLICIES}
        print(table([measure(folders, steps) for _ in range(ROUNDS)]))


if __name__ == "__main__":
    main()
