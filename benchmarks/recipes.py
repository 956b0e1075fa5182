"""The table of recipes: short runs that differ from the preset `small` in one thing each.

python benchmarks/recipes.py TRAIN_FOLDER VAL_FOLDER

Each run is a short content stage on the small crops that `small` begins with, and sees the same
photos in the same order; those with a critic go on for a tenth more, and `longer` for as many
without one. A row is kept when its run ends, so the command can be stopped and started again.
README.md says how to read the table.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colorlab import generator, photos, presets
from colorlab.atomic import replacing
from colorlab.backend import keras, layers, ops
from colorlab.colorizer import render
from colorlab.critic import patch_critic
from colorlab.datasets import Crops
from colorlab.encoding import Gray, adjust, encode
from colorlab.errors import ColorlabError
from colorlab.evaluation import GRAYS, as_gray, average, score
from colorlab.gan import ColorGAN
from colorlab.generator import residual_unet
from colorlab.layers import instance_norm, up_merge
from colorlab.metrics import colorfulness
from colorlab.photos import Photo

Tensor = Any
Row = dict[str, str]
Patches = Mapping[str, Callable[..., Any]]

# The table began before `small` had 16 blocks and batches of 64, and its rows must stay comparable.
SMALL = replace(
    presets.get("small"),
    generator=lambda size: generator.residual_unet((32, 64, 128, 256), num_blocks=10),
    batch_size=32,
)
CROP, SIDE = 64, 80  # pixels: of a training crop, and of a validation photo, cut to a square
EQUAL_COLOR = 0.65  # of the truth's colorfulness


@dataclass(frozen=True)
class Variant:
    """One change to `small`: in words, then what stands in for which names of the package."""

    change: str
    patches: Patches = field(default_factory=dict)
    learning_rate: float = SMALL.learning_rate
    weight_decay: float | None = None
    ema: float = 0.998
    seed: int = 0
    longer: bool = False
    critic: Mapping[str, Any] = field(default_factory=dict)  # of `ColorGAN.compile`
    critic_rate: float | None = None


def norm(new: Callable[[Tensor], Tensor]) -> Patches:
    return {"colorlab.layers.group_norm": new, "colorlab.generator.group_norm": new}


def merge(new: Callable[[Tensor, Tensor, int], Tensor]) -> Patches:
    return {"colorlab.generator.up_merge": new}


def blocks(number: int) -> Patches:
    return {"colorlab.generator.residual_unet": lambda filters, **_: residual_unet(filters, number)}


def loss(*, by_value: bool = True, by_chroma: float = 4.0, power: int = 1) -> Patches:
    """`objectives.content_loss`, with its weights and the power of the distance to choose."""

    def content_loss(value: Tensor, chroma: Tensor, predicted: Tensor) -> Tensor:
        distance = ops.sqrt(ops.sum(ops.square(predicted - chroma), axis=-1) + 1e-6)
        weight = 1.0 + by_chroma * ops.sqrt(ops.sum(ops.square(chroma), axis=-1))
        if by_value:
            weight *= ops.maximum(value[..., 0], 0.1)
        return ops.mean(weight * distance**power)

    return {"colorlab.objectives.content_loss": content_loss}


def wide_crop(pixels: NDArray[np.uint8], size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """`datasets.random_crop`, from 40 % of the short side on."""
    height, width = pixels.shape[:2]
    side = rng.uniform(0.4, 1.0) * min(height, width)
    top, left = rng.uniform(0, height - side), rng.uniform(0, width - side)
    box = (left, top, left + side, top + side)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, box=box)
    return np.asarray(ImageOps.mirror(image) if rng.random() < 0.5 else image)


def critic(objective: str, weight: float = 0.25) -> Mapping[str, Any]:
    return {"objective": objective, "adversarial_weight": weight, "match_gradients": True}


def flat_critic(filters: Sequence[int]) -> keras.Model:
    """`patch_critic`, which multiplies chroma by gray, shown a chroma that undoes it."""
    gray, chroma = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    shown = chroma / ops.maximum(gray, 0.01)
    return keras.Model([gray, chroma], patch_critic(filters)([gray, shown]))


def boosted_encode(rgb: Tensor) -> tuple[Tensor, Tensor]:
    gray, chroma = encode(rgb)
    return gray, adjust(chroma, strength=1.2)


VARIANTS = {
    "base": Variant("nothing"),
    "instance-norm": Variant("instance for group normalization", norm(instance_norm)),
    "batch-norm": Variant("batch for group", norm(lambda x: layers.BatchNormalization()(x))),
    "no-squeeze": Variant("no squeeze-excitation", {"colorlab.layers.squeeze_excite": lambda x: x}),
    "blocks-6": Variant("6 blocks for 10", blocks(6)),
    "blocks-16": Variant("16 blocks for 10", blocks(16)),
    "wide": Variant("decoder twice as wide", merge(lambda x, skip, n: up_merge(x, skip, 2 * n))),
    # The merge to half the photo's size, the one of 16 filters, is left out.
    "quarter": Variant(
        "chroma at 1/4 for 1/2", merge(lambda x, skip, n: up_merge(x, skip, n) if n > 16 else x)
    ),
    "chroma-0": Variant("loss weight 1 for 1 + 4·chroma", loss(by_chroma=0.0)),
    "chroma-2": Variant("loss weight 1 + 2·chroma", loss(by_chroma=2.0)),
    "chroma-8": Variant("loss weight 1 + 8·chroma", loss(by_chroma=8.0)),
    "no-value": Variant("loss not weighted by value", loss(by_value=False)),
    "squared": Variant("distance squared", loss(power=2)),
    "boosted": Variant("true chroma times 1.2", {"colorlab.augmentation.encode": boosted_encode}),
    "wide-crops": Variant("crops from 40 % on", {"colorlab.datasets.random_crop": wide_crop}),
    "not-aged": Variant(
        "no aged grays", {"colorlab.augmentation.aged": lambda gray, **draws: gray}
    ),
    "no-average": Variant("no running average", ema=0.0),
    "fast": Variant("learning rate times 2", learning_rate=2.0 * SMALL.learning_rate),
    "decay": Variant("weight decay 0.05", weight_decay=0.05),
    "seed-1": Variant("another seed", seed=1),
    "longer": Variant("a tenth longer", longer=True),
    "hinge": Variant("then hinge, weight 0.25", longer=True, critic=critic("hinge")),
    "hinge-1": Variant("then hinge, weight 1", longer=True, critic=critic("hinge", 1.0)),
    "flat": Variant(
        "then hinge, a critic that sees chroma, not the HSV cone",
        {"colorlab.presets.patch_critic": flat_critic},
        longer=True,
        critic=critic("hinge"),
    ),
    "two-rates": Variant(
        "then hinge, the critic 4 times as fast",
        longer=True,
        critic=critic("hinge"),
        critic_rate=8e-4,
    ),
    "logistic": Variant("then logistic, weight 0.25", longer=True, critic=critic("logistic")),
    "penalty": Variant(
        "then Wasserstein with penalty, weight 0.25", longer=True, critic=critic("wasserstein_gp")
    ),
}

read_once = cache(photos.read)


def train(variant: Variant, paths: Sequence[Path], num_photos: int) -> keras.Model:
    """Train a generator on that many crops, and on a tenth more if the variant is longer."""
    steps = num_photos // SMALL.batch_size
    end = steps + steps // 10 if variant.longer else steps
    content_end = steps if variant.critic else end
    cosine = keras.optimizers.schedules.CosineDecay(variant.learning_rate, content_end)
    adam = keras.optimizers.Adam(cosine, weight_decay=variant.weight_decay)
    adam.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    keras.utils.set_random_seed(variant.seed)
    with ExitStack() as stack:
        for name, new in {"colorlab.photos.read": read_once, **variant.patches}.items():
            stack.enter_context(patch(name, new))
        gan = ColorGAN(SMALL.generator(CROP), SMALL.critic(), ema=variant.ema)
        crops = Crops(paths, size=CROP, seed=variant.seed)
        gan.compile(generator_optimizer=adam, content_weight=SMALL.content_weight)
        fit(gan, crops, 0, content_end)
        if variant.critic:
            rate = variant.critic_rate
            gan.compile(
                **variant.critic,
                critic_optimizer=keras.optimizers.Adam(rate, beta_1=0.5) if rate else None,
                content_weight=SMALL.content_weight,
                jit_compile=False,
            )
            fit(gan, crops, content_end, end)
    return gan.averaged


def fit(gan: ColorGAN, crops: Crops, start: int, stop: int) -> None:
    batches = crops.batches(SMALL.batch_size, start, stop)
    gan.fit(batches, shuffle=False, verbose=int(sys.stdout.isatty()))


def measure(generator: keras.Model, truths: Sequence[Photo], keep: Gray) -> Row:
    """The figures of a generator on color photos of one size, as it is and at equal color."""
    grays = [photos.read(as_gray(truth, keep=keep)) for truth in truths]
    chromas = generator.predict(np.stack([gray.rgb[..., :1] for gray in grays]), verbose=0)

    def colored(strength: float) -> list[Photo]:
        pairs = zip(grays, adjust(chromas, strength=strength), strict=True)
        return [photos.read(render(gray, chroma, keep=keep)) for gray, chroma in pairs]

    def color(pictures: Sequence[Photo]) -> float:
        return sum(colorfulness(picture.rgb) for picture in pictures)

    strength = step = 2.0
    for _ in range(8):
        step /= 2.0
        strength += step if color(colored(strength)) < EQUAL_COLOR * color(truths) else -step
    own, equal = (
        average([score("", *pair, keep=keep) for pair in zip(truths, results, strict=True)])
        for results in (colored(1.0), colored(strength))
    )
    figures = {
        "gain": f"{own.gain:+.2f}",
        "a*b*": f"{own.distance_ratio:.3f}",
        "color": f"{own.colorfulness_ratio:.2f}",
        "factor": f"{strength:.2f}",
        "equal gain": f"{equal.gain:+.2f}",
        "equal a*b*": f"{equal.distance_ratio:.3f}",
    }
    return {f"{keep} {name}": figure for name, figure in figures.items()}


def run(name: str, paths: Sequence[Path], num_photos: int, truths: Sequence[Photo]) -> Row:
    """Train a variant and measure it: its row of the table."""
    begin = time.monotonic()
    generator = train(VARIANTS[name], paths, num_photos)
    row = {
        "variant": name,
        "change": VARIANTS[name].change,
        "photos": str(num_photos),
        "seconds": f"{time.monotonic() - begin:.0f}",
        "weights": str(generator.count_params()),
    }
    for keep in GRAYS:
        row |= measure(generator, truths, keep)
    return row


def keep_table(rows: Sequence[Row], path: Path) -> str:
    """Write rows that have the same keys as CSV, and beside it as Markdown, which is returned."""
    with replacing(path) as partial, partial.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    markdown = "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("*", r"\*")
    with replacing(path.with_suffix(".md")) as partial:
        partial.write_text(markdown)
    return markdown


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("train", type=Path, help="folder of photos; all are kept in memory")
    parser.add_argument("val", type=Path, help="folder of photos to measure on")
    parser.add_argument("--photos", type=int, default=32_000, help="seen by each run")
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--again", action="store_true", help="also what the table has already")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    asked = parser.parse_args()
    if asked.photos < SMALL.batch_size:
        parser.error(f"--photos is {asked.photos}; expected a batch, {SMALL.batch_size}, or more")

    asked.out.parent.mkdir(parents=True, exist_ok=True)
    paths = photos.find(asked.train)
    squares = (
        ImageOps.fit(Image.fromarray(photos.read(path).pixels), (SIDE, SIDE))
        for path in photos.find(asked.val)
    )
    truths = [photo for photo in map(photos.read, squares) if photo.has_color]
    rows: dict[tuple[str, str], Row] = {}
    if asked.out.exists():
        with asked.out.open(newline="") as file:
            rows = {(row["variant"], row["photos"]): row for row in csv.DictReader(file)}
    for name in asked.only:
        if (name, str(asked.photos)) in rows and not asked.again:
            continue
        print(f"{name}: {VARIANTS[name].change}", flush=True)
        # A process for each: TensorFlow keeps what XLA compiled, a third of a GB a run, to its end.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            row = process.submit(run, name, paths, asked.photos, truths).result()
        rows[name, str(asked.photos)] = row
        keep_table(list(rows.values()), asked.out)
    print(keep_table(list(rows.values()), asked.out))


if __name__ == "__main__":
    try:
        main()
    except ColorlabError as error:
        sys.exit(str(error))
