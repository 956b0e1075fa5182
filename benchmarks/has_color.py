"""How often a color photo is taken for black-and-white, and a toned one for a color photo.

python benchmarks/has_color.py FOLDER

FOLDER, or a keep list, names color photos. Their toned versions are made here.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps
from shared import heading, row

from colorlab import photos
from colorlab.color import tone

Change = Callable[[Image.Image], Image.Image]
Distances = list[tuple[NDArray[Any], NDArray[Any]]]
FEW = (0.01, 0.02, 0.03, 0.05)
STRAY = (7, 8, 9, 10, 11, 12, 14)
# The matrix of CSS's filter effects, for gray: red and green are full long before white.
SEPIA = (1.351, 0, 0, 0, 0, 1.203, 0, 0, 0, 0, 0.937, 0)


def curve(*stops: tuple[int, int, int]) -> Change:
    """A tone that goes from the first color in black to the last in white, by equal steps."""
    light = np.linspace(0, 255, len(stops))
    table = np.stack([np.interp(np.arange(256), light, each) for each in np.transpose(stops)], -1)
    return lambda gray: Image.fromarray(table.round().astype(np.uint8)[np.asarray(gray)])


def noisy(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 3, (image.height, image.width, 3))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def stamped(image: Image.Image) -> Image.Image:
    copy, place = image.copy(), (0.6 * image.width, 0.85 * image.height)
    ImageDraw.Draw(copy).text(place, "12 7 '61", fill=(255, 120, 20), font_size=image.height / 20)
    return copy


def saved(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=75, subsampling="4:2:0")
    return Image.open(file)


TONES: dict[str, Change] = {
    "neutral": curve((0, 0, 0), (255, 255, 255)),
    "faded": curve((70, 55, 45), (150, 130, 105), (235, 220, 185)),
    "split": curve((10, 15, 50), (125, 125, 125), (255, 245, 200)),
    "cyanotype": curve((5, 25, 60), (50, 110, 160), (235, 245, 245)),
    "sepia": lambda gray: gray.convert("RGB").convert("RGB", SEPIA),
}
CHANGES: dict[str, Change] = {
    "as it is": lambda image: image,
    "stamp": stamped,
    "frame": lambda image: ImageOps.expand(image, image.height // 16, (140, 30, 40)),
    "noise": noisy,
    "JPEG": saved,
    "noise, stamp, JPEG": lambda image: saved(stamped(noisy(image))),
}


def in_color(each: Distances, stray: float, few: float) -> float:
    """Percent of photos that are color photos by these numbers, as `tone.has_color` says."""
    shares = [max((away > stray).mean(), (far > tone.STRONG).mean()) for away, far in each]
    return 100 * float(np.mean(np.array(shares) > few))


def main() -> None:
    truths = [photos.read(path) for path in photos.find(sys.argv[1])]
    color = [tone.distances(photo.pixels) for photo in truths]
    grays = [photo.image.convert("L") for photo in truths]
    toned: dict[tuple[str, str], Distances] = {
        (name, how): [tone.distances(np.asarray(CHANGES[how](TONES[name](gray)))) for gray in grays]
        for name, how in product(TONES, CHANGES)
    }
    every = [each for some in toned.values() for each in some]
    print(f"Percent of {len(color)} color photos that are taken for black-and-white, and of")
    print(f"{len(every)} toned ones that are taken for color photos, by FEW and STRAY:\n")
    print(heading("FEW, STRAY", *STRAY))
    for few in FEW:
        pairs = [(100 - in_color(color, s, few), in_color(every, s, few)) for s in STRAY]
        print(row(f"{few:.0%}", *(f"{gray:.1f}, {lost:.1f}" for gray, lost in pairs)))
    print("\nPercent of toned ones that are taken for color photos, as it is set:\n")
    print(heading("tone", *CHANGES))
    for name in TONES:
        taken = [in_color(toned[name, how], tone.STRAY, tone.FEW) for how in CHANGES]
        print(row(name, *(f"{percent:.1f}" for percent in taken)))
    gray = ", ".join(photo.name for photo in truths if not photo.has_color)
    print(f"\nColor photos that are taken for black-and-white: {gray}")


if __name__ == "__main__":
    main()
