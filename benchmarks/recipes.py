"""The table of recipes: short runs that differ from the preset `small` in one thing each.

python benchmarks/recipes.py TRAIN_FOLDER VAL_FOLDER

Each run is a short content stage on the small crops that `small` begins with, and sees the same
photos in the same order; those with a critic continue for a tenth more, and `longer` for as many
without one. A row is saved when its run ends, so the command can be stopped and started again.
README.md says how to read the table.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from shared import options, own_process, row

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.color.adjustments import adjust
from colorlab.color.encoding import ColorSpace, Gray, PolarChroma
from colorlab.color.spaces import Lab
from colorlab.colorizer import render
from colorlab.data.crops import Crops, Cut
from colorlab.errors import ColorlabError
from colorlab.evaluation.evaluate import GRAYS, as_gray, average, score
from colorlab.evaluation.metrics import colorfulness
from colorlab.photos import Photo
from colorlab.quiet import import_keras

import_keras()

from colorlab.backend import keras, layers, ops
from colorlab.model import presets
from colorlab.model.critic import patch_critic
from colorlab.model.generators import residual_unet
from colorlab.model.layers import Norm, batch_norm, convolve, instance_norm, up_merge
from colorlab.training.gan import ColorGAN

Tensor = Any
Row = dict[str, str]

# The table began before `small` had 16 blocks and batches of 64, and its rows must stay comparable.
SMALL = replace(presets.get("small"), batch_size=32)
CROP, SIDE = 64, 80  # pixels: of a training crop, and of a validation photo, cut to a square
EQUAL_COLOR = 0.65  # of the truth's colorfulness


@dataclass(frozen=True)
class Variant:
    """One change to `small`: in words, then what is passed in place of which part."""

    change: str
    num_blocks: int = 10
    unet: Mapping[str, Any] = field(default_factory=dict)  # other parts of `residual_unet`
    gan: type[ColorGAN] = ColorGAN
    space: ColorSpace = PolarChroma
    patch_critic: Callable[[Sequence[int]], keras.Model] = patch_critic
    cut: Cut | None = None
    learning_rate: float = SMALL.learning_rate
    weight_decay: float | None = None
    ema: float = 0.998
    seed: int = 0
    longer: bool = False
    critic: Mapping[str, Any] = field(default_factory=dict)  # of `ColorGAN.compile`
    critic_rate: float | None = None

    def generator(self) -> keras.Model:
        return residual_unet((32, 64, 128, 256), self.num_blocks, **self.unet)


def plain_bottleneck(x: Tensor, norm: Norm) -> Tensor:
    """`layers.bottleneck` without squeeze-excitation."""
    filters = x.shape[-1]
    y = layers.ReLU()(convolve(x, filters // 2, 1, norm=norm))
    y = layers.ReLU()(convolve(y, filters // 2, 3, norm=norm))
    return layers.ReLU()(layers.Add()([x, convolve(y, filters, 1, norm=norm)]))


def merge_wide(x: Tensor, skip: Tensor, filters: int, norm: Norm) -> Tensor:
    return up_merge(x, skip, 2 * filters, norm)


def merge_to_a_quarter(x: Tensor, skip: Tensor, filters: int, norm: Norm) -> Tensor:
    """Without the merge to half the photo's size, the one of 16 filters."""
    return up_merge(x, skip, filters, norm) if filters > 16 else x


def weighted(*, by_value: bool = True, by_chroma: float = 4.0) -> ColorSpace:
    """Polar chroma whose errors are weighted in another way."""

    class Weighted(PolarChroma):
        @staticmethod
        def visibility(value: Tensor, chroma: Tensor) -> Tensor:
            weight = 1.0 + by_chroma * ops.sqrt(ops.sum(ops.square(chroma), axis=-1))
            return weight * ops.maximum(value[..., 0], 0.1) if by_value else weight

    return Weighted


class Boosted(PolarChroma):
    @staticmethod
    def split(rgb: Tensor) -> Tensor:
        return adjust(PolarChroma.split(rgb), strength=1.2)


class Flat(PolarChroma):
    """The critic sees the chroma itself instead of the HSV cone."""

    @staticmethod
    def shown(gray: Tensor, chroma: Tensor) -> Tensor:
        return chroma


class Squared(ColorGAN):
    def content_loss(self, value: Tensor, chroma: Tensor, predicted: Tensor) -> Tensor:
        square = ops.sum(ops.square(predicted - chroma), axis=-1)
        return ops.mean(self.space.visibility(value, chroma) * square)


class NotAged(ColorGAN):
    def age(self, gray: Tensor, **draws: Any) -> Tensor:
        return gray


def wide_crop(pixels: NDArray[np.uint8], size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """`crops.random_crop`, from 40 % of the short side on."""
    height, width = pixels.shape[:2]
    side = rng.uniform(0.4, 1.0) * min(height, width)
    top, left = rng.uniform(0, height - side), rng.uniform(0, width - side)
    box = (left, top, left + side, top + side)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, box=box)
    return np.asarray(ImageOps.mirror(image) if rng.random() < 0.5 else image)


def critic(objective: str, weight: float = 0.25) -> Mapping[str, Any]:
    return {"objective": objective, "adversarial_weight": weight, "match_gradients": True}


VARIANTS = {
    "base": Variant("nothing"),
    "instance-norm": Variant("instance for group normalization", unet={"norm": instance_norm}),
    "batch-norm": Variant("batch for group", unet={"norm": batch_norm}),
    "no-squeeze": Variant("no squeeze-excitation", unet={"block": plain_bottleneck}),
    "blocks-6": Variant("6 blocks for 10", num_blocks=6),
    "blocks-16": Variant("16 blocks for 10", num_blocks=16),
    "wide": Variant("decoder twice as wide", unet={"merge": merge_wide}),
    "quarter": Variant("chroma at 1/4 for 1/2", unet={"merge": merge_to_a_quarter}),
    "lab": Variant("Lab instead of polar HSV", space=Lab),
    "chroma-0": Variant("loss weight 1 for 1 + 4·chroma", space=weighted(by_chroma=0.0)),
    "chroma-2": Variant("loss weight 1 + 2·chroma", space=weighted(by_chroma=2.0)),
    "chroma-8": Variant("loss weight 1 + 8·chroma", space=weighted(by_chroma=8.0)),
    "no-value": Variant("loss not weighted by value", space=weighted(by_value=False)),
    "squared": Variant("distance squared", gan=Squared),
    "boosted": Variant("true chroma times 1.2", space=Boosted),
    "wide-crops": Variant("crops from 40 % on", cut=wide_crop),
    "not-aged": Variant("no aged grays", gan=NotAged),
    "no-average": Variant("no running average", ema=0.0),
    "fast": Variant("learning rate times 2", learning_rate=2.0 * SMALL.learning_rate),
    "decay": Variant("weight decay 0.05", weight_decay=0.05),
    "seed-1": Variant("another seed", seed=1),
    "longer": Variant("a tenth longer", longer=True),
    "hinge": Variant("then hinge, weight 0.25", longer=True, critic=critic("hinge")),
    "hinge-1": Variant("then hinge, weight 1", longer=True, critic=critic("hinge", 1.0)),
    "flat": Variant(
        "then hinge, a critic that sees chroma, not the HSV cone",
        patch_critic=partial(patch_critic, space=Flat),
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


def train(variant: Variant, paths: Sequence[Path], num_photos: int) -> keras.Model:
    """Train a generator on that many crops, and on a tenth more if the variant is longer."""
    steps = num_photos // SMALL.batch_size
    end = steps + steps // 10 if variant.longer else steps
    content_end = steps if variant.critic else end
    cosine = keras.optimizers.schedules.CosineDecay(variant.learning_rate, content_end)
    adam = keras.optimizers.Adam(cosine, weight_decay=variant.weight_decay)
    adam.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    keras.utils.set_random_seed(variant.seed)
    critic = variant.patch_critic((32, 64, 128))  # as `small` has it
    gan = variant.gan(variant.generator(), critic, ema=variant.ema, space=variant.space)
    crops = Crops(paths, size=CROP, seed=variant.seed, cut=variant.cut)
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


def measure(
    generator: keras.Model, truths: Sequence[Photo], keep: Gray, space: ColorSpace = PolarChroma
) -> Row:
    """The figures of a generator on color photos of one size, as it is and at equal color."""
    grays = [photos.read(as_gray(truth, keep=keep)) for truth in truths]
    seen = np.stack([gray.rgb[..., :1] for gray in grays])
    predicted = generator.predict(seen, verbose=0)
    factor = seen.shape[1] // predicted.shape[1]
    small = ops.average_pool(seen, factor, strides=factor, data_format="channels_last")
    chromas = space.to_polar(np.asarray(small), predicted, keep)

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
    return {
        f"{keep} gain": f"{own.gain:+.2f}",
        f"{keep} a*b*": f"{own.distance_ratio:.3f}",
        f"{keep} color": f"{own.colorfulness_ratio:.2f}",
        f"{keep} factor": f"{strength:.2f}",
        f"{keep} equal gain": f"{equal.gain:+.2f}",
        f"{keep} equal a*b*": f"{equal.distance_ratio:.3f}",
    }


def run(name: str, paths: Sequence[Path], num_photos: int, truths: Sequence[Photo]) -> Row:
    """Train a variant and measure it: its row of the table."""
    begin = time.monotonic()
    generator = train(VARIANTS[name], paths, num_photos)
    found = {
        "variant": name,
        "change": VARIANTS[name].change,
        "photos": str(num_photos),
        "seconds": f"{time.monotonic() - begin:.0f}",
        "weights": str(generator.count_params()),
    }
    for keep in GRAYS:
        found |= measure(generator, truths, keep, VARIANTS[name].space)
    return found


def save_table(rows: Sequence[Row], path: Path) -> str:
    """Write rows that have the same keys as CSV, and beside it as Markdown, which is returned."""
    with replacing(path) as partial, partial.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    lines = [row(*rows[0]), row(*["---"] * len(rows[0])), *(row(*each.values()) for each in rows)]
    markdown = "".join(f"{line}\n" for line in lines).replace("*", r"\*")
    with replacing(path.with_suffix(".md")) as partial:
        partial.write_text(markdown)
    return markdown


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("train", type=Path, help="folder of photos")
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
            rows = {(each["variant"], each["photos"]): each for each in csv.DictReader(file)}
    for name in asked.only:
        key = name, str(asked.photos)
        if key in rows and not asked.again:
            continue
        print(f"{name}: {VARIANTS[name].change}", flush=True)
        # A process for each: TensorFlow keeps what XLA compiled, a third of a GB a run, to its end.
        with own_process() as process:
            rows[key] = process.submit(run, name, paths, asked.photos, truths).result()
        save_table(list(rows.values()), asked.out)
    print(save_table(list(rows.values()), asked.out))


if __name__ == "__main__":
    try:
        main()
    except ColorlabError as error:
        sys.exit(str(error))
