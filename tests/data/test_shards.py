"""Packed photos: nothing lost, nothing twice, and damage named."""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from unittest.mock import Mock

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from colorlab import photos
from colorlab.data import shards
from colorlab.data.shards import Shards, pack, read_index, verify
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError, PhotoError

COUNT = 20


@pytest.fixture(scope="module", autouse=True)
def small_shards():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", 6_000)
        yield


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Photos, and in their midst two files that are none."""
    folder = tmp_path_factory.mktemp("photos")
    for number, scene in enumerate(scenes(COUNT, size=48, seed=0)):
        Image.fromarray(scene).save(folder / f"{number:02d}.png")
    for name in ("05x.jpg", "11x.jpg"):
        (folder / name).write_text("not a photo")
    return photos.find(folder)


@pytest.fixture(scope="module")
def packed(paths, tmp_path_factory):
    """A pack that nothing stopped."""
    out = tmp_path_factory.mktemp("packed")
    pack(paths, out, size=32)
    return out


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def records(folder):
    """All records, as TensorFlow reads them."""
    files = sorted(map(str, folder.glob("*.tfrecord")))
    return list(tf.data.TFRecordDataset(files).as_numpy_iterator())


def test_tensorflow_reads_every_photo_once_resized_and_in_another_order(packed, paths):
    found = [tf.io.decode_jpeg(record).numpy().astype(float) for record in records(packed)]
    originals = [Image.open(path) for path in paths if "x" not in path.name]
    truths = [np.asarray(each.resize((32, 32), Image.Resampling.LANCZOS)) for each in originals]
    errors = np.array([[abs(one - other).mean() for other in truths] for one in found])
    nearest = errors.argmin(axis=1).tolist()
    assert sorted(nearest) == list(range(COUNT)) and nearest != list(range(COUNT))
    assert errors.min(axis=1).max() < 4


def test_the_index_counts_names_what_was_skipped_and_has_each_shard_s_checksum(packed):
    index = read_index(packed)
    assert index["count"] == sum(shard["count"] for shard in index["shards"]) == COUNT
    assert sorted(line.split("x.jpg")[0][-2:] for line in index["skipped"]) == ["05", "11"]
    assert len(index["shards"]) > 3 and len(contents(packed)) == len(index["shards"]) + 1
    for shard in index["shards"]:
        data = (packed / shard["file"]).read_bytes()
        assert shard["bytes"] == len(data) <= 6_000
        assert shard["sha256"] == hashlib.sha256(data).hexdigest()


def test_the_short_side_is_resized_an_upright_photo_s_and_never_enlarged(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6  # on its side
    Image.new("RGB", (90, 60), "red").save(tmp_path / "a.jpg", exif=turned)
    Image.new("RGB", (7, 5), "blue").save(tmp_path / "b.png")
    pack(photos.find(tmp_path), tmp_path / "out", size=30)
    images = [Image.open(io.BytesIO(record)) for record in records(tmp_path / "out")]
    assert {(image.mode, image.size) for image in images} == {("RGB", (7, 5)), ("RGB", (30, 45))}


def test_a_photo_too_long_for_a_jpeg_and_one_without_color_are_skipped(tmp_path):
    Image.new("RGB", (70_000, 1), "red").save(tmp_path / "long.png")
    Image.new("RGB", (9, 9), "red").save(tmp_path / "good.png")
    Image.new("L", (9, 9)).save(tmp_path / "gray.png")
    index = pack(photos.find(tmp_path), tmp_path / "out")
    gray, long = sorted(index["skipped"])
    assert index["count"] == 1
    assert gray == f"{tmp_path / 'gray.png'}: has no color to learn from; give color photos"
    assert "long.png: is 70000×1 pixels, too long for a JPEG" in long


def test_shards_are_read_in_any_order_on_any_thread(packed):
    opened = Shards(packed)
    with ThreadPoolExecutor(4) as pool:
        backwards = list(pool.map(opened.__getitem__, reversed(range(COUNT))))
    assert len(opened) == COUNT
    assert backwards[::-1] == records(packed)


def test_photos_are_read_only_a_few_ahead_of_what_is_written(paths, tmp_path, monkeypatch):
    read, save, ahead = Mock(wraps=photos.read), shards._save, []

    def counted(out, index, frames):
        ahead.append(read.call_count - index["count"] - len(index["skipped"]) - len(frames))
        save(out, index, frames)

    monkeypatch.setattr(photos, "read", read)
    monkeypatch.setattr(shards, "_save", counted)
    monkeypatch.setattr(shards, "AHEAD", 3)
    pack(paths, tmp_path, size=32)
    assert len(ahead) > 3 and max(ahead) <= 4


@pytest.mark.parametrize("stop_at", [1, 11, COUNT + 1])
def test_a_pack_that_stops_anywhere_continues_to_the_same_bytes(
    stop_at, paths, packed, tmp_path, monkeypatch
):
    original, reads = photos.read, count(1)

    def read(source):
        if next(reads) == stop_at:
            raise KeyboardInterrupt
        return original(source)

    with monkeypatch.context() as patch:
        patch.setattr(photos, "read", read)
        with pytest.raises(ColorlabError, match="Stopped; run the same command again to continue"):
            pack(paths, tmp_path / "out", size=32)
    with pytest.raises(ColorlabError, match="is only partly packed"):
        Shards(tmp_path / "out")
    pack(paths, tmp_path / "out", size=32)
    assert contents(tmp_path / "out") == contents(packed)


KILLED_AT_RENAME = """
import os, signal, sys
from itertools import count
from pathlib import Path
from colorlab import photos
from colorlab.data import shards

def replace(*paths):
    return os.kill(os.getpid(), signal.SIGKILL) if next(renames) == int(last) else rename(*paths)

folder, out, last = sys.argv[1:]
shards.SHARD_BYTES = 6_000
rename, renames = Path.replace, count(1)
Path.replace = replace
shards.pack(photos.find(folder), out, size=32)
"""


@pytest.mark.parametrize("last", [1, 4, 7])  # the first index, a shard, the index that lists one
def test_a_pack_that_is_killed_as_it_writes_continues_to_the_same_bytes(
    last, paths, packed, tmp_path
):
    words = [sys.executable, "-c", KILLED_AT_RENAME, str(paths[0].parent), str(tmp_path), str(last)]
    assert subprocess.run(words).returncode == -signal.SIGKILL
    pack(paths, tmp_path, size=32)
    assert contents(tmp_path) == contents(packed)


def test_a_folder_that_is_packed_or_holds_anything_else_is_refused_and_untouched(
    paths, packed, tmp_path
):
    before = contents(packed)
    with pytest.raises(ColorlabError, match="already holds packed photos; choose another folder"):
        pack(paths, packed, size=32)
    assert contents(packed) == before
    (tmp_path / "shard-00000.tfrecord").write_text("mine")
    with pytest.raises(ColorlabError, match="holds other files"):
        pack(paths, tmp_path, size=32)
    assert contents(tmp_path) == {"shard-00000.tfrecord": b"mine"}


def test_a_pack_continues_only_with_the_settings_and_photos_that_it_began_with(
    paths, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(shards, "_packed", lambda path, size: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pack(paths, tmp_path, size=32)
    for some, size, seed, difference in (
        (paths, 40, 0, "size 32, not 40"),
        (paths, 32, 1, "seed 0, not 1"),
        (paths[1:], 32, 0, "files 22, not 21; list"),
        (paths[::-1], 32, 0, "list"),
    ):
        with pytest.raises(ColorlabError, match=rf"photos or settings \({difference}"):
            pack(some, tmp_path, size=size, seed=seed)
    assert pack(paths, tmp_path, size=32)["count"] == COUNT


def test_what_cannot_be_packed_or_written_is_said_in_one_line(tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("not a photo")
    with pytest.raises(PhotoError, match=r"None of the 1 files is a color photo.*bad\.jpg"):
        pack([bad], tmp_path / "out")
    with pytest.raises(ColorlabError, match=r"bad\.jpg cannot be written \(File exists\)"):
        pack([bad], bad)
    with pytest.raises(ColorlabError, match="size is 0; expected 1 or more"):
        pack([bad], tmp_path / "other", size=0)
    assert not (tmp_path / "other").exists()


@pytest.fixture
def copied(packed, tmp_path):
    shutil.copytree(packed, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("place", [0, 9, 200, -1])  # length, its checksum, photo, its checksum
def test_one_changed_byte_costs_one_photo_which_is_named(place, copied):
    opened = Shards(copied)
    first, second = opened.counts[:2]
    begin = len(opened[first]) + 16
    end = begin + len(opened[first + 1]) + 16
    shard = copied / "shard-00001.tfrecord"
    data = bytearray(shard.read_bytes())
    data[end - 1 if place < 0 else begin + place] ^= 4
    shard.write_bytes(data)
    with pytest.raises(PhotoError, match=r"shard-00001\.tfrecord: record 1 is damaged"):
        opened[first + 1]
    assert second > 2 and opened[first] and opened[first + 2]
    assert verify(copied) == ["shard-00001.tfrecord"]
    with pytest.raises(tf.errors.DataLossError):
        records(copied)


def test_missing_and_shortened_shards_are_named(copied, packed):
    opened = Shards(copied)
    (copied / "shard-00000.tfrecord").unlink()
    os.truncate(copied / "shard-00002.tfrecord", 100)
    assert verify(copied) == ["shard-00000.tfrecord", "shard-00002.tfrecord"]
    assert verify(packed) == []
    with pytest.raises(ColorlabError, match=r"shard-00000\.tfrecord is missing or has changed"):
        Shards(copied)
    with pytest.raises(PhotoError, match="record 0 is unreadable"):
        opened[0]
    with pytest.raises(PhotoError, match=r"shard-00002\.tfrecord: record 1 is damaged"):
        opened[sum(opened.counts[:2]) + 1]


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', "not JSON"])
def test_an_index_of_something_else_is_refused(text, tmp_path):
    (tmp_path / "index.json").write_text(text)
    for use in (Shards, verify, lambda folder: pack([folder / "x.jpg"], folder)):
        with pytest.raises(ColorlabError, match=r"index\.json is not the index of packed photos"):
            use(tmp_path)
