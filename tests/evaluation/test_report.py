import csv
import json
import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from colorlab import photos
from colorlab.errors import ColorlabError
from colorlab.evaluation.evaluate import Evaluation, Row
from colorlab.evaluation.metrics import METRICS
from colorlab.evaluation.report import prepare, report, shown, table, write

FIGURES = (
    20.0,
    2.0,
    10.0,
    (10.0, 20.0),
    9.0,
    90.0,
    30.0,
    (30.0, 40.0),
    50.0,
    60.0,
    (0.2, 0.25),
    0.5,
)
CONTENDERS = list(product(("value", "luma"), ("uncolored", "wash", "model")))
ROW = Row("a.png", "value", "model", dict(zip(METRICS, FIGURES, strict=True)))


def with_figures(row, **figures):
    new = {metric: figures.get(metric.name, old) for metric, old in row.figures.items()}
    return replace(row, figures=new)


@pytest.fixture
def evaluation():
    rows = [
        with_figures(replace(ROW, name=name, gray=gray, contender=contender), hue_error_red=red)
        for name, red in (("a.png", math.nan), ("sub/b.png", 60.0))
        for gray, contender in CONTENDERS
    ]
    rows[0] = with_figures(rows[0], psnr=math.inf)
    return Evaluation(rows, ["c.png: not a photo"], 3)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    photos.write(np.zeros((4, 4, 3), np.uint8), tmp_path / "in" / "a.png")
    return tmp_path / "in"


def test_the_table_is_aligned_and_says_each_figure():
    lines = table({"first": ROW, "second": with_figures(ROW, psnr=9.5, hue_error_red=math.nan)})
    head, units, first, second = lines.splitlines()
    assert len({len(line) for line in (head, units, first, second)}) == 1
    assert len(head.split()) == 12
    assert first.split() == [
        "first", "20.00", "+2.00", "10.0", "0.50", "9.0", "90.0", "30.0", "0.75", "50", "60",
        "80%", "0.50",
    ]  # fmt: skip
    assert second.split()[1] == "9.50" and second.split()[10] == "-"


def test_the_report_has_the_model_on_each_photo_then_what_was_skipped_then_averages(evaluation):
    text = report(evaluation)
    photo_part, _, rest = text.partition("Unreadable files skipped: 1\nc.png: not a photo\n")
    _, _, averages = rest.partition("Photos without color skipped: 3\n")
    assert [photo_part.count(name) for name in ("a.png", "sub/b.png")] == [2, 2]
    starts = [line[:17].rstrip() for line in averages.splitlines()]
    expected = [f"{gray}, {contender}" for gray, contender in CONTENDERS]
    assert [start for start in starts if start in expected] == expected


def test_the_report_fits_a_terminal_whatever_the_names(evaluation):
    long = [replace(row, name=f"{'x' * 300}.png") for row in evaluation.rows]
    text = report(Evaluation([with_figures(r, gain=-12.34, psnr=100.0) for r in long], [], 0))
    assert max(map(len, text.splitlines())) <= 100
    assert "skipped" not in text


def test_a_name_keeps_its_end_and_loses_terminal_codes():
    assert shown("short.png", 9) == "short.png"
    assert shown("a/long/one.png", 8) == "…one.png"
    assert shown("a\x1b[31m\n.png", 20) == "a?[31m?.png"


def test_csv_and_json_hold_each_photo_and_the_averages(evaluation, tmp_path):
    write(evaluation, tmp_path, model="mine")
    found = json.loads((tmp_path / "figures.json").read_text(), parse_constant=pytest.fail)
    assert found["model"] == "mine"
    assert (found["unreadable"], found["without_color"]) == (["c.png: not a photo"], 3)
    names = ["name", "gray", "contender", *(metric.name for metric in METRICS)]
    for kind, file, count in (("photos", "figures.csv", 12), ("averages", "averages.csv", 6)):
        with (tmp_path / file).open(newline="") as lines:
            table = list(csv.DictReader(lines))
        assert len(table) == len(found[kind]) == count
        for line, record in zip(table, found[kind], strict=True):
            assert list(line) == list(record) == names
            assert line == {key: "" if x is None else str(x) for key, x in record.items()}
    first, *_, last = found["photos"]
    assert (first["gain"], first["psnr"], first["hue_error_red"]) == (2, None, None)
    assert (last["name"], last["gray"], last["contender"]) == ("sub/b.png", "luma", "model")
    assert (last["distance_ratio"], last["colorfulness_ratio"]) == (0.5, 0.75)
    assert found["averages"][-1]["hue_error_red"] == 60


def test_a_name_that_is_no_text_can_be_written(evaluation, tmp_path):
    name = "caf\udce9.png"  # how Python says that a name has the byte E9
    write(Evaluation([replace(r, name=name) for r in evaluation.rows], [], 0), tmp_path, model="m")
    assert b"caf\xe9.png,value,uncolored" in (tmp_path / "figures.csv").read_bytes()


def test_an_evaluation_replaces_one_and_leaves_nothing_else(evaluation, tmp_path):
    for model in ("first", "second"):
        write(evaluation, tmp_path, model=model)
    assert json.loads((tmp_path / "figures.json").read_text())["model"] == "second"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "averages.csv", "figures.csv", "figures.json"
    ]  # fmt: skip


def test_a_file_that_cannot_be_finished_leaves_the_old_one(evaluation, tmp_path):
    (tmp_path / "figures.csv").write_text("mine")
    rows = [*evaluation.rows, replace(ROW, name="\ud800")]  # no bytes stand for that
    with pytest.raises(UnicodeEncodeError):
        write(Evaluation(rows, [], 0), tmp_path, model="m")
    assert [path.name for path in tmp_path.iterdir()] == ["figures.csv"]
    assert (tmp_path / "figures.csv").read_text() == "mine"


RESULTS = ["figures.csv", "averages.csv", "figures.json", "sheet-value.jpg", "sheet-luma.jpg"]


@pytest.mark.parametrize("name", RESULTS)
def test_each_result_that_exists_is_refused_unless_asked(folder, name):
    out = folder.parent / "out"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(ColorlabError, match=rf"{name} already exists; .*or overwrite it"):
        prepare(folder, out, overwrite=False)
    prepare(folder, out, overwrite=True)
    assert (out / name).read_text() == "mine"


def test_a_new_folder_is_made_and_left_empty(folder):
    out = folder.parent / "new" / "out"
    prepare(folder, out, overwrite=False)
    assert out.is_dir() and not list(out.iterdir())


@pytest.mark.parametrize("out", [".", "out"])
def test_results_among_the_photos_are_refused(folder, out, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(ColorlabError, match="sheets would count as photos; choose another"):
        prepare(folder, folder / out, overwrite=True)
    assert [path.name for path in folder.iterdir()] == ["a.png"]


def test_a_place_that_cannot_be_written_to_is_refused(folder):
    file = folder.parent / "file"
    file.write_text("mine")
    for out in (file, file / "out"):
        with pytest.raises(ColorlabError, match=r"file.* cannot be written to \(.*another folder"):
            prepare(folder, out, overwrite=True)


def test_a_folder_without_photos_is_refused_and_nothing_made(tmp_path):
    with pytest.raises(ColorlabError, match="nowhere: is not a folder"):
        prepare(tmp_path / "nowhere", tmp_path / "out", overwrite=False)
    assert not list(tmp_path.iterdir())
