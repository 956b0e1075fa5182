import json
import runpy
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from colorlab import photos
from colorlab.color.encoding import encode
from colorlab.color.spaces import Lab
from colorlab.data.crops import open_crops
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.lab.widgets.canvas import PhotoCanvas
from colorlab.model import presets
from colorlab.model.generators import residual_unet
from colorlab.model.objectives import content_loss

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # where the scripts find what they share
SMALL = presets.get("small")
RECIPES = runpy.run_path(str(BENCHMARKS / "recipes.py"))
MEMORY = runpy.run_path(str(BENCHMARKS / "memory.py"))
LIMITS = runpy.run_path(str(BENCHMARKS / "limits.py"))
LATENCY = runpy.run_path(str(BENCHMARKS / "latency.py"))


def test_chroma_at_a_quarter_is_the_same_network_without_its_last_level():
    half, quarter = (RECIPES["VARIANTS"][name].generator() for name in ("base", "quarter"))
    assert half.compute_output_shape((1, 64, 64, 1)) == (1, 32, 32, 2)
    assert quarter.compute_output_shape((1, 64, 64, 1)) == (1, 16, 16, 2)
    assert 0 < half.count_params() - quarter.count_params() < 10_000


def test_a_changed_loss_differs_from_the_package_s_in_what_was_changed_alone():
    value, chroma, predicted = np.random.default_rng(0).uniform(-0.7, 0.7, (3, 2, 8, 8, 2))
    photo = (abs(value[..., :1]), chroma, predicted)
    same = content_loss(*photo, RECIPES["weighted"]())
    np.testing.assert_allclose(same, content_loss(*photo), rtol=1e-6)
    unweighted = content_loss(*photo, RECIPES["weighted"](by_value=False, by_chroma=0.0))
    distance = np.linalg.norm(chroma - predicted, axis=-1).mean()
    np.testing.assert_allclose(unweighted, distance, rtol=1e-4)


def test_a_recipe_trains_from_photos_to_its_row(tmp_path, monkeypatch):
    for number, scene in enumerate(scenes(2, size=80)):
        Image.fromarray(scene).save(tmp_path / f"{number}.png")
    paths = sorted(tmp_path.iterdir())

    def smaller_unet(filters, num_blocks, **parts):
        return residual_unet((8, 16), num_blocks, **parts)

    monkeypatch.setitem(RECIPES["run"].__globals__, "SMALL", replace(SMALL, batch_size=2))
    monkeypatch.setitem(RECIPES["run"].__globals__, "residual_unet", smaller_unet)
    # Other blocks, another space and another critic, in one run.
    changes = {"num_blocks": 1, "space": Lab, "unet": RECIPES["VARIANTS"]["no-squeeze"].unet}
    flat = replace(RECIPES["VARIANTS"]["flat"], **changes)
    monkeypatch.setitem(RECIPES["VARIANTS"], "flat", flat)
    row = RECIPES["run"]("flat", paths, 20, [photos.read(path) for path in paths])
    assert float(row["value a*b*"]) > 0 and float(row["luma equal a*b*"]) > 0


def test_equal_color_is_found_for_a_model_that_sees_every_color_half_as_strong():
    truths = [photos.read(scene) for scene in scenes(4, size=80)]
    half = np.stack([encode(truth.rgb)[1] for truth in truths]) / 2
    row = RECIPES["measure"](SimpleNamespace(predict=lambda *_, **__: half), truths, "value")
    # At one value, red, green and blue lie as far apart as saturation says, so colorfulness is
    # proportional to it: half of the truth's, and 0.65 of it at 1.3 times the half.
    assert float(row["value color"]) == pytest.approx(0.5, abs=0.01)
    assert float(row["value factor"]) == pytest.approx(1.3, abs=0.02)
    # The error, of what is proportional too, falls from 0.5 of gray's to 0.35: by 3.10 dB.
    more = float(row["value equal gain"]) - float(row["value gain"])
    assert more == pytest.approx(20 * np.log10(0.5 / 0.35), abs=0.15)
    assert float(row["value equal a*b*"]) < float(row["value a*b*"]) < 1


@pytest.mark.parametrize(("source", "different"), [("folder", 3), ("shards", 3), ("check", 9)])
def test_simulated_photos_are_as_many_as_asked_and_all_are_read(source, different, tmp_path):
    MEMORY["make_originals"](tmp_path / "originals", 3)
    make, _ = MEMORY["SOURCES"][source]
    make(tmp_path / "originals", 9, tmp_path / "made")
    crops = open_crops(tmp_path / "made", size=8, seed=0)
    assert len(crops) == 9
    assert len({photos.read(crops.source[i]).pixels.tobytes() for i in range(9)}) == different


def test_the_memory_of_a_check_is_seen(tmp_path, monkeypatch):
    for name in ("originals", "made"):
        MEMORY["make_originals"](tmp_path / name, 3)
    taken = []

    def taking_check(folder, *args, **options):
        taken.append(np.ones(100_000_000 * (folder.name == "made"), np.uint8))
        time.sleep(0.1)

    monkeypatch.setitem(MEMORY["measure_check"].__globals__, "check", taking_check)
    _, _, last = MEMORY["measure_check"](tmp_path / "originals", tmp_path / "made", 0)
    assert last == pytest.approx(100, rel=0.1)


def test_memory_that_is_taken_is_seen():
    before = MEMORY["resident"]()
    taken = np.ones(200_000_000, np.uint8)
    assert MEMORY["resident"]() - before == pytest.approx(taken.nbytes / 1e6, rel=0.1)


def test_what_limits_a_training_is_its_slowest_part():
    parts = {"disk, folder": 900.0, "decoding, folder": 400.0, "step, float32": 50.0}
    parts["TensorFlow's decoding, folder"] = 500.0
    rounds = [parts | {"training, folder, float32": rate} for rate in (45.0, 50.0, 40.0)]
    lines = LIMITS["table"](rounds).splitlines()
    assert lines[-1] == "What limits training: folder, float32: step"
    assert lines[-3].startswith("| training, folder, float32 | 45 (40 to 50) | 0.90 (0.80 to 1.00)")
    assert lines[2] == "| disk, folder | 900 (900 to 900) |  | 0.3 |"  # 1e6 / 900 / 3600 hours
    assert lines[3].startswith("| decoding, folder | 400 (400 to 400) | 0.80 (0.80 to 0.80) |")
    slow = [parts | {"step, float32": 4e3, "training, folder, float32": 399.0}]
    assert LIMITS["table"](slow).endswith("folder, float32: decoding")


def test_photos_a_second_leave_out_the_first_batch(monkeypatch):
    seconds = [0.0]
    waits = iter([5.0, 1.0, 3.0])
    monkeypatch.setattr(time, "perf_counter", lambda: seconds[0])
    rate = LIMITS["consume"]([[0] * 10] * 3, lambda _: seconds.append(seconds.pop() + next(waits)))
    assert rate == 20 / 4


def test_the_notebook_holds_each_way_to_show_a_photo_once(tmp_path, monkeypatch):
    # A cell changes it; afterward it is put back.
    monkeypatch.setattr(PhotoCanvas, "_esm", PhotoCanvas._esm)
    LATENCY["write_notebook"](tmp_path)
    notebook = json.loads((tmp_path / LATENCY["NOTEBOOK"]).read_text())
    _, *cells = (cell["source"] for cell in notebook["cells"])
    assert cells == [way.cell for way in LATENCY["WAYS"].values()]
    names = {}
    exec(LATENCY["IMPORTS"], names)
    page, kernel = (shown(cell, names) for cell in cells[:2])
    # The page answers to the one alone, so the other goes on drawing here.
    assert "alive" in page.desk.canvas._esm and "alive" not in kernel.desk.canvas._esm
    before = kernel.desk.picture.value
    kernel.desk.sliders.knobs["hue_shift"].value += 1
    assert kernel.desk.picture.value != before
    assert kernel.desk.picture.layout.display != "none"


def shown(cell, names):
    """What a notebook shows of a cell: its last line's value."""
    exec(cell, names)
    return eval(cell.splitlines()[-1], names)


def test_latencies_are_compared_with_the_last_way():
    measured = {"a": [9.0, 10.0, 30.0], "b": [100.0, 100.0, 100.0]}
    *_, first, second = LATENCY["table"](measured).splitlines()
    assert first == "| a | 10 ms | 28 ms | 10.0 |"
    assert second == "| b | 100 ms | 100 ms | 1.0 |"


def test_without_chromium_latency_says_so_in_a_line(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ColorlabError, match=r"^Chromium is missing; .*$"), LATENCY["chromium"]():
        pass


def test_both_kinds_of_wrong_color_are_counted(tmp_path, monkeypatch, capsys):
    for number, scene in enumerate(scenes(4, size=160)):
        Image.fromarray(scene).save(tmp_path / f"{number}.png")
    Image.open(tmp_path / "3.png").convert("L").save(tmp_path / "3.png")
    monkeypatch.setattr(sys, "argv", ["has_color.py", str(tmp_path)])
    runpy.run_path(str(BENCHMARKS / "has_color.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Percent of 4 color photos")
    assert lines[1].startswith("120 toned ones")
    assert lines[-1] == "Color photos that are taken for black-and-white: 3.png"
    (chosen,) = (line for line in lines if line.startswith("| 3% |"))
    assert chosen.split(" | ")[lines[3].split(" | ").index("9")] == "25.0, 1.7"
