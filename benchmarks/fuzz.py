"""Broken files by the hundred thousand: what may come back is a photo, or an error of our own.

python benchmarks/fuzz.py [--inputs 100000] [--only read] [--atheris]

Good files of every format are cut, spliced and overwritten at random; `--atheris` lets coverage
choose instead (pip install atheris). An input that breaks a promise is saved in fuzz-failures/.
docs/internals/reliability.md says what was found.
"""

from __future__ import annotations

import hashlib
import io
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tifffile
from PIL import ExifTags, Image
from shared import heading, options, peak, row

from colorlab import photos
from colorlab.data.shards import Shards, pack
from colorlab.errors import ColorlabError
from colorlab.quiet import import_keras

SECONDS = 5  # no answer may take longer
MEMORY = 1e9  # bytes; no answer to a file under 1 MB may take more
FAILURES = Path("fuzz-failures")
Target = Callable[[bytes], None]


def good_photos() -> dict[str, bytes]:
    """A small file of each format and kind that `photos.read` accepts."""
    rng = np.random.default_rng(0)
    rgba = Image.fromarray(rng.integers(0, 256, (12, 16, 4), dtype=np.uint8))
    about = Image.Exif()
    about[ExifTags.Base.Orientation] = 6
    about[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N"}
    exif = about.tobytes()
    deep = Image.fromarray(rng.integers(0, 65536, (12, 16), dtype=np.uint16))
    floats = Image.fromarray(rng.random((12, 16), np.float32))
    rgb, palette = rgba.convert("RGB"), rgba.convert("RGB").quantize(16)
    frames: dict[str, Any] = {"save_all": True, "append_images": [rgb.convert("L").convert("RGB")]}
    kinds: list[tuple[str, Image.Image, dict[str, Any]]] = [
        ("JPEG", rgb, {"exif": exif}),
        ("JPEG", rgb.convert("L"), {"progressive": True}),
        ("JPEG", rgb.convert("CMYK"), {}),
        ("PNG", rgb, {"exif": exif}),
        ("PNG", rgba.convert("LA"), {}),
        ("PNG", palette, {"transparency": 3}),
        ("PNG", deep, {}),
        ("PNG", rgb.convert("1"), {}),
        ("PNG", rgb, frames),
        ("WEBP", rgba, {"lossless": True}),
        ("WEBP", rgb, frames),
        ("TIFF", rgb, {"compression": "tiff_lzw"}),
        ("TIFF", rgb, {"exif": exif}),
        ("TIFF", deep, {}),
        ("TIFF", floats, {}),
        ("TIFF", rgb.convert("1"), {"compression": "group4"}),
        ("TIFF", rgb, frames),
        ("BMP", rgb, {}),
        ("BMP", palette, {}),
        ("BMP", rgba, {}),
        ("GIF", palette, {"transparency": 3}),
        ("GIF", rgb, frames),
        ("AVIF", rgb, {"exif": exif}),
        ("AVIF", rgba, {}),
        ("AVIF", rgb, frames),
        ("MPO", rgb, frames),
        ("PNG", deep, {"transparency": 7}),
    ]
    files = {}
    for number, (file_format, image, how) in enumerate(kinds):
        buffer = io.BytesIO()
        image.save(buffer, file_format, **how)
        files[f"{number:02d}-{image.mode}.{file_format.lower()}"] = buffer.getvalue()
    buffer = io.BytesIO()  # of a kind that Pillow does not decode
    with_alpha = rng.integers(0, 65536, (12, 16, 2), dtype=np.uint16)
    tifffile.imwrite(buffer, with_alpha, photometric="minisblack", extrasamples=["unassalpha"])
    return files | {"gray-alpha-16.tiff": buffer.getvalue()}


def mutated(seed: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """One file after one to six accidents; now and then with a piece of another."""
    data = bytearray(seed)
    for _ in range(rng.integers(1, 7)):
        at = int(rng.integers(0, len(data) + 1))
        length = int(rng.integers(1, 9))
        match rng.integers(0, 7):
            case 0:
                data[at : at + length] = rng.bytes(length)
            case 1:
                if data[at:]:
                    data[at] ^= 1 << int(rng.integers(8))
            case 2:  # lengths and sizes are 2 or 4 bytes, and like to be extreme
                extreme = rng.choice([0, 1, 0x7F, 0xFF])
                data[at : at + length // 2 * 2] = bytes([extreme]) * (length // 2 * 2)
            case 3:
                del data[at : at + int(rng.integers(1, 65))]
            case 4:
                data[at:at] = data[at : at + int(rng.integers(1, 65))]
            case 5:
                start = int(rng.integers(0, len(other)))
                data[at:at] = other[start : start + int(rng.integers(1, 129))]
            case _:
                if rng.random() < 0.2:
                    del data[at:]
    return bytes(data)


def read(data: bytes) -> None:
    """`photos.read` of bytes, and its promises."""
    photo = photos.read(data)
    height, width, channels = photo.pixels.shape
    assert channels == 3 and photo.pixels.dtype == np.uint8, "pixels are not (H, W, 3) uint8"
    assert 0 < height * width <= photos.MAX_PIXELS, "there are no pixels, or too many"
    assert photo.alpha is None or photo.alpha.shape == (height, width), "alpha has another shape"
    assert photo.gray.shape == (height, width, 1), "gray has another shape"


def colorize_file(folder: Path) -> Target:
    """`Colorizer.colorize_file` without a network, from a file to a file."""
    from colorlab import Colorizer, PolarChroma
    from colorlab.model.network import Network

    colorizer = Colorizer.__new__(Colorizer)
    colorizer.side = 32
    colorizer.space = PolarChroma
    colorizer._network = Network(
        lambda both: [np.full((*both.shape[:3], 2), 0.1, np.float32)],
        size=(None, None),
        multiple=16,
        space=PolarChroma,
        colors=None,
    )
    source = folder / "source.jpg"

    def target(data: bytes) -> None:
        source.write_bytes(data)
        before = set(folder.iterdir())
        suffix = (".jpg", ".png", ".webp", ".tif", ".bmp")[len(data) % 5]
        out = folder / f"out{suffix}"
        try:
            colorizer.colorize_file(source, out)
            assert photos.read(out).pixels.shape == photos.read(source).pixels.shape, "other size"
        finally:
            out.unlink(missing_ok=True)
            assert set(folder.iterdir()) == before, "something was left behind"

    return target


def read_shards(folder: Path) -> Target:
    """Opening packed photos whose index or shard is broken, and reading all of them."""
    originals, packed = folder / "originals", folder / "packed"
    originals.mkdir()
    for name, data in good_photos().items():
        if name.endswith(".jpeg"):
            (originals / name).write_bytes(data)
    pack(photos.find(originals), packed)
    good = {path.name: path.read_bytes() for path in packed.iterdir()}

    def target(data: bytes) -> None:
        index = data[:1] == b"i"
        name, rest = ("index.json", data[1:]) if index else ("shard-00000.tfrecord", data)
        try:
            (packed / name).write_bytes(rest)
            shards = Shards(packed)
            for i in range(len(shards)):
                photos.read(shards[i])
        finally:
            (packed / name).write_bytes(good[name])

    target.seeds = {"index": b"i" + good["index.json"], "shard": good["shard-00000.tfrecord"]}  # type: ignore[attr-defined]
    return target


def load_model(folder: Path) -> Target:
    """`Colorizer.load` of a small generator's broken `.keras` file."""
    import_keras()
    from colorlab import Colorizer
    from colorlab.model import presets

    path = folder / "model.keras"
    Colorizer(presets.get("toy").generator(64)).save(path)
    good = path.read_bytes()

    def target(data: bytes) -> None:
        path.write_bytes(data)
        Colorizer.load(path)

    target.seeds = {"model": good}  # type: ignore[attr-defined]
    return target


# How much dearer an input is than one of `read`: so many fewer are tried.
TARGETS: dict[str, tuple[int, Callable[[Path], Target]]] = {
    "read": (1, lambda folder: read),
    "colorize_file": (10, colorize_file),
    "shards": (10, read_shards),
    "model": (500, load_model),
}


class TooSlow(Exception):
    """Raised by the alarm."""


def answer(target: Target, data: bytes, seconds: int = SECONDS) -> str:
    """What became of one input: "ok", "refused", or what is wrong."""

    def alarm(*_: object) -> None:
        raise TooSlow

    Path("/proc/self/clear_refs").write_text("5")  # the peak is what there is now
    before, begin = peak(), time.perf_counter()
    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(seconds)
    try:
        target(data)
        kind = "ok"
    except ColorlabError as error:
        kind = "refused" if "\n" not in str(error) else f"an error of two lines: {error}"
    except Exception as error:
        kind = f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    if time.perf_counter() - begin > seconds:
        kind = f"it took longer than {seconds} s"
    if len(data) < 1e6 and peak() - before > MEMORY:
        kind = "it took more than 1 GB"
    return kind


def fuzz(name: str, count: int, folder: Path) -> Counter[str]:
    """Try so many inputs, good files first → how many had which answer. Bad ones are saved."""
    target, rng = TARGETS[name][1](folder), np.random.default_rng(0)
    files = list(getattr(target, "seeds", good_photos()).values())
    answers: Counter[str] = Counter()
    for number in range(count):
        first, second = rng.integers(0, len(files), 2)
        good = number < len(files)
        data = files[number] if good else mutated(files[first], files[second], rng)
        kind = answer(target, data)
        answers[kind] += 1
        if kind not in ("ok", "refused") and answers[kind] <= 3:
            FAILURES.mkdir(exist_ok=True)
            digest = hashlib.sha256(data).hexdigest()[:12]
            (FAILURES / f"{name}-{digest}").write_bytes(data)
            print(f"{name}-{digest}: {kind}", flush=True)
    return answers


def guided(count: int) -> None:
    """The same promises of `read`, with inputs chosen by atheris from what they reach."""
    import atheris  # type: ignore[import-untyped]

    atheris.instrument_all()

    def one(data: bytes) -> None:
        assert (kind := answer(read, data)) in ("ok", "refused"), kind

    with TemporaryDirectory() as corpus:
        for name, data in good_photos().items():
            (Path(corpus) / name).write_bytes(data)
        atheris.Setup([sys.argv[0], f"-runs={count}", "-max_len=4096", corpus], one)
        atheris.Fuzz()


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--only", choices=TARGETS)
    parser.add_argument("--atheris", action="store_true")
    asked = parser.parse_args()
    if asked.atheris:
        guided(asked.inputs)
        return
    print(heading("what", "inputs", "a photo", "refused", "broke a promise"))
    bad = 0
    for name, (dearer, _) in TARGETS.items():
        if asked.only in (None, name):
            with TemporaryDirectory() as folder:
                answers = fuzz(name, asked.inputs // dearer, Path(folder))
            total, ok, refused = answers.total(), answers["ok"], answers["refused"]
            bad += total - ok - refused
            counts = (f"{each:,}" for each in (total, ok, refused, total - ok - refused))
            print(row(name, *counts), flush=True)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
