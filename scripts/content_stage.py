"""Train a generator's content stage for a number of minutes, on any backend that Keras has.

    scripts/content_stage.py decode PHOTOS photos.npy
    KERAS_BACKEND=jax scripts/content_stage.py train photos.npy OUT --minutes 8

Made for a GPU that can be had for minutes only; `content_stage.md` beside this file is the whole
procedure. `decode` writes all photos into one array file. `train` maps that file into memory and
cuts the crops on the device.

OUT/generator.keras   the running average: `Colorizer.load` colors with it, `colorlab train --start`
                      goes on from it
OUT/state.weights.h5  what the same command goes on from, if it was stopped
OUT/log.csv           a row for each time that both were written, once a minute
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
from content_losses import ContentStage
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.backend import keras, new_layers, ops
from colorlab.errors import ColorlabError, PhotoError
from colorlab.model import presets
from colorlab.model.generators import load_generator

WARM_UP = 0.02  # share of the time in which the learning rate rises
AVERAGE = 0.8  # share of the old running average that each epoch keeps


def decode(folder: Path, out: Path, side: int) -> int:
    """Write the middle squares of a folder's photos as one array, (N, side, side, 3) uint8.

    A text file beside it names the photos, a line for each row of the array. Files that
    cannot be read, and photos without color, are left out.
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
        squares = {
            p: s for p, s in zip(found, pool.map(square, found), strict=True) if s is not None
        }
    with replacing(out) as partial, partial.open("wb") as file:
        np.save(file, np.stack(list(squares.values())))
    out.with_suffix(".txt").write_text("".join(f"{path.relative_to(folder)}\n" for path in squares))
    return len(squares)


class Minutes(keras.callbacks.Callback):
    """Lets `fit` train for a time: the rate follows a cosine over it. Saves once a minute."""

    def __init__(
        self, out: Path, averaged: keras.Model, minutes: float, rate: float, batch_size: int
    ) -> None:
        """Keep in the folder `out`; `averaged` is a float32 copy of the generator."""
        super().__init__()
        self.out, self.averaged = out, averaged
        self.minutes, self.rate, self.batch_size = minutes, rate, batch_size
        log = out / "log.csv"
        self.rows = list(csv.DictReader(log.open())) if log.exists() else []

    def on_train_begin(self, logs: Any = None) -> None:
        """Go on where the log ends."""
        last = self.rows[-1] if self.rows else {"minutes": 0.0, "epochs": 0, "photos": 0}
        self.epochs, self.photos = int(last["epochs"]), int(last["photos"])
        self.begin = time.monotonic() - 60.0 * float(last["minutes"])
        self.kept = self.elapsed

    @property
    def elapsed(self) -> float:
        """Minutes of training, those before a stop included."""
        return (time.monotonic() - self.begin) / 60.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate."""
        part = min(1.0, self.elapsed / self.minutes)
        cosine = 0.5 * (1.0 + math.cos(math.pi * part))
        self.model.optimizer.learning_rate = self.rate * cosine * min(1.0, 0.01 + part / WARM_UP)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Update the running average, save if a minute has passed, stop when time is up."""
        self.epochs += 1
        self.photos += self.params["steps"] * self.batch_size
        momentum = min(AVERAGE, self.epochs / (10.0 + self.epochs)) if self.epochs > 1 else 0.0
        pairs = zip(self.averaged.weights, self.model.generator.weights, strict=True)
        for average, weight in pairs:
            average.assign(momentum * average + (1.0 - momentum) * ops.cast(weight, "float32"))
        over = self.elapsed >= self.minutes
        if over or self.elapsed - self.kept >= 1.0:
            self.keep(logs or {})
        self.model.stop_training = over

    def keep(self, logs: dict[str, float]) -> None:
        """Write all that is needed to use the generator, and to go on."""
        self.kept = self.elapsed
        losses = {name: f"{loss:.4f}" for name, loss in logs.items() if name != "loss"}
        row = {"minutes": f"{self.elapsed:.2f}", "epochs": self.epochs, "photos": self.photos}
        self.rows.append({key: str(figure) for key, figure in (row | losses).items()})
        print(", ".join(f"{key} {figure}" for key, figure in self.rows[-1].items()), flush=True)
        with replacing(self.out / "generator.keras") as partial:
            self.averaged.save(partial)
        with replacing(self.out / "state.weights.h5") as partial:
            self.model.save_weights(partial)
        with replacing(self.out / "log.csv") as partial, partial.open("w", newline="") as file:
            # A run may go on with a teacher that it did not have before.
            names = dict.fromkeys(name for row in self.rows for name in row)
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.rows)


def batches(arrays: dict[str, NDArray[Any]], size: int, seed: int) -> Iterator[Any]:
    """Batches of rows of all arrays, without end, in an order that is new for each epoch."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(arrays["photos"]))
        for first in range(0, len(order) - size + 1, size):
            rows = np.sort(
                order[first : first + size]
            )  # sorted, so that the memory-mapped file is read in order
            yield ({name: array[rows] for name, array in arrays.items()},)


def train(options: argparse.Namespace) -> None:
    """Train into a folder for a given time, or go on with what is in it."""
    out: Path = options.out
    arrays = {"photos": np.load(options.photos, mmap_mode="r")}
    if options.targets:
        arrays["targets"] = np.load(options.targets, mmap_mode="r")
    if (count := len(arrays["photos"])) < options.batch_size:
        raise ColorlabError(f"{options.photos} holds {count} photos; expected a batch or more.")
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
    keeper = Minutes(out, averaged, options.minutes, options.rate, options.batch_size)
    stage.fit(
        batches(arrays, options.batch_size, seed=len(keeper.rows)),
        epochs=10**6,
        steps_per_epoch=options.steps,
        callbacks=[keeper],
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
    training.add_argument("photos", type=Path)
    training.add_argument("out", type=Path)
    training.add_argument("--minutes", type=float, required=True)
    training.add_argument("--preset", default="small")
    training.add_argument("--size", type=int, default=96, help="Side of a training crop in pixels.")
    training.add_argument("--batch-size", type=int, default=256)
    training.add_argument("--rate", type=float, default=1e-3, help="Learning rate at its peak.")
    training.add_argument(
        "--steps",
        type=int,
        default=100,
        help="Steps between two updates of the rate and of the average.",
    )
    training.add_argument(
        "--bfloat16", action="store_true", help="Compute the networks in bfloat16."
    )
    training.add_argument("--start", type=Path, help="Model (.keras) to start from.")
    training.add_argument(
        "--teacher", type=Path, help="Model (.keras) whose colors are learned, too."
    )
    training.add_argument(
        "--alone",
        action="store_true",
        help="Each block of the encoder learns alone what the teacher's block does.",
    )
    training.add_argument(
        "--targets",
        type=Path,
        help="Array (N, h, w, C) uint8 of features of each photo, which are predicted, too.",
    )
    options = shell.parse_args()
    try:
        if options.command == "decode":
            print(f"Photos in {options.out}: {decode(options.folder, options.out, options.side):,}")
        else:
            train(options)
    except (ColorlabError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
