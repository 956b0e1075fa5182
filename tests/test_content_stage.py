"""The script for a GPU that can be had for minutes: here on JAX, on the CPU."""

import csv
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorlab import training
from colorlab.backend import ops
from colorlab.colorizer import Colorizer
from colorlab.generator import mobile_unet
from colorlab.toyworld import scenes

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "content_stage.py"
TEACHER = ROOT / "tests" / "fixtures" / "0.1.0" / "finished" / "generator.keras"


def shell(*words, backend="jax"):
    command = [sys.executable, SCRIPT, *map(str, words)]
    subprocess.run(command, env=os.environ | {"KERAS_BACKEND": backend}, check=True)


def rows_of(table):
    with table.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("side", "size"), [(0.9, 12), (0.3, 32)])
def test_a_cut_is_what_pillow_makes_of_the_same_square(side, size):
    pictures = scenes(2, size=48, seed=0)
    shares = [np.array(each, np.float32) for each in ([0.05, 0.1], [0.1, 0.02], [side, side])]
    mirror = np.array([False, True])
    cut = runpy.run_path(str(SCRIPT))["cut"]
    found = np.asarray(cut(pictures, *map(ops.convert_to_tensor, (*shares, mirror)), size))
    for picture, result, mirrored, top, left, _ in zip(
        pictures, found, mirror, *shares, strict=True
    ):
        box = 48 * np.array([left, top, left + side, top + side])
        image = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR, tuple(box))
        expected = np.asarray(image)
        if mirrored:
            expected = expected[:, ::-1]
        np.testing.assert_allclose(result, expected, atol=1.01)  # Pillow rounds, twice


@pytest.fixture(scope="module")
def decoded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number, scene in enumerate(scenes(8, size=48, seed=0)):
        Image.fromarray(scene).resize((60, 48)).save(folder / f"{number}.png")
    (folder / "broken.jpg").write_text("not a photo")
    shell("decode", folder, folder / "photos.npy", "--side", 40)
    return folder / "photos.npy"


def test_photos_are_decoded_to_middle_squares_and_named(decoded):
    photos = np.load(decoded)
    assert photos.shape == (8, 40, 40, 3) and photos.dtype == np.uint8
    names = decoded.with_suffix(".txt").read_text().split()
    assert names == [f"{number}.png" for number in range(8)]
    image = Image.open(decoded.parent / "3.png")
    middle = image.resize((40, 40), Image.Resampling.BICUBIC, box=(6, 0, 54, 48))
    np.testing.assert_allclose(photos[3], np.asarray(middle), atol=1)


def test_a_generator_that_predicts_a_distribution_learns_it_too():
    stage = runpy.run_path(str(SCRIPT))["ContentStage"](mobile_unet(), 64, None, 0)
    losses = stage({"photos": ops.convert_to_tensor(scenes(2, size=40, seed=0))})
    assert set(losses) == {"content", "distribution"}
    # Untrained, all 81 colors are equally likely; dark, dull pixels weigh least, 0.1.
    assert 0.1 * np.log(81) < float(losses["distribution"]) < 5 * np.log(81)


def test_a_run_learns_goes_on_and_colorlab_goes_on_from_it(decoded, tmp_path):
    rows = len(np.load(decoded))
    np.save(tmp_path / "targets.npy", np.zeros((rows, 5, 5, 3), np.uint8))  # far from the mean
    short = ["--preset", "toy", "--size", 32, "--batch-size", 4, "--steps", 4]
    taught = ["--teacher", TEACHER, "--targets", tmp_path / "targets.npy"]
    command = ["train", decoded, tmp_path / "run", *short, *taught]
    shell(*command, "--bfloat16", "--minutes", 0.001)
    first = Colorizer.load(tmp_path / "run" / "generator.keras").generator.get_weights()
    before = float(rows_of(tmp_path / "run" / "log.csv")[0]["minutes"])
    shell(*command, "--minutes", before + 0.2, backend="tensorflow")
    log = rows_of(tmp_path / "run" / "log.csv")
    assert int(log[1]["photos"]) > int(log[0]["photos"]) == 16
    assert 0 < float(log[1]["targets"]) < float(log[0]["targets"])
    assert 0 < float(log[1]["content"]) < 1 and 0 < float(log[1]["teacher"]) < 1
    second = Colorizer.load(tmp_path / "run" / "generator.keras").generator.get_weights()
    assert all((old != new).any() for old, new in zip(first, second, strict=True))
    run = training.train(
        decoded.parent,
        tmp_path / "on",
        preset="toy",
        start=tmp_path / "run" / "generator.keras",
        steps=2,
        size=32,
        batch_size=2,
    )
    assert Colorizer.load(run).colorize(decoded.parent / "0.png").size == (60, 48)
