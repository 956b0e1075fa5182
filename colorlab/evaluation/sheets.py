"""Show an evaluation as a picture: its best, typical and worst photos, for people to judge."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from colorlab import photos
from colorlab.evaluation.evaluate import AnyColorizer, Row, as_gray
from colorlab.evaluation.report import shown

IN_GROUP = 6  # photos, each with three pictures
WIDTH, MARGIN = 2012, 48  # of the sheet; these and all lengths below are in pixels
BOX = (300, 200)  # width and height into which a picture is fitted
GAP, SPACE = 6, 40  # between pictures, between photos
TITLE, HEADING, CAPTION = 76, 68, 64  # heights, including the space around
CAPTION_WIDTH = 440
INK, FAINT, PAPER = "#1f2328", "#656d76", "white"
# Pillow's own font lacks umlauts and accents, which file names may contain.
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def contact_sheet(
    folder: str | os.PathLike[str], colorizer: AnyColorizer, rows: Sequence[Row]
) -> Image.Image:
    """Show input, output and truth of the best, the typical and the worst photos.

    They are ranked by a*b* distance ratio. Bad photos are as many as good ones, and as large. Each
    photo is colored once more, so that only one at a time is in memory.

    Args:
        folder, colorizer: those of the evaluation.
        rows: the model's rows for one gray, such as `evaluation.of("value", "model")`.

    Returns:
        An RGB image, 2,012 pixels wide. If there are at most 18 photos, it shows all of them.

    Raises:
        PhotoError: if a photo no longer exists.
    """
    line = BOX[1] + CAPTION
    sheet = Image.new("RGB", (WIDTH, MARGIN + TITLE + 3 * (HEADING + IN_GROUP * line)), PAPER)
    draw = ImageDraw.Draw(sheet)
    title = f"{len(rows)} photos, colored from their {rows[0].gray}"
    draw.text((MARGIN, MARGIN), title, INK, _font(26, bold=True))
    explanation = (
        "Input, output, truth. Ranked by the output's a*b* distance from the truth, as a fraction "
        "of the input's: 0 is the truth, 1 is no closer to it than gray."
    )
    draw.text((MARGIN, MARGIN + 40), explanation, FAINT, _font(15))
    top = MARGIN + TITLE
    for name, group in groups(rows).items():
        heading = f"{name}: {len(group)} of {len(rows)}"
        draw.text((MARGIN, top + 20), heading, INK, _font(20, bold=True))
        top += HEADING
        left = MARGIN
        for row in group:
            pictures = _pictures(Path(folder) / row.name, row, colorizer)
            width = max(CAPTION_WIDTH, 3 * (pictures[0].width + GAP) - GAP)
            if left + width > WIDTH - MARGIN:
                left = MARGIN
                top += line
            bottom = top + BOX[1]  # pictures of different heights share their bottom line
            for i, picture in enumerate(pictures):
                place = left + i * (picture.width + GAP), bottom - picture.height
                sheet.paste(picture, place)
            draw.text((left, bottom + 6), shown(row.name, 40), INK, _font(14, bold=True))
            figures = (
                f"{row.gain:+.2f} dB   ·   a*b* {row.distance_ratio:.2f} of gray's"
                f"   ·   color {row.colorfulness_ratio:.2f} of truth's"
            )
            draw.text((left, bottom + 26), figures, FAINT, _font(14))
            left += width + SPACE
        top += line
    return sheet.crop((0, 0, WIDTH, top))


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The photos to show, from best to worst, by the names "Best", "Typical" and "Worst"."""
    ranked = sorted(rows, key=lambda row: row.distance_ratio)
    count = min(IN_GROUP, round(len(ranked) / 3))
    between = ranked[count : len(ranked) - count]
    first = max(0, (len(between) - IN_GROUP) // 2)
    typical = between[first : first + IN_GROUP]
    chosen = {"Best": ranked[:count], "Typical": typical, "Worst": ranked[len(ranked) - count :]}
    return {name: group for name, group in chosen.items() if group}


def _pictures(path: Path, row: Row, colorizer: AnyColorizer) -> list[Image.Image]:
    """Input, output and truth, each fitted into BOX."""
    truth = photos.read(path)
    gray = photos.read(as_gray(truth, keep=row.gray))
    result = photos.read(colorizer.colorize(gray, keep=row.gray))
    height, width = truth.pixels.shape[:2]
    scale = min(BOX[0] / width, BOX[1] / height)  # ImageOps.contain would make 1×900 empty
    size = max(1, round(scale * width)), max(1, round(scale * height))
    pictures = (Image.fromarray(photo.pixels) for photo in (gray, result, truth))
    return [picture.resize(size, Image.Resampling.LANCZOS) for picture in pictures]


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf", size)
