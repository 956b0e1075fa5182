"""Turn the photos in a folder or in packed shards into batches for training."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab import photos
from colorlab.data.shards import Shards, is_packed
from colorlab.errors import PhotoError

Cut = Callable[[NDArray[np.uint8], int, np.random.Generator], NDArray[np.uint8]]

SMALLEST = 0.6  # smallest side of a crop, as a share of the photo's short side
NEAR = 4  # shards whose photos are shuffled together


class Crops:
    """An endless, shuffled, augmented stream of training crops, numbered from 0.

    Crop k depends only on the photos, the seed and k, never on the crops before it. So a run that
    stopped after k crops continues with exactly crop k, and threads may load crops in any order.

    A photo that cannot be read, or has no color, is replaced by the next one in the shuffled order.
    It is never deleted: `skipped` maps its index in the source to the reason.
    """

    def __init__(
        self, source: Sequence[Path] | Shards, *, size: int, seed: int, cut: Cut | None = None
    ) -> None:
        """Take the photos, the crops' side in pixels, and the seed of shuffle and augmentation.

        `cut` is a function that cuts a crop from a photo, as `random_crop`, the default, does.
        """
        self.source = source
        self.size = size
        self.seed = seed
        self.cut = cut or random_crop
        self.skipped: dict[int, str] = {}
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def __len__(self) -> int:
        """The number of photos, which is the number of crops in an epoch."""
        return len(self.source)

    def crop(self, k: int) -> NDArray[np.uint8]:
        """Crop number k: (size, size, 3) uint8.

        Raises:
            PhotoError: if no photo can be read and has color.
        """
        epoch, place = divmod(k, len(self))
        rng = np.random.default_rng((self.seed, 0, k))
        order = self._order(epoch)
        for i in range(len(self)):
            number = int(order[(place + i) % len(self)])
            if number in self.skipped:
                continue
            try:
                source = self.source[number]
                photo = photos.read(source, at_least=round(self.size / SMALLEST))
                name = source if isinstance(source, Path) else f"packed photo {number}"
                photos.require_color(photo, name)
                return self.cut(photo.pixels, self.size, rng)
            except PhotoError as error:
                self.skipped[number] = str(error)
        reason = next(iter(self.skipped.values()))
        raise PhotoError(f"None of the {len(self)} files is a color photo. The first: {reason}")

    def batches(
        self, batch_size: int, start: int, stop: int, *, part: int = 0, parts: int = 1
    ) -> Any:
        """Batches start to stop - 1: a tf.data.Dataset of uint8 (batch_size, size, size, 3).

        With several machines, each needs only its `part` of the `parts` of every batch, of shape
        (batch_size / parts, size, size, 3). Threads read and cut the crops, a few batches ahead of
        the training step.
        """
        from colorlab.backend import tf

        def load(k: Any) -> Any:
            crop = tf.numpy_function(self.crop, [k], tf.uint8)
            return tf.ensure_shape(crop, (self.size, self.size, 3))

        rows = batch_size // parts
        numbers = tf.data.Dataset.range(start * batch_size, stop * batch_size)
        own = numbers.filter(lambda k: k % batch_size // rows == part)
        crops = own.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        batches = crops.batch(rows, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
        return batches.apply(tf.data.experimental.assert_cardinality(stop - start))

    def _shuffled(self, epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng((self.seed, 1, epoch))
        counts = self.source.counts if isinstance(self.source, Shards) else [len(self)]
        shards = np.split(np.arange(len(self)), np.cumsum(counts)[:-1])
        order = rng.permutation(len(shards))
        # A few shards at a time, so that reads from the disk stay close together.
        near = (order[i : i + NEAR] for i in range(0, len(order), NEAR))
        blocks = (np.concatenate([shards[shard] for shard in some]) for some in near)
        return np.concatenate([rng.permutation(block) for block in blocks])


def open_crops(source: str | os.PathLike[str], *, size: int, seed: int) -> Crops:
    """Make crops of the photos in a folder, in a keep list, or in the shards that `pack` wrote.

    Raises:
        ColorlabError: if `source` holds no photos, or its shards are not complete.
    """
    return Crops(Shards(source) if is_packed(source) else photos.find(source), size=size, seed=seed)


def random_crop(
    pixels: NDArray[np.uint8], size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Cut a random square from a photo, and resize it.

    Its side is 60 to 100 % of the photo's short side. Half of the time, the square is mirrored.
    (H, W, 3) uint8 → (size, size, 3) uint8.
    """
    height, width = pixels.shape[:2]
    side = rng.uniform(SMALLEST, 1.0) * min(height, width)
    top, left = rng.uniform(0, height - side), rng.uniform(0, width - side)
    box = (left, top, left + side, top + side)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, box=box)
    crop = np.asarray(image)
    return np.ascontiguousarray(crop[:, ::-1]) if rng.random() < 0.5 else crop
