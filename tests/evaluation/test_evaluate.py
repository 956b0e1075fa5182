import colorsys
import math
from itertools import product

import numpy as np
import pytest
from PIL import Image

from colorlab import photos
from colorlab.color.encoding import luma, value
from colorlab.colorizer import render
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.evaluation.evaluate import GRAYS, average, evaluate, score
from colorlab.evaluation.metrics import (
    ab_auc,
    ab_distance,
    ciede2000,
    colorfulness,
    green_kept,
    hue_error,
    psnr,
)

PICTURES = scenes(3, size=32, seed=4)


class Fake:
    """A colorizer that answers with prepared pictures, and remembers what it was given."""

    def __init__(self, *answers):
        self.answers = [answer for answer in answers for _ in ("value", "luma")]
        self.given = []

    def colorize(self, photo, *, keep):
        self.given.append((keep, photos.read(photo)))
        return Image.fromarray(self.answers.pop(0) if self.answers else photos.read(photo).pixels)


@pytest.fixture
def folder(tmp_path):
    for i, picture in enumerate(PICTURES):
        photos.write(picture, tmp_path / f"{i}.png")
    return tmp_path


def test_a_gray_result_is_no_better_than_the_uncolored_photo(folder):
    evaluation = evaluate(folder, Fake())
    for keep, contender in product(GRAYS, ("uncolored", "model")):
        rows = evaluation.of(keep, contender)
        assert [row.name for row in rows] == ["0.png", "1.png", "2.png"]
        for row in (*rows, average(rows)):
            assert (row.gain, row.distance_ratio) == (0, 1)
            assert row.colorfulness == row.colorfulness_ratio == 0
            assert row.hue_error == pytest.approx(90)
            assert row.gray_error < 1e-3


def test_the_truth_is_all_that_can_be_reached(folder):
    evaluation = evaluate(folder, Fake(*PICTURES))
    for keep in GRAYS:
        mean = average(evaluation.of(keep, "model"))
        assert mean.psnr == mean.gain == math.inf
        assert mean.distance_ratio == mean.ciede2000 == mean.hue_error == mean.hue_error_red == 0
        assert (mean.auc, mean.colorfulness_ratio) == (100, 1)
        assert mean.gray_error < 0.51  # luma is rounded to 8 bits before the network sees it


def test_the_model_is_given_each_gray_alone(folder):
    fake = Fake()
    evaluate(folder, fake)
    expected = [(kind, picture) for picture in PICTURES for kind in (value, luma)]
    for (keep, given), (kind, picture) in zip(fake.given, expected, strict=True):
        assert keep == kind.__name__
        assert not given.has_color
        assert np.abs(given.rgb - kind(picture / 255)).max() < 0.51 / 255


def test_a_list_of_photos_is_evaluated_in_its_order(folder):
    listed = [folder / "2.png", folder / "0.png"]
    (folder / "list.txt").write_text("".join(f"{path}\n" for path in listed))
    rows = evaluate(folder / "list.txt", Fake()).of("value", "model")
    assert [row.name for row in rows] == [path.as_posix() for path in listed]


@pytest.mark.parametrize("keep", GRAYS)
def test_a_row_holds_the_metrics_of_its_result(keep):
    truth, result = (photos.read(picture) for picture in PICTURES[:2])
    row = score("a", truth, result, keep=keep, contender="b")
    gray = value(truth.rgb) if keep == "value" else luma(truth.rgb)
    gray = np.repeat(np.rint(255 * gray) / 255, 3, axis=-1).astype(np.float32)
    pair = result.rgb, truth.rgb
    assert (row.name, row.gray, row.contender) == ("a", keep, "b")
    assert row.psnr == psnr(*pair)
    assert row.gain == pytest.approx(psnr(*pair) - psnr(gray, truth.rgb), abs=1e-4)
    assert row.distance == ab_distance(*pair)
    uncolored = ab_distance(gray, truth.rgb)
    assert row.distance_ratio == pytest.approx(row.distance / uncolored, abs=1e-4)
    assert row.ciede2000 == ciede2000(*pair)
    assert row.auc == ab_auc(*pair)
    assert row.colorfulness == colorfulness(result.rgb)
    assert row.colorfulness_ratio == row.colorfulness / colorfulness(truth.rgb)
    assert row.hue_error == hue_error(*pair)
    assert row.hue_error_red == hue_error(*pair, near_red=True)
    assert row.green_ratio == green_kept(*pair) / green_kept(truth.rgb, truth.rgb)


def test_green_kept_on_average_is_that_of_all_green_pixels_together(tmp_path):
    """A meadow whose every green pixel turns brown, and a photo with one tree, which stays."""
    brown, green, red = ([130, 90, 50], [60, 160, 40], [200, 40, 40])
    meadow = np.array([[green] * 3 + [red]] * 4, np.uint8)
    tree = np.array([[green] + [red] * 3] * 4, np.uint8)
    lost = np.array([[brown] * 3 + [red]] * 4, np.uint8)
    for name, photo in (("a", meadow), ("b", tree), ("c", lost)):
        photos.write(photo, tmp_path / f"{name}.png")
    rows = evaluate(tmp_path, Fake(lost, tree, lost)).of("value", "model")
    assert [row.green_ratio for row in rows[:2]] == [0, 1] and math.isnan(rows[2].green_ratio)
    assert average(rows).green_ratio == pytest.approx(0.25)


@pytest.mark.parametrize("keep", GRAYS)
def test_the_wash_is_the_mean_color_of_the_folder(tmp_path, keep):
    # Hue 0 with s 0.8 and v 1 beside black, and a larger photo of hue 1/4 with s 0.8 beside white:
    # the mean chroma is (0.8, 0) and (0, 0.4) halved, (0.4, 0.2), of which v has as much as photos
    # count.
    red = np.zeros((8, 8, 3), np.uint8)
    red[:, :4] = np.multiply(255, colorsys.hsv_to_rgb(0, 0.8, 1))
    green = np.full((16, 40, 3), 255, np.uint8)
    green[:8] = np.multiply(255, colorsys.hsv_to_rgb(0.25, 0.8, 1))
    photos.write(red, tmp_path / "a.png")
    photos.write(green, tmp_path / "b.png")
    hue = math.atan2(0.2, 0.4) / (2 * math.pi)
    rows = evaluate(tmp_path, Fake()).of(keep, "wash")
    assert rows[0].hue_error == rows[0].hue_error_red == pytest.approx(360 * hue, abs=1)
    assert rows[1].hue_error == pytest.approx(90 - 360 * hue, abs=1)
    if keep == "value":
        washed = np.full((2, 2, 3), colorsys.hsv_to_rgb(hue, math.hypot(0.2, 0.4), 1), np.float32)
        assert rows[1].colorfulness == pytest.approx(colorfulness(washed), abs=1)
        assert rows[0].colorfulness > 0


class Wash:
    """A colorizer that lays one color over everything."""

    def colorize(self, photo, *, keep):
        return render(photos.read(photo), np.full((1, 1, 2), 0.4, np.float32), keep=keep)


def test_the_gray_that_was_asked_for_is_the_one_that_is_kept(folder):
    for row in evaluate(folder, Wash()).rows:
        assert row.gray_error <= 1
        assert row.colorfulness > 1 or row.contender == "uncolored"


def test_a_gray_that_was_not_kept_is_reported(folder):
    darker = PICTURES - np.minimum(PICTURES, 7)
    for row in evaluate(folder, Fake(*darker)).of("value", "model"):
        assert row.gray_error == pytest.approx(7, abs=1e-3)


def test_averages_are_of_gains_and_ratios_are_of_means(folder):
    answers = [picture // n for n, picture in enumerate(PICTURES, 2)]
    rows = evaluate(folder, Fake(*answers)).of("value", "model")
    mean = average(rows)
    assert (mean.gray, mean.contender) == ("value", "model")
    assert mean.gain == pytest.approx(sum(row.gain for row in rows) / 3)
    assert mean.auc == pytest.approx(sum(row.auc for row in rows) / 3)
    assert mean.distance_ratio == pytest.approx(
        sum(row.distance for row in rows) / sum(row.distance / row.distance_ratio for row in rows)
    )
    truths = sum(colorfulness(picture.astype(np.float32) / 255) for picture in PICTURES)
    assert mean.colorfulness_ratio == pytest.approx(sum(row.colorfulness for row in rows) / truths)
    assert mean.gray_error == max(row.gray_error for row in rows)


def test_there_is_an_average_for_each_gray_and_contender(folder):
    evaluation = evaluate(folder, Fake())
    averages = evaluation.averages()
    assert [(row.gray, row.contender) for row in averages] == [
        *product(("value", "luma"), ("uncolored", "wash", "model"))
    ]
    for row in averages:
        assert row == average(evaluation.of(row.gray, row.contender))
    assert len(evaluation.rows) == 3 * 6


def test_a_photo_without_red_has_no_part_in_the_average_near_red(tmp_path):
    blue, orange, red = (
        np.full((4, 4, 3), np.multiply(255, colorsys.hsv_to_rgb(hue, 0.9, 0.9)), np.uint8)
        for hue in (0.6, 0.05, 0)
    )
    for name, photo in (("blue", blue), ("orange", orange), ("red", red)):
        photos.write(photo, tmp_path / f"{name}.png")
    rows = evaluate(tmp_path, Fake(blue, blue, blue)).of("value", "model")
    assert math.isnan(rows[0].hue_error_red)
    # Blue at 216° is 216 − 18 = 198°, so 162°, from orange, and 144° from red.
    assert average(rows).hue_error_red == pytest.approx((162 + 144) / 2, abs=1)
    assert average(rows).hue_error == pytest.approx((0 + 162 + 144) / 3, abs=1)
    assert math.isnan(average(rows[:1]).hue_error_red)


def test_halfway_to_the_truth_gains_six_decibels(folder):
    doubled = [picture // 2 * 2 for picture in PICTURES]  # even numbers, so that halves are exact
    for i, picture in enumerate(doubled):
        photos.write(picture, folder / f"{i}.png", overwrite=True)
    halfway = [
        (picture // 2 + picture.max(axis=-1, keepdims=True) // 2).astype(np.uint8)
        for picture in doubled
    ]
    for row in evaluate(folder, Fake(*halfway)).of("value", "model"):
        assert row.gain == pytest.approx(20 * math.log10(2), abs=1e-3)


def test_what_cannot_be_compared_is_skipped_and_counted(folder):
    (folder / "letter.jpg").write_text("Dear model,")
    (folder / "more").mkdir()
    photos.write(PICTURES[0], folder / "more" / "3.png")
    photos.write(PICTURES[0, ..., 0], folder / "gray.png")
    evaluation = evaluate(folder, Fake())
    names = [row.name for row in evaluation.of("luma", "model")]
    assert names == ["0.png", "1.png", "2.png", "more/3.png"]
    assert evaluation.without_color == 1
    assert len(evaluation.unreadable) == 1 and "letter.jpg" in evaluation.unreadable[0]


def test_a_sepia_photo_is_left_out_of_the_averages(folder):
    expected = evaluate(folder, Wash()).averages()
    light = np.asarray(Image.fromarray(scenes(1, size=64, seed=9)[0]).convert("L"))[..., None]
    sepia = (light * [1.351, 1.203, 0.937]).clip(0, 255).astype(np.uint8)
    sepia[5, 5] = (255, 0, 0)
    photos.write(sepia, folder / "sepia.png")
    evaluation = evaluate(folder, Wash())
    assert evaluation.averages() == expected
    assert evaluation.without_color == 1


def test_a_folder_with_nothing_to_compare_is_refused(tmp_path):
    photos.write(PICTURES[0, ..., 0], tmp_path / "gray.png")
    with pytest.raises(ColorlabError, match=r"no color photo.* 1 have no color"):
        evaluate(tmp_path, Fake())


def test_an_unknown_gray_is_refused():
    photo = photos.read(PICTURES[0])
    with pytest.raises(ColorlabError, match="'lightness'; expected"):
        score("a", photo, photo, keep="lightness")
