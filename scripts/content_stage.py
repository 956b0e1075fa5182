"""Train a generator's content stage for a number of minutes, on any backend that Keras has.

    scripts/content_stage.py decode PHOTOS photos.npy
    KERAS_BACKEND=jax scripts/content_stage.py train photos.npy OUT --minutes 8

`content_stage.md` beside this file shows how to use it on a GPU that is lent for minutes only.
`decode` writes all photos into one array file. `train` maps that file into memory and cuts the
crops on the device. The same command continues a run that was stopped. It saves once a minute:

OUT/generator.keras   the running average, for `Colorizer.load` or `colorlab train --start`
OUT/state.weights.h5  what is needed to continue
OUT/log.csv           one row for each time that these were saved
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.errors import ColorlabError, PhotoError
from colorlab.quiet import import_keras

import_keras()

from content_losses import ContentStage  # noqa: E402  after TensorFlow was made quiet

from colorlab.backend import keras, new_layers, ops  # noqa: E402
from colorlab.model import presets  # noqa: E402
from colorlab.model.generators import load_generator  # noqa: E402

WARM_UP = 0.02  # fraction of the time in which the learning rate rises
AVERAGE = 0.8  # momentum of the running average, over epochs


def decode(folder: Path, out: Path, side: int) -> int:
    """Write the middle squares of a folder's photos as one array, (N, side, side, 3) uint8.

    A text file beside it names the photo of each row. Files that cannot be read, and photos without
    color, are skipped. Returns the number of photos.
    """

    def square(path: Path) -> NDArray[np.uint8] | None:
        try:
            photo = photos.read(path, at_least=side)
            photos.require_color(photo, path)
        except PhotoError:
            return None
        image = Image.fromarray(photo.pixels)
        return np.asarray(ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC))

    found = photos.find(folder)
    with ThreadPoolExecutor() as pool:
        squares = list(pool.map(square, found))
    with replacing(out) as partial, partial.open("wb") as file:
        np.save(file, np.stack([each for each in squares if each is not None]))
    names = [path for path, each in zip(found, squares, strict=True) if each is not None]
    out.with_suffix(".txt").write_text("".join(f"{path.relative_to(folder)}\n" for path in names))
    return len(names)


class Minutes(keras.callbacks.Callback):
    """Lets `fit` train for a time: the rate follows a cosine over it. Saves once a minute."""

    def __init__(
        self, out: Path, averaged: keras.Model, minutes: float, rate: float, batch_size: int
    ) -> None:
        """Save in the folder `out`; `averaged` is a float32 copy of the generator."""
        super().__init__()
        self.out, self.averaged = out, averaged
        self.minutes, self.rate, self.batch_size = minutes, rate, batch_size
        log = out / "log.csv"
        self.rows = list(csv.DictReader(log.read_text().splitlines())) if log.exists() else []

    def on_train_begin(self, logs: Any = None) -> None:
        """Continue where the log ends."""
        last = self.rows[-1] if self.rows else {"minutes": 0.0, "epochs": 0, "photos": 0}
        self.epochs, self.photos = int(last["epochs"]), int(last["photos"])
        self.begin = time.monotonic() - 60.0 * float(last["minutes"])
        self.saved = self.elapsed

    @property
    def elapsed(self) -> float:
        """Minutes of training, including those before a stop."""
        return (time.monotonic() - self.begin) / 60.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate."""
        part = min(1.0, self.elapsed / self.minutes)
        cosine = 0.5 * (1.0 + math.cos(math.pi * part))
        self.model.optimizer.learning_rate = self.rate * cosine * min(1.0, 0.01 + part / WARM_UP)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Update the running average, save if a minute has passed, stop when time is up."""
        self.epochs += 1
        self.photos += self.params["steps"] * self.batch_size
        momentum = min(AVERAGE, self.epochs / (10.0 + self.epochs)) if self.epochs > 1 else 0.0
        pairs = zip(self.averaged.weights, self.model.generator.weights, strict=True)
        for average, weight in pairs:
            average.assign(momentum * average + (1.0 - momentum) * ops.cast(weight, "float32"))
        self.model.stop_training = self.elapsed >= self.minutes
        if self.model.stop_training or self.elapsed - self.saved >= 1.0:
            self.save(logs)

    def save(self, logs: dict[str, float]) -> None:
        """Save all that is needed to use the generator, and to continue."""
        self.saved = self.elapsed
        row = {"minutes": f"{self.elapsed:.2f}", "epochs": self.epochs, "photos": self.photos}
        row |= {name: f"{loss:.4f}" for name, loss in logs.items() if name != "loss"}
        self.rows.append({name: str(figure) for name, figure in row.items()})
        print(", ".join(f"{name} {figure}" for name, figure in row.items()), flush=True)
        with replacing(self.out / "generator.keras") as partial:
            self.averaged.save(partial)
        with replacing(self.out / "state.weights.h5") as partial:
            self.model.save_weights(partial)
        with replacing(self.out / "log.csv") as partial, partial.open("w", newline="") as file:
            # A run may continue with a teacher that it did not have before.
            writer = csv.DictWriter(file, dict.fromkeys(name for row in self.rows for name in row))
            writer.writeheader()
            writer.writerows(self.rows)


def batches(arrays: dict[str, NDArray[Any]], size: int, seed: int) -> Iterator[Any]:
    """Batches of rows of all arrays, without end, in an order that is new for each epoch."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(arrays["photos"]))
        for first in range(0, len(order) - size + 1, size):
            rows = np.sort(order[first : first + size])  # to read the mapped file in order
            yield ({name: array[rows] for name, array in arrays.items()},)


def train(options: argparse.Namespace) -> None:
    """Train into a folder for a given time, or continue the run that is in it."""
    out: Path = options.out
    arrays = {"photos": np.load(options.photos, mmap_mode="r")}
    if options.targets:
        arrays["targets"] = np.load(options.targets, mmap_mode="r")
    if (count := len(arrays["photos"])) < options.batch_size:
        raise ColorlabError(
            f"{options.photos} contains {count} photos; expected {options.batch_size} or more, "
            "the batch size."
        )
    out.mkdir(parents=True, exist_ok=True)
    begin = out / "generator.keras" if (out / "generator.keras").exists() else options.start
    keras.utils.set_random_seed(0)
    recipe = presets.get(options.preset)
    with new_layers("float32"):
        averaged = recipe.generator(options.size)
    with new_layers("mixed_bfloat16" if options.bfloat16 else "float32"):
        generator = recipe.generator(options.size)
        if begin:
            averaged.set_weights(load_generator(begin).get_weights())
            generator.set_weights(averaged.get_weights())
        stage = ContentStage(
            generator,
            options.size,
            teacher=load_generator(options.teacher) if options.teacher else None,
            channels=arrays["targets"].shape[-1] if options.targets else 0,
            alone=options.alone,
        )
    if options.alone and not begin:
        stage.match_scales(arrays["photos"][:: count // 256 + 1])
    stage.compile(keras.optimizers.Adam(options.rate, global_clipnorm=1.0))
    stage.optimizer.build(stage.trainable_variables)
    if (out / "state.weights.h5").exists():
        stage.load_weights(out / "state.weights.h5")
    minutes = Minutes(out, averaged, options.minutes, options.rate, options.batch_size)
    stage.fit(
        batches(arrays, options.batch_size, seed=len(minutes.rows)),
        epochs=10**6,
        steps_per_epoch=options.steps,
        callbacks=[minutes],
        shuffle=False,
        verbose=0,
    )


def main() -> None:
    """Parse the command line and run the command."""
    shell = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = shell.add_subparsers(dest="command", required=True)
    decoding = commands.add_parser("decode", help="Photos, searched recursively → one array.")
    decoding.add_argument("folder", type=Path)
    decoding.add_argument("out", type=Path)
    decoding.add_argument("--side", type=int, default=128, help="In pixels; by default 128.")
    training = commands.add_parser("train", help="An array of photos → a generator.")
    add = training.add_argument
    add("photos", type=Path)
    add("out", type=Path)
    add("--minutes", type=float, required=True)
    add("--preset", default="small")
    add("--size", type=int, default=96, help="Side of a training crop in pixels.")
    add("--batch-size", type=int, default=256)
    add("--rate", type=float, default=1e-3, help="Learning rate at its peak.")
    add("--steps", type=int, default=100, help="Steps between changes of the rate and average.")
    add("--bfloat16", action="store_true", help="Compute the networks in bfloat16.")
    add("--start", type=Path, help="Model (.keras) to start from.")
    add("--teacher", type=Path, help="Model (.keras) whose colors the generator also learns.")
    add("--alone", action="store_true", help="Each encoder block imitates the teacher's alone.")
    add("--targets", type=Path, help="Array (N, h, w, C) uint8 of features, also to predict.")
    options = shell.parse_args()
    try:
        if options.command == "decode":
            count = decode(options.folder, options.out, options.side)
            print(f"{options.out} contains {count:,} photos.")
        else:
            train(options)
    except (ColorlabError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
