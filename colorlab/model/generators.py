"""The generators: one gray channel in, two chroma channels out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from colorlab.backend import keras, layers, new_layers
from colorlab.color import spaces
from colorlab.color.encoding import ColorSpace, PolarChroma
from colorlab.errors import ColorlabError
from colorlab.model.histogram import annealed_mean
from colorlab.model.layers import (
    Norm,
    bottleneck,
    convolve_relu6,
    down,
    group_norm,
    instance_norm,
    inverted_residual,
    up_merge,
    up_merge_relu6,
    up_transposed,
)

MARK = "space_"  # prefix of the name of the layer that records the color space
Tensor = Any
Block = Callable[[Tensor, Norm], Tensor]
Merge = Callable[[Tensor, Tensor, int, Norm], Tensor]

PIX2PIX_FILTERS = (64, 128, 256, 512, 512, 512, 512, 512)
# (expansion, filters, number of blocks, stride of the first block)
MOBILE_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


@new_layers()
def pix2pix_generator(size: int = 256) -> keras.Model:
    """The U-Net of pix2pix, with one channel in and two out.

    Eight 4×4 stride-2 levels lead down to 1×1. Seven lead up again, each joined by a skip
    connection to the level of its size, and a last one leads to two tanh channels. The three
    innermost upward levels have dropout 0.5. Neither the first level nor the 1×1 bottleneck is
    normalized.

    Args:
        size: height and width of the photos in pixels, a multiple of 256.

    Returns:
        A model from gray (N, size, size, 1) float32 in [0, 1] to chroma (N, size, size, 2) float32
        in [-1, 1].

    Source: Isola et al. 2017, arXiv 1611.07004, section 6.1.1 (its erratum for the bottleneck).
    """
    gray = x = keras.Input((size, size, 1), name="gray")
    skips = []
    for level, filters in enumerate(PIX2PIX_FILTERS):
        inner = 0 < level < len(PIX2PIX_FILTERS) - 1
        x = down(x, filters, norm=instance_norm if inner else None)
        skips.append(x)
    inner_to_outer = list(zip(PIX2PIX_FILTERS, skips, strict=True))[-2::-1]
    for level, (filters, skip) in enumerate(inner_to_outer):
        x = up_transposed(x, filters, dropout=0.5 if level < 3 else 0.0)
        x = layers.Concatenate()([x, skip])
    chroma = layers.Conv2DTranspose(
        2, 4, strides=2, padding="same", activation="tanh", dtype="float32", name="chroma"
    )(x)
    return keras.Model(gray, chroma, name="pix2pix_generator")


@new_layers()
def residual_unet(
    filters: Sequence[int],
    num_blocks: int,
    *,
    norm: Norm = group_norm,
    block: Block = bottleneck,
    merge: Merge = up_merge,
) -> keras.Model:
    """A U-Net for laptops: any size, most of its work at the coarsest level, chroma at half size.

    Stride-2 levels lead down to residual blocks at the coarsest level, where it is cheap to find
    out what is in the photo. Levels half as wide lead up to half the photo's size, where two tanh
    channels are predicted. Half the size is enough, because chroma is smooth and the eye takes its
    edges from the gray. The caller enlarges the chroma.

    Args:
        filters: channels of each level, finest first. Height and width of a photo must be
            multiples of 2 ** len(filters), and at least twice that.
        num_blocks: how many residual blocks the coarsest level has.
        norm: the normalization of all convolutions.
        block: a residual block, (x, norm) → a tensor of x's shape.
        merge: joins a skip connection, (x, skip, filters, norm) → a tensor of the skip's size.

    Returns:
        A model from gray (N, H, W, 1) float32 in [0, 1] to chroma (N, H/2, W/2, 2) float32 in
        [-1, 1].
    """
    gray = x = keras.Input((None, None, 1), name="gray")
    skips = []
    for level, width in enumerate(filters):
        x = down(x, width, norm=norm if level > 0 else None)
        skips.append(x)
    for _ in range(num_blocks):
        x = block(x, norm)
    for width, skip in list(zip(filters, skips, strict=True))[-2::-1]:
        x = merge(x, skip, width // 2, norm)
    # Small weights make the first prediction almost gray instead of a random color.
    start_gray = keras.initializers.RandomNormal(stddev=0.01)
    x = layers.Conv2D(2, 3, padding="same", kernel_initializer=start_gray)(x)
    chroma = layers.Activation("tanh", dtype="float32", name="chroma")(x)
    return keras.Model(gray, chroma, name="residual_unet")


@new_layers()
def mobile_unet(decoder: Sequence[int] = (160, 112, 80)) -> keras.Model:
    """MobileNetV2 as the encoder of a U-Net that predicts a distribution over chroma.

    The mean of the coarsest map, after a 1×1 convolution, is added to each of its points, so that
    each point knows the whole photo.

    Args:
        decoder: channels of the upward levels at a sixteenth, an eighth and a quarter of the
            photo's size.

    Returns:
        A model from gray (N, H, W, 1) float32 in [0, 1], H and W multiples of 32 and at least 64,
        to chroma (N, H/4, W/4, 2) float32 in the unit disk. Its layer "logits" gives the
        distribution, as described in `histogram.annealed_mean`.

    Source: Sandler et al. 2018, arXiv 1801.04381, table 2 (the encoder).
    """
    gray = keras.Input((None, None, 1), name="gray")
    x = layers.Rescaling(2.0, -1.0)(gray)
    x = convolve_relu6(x, 32, 3, strides=2)
    skips = []
    for expansion, filters, repeats, strides in MOBILE_STAGES:
        if strides == 2:
            skips.append(x)
        x = inverted_residual(x, filters, strides=strides, expansion=expansion)
        for _ in range(repeats - 1):
            x = inverted_residual(x, filters, expansion=expansion)
    everywhere = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Add()([x, layers.Conv2D(x.shape[-1], 1)(everywhere)])
    for filters, skip in zip(decoder, skips[:0:-1], strict=True):
        x = up_merge_relu6(x, skip, filters)
    return keras.Model(gray, annealed_mean(x), name="mobile_unet")


def marked(generator: keras.Model, space: str | ColorSpace) -> keras.Model:
    """Record the color space that a generator predicts, in the name of its output layer.

    So its `.keras` file records it too. A generator without this mark predicts polar chroma.
    """
    name = spaces.get(space).name
    if name == PolarChroma.name or generator.layers[-1].name == f"{MARK}{name}":
        return generator
    mark = layers.Activation("linear", dtype="float32", name=f"{MARK}{name}")
    return keras.Model(generator.input, mark(generator.output), name=generator.name)


def space_name(generator: keras.Model) -> str:
    """The name of the color space that a generator's mark records."""
    own = getattr(generator, "layers", None)  # a generator may be any function
    last = own[-1].name if own else ""
    return last.removeprefix(MARK) if last.startswith(MARK) else PolarChroma.name


def predicted_space(generator: keras.Model) -> ColorSpace:
    """The color space that a generator predicts, by its mark.

    Raises:
        ColorlabError: if it is not one of colorlab's.
    """
    name = space_name(generator)
    if name not in spaces.SPACES:
        raise ColorlabError(
            f"The model predicts {name!r}, which is the color space of somebody's own; pass it, as "
            "Colorizer.load(MODEL, space=SPACE)."
        )
    return spaces.get(name)


def size_multiple(generator: keras.Model) -> int:
    """The number that a gray's height and width must be multiples of.

    Args:
        generator: a model in which only Keras's own layers change the size.

    Returns:
        The factor by which its coarsest map is smaller; 1 if the model is not a graph of layers.
    """
    if not getattr(generator, "inputs", None):
        return 1
    smaller = {id(generator.inputs[0]): 1}
    for layer in generator.layers[1:]:
        scale = max(smaller[id(x)] for x in keras.tree.flatten(layer.input))
        if isinstance(layer, layers.UpSampling2D):
            scale //= layer.size[0]
        elif isinstance(layer, layers.Conv2DTranspose):
            scale //= layer.strides[0]
        elif hasattr(layer, "strides"):
            scale *= layer.strides[0]
        smaller[id(layer.output)] = scale
    return max(smaller.values())


def load_generator(file: Path) -> keras.Model:
    """Load a generator, gray (N, H, W, 1) → chroma (N, H/f, W/f, 2), from a `.keras` file.

    No code in the file is run. Keras's safe mode refuses a file that contains code, and files in
    Keras's older formats, which have no safe mode, are refused by their suffix.

    Raises:
        ColorlabError: if the file is damaged, or does not hold a generator.
    """
    if file.suffix != ".keras":
        raise ColorlabError(
            f"{file} is not a model that colorlab loads; expected a .keras file (other formats may "
            "hold code that would run)."
        )
    try:
        model = keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # a damaged file can raise almost any exception
        reason = str(error).partition("\n")[0][:200]
        raise ColorlabError(f"{file} is not a model that Keras can load: {reason}") from None
    if model.input_shape[-1:] != (1,) or model.output_shape[-1:] != (2,):
        raise ColorlabError(
            f"{file} maps {model.input_shape} to {model.output_shape}; expected a generator, "
            "from (N, H, W, 1) to (N, H, W, 2)."
        )
    return model
