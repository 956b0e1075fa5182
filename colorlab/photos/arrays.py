"""Arrays → images of 8 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab.photos.photo import Array, refusal, strips


def shallow(deep: Array, white: int = 65535) -> NDArray[np.uint8]:
    """Scale numbers up to `white` to 0..255, rounding to the nearest."""
    shallow = np.empty(deep.shape, np.uint8)
    for some, part in strips(deep, shallow):
        part[:] = np.minimum((some.astype(np.uint32) * 255 + white // 2) // white, 255)
    return shallow


def from_array(array: Array, label: str) -> Image.Image:
    """An array as `photos.read` takes it → an image of mode L, LA, RGB or RGBA.

    Raises:
        PhotoError: if it is none; `label` is its name there.
    """
    shape, dtype = array.shape, array.dtype
    if array.size == 0 or len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] > 4):
        raise refusal(label, f"shape {shape} is not a photo's; expected (H, W) or (H, W, 1 to 4)")
    if np.issubdtype(dtype, np.floating):
        if not (array.min() >= 0 and array.max() <= 1):  # false for NaN too
            raise refusal(
                label,
                f"its numbers lie in [{array.min():g}, {array.max():g}]; expected floats in "
                "[0, 1] without NaN: divide by 255, or clip them",
            )
        array = np.rint(array * 255).astype(np.uint8)
    elif dtype == np.uint16:
        array = shallow(array)
    elif dtype != np.uint8:
        raise refusal(label, f"dtype {dtype} is not a photo's; convert it to uint8, or to [0, 1]")
    return Image.fromarray(array[..., 0] if shape[2:] == (1,) else array)
