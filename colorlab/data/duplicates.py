"""Photos that look alike: the same one, resized or saved again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEAR = 3  # bits of 64, twice, in which near duplicates may differ
PLAIN = 8  # fewer zeros or ones than this say that a picture has too little in it to be compared


def looks(pixels: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """128 bits that hardly change when a photo is resized or saved again.

    Each says whether a point of the photo, shrunk to 9 by 8 grays, is brighter than the one to its
    left, and, shrunk to 8 by 9, than the one above.

    Args:
        pixels: (H, W, 3) uint8.

    Returns:
        (2,) uint64.

    Source: Krawetz 2013, "Kind of Like That", hackerfactor.com/blog: the difference hash.
    """
    gray = Image.fromarray(pixels).convert("L")
    wide, tall = (np.asarray(gray.resize(s, Image.Resampling.BOX)) for s in ((9, 8), (8, 9)))
    bits = np.stack([wide[:, 1:] > wide[:, :-1], tall[1:] > tall[:-1]])
    return np.packbits(bits.reshape(2, 64), axis=1).view(np.uint64)[:, 0]


def near_pairs(many_looks: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """All pairs that differ in at most NEAR bits of each 64, without comparing each with each.

    Bits that differ in 3 of 64 are alike in one whole quarter of four. So only those that share a
    quarter are compared: sorted by it, each with the next, the next but one, and so on. Those whose
    bits are nearly all alike are left out: a plain gradient looks like any other.

    Args:
        many_looks: (N, 2) uint64.

    Yields:
        (M, 2) indices; a pair may come more than once.
    """
    ones = np.bitwise_count(many_looks)
    busy = np.flatnonzero(((ones >= PLAIN) & (ones <= 64 - PLAIN)).all(axis=1))
    for shift in (0, 16, 32, 48):
        quarter = (many_looks[:, 0] >> np.uint64(shift)) & np.uint64(0xFFFF)
        order = busy[np.argsort(quarter[busy], kind="stable")]
        place, step = np.arange(len(order)), 0
        while len(place):
            step += 1
            place = place[place + step < len(order)]
            one, other = order[place], order[place + step]
            alike = quarter[one] == quarter[other]
            place, one, other = place[alike], one[alike], other[alike]
            apart = np.bitwise_count(many_looks[one] ^ many_looks[other])
            near = (apart <= NEAR).all(axis=1)
            yield np.stack([one[near], other[near]], axis=1)
