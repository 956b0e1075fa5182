"""Evaluate a model on a folder of photos, and write all results to another folder."""

from __future__ import annotations

from pathlib import Path

from colorlab import photos
from colorlab.colorizer import Colorizer
from colorlab.evaluation.evaluate import GRAYS, Evaluation, evaluate
from colorlab.evaluation.report import prepare, write
from colorlab.evaluation.sheets import contact_sheet
from colorlab.model.presets import SHIPPED


def evaluate_folder(
    folder: Path, out: Path, model: Path | None = None, *, overwrite: bool = False
) -> Evaluation:
    """Measure a model; write its figures (see `report.write`) and a contact sheet for each gray.

    Args:
        folder: color photos, searched recursively.
        out: the folder for the results, which may not lie inside `folder`.
        model: a run's folder or a `.keras` file; by default the model that ships with colorlab.
        overwrite: replace existing results.

    Raises:
        ColorlabError: as in `report.prepare`, before the long work, and as in `Colorizer.load`.
    """
    prepare(folder, out, overwrite=overwrite)
    colorizer = Colorizer.load(model) if model else Colorizer()
    evaluation = evaluate(folder, colorizer)
    write(evaluation, out, model=str(model or f"{SHIPPED}, as it ships with colorlab"))
    for gray in GRAYS:
        sheet = contact_sheet(folder, colorizer, evaluation.of(gray, "model"))
        photos.write(sheet, out / f"sheet-{gray}.jpg", overwrite=overwrite)
    return evaluation
