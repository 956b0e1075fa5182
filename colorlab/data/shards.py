"""A million photos in a few large files, each resized once.

OUT/index.json            what was asked for, what is in each shard, and what was skipped
OUT/shard-00000.tfrecord  photos in random order, a JPEG file each, and so on

A record is the bytes of a JPEG file and no `tf.train.Example`: what `tf.data.TFRecordDataset` reads
from a shard, `tf.io.decode_jpeg` takes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from PIL import Image

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.errors import ColorlabError, PhotoError
from colorlab.progress import track

INDEX = "index.json"
FORMAT = "colorlab shards 1"  # what an index of ours says it is
SHARD_BYTES = 150_000_000  # no shard is larger, except for a single photo that is
QUALITY = 95  # of JPEG, without color subsampling
JPEG_SIDE = 65_500  # pixels; libjpeg writes no longer one
AHEAD = 64  # photos that may wait, packed, for the one before them

Index = dict[str, Any]


def pack(
    paths: Sequence[Path], out: str | os.PathLike[str], *, size: int = 256, seed: int = 0
) -> Index:
    """Pack photos into shards, in random order. No photo is changed or deleted.

    A pack that was stopped goes on when it is called again with the same arguments, to the same
    bytes. Files that cannot be read, and photos without color, are skipped and named in the index.

    Args:
        paths: the photos, as `photos.find` lists them.
        out: the folder for the shards: a new one, an empty one, or one where a pack was stopped.
        size: a larger photo's short side becomes that many pixels. Training cuts its crops from 60
            to 100 % of the short side: at 5/3 of a crop's size none has to be enlarged.
        seed: of the order.

    Returns:
        The index: "count" photos in "shards", and why others were "skipped".

    Raises:
        ColorlabError: `out` holds a finished pack, one of other photos or with other settings, or
            other files; or it cannot be written to; or the pack was stopped by Ctrl-C.
        PhotoError: there is no photo with color that can be read.
    """
    out = Path(out)
    for name, number, least in (("size", size, 1), ("seed", seed, 0)):
        if number < least:
            raise ColorlabError(f"{name} is {number}; expected {least} or more.")
    listed = hashlib.sha256()
    for path in paths:
        listed.update(os.fsencode(path) + b"\n")
    asked = {
        "format": FORMAT,
        "size": size,
        "seed": seed,
        "quality": QUALITY,
        "shard_bytes": SHARD_BYTES,
        "files": len(paths),
        "list": listed.hexdigest()[:16],
    }
    order = np.random.default_rng(seed).permutation(len(paths))
    frames: list[bytes] = []
    length = 0
    try:
        index = _begun(out, asked)
        done = _done(index)
        rest = (paths[i] for i in order[done:])
        with closing(_ahead(rest, size)) as packed:
            for photo in track(packed, "Packing", len(paths), done):
                try:
                    frame = photo.result()
                except PhotoError as error:
                    index["skipped"].append(str(error))
                    continue
                if frames and length + len(frame) > SHARD_BYTES:
                    _keep(out, index, frames)
                    frames, length = [], 0
                frames.append(frame)
                length += len(frame)
        if not frames and not index["shards"]:
            reason = index["skipped"][0]
            raise PhotoError(
                f"None of the {len(paths)} files is a color photo. The first: {reason}"
            )
        _keep(out, index, frames)
    except KeyboardInterrupt:
        raise ColorlabError("Stopped; the same command goes on where it was.") from None
    except OSError as error:
        raise ColorlabError(
            f"{out} cannot be written to ({error.strerror}); once it can, the same command goes on."
        ) from error
    return index


class Shards:
    """Packed photos, to be read in any order and from several threads at once.

    `shards[i]` is photo i, the bytes of a JPEG file, which `photos.read` takes. A PhotoError names
    the shard and the record if they are not as they were written.

    Attributes:
        counts: how many photos are in each shard.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Open the folder that `pack` wrote.

        Raises:
            ColorlabError: it was not packed to its end, or a shard is missing or has another size.
        """
        folder = Path(folder)
        index = read_index(folder)
        if _done(index) < index["files"]:
            raise ColorlabError(
                f"{folder} is not packed to its end; the same pack command as before goes on."
            )
        shards = index["shards"]
        self._paths: list[Path] = [folder / shard["file"] for shard in shards]
        for path, shard in zip(self._paths, shards, strict=True):
            if not path.is_file() or path.stat().st_size != shard["bytes"]:
                raise ColorlabError(
                    f"{path} is missing or has another size than when it was packed; copy it "
                    "again, or pack the photos again."
                )
        self.counts: list[int] = [shard["count"] for shard in shards]
        self._firsts = np.cumsum([0, *self.counts])
        # Where each record begins, as if the shards lay end to end.
        lengths = [np.asarray(shard["lengths"]) for shard in shards]
        self._begins = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])

    def __len__(self) -> int:
        """How many photos there are."""
        return len(self._begins) - 1

    def __getitem__(self, i: int) -> bytes:
        """Photo i as JPEG."""
        begin, end = self._begins[i], self._begins[i + 1]
        shard = np.searchsorted(self._firsts, i, side="right") - 1
        path, first = self._paths[shard], self._firsts[shard]
        try:
            with path.open("rb") as file:
                file.seek(begin - self._begins[first])
                frame = file.read(end - begin)
            record = frame[12:-4]
            if frame == framed(record):
                return record
            reason = "damaged"
        except OSError as error:
            reason = f"not to be read ({error.strerror})"
        raise PhotoError(f"{path}: record {i - first} is {reason}; pack the photos again")


def is_packed(folder: str | os.PathLike[str]) -> bool:
    """Whether the folder holds shards, or some of them."""
    return (Path(folder) / INDEX).is_file()


def read_index(folder: Path) -> Index:
    """What `pack` wrote about that folder.

    Raises:
        ColorlabError: `pack` did not write it.
    """
    try:
        index: Index = json.loads((folder / INDEX).read_text())
        whole = isinstance(index["count"] + len(index["skipped"]) + index["files"], int) and all(
            isinstance(shard["file"], str)
            and shard["count"] == len(shard["lengths"])
            and shard["bytes"] == sum(shard["lengths"])
            and min(shard["lengths"]) > 0
            for shard in index["shards"]
        )
        if index["format"] == FORMAT and whole:
            return index
    except (OSError, ValueError, TypeError, KeyError):
        pass
    raise ColorlabError(
        f"{folder / INDEX} is not what colorlab pack writes ({FORMAT}); pack the photos again, or "
        "move the file away if the folder holds photos that are not packed."
    )


def framed(record: bytes) -> bytes:
    """A record as a TFRecord file has it: its length and itself, each with its checksum.

    Source: tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details".
    """
    length = struct.pack("<Q", len(record))
    return length + _checksum(length) + record + _checksum(record)


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    # Masked: a checksum of data that hold their own checksum would say little.
    return struct.pack("<I", (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF)


def verify(folder: str | os.PathLike[str]) -> list[str]:
    """The names of the shards that are missing, or not as they were written.

    Raises:
        ColorlabError: the folder has no index that `pack` wrote.
    """
    folder = Path(folder)
    bad = []
    for shard in track(read_index(folder)["shards"], "Verifying"):
        try:
            with (folder / shard["file"]).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            digest = ""
        if digest != shard["sha256"]:
            bad.append(shard["file"])
    return bad


def _packed(path: Path, size: int) -> bytes:
    photo = photos.read(path)
    photos.require_color(photo, path)
    image = Image.fromarray(photo.pixels)
    scale = min(1.0, size / min(image.size))
    width, height = (max(1, round(scale * side)) for side in image.size)
    if max(width, height) > JPEG_SIDE:
        raise PhotoError(f"{path}: {width}×{height} pixels are too long for a JPEG; crop it")
    buffer = io.BytesIO()
    resized = image.resize((width, height), Image.Resampling.LANCZOS)
    resized.save(buffer, "JPEG", quality=QUALITY, subsampling="4:4:4")
    return framed(buffer.getvalue())


def _ahead(paths: Iterable[Path], size: int) -> Generator[Future[bytes], None, None]:
    """The photos' frames in order, made by threads, and never more than AHEAD of them."""
    waiting: deque[Future[bytes]] = deque()
    pool = ThreadPoolExecutor()
    try:
        for path in paths:
            waiting.append(pool.submit(_packed, path, size))
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting
    finally:
        pool.shutdown(cancel_futures=True)


def _begun(out: Path, asked: Index) -> Index:
    """The index of a new pack, or of the one that stopped here."""
    if is_packed(out):
        index = read_index(out)
        if _done(index) == index["files"]:
            raise ColorlabError(f"{out} holds packed photos already; choose another folder.")
        other = [name for name in asked if index[name] != asked[name]]
        if other:
            differences = ", ".join(f"{name} {index[name]}, not {asked[name]}" for name in other)
            raise ColorlabError(
                f"{out} was begun with {differences}; pack as before, or choose another folder."
            )
        return index
    out.mkdir(parents=True, exist_ok=True)
    if any(path.name != f"partial-{INDEX}" for path in out.iterdir()):
        raise ColorlabError(f"{out} holds other files; choose a new folder.")
    index = asked | {"count": 0, "skipped": [], "shards": []}
    _keep(out, index, [])
    return index


def _done(index: Index) -> int:
    """How many files of the list are packed or skipped."""
    return int(index["count"]) + len(index["skipped"])


def _keep(out: Path, index: Index, frames: list[bytes]) -> None:
    """Write a shard, if there is something in it, and then the index that knows it."""
    if frames:
        name = f"shard-{len(index['shards']):05d}.tfrecord"
        digest = hashlib.sha256()
        with replacing(out / name) as partial, partial.open("wb") as file:
            for frame in frames:
                file.write(frame)
                digest.update(frame)
        index["count"] += len(frames)
        lengths = [len(frame) for frame in frames]
        index["shards"].append(
            {
                "file": name,
                "count": len(frames),
                "bytes": sum(lengths),
                "sha256": digest.hexdigest(),
                "lengths": lengths,
            }
        )
    with replacing(out / INDEX) as partial:
        partial.write_text(json.dumps(index) + "\n")
