"""The figures of the lessons, seen as a reader sees them: what is where, and what is said of it."""

import io

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.display import Image as Shown
from numpy.typing import NDArray
from PIL import Image

from colorlab.lab.plots import (
    PALETTE,
    STYLES,
    curves,
    dots,
    grid,
    histograms,
    side_by_side,
    timings,
)
from colorlab.model import objectives


def plain(color: tuple[int, int, int], height: int, width: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), color, np.uint8)


RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def places(
    figure: Shown, color: tuple[int, int, int], within: int = 12
) -> tuple[NDArray[np.int64], ...]:
    """Rows and columns of the pixels that have a color, to within what compression changes."""
    pixels = np.asarray(Image.open(io.BytesIO(figure.data)).convert("RGB")).astype(int)
    return np.nonzero(np.abs(pixels - color).max(axis=-1) < within)


def test_pictures_stand_in_the_order_given() -> None:
    figure = side_by_side(
        {"a": plain(RED, 30, 30), "b": plain(GREEN, 30, 30), "c": plain(BLUE, 30, 30)}, alt="three"
    )
    red, green, blue = (places(figure, color)[1] for color in (RED, GREEN, BLUE))
    assert red.max() < green.min() <= green.max() < blue.min()


def test_pictures_keep_their_shape() -> None:
    figure = side_by_side({"tall": plain(RED, 90, 30), "wide": plain(BLUE, 30, 60)}, alt="two")
    for color, aspect in ((RED, 3.0), (BLUE, 0.5)):
        rows, columns = places(figure, color)
        assert abs(np.ptp(rows) / np.ptp(columns) - aspect) < 0.05 * aspect


def test_a_gray_array_is_shown_gray_at_its_own_brightness() -> None:
    figure = side_by_side({"gray": np.full((20, 20, 1), 0.5, np.float32)}, alt="gray")
    pixels = np.asarray(Image.open(io.BytesIO(figure.data)))
    middle = pixels[pixels.shape[0] * 2 // 3, pixels.shape[1] // 2]
    assert np.abs(middle.astype(int) - 128).max() <= 2  # matplotlib would stretch or tint it


def test_jupyter_is_given_the_picture_with_its_alt_text() -> None:
    figure = side_by_side({"one": plain(RED, 20, 20)}, alt="a red square")
    data, metadata = DisplayFormatter().format(figure)
    assert "image/jpeg" in data
    assert metadata["image/jpeg"]["alt"] == "a red square"


def test_lines_are_sharp_on_a_screen_of_twice_the_pixels_and_fit_the_page() -> None:
    figure = curves({"up": ([0, 1], [0, 1])}, x="x", y="y", alt="a line")
    data, metadata = DisplayFormatter().format(figure)
    assert "image/png" in data
    assert Image.open(io.BytesIO(figure.data)).width == 2 * metadata["image/png"]["width"]
    assert metadata["image/png"]["width"] <= 900


def test_four_photos_fit_the_page_as_three_do_and_keep_their_pixels() -> None:
    three, four = (
        side_by_side({str(i): plain(RED, 30, 30) for i in range(count)}, alt="") for count in (3, 4)
    )
    assert three.width == four.width
    pixels = [Image.open(io.BytesIO(figure.data)).width for figure in (three, four)]
    assert pixels[0] / 3 == pytest.approx(pixels[1] / 4, rel=0.02)


def test_a_grid_keeps_rows_and_columns() -> None:
    figure = grid(
        {"above": [plain(RED, 9, 9), plain(GREEN, 9, 9)], "below": [plain(BLUE, 9, 9)] * 2}, alt=""
    )
    red, green, blue = (places(figure, color) for color in (RED, GREEN, BLUE))
    assert red[0].max() < blue[0].min()
    assert red[1].max() < green[1].min()


def color_of(index: int) -> tuple[int, int, int]:
    red, green, blue = (int(PALETTE[index][i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


@pytest.mark.parametrize("log", [False, True])
def test_a_curve_rises_with_its_numbers_or_their_logarithms(log: bool) -> None:
    x = np.arange(5)
    figure = curves({"up": (x, 10.0**x if log else x)}, x="x", y="y", alt="a line", log=log)
    rows, columns = places(figure, color_of(0))
    assert np.corrcoef(rows, columns)[0, 1] < -0.99  # rows are counted from the top


def test_each_histogram_has_its_own_scale() -> None:
    narrow, wide = np.linspace(-1, 1, 500), np.linspace(-100, 100, 500)
    figure = histograms({"narrow": narrow, "wide": wide}, x="weight", alt="two")
    widths = [np.ptp(places(figure, color_of(i))[1]) for i in (0, 1)]
    assert abs(widths[0] - widths[1]) < 0.1 * widths[0]


def test_dots_show_the_spread_and_a_bar_the_mean() -> None:
    figure = dots({"one": {"a": [0.0, 2.0]}, "two": {"a": [1.0, 1.0]}}, y="distance", alt="dots")
    rows, columns = places(figure, color_of(0))
    left = rows[columns < columns.mean()]
    right = rows[columns > columns.mean()]
    assert np.ptp(left) > 10 * np.ptp(right)


def test_an_objective_has_its_color_whatever_its_place() -> None:
    line, steps = (np.arange(3), np.ones(3)), {"one": {"a": [1.0, 2.0]}, "two": {"a": [1.0, 2.0]}}
    figures = [
        curves({"first": line}, x="x", y="y", alt="", objectives=["wasserstein"]),
        curves({"a": line, "b": line}, x="x", y="y", alt="", objectives=["", "wasserstein"]),
        histograms({"a": [1.0, 2.0]}, x="x", alt="", objectives=["wasserstein"]),
        dots(steps, y="y", alt="", objectives=["hinge", "wasserstein"]),
    ]
    for figure in figures:
        assert places(figure, color_of(STYLES["wasserstein"]), 50)[0].size > 20
    assert places(figures[3], color_of(STYLES["hinge"]), 50)[0].size > 20
    assert len(set(STYLES.values())) == len(objectives.OBJECTIVES) == len(STYLES)
    assert STYLES.keys() == objectives.OBJECTIVES.keys()


def test_histograms_can_share_their_scale() -> None:
    narrow, wide = np.linspace(-1, 1, 500), np.linspace(-100, 100, 500)
    figure = histograms({"narrow": narrow, "wide": wide}, x="hue", alt="two", shared=True)
    widths = [np.ptp(places(figure, color_of(i))[1]) for i in (0, 1)]
    assert widths[0] < 0.1 * widths[1]


@pytest.mark.parametrize("log", [False, True])
def test_the_bar_of_each_row_of_times_is_their_median(log: bool) -> None:
    times = {"slow": [1.0, 2.0, 9.0], "fast": [1.0, 1.5, 2.0], "the median": [2.0] * 9}
    figure = timings(times, x="ms", alt="", log=log)
    slow, fast, median = (places(figure, color_of(row)) for row in range(3))
    bars = [columns[rows == rows.min()].mean() for rows, columns in (slow, fast, median)]
    assert bars[0] == pytest.approx(bars[2], abs=4)  # not at the mean, 4
    assert bars[1] < bars[2] - 20
    assert slow[0].max() < fast[0].min()  # the first row is on top
