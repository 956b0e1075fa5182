"""What a generator learns in the content stage: from crops, from a teacher, from stored targets."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from colorlab.backend import keras, layers, ops
from colorlab.data.augment import training_pair
from colorlab.data.crops import SMALLEST
from colorlab.errors import ColorlabError
from colorlab.model.objectives import DISTRIBUTION_WEIGHT, content_loss, distribution_loss

Tensor = Any
# Of the losses.
WEIGHTS = {
    "content": 1.0,
    "distribution": DISTRIBUTION_WEIGHT,
    "teacher": 0.5,
    "maps": 1.8,
    "targets": 0.2,
}
TARGET_RANGE = 4.0  # 0 to 255 in a stored target stand for -4 to 4 standard deviations


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


def block_ends(network: keras.Model) -> list[Tensor]:
    """What the blocks of a `mobile_unet`'s encoder put out, finest first; [] for other networks.

    They are known by what follows them: a 1×1 convolution that widens, and behind the last one the
    mean over the photo.
    """
    widened = [
        layer.input
        for layer in network.layers
        if isinstance(layer, layers.Conv2D)
        and layer.name != "logits"
        and layer.kernel_size == (1, 1)
        and layer.filters > layer.input.shape[-1]
    ]
    mean = layers.GlobalAveragePooling2D
    averaged = [layer.input for layer in network.layers if isinstance(layer, mean)]
    return widened + averaged if len(averaged) == 1 else []


def apart(made: Tensor, map_: Tensor) -> Tensor:
    """The squared distance of two maps (N, H, W, C), as a share of the second one's variance."""
    variance = ops.var(map_, axis=(0, 1, 2))
    floor = 0.05 * ops.mean(variance)  # for channels that hardly change
    return ops.mean(ops.square(made - map_) / (variance + floor))


class ContentStage(keras.Model):
    """A generator that `fit` trains on dicts of "photos", uint8, and if there are any, "targets".

    Its loss is the content loss; plus, where the generator predicts a distribution, how unlikely
    the true color is by it; plus, with a teacher, the content loss against the teacher's
    colors of the same gray, and where both have the same blocks, how far their outputs are apart;
    plus, with targets, the squared error of what a 1×1 convolution makes of the coarsest map that
    is enlarged.

    "Alone", each block is given what the teacher's block before it put out, and the decoder the
    teacher's maps. So all learn at once, each the little that is its own.
    """

    def __init__(
        self,
        generator: keras.Model,
        size: int,
        teacher: keras.Model | None = None,
        channels: int = 0,
        *,
        alone: bool = False,
    ) -> None:
        """Take a built generator, and the side of its crops.

        Args:
            generator: gray (N, H, W, 1) → chroma (N, H/f, W/f, 2).
            size: height and width of a crop in pixels.
            teacher: another such model, of any f that divides the generator's; it stays as it is.
            channels: of the targets; 0 if there are none.
            alone: whether blocks learn alone; the teacher must have the same ones.

        Raises:
            ColorlabError: if blocks are to learn alone, and the two do not have the same ones.
        """
        super().__init__(dtype="float32")
        self.generator, self.size, self.alone = generator, size, alone
        outputs, losses = {"chroma": generator.output}, ["content"]
        self.teacher: Any = None
        ends: list[Tensor] = []
        if teacher is not None:
            teacher.trainable = False
            losses.append("teacher")
            ends, theirs = block_ends(generator), block_ends(teacher)
            if [each.shape for each in ends] != [each.shape for each in theirs]:
                ends = theirs = []
            self.teacher = keras.Model(teacher.input, {"chroma": teacher.output, "maps": theirs})
        if ends:
            losses.append("maps")
        elif alone:
            raise ColorlabError("Blocks learn alone from a teacher that has the same ones.")
        if channels:
            losses.append("targets")
            enlarge = layers.UpSampling2D
            coarsest = next(each for each in generator.layers if isinstance(each, enlarge)).input
            head = layers.Conv2D(channels, 1, dtype="float32", name="targets")
            outputs["targets"] = head(coarsest)
        if any(layer.name == "logits" for layer in generator.layers):
            losses.append("distribution")
            outputs["logits"] = generator.get_layer("logits").output
        if alone:
            self.blocks = [keras.Model(*pair) for pair in pairwise([generator.input, *ends])]
            self.network = keras.Model(ends, outputs)
        else:
            self.network = keras.Model(generator.input, outputs | {"maps": ends})
        self.random = keras.random.SeedGenerator(0)
        self.means = {name: keras.metrics.Mean(name) for name in losses}
        self.built = True

    def crops(self, photos: Tensor) -> tuple[Any, Tensor, Tensor, Tensor]:
        """Photos (N, H, W, 3) → where crops were cut, their gray, value, and chroma."""
        count = ops.shape(photos)[0]

        def draw(low: float = 0.0, high: float = 1.0) -> Tensor:
            return keras.random.uniform((count,), low, high, "float32", self.random)

        side = draw(SMALLEST, 1.0)
        square = draw() * (1.0 - side), draw() * (1.0 - side), side, draw() < 0.5
        rgb = cut(photos, *square, self.size)
        factor = self.size // self.generator.compute_output_shape((1, self.size, self.size, 1))[1]
        gray, _, value, chroma = training_pair(rgb, factor, seed=self.random)
        return square, gray, value, chroma

    def match_scales(self, photos: Tensor) -> None:
        """Give what each block puts out the teacher's mean and spread, channel by channel.

        Blocks that learn alone begin so, or their last normalizations would have far to go.
        """
        _, gray, _, _ = self.crops(photos)
        maps = self.teacher(gray, training=False)["maps"]
        for block, before, after in zip(self.blocks, [gray, *maps], maps, strict=False):
            added = isinstance(block.layers[-1], layers.Add)
            change = after - before if added else after
            norms = [each for each in block.layers if isinstance(each, layers.BatchNormalization)]
            norms[-1].gamma.assign(ops.std(change, axis=(0, 1, 2)))
            norms[-1].beta.assign(ops.mean(change, axis=(0, 1, 2)))

    def call(self, batch: dict[str, Tensor], training: bool = False) -> dict[str, Tensor]:
        """Cut crops of "photos" (N, H, W, 3) and "targets" (N, h, w, C) → their losses, scalars."""
        square, gray, value, chroma = self.crops(batch["photos"])
        taught = self.teacher(gray, training=False) if self.teacher else {"maps": []}
        maps = taught["maps"]
        if self.alone:
            outputs = self.network(maps, training=training)
            inputs = [gray, *maps[:-1]]
            made = [f(x, training=training) for f, x in zip(self.blocks, inputs, strict=True)]
        else:
            outputs = self.network(gray, training=training)
            made = outputs["maps"]
        predicted = outputs["chroma"]
        losses = {"content": content_loss(value, chroma, predicted)}
        if "logits" in outputs:
            losses["distribution"] = distribution_loss(value, chroma, outputs["logits"])
        if self.teacher is not None:
            finer = taught["chroma"].shape[1] // predicted.shape[1]
            colors = ops.average_pool(taught["chroma"], finer, finer, data_format="channels_last")
            losses["teacher"] = content_loss(value, colors, predicted)
        if maps:
            distances = [apart(ours, theirs) for ours, theirs in zip(made, maps, strict=True)]
            losses["maps"] = ops.mean(ops.stack(distances))
        if "targets" in outputs:
            top, left, side, mirror = square
            cells = outputs["targets"].shape[1]
            stored = cut(batch["targets"], top, left, side, mirror, cells)
            expected = stored / 255.0 * (2.0 * TARGET_RANGE) - TARGET_RANGE
            losses["targets"] = ops.mean(ops.square(outputs["targets"] - expected))
        return losses

    def compute_loss(self, x: Any, y: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Tensor:
        """The weighted sum of what `call` returned, as `fit` asks for it."""
        for name, loss in y_pred.items():
            self.means[name].update_state(loss)
        return sum(WEIGHTS[name] * loss for name, loss in y_pred.items())
