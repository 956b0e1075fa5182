"""Write an evaluation as text for people, and as CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
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
from colorlab.evaluation.metrics import Metric

RESULTS = ("figures.csv", "averages.csv", "figures.json", *(f"sheet-{g}.jpg" for g in GRAYS))


def table(rows: Mapping[str, Row]) -> str:
    """Format rows with the same metrics as aligned text; "-" stands for a missing figure.

    Each label has a line. With colorlab's own metrics, the table is about 100 columns wide.
    """
    metrics = list(next(iter(rows.values())).figures)
    lines = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    lines.add_column()
    for metric in metrics:
        lines.add_column("\n".join(metric.header), justify="right")
    for label, row in rows.items():
        figures = [(getattr(row, metric.name), metric.form) for metric in metrics]
        cells = ("-" if math.isnan(figure) else format(figure, form) for figure, form in figures)
        lines.add_row(Text(shown(label, 20)), *cells)
    page = Console(file=io.StringIO(), width=1000, color_system=None)
    with page.capture() as captured:
        page.print(lines)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def legend(metrics: Iterable[Metric]) -> str:
    """Explain each metric, and the wash, in a line each."""
    lines = {
        " ".join(filter(None, each.header)): f"{each.legend}; {each.better} is better"
        for each in metrics
    }
    lines["wash"] = "one color over everything: the folder's mean, which no model is told"
    return "\n".join(f"{name:<14}{meaning}" for name, meaning in lines.items())


def report(evaluation: Evaluation) -> str:
    """The report as text: the model on each photo, what was skipped, and the averages."""
    parts = []
    for gray in GRAYS:
        rows = {row.name: row for row in evaluation.of(gray, "model")}
        parts += [f"The model on each photo, given its {gray}", table(rows), ""]
    if evaluation.unreadable:
        parts += [f"Skipped {len(evaluation.unreadable)} unreadable:", *evaluation.unreadable, ""]
    if evaluation.without_color:
        parts += [f"Skipped {evaluation.without_color} without color.", ""]
    averages = {f"{row.gray}, {row.contender}": row for row in evaluation.averages()}
    parts += [f"Averages over all color photos ({len(rows)}), given their value or their luma"]
    return "\n".join([*parts, table(averages), "", legend(evaluation.rows[0].figures)])


def shown(name: str, width: int) -> str:
    """A file's name to print: its end if it is too long, and no line breaks or terminal codes."""
    name = "".join(c if c.isprintable() else "?" for c in name)
    return name if len(name) <= width else "…" + name[1 - width :]


def prepare(folder: Path, out: Path, *, overwrite: bool) -> None:
    """Make the folder for the results, or fail before the long work if they cannot be written.

    Raises:
        ColorlabError: if `folder` holds no photos, `out` lies inside it, a result exists already
            and may not be overwritten, or `out` cannot be written to. Then nothing is made.
    """
    photos.find(folder)
    if out.resolve().is_relative_to(folder.resolve()):
        raise ColorlabError(
            f"{out}: lies inside {folder}, where its sheets would be taken for photos; choose "
            "another folder"
        )
    taken = [out / name for name in RESULTS if (out / name).exists()]
    if taken and not overwrite:
        raise ColorlabError(f"{taken[0]}: is there already; choose another folder, or overwrite it")
    try:
        out.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=out).close()
    except OSError as error:
        raise ColorlabError(
            f"{out}: cannot be written to ({error.strerror}); choose another folder"
        ) from error


def write(evaluation: Evaluation, out: Path, *, model: str) -> None:
    """Write the figures, each file whole or not at all, and replace existing files.

    OUT/figures.csv   a line for each photo, gray and contender
    OUT/averages.csv  a line for each gray and contender
    OUT/figures.json  both, the model's name, and what was skipped

    A figure that is not finite (the hue error near red of a photo without red, the PSNR of a
    perfect result) is an empty cell in CSV and null in JSON.

    Args:
        evaluation: the result of `evaluate`.
        out: the folder to write to.
        model: the model's name.
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
    everything = {
        "model": model,
        "averages": averages,
        "photos": rows,
        "unreadable": evaluation.unreadable,
        "without_color": evaluation.without_color,
    }
    with replacing(out / "figures.json") as partial:
        partial.write_text(json.dumps(everything, indent=2, allow_nan=False) + "\n")


def _record(row: Row) -> dict[str, Any]:
    figures = {metric.name: getattr(row, metric.name) for metric in row.figures}
    finite = {name: x if math.isfinite(x) else None for name, x in figures.items()}
    return {"name": row.name, "gray": row.gray, "contender": row.contender} | finite
