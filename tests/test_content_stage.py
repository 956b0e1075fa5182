"""The script for a GPU that can be had for minutes: here on JAX, on the CPU."""

import csv
import itertools
import os
import runpy
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import colorlab
from colorlab.backend import ops
from colorlab.colorizer import Colorizer
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model import generators, presets
from colorlab.model.generators import mobile_unet, residual_unet

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
LOSSES = runpy.run_path(str(SCRIPTS / "content_losses.py"))
# The fewest layers that have something to enlarge.
TOY = replace(presets.get("toy"), generator=lambda size: residual_unet((4, 4), num_blocks=0))


def short_mobile_unet():
    """A MobileNetV2 with one block for each size, and a second one that adds."""
    stages = ((1, 16, 1, 1), (6, 24, 1, 2), (6, 32, 2, 2), (6, 64, 1, 2), (6, 96, 1, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generators, "MOBILE_STAGES", stages)
        return mobile_unet((16, 16, 16))


def run_script(*words):
    """The script in this process, with a smaller preset toy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS, "toy", TOY)
        patch.syspath_prepend(SCRIPTS)
        patch.setattr(sys, "argv", ["content_stage.py", *map(str, words)])
        runpy.run_path(str(SCRIPTS / "content_stage.py"), run_name="__main__")


def run_script_on_jax(*words):
    # For a few steps, JAX takes longer to optimize the network than to run it.
    settings = {"KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    command = [sys.executable, __file__, *map(str, words)]
    subprocess.run(command, env=os.environ | settings, check=True)


def rows_of(table):
    with table.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("side", "size"), [(0.9, 12), (0.3, 32)])
def test_a_cut_is_what_pillow_makes_of_the_same_square(side, size):
    pictures = scenes(2, size=48, seed=0)
    shares = [np.array(each, np.float32) for each in ([0.05, 0.1], [0.1, 0.02], [side, side])]
    mirror = np.array([False, True])
    squares = map(ops.convert_to_tensor, (*shares, mirror))
    found = np.array(LOSSES["cut"](pictures, *squares, size))
    found[1] = found[1, :, ::-1]  # the mirrored one
    for picture, result, top, left in zip(pictures, found, *shares[:2], strict=True):
        box = 48 * np.array([left, top, left + side, top + side])
        image = Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR, tuple(box))
        np.testing.assert_allclose(result, np.asarray(image), atol=1.01)  # Pillow rounds, twice


@pytest.fixture(scope="module")
def decoded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number, scene in enumerate(scenes(8, size=48, seed=0)):
        Image.fromarray(scene).resize((60, 48)).save(folder / f"{number}.png")
    (folder / "broken.jpg").write_text("not a photo")
    run_script("decode", folder, folder / "photos.npy", "--side", 40)
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
    stage = LOSSES["ContentStage"](short_mobile_unet(), 64)
    losses = stage({"photos": ops.convert_to_tensor(scenes(2, size=40, seed=0))})
    assert set(losses) == {"content", "distribution"}
    # Untrained, all 81 colors are equally likely; dark, dull pixels weigh least, 0.1.
    assert 0.1 * np.log(81) < float(losses["distribution"]) < 5 * np.log(81)


def test_the_blocks_of_the_encoder_are_found():
    assert [end.shape[-1] for end in LOSSES["block_ends"](mobile_unet())] == [
        *(16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320)
    ]  # Sandler et al. 2018, table 2


def test_blocks_learn_alone_what_a_teacher_s_do_and_then_together():
    """Given its maps they are near it at once; without them, farther, as errors add up."""
    keras.utils.set_random_seed(0)
    teacher, generator = short_mobile_unet(), short_mobile_unet()
    batch = {"photos": ops.convert_to_tensor(scenes(8, size=64, seed=0))}
    for layer in teacher.layers:  # as after training, its maps have the scale that it expects
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    teacher(batch["photos"][..., :1] / 255, training=True)

    def maps_after(steps, alone):
        stage = LOSSES["ContentStage"](generator, 64, teacher, alone=alone)
        if alone and steps:
            stage.match_scales(batch["photos"])
        # It would take longer to compile these few steps than to run them.
        stage.compile(keras.optimizers.Adam(1e-2), run_eagerly=True)
        for _ in range(steps):
            stage.train_on_batch(batch)
        return float(stage(batch, training=True)["maps"])

    before, apart = maps_after(0, alone=True), maps_after(0, alone=False)
    near = maps_after(6, alone=True)
    assert near < 0.5 * before
    farther = maps_after(0, alone=False)
    assert near < farther < apart
    assert maps_after(4, alone=False) < farther


def test_blocks_learn_alone_only_from_a_teacher_that_has_the_same():
    with pytest.raises(ColorlabError, match="--alone needs a --teacher with the same"):
        LOSSES["ContentStage"](short_mobile_unet(), 64, TOY.generator(64), alone=True)


def test_a_run_learns_continues_and_colorlab_continues_it(decoded, tmp_path, monkeypatch):
    teacher = Colorizer(TOY.generator(32)).save(tmp_path / "teacher.keras")
    rows = len(np.load(decoded))
    np.save(tmp_path / "targets.npy", np.zeros((rows, 5, 5, 3), np.uint8))  # far from the mean
    short = ["--preset", "toy", "--size", 32, "--batch-size", 4, "--steps", 4]
    taught = ["--rate", 0.03, "--teacher", teacher, "--targets", tmp_path / "targets.npy"]
    command = ["train", decoded, tmp_path / "run", *short, *taught]
    run_script_on_jax(*command, "--bfloat16", "--minutes", 0.001)
    first = Colorizer.load(tmp_path / "run" / "generator.keras").generator.get_weights()
    before = float(rows_of(tmp_path / "run" / "log.csv")[0]["minutes"])
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", itertools.count().__next__)  # a second for each look
        run_script(*command, "--minutes", before + 1)
    log = rows_of(tmp_path / "run" / "log.csv")
    assert int(log[1]["photos"]) > int(log[0]["photos"]) == 16
    assert 0 < float(log[1]["targets"]) < float(log[0]["targets"])
    assert 0 < float(log[1]["content"]) < 1 and 0 < float(log[1]["teacher"]) < 1
    second = Colorizer.load(tmp_path / "run" / "generator.keras").generator.get_weights()
    assert all((old != new).any() for old, new in zip(first, second, strict=True))
    options = {"preset": "toy", "steps": 2, "size": 32, "batch_size": 2, "content_share": 1.0}
    start = tmp_path / "run" / "generator.keras"
    monkeypatch.setitem(presets.PRESETS, "toy", TOY)
    run = colorlab.train(decoded.parent, tmp_path / "on", start=start, **options)
    assert Colorizer.load(run).colorize(decoded.parent / "0.png").size == (60, 48)


if __name__ == "__main__":
    run_script(*sys.argv[1:])
