"""The script for a GPU that can be had for minutes: here on JAX, on the CPU."""

import csv
import os
import runpy
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from colorlab.backend import ops
from colorlab.colorizer import Colorizer
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model.generators import load_generator, mobile_unet
from colorlab.training import trainer

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
SCRIPT = SCRIPTS / "content_stage.py"
TEACHER = ROOT / "tests" / "fixtures" / "0.1.0" / "finished" / "generator.keras"
LOSSES = runpy.run_path(str(SCRIPTS / "content_losses.py"))


def shell(*words, backend="jax"):
    command = [sys.executable, SCRIPT, *map(str, words)]
    # For a few steps, JAX takes longer to optimize the network than to run it.
    settings = {"KERAS_BACKEND": backend, "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
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
    stage = LOSSES["ContentStage"](mobile_unet(), 64)
    losses = stage({"photos": ops.convert_to_tensor(scenes(2, size=40, seed=0))})
    assert set(losses) == {"content", "distribution"}
    # Untrained, all 81 colors are equally likely; dark, dull pixels weigh least, 0.1.
    assert 0.1 * np.log(81) < float(losses["distribution"]) < 5 * np.log(81)


def test_blocks_learn_alone_what_a_teacher_s_do_and_then_together():
    """Given its maps they are near it at once; without them, farther, as errors add up."""
    keras.utils.set_random_seed(0)
    teacher, generator = mobile_unet(), mobile_unet()
    assert [end.shape[-1] for end in LOSSES["block_ends"](generator)] == [
        *(16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320)
    ]  # Sandler et al. 2018, table 2
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
    near = maps_after(8, alone=True)
    assert near < 0.5 * before
    farther = maps_after(0, alone=False)
    assert near < farther < apart
    assert maps_after(4, alone=False) < farther


def test_blocks_learn_alone_only_from_a_teacher_that_has_the_same():
    with pytest.raises(ColorlabError, match="--alone needs a --teacher with the same"):
        LOSSES["ContentStage"](mobile_unet(), 64, load_generator(TEACHER), alone=True)


def test_a_run_learns_continues_and_colorlab_continues_it(decoded, tmp_path):
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
    options = {"preset": "toy", "steps": 2, "size": 32, "batch_size": 2, "content_share": 1.0}
    start = tmp_path / "run" / "generator.keras"
    run = trainer.train(decoded.parent, tmp_path / "on", start=start, **options)
    assert Colorizer.load(run).colorize(decoded.parent / "0.png").size == (60, 48)
