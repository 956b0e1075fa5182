"""The shell commands, as a person uses them."""

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tiny
from PIL import Image

from colorlab import Colorizer, __version__, cli, photos
from colorlab.data import toyworld
from colorlab.data.shards import Shards
from colorlab.evaluation.evaluate import GRAYS
from colorlab.model import presets
from colorlab.training import callbacks

SAMPLES = Path(__file__).parent.parent / "data" / "samples"


def run(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """One command line in this process → exit code, standard output, standard error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["colorlab", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    out, err = capfd.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def model(shipped: Colorizer, monkeypatch: pytest.MonkeyPatch) -> Colorizer:
    """The model that ships, which is loaded only once for all tests that ask for it."""
    monkeypatch.setattr(cli, "_colorizer", lambda _: shipped)
    return shipped


def test_a_folder_of_mixed_files_becomes_color_and_clear_refusals(capfd, tmp_path: Path):
    code, out, err = run(capfd, "colorize", SAMPLES, "--out", tmp_path)
    refused = [line for line in err.splitlines() if line]
    written = sorted(path.name for path in tmp_path.iterdir())
    expected = {path.name for path in SAMPLES.iterdir()} - {"truncated.jpg", "text_named.jpg"}
    assert code == 1
    assert set(written) == expected
    assert sorted(Path(line).name for line in out.split()) == written
    assert len(refused) == 2
    assert any("text_named.jpg" in line for line in refused)
    assert any("truncated.jpg" in line for line in refused)
    with Image.open(SAMPLES / "gray.jpg") as photo, Image.open(tmp_path / "gray.jpg") as result:
        assert result.size == photo.size
        assert np.ptp(np.asarray(result).astype(int), axis=-1).max() > 20


def test_a_shell_overrules_what_a_photo_seems_to_be(capfd, tmp_path: Path, model: Colorizer):
    light = np.asarray(Image.fromarray(toyworld.scenes(1, 64)[0]).convert("L"))[..., None] / 255
    sepia = (255 * light * [1.351, 1.203, 0.937]).clip(0, 255).astype(np.uint8)
    photos.write(sepia, tmp_path / "sepia.png")
    lab = tmp_path / "lab.json"
    lab.write_text('{"color": true, "keep": "value"}')
    value, luma = sepia.max(axis=-1), np.asarray(Image.fromarray(sepia).convert("L"))
    for i, (options, network, kept) in enumerate(
        [
            ([], False, luma),
            (["--color"], True, value),
            (["--gray"], False, luma),
            (["--keep", "value"], False, value),
            (["--color", "--keep", "luma"], True, luma),
            (["--settings", lab], True, value),
            (["--settings", lab, "--gray", "--keep", "luma"], False, luma),
        ]
    ):
        out = tmp_path / str(i)
        assert run(capfd, "colorize", tmp_path / "sepia.png", "--out", out, *options)[0] == 0
        result = Image.open(out / "sepia.png")
        found = (
            np.asarray(result).max(axis=-1) if kept is value else np.asarray(result.convert("L"))
        )
        assert np.abs(found.astype(int) - kept).max() <= 1
        keep = "value" if kept is value else "luma"
        expected = model.colorize(sepia, color=network, keep=keep)
        np.testing.assert_array_equal(result, expected)
    code, _, err = run(capfd, "colorize", tmp_path / "sepia.png", "--keep", "lightness")
    assert code == 2 and "'lightness' is not one of 'value', 'luma'" in err


@pytest.mark.usefixtures("model")
def test_nothing_is_overwritten_unless_asked(capfd, tmp_path: Path):
    mine = tmp_path / "gray.jpg"
    mine.write_text("mine")
    code, _, err = run(capfd, "colorize", SAMPLES / "gray.jpg", "--out", tmp_path)
    assert (code, mine.read_text()) == (1, "mine")
    assert "gray.jpg" in err and len(err.splitlines()) == 1
    code, _, _ = run(capfd, "colorize", SAMPLES / "gray.jpg", "--out", tmp_path, "--overwrite")
    assert code == 0
    with Image.open(mine) as result:
        assert result.format == "JPEG"


@pytest.mark.usefixtures("model")
def test_two_photos_of_one_name_in_one_folder_both_arrive(capfd, tmp_path: Path):
    for part in ("a", "b"):
        (tmp_path / "in" / part).mkdir(parents=True)
        Image.new("L", (20, 20), 90).save(tmp_path / "in" / part / "x.png")
    assert run(capfd, "colorize", tmp_path / "in", "--out", tmp_path / "out")[0] == 0
    assert (tmp_path / "out/a/x.png").exists() and (tmp_path / "out/b/x.png").exists()


@pytest.mark.usefixtures("model")
def test_two_photos_of_one_result_and_a_folder_of_none_are_named(capfd, tmp_path: Path):
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
        Image.new("L", (20, 20), 90).save(tmp_path / part / "x.png")
    (tmp_path / "empty").mkdir()
    twins = (tmp_path / "a" / "x.png", tmp_path / "b" / "x.png")
    code, out, err = run(capfd, "colorize", *twins, tmp_path / "empty", "--out", tmp_path / "out")
    twin, empty = sorted(err.splitlines())
    assert code == 1 and out.split() == [str(tmp_path / "out" / "x.png")]
    assert twin.startswith(str(twins[1])) and "is the result of" in twin
    assert empty.startswith(str(tmp_path / "empty")) and "holds no photos" in empty


def test_errors_are_one_line_without_a_traceback(capfd, tmp_path: Path):
    for words in (
        ["colorize", tmp_path / "missing.jpg", "--out", tmp_path / "out"],
        ["colorize", SAMPLES / "gray.jpg", "--model", tmp_path / "no.keras"],
        ["train", tmp_path / "nowhere", "--out", tmp_path / "run"],
        ["train", SAMPLES, "--out", tmp_path / "run", "--preset", "huge"],
        ["train", SAMPLES, "--out", tmp_path / "run", "--resume"],
        ["evaluate", tmp_path / "nowhere"],
    ):
        code, _, err = run(capfd, *words)
        assert code == 1, words
        assert len(err.splitlines()) == 1, err
        assert "Traceback" not in err
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_to_is_one_line(capfd, scenes: Path, tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    place = tmp_path / "file" / "result"  # no administrator, either, can write below a file
    toy = ("--preset", "toy", "--steps", "1", "--batch-size", "2", "--size", "16")
    for words in (
        ["colorize", scenes / "0.png", "--out", place],
        ["check", scenes, "--out", place],
        ["check", scenes, "--out", tmp_path / "report.csv", "--keep-list", place],
        ["pack", scenes, place],
        ["fetch", "tf_flowers", place],
        ["train", scenes, "--out", place, *toy],
        ["evaluate", scenes, "--out", place],
    ):
        code, _, err = run(capfd, *words)
        assert code == 1, words
        assert len(err.splitlines()) == 1 and str(tmp_path / "file") in err, err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.usefixtures("model")
def test_a_name_in_brackets_is_said_as_it_is(capfd, tmp_path: Path):
    names = ("[bold].jpg", "[", "a[/b].jpg", ":smile:.jpg")
    paths = [tmp_path / name for name in names]
    _, _, err = run(capfd, "colorize", *paths, "--out", tmp_path / "out")
    assert len(err.splitlines()) == 4
    assert all(str(path) in line for path, line in zip(paths, err.splitlines(), strict=True))


def test_version_and_module(capfd):
    assert run(capfd, "--version")[1] == f"colorlab {__version__}\n"
    printed = subprocess.run(
        [sys.executable, "-m", "colorlab", "--version"], capture_output=True, text=True, check=True
    )
    assert (printed.stdout, printed.stderr) == (f"colorlab {__version__}\n", "")


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    return tiny.photos(tmp_path / "scenes", 2, size=64)


def test_pack_counts_is_refused_the_second_time_and_check_finds_damage(
    capfd, scenes: Path, tmp_path: Path
):
    (scenes / "broken.jpg").write_text("not a photo")
    code, out, err = run(capfd, "pack", scenes, tmp_path / "packed", "--size", "32")
    assert (code, err) == (0, "")
    assert "Photos packed: 2." in out and "Files skipped: 1;" in out
    assert len(Shards(tmp_path / "packed")) == 2
    code, out, err = run(capfd, "pack", scenes, tmp_path / "packed", "--size", "32")
    assert (code, out) == (1, "")
    assert "already holds packed photos" in err and len(err.splitlines()) == 1
    assert run(capfd, "check", tmp_path / "packed") == (0, "All shards are whole.\n", "")
    (tmp_path / "packed" / "shard-00000.tfrecord").write_bytes(b"cut")
    code, out, err = run(capfd, "check", tmp_path / "packed")
    assert (code, out, err) == (1, "Damaged or missing: shard-00000.tfrecord.\n", "")


def test_evaluate_prints_and_writes_figures_and_sheets_of_both_grays(
    scenes: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(scenes.parent)
    # In a process of its own, where TensorFlow would print lines while it is imported.
    command = [sys.executable, "-m", "colorlab", "evaluate", "scenes"]
    done = subprocess.run(command, capture_output=True, text=True)
    out = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    assert out.count("1.png") == 2
    for average in ("value, uncolored", "value, model", "luma, wash", "luma, model"):
        assert average in out
    names = ["averages.csv", "figures.csv", "figures.json", "sheet-luma.jpg", "sheet-value.jpg"]
    assert sorted(path.name for path in Path("evaluation").iterdir()) == names
    found = json.loads(Path("evaluation/figures.json").read_text())
    assert "small" in found["model"] and len(found["photos"]) == 12
    sheets = [Image.open(f"evaluation/sheet-{gray}.jpg").convert("RGB") for gray in GRAYS]
    assert sheets[0].size == sheets[1].size and sheets[0] != sheets[1]


def test_evaluate_refuses_before_the_work_and_replaces_when_asked(capfd, scenes: Path):
    mine = scenes.parent / "sheet-luma.jpg"
    mine.write_text("mine")
    # The model does not exist either, but is not even looked for.
    words = ("evaluate", scenes, "--out", scenes.parent)
    code, out, err = run(capfd, *words, "--model", scenes / "no.keras")
    assert (code, out, mine.read_text()) == (1, "", "mine")
    assert "sheet-luma.jpg already exists" in err and len(err.splitlines()) == 1
    assert sorted(scenes.parent.iterdir()) == [scenes, mine]
    assert run(capfd, *words, "--overwrite")[0] == 0
    with Image.open(mine) as sheet:
        assert sheet.format == "JPEG"


def test_settings_of_the_photo_lab_color_the_same_from_a_shell(
    capfd, tmp_path: Path, model: Colorizer
):
    settings = {"keep": "luma", "strength": 1.5, "hue_shift": -20.0, "warmth": 0.5, "fade": 0.25}
    settings["hints"] = [[0.5, 0.5, "#c02020"]]
    file = tmp_path / "color.json"
    file.write_text(json.dumps(settings))
    words = ("colorize", SAMPLES / "color.jpg", "--settings", file, "--out", tmp_path)
    assert run(capfd, *words, "--fade", "0.75")[0] == 0
    expected = tmp_path / "expected.jpg"
    settings["fade"] = 0.75  # an option overrules the file
    model.colorize_file(SAMPLES / "color.jpg", expected, **settings)
    assert (tmp_path / "color.jpg").read_bytes() == expected.read_bytes()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"strenght": 1}', '{"strength": "1"}', '{"color": "no"}', None]
)
def test_what_holds_no_settings_is_refused_in_one_line(capfd, tmp_path: Path, text: str | None):
    file = tmp_path / "color.json"
    if text:
        file.write_text(text)
    words = ("colorize", SAMPLES / "color.jpg", "--settings", file, "--out", tmp_path / "out")
    code, out, err = run(capfd, *words)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "color.json holds no settings" in err
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_stopped_goes_on_and_colors(
    capfd, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(presets.PRESETS, "toy", tiny.PRESET)
    out = tmp_path / "run"
    words = ["train", str(scenes), "--out", str(out), "--preset", "toy", "--steps", "40"]
    words += ["--batch-size", "4", "--size", "32"]
    with monkeypatch.context() as patch:
        ctrl_c = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: signal.raise_signal(signal.SIGINT)
        )
        patch.setattr(callbacks, "CheckNumbers", lambda _: ctrl_c)  # in its place
        code, _, err = run(capfd, *words)
    assert code and "Stopped at step 2, which is saved; resume to continue." in err
    assert not (out / "generator.keras").exists()
    code, printed, err = run(capfd, *words, "--resume")
    assert (code, err) == (0, "")
    assert str(out) in printed
    with (out / "log.csv").open() as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    assert steps == [2, 20, 32, 40]  # 32 ends the content stage
    assert run(capfd, "colorize", SAMPLES / "gray.jpg", "--model", out, "--out", tmp_path)[0] == 0


def test_check_reports_each_file_and_what_its_list_keeps_is_clean(capfd, tmp_path):
    report, keep_list = tmp_path / "check.csv", tmp_path / "keep.txt"
    words = ("--out", report, "--keep-list", keep_list)
    code, out, err = run(capfd, "check", SAMPLES, *words)
    assert (code, err) == (1, "")
    (line,) = (line for line in out.splitlines() if "text_named.jpg" in line)
    assert "not a" in line
    assert len(report.read_text().splitlines()) == 1 + len(list(SAMPLES.iterdir()))
    code, out, err = run(capfd, "check", SAMPLES, *words)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "already exists" in err

    clean = tmp_path / "clean"
    clean.mkdir()
    for path in map(Path, keep_list.read_text().splitlines()):
        (clean / path.name).write_bytes(path.read_bytes())
    assert run(capfd, "check", clean, "--out", tmp_path / "clean.csv")[0] == 0
