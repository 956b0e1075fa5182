"""Encoding and decoding a batch, against scikit-image, TensorFlow's own HSV, and plain PyTorch.

python benchmarks/encoding.py
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from shared import Work, compare, heading, machine, own_process
from skimage.color import hsv2rgb, rgb2hsv

from colorlab.color.encoding import decode, encode
from colorlab.data.toyworld import scenes
from colorlab.quiet import import_keras

NUMBER, SIZE = 64, 96  # photos, pixels a side
TURN = 0.5  # seconds
PAGE = Path(__file__).parents[1] / "docs" / "own-work.md"


def on_pytorch() -> None:
    """Run the page's program for PyTorch, which sets Keras's backend, and compare the encoding."""
    (program,) = re.findall(r"```python\n([^`]*import torch\n[^`]*)```", PAGE.read_text())
    names: dict[str, Any] = {}
    exec(program, names)
    import plain_torch
    import torch

    assert names["chroma"].grad.isfinite().all()
    rgb = torch.from_numpy(scenes(NUMBER, size=SIZE)).float() / 255
    theirs = rgb.permute(0, 3, 1, 2)
    for ours, other in zip(encode(rgb), plain_torch.encoded(theirs), strict=True):
        torch.testing.assert_close(ours, other.permute(0, 2, 3, 1), atol=1e-5, rtol=0)
    ours, other = partial(encode, rgb), partial(plain_torch.encoded, theirs)
    compare(f"encode, tensors, PyTorch {torch.__version__}", ours, other, TURN)


def main() -> None:
    import_keras()
    from colorlab.backend import tf

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
    with own_process() as process:
        process.submit(on_pytorch).result()


if __name__ == "__main__":
    main()
