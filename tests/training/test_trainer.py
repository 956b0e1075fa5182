"""A run: what its folder holds, and that nothing which stops it costs more than a step."""

import csv
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from PIL import Image

from colorlab import photos
from colorlab.data import shards
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError, Interruption, PhotoError, RunError
from colorlab.model import objectives, presets
from colorlab.training import callbacks, trainer
from colorlab.training.gan import ColorGAN

STEPS, BORDER = 8, 6  # toy gives 0.8 of the steps to its content stage
SIZE = 32
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def quick_runs():
    with pytest.MonkeyPatch.context() as patch:
        make_runs_quick(patch)
        yield


def make_runs_quick(patch):
    patch.setattr(trainer, "LEAST_INTERVAL", 1)
    patch.setitem(presets.PRESETS, "toy", tiny.PRESET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tiny.photos(tmp_path_factory.mktemp("photos"), 5, size=48)
    (folder / "broken.jpg").write_text("not a photo")
    Image.open(folder / "0.png").convert("L").save(folder / "gray.png")
    return folder


def train(folder, out, **options):
    plan = {} if options.get("resume") else {"steps": STEPS, "size": SIZE, "batch_size": 2}
    return trainer.train(folder, out, preset="toy", **(plan | options))


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    """A run that nothing stopped."""
    return train(folder, tmp_path_factory.mktemp("runs") / "whole")


def test_without_a_terminal_each_interval_is_a_line(folder, tmp_path, capsys):
    train(folder, tmp_path / "run", steps=4)
    first, *lines, last = capsys.readouterr().out.splitlines()
    assert "toy: 7 photos, 4 steps of 2 crops of 32 px" in first
    steps = [line.split(",")[0] for line in lines]
    assert steps == ["content 1/4", "content 2/4", "content 3/4", "adversarial 4/4"]
    assert all(re.search(r", [-:\d]{7} left, content_loss \d\.\d{3}( |$)", line) for line in lines)
    assert last == "Files skipped: 2 (1 without color); skipped.txt lists them."


def rows(run):
    with (run / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def checkpoint_step(run):
    return int(keras.models.load_model(run / "checkpoint.keras").step)


def assert_ends_the_same(folder, run, whole):
    """Resume the run: its result and its log are those of a run that nothing stopped."""
    train(folder, run, resume=True)
    results = [keras.models.load_model(r / "generator.keras").get_weights() for r in (run, whole)]
    for found, expected in zip(*results, strict=True):
        np.testing.assert_array_equal(found, expected)
    untimed = [[row | {"seconds": ""} for row in rows(r)] for r in (run, whole)]
    assert untimed[0] == untimed[1]
    assert not list(run.rglob("partial-*"))


@contextmanager
def at_step(wanted, act):
    """Call `act` when the step of that number ends, before anything of it is saved."""
    original = callbacks.Stop.on_train_batch_end

    def on_train_batch_end(self, batch, logs):
        if int(self.model.step) == wanted:
            act()
        original(self, batch, logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callbacks.Stop, "on_train_batch_end", on_train_batch_end)
        yield


def stop_at(step, folder, run, number=signal.SIGTERM, **options):
    """Train until a signal stops the run."""
    with (
        at_step(step, lambda: os.kill(os.getpid(), number)),
        pytest.raises(Interruption, match=f"Stopped at step {step}, .*resume"),
    ):
        train(folder, run, **options)
    assert checkpoint_step(run) == step
    assert not (run / "generator.keras").exists()


def test_a_run_s_folder_holds_what_was_asked_and_what_came_of_it(whole):
    assert {path.name for path in whole.iterdir()} == {
        *("run.json", "log.csv", "tensorboard", "samples", "skipped.txt"),
        *("checkpoint.keras", "checkpoint-before.keras", "generator.keras"),
    }
    asked = {"preset": "toy", "steps": STEPS, "batch_size": 2, "size": SIZE, "seed": 0}
    written = json.loads((whole / "run.json").read_text())
    assert written == written | asked | {"start": None, "precision": "float32"}
    toy = presets.get("toy")
    for name in ("objective", "content_share", "learning_rate", "adversarial_weight", "multiple"):
        assert written[name] == getattr(toy, name)
    sheets = sorted((whole / "samples").iterdir())
    assert [int(path.stem) for path in sheets] == list(range(1, STEPS + 1))
    assert photos.read(sheets[-1]).pixels.shape == (3 * SIZE, trainer.SHEET_COLUMNS * SIZE, 3)


def test_half_precision_stops_resumes_and_ends_near_the_whole_one(folder, tmp_path, whole):
    stop_at(3, folder, tmp_path / "run", precision="bfloat16")
    run = train(folder, tmp_path / "run", resume=True)
    gan = keras.models.load_model(run / "checkpoint.keras")
    assert {layer.compute_dtype for layer in gan.averaged.layers[1:-1]} == {"bfloat16"}
    generator, exact = (keras.models.load_model(r / "generator.keras") for r in (run, whole))
    assert {layer.compute_dtype for layer in generator.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    for found, expected in zip(generator.get_weights(), exact.get_weights(), strict=True):
        assert np.abs(found - expected).max() < 0.05 * max(1.0, np.abs(expected).max())


def test_the_log_has_both_stages_and_their_losses(whole):
    log = rows(whole)
    assert [int(row["step"]) for row in log] == list(range(1, STEPS + 1))
    assert [row["stage"] for row in log] == ["content"] * BORDER + ["adversarial"] * 2
    assert all(float(row["content_loss"]) > 0 for row in log)
    assert [float(row["critic_loss"]) > 0 for row in log] == [n >= BORDER for n in range(STEPS)]


def test_tensorboard_is_told_the_same_losses_and_sheets(whole):
    told = {}
    for file in sorted((whole / "tensorboard").iterdir()):
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            told |= {(event.step, value.tag): value for value in event.summary.value}
    for row in rows(whole):
        losses = {name: float(row[name]) for name in callbacks.METRICS if float(row[name])}
        for name, loss in losses.items():
            assert told[int(row["step"]), name].simple_value == pytest.approx(loss, rel=1e-4)
        image = told[int(row["step"]), "sample"].image.encoded_image_string
        assert image == (whole / "samples" / f"{int(row['step']):07d}.jpg").read_bytes()


@pytest.mark.parametrize(("share", "stage"), [(1.0, "content"), (0.0, "adversarial")])
def test_a_run_may_be_of_one_stage_alone(folder, tmp_path, share, stage):
    run = train(folder, tmp_path / "run", content_share=share, steps=3)
    assert [row["stage"] for row in rows(run)] == [stage] * 3
    trained = [float(row["critic_loss"]) > 0 for row in rows(run)]
    assert trained == [stage == "adversarial"] * 3


def test_the_content_stage_may_begin_with_crops_of_two_thirds(folder, tmp_path):
    run = train(folder, tmp_path / "run", early_share=0.5)
    heights = [photos.read(path).pixels.shape[0] // 3 for path in sorted(run.glob("samples/*"))]
    assert heights == [24] * 4 + [32] * 4  # 32 · 2/3 is 21.3; toy takes multiples of 8
    assert [row["stage"] for row in rows(run)] == ["content"] * BORDER + ["adversarial"] * 2


def test_the_result_is_the_average_and_needs_no_colorlab_to_load(whole):
    generator = keras.models.load_model(whole / "generator.keras")
    gan = keras.models.load_model(whole / "checkpoint.keras")
    gray = np.random.default_rng(0).random((1, 64, 48, 1), dtype=np.float32)
    np.testing.assert_array_equal(generator(gray), gan.averaged(gray))
    assert int(gan.step) == STEPS


def test_files_that_are_not_color_photos_are_named_with_the_reason(folder, whole):
    gray, broken = sorted((whole / "skipped.txt").read_text().splitlines(), reverse=True)
    assert gray == f"{folder / 'gray.png'}: has no color to learn from; give color photos"
    assert broken.startswith(str(folder / "broken.jpg")) and "is not a photo" in broken


@pytest.mark.parametrize(("step", "number"), [(3, signal.SIGTERM), (BORDER + 1, signal.SIGINT)])
def test_a_run_that_was_stopped_in_either_stage_ends_the_same(
    folder, tmp_path, whole, step, number
):
    before = signal.getsignal(number)
    stop_at(step, folder, tmp_path / "run", number)
    assert signal.getsignal(number) is before
    assert_ends_the_same(folder, tmp_path / "run", whole)


def test_a_run_that_died_while_saving_ends_the_same(folder, tmp_path, whole, monkeypatch):
    run = tmp_path / "run"
    save = ColorGAN.save

    class PowerCut(BaseException):
        pass

    def die(gan, path):
        if int(gan.step) == 5:
            path.write_bytes(b"half a check")
            raise PowerCut
        save(gan, path)

    with monkeypatch.context() as patch:
        patch.setattr(ColorGAN, "save", die)
        with pytest.raises(PowerCut):
            train(folder, run)
    assert checkpoint_step(run) == 4
    with (run / "skipped.txt").open("a") as file:
        file.write("a file that was skipped before\n")
    assert_ends_the_same(folder, run, whole)
    assert (run / "skipped.txt").read_text().count("before") == 1


def test_a_run_that_is_killed_at_a_random_point_ends_the_same(folder, tmp_path, whole):
    # From when run.json is there. The whole run does it at least 67 times.
    run, number = tmp_path / "run", np.random.default_rng().integers(3, 60)
    print(f"Killed before opening or renaming file number {number}.")
    child = [sys.executable, "-m", "training.test_trainer", folder, run, str(number)]
    done = subprocess.run(child, cwd=TESTS, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert_ends_the_same(folder, run, whole)


def train_and_be_killed(folder, run, number):
    counted = itertools.count(1)

    def kill(event, arguments):
        touches = event in ("open", "os.rename") and str(arguments[0]).startswith(run)
        if touches and next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    train(folder, run)


def test_a_full_disk_stops_the_run_with_the_last_good_checkpoint(folder, tmp_path, whole):
    run = tmp_path / "run"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill():  # no file may be as large as a checkpoint
        half = (run / "checkpoint.keras").stat().st_size // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (half, limits[1]))

    try:
        with (
            at_step(5, fill),
            pytest.raises(RunError, match=r"Step 5 .*free some disk space.* Step 4 is saved\."),
        ):
            train(folder, run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert checkpoint_step(run) == 4
    assert not list(run.glob("partial-*"))
    assert_ends_the_same(folder, run, whole)


def test_a_damaged_checkpoint_is_skipped_for_the_one_before(folder, tmp_path, whole):
    run = tmp_path / "run"
    stop_at(5, folder, run)
    newest = run / "checkpoint.keras"
    newest.write_bytes(newest.read_bytes()[:-1000])
    with pytest.warns(UserWarning, match=r"checkpoint\.keras is damaged and was skipped"):
        assert_ends_the_same(folder, run, whole)
    for path in run.glob("checkpoint*.keras"):
        path.write_bytes(b"nothing")
    with (
        pytest.warns(UserWarning, match="damaged"),
        pytest.raises(ColorlabError, match=r"All checkpoints of .* are damaged"),
    ):
        train(folder, run, resume=True)


@pytest.mark.parametrize(
    "other", [{"steps": 9}, {"size": 48}, {"seed": 1}, {"preset": "small"}, {"batch_size": 3}]
)
def test_a_run_is_resumed_by_its_own_plan_or_refused(folder, whole, other):
    (name,) = other
    with pytest.raises(ColorlabError, match=f"started with {name} .*, not {other[name]}; resume"):
        trainer.train(folder, whole, resume=True, **other)


@pytest.mark.parametrize("factor", [np.nan, 1e12], ids=["nan", "exploded"])
def test_a_loss_that_is_lost_stops_the_run_with_the_last_good_checkpoint(
    folder, tmp_path, whole, monkeypatch, factor
):
    run = tmp_path / "run"
    broken = replace(
        objectives.get("hinge"), generator_loss=lambda fake: keras.ops.mean(fake) * factor
    )
    with monkeypatch.context() as patch:
        patch.setitem(objectives.OBJECTIVES, "hinge", broken)
        with pytest.raises(RunError, match=f"step {BORDER + 1}; .* Step {BORDER} is saved"):
            train(folder, run)
    assert checkpoint_step(run) == BORDER
    assert_ends_the_same(folder, run, whole)


def test_packed_photos_train_as_a_folder_does(folder, tmp_path):
    shards.pack(photos.find(folder), tmp_path / "packed")
    run = train(tmp_path / "packed", tmp_path / "run", steps=1)
    assert checkpoint_step(run) == 1 and len(rows(run)) == 1
    assert not (run / "skipped.txt").exists()  # both files were skipped when packing


def test_a_start_of_another_preset_is_refused_before_anything_is_written(folder, tmp_path, whole):
    with pytest.raises(ColorlabError, match="whole is not a model of preset small; start"):
        trainer.train(folder, tmp_path / "run", preset="small", start=whole)
    with pytest.raises(ColorlabError, match="does not exist"):
        train(folder, tmp_path / "run", start=tmp_path / "nowhere.keras")
    with pytest.raises(ColorlabError, match="whole predicts the color space 'polar', and the pre"):
        train(folder, tmp_path / "run", start=whole, space="lab")
    assert not (tmp_path / "run").exists()


def test_a_run_is_never_overwritten(folder, whole):
    before = (whole / "checkpoint.keras").read_bytes()
    with pytest.raises(ColorlabError, match="already contains a run; resume it"):
        train(folder, whole)
    assert (whole / "checkpoint.keras").read_bytes() == before


def test_only_a_run_is_resumed(folder, tmp_path):
    with pytest.raises(ColorlabError, match="contains no run"):
        train(folder, tmp_path, resume=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"steps": 3, "speed": 9}', "\udcff"])
def test_a_damaged_run_json_is_named(folder, tmp_path, text):
    (tmp_path / "run.json").write_text(text, errors="surrogateescape")
    with pytest.raises(ColorlabError, match=r"run\.json is damaged \(.*\); train into another"):
        train(folder, tmp_path, resume=True)


def test_a_folder_without_a_color_photo_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "broken.jpg").write_text("not a photo")
    Image.fromarray(scenes(1, size=48, seed=0)[0]).convert("L").save(tmp_path / "gray.png")
    with pytest.raises(PhotoError, match="None of the 2 files is a color photo"):
        train(tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": 3}, "A preset has no 'step'; it has name, .*steps"),
        (
            {"critic": tiny.critic},
            "critic is a function, which a run cannot record; pass",
        ),
        ({"objective": "l2"}, "No objective 'l2'; choose one of logistic"),
        ({"steps": 0}, "steps is 0; expected 1 or more"),
        ({"batch_size": -1}, "batch_size is -1; expected 1 or more"),
        ({"size": 0}, "size is 0; expected 1 or more"),
        ({"precision": "float16"}, "precision is 'float16'; expected one of float32, bfloat16"),
        ({"seed": -1}, "seed is -1; expected 0 or more"),
        ({"content_share": 1.5}, r"content_share is 1.5; expected 0 \(all with critic\) to 1"),
        ({"size": 50}, "size is 50; toy expects a multiple of 8"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(folder, tmp_path, options, message):
    with pytest.raises(ColorlabError, match=message):
        train(folder, tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_a_sheet_has_rows_of_gray_color_and_truth():
    crops = list(scenes(3, size=SIZE, seed=1))
    gan = keras.Sequential(
        [keras.Input((SIZE, SIZE, 1)), keras.layers.Conv2D(2, 2, 2, kernel_initializer="zeros")]
    )
    gray, colored, truth = callbacks.sample_sheet(gan, crops).reshape(3, SIZE, 3, SIZE, 3)
    np.testing.assert_array_equal(truth.swapaxes(0, 1), crops)
    value = np.max(crops, axis=-1, keepdims=True)
    np.testing.assert_array_equal(gray.swapaxes(0, 1), np.broadcast_to(value, (3, SIZE, SIZE, 3)))
    np.testing.assert_array_equal(colored, gray)  # this model knows no color


if __name__ == "__main__":
    make_runs_quick(pytest.MonkeyPatch())
    train_and_be_killed(*sys.argv[1:3], int(sys.argv[3]))
