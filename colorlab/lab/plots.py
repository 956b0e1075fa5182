"""The figures of the lessons. Each is a JPEG that Jupyter shows, with a description in words.

Series differ in color (Okabe and Ito's palette, which color-blind people can tell apart) and in the
kind of line or marker, so that either is enough to tell them apart.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from colorlab import photos

INCHES = 2.9  # width of one picture: three fit a notebook's column at 100 dots per inch
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class Picture(Image):
    """A JPEG with alt text, which is in its metadata for nbconvert and is also its plain text."""

    def __init__(self, jpeg: bytes, alt: str) -> None:
        """Take the file's bytes, and a description for people who cannot see the picture."""
        super().__init__(jpeg, format="jpeg", alt=alt)

    def __repr__(self) -> str:
        """Describe the picture."""
        return f"Picture: {self.alt}"


def side_by_side(pictures: Mapping[str, photos.Source], *, alt: str) -> Picture:
    """Show pictures in one row, each under its title.

    Args:
        pictures: title → a picture that `photos.read` accepts.
        alt: describes in words what is to be seen.
    """
    read = [photos.read(picture).pixels for picture in pictures.values()]
    height = INCHES * max(pixels.shape[0] / pixels.shape[1] for pixels in read)
    figure, axes = _row(len(read), height + 0.35)
    for axis, title, pixels in zip(axes, pictures, read, strict=True):
        axis.imshow(pixels)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    return _picture(figure, alt)


def grid(rows: Mapping[str, Sequence[photos.Source]], *, alt: str) -> Picture:
    """Show rows of small pictures of one size, with the name of each row on its left.

    Args:
        rows: name → pictures that `photos.read` accepts, equally many in each row.
        alt: describes in words what is to be seen.
    """
    read = [[photos.read(picture).pixels for picture in row] for row in rows.values()]
    columns = len(read[0])
    height, width = read[0][0].shape[:2]
    side = 3 * INCHES / columns
    figure = Figure(figsize=(3 * INCHES, len(read) * side * height / width), layout="constrained")
    axes = figure.subplots(len(read), columns, squeeze=False)
    for line, name, row in zip(axes, rows, read, strict=True):
        line[0].set_ylabel(name, fontsize=10)
        for axis, pixels in zip(line, row, strict=True):
            axis.imshow(pixels)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
    return _picture(figure, alt)


def curves(
    series: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    x: str,
    y: str,
    alt: str,
    log: bool = False,
) -> Picture:
    """Draw lines on shared axes.

    Args:
        series: name → (horizontal places, heights), each (N,).
        x: what the horizontal axis shows, with its unit.
        y: what the vertical axis shows, with its unit.
        alt: describes in words what is to be seen.
        log: whether the vertical axis is logarithmic.
    """
    figure, (axis,) = _row(1, 2.9, width=2.2 * INCHES)
    for i, (name, (places, heights)) in enumerate(series.items()):
        axis.plot(places, heights, label=name, color=PALETTE[i], linestyle=LINES[i], linewidth=2)
    _label(axis, x, y, log)
    if len(series) > 1:
        axis.legend(fontsize=9)
    return _picture(figure, alt)


def histograms(values: Mapping[str, ArrayLike], *, x: str, alt: str, log: bool = False) -> Picture:
    """Draw one histogram for each set of numbers, side by side, each on its own scale.

    Args:
        values: title → numbers of any shape.
        x: what the horizontal axis shows, with its unit.
        alt: describes in words what is to be seen.
        log: whether the counts are on a logarithmic axis.
    """
    figure, axes = _row(len(values), 2.6)
    for i, (axis, (title, numbers)) in enumerate(zip(axes, values.items(), strict=True)):
        axis.hist(np.ravel(numbers), bins=60, color=PALETTE[i])
        axis.set_title(title, fontsize=10)
        _label(axis, x, "count" if i == 0 else "", log)
    return _picture(figure, alt)


def dots(
    groups: Mapping[str, Mapping[str, ArrayLike]], *, y: str, alt: str, log: bool = False
) -> Picture:
    """Draw every measurement as a dot and each mean as a bar, so that the spread can be seen.

    Args:
        groups: group → {series → measurements (N,), one for each seed}; all groups have the same
            series.
        y: what the vertical axis shows, with its unit.
        alt: describes in words what is to be seen.
        log: whether the vertical axis is logarithmic.
    """
    figure, (axis,) = _row(1, 2.9, width=max(2.2 * INCHES, 0.9 * len(groups)))
    names = list(next(iter(groups.values())))
    for place, group in enumerate(groups.values()):
        for i, name in enumerate(names):
            numbers = np.ravel(group[name])
            at = place + (i - (len(names) - 1) / 2) * 0.7 / len(names)
            axis.plot([at - 0.1, at + 0.1], [numbers.mean()] * 2, color=PALETTE[i], linewidth=3)
            label = name if place == 0 and len(names) > 1 else None
            axis.plot(
                np.full(numbers.shape, at), numbers, MARKERS[i], color=PALETTE[i], label=label,
                markersize=6, markeredgecolor="white",
            )  # fmt: skip
    _label(axis, "", y, log)
    axis.set_xticks(range(len(groups)), list(groups), fontsize=9)
    if len(names) > 1:
        axis.legend(fontsize=9)
    return _picture(figure, alt)


def _row(count: int, height: float, width: float = 0.0) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(width or INCHES * count, height), layout="constrained")
    return figure, figure.subplots(1, count, squeeze=False)[0]


def _label(axis: Axes, x: str, y: str, log: bool) -> None:
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    if log:
        axis.set_yscale("log")


def _picture(figure: Figure, alt: str) -> Picture:
    file = io.BytesIO()
    figure.savefig(file, format="jpeg", dpi=100, pil_kwargs={"quality": 88})
    return Picture(file.getvalue(), alt)
