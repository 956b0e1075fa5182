"""Photos in a folder → batches for training."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab import photos
from colorlab.errors import PhotoError


class PhotoFolder:
    """An endless, shuffled, augmented stream of training crops, numbered from 0.

    Crop k depends on the seed and on k alone, never on the crops before it. So a run that stopped
    after k crops goes on with crop k, exactly, and threads may load crops in any order.

    A file that cannot be read gives its place to its neighbor. It is never deleted: `skipped` maps
    its path to the reason.
    """

    def __init__(self, paths: Sequence[Path], *, size: int, seed: int) -> None:
        """Take the photos' paths, the crops' height and width in pixels, and the shuffle's seed."""
        self.paths = list(paths)
        self.size = size
        self.seed = seed
        self.skipped: dict[Path, str] = {}
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def crop(self, k: int) -> NDArray[np.uint8]:
        """Crop number k: (size, size, 3) uint8.

        Raises:
            PhotoError: if no file of the folder can be read.
        """
        epoch, place = divmod(k, len(self.paths))
        rng = np.random.default_rng((self.seed, 0, k))
        order = self._order(epoch)
        for i in range(len(self.paths)):
            path = self.paths[order[(place + i) % len(self.paths)]]
            if path in self.skipped:
                continue
            try:
                return random_crop(photos.read(path).pixels, self.size, rng)
            except PhotoError as error:
                self.skipped[path] = str(error)
        reason = next(iter(self.skipped.values()))
        raise PhotoError(f"None of the {len(self.paths)} files can be read. The first: {reason}")

    def batches(self, batch_size: int, start: int, stop: int) -> Any:
        """Batches start to stop - 1: a tf.data.Dataset of uint8 (batch_size, size, size, 3).

        Crops are read and cut by threads, a few batches ahead of the training step.
        """
        from colorlab.backend import tf

        def load(k: Any) -> Any:
            crop = tf.numpy_function(self.crop, [k], tf.uint8)
            return tf.ensure_shape(crop, (self.size, self.size, 3))

        numbers = tf.data.Dataset.range(start * batch_size, stop * batch_size)
        crops = numbers.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return crops.batch(batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((self.seed, 1, epoch)).permutation(len(self.paths))


def random_crop(
    pixels: NDArray[np.uint8], size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A random square of 60 to 100 % of the short side, resized and half of the time mirrored.

    Args:
        pixels: (H, W, 3) uint8.
        size: height and width of the result in pixels.
        rng: where the randomness comes from.

    Returns:
        (size, size, 3) uint8.
    """
    height, width = pixels.shape[:2]
    side = rng.uniform(0.6, 1.0) * min(height, width)
    top, left = rng.uniform(0, height - side), rng.uniform(0, width - side)
    box = (left, top, left + side, top + side)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, box=box)
    crop = np.asarray(image)
    return np.ascontiguousarray(crop[:, ::-1]) if rng.random() < 0.5 else crop
