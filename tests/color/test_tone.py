"""Color photos are told from black-and-white ones, however those were toned, stamped or framed."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from colorlab import photos
from colorlab.color.tone import has_color
from colorlab.data.toyworld import scenes

Pixels = NDArray[np.uint8]
Change = Callable[[Pixels], Pixels]

GRAY = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L"))
LIGHT = GRAY[..., None] / 255


def rounded(rgb: NDArray[np.float64]) -> Pixels:
    return (255 * rgb.clip(0, 1)).round().astype(np.uint8)


def toned(*stops: tuple[int, int, int]) -> Pixels:
    """The gray astronaut, from one color in the shadows to another in the highlights."""
    channels = np.transpose(stops)
    light = np.linspace(0, 255, len(stops))
    return np.stack([np.interp(GRAY, light, each) for each in channels], -1).astype(np.uint8)


def one_pixel(pixels: Pixels) -> Pixels:
    changed = pixels.copy()
    changed[100, 200] = (255, 0, 0)
    return changed


def stamped(pixels: Pixels) -> Pixels:
    image = Image.fromarray(pixels)
    ImageDraw.Draw(image).text((370, 440), "12 7 '61", fill=(255, 120, 20), font_size=20)
    return np.asarray(image)


def framed(pixels: Pixels) -> Pixels:
    """In a red mat, in a green frame; the photo's own side of 512 is not a multiple of anything."""
    mat = np.full((560, 570, 3), (150, 30, 40), np.uint8)
    mat[20:532, 30:542] = pixels
    frame = np.full((631, 640, 3), (20, 90, 50), np.uint8)
    frame[40:600, 33:603] = mat
    return frame


def thinly_framed(pixels: Pixels) -> Pixels:
    frame = np.full((522, 522, 3), (150, 30, 40), np.uint8)
    frame[5:-5, 5:-5] = pixels
    return frame


def noisy(pixels: Pixels) -> Pixels:
    noise = np.random.default_rng(0).normal(0, 3, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


def jpeg(pixels: Pixels, quality: int = 75) -> Pixels:
    """Through a JPEG as cameras write it, whose color is half as fine as its light."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(file))


BLACK_AND_WHITE = {
    "gray": toned((0, 0, 0), (255, 255, 255)),
    # The matrix of CSS's filter effects, on gray: red and green are full long before white.
    "sepia filter": rounded(LIGHT * [1.351, 1.203, 0.937]),
    "yellowed": rounded(np.concatenate([LIGHT**0.9, LIGHT**0.97, LIGHT**1.12], axis=-1)),
    "faded": toned((70, 55, 45), (150, 130, 105), (235, 220, 185)),
    "cyanotype": toned((5, 25, 60), (50, 110, 160), (235, 245, 245)),
    "split tone": toned((10, 15, 50), (125, 125, 125), (255, 245, 200)),
}
CHANGES: dict[str, list[Change]] = {
    "as it is": [],
    "one pixel": [one_pixel],
    "date stamp": [stamped],
    "frame in a frame": [framed],
    "thin frame": [thinly_framed],
    "scanner noise": [noisy],
    "JPEG": [jpeg],
    "noise, stamp, JPEG": [noisy, stamped, jpeg],
    "noise, frame, JPEG": [noisy, framed, jpeg],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("tone", BLACK_AND_WHITE)
def test_black_and_white_is_a_function_of_light_but_for_few_pixels(tone: str, change: str) -> None:
    pixels = BLACK_AND_WHITE[tone]
    for step in CHANGES[change]:
        pixels = step(pixels)
    assert not has_color(pixels)


COLOR = {
    "astronaut": skimage.data.astronaut(),
    "coffee": skimage.data.coffee(),
    "cat": skimage.data.chelsea(),
    "rocket": skimage.data.rocket(),
    "cells": skimage.data.immunohistochemistry(),
    "retina": skimage.data.retina(),  # a red disk in the dark
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", COLOR)
def test_a_color_photo_is_one_however_it_is_framed_or_saved(name: str, change: str) -> None:
    pixels = COLOR[name]
    if change != "as it is":
        pixels = np.asarray(Image.fromarray(pixels).resize((512, 512)))
    for step in CHANGES[change]:
        pixels = step(pixels)
    assert has_color(pixels)


@pytest.mark.parametrize("size", [16, 24, 48, 112, 1500])
def test_size_does_not_matter(size: int) -> None:
    for name in ("coffee", "cat"):
        image = Image.fromarray(COLOR[name]).resize((size, size))
        assert has_color(np.asarray(image))
        sepia = np.asarray(image.convert("L"))[..., None] / 255 * [1.351, 1.203, 0.937]
        assert not has_color(rounded(sepia))


def test_every_painted_scene_has_color_and_none_of_them_once_it_is_toned() -> None:
    for scene in scenes(40, size=32, seed=0):
        assert has_color(scene)
        light = np.asarray(Image.fromarray(scene).convert("L"))[..., None] / 255
        assert not has_color(rounded(light * [1.351, 1.203, 0.937]))


def test_a_red_rose_on_a_gray_photo_is_color_and_a_speck_is_not() -> None:
    pixels = np.repeat(GRAY[..., None], 3, axis=-1)
    for side, expected in ((120, True), (40, False)):  # 5.5 % of the photo, and 0.6 %
        rose = pixels.copy()
        rose[200 : 200 + side, 200 : 200 + side] //= np.array([1, 4, 4], np.uint8)
        assert has_color(rose) is expected


@pytest.mark.parametrize(
    ("color", "expected"), [((200, 30, 30), True), ((112, 66, 20), False), ((90, 90, 90), False)]
)
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 5000), (300, 200)])
def test_one_color_all_over_is_a_color_if_no_print_is_toned_so_strongly(
    color: tuple[int, int, int], expected: bool, shape: tuple[int, int]
) -> None:
    """Sepia's own name in CSS is (112, 66, 20)."""
    assert has_color(np.full((*shape, 3), color, np.uint8)) is expected


def test_what_transparency_hides_does_not_count() -> None:
    pixels = toned((20, 10, 0), (140, 105, 70), (255, 240, 210))
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    alpha[150:350, 150:350] = 0
    pixels[150:350, 150:350] = [255, 0, 255]
    assert has_color(pixels) and not has_color(pixels, alpha)
    hidden = Image.fromarray(np.dstack([pixels, alpha]))
    assert photos.read(hidden).keep == "luma"


def test_a_strong_cyanotype_is_black_and_white_and_a_blue_sea_is_not() -> None:
    assert not has_color(toned((0, 25, 80), (20, 90, 170), (225, 240, 250)))
    assert has_color(np.full((50, 50, 3), (10, 60, 200), np.uint8))


def test_a_sunset_is_color_though_it_is_a_function_of_its_light() -> None:
    assert has_color(toned((0, 0, 0), (200, 80, 10), (255, 200, 60)))


def test_a_tone_is_dropped_and_the_gray_is_pillow_s() -> None:
    photo = photos.read(BLACK_AND_WHITE["sepia filter"])
    assert photo.keep == "luma"
    luma = np.asarray(photo.image.convert("L")) / 255
    assert np.abs(photo.gray[..., 0] - luma).max() < 0.51 / 255
