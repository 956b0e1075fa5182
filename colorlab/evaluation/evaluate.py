"""A model on a folder of color photos → how near it comes to their own colors."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from colorlab import photos
from colorlab.color.encoding import Gray, encode
from colorlab.colorizer import Colorizer, render
from colorlab.errors import ColorlabError, PhotoError
from colorlab.evaluation.metrics import METRICS, Comparison, Metric
from colorlab.photos import Photo
from colorlab.progress import track

GRAYS: tuple[Gray, ...] = get_args(Gray)
# What any model must beat: no color, and one color over everything, the folder's own mean.
CONTENDERS = ("uncolored", "wash", "model")


@dataclass(frozen=True)
class Row:
    """The figures of one result, or of an average.

    A figure is an attribute, too, by its metric's name: `row.gain`, `row.distance_ratio`.

    Attributes:
        name: the photo's path inside its folder.
        gray: what the contender was given, "value" or "luma".
        contender: "model"; "uncolored", the gray itself; or "wash", one color over everything.
        figures: what each metric measured: a number, or two whose quotient is the figure.
    """

    name: str
    gray: Gray
    contender: str
    figures: Mapping[Metric, float | tuple[float, float]]

    def __getattr__(self, name: str) -> float:
        """The figure of the metric of that name; NaN if there is none."""
        for metric, figure in self.__dict__.get("figures", {}).items():
            if metric.name == name:
                part, whole = figure if isinstance(figure, tuple) else (figure, 1.0)
                return part / whole if whole else math.nan
        raise AttributeError(f"{name}: neither an attribute of a row nor one of its metrics")


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found.

    Attributes:
        rows: for each photo that has color, in the order of their paths, one for each gray and
            contender.
        unreadable: one line for each file that could not be read; it names the file.
        without_color: how many photos have no color to compare with.
    """

    rows: list[Row]
    unreadable: list[str]
    without_color: int

    def of(self, gray: Gray, contender: str) -> list[Row]:
        """The rows of one contender that was given one gray, in the order of the photos."""
        return [row for row in self.rows if (row.gray, row.contender) == (gray, contender)]

    def averages(self) -> list[Row]:
        """The average of each contender on each gray."""
        return [average(self.of(gray, contender)) for gray in GRAYS for contender in CONTENDERS]


def evaluate(
    folder: str | os.PathLike[str], colorizer: Colorizer, metrics: Sequence[Metric] = METRICS
) -> Evaluation:
    """Turn each color photo of a folder to gray, both kinds, color it, and compare.

    The model, which is given the gray alone, is compared with two that need none: the photo left
    gray, and the folder's mean color laid over it, which is known only to who has seen the folder.
    A terminal shows the progress, on stderr.

    Args:
        folder: photos, searched recursively, or a keep list of them; each is evaluated at its own
            size.
        colorizer: the model.
        metrics: what is measured.

    Raises:
        ColorlabError: if the folder holds no photo that has color.
    """
    colored: list[Path] = []
    chromas: list[NDArray[Any]] = []
    unreadable: list[str] = []
    without_color = 0
    for path in track(photos.find(folder), "Reading"):
        try:
            photo = photos.read(path)
        except PhotoError as error:
            unreadable.append(str(error))
            continue
        if photo.has_color:
            colored.append(path)
            value, chroma = encode(photo.rgb)
            chromas.append((value * chroma).mean(axis=(0, 1)) / value.mean())
        else:
            without_color += 1
    if not colored:
        raise ColorlabError(
            f"{folder} holds no color photo to compare with: {len(unreadable)} files cannot be "
            f"read, {without_color} have no color; give a folder of color photos."
        )
    # Each photo counts the same, as it does in the averages.
    wash = np.stack(chromas).mean(axis=0).reshape(1, 1, 2)
    rows: list[Row] = []
    for path in track(colored, "Coloring"):
        truth = photos.read(path)
        name = (path.relative_to(folder) if Path(folder).is_dir() else path).as_posix()
        for keep in GRAYS:
            gray = photos.read(as_gray(truth, keep=keep))
            washed = photos.read(render(gray, wash, keep=keep))
            result = photos.read(colorizer.colorize(gray, keep=keep))
            rows += [
                score(name, truth, photo, keep=keep, contender=contender, metrics=metrics)
                for contender, photo in zip(CONTENDERS, (gray, washed, result), strict=True)
            ]
    return Evaluation(rows, unreadable, without_color)


def as_gray(photo: Photo, *, keep: Gray) -> NDArray[np.uint8]:
    """A photo's value or luma as 8-bit pixels (H, W, 1): what a black-and-white photo of it is."""
    gray, _ = encode(photo.rgb, keep=keep)
    return np.asarray(np.rint(255.0 * gray), np.uint8)


def score(
    name: str,
    truth: Photo,
    result: Photo,
    *,
    keep: Gray,
    contender: str = "model",
    metrics: Sequence[Metric] = METRICS,
) -> Row:
    """The figures of one result.

    Args:
        name: the row's name.
        truth: the photo, which has color.
        result: what was made of `as_gray(truth, keep=keep)`.
        keep: which gray that is, "value" or "luma".
        contender: who made it.
        metrics: what is measured.

    Raises:
        ColorlabError: if the two differ in size, or `keep` is neither of the two.
    """
    uncolored = photos.read(as_gray(truth, keep=keep)).rgb
    case = Comparison(result.rgb, truth.rgb, uncolored, keep)
    return Row(name, keep, contender, {metric: metric.measure(case) for metric in metrics})


def average(rows: Sequence[Row]) -> Row:
    """Each metric over one contender's rows: its mean, or the largest where the worst counts.

    Ratios are those of the means, not the means of the ratios. A photo that has no such figure, as
    a hue error near red without red, has no part in the average.
    """
    means: dict[Metric, float | tuple[float, float]] = {}
    for metric, first in rows[0].figures.items():
        found = np.array([row.figures[metric] for row in rows], float).reshape(len(rows), -1)
        found = found[~np.isnan(found).any(axis=1)]
        if not len(found):
            means[metric] = math.nan
        else:
            parts = found.max(axis=0) if metric.worst else found.mean(axis=0)
            means[metric] = tuple(parts.tolist()) if isinstance(first, tuple) else float(parts[0])
    return Row(f"average of {len(rows)}", rows[0].gray, rows[0].contender, means)
