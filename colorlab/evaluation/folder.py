"""A model on a folder of photos, with everything that comes of it in another folder."""

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
    """Measure a model, write its figures (see `report.write`), and a sheet for each gray.

    Args:
        folder: color photos, searched recursively.
        out: the folder for the results, which may not lie in the other one.
        model: a run's folder or a `.keras` file; by default the model that ships with colorlab.
        overwrite: replace results that are there.

    Raises:
        ColorlabError: as `report.prepare`, before the long work, and as `Colorizer.load`.
    """
    prepare(folder, out, overwrite=overwrite)
    colorizer = Colorizer.load(model) if model else Colorizer()
    evaluation = evaluate(folder, colorizer)
    write(evaluation, out, model=str(model or f"{SHIPPED}, as it ships with colorlab"))
    for gray in GRAYS:
        sheet = contact_sheet(folder, colorizer, evaluation.of(gray, "model"))
        photos.write(sheet, out / f"sheet-{gray}.jpg", overwrite=overwrite)
    return evaluation
