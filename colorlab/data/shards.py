"""Pack a million photos into a few large files, each photo resized once.

OUT/index.json            the settings, the contents of each shard, and the skipped files
OUT/shard-00000.tfrecord  photos in random order, each a JPEG file; then shard-00001, and so on

A record is the bytes of a JPEG file, not a `tf.train.Example`. `tf.data.TFRecordDataset` reads
records from a shard, and `tf.io.decode_jpeg` decodes them.
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
from contextlib import closing, suppress
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
FORMAT = "colorlab shards 1"  # marks an index that `pack` wrote
SHARD_BYTES = 150_000_000  # no shard is larger, unless a single photo is
QUALITY = 95  # JPEG quality, without color subsampling
JPEG_SIDE = 65_500  # pixels; libjpeg cannot write a longer side
AHEAD = 64  # packed photos that may wait for the one before them

Index = dict[str, Any]


def pack(
    paths: Sequence[Path], out: str | os.PathLike[str], *, size: int = 256, seed: int = 0
) -> Index:
    """Pack photos into shards, in random order. No photo is changed or deleted.

    A pack that was stopped continues when it is called again with the same arguments, and ends with
    the same bytes. Files that cannot be read, and photos without color, are skipped and named in
    the index.

    Args:
        paths: the photos, as `photos.find` lists them.
        out: the folder for the shards: a new one, an empty one, or one where a pack was stopped.
        size: a larger photo is reduced to a short side of this many pixels. Training cuts crops of
            60 to 100 % of the short side, so with 5/3 of the crops' size none has to be enlarged.
        seed: seed of the random order.

    Returns:
        The index: "count" photos are in "shards", and "skipped" says why others are not.

    Raises:
        ColorlabError: if `size` is below 1 or `seed` below 0; `out` holds a finished pack, one of
            other photos or with other settings, or other files; `out` cannot be written; or Ctrl-C
            stopped the pack.
        PhotoError: if no photo can be read and has color.
    """
    out = Path(out)
    for name, number, least in (("size", size, 1), ("seed", seed, 0)):
        if number < least:
            raise ColorlabError(f"{name} is {number}; expected {least} or more.")
    listed = hashlib.sha256()
    for path in paths:
        listed.update(os.fsencode(path) + b"\n")
    asked: Index = {"format": FORMAT, "size": size, "seed": seed, "quality": QUALITY}
    asked |= {"shard_bytes": SHARD_BYTES, "files": len(paths), "list": listed.hexdigest()[:16]}
    order = np.random.default_rng(seed).permutation(len(paths))
    frames: list[bytes] = []
    length = 0
    try:
        index = _begun(out, asked)
        done = _done(index)
        with closing(_ahead((paths[i] for i in order[done:]), size)) as packed:
            for photo in track(packed, "Packing", len(paths), done):
                try:
                    frame = photo.result()
                except PhotoError as error:
                    index["skipped"].append(str(error))
                    continue
                if frames and length + len(frame) > SHARD_BYTES:
                    _save(out, index, frames)
                    frames, length = [], 0
                frames.append(frame)
                length += len(frame)
        if not frames and not index["shards"]:
            first = index["skipped"][0]
            raise PhotoError(f"None of the {len(paths)} files is a color photo. The first: {first}")
        _save(out, index, frames)
    except KeyboardInterrupt:
        raise ColorlabError("Stopped; run the same command again to continue.") from None
    except OSError as error:
        raise ColorlabError(
            f"{out} cannot be written ({error.strerror}); fix that, and run the same command again "
            "to continue."
        ) from error
    return index


class Shards:
    """Packed photos, which can be read in any order and from several threads at once.

    `shards[i]` is photo i, the bytes of a JPEG file, which `photos.read` accepts. If a record is
    damaged or cannot be read, a PhotoError names it and its shard. `counts` lists the number of
    photos in each shard.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Open the folder that `pack` wrote.

        Raises:
            ColorlabError: if the pack is not finished, or a shard is missing or has another size.
        """
        folder = Path(folder)
        index = read_index(folder)
        if _done(index) < index["files"]:
            raise ColorlabError(
                f"{folder} is only partly packed; run the same pack command again to continue."
            )
        shards = index["shards"]
        self._paths: list[Path] = [folder / shard["file"] for shard in shards]
        for path, shard in zip(self._paths, shards, strict=True):
            if not path.is_file() or path.stat().st_size != shard["bytes"]:
                raise ColorlabError(
                    f"{path} is missing or has changed in size; copy or pack the photos again."
                )
        self.counts: list[int] = [shard["count"] for shard in shards]
        self._firsts = np.cumsum([0, *self.counts])
        # Where each record begins, as if the shards lay end to end.
        lengths = [np.asarray(shard["lengths"]) for shard in shards]
        self._begins = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])

    def __len__(self) -> int:
        """The number of photos."""
        return len(self._begins) - 1

    def __getitem__(self, i: int) -> bytes:
        """Photo i as the bytes of a JPEG file."""
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
            reason = f"unreadable ({error.strerror})"
        raise PhotoError(f"{path}: record {i - first} is {reason}; pack the photos again")


def is_packed(folder: str | os.PathLike[str]) -> bool:
    """Whether the folder holds shards, all or some of them."""
    return (Path(folder) / INDEX).is_file()


def read_index(folder: Path) -> Index:
    """Read the index of a folder. A ColorlabError is raised if `pack` did not write it."""
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
        f"{folder / INDEX} is not the index of packed photos ({FORMAT}); pack the photos again, or "
        "move the file away if this is a folder of ordinary photos."
    )


def framed(record: bytes) -> bytes:
    """Frame a record for a TFRecord file: its length and its bytes, each with a checksum.

    Source: tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details".
    """
    length = struct.pack("<Q", len(record))
    return length + _checksum(length) + record + _checksum(record)


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    # Masked, because a checksum of data that contain their own checksum says little.
    return struct.pack("<I", (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF)


def verify(folder: str | os.PathLike[str]) -> list[str]:
    """List the names of the shards that are missing, or not as `pack` wrote them.

    Raises:
        ColorlabError: if the folder has no index that `pack` wrote.
    """
    folder = Path(folder)
    bad = []
    for shard in track(read_index(folder)["shards"], "Verifying"):
        digest = ""
        with suppress(OSError), (folder / shard["file"]).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
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
        raise PhotoError(f"{path}: is {width}×{height} pixels, too long for a JPEG; crop it")
    buffer = io.BytesIO()
    resized = image.resize((width, height), Image.Resampling.LANCZOS)
    resized.save(buffer, "JPEG", quality=QUALITY, subsampling="4:4:4")
    return framed(buffer.getvalue())


def _ahead(paths: Iterable[Path], size: int) -> Generator[Future[bytes], None, None]:
    """Yield the photos' frames in order; threads make them, at most AHEAD in advance."""
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
    """The index of a new pack, or of the one that was stopped here."""
    if is_packed(out):
        index = read_index(out)
        if _done(index) == index["files"]:
            raise ColorlabError(f"{out} already holds packed photos; choose another folder.")
        if other := [f"{k} {index[k]}, not {asked[k]}" for k in asked if index[k] != asked[k]]:
            raise ColorlabError(
                f"{out} was started with other photos or settings ({'; '.join(other)}); use the "
                "same again, or choose another folder."
            )
        return index
    out.mkdir(parents=True, exist_ok=True)
    if any(path.name != f"partial-{INDEX}" for path in out.iterdir()):
        raise ColorlabError(f"{out} holds other files; choose a new or an empty folder.")
    index = asked | {"count": 0, "skipped": [], "shards": []}
    _save(out, index, [])
    return index


def _done(index: Index) -> int:
    """The number of files that are packed or skipped so far."""
    return int(index["count"]) + len(index["skipped"])


def _save(out: Path, index: Index, frames: list[bytes]) -> None:
    """Write a shard, unless it is empty, and then the index that lists it."""
    if frames:
        shard: Index = {"file": f"shard-{len(index['shards']):05d}.tfrecord", "count": len(frames)}
        digest = hashlib.sha256()
        with replacing(out / shard["file"]) as partial, partial.open("wb") as file:
            for frame in frames:
                file.write(frame)
                digest.update(frame)
        lengths = [len(frame) for frame in frames]
        shard |= {"bytes": sum(lengths), "sha256": digest.hexdigest(), "lengths": lengths}
        index["count"] += len(frames)
        index["shards"].append(shard)
    with replacing(out / INDEX) as partial:
        partial.write_text(json.dumps(index) + "\n")
