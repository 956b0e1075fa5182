"""What 0.1.0 made still works: its models, its runs, the photo lab's settings, packed photos.

tests/fixtures/0.1.0/README.md says what is there, and how 0.1.0 made it. Each test works on a copy.
"""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorlab import Colorizer, photos, train
from colorlab.colorizer import load_settings
from colorlab.data.shards import Shards
from colorlab.training.run import read_json

FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
STEPS = 120  # of each run
OUTPUTS = np.load(FIXTURES / "outputs.npz")  # what 0.1.0 itself computed


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return shutil.copytree(FIXTURES, tmp_path / "0.1.0")


def chroma_of(model: Path) -> np.ndarray:
    return np.asarray(Colorizer.load(model).generator(OUTPUTS["gray"]))


def rows(run: Path) -> list[list[str]]:
    with (run / "log.csv").open(newline="") as file:
        return list(csv.reader(file))


def shell(*words: str | Path) -> str:
    """What a command prints, in a process that has loaded nothing else before."""
    command = [sys.executable, "-m", "colorlab", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def difference(a: Image.Image, b: Image.Image) -> int:
    """The largest difference of two pictures, in levels of 255."""
    return int(np.abs(np.asarray(a).astype(int) - np.asarray(b)).max())


@pytest.mark.parametrize("model", ["finished", "finished/generator.keras", "small.keras"])
def test_a_model_gives_the_chroma_that_it_gave(made: Path, model: str):
    expected = OUTPUTS[model.split("/")[0].removesuffix(".keras")]
    # XLA changes the chroma of `small.keras` by 3e-5; one of a picture's 255 levels is 4e-3.
    np.testing.assert_allclose(chroma_of(made / model), expected, atol=1e-3)


def test_a_model_of_the_kind_that_ships_colors_a_photo(made: Path, tmp_path: Path):
    printed = shell(
        *("colorize", made / "lab" / "scene.png", "--model", made / "small.keras"),
        *("--out", tmp_path / "out"),
    )
    with Image.open(printed.strip()) as colored, Image.open(made / "lab" / "scene.png") as scene:
        assert colored.size == scene.size
        assert np.ptp(np.asarray(colored).astype(int), axis=-1).mean() > 20


@pytest.mark.parametrize("stage", ["content", "adversarial"])
def test_a_run_that_was_stopped_continues_to_the_end_that_it_had(made: Path, stage: str):
    run = made / f"stopped_in_{stage}"
    before = rows(run)
    train(made / "pack", run, resume=True)
    log = rows(run)
    assert log[: len(before)] == before
    assert log[-1][:2] == ["adversarial", str(STEPS)]
    # Rounding the checkpoints changed it by 0.0013 at most; without the optimizers' states it
    # would change by 0.005 or more.
    assert np.abs(chroma_of(run) - OUTPUTS["finished"]).mean() < 0.003


def test_a_new_run_starts_from_a_finished_one(made: Path, tmp_path: Path):
    asked = {"preset": "toy", "steps": 1, "batch_size": 2, "size": 32}
    start = made / "finished"
    run = train(made / "pack", tmp_path / "run", start=start, **asked)
    weights = [Colorizer.load(each).generator.get_weights() for each in (run, start)]
    for found, started_from in zip(*weights, strict=True):
        # Adam's first step moves a weight by the learning rate, 0.002.
        np.testing.assert_allclose(found, started_from, atol=0.01)


class OfThen(Colorizer):
    """Colors as 0.1.0 did: no flat scans, no cast taken away."""

    flat, cast = 0.0, 0.0


def test_settings_of_the_photo_lab_make_the_same_picture(made: Path, tmp_path: Path):
    photo, saved = made / "lab" / "scene.png", made / "lab" / "scene-color.png.json"
    settings = load_settings(saved)
    size = read_json(made / "finished")["size"]
    model = OfThen.load(made / "finished" / "generator.keras", side=round(7 / 6 * size))
    with Image.open(made / "lab" / "scene-color.png") as expected:
        assert difference(model.colorize(photo, **settings), expected) <= 1
        assert difference(model.colorize(photo), expected) > 50
    words = ("--model", made / "finished", "--settings", saved, "--out", tmp_path / "out")
    with Image.open(shell("colorize", photo, *words).strip()) as colored:
        now = Colorizer.load(made / "finished").colorize(photo, **settings)
        assert difference(colored, now) == 0


def test_packed_photos_are_whole_and_are_the_same_photos(made: Path):
    assert shell("check", made / "pack") == "All shards are whole.\n"
    means = [photos.read(photo).pixels.mean(axis=(0, 1)) for photo in Shards(made / "pack")]
    np.testing.assert_allclose(means, OUTPUTS["pack"], atol=1)
