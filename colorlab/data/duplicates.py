"""Find photos that look alike: the same photo, resized or saved again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEAR = 3  # bits that may differ between near duplicates in each of their two 64-bit halves
PLAIN = 8  # a picture with fewer zeros or ones than this in 64 bits is too plain to compare


def looks(pixels: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Describe a photo by 128 bits that hardly change when it is resized or saved again.

    The photo is shrunk to 9 by 8 grays, and 64 bits say whether each is brighter than the one to
    its left. It is also shrunk to 8 by 9 grays, and 64 bits say the same about the one above.

    (H, W, 3) uint8 → (2,) uint64.

    Source: Krawetz 2013, "Kind of Like That", hackerfactor.com/blog: the difference hash.
    """
    gray = Image.fromarray(pixels).convert("L")
    wide, tall = (np.asarray(gray.resize(s, Image.Resampling.BOX)) for s in ((9, 8), (8, 9)))
    bits = np.stack([wide[:, 1:] > wide[:, :-1], tall[1:] > tall[:-1]])
    return np.packbits(bits.reshape(2, 64), axis=1).view(np.uint64)[:, 0]


def near_pairs(many_looks: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Find all pairs that differ in at most NEAR bits of each 64, without comparing every pair.

    If 64 bits differ in at most 3 places, at least one of their four quarters is equal. So only
    photos with an equal quarter are compared: they are sorted by it, and each is compared with the
    next, the one after it, and so on. Photos whose bits are nearly all 0 or nearly all 1 are left
    out, because every plain gradient looks like any other.

    (N, 2) uint64 → arrays of (M, 2) indices; a pair may occur more than once.
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
