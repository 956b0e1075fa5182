import math

import numpy as np
import pytest
from PIL import Image

from colorlab import photos
from colorlab.colorizer import render
from colorlab.encoding import luma, value
from colorlab.errors import ColorlabError
from colorlab.evaluation import average, evaluate, table
from colorlab.toyworld import scenes

PICTURES = scenes(3, size=32, seed=4)
KINDS = pytest.mark.parametrize("keep", ["value", "luma"])


class Fake:
    """A colorizer that answers with prepared pictures, and remembers what it was given."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.given = []

    def colorize(self, photo, *, keep):
        self.given.append(photos.read(photo))
        return Image.fromarray(self.answers.pop(0) if self.answers else self.given[-1].pixels)


@pytest.fixture
def folder(tmp_path):
    for i, picture in enumerate(PICTURES):
        photos.write(picture, tmp_path / f"{i}.png")
    return tmp_path


@KINDS
def test_a_gray_result_is_no_better_than_the_uncolored_photo(folder, keep):
    evaluation = evaluate(folder, Fake(), keep=keep)
    assert [row.name for row in evaluation.rows] == ["0.png", "1.png", "2.png"]
    for row in (*evaluation.rows, average(evaluation.rows)):
        assert row.gain == 0
        assert row.distance_ratio == 1
        assert row.colorfulness == row.colorfulness_ratio == 0
        assert row.gray_error < 1e-3


@KINDS
def test_the_truth_is_all_that_can_be_reached(folder, keep):
    mean = average(evaluate(folder, Fake(*PICTURES), keep=keep).rows)
    assert mean.gain == math.inf
    assert mean.distance_ratio == 0
    assert mean.colorfulness_ratio == 1
    assert mean.gray_error < 0.51  # luma is rounded to 8 bits before the network sees it


@pytest.mark.parametrize(("keep", "gray"), [("value", value), ("luma", luma)])
def test_the_model_is_given_the_gray_alone(folder, keep, gray):
    fake = Fake()
    evaluate(folder, fake, keep=keep)
    for given, picture in zip(fake.given, PICTURES, strict=True):
        assert not given.has_color
        assert np.abs(given.rgb - gray(picture / 255)).max() < 0.51 / 255


class Wash:
    """A colorizer that lays one color over everything."""

    def colorize(self, photo, *, keep):
        return render(photos.read(photo), np.full((1, 1, 2), 0.4, np.float32), keep=keep)


@KINDS
def test_the_gray_that_was_asked_for_is_the_one_that_is_kept(folder, keep):
    for row in evaluate(folder, Wash(), keep=keep).rows:
        assert row.colorfulness > 1
        assert row.gray_error <= 1


def test_a_gray_that_was_not_kept_is_reported(folder):
    darker = PICTURES - np.minimum(PICTURES, 7)
    for row in evaluate(folder, Fake(*darker)).rows:
        assert row.gray_error == pytest.approx(7, abs=1e-3)


def test_averages_are_of_gains_and_ratios_are_of_means(folder):
    rows = evaluate(folder, Fake(*(picture // n for n, picture in enumerate(PICTURES, 2)))).rows
    mean = average(rows)
    assert mean.gain == pytest.approx(sum(row.gain for row in rows) / 3)
    assert mean.distance_ratio == pytest.approx(
        sum(row.distance for row in rows) / sum(row.distance_uncolored for row in rows)
    )
    assert mean.colorfulness_ratio == pytest.approx(
        sum(row.colorfulness for row in rows) / sum(row.colorfulness_truth for row in rows)
    )
    assert mean.gray_error == max(row.gray_error for row in rows)


def test_halfway_to_the_truth_gains_six_decibels(folder):
    doubled = [picture // 2 * 2 for picture in PICTURES]  # even numbers, so that halves are exact
    for i, picture in enumerate(doubled):
        photos.write(picture, folder / f"{i}.png", overwrite=True)
    halfway = [
        (picture // 2 + picture.max(axis=-1, keepdims=True) // 2).astype(np.uint8)
        for picture in doubled
    ]
    for row in evaluate(folder, Fake(*halfway)).rows:
        assert row.gain == pytest.approx(20 * math.log10(2), abs=1e-3)


def test_what_cannot_be_compared_is_skipped_and_reported(folder):
    (folder / "letter.jpg").write_text("Dear model,")
    (folder / "more").mkdir()
    photos.write(PICTURES[0], folder / "more" / "3.png")
    photos.write(PICTURES[0, ..., 0], folder / "gray.png")
    evaluation = evaluate(folder, Fake())
    assert [row.name for row in evaluation.rows] == ["0.png", "1.png", "2.png", "more/3.png"]
    assert evaluation.without_color == 1
    assert len(evaluation.unreadable) == 1
    text = table(evaluation)
    assert "letter.jpg" in text
    assert "1 without color" in text


def test_the_table_has_a_line_for_each_photo_and_the_average(folder):
    evaluation = evaluate(folder, Fake())
    lines = table(evaluation).splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["0.png", "1.png", "2.png", "average"]
    assert len({len(line) for line in lines}) == 1
    mean = average(evaluation.rows)
    assert lines[-1].split()[3:] == [
        f"{mean.psnr:.2f}", "+0.00", f"{mean.distance:.1f}", "1.00", "0.0", "0.00", "0.00"
    ]  # fmt: skip


def test_a_folder_with_nothing_to_compare_is_refused(tmp_path):
    photos.write(PICTURES[0, ..., 0], tmp_path / "gray.png")
    with pytest.raises(ColorlabError, match=r"no color photo.* 1 have no color"):
        evaluate(tmp_path, Fake())


def test_an_unknown_gray_is_refused(folder):
    with pytest.raises(ColorlabError, match="'lightness'; expected"):
        evaluate(folder, Fake(), keep="lightness")
