"""README's pictures and figures: the shipped model on photos that come with scikit-image.

    python docs/make_pictures.py

writes docs/images/hero.jpg, table.jpg and gray.jpg and prints the table of figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from skimage import data

from colorlab import photos
from colorlab.colorizer import Colorizer
from colorlab.evaluation.evaluate import Row, as_gray, average, score

NAMES = ("chelsea", "coffee", "rocket", "astronaut")  # public domain or CC0, and bundled
GRAY = ("camera", "grass", "brick", "coins")  # have no color, so there is no truth to show
OLD = ("chelsea", "astronaut")  # what an old print of them would be
HERO = ("rocket", "chelsea", "camera")
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
    inputs = {name: photos.read(getattr(data, name)()) for name in GRAY}
    inputs |= {f"{name}, as an old print": old_print(grid[name][0]) for name in OLD}
    pairs = {
        name: (Image.fromarray(photo.pixels), colorizer.colorize(photo, keep="luma"))
        for name, photo in inputs.items()
    }
    IMAGES.mkdir(exist_ok=True)
    hero([(grid | pairs)[name][:2] for name in HERO]).save(IMAGES / "hero.jpg", quality=90)
    table(list(grid.values())).save(IMAGES / "table.jpg", quality=88)
    above_below(pairs).save(IMAGES / "gray.jpg", quality=88)
    print(figures([*rows, average(rows)]))


def hero(grid: list[Sequence[Image.Image]], size: int = 392) -> Image.Image:
    """A strip of squares, each cut by a slanted line: gray to its left, colored to its right."""
    strip = Image.new("RGB", (len(grid) * (size + GAP) - GAP, size), PAPER)
    y, x = np.mgrid[:size, :size] - size / 2
    edge = x - 0.24 * y  # pixels to the right of the edge
    colored, line = (
        Image.fromarray(np.uint8(255 * part.clip(0, 1))) for part in (edge + 0.5, 2 - abs(edge))
    )
    for place, pair in enumerate(grid):
        left, right = (ImageOps.fit(image.convert("RGB"), (size, size)) for image in pair)
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


def old_print(gray: Image.Image) -> photos.Photo:
    """Make a scan of an old print of it: soft, flat, grainy, with a border."""
    soft = gray.convert("L").filter(ImageFilter.GaussianBlur(1.5))
    grain = np.random.default_rng(0).normal(0, 12, (soft.height, soft.width))
    flat = (60 + 0.6 * np.asarray(soft) + grain).clip(0, 255).astype(np.uint8)
    return photos.read(ImageOps.expand(Image.fromarray(flat), gray.width // 24, fill=235))


def above_below(pairs: dict[str, tuple[Image.Image, Image.Image]], size: int = 190) -> Image.Image:
    """A column for each photo: its name, input, output."""
    sheet = Image.new("RGB", (len(pairs) * (size + GAP) - GAP, HEADER + 2 * size + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    for column, (name, pair) in enumerate(pairs.items()):
        left = column * (size + GAP)
        draw.text((left + size / 2, HEADER / 2), name, INK, font, anchor="mm")
        for row, image in enumerate(pair):
            square = ImageOps.fit(image.convert("RGB"), (size, size))
            sheet.paste(square, (left, HEADER + row * (size + GAP)))
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
