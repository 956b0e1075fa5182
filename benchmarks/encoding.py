"""Encoding and decoding a batch, against scikit-image and TensorFlow's own HSV.

python benchmarks/encoding.py
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from pairs import duration, in_turns, machine, seconds, spread
from skimage.color import hsv2rgb, rgb2hsv

from colorlab.backend import tf
from colorlab.color.encoding import decode, encode
from colorlab.data.toyworld import scenes

TURN = 0.5  # seconds
SHAPE = (64, 96)  # photos, pixels a side


def main() -> None:
    number, size = SHAPE
    rgb = scenes(number, size=size).astype(np.float32) / 255
    gray, chroma = encode(rgb)
    hsv = rgb2hsv(rgb)
    tensors = [tf.constant(each) for each in (rgb, gray, chroma, hsv)]
    in_graph = {
        name: tf.function(work, autograph=False)
        for name, work in {
            "encode": encode,
            "decode": decode,
            "to hsv": tf.image.rgb_to_hsv,
            "from hsv": tf.image.hsv_to_rgb,
        }.items()
    }
    rows: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "encode, arrays, scikit-image": (partial(encode, rgb), partial(rgb2hsv, rgb)),
        "decode, arrays, scikit-image": (partial(decode, gray, chroma), partial(hsv2rgb, hsv)),
        "encode, tensors, tf.image": (
            partial(in_graph["encode"], tensors[0]),
            partial(in_graph["to hsv"], tensors[0]),
        ),
        "decode, tensors, tf.image": (
            partial(in_graph["decode"], *tensors[1:3]),
            partial(in_graph["from hsv"], tensors[3]),
        ),
    }
    print(f"{machine('tensorflow', 'scikit-image', 'numpy')}; {number} photos of {size} px\n")
    print("| what | colorlab | the other | times as fast |\n|---|---:|---:|---:|", flush=True)
    for name, (ours, theirs) in rows.items():
        ours(), theirs()
        figures = in_turns(
            {"ours": partial(seconds, ours, TURN), "theirs": partial(seconds, theirs, TURN)}
        )
        ratio = np.divide(figures["theirs"], figures["ours"])
        cells = [name, *(duration(each) for each in figures.values()), spread(ratio)]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
