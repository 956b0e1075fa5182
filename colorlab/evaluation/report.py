"""Write an evaluation as text for people, and as CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.errors import ColorlabError
from colorlab.evaluation.evaluate import GRAYS, Evaluation, Row

RESULTS = ("figures.csv", "averages.csv", "figures.json", *(f"sheet-{g}.jpg" for g in GRAYS))


def table(rows: Mapping[str, Row]) -> str:
    """Format rows of the same metrics as text, about 100 columns wide, with "-" for no figure."""
    lines = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    lines.add_column()
    for metric in next(iter(rows.values())).figures:
        lines.add_column("\n".join(metric.header), justify="right")
    for label, row in rows.items():
        figures = ((getattr(row, metric.name), metric.form) for metric in row.figures)
        cells = ("-" if math.isnan(figure) else format(figure, form) for figure, form in figures)
        lines.add_row(Text(shown(label, 20)), *cells)
    text = io.StringIO()
    Console(file=text, width=1000, color_system=None).print(lines)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def report(evaluation: Evaluation) -> str:
    """The report as text: each photo's figures, what was skipped, averages, and a legend."""
    parts = []
    for gray in GRAYS:
        rows = {row.name: row for row in evaluation.of(gray, "model")}
        parts += [f"The model's figures for each photo, from its {gray}", table(rows), ""]
    if evaluation.unreadable:
        unreadable = evaluation.unreadable
        parts += [f"Unreadable files skipped: {len(unreadable)}", *unreadable, ""]
    if evaluation.without_color:
        parts += [f"Photos without color skipped: {evaluation.without_color}", ""]
    averages = {f"{row.gray}, {row.contender}": row for row in evaluation.averages()}
    parts += [f"Averages of all color photos ({len(rows)}), from their value and from their luma"]
    parts += [table(averages), ""]
    for metric in evaluation.rows[0].figures:
        name = " ".join(metric.header)
        parts.append(f"{name:<14}{metric.legend}; {metric.better} is better")
    return "\n".join([*parts, "wash          one color over everything: the mean of the folder"])


def shown(name: str, width: int) -> str:
    """A file's name to print: its end if it is too long, and no line breaks or terminal codes."""
    name = "".join(c if c.isprintable() else "?" for c in name)
    return name if len(name) <= width else "…" + name[1 - width :]


def prepare(folder: Path, out: Path, *, overwrite: bool) -> None:
    """Make the folder for the results, before the long work.

    Raises:
        ColorlabError: if `folder` holds no photos, `out` lies inside it or cannot be written to,
            or a result exists and may not be overwritten. Then nothing is made.
    """
    photos.find(folder)
    if out.resolve().is_relative_to(folder.resolve()):
        raise ColorlabError(
            f"{out} is inside {folder}: its sheets would count as photos; choose another folder."
        )
    for path in (out / name for name in RESULTS):
        if path.exists() and not overwrite:
            raise ColorlabError(f"{path} already exists; choose another folder, or overwrite it.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=out).close()
    except OSError as error:
        raise ColorlabError(
            f"{out} cannot be written to ({error.strerror}); choose another folder."
        ) from error


def write(evaluation: Evaluation, out: Path, *, model: str) -> None:
    """Write the figures, each file whole or not at all, and replace existing files.

    OUT/figures.csv   a line for each photo, gray and contender
    OUT/averages.csv  a line for each gray and contender
    OUT/figures.json  both, the model's name, and what was skipped

    A figure that is not finite (the hue error near red of a photo without red, the PSNR of a
    perfect result) is an empty cell in CSV and null in JSON.
    """
    rows = [_record(row) for row in evaluation.rows]
    averages = [_record(row) for row in evaluation.averages()]
    for name, records in (("figures.csv", rows), ("averages.csv", averages)):
        with (
            replacing(out / name) as partial,
            # A file's name need not be valid text.
            partial.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
        ):
            writer = csv.DictWriter(file, records[0])
            writer.writeheader()
            writer.writerows(records)
    skipped = {"unreadable": evaluation.unreadable, "without_color": evaluation.without_color}
    everything = {"model": model, "averages": averages, "photos": rows, **skipped}
    with replacing(out / "figures.json") as partial:
        partial.write_text(json.dumps(everything, indent=2, allow_nan=False) + "\n")


def _record(row: Row) -> dict[str, Any]:
    figures = {metric.name: getattr(row, metric.name) for metric in row.figures}
    finite = {name: x if math.isfinite(x) else None for name, x in figures.items()}
    return {"name": row.name, "gray": row.gray, "contender": row.contender} | finite
