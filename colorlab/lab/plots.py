"""The figures of the lessons, as Jupyter shows them, with a description in words.

A figure of lines and dots is a PNG with two pixels for each point of the page, so that it is sharp
on every screen. A figure of photos is a JPEG, since as a PNG it would weigh five times as much.

Series differ in color (Okabe and Ito's palette, which color-blind people can tell apart) and in the
kind of line or marker, so that either is enough to tell them apart.

In each function, `alt` describes in words what is to be seen, `x` and `y` say what the axes show,
with the unit, and `log` makes the vertical axis logarithmic. `objectives` names the objective that
each series belongs to, in order (in `dots`, each group). An objective has the same color, line and
marker in all figures; see STYLES.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import PIL.Image
from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from colorlab import photos

Line = tuple[ArrayLike, ArrayLike]
INCHES = 2.9  # width of one picture: three fit a notebook's column
DOTS = 100  # pixels per inch on the page
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# Objective → its place in PALETTE, LINES and MARKERS. Blue and orange-red often stand for real and
# fake, so the three objectives that are drawn beside them have other colors.
STYLES = {
    "least_squares": 0,
    "hinge": 1,
    "logistic_saturating": 2,
    "logistic": 3,
    "wasserstein": 4,
    "wasserstein_gradient_clip": 5,
    "wasserstein_gp": 6,
}


class Picture(Image):
    """A figure with an alt text in its metadata for nbconvert and as its plain text."""

    def __init__(self, figure: Figure, alt: str, *, photo_dots: int = 0) -> None:
        """Draw the figure; `alt` describes it to people who cannot see it.

        Args:
            figure: of its width in inches, it takes 100 times as many pixels of the page.
            alt: what is to be seen.
            photo_dots: for a figure of photos, the pixels per inch of its JPEG. The default 0
                makes a PNG, for lines.
        """
        file = io.BytesIO()
        if photo_dots:
            small = {"quality": 85, "optimize": True, "progressive": True}
            figure.savefig(file, format="jpeg", dpi=photo_dots, pil_kwargs=small)
        else:
            figure.savefig(file, format="png", dpi=2 * DOTS)
            drawn = PIL.Image.open(file).convert("RGB").quantize(128)  # a third of the weight
            file = io.BytesIO()
            drawn.save(file, format="png", optimize=True)
        super().__init__(
            file.getvalue(),
            format="jpeg" if photo_dots else "png",
            width=round(DOTS * figure.get_figwidth()),
            alt=alt,
        )

    def __repr__(self) -> str:
        """Describe the picture."""
        return f"Picture: {self.alt}"


def side_by_side(pictures: Mapping[str, photos.Source], *, alt: str) -> Picture:
    """Show pictures that `photos.read` accepts in one row, each under its title.

    Three fill the width of a page. More are shown smaller, with as many pixels each.
    """
    read = [photos.read(picture).pixels for picture in pictures.values()]
    many = max(1.0, len(read) / 3)
    height = INCHES / many * max(pixels.shape[0] / pixels.shape[1] for pixels in read)
    figure, (axes,) = _axes(INCHES / many * len(read), height + 0.35, columns=len(read))
    for axis, title, pixels in zip(axes, pictures, read, strict=True):
        axis.imshow(pixels)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    return Picture(figure, alt, photo_dots=round(DOTS * many))


def grid(rows: Mapping[str, Sequence[photos.Source]], *, alt: str) -> Picture:
    """Show named rows of small pictures that `photos.read` accepts.

    All pictures have one size, and all rows equally many pictures.
    """
    read = [[photos.read(picture).pixels for picture in row] for row in rows.values()]
    columns = len(read[0])
    height, width = read[0][0].shape[:2]
    row_height = 3 * INCHES / columns * height / width
    figure, axes = _axes(3 * INCHES, len(read) * row_height, rows=len(read), columns=columns)
    for line, name, row in zip(axes, rows, read, strict=True):
        line[0].set_ylabel(name, fontsize=10)
        for axis, pixels in zip(line, row, strict=True):
            axis.imshow(pixels)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
    return Picture(figure, alt, photo_dots=DOTS)


def curves(
    series: Mapping[str, Line],
    *,
    x: str,
    y: str,
    alt: str,
    log: bool = False,
    objectives: Sequence[str] = (),
) -> Picture:
    """Draw lines on shared axes: name → (horizontal places, heights), each (N,)."""
    legend_rows = (len(series) + 1) // 2 if len(series) > 1 else 0
    figure, ((axis,),) = _axes(2.2 * INCHES, 2.7 + 0.2 * legend_rows)
    for i, (name, (places, heights)) in enumerate(series.items()):
        style = _style(objectives, i)
        color, line = PALETTE[style], LINES[style]
        axis.plot(places, heights, label=name, color=color, linestyle=line, linewidth=2)
    _label(axis, x, y, log)
    if legend_rows:  # above the axes, where it hides no curve
        figure.legend(loc="outside upper left", ncols=2, fontsize=9, frameon=False, handlelength=3)
    return Picture(figure, alt)


def histograms(
    values: Mapping[str, ArrayLike],
    *,
    x: str,
    alt: str,
    log: bool = False,
    shared: bool = False,
    objectives: Sequence[str] = (),
) -> Picture:
    """Draw a histogram of each array of numbers, side by side.

    Each has its own scale, unless `shared`: then the horizontal axes are the same.
    """
    figure, (axes,) = _axes(INCHES * len(values), 2.6, columns=len(values))
    everything = np.concatenate([np.ravel(numbers) for numbers in values.values()])
    ends = (everything.min(), everything.max()) if shared else None
    for i, (axis, (title, numbers)) in enumerate(zip(axes, values.items(), strict=True)):
        axis.hist(np.ravel(numbers), bins=60, range=ends, color=PALETTE[_style(objectives, i)])
        if ends:
            axis.set_xlim(ends)
        axis.set_title(title, fontsize=10)
        _label(axis, x, "count" if i == 0 else "", log)
    return Picture(figure, alt)


def dots(
    groups: Mapping[str, Mapping[str, ArrayLike]],
    *,
    y: str,
    alt: str,
    log: bool = False,
    objectives: Sequence[str] = (),
) -> Picture:
    """Draw every measurement as a dot and each mean as a bar, so that the spread can be seen.

    `groups` is group → {series → measurements (N,)}; all groups have the same series.
    """
    figure, ((axis,),) = _axes(max(2.2 * INCHES, 0.9 * len(groups)), 2.9)
    names = list(next(iter(groups.values())))
    for place, group in enumerate(groups.values()):
        for i, name in enumerate(names):
            numbers = np.ravel(group[name])
            at = place + (i - (len(names) - 1) / 2) * 0.7 / len(names)
            style = _style(objectives, place) if objectives else i
            color = PALETTE[style]
            axis.plot([at - 0.1, at + 0.1], [numbers.mean()] * 2, color=color, linewidth=3)
            axis.plot(
                np.full(numbers.shape, at), numbers, MARKERS[style], color=color, markersize=6,
                markeredgecolor="white", label=name if place == 0 else None,
            )  # fmt: skip
    _label(axis, "", y, log, legend=len(names) > 1)
    axis.set_xticks(range(len(groups)), list(groups), fontsize=9)
    return Picture(figure, alt)


def timings(measured: Mapping[str, ArrayLike], *, x: str, alt: str, log: bool = False) -> Picture:
    """Draw every measured time as a dot and each median as a bar, with its number beside it.

    `measured` is name → times (N,), one row of dots for each name, the first on top. In a row, the
    dots go from top to bottom in the order in which the times were measured. Here `log` makes the
    horizontal axis logarithmic.
    """
    figure, ((axis,),) = _axes(3 * INCHES, 0.9 + 0.7 * len(measured))
    for row, times in enumerate(map(np.ravel, measured.values())):
        order = row + np.linspace(-0.2, 0.2, times.size)
        middle = np.median(times)
        axis.plot(times, order, MARKERS[row], color=PALETTE[row], alpha=0.6, markersize=5)
        axis.plot([middle] * 2, [row - 0.36, row + 0.36], color=PALETTE[row], linewidth=3)
        axis.annotate(
            f"{middle:.2f}", (middle, row - 0.36), ha="center", va="bottom",
            xytext=(0, 1), textcoords="offset points", fontsize=9,
        )  # fmt: skip
    _label(axis, x, "", False)
    axis.set_yticks(range(len(measured)), list(measured))
    axis.set_ylim(len(measured) - 0.5, -0.7)
    if log:
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter("{x:g}")  # 0.5, not 5 × 10⁻¹
        axis.xaxis.set_minor_formatter(NullFormatter())
    return Picture(figure, alt)


def _style(objectives: Sequence[str], i: int) -> int:
    """The place in PALETTE, LINES and MARKERS of series i: that of its objective, or else i."""
    return STYLES.get(objectives[i], i) if objectives else i


def _axes(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    """A figure of that size in inches, and its axes: a list of rows."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _label(axis: Axes, x: str, y: str, log: bool, *, legend: bool = False) -> None:
    axis.set(xlabel=x, ylabel=y, yscale="log" if log else "linear")
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    if legend:
        axis.legend(fontsize=9)
