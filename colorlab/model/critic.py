"""The critic: how real is this color, for this gray? One number for each patch of the photo."""

from __future__ import annotations

from collections.abc import Sequence

from colorlab.backend import keras, layers, new_layers
from colorlab.color.encoding import ColorSpace, PolarChroma
from colorlab.model.layers import convolve, down, instance_norm


@new_layers()
def patch_critic(
    filters: Sequence[int], *, normalize: bool = True, space: ColorSpace = PolarChroma
) -> keras.Model:
    """A convolutional critic that judges overlapping patches and has no sigmoid.

    All levels but the last halve the size. Then a 4×4 convolution gives one score per patch. With
    the paper's filters (64, 128, 256, 512), a patch has 70×70 pixels.

    Args:
        filters: channels of each level, finest first.
        normalize: use instance normalization on all levels but the first, as in pix2pix. Without
            it, a score depends on nothing outside its patch.
        space: the color space of the chroma. The critic sees polar chroma as the HSV cone.

    Returns:
        A model from [gray (N, H, W, 1) in [0, 1], chroma (N, H, W, 2) in [-1, 1]] to unbounded
        float32 scores (N, H/s, W/s, 1) with s = 2 ** (len(filters) - 1); higher means more real.

    Source: Isola et al. 2017, arXiv 1611.07004, sections 3.2.2 and 6.1.2 (the PatchGAN); no sigmoid
    as in Arjovsky et al. 2017, arXiv 1701.07875.
    """
    gray = keras.Input((None, None, 1), name="gray")
    chroma = keras.Input((None, None, 2), name="chroma")
    x = layers.Concatenate(name="cone")([gray, space.shown(gray, chroma)])
    norm = instance_norm if normalize else None
    for level, width in enumerate(filters[:-1]):
        x = down(x, width, norm=norm if level > 0 else None)
    x = layers.LeakyReLU(0.2)(convolve(x, filters[-1], 4, norm=norm))
    score = layers.Conv2D(1, 4, padding="same", dtype="float32", name="score")(x)
    return keras.Model([gray, chroma], score, name="patch_critic")
