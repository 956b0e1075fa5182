"""A model on a folder of color photos → how near it comes to their own colors."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from colorlab import photos
from colorlab.colorizer import Colorizer, render
from colorlab.encoding import Gray, encode
from colorlab.errors import ColorlabError, PhotoError
from colorlab.metrics import (
    ab_auc,
    ab_distance,
    ciede2000,
    colorfulness,
    green_kept,
    hue_error,
    psnr,
)
from colorlab.photos import Photo
from colorlab.progress import track

GRAYS: tuple[Gray, ...] = get_args(Gray)
# What any model must beat: no color, and one color over everything, the folder's own mean.
CONTENDERS = ("uncolored", "wash", "model")


@dataclass(frozen=True)
class Row:
    """The figures of one result, or of an average.

    Attributes:
        name: the photo's path inside its folder.
        gray: what the contender was given, "value" or "luma".
        contender: "model"; "uncolored", the gray itself; or "wash", one color over everything.
        psnr: of the result, dB.
        gain: dB by which that is above the uncolored photo's PSNR.
        distance: from the truth in a*b*, of the result.
        distance_uncolored: the same, of the uncolored photo.
        ciede2000: the color difference from the truth.
        auc: area under the cumulative a*b* error curve, percent.
        colorfulness: of the result.
        colorfulness_truth: of the photo itself.
        hue_error: of colored pixels, degrees; NaN if the photo has none.
        hue_error_red: of those within 30° of red; NaN if the photo has none.
        green_kept: the share of all pixels that are green in the truth, and in the result.
        green_truth: the share of all pixels that are green in the truth.
        gray_error: the largest difference between the gray that was given and the result's, in
            units of 1/255.
    """

    name: str
    gray: Gray
    contender: str
    psnr: float
    gain: float
    distance: float
    distance_uncolored: float
    ciede2000: float
    auc: float
    colorfulness: float
    colorfulness_truth: float
    hue_error: float
    hue_error_red: float
    green_kept: float
    green_truth: float
    gray_error: float

    @property
    def distance_ratio(self) -> float:
        """Its share of the uncolored photo's: 0 is the truth, 1 no nearer to it than gray."""
        return self.distance / self.distance_uncolored

    @property
    def colorfulness_ratio(self) -> float:
        """0 is gray, 1 as colorful as the truth."""
        return self.colorfulness / self.colorfulness_truth

    @property
    def green_ratio(self) -> float:
        """The share of the green pixels that stayed green, 0 to 1; NaN if there were none."""
        return self.green_kept / self.green_truth if self.green_truth else math.nan


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


def evaluate(folder: str | os.PathLike[str], colorizer: Colorizer) -> Evaluation:
    """Turn each color photo of a folder to gray, both kinds, color it, and compare.

    The model, which is given the gray alone, is compared with two that need none: the photo left
    gray, and the folder's mean color laid over it, which is known only to who has seen the folder.
    A terminal shows the progress, on stderr.

    Args:
        folder: photos, searched recursively, or a keep list of them; each is evaluated at its own
            size.
        colorizer: the model.

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
                score(name, truth, photo, keep=keep, contender=contender)
                for contender, photo in zip(CONTENDERS, (gray, washed, result), strict=True)
            ]
    return Evaluation(rows, unreadable, without_color)


def as_gray(photo: Photo, *, keep: Gray) -> NDArray[np.uint8]:
    """A photo's value or luma as 8-bit pixels (H, W, 1): what a black-and-white photo of it is."""
    gray, _ = encode(photo.rgb, keep=keep)
    return np.asarray(np.rint(255.0 * gray), np.uint8)


def score(name: str, truth: Photo, result: Photo, *, keep: Gray, contender: str = "model") -> Row:
    """The figures of one result.

    Args:
        name: the row's name.
        truth: the photo, which has color.
        result: what was made of `as_gray(truth, keep=keep)`.
        keep: which gray that is, "value" or "luma".
        contender: who made it.

    Raises:
        ColorlabError: if the two differ in size, or `keep` is neither of the two.
    """
    uncolored = photos.read(as_gray(truth, keep=keep)).rgb
    kept, _ = encode(result.rgb, keep=keep)
    return Row(
        name=name,
        gray=keep,
        contender=contender,
        psnr=psnr(result.rgb, truth.rgb),
        gain=psnr(result.rgb, truth.rgb) - psnr(uncolored, truth.rgb),
        distance=ab_distance(result.rgb, truth.rgb),
        distance_uncolored=ab_distance(uncolored, truth.rgb),
        ciede2000=ciede2000(result.rgb, truth.rgb),
        auc=ab_auc(result.rgb, truth.rgb),
        colorfulness=colorfulness(result.rgb),
        colorfulness_truth=colorfulness(truth.rgb),
        hue_error=hue_error(result.rgb, truth.rgb),
        hue_error_red=hue_error(result.rgb, truth.rgb, near_red=True),
        green_kept=green_kept(result.rgb, truth.rgb),
        green_truth=green_kept(truth.rgb, truth.rgb),
        gray_error=255.0 * float(np.abs(kept - uncolored[..., :1]).max()),
    )


def average(rows: Sequence[Row]) -> Row:
    """The mean of each figure over one contender's rows, and the largest gray error.

    So the average's ratios are those of the means, not the means of the ratios: a nearly gray photo
    weighs little. A hue error is the mean over the photos that have one, each counted once.
    """
    means: dict[str, Any] = {}
    for field in fields(Row)[3:]:
        values = [getattr(row, field.name) for row in rows]
        numbers = [value for value in values if not math.isnan(value)]
        means[field.name] = float(np.mean(numbers)) if numbers else math.nan
    means["gray_error"] = max(row.gray_error for row in rows)
    return Row(f"average of {len(rows)}", rows[0].gray, rows[0].contender, **means)
