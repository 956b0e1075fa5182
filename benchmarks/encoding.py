"""Encoding and decoding a batch, against scikit-image and TensorFlow's own HSV.

python benchmarks/encoding.py
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from shared import Work, compare, heading, machine
from skimage.color import hsv2rgb, rgb2hsv

from colorlab.backend import tf
from colorlab.color.encoding import decode, encode
from colorlab.data.toyworld import scenes

NUMBER, SIZE = 64, 96  # photos, pixels a side
TURN = 0.5  # seconds


def main() -> None:
    print(f"{machine('tensorflow', 'scikit-image', 'numpy')}; {NUMBER} photos of {SIZE} px\n")
    print(heading("what", "colorlab", "the other", "times as fast"), flush=True)
    rgb = scenes(NUMBER, size=SIZE).astype(np.float32) / 255
    (gray, chroma), hsv = encode(rgb), rgb2hsv(rgb)
    name = "arrays, scikit-image"
    compare(f"encode, {name}", partial(encode, rgb), partial(rgb2hsv, rgb), TURN)
    compare(f"decode, {name}", partial(decode, gray, chroma), partial(hsv2rgb, hsv), TURN)

    def graph(work: Callable[..., Any], *arrays: Any) -> Work:
        return partial(tf.function(work, autograph=False), *map(tf.constant, arrays))

    name = "tensors, tf.image"
    compare(f"encode, {name}", graph(encode, rgb), graph(tf.image.rgb_to_hsv, rgb), TURN)
    compare(f"decode, {name}", graph(decode, gray, chroma), graph(tf.image.hsv_to_rgb, hsv), TURN)


if __name__ == "__main__":
    main()
