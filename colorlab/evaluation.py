"""A model on a folder of color photos → how near it comes to their own colors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab import photos
from colorlab.colorizer import Colorizer
from colorlab.encoding import Gray, encode
from colorlab.errors import ColorlabError, PhotoError
from colorlab.metrics import ab_distance, colorfulness, psnr
from colorlab.photos import Photo


@dataclass(frozen=True)
class Row:
    """The figures of one photo, or of an average.

    Attributes:
        name: the photo's path inside its folder.
        psnr: of the result, dB.
        gain: dB by which that is above the uncolored photo's PSNR.
        distance: from the truth in a*b*, of the result.
        distance_uncolored: the same, of the uncolored photo.
        colorfulness: of the result.
        colorfulness_truth: of the photo itself.
        gray_error: the largest difference between the gray that was given and the result's, in
            units of 1/255.
    """

    name: str
    psnr: float
    gain: float
    distance: float
    distance_uncolored: float
    colorfulness: float
    colorfulness_truth: float
    gray_error: float

    @property
    def distance_ratio(self) -> float:
        """Its share of the uncolored photo's: 0 is the truth, 1 no nearer to it than gray."""
        return self.distance / self.distance_uncolored

    @property
    def colorfulness_ratio(self) -> float:
        """0 is gray, 1 as colorful as the truth."""
        return self.colorfulness / self.colorfulness_truth


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found.

    Attributes:
        rows: one for each photo that has color, in the order of their paths.
        unreadable: one line for each file that could not be read; it names the file.
        without_color: how many photos have no color to compare with.
    """

    rows: list[Row]
    unreadable: list[str]
    without_color: int


def evaluate(
    folder: str | os.PathLike[str], colorizer: Colorizer, *, keep: Gray = "value"
) -> Evaluation:
    """Turn each color photo of a folder to gray, color it, and compare.

    Args:
        folder: photos, searched recursively; each is evaluated at its own size.
        colorizer: the model. It is given the gray alone.
        keep: which gray, "value" or "luma".

    Raises:
        ColorlabError: if the folder holds no photo that has color, or `keep` is neither of the two.
    """
    rows: list[Row] = []
    unreadable: list[str] = []
    without_color = 0
    for path in photos.find(folder):
        try:
            photo = photos.read(path)
        except PhotoError as error:
            unreadable.append(str(error))
            continue
        if not photo.has_color:
            without_color += 1
            continue
        result = colorizer.colorize(as_gray(photo, keep=keep), keep=keep)
        name = path.relative_to(folder).as_posix()
        rows.append(score(name, photo, photos.read(result), keep=keep))
    if not rows:
        raise ColorlabError(
            f"{folder} holds no color photo to compare with: {len(unreadable)} files cannot be "
            f"read, {without_color} have no color; give a folder of color photos."
        )
    return Evaluation(rows, unreadable, without_color)


def as_gray(photo: Photo, *, keep: Gray) -> NDArray[np.uint8]:
    """A photo's value or luma as 8-bit pixels (H, W, 1): what a black-and-white photo of it is."""
    gray, _ = encode(photo.rgb, keep=keep)
    return np.asarray(np.rint(255.0 * gray), np.uint8)


def score(name: str, truth: Photo, result: Photo, *, keep: Gray) -> Row:
    """The figures of one result.

    Args:
        name: the row's name.
        truth: the photo, which has color.
        result: what the model made of `as_gray(truth, keep=keep)`.
        keep: which gray it was given, "value" or "luma".
    """
    uncolored = photos.read(as_gray(truth, keep=keep)).rgb
    kept, _ = encode(result.rgb, keep=keep)
    return Row(
        name=name,
        psnr=psnr(result.rgb, truth.rgb),
        gain=psnr(result.rgb, truth.rgb) - psnr(uncolored, truth.rgb),
        distance=ab_distance(result.rgb, truth.rgb),
        distance_uncolored=ab_distance(uncolored, truth.rgb),
        colorfulness=colorfulness(result.rgb),
        colorfulness_truth=colorfulness(truth.rgb),
        gray_error=255.0 * float(np.abs(kept - uncolored[..., :1]).max()),
    )


def average(rows: Sequence[Row]) -> Row:
    """The mean of each figure, and the largest gray error.

    So the average's ratios are those of the means, not the means of the ratios: a nearly gray photo
    weighs little.
    """
    means: dict[str, Any] = {
        field.name: float(np.mean([getattr(row, field.name) for row in rows]))
        for field in fields(Row)[1:]
    }
    means["gray_error"] = max(row.gray_error for row in rows)
    return Row(f"average of {len(rows)}", **means)


def table(evaluation: Evaluation) -> str:
    """The figures as text: a header, a line for each photo, the average, and what was skipped."""
    lines = [
        ("photo", "PSNR", "gain", "a*b*", "ratio", "colorful", "ratio", "gray error"),
        ("", "dB", "dB", "distance", "to gray", "", "to truth", "1/255"),
    ]
    for row in (*evaluation.rows, average(evaluation.rows)):
        lines.append(
            (
                row.name,
                f"{row.psnr:.2f}",
                f"{row.gain:+.2f}",
                f"{row.distance:.1f}",
                f"{row.distance_ratio:.2f}",
                f"{row.colorfulness:.1f}",
                f"{row.colorfulness_ratio:.2f}",
                f"{row.gray_error:.2f}",
            )
        )
    first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
    text = [
        "  ".join([name.ljust(first), *(f.rjust(w) for f, w in zip(figures, others, strict=True))])
        for name, *figures in lines
    ]
    if evaluation.unreadable:
        text += [f"Skipped {len(evaluation.unreadable)} unreadable:", *evaluation.unreadable]
    if evaluation.without_color:
        text.append(f"Skipped {evaluation.without_color} without color.")
    return "\n".join(text)
