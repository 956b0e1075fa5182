"""README's pictures and figures: the shipped model on photos that come with scikit-image.

    python docs/make_pictures.py

writes docs/images/hero.jpg and docs/images/table.jpg and prints the table of figures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps
from skimage import data

from colorlab import photos
from colorlab.colorizer import Colorizer
from colorlab.evaluation import Row, as_gray, average, score

NAMES = ("chelsea", "coffee", "rocket", "astronaut")  # public domain or CC0, and bundled
HERO = ("rocket", "chelsea", "coffee")
IMAGES = Path(__file__).parent / "images"
INK, PAPER = "#1f2328", "white"
CELL, GAP, HEADER = 330, 10, 44  # pixels


def main() -> None:
    """Color the photos, write the pictures, print the figures."""
    colorizer = Colorizer()
    rows, grid = [], {}
    for name in NAMES:
        truth = photos.read(getattr(data, name)())
        gray = photos.read(as_gray(truth, keep="value"))
        result = photos.read(colorizer.colorize(gray, keep="value"))
        rows.append(score(name, truth, result, keep="value"))
        grid[name] = [Image.fromarray(photo.pixels) for photo in (gray, result, truth)]
    IMAGES.mkdir(exist_ok=True)
    hero([grid[name] for name in HERO]).save(IMAGES / "hero.jpg", quality=90)
    table(list(grid.values())).save(IMAGES / "table.jpg", quality=88)
    print(figures([*rows, average(rows)]))


def hero(grid: list[list[Image.Image]], size: int = 392) -> Image.Image:
    """A strip of squares, each cut by a slanted line: gray to its left, colored to its right."""
    strip = Image.new("RGB", (len(grid) * (size + GAP) - GAP, size), PAPER)
    y, x = np.mgrid[:size, :size] - size / 2
    edge = x - 0.24 * y  # pixels to the right of the edge
    colored, line = (
        Image.fromarray(np.uint8(255 * part.clip(0, 1))) for part in (edge + 0.5, 2 - abs(edge))
    )
    for place, (gray, result, _) in enumerate(grid):
        left, right = (ImageOps.fit(image, (size, size)) for image in (gray, result))
        square = Image.composite(right, left, colored)
        square.paste(PAPER, mask=line)
        strip.paste(square, (place * (size + GAP), 0))
    return strip


def table(grid: list[list[Image.Image]]) -> Image.Image:
    """A row for each photo: input, output, ground truth."""
    rows = [
        [image.resize((CELL, CELL * image.height // image.width)) for image in row] for row in grid
    ]
    height = HEADER + sum(row[0].height + GAP for row in rows) - GAP
    sheet = Image.new("RGB", (3 * (CELL + GAP) - GAP, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, label in enumerate(("input", "output", "ground truth")):
        center = column * (CELL + GAP) + CELL / 2
        draw.text((center, HEADER / 2), label, INK, ImageFont.load_default(20), anchor="mm")
    top = HEADER
    for row in rows:
        for column, image in enumerate(row):
            sheet.paste(image, (column * (CELL + GAP), top))
        top += row[0].height + GAP
    return sheet


def figures(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| photo | PSNR above gray | a\\*b\\* distance, of gray | colorfulness, of truth |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {row.name} | {row.gain:+.1f} dB | {row.distance_ratio:.2f} "
        f"| {row.colorfulness_ratio:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
