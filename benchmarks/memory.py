"""Resident memory while batches are read, from a folder and from shards, of more and more photos.

python benchmarks/memory.py

The photos are simulated: ORIGINALS tiny JPEG files, and hard links to them, each with a name of
its own; and a shard of the originals, with hard links to it. To colorlab they are a million files,
or two hundred shards. Each row has a process of its own, on Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from colorlab import photos, shards
from colorlab.datasets import open_crops
from colorlab.errors import ColorlabError

ORIGINALS = 5_000
SIDE = 32  # pixels of a photo, and of a crop
BATCH = 64
HEADER = ("source", "photos", "opened, MB", "first half, MB", "second half, MB")


def resident() -> float:
    """This process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def make_originals(folder: Path, number: int) -> None:
    rng = np.random.default_rng(0)
    folder.mkdir()
    for i in range(number):
        noise = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{i:04d}.jpg")


def link_files(originals: Path, number: int, out: Path) -> None:
    """A folder of that many photos, a thousand in each of its folders."""
    paths = photos.find(originals)
    for i in range(number):
        link = out / f"{i // 1000:04d}" / f"{i:07d}.jpg"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.hardlink_to(paths[i % len(paths)])


def link_shards(originals: Path, number: int, out: Path) -> None:
    """A folder of packed photos, of a multiple of the originals."""
    index = shards.pack(photos.find(originals), out, size=SIDE)
    (shard,) = index["shards"]
    links = [shard | {"file": f"link-{i:05d}"} for i in range(number // index["count"])]
    for link in links:
        (out / link["file"]).hardlink_to(out / shard["file"])
    whole = index | {"files": number, "count": number, "shards": links}
    (out / shards.INDEX).write_text(json.dumps(whole))


SOURCES: dict[str, Callable[[Path, int, Path], None]] = {
    "folder": link_files,
    "shards": link_shards,
}


def measure(originals: Path, place: Path, num_batches: int) -> tuple[float, float, float]:
    """MB more than after some batches of the originals: opened, and at most in either half.

    The halves are of batches around an epoch's end, so that two epochs' orders are in memory.
    """
    for _ in open_crops(originals, size=SIDE, seed=0).batches(BATCH, 0, num_batches):
        pass
    before = resident()
    crops = open_crops(place, size=SIDE, seed=0)
    opened = resident()
    start = max(0, len(crops) // BATCH - num_batches // 2)
    stream = crops.batches(BATCH, start, start + num_batches)
    halves = np.array_split([resident() for _ in stream], 2)
    return opened - before, halves[0].max() - before, halves[1].max() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--batches", type=int, default=1000, help=f"of {BATCH} crops")
    asked = parser.parse_args()
    if len(set(asked.photos)) < 2 or any(n < 1 or n % ORIGINALS for n in asked.photos):
        parser.error(f"--photos expects two or more multiples of {ORIGINALS:,}")
    print(f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}", flush=True)
    slopes = []
    with TemporaryDirectory() as temporary:
        originals = Path(temporary) / "originals"
        make_originals(originals, ORIGINALS)
        for name, link in SOURCES.items():
            ends = []
            for number in asked.photos:
                place = Path(temporary) / f"{name}-{number}"
                link(originals, number, place)
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                    job = process.submit(measure, originals, place, asked.batches)
                    opened, first, second = job.result()
                ends.append((number, second))
                figures = f"{opened:.0f} | {first:.0f} | {second:.0f}"
                print(f"| {name} | {number:,} | {figures} |", flush=True)
            more, megabytes = np.subtract(ends[-1], ends[0])
            slopes.append(f"{name}: {megabytes * 1e6 / more:.0f} bytes for each photo more")
    print("", *slopes, sep="\n")


if __name__ == "__main__":
    try:
        main()
    except ColorlabError as error:
        sys.exit(str(error))
