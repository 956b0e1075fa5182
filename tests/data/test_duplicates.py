"""Photos that look alike: resized and re-saved ones are found, others are not."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colorlab.data.duplicates import NEAR, PLAIN, looks, near_pairs


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int(np.bitwise_count(looks(one) ^ looks(other)).max())


def test_a_photo_resized_and_saved_again_looks_the_same_others_and_a_mirrored_one_do_not():
    photos = [data.astronaut(), data.coffee(), data.chelsea(), data.astronaut()[:, ::-1]]
    for photo in photos:
        file = io.BytesIO()
        Image.fromarray(photo).reduce(3).save(file, "JPEG", quality=60)
        assert apart(photo, np.asarray(Image.open(file))) <= NEAR
    assert min(apart(a, b) for i, a in enumerate(photos) for b in photos[:i]) > NEAR


def test_horizons_under_a_sun_differ_although_each_row_rises_and_falls_alike():
    rows, columns = np.mgrid[:90, :90]
    glow = 200 * np.exp(-(((columns - 45) / 30) ** 2))
    high, low = (glow * np.exp(-(((rows - y) / 25) ** 2)) for y in (15, 75))
    pictures = [np.repeat(x[..., None], 3, -1).astype(np.uint8) for x in (high, low)]
    assert apart(*pictures) > NEAR


def test_the_pairs_are_those_of_comparing_each_with_each():
    rng = np.random.default_rng(0)
    base = rng.integers(0, 2**64, (40, 2), dtype=np.uint64)
    once = base ^ (np.uint64(1) << rng.integers(0, 64, (40, 2), dtype=np.uint64))
    thrice = once ^ np.array([[0b11 << 20, 0]], np.uint64)
    four = base ^ np.array([[0b1111, 0]], np.uint64)
    many = np.concatenate([base, once, thrice, four])
    apart_by = np.bitwise_count(many[:, None] ^ many[None]).max(axis=-1)
    expected = {(i, j) for i, j in np.argwhere(apart_by <= NEAR).tolist() if i < j}
    found = {tuple(sorted(pair)) for pairs in near_pairs(many) for pair in pairs.tolist()}
    assert found == expected
    assert len(expected) > 100


def test_plain_pictures_are_compared_with_nothing():
    plain = np.full((PLAIN, 2), 1, np.uint64)
    assert sum(map(len, near_pairs(plain))) == 0
