"""Coloring photos: one large one, a hundred megapixels' memory, many, and the start from cold.

python benchmarks/colorizing.py [--photos 100]

Each is held against what cannot be left out: decoding and encoding the same file, its pixels, one
photo after another, and the start of Python and TensorFlow.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from pairs import duration, in_turns, machine, peak, seconds, spread
from PIL import Image

from colorlab import photos
from colorlab.data.toyworld import scenes

LARGE = (4000, 3000)  # 12 megapixels
HUGE = (10_000, 10_000)
USUAL = (640, 480)

Figures = NDArray[np.float64]


def make_photo(path: Path, size: tuple[int, int], number: int = 0) -> None:
    """A painted scene with grain; without that, it would have half of a real photo's bytes."""
    image = Image.fromarray(scenes(1, size=256, seed=number)[0]).resize(size)
    grain = np.random.default_rng(number).normal(0, 8, (size[1], size[0], 1)).astype(np.float32)
    pixels = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=90)


def memory(small: Path, huge: Path, out: Path) -> float:
    """How much more memory the huge photo took than the small one, in bytes."""
    from colorlab import Colorizer

    colorizer = Colorizer()
    colorizer.colorize_file(small, out, overwrite=True)
    before = peak()
    colorizer.colorize_file(huge, out, overwrite=True)
    return peak() - before


def run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, default=100)
    asked = parser.parse_args()
    print(f"{machine('tensorflow', 'pillow', 'numpy')}\n", flush=True)
    print("| what | colorlab | against | ratio |\n|---|---:|---:|---:|", flush=True)
    with TemporaryDirectory() as temporary:
        folder, out = Path(temporary) / "photos", Path(temporary) / "out.jpg"
        many_out = Path(temporary) / "many"
        folder.mkdir()
        usual, large, huge = (Path(temporary) / f"{n}.jpg" for n in ("usual", "large", "huge"))
        for path, size in ((usual, USUAL), (large, LARGE), (huge, HUGE)):
            make_photo(path, size)
        for i in range(asked.photos):
            make_photo(folder / f"{i:05d}.jpg", USUAL, number=i)

        Work = Callable[[], object]

        def report(name: str, ours: Work, theirs: Work) -> tuple[Figures, Figures]:
            ways = {"ours": partial(seconds, ours), "theirs": partial(seconds, theirs)}
            figures = in_turns(ways)
            ratio = spread(np.divide(figures["ours"], figures["theirs"]))
            times = [duration(each) for each in figures.values()]
            print(f"| {name} | {' | '.join(times)} | {ratio} |", flush=True)
            return np.array(figures["ours"]), np.array(figures["theirs"])

        begin = ["-m", "colorlab"]
        report("`--help`; Python alone", partial(run, *begin, "--help"), partial(run, "-c", ""))

        def first() -> None:
            rmtree(many_out, ignore_errors=True)
            run(*begin, "colorize", str(usual), "--out", str(many_out))

        name = "first photo; importing TensorFlow"
        start, _ = report(name, first, partial(run, "-c", "import tensorflow"))

        from colorlab import Colorizer

        colorizer = Colorizer()
        colorizer.colorize(usual)
        report(
            "12 megapixels; reading and writing them",
            lambda: colorizer.colorize_file(large, out, overwrite=True),
            lambda: photos.write(photos.read(large).pixels, out, overwrite=True),
        )

        def together() -> None:
            rmtree(many_out, ignore_errors=True)
            run(*begin, "colorize", str(folder), "--out", str(many_out))

        def one_by_one() -> None:
            rmtree(many_out, ignore_errors=True)
            many_out.mkdir()
            for path in photos.find(folder):
                colorizer.colorize_file(path, many_out / path.name)

        name = f"{asked.photos} photos, start included; one by one, without"
        ours, theirs = report(name, together, one_by_one)
        ours, theirs = (ours - start) / (asked.photos - 1), theirs / asked.photos
        cells = duration(ours), duration(theirs), spread(ours / theirs)
        print(f"| of those, each after the first; one by one | {' | '.join(cells)} |")

        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            taken = process.submit(memory, usual, huge, out).result()
        pixels = 3 * HUGE[0] * HUGE[1]
        sizes = f"{taken / 1e6:.0f} MB | {pixels / 1e6:.0f} MB | {taken / pixels:.2f}"
        print(f"| 100 megapixels, memory; their pixels | {sizes} |")


if __name__ == "__main__":
    main()
