"""Resident memory while batches are read, and while a folder is checked, of more and more photos.

python benchmarks/memory.py

Photos to read from are simulated: ORIGINALS tiny JPEG files, and hard links to them, each with a
name of its own; and a shard of the originals, with hard links to it. To colorlab they are a million
files, or two hundred shards. Photos to check are all painted: links would be duplicates, of which
nothing is left to be compared. Each row has a process of its own, on Linux.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from shared import heading, options, own_process, row

from colorlab import photos
from colorlab.data import shards
from colorlab.data.crops import open_crops
from colorlab.data.inspection import check
from colorlab.quiet import import_keras

ORIGINALS = 5_000
SIDE = 32  # pixels of a photo, and of a crop
BATCH = 64
TICK = 0.005  # seconds between two looks at the memory of a check

Figures = tuple[float | None, float, float]


def resident() -> float:
    """This process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def new_files(out: Path, number: int) -> Iterator[Path]:
    """Names for that many photos, a thousand in each of the folder's folders."""
    for i in range(number):
        path = out / f"{i // 1000:04d}" / f"{i:07d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path


def make_originals(out: Path, number: int) -> None:
    rng = np.random.default_rng(0)
    for path in new_files(out, number):
        noise = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)


def link_files(originals: Path, number: int, out: Path) -> None:
    """A folder of that many photos."""
    for link, original in zip(new_files(out, number), cycle(photos.find(originals)), strict=False):
        link.hardlink_to(original)


def link_shards(originals: Path, number: int, out: Path) -> None:
    """A folder of packed photos, of a multiple of the originals."""
    index = shards.pack(photos.find(originals), out, size=SIDE)
    (shard,) = index["shards"]
    links = [shard | {"file": f"link-{i:05d}"} for i in range(number // index["count"])]
    for link in links:
        (out / link["file"]).hardlink_to(out / shard["file"])
    whole = index | {"files": number, "count": number, "shards": links}
    (out / shards.INDEX).write_text(json.dumps(whole))


def measure_batches(originals: Path, place: Path, num_batches: int) -> Figures:
    """MB more than after some batches of the originals: opened, and at most in either half.

    The halves are of batches around an epoch's end, so that two epochs' orders are in memory.
    """
    import_keras()
    for _ in open_crops(originals, size=SIDE, seed=0).batches(BATCH, 0, num_batches):
        pass
    before = resident()
    crops = open_crops(place, size=SIDE, seed=0)
    opened = resident()
    start = max(0, len(crops) // BATCH - num_batches // 2)
    stream = crops.batches(BATCH, start, start + num_batches)
    halves = np.array_split([resident() for _ in stream], 2)
    return opened - before, halves[0].max() - before, halves[1].max() - before


def measure_check(originals: Path, place: Path, _: int) -> Figures:
    """MB more than after a check of the originals: at most in either half of the time it takes."""
    reports = [place.with_name(f"{place.name}-{name}.csv") for name in ("first", "report")]
    with ThreadPoolExecutor(1) as thread:
        thread.submit(check, originals, reports[0], min_size=SIDE).result()
        seen = [resident()]
        job = thread.submit(check, place, reports[1], min_size=SIDE)
        while not job.done():
            time.sleep(TICK)
            seen.append(resident())
    job.result()
    halves = np.array_split(seen, 2)
    return None, halves[0].max() - seen[0], halves[1].max() - seen[0]


# What makes the photos, and what measures how they are read.
SOURCES = {
    "folder": (link_files, measure_batches),
    "shards": (link_shards, measure_batches),
    "check": (lambda _, number, out: make_originals(out, number), measure_check),
}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--batches", type=int, default=1000, help=f"of {BATCH} crops")
    asked = parser.parse_args()
    if len(set(asked.photos)) < 2 or any(n < 1 or n % ORIGINALS for n in asked.photos):
        parser.error(f"--photos expects two or more multiples of {ORIGINALS:,}")
    columns = "source", "photos", "opened, MB", "first half, MB", "second half, MB"
    print(heading(*columns), flush=True)
    slopes = []
    with TemporaryDirectory() as temporary:
        originals = Path(temporary) / "originals"
        make_originals(originals, ORIGINALS)
        for name, (make, measure) in SOURCES.items():
            ends = []
            for number in asked.photos:
                place = Path(temporary) / f"{name}-{number}"
                make(originals, number, place)
                with own_process() as process:
                    figures = process.submit(measure, originals, place, asked.batches).result()
                ends.append((number, figures[-1]))
                shown = ["–" if figure is None else f"{figure:.0f}" for figure in figures]
                print(row(name, f"{number:,}", *shown), flush=True)
            more, megabytes = np.subtract(ends[-1], ends[0])
            slopes.append(f"{name}: {megabytes * 1e6 / more:.0f} bytes for each photo more")
    print("", *slopes, sep="\n")


if __name__ == "__main__":
    main()
