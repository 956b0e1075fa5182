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
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colorlab import photos, presets
from colorlab.atomic import replacing
from colorlab.augmentation import training_pair
from colorlab.backend import keras, new_layers, ops
from colorlab.datasets import SMALLEST
from colorlab.errors import ColorlabError, PhotoError
from colorlab.generator import load_generator
from colorlab.objectives import content_loss, distribution_loss

Tensor = Any
WARM_UP = 0.02  # share of the time in which the learning rate rises
AVERAGE = 0.8  # share of the old running average that each epoch keeps
WEIGHTS = {"content": 1.0, "distribution": 0.05, "teacher": 0.5, "targets": 0.2}  # of the losses
TARGET_RANGE = 4.0  # 0 to 255 in a stored target stand for -4 to 4 standard deviations


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


def cut(
    pictures: Tensor, top: Tensor, left: Tensor, side: Tensor, mirror: Tensor, size: int
) -> Tensor:
    """Cut a square of each picture, resize it, and mirror some.

    Args:
        pictures: (N, H, W, C), of any dtype.
        top, left, side: (N,) float32, where each square lies, as shares of the picture's side.
        mirror: (N,) bool.
        size: height and width of the result.

    Returns:
        (N, size, size, C) float32, resized bilinearly, each pixel a mean of those it stands for.
    """
    rows = _resampling(top, side, size, pictures.shape[1])
    columns = _resampling(left, side, size, pictures.shape[2])
    columns = ops.where(mirror[:, None, None], ops.flip(columns, 1), columns)
    lines = ops.einsum("nyh,nhwc->nywc", rows, ops.cast(pictures, "float32"))
    return ops.einsum("nxw,nywc->nyxc", columns, lines)


def _resampling(first: Tensor, span: Tensor, size: int, length: int) -> Tensor:
    """(N, size, length): how much of each of `length` pixels is in each of `size`."""
    step = (span * length / size)[:, None]
    centers = first[:, None] * length + step * (ops.arange(size, dtype="float32") + 0.5)
    away = ops.abs(centers[..., None] - (ops.arange(length, dtype="float32") + 0.5))
    weights = ops.relu(1.0 - away / ops.maximum(step, 1.0)[..., None])
    return weights / ops.sum(weights, axis=-1, keepdims=True)


class ContentStage(keras.Model):
    """A generator that `fit` trains on dicts of "photos", uint8, and if there are any, "targets".

    Its loss is the content loss; plus, where the generator predicts a distribution, how unlikely
    the true color is by it; plus, with a teacher, the content loss against the teacher's
    colors of the same gray; plus, with targets, the squared error of what a 1×1 convolution makes
    of the generator's coarsest map.
    """

    def __init__(
        self, generator: keras.Model, size: int, teacher: keras.Model | None, channels: int
    ) -> None:
        """Take a built generator, and the side of its crops.

        Args:
            generator: gray (N, H, W, 1) → chroma (N, H/f, W/f, 2).
            size: height and width of a crop in pixels.
            teacher: another such model, of any f that divides the generator's; it stays as it is.
            channels: of the targets; 0 if there are none.
        """
        super().__init__(dtype="float32")
        self.generator, self.size, self.teacher = generator, size, teacher
        outputs, losses = {"chroma": generator.output}, ["content"]
        if teacher is not None:
            teacher.trainable = False
            losses.append("teacher")
        if channels:
            losses.append("targets")
            enlarge = keras.layers.UpSampling2D
            coarsest = next(each for each in generator.layers if isinstance(each, enlarge)).input
            head = keras.layers.Conv2D(channels, 1, dtype="float32", name="targets")
            outputs["targets"] = head(coarsest)
        if any(layer.name == "logits" for layer in generator.layers):
            losses.append("distribution")
            outputs["logits"] = generator.get_layer("logits").output
        self.network = keras.Model(generator.input, outputs)
        self.random = keras.random.SeedGenerator(0)
        self.means = {name: keras.metrics.Mean(name) for name in losses}
        self.built = True

    def call(self, batch: dict[str, Tensor], training: bool = False) -> dict[str, Tensor]:
        """Cut crops of "photos" (N, H, W, 3) and "targets" (N, h, w, C) → their losses, scalars."""
        count = ops.shape(batch["photos"])[0]

        def draw(low: float = 0.0, high: float = 1.0) -> Tensor:
            return keras.random.uniform((count,), low, high, "float32", self.random)

        side = draw(SMALLEST, 1.0)
        square = draw() * (1.0 - side), draw() * (1.0 - side), side, draw() < 0.5
        rgb = cut(batch["photos"], *square, self.size)
        factor = self.size // self.generator.compute_output_shape((1, self.size, self.size, 1))[1]
        gray, _, value, chroma = training_pair(rgb, factor, seed=self.random)
        outputs = self.network(gray, training=training)
        predicted = outputs["chroma"]
        losses = {"content": content_loss(value, chroma, predicted)}
        if "logits" in outputs:
            losses["distribution"] = distribution_loss(value, chroma, outputs["logits"])
        if self.teacher is not None:
            taught = self.teacher(gray, training=False)
            finer = taught.shape[1] // predicted.shape[1]
            taught = ops.average_pool(taught, finer, finer, data_format="channels_last")
            losses["teacher"] = content_loss(value, ops.stop_gradient(taught), predicted)
        if "targets" in outputs:
            stored = cut(batch["targets"], *square, outputs["targets"].shape[1])
            expected = stored / 255.0 * (2.0 * TARGET_RANGE) - TARGET_RANGE
            losses["targets"] = ops.mean(ops.square(outputs["targets"] - expected))
        return losses

    def compute_loss(self, x: Any, y: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Tensor:
        """The weighted sum of what `call` returned, as `fit` asks for it."""
        for name, loss in y_pred.items():
            self.means[name].update_state(loss)
        return sum(WEIGHTS[name] * loss for name, loss in y_pred.items())


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
        )
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
