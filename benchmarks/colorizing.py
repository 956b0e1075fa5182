"""Coloring photos: one large one, a hundred megapixels' memory, many, and the start from cold.

python benchmarks/colorizing.py [--photos 100]

Each is held against what cannot be left out, decoding and encoding the same file, its pixels, one
photo after another, and the start of Python; and the first photo against importing TensorFlow.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import shared

from colorlab import Colorizer, photos

SIZES = {"usual": (640, 480), "large": (4000, 3000), "huge": (10_000, 10_000)}


def memory(small: Path, huge: Path, out: Path) -> float:
    """How much more memory the huge photo took than the small one, in bytes."""
    colorizer = Colorizer()
    colorizer.colorize_file(small, out, overwrite=True)
    before = shared.peak()
    colorizer.colorize_file(huge, out, overwrite=True)
    return shared.peak() - before


def run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True)


def main() -> None:
    report = partial(shared.compare, slower=True)
    parser = shared.options(__doc__)
    parser.add_argument("--photos", type=int, default=100)
    asked = parser.parse_args()
    print(f"{shared.machine('tensorflow', 'pillow', 'numpy')}\n", flush=True)
    print(shared.heading("what", "colorlab", "against", "ratio"), flush=True)
    with TemporaryDirectory() as temporary:
        usual, large, huge = (Path(temporary) / f"{name}.jpg" for name in SIZES)
        folder, out, many_out = (Path(temporary) / n for n in ("photos", "out.jpg", "many"))
        for path, size in zip((usual, large, huge), SIZES.values(), strict=True):
            shared.make_photo(path, size)
        folder.mkdir()
        for i in range(asked.photos):
            shared.make_photo(folder / f"{i:05d}.jpg", SIZES["usual"], number=i)

        def shell(source: Path) -> None:
            rmtree(many_out, ignore_errors=True)
            run("-m", "colorlab", "colorize", str(source), "--out", str(many_out))

        help_words = "-m", "colorlab", "--help"
        report("`--help`; Python alone", partial(run, *help_words), partial(run, "-c", ""))
        tensorflow = partial(run, "-c", "import tensorflow")
        start, _ = report("first photo; importing TensorFlow", partial(shell, usual), tensorflow)

        colorizer = Colorizer()
        colorizer.colorize(usual)
        report(
            "12 megapixels; reading and writing them",
            lambda: colorizer.colorize_file(large, out, overwrite=True),
            lambda: photos.write(photos.read(large).pixels, out, overwrite=True),
        )

        def one_by_one() -> None:
            rmtree(many_out, ignore_errors=True)
            many_out.mkdir()
            for path in photos.find(folder):
                colorizer.colorize_file(path, many_out / path.name)

        name = f"{asked.photos} photos, start included; one by one, without"
        ours, theirs = report(name, partial(shell, folder), one_by_one)
        ours, theirs = (ours - start) / (asked.photos - 1), theirs / asked.photos
        name = "of those, each after the first; one by one"
        times = shared.duration(ours), shared.duration(theirs)
        print(shared.row(name, *times, shared.spread(ours / theirs)))

        with shared.own_process() as process:
            taken = process.submit(memory, usual, huge, out).result() / 1e6
        pixels = 3 * SIZES["huge"][0] * SIZES["huge"][1] / 1e6
        name = "100 megapixels, memory; their pixels"
        print(shared.row(name, f"{taken:.0f} MB", f"{pixels:.0f} MB", f"{taken / pixels:.2f}"))


if __name__ == "__main__":
    main()
