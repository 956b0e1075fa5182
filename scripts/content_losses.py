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
WEIGHTS = {"content": 1.0, "teacher": 0.5, "maps": 1.8, "targets": 0.2}  # of the losses
WEIGHTS["distribution"] = DISTRIBUTION_WEIGHT
TARGET_RANGE = 4.0  # the bytes of a stored target, 0 to 255, stand for -4 to 4 deviations


def cut(
    pictures: Tensor, top: Tensor, left: Tensor, side: Tensor, mirror: Tensor, size: int
) -> Tensor:
    """Cut a square of each picture (N, H, W, C) and resize it to (N, size, size, C) float32.

    Args:
        pictures: of any dtype.
        top, left, side: (N,) float32, where each square lies, as fractions of the picture's side.
        mirror: (N,) bool, which squares are mirrored.
        size: height and width of the result. It is resized bilinearly, with antialiasing.
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
    """The outputs of the blocks of a `mobile_unet`'s encoder, finest first; [] for other networks.

    A 1×1 convolution that widens follows each block, but the mean over the photo follows the last.
    """
    mean = layers.GlobalAveragePooling2D
    averaged = [each.input for each in network.layers if isinstance(each, mean)]
    pointwise = [
        each
        for each in network.layers
        if isinstance(each, layers.Conv2D) and each.kernel_size == (1, 1) and each.name != "logits"
    ]
    widened = [each.input for each in pointwise if each.filters > each.input.shape[-1]]
    return widened + averaged if len(averaged) == 1 else []


def apart(made: Tensor, map_: Tensor) -> Tensor:
    """The squared distance between two maps (N, H, W, C), relative to the second's variance."""
    variance = ops.var(map_, axis=(0, 1, 2))
    floor = 0.05 * ops.mean(variance)  # for channels that hardly change
    return ops.mean(ops.square(made - map_) / (variance + floor))


class ContentStage(keras.Model):
    """A generator that `fit` trains on dicts of "photos", uint8, and "targets" if there are any.

    The loss is the content loss, plus as many of these as apply:

    - distribution: how unlikely the true color is, if the generator predicts a distribution.
    - teacher: the content loss against the teacher's colors of the same gray.
    - maps: how far the outputs of the encoder's blocks are from the teacher's, if it has the same.
    - targets: the squared error of a 1×1 convolution of the coarsest map that is enlarged.
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
        """Connect a generator with its losses.

        Args:
            generator: gray (N, H, W, 1) → chroma (N, H/f, W/f, 2).
            size: height and width of a crop in pixels.
            teacher: another such model, of any f that divides the generator's. It does not learn.
            channels: number of channels of the targets; 0 if there are none.
            alone: give each block the output of the teacher's previous block, and the decoder the
                teacher's maps, so that all blocks learn at once. The teacher must have the same.

        Raises:
            ColorlabError: if blocks are to learn alone, but the teacher has other blocks.
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
            raise ColorlabError("--alone needs a --teacher with the same encoder blocks.")
        if channels:
            losses.append("targets")
            enlarged = (each for each in generator.layers if isinstance(each, layers.UpSampling2D))
            head = layers.Conv2D(channels, 1, dtype="float32", name="targets")
            outputs["targets"] = head(next(enlarged).input)
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
        """Photos (N, H, W, 3) → the squares of the crops, their gray, value, and chroma."""
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
        """Give each block's output the teacher's mean and spread, channel by channel.

        Without it, the last normalizations of blocks that learn alone would have far to go.
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
        """Crops of "photos" (N, H, W, 3) and "targets" (N, h, w, C) → their losses, scalars."""
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
            stored = cut(batch["targets"], top, left, side, mirror, outputs["targets"].shape[1])
            expected = stored / 255.0 * (2.0 * TARGET_RANGE) - TARGET_RANGE
            losses["targets"] = ops.mean(ops.square(outputs["targets"] - expected))
        return losses

    def compute_loss(self, x: Any, y: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Tensor:
        """The weighted sum of what `call` returned, as `fit` asks for it."""
        for name, loss in y_pred.items():
            self.means[name].update_state(loss)
        return sum(WEIGHTS[name] * loss for name, loss in y_pred.items())
