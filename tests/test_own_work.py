"""What docs/own-work.md shows, runs, and does what the page says."""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

import colorlab
from colorlab import Colorizer, colorizer, photos
from colorlab.data.toyworld import scenes
from colorlab.model import presets
from colorlab.model.critic import patch_critic
from colorlab.model.generators import residual_unet
from colorlab.training import trainer

PAGE = (Path(__file__).parents[1] / "docs" / "own-work.md").read_text()
CELLS = {
    title: re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for title, text in re.findall(r"^## (.*)\n(.*(?:\n(?!## ).*)*)", PAGE, re.MULTILINE)
}
ON_JAX, ON_PYTORCH = "The encoding on JAX", "The encoding on PyTorch"
DASHBOARD = "The photo lab in your own dashboard"
SCENES = scenes(6, size=96, seed=8)
Names = dict[str, Any]
TOY = replace(
    presets.get("toy"),
    generator=lambda size: residual_unet((4, 8, 8), num_blocks=0),
    critic=lambda: patch_critic((8,)),
    size=32,
    steps=5,
    batch_size=2,
)
shipped = cache(Colorizer)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train networks of few layers."""
    monkeypatch.setitem(presets.PRESETS, "toy", TOY)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint the photos that the page names. The process is in their folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("photos", "theirs"):
        Path(name).mkdir()
        for number, scene in enumerate(SCENES):
            Image.fromarray(scene).save(f"{name}/{number}.png")
    Image.fromarray(SCENES[0]).convert("L").save("old.jpg")


def opened(name: str) -> NDArray[np.uint8]:
    return photos.read(name).pixels


def array(names: Names, _: str) -> None:
    kept = colorlab.encode(names["colored"] / 255, keep="luma")[0][..., 0]
    assert np.abs(kept - skimage.data.camera() / 255).max() <= 1 / 255
    np.testing.assert_array_equal(names["again"], names["colored"])


def pil_image(names: Names, _: str) -> None:
    np.testing.assert_array_equal(opened("colored.png"), shipped().colorize("old.jpg"))


def whole_folder(names: Names, said: str) -> None:
    assert sorted(said.split()) == [f"colored/{number}.png" for number in range(len(SCENES))]
    np.testing.assert_array_equal(opened("colored/3.png"), shipped().colorize("photos/3.png"))


def pipeline(names: Names, _: str) -> None:
    gray, chroma = next(names["pairs"].as_numpy_iterator())
    assert gray.shape == (4, 96, 96, 1) and chroma.shape == (4, 96, 96, 2)
    kept = np.max(names["color"](gray, chroma), axis=-1, keepdims=True)
    np.testing.assert_allclose(kept, gray, atol=1e-6)
    batch = next(names["colored"].as_numpy_iterator())
    assert batch.shape == (4, 96, 96, 3) and np.ptp(batch, axis=-1).max() > 0.1
    first = next(names["one_by_one"].as_numpy_iterator())
    assert first.shape == (96, 96, 3) and np.ptp(first.astype(int), axis=-1).max() > 25


def fine_tuned(names: Names, _: str) -> None:
    weights = [Colorizer.load(f).generator.get_weights() for f in ("run", "shipped.keras")]
    moved = [np.abs(new - old).max() for new, old in zip(*weights, strict=True)]
    assert 0 < max(moved) < 0.1  # from random weights, so few steps lead nowhere near
    np.testing.assert_array_equal(opened("colored.png"), Colorizer.load("run").colorize("old.jpg"))


def own_generator(names: Names, _: str) -> None:
    assert len(Colorizer.load("run").generator.layers) == 4
    assert np.ptp(opened("colored.png").astype(int), axis=-1).max() > 0


def own_objective(names: Names, _: str) -> None:
    assert json.loads(Path("run/run.json").read_text())["objective"] == "pearson_r1"
    assert Path("run/log.csv").read_text().count("adversarial") == 1
    # At a slope of 3 everywhere, γ/2 · E‖slope‖² is 5 · 9 · 2 · 4 · 2.
    real = np.zeros((5, 2, 4, 2), np.float32)
    assert names["R1"]().penalty(lambda chroma: chroma + 3.0, real, None, None) == 5 * 9 * 16


def scores(names: Names, said: str) -> None:
    means = names["evaluate"]("photos", names["TheirModel"]()).averages()
    left_gray = [(row.gain, row.distance_ratio) for row in means if row.contender == "model"]
    assert left_gray == [(0, 1), (0, 1)] and "luma, model" in said
    assert [row.distance for row in names["rows"]] == [0] * len(SCENES) and "their model" in said


CHECKS: dict[str, Callable[[Names, str], None]] = {
    "An array": array,
    "A PIL image": pil_image,
    "A folder": whole_folder,
    "A tf.data pipeline": pipeline,
    "Fine-tune on a hundred photos": fine_tuned,
    "A generator of your own": own_generator,
    "An objective of your own": own_objective,
    "Scores of somebody else's model": scores,
}


@pytest.mark.parametrize("title", CHECKS)
def test_a_program_runs_and_does_what_the_page_says(
    title: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if title == "Fine-tune on a hundred photos":
        monkeypatch.setattr(trainer, "SHIPPED", "toy")
        monkeypatch.setattr(colorizer, "shipped_generator", lambda: TOY.generator(32))
    names: Names = {}
    for cell in CELLS[title]:
        exec(cell, names)
    CHECKS[title](names, capsys.readouterr().out)


def test_no_program_of_the_page_is_left_out() -> None:
    shown = {title for title, cells in CELLS.items() if cells}
    assert shown == {*CHECKS, ON_JAX, ON_PYTORCH, DASHBOARD}


def test_the_encoding_on_jax_is_that_of_scikit_image() -> None:
    check = """
import numpy as np
from skimage.color import rgb2hsv

hsv = rgb2hsv(np.asarray(rgb))
np.testing.assert_allclose(gray[..., 0], hsv[..., 2], atol=1e-6)
np.testing.assert_allclose(np.hypot(chroma[..., 0], chroma[..., 1]), hsv[..., 1], atol=1e-5)
assert np.isfinite(slope).all() and np.abs(slope).max() > 0
"""
    subprocess.run(
        [sys.executable, "-c", "".join(CELLS[ON_JAX]) + check],
        # JAX takes longer to optimize each operation than to run it.
        env=os.environ | {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"},
        check=True,
    )


@pytest.fixture
def dashboard() -> Iterator[str]:
    """Write the dashboard's notebook, and serve it with Voilà → its address."""
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [cell | {"source": source} for source in CELLS[DASHBOARD]]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    Path("dashboard.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = "dashboard.ipynb", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"
    with subprocess.Popen(
        [sys.executable, "-m", "voila", *words],
        env=os.environ | {"JUPYTER_CONFIG_DIR": "."},  # nobody's own settings
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        log = ""
        for line in server.stderr:
            log += line
            if f":{port}" in line:
                yield f"http://127.0.0.1:{port}/"
                server.terminate()
                return
        pytest.fail(f"Voilà did not start:\n{log}")


def test_the_dashboard_s_button_saves_the_photo_at_full_size() -> None:
    names: Names = {}
    exec("".join(CELLS[DASHBOARD]), names)
    names["button"].click()
    np.testing.assert_array_equal(opened("archive.png"), shipped().colorize("old.jpg"))


def test_voila_shows_the_dashboard_without_its_code(dashboard: str) -> None:
    with urllib.request.urlopen(dashboard, timeout=120) as answer:
        page = answer.read().decode()
    # The box is all that the cells show: no warning, no error.
    assert page.count("jp-OutputArea-child") == page.count("widget-view+json") == 1
    assert "import ColorizeLab" not in page
