"""Measure how close a model comes to the true colors of the photos in a folder."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from colorlab import photos
from colorlab.color.encoding import Gray, encode
from colorlab.colorizer import render
from colorlab.errors import ColorlabError, PhotoError
from colorlab.evaluation.metrics import METRICS, Comparison, Metric
from colorlab.photos import Photo
from colorlab.progress import track

GRAYS: tuple[Gray, ...] = get_args(Gray)
# A model must beat the first two: no color, and the folder's mean color over everything.
CONTENDERS = ("uncolored", "wash", "model")


class AnyColorizer(Protocol):
    """A `Colorizer`, or anything else that has its method `colorize`."""

    def colorize(self, photo: Photo, *, keep: Gray) -> photos.Source:
        """Color a black-and-white photo, whose gray is what `keep` says, at its own size."""


@dataclass(frozen=True)
class Row:
    """The figures of one result, or of an average.

    A figure is also an attribute with its metric's name: `row.gain`, `row.distance_ratio`.

    Attributes:
        name: the photo's path relative to its folder.
        gray: the gray that the contender was given, "value" or "luma".
        contender: "model"; "uncolored", the gray itself; or "wash", one color over everything.
        figures: what each metric measured: a number, or two whose quotient is the figure.
    """

    name: str
    gray: Gray
    contender: str
    figures: Mapping[Metric, float | tuple[float, float]]

    def __getattr__(self, name: str) -> float:
        """The figure of the metric with that name; NaN if the photo has no such figure."""
        for metric, figure in self.__dict__.get("figures", {}).items():
            if metric.name == name:
                part, whole = figure if isinstance(figure, tuple) else (figure, 1.0)
                return part / whole if whole else math.nan
        raise AttributeError(f"{name} is neither an attribute of a row nor one of its metrics.")


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found."""

    rows: list[Row]  # one for each color photo, gray and contender, in the order of the photos
    unreadable: list[str]  # one line for each file that could not be read; it names the file
    without_color: int  # the number of photos without color to compare with

    def of(self, gray: Gray, contender: str) -> list[Row]:
        """The rows of one contender on one gray, in the order of the photos."""
        return [row for row in self.rows if (row.gray, row.contender) == (gray, contender)]

    def averages(self) -> list[Row]:
        """The average of each contender on each gray."""
        return [average(self.of(gray, contender)) for gray in GRAYS for contender in CONTENDERS]


def evaluate(
    folder: str | os.PathLike[str], colorizer: AnyColorizer, metrics: Sequence[Metric] = METRICS
) -> Evaluation:
    """Turn each color photo of a folder into both kinds of gray, color it, and compare.

    The model sees only the gray. It is compared with two contenders that need no model: the photo
    left gray, and the folder's mean color over the photo, which a model cannot know. The folder is
    searched recursively; a keep list of photos may stand in its place.

    Raises:
        ColorlabError: if the folder holds no color photo.
    """
    colored: list[tuple[Path, NDArray[Any]]] = []  # each photo's path and mean chroma
    unreadable: list[str] = []
    without_color = 0
    for path in track(photos.find(folder), "Reading"):
        try:
            photo = photos.read(path)
        except PhotoError as error:
            unreadable.append(str(error))
            continue
        if photo.has_color:
            value, chroma = encode(photo.rgb)
            colored.append((path, (value * chroma).mean(axis=(0, 1)) / value.mean()))
        else:
            without_color += 1
    if not colored:
        raise ColorlabError(
            f"{folder} holds no color photos ({len(unreadable)} files cannot be read, "
            f"{without_color} have no color); choose a folder of color photos."
        )
    # Each photo counts the same, as in the averages.
    wash = np.mean([chroma for _, chroma in colored], axis=0)[None, None]
    rows: list[Row] = []
    for path, _ in track(colored, "Coloring"):
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
    """A photo's value or luma as 8-bit pixels (H, W, 1), like a black-and-white photo."""
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
    """Measure `result`, which a contender made from `as_gray(truth, keep=keep)`.

    `name` and `contender` become the row's.

    Raises:
        ColorlabError: if the photos differ in size, or `keep` is neither "value" nor "luma".
    """
    uncolored = photos.read(as_gray(truth, keep=keep)).rgb
    case = Comparison(result.rgb, truth.rgb, uncolored, keep)
    return Row(name, keep, contender, {metric: metric.measure(case) for metric in metrics})


def average(rows: Sequence[Row]) -> Row:
    """Average each metric over one contender's rows, or take the largest if the worst counts.

    The average of a ratio is the ratio of the means, not the mean of the ratios. A photo without
    a figure, such as the hue error near red in a photo without red, is left out of its average.
    """
    means: dict[Metric, float | tuple[float, float]] = {}
    for metric in rows[0].figures:
        figures = np.array([row.figures[metric] for row in rows], float)
        figures = figures[~np.isnan(figures).reshape(len(rows), -1).any(axis=1)]
        if not len(figures):
            means[metric] = math.nan
        else:
            mean = (np.max if metric.worst else np.mean)(figures, axis=0).tolist()
            means[metric] = tuple(mean) if isinstance(mean, list) else mean
    return Row(f"average of {len(rows)}", rows[0].gray, rows[0].contender, means)
