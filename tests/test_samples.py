"""The samples are what their names say, and the script that made them still makes them."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from colorlab.errors import PhotoError
from colorlab.photos import find, read

DATA = Path(__file__).parents[1] / "data"
SAMPLES = DATA / "samples"
UPRIGHT = (144, 192)
HONEST = {
    "cmyk.jpg": UPRIGHT,
    "color.jpg": UPRIGHT,
    "color_alpha.png": UPRIGHT,
    "exif_rotated.jpg": UPRIGHT,
    "gray.jpg": UPRIGHT,
    "gray_16bit.tif": UPRIGHT,
    "gray_alpha.png": UPRIGHT,
    "png_named.jpg": UPRIGHT,
    **{f"scene_{number}.jpg": (192, 192) for number in range(1, 7)},
}
BROKEN = ["text_named.jpg", "truncated.jpg"]


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    runpy.run_path(str(DATA / "make_samples.py"))["make"](folder)
    return folder


def mean_difference(name: str, other: str) -> float:
    first, second = (read(SAMPLES / each).rgb * 255 for each in (name, other))
    return float(np.abs(first - second).mean())


def test_the_folder_holds_these_files_and_is_small() -> None:
    assert {path.name for path in find(SAMPLES)} == HONEST.keys() | BROKEN
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 400_000


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_sample_reads_upright(name: str) -> None:
    photo = read(SAMPLES / name)
    assert photo.pixels.shape[:2] == HONEST[name]
    assert photo.name == name
    assert (photo.alpha is not None) == ("alpha" in name)
    assert photo.has_color == ("gray" not in name)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sample_is_refused_by_name(name: str) -> None:
    with pytest.raises(PhotoError, match=name):
        read(SAMPLES / name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("exif_rotated.jpg", "color.jpg"),
        ("cmyk.jpg", "color.jpg"),
        ("png_named.jpg", "color_alpha.png"),
        ("gray_16bit.tif", "gray.jpg"),
        ("gray_alpha.png", "gray_16bit.tif"),
    ],
)
def test_the_same_scene_looks_the_same_in_every_form(name: str, other: str) -> None:
    assert mean_difference(name, other) < 4  # of 255: what JPEG costs


@pytest.mark.parametrize("name", HONEST)
def test_the_script_makes_the_same_sample_again(name: str, remade: Path) -> None:
    kept, made = read(SAMPLES / name).rgb, read(remade / name).rgb
    assert kept.shape == made.shape
    difference = np.abs(kept - made).mean() * 255  # other versions of Pillow round differently
    assert difference < 1, "colorlab/data/toyworld.py has changed: run python data/make_samples.py"
