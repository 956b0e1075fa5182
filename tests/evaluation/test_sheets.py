import colorsys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from colorlab import photos
from colorlab.evaluation.evaluate import Row
from colorlab.evaluation.metrics import METRICS
from colorlab.evaluation.sheets import contact_sheet, groups

FIGURES = {metric: 0.0 for metric in METRICS}
(RATIO,) = [metric for metric in METRICS if metric.name == "distance_ratio"]


def rows_of(ratios):
    return [
        Row(f"{i:02}.png", "value", "model", FIGURES | {RATIO: (20.0 * ratio, 20.0)})
        for i, ratio in enumerate(ratios)
    ]


def solid(degrees, size=(30, 20)):
    color = np.rint(np.multiply(255, colorsys.hsv_to_rgb(degrees / 360, 1, 0.6)))
    return np.full((size[1], size[0], 3), color, np.uint8)


class Turned:
    """A colorizer that answers 00.png, 01.png, ... with hues of its own."""

    def __init__(self):
        self.given = []

    def colorize(self, photo, *, keep):
        self.given.append(keep)
        height, width = photo.pixels.shape[:2]
        return Image.fromarray(solid(200 + 20 * len(self.given), (width, height)))


@pytest.fixture
def folder(tmp_path):
    for i in range(3):
        photos.write(solid(20 + 20 * i), tmp_path / f"{i:02}.png")
    return tmp_path


@pytest.mark.parametrize("count", range(1, 19))
def test_few_photos_are_all_shown_in_order_and_as_many_bad_as_good(count):
    rng = np.random.default_rng(count)
    chosen = groups(rows_of(rng.permutation(count)))
    shown = [row.distance_ratio for group in chosen.values() for row in group]
    assert shown == sorted(range(count))
    assert len(chosen.get("Best", [])) == len(chosen.get("Worst", []))
    assert max(map(len, chosen.values())) <= 6


@pytest.mark.parametrize("count", [19, 40, 201])
def test_of_many_the_six_best_middle_and_worst_are_shown(count):
    chosen = groups(rows_of(np.random.default_rng(count).permutation(count)))
    assert list(chosen) == ["Best", "Typical", "Worst"]
    ranks = [[row.distance_ratio for row in group] for group in chosen.values()]
    assert ranks[0] == list(range(6))
    assert ranks[2] == list(range(count - 6, count))
    assert len(ranks[1]) == 6
    assert abs(np.mean(ranks[1]) - (count - 1) / 2) <= 0.5


def places(sheet, degrees):
    """Where a color is on the sheet: top, left, and how many pixels."""
    y, x = np.nonzero((np.asarray(sheet) == solid(degrees)[0, 0]).all(axis=-1))
    return y.min(), x.min(), len(y)


def test_input_output_and_truth_stand_side_by_side_from_best_to_worst(folder):
    sheet = contact_sheet(folder, Turned(), rows_of([0.9, 0.2, 0.5]))
    # In order of their ratios: truths of 40°, 60° and 20°, colored with 220°, 240° and 260°.
    tops = []
    for truth, output in ((40, 220), (60, 240), (20, 260)):
        (top, right, pixels), (also_top, left, as_many) = (
            places(sheet, truth),
            places(sheet, output),
        )
        assert top == also_top and left < right
        assert pixels == as_many == 300 * 200
        given = np.asarray(sheet)[top : top + 200, 48:348]
        assert (given == 153).all()  # value, 0.6 everywhere
        tops.append(top)
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("gray", ["value", "luma"])
def test_photos_are_colored_from_the_gray_that_their_rows_name(folder, gray):
    colorizer = Turned()
    contact_sheet(folder, colorizer, [replace(row, gray=gray) for row in rows_of([1, 2, 3])])
    assert colorizer.given == [gray] * 3


def test_extreme_shapes_and_names_fit(tmp_path):
    rows = rows_of(range(6))
    for i, size in enumerate([(1, 900), (900, 1), (1, 1), (3, 2), (2, 3), (1, 1)]):
        rows[i] = replace(rows[i], name=f"{i}{'x' * 100}.png")
        photos.write(solid(20 + 20 * i, size), tmp_path / rows[i].name)
    sheet = np.asarray(contact_sheet(tmp_path, Turned(), rows))
    margin = np.concatenate([sheet[:, :48], sheet[:, -48:]], axis=1)
    assert (margin == 255).all()
    for i in range(6):
        assert places(sheet, 20 + 20 * i)[2] >= 200


def test_names_are_written_with_their_accents(tmp_path):
    sheets = []
    for name in ("ü.png", "ł.png"):
        photos.write(solid(20), tmp_path / name)
        sheets.append(contact_sheet(tmp_path, Turned(), [replace(rows_of([1])[0], name=name)]))
    assert sheets[0] != sheets[1]
