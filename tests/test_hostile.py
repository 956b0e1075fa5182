"""Broken files, 2,000 of them: the only answers are a photo, or one line that is our own.

`python benchmarks/fuzz.py` tries a hundred thousand; here hypothesis makes them, and shrinks what
fails to the bytes that matter.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from colorlab import photos
from colorlab.errors import PhotoError

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # where the script finds what it shares
FUZZ = runpy.run_path(str(BENCHMARKS / "fuzz.py"))
PHOTOS = FUZZ["good_photos"]()
HANGS = 120  # seconds after which something does, however busy the machine

Edit = tuple[str, int, bytes]
edits = st.lists(
    st.tuples(
        st.sampled_from(["overwrite", "insert", "delete", "end"]),
        st.integers(0, 2**16),
        st.binary(min_size=1, max_size=8) | st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\x7f\xff"]),
    ),
    min_size=1,
    max_size=6,
)


def edited(data: bytes, changes: list[Edit]) -> bytes:
    for kind, place, some in changes:
        at = place % (len(data) + 1)
        rest = {
            "overwrite": some + data[at + len(some) :],
            "insert": some + data[at:],
            "delete": data[at + len(some) :],
            "end": b"",
        }
        data = data[:at] + rest[kind]
    return data


def hammer(target: Any, seeds: dict[str, bytes], examples: int) -> None:
    """Let hypothesis break the seeds so many times, the same way in every run."""

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(name=st.sampled_from(sorted(seeds)), changes=edits)
    def attempt(name: str, changes: list[Edit]) -> None:
        kind = FUZZ["answer"](target, edited(seeds[name], changes), HANGS)
        assert kind in ("ok", "refused"), kind

    attempt()


def test_every_seed_is_a_photo_before_it_is_broken() -> None:
    for data in PHOTOS.values():
        assert FUZZ["answer"](FUZZ["read"], data) == "ok"


def test_broken_photos_are_read_or_refused() -> None:
    hammer(FUZZ["read"], PHOTOS, 1400)


@pytest.mark.parametrize(("name", "examples"), [("colorize_file", 300), ("shards", 280)])
def test_broken_files_leave_nothing_behind(name: str, examples: int, tmp_path: Path) -> None:
    target = FUZZ["TARGETS"][name][1](tmp_path)
    hammer(target, getattr(target, "seeds", PHOTOS), examples)


def test_broken_models_are_refused(tmp_path: Path) -> None:
    target = FUZZ["TARGETS"]["model"][1](tmp_path)
    hammer(target, target.seeds, 20)


def test_what_is_no_answer_of_ours_is_told_apart() -> None:
    def fails(error: Exception) -> Any:
        def target(_: bytes) -> None:
            raise error

        return target

    assert FUZZ["answer"](fails(PhotoError("one line")), b"") == "refused"
    assert FUZZ["answer"](fails(PhotoError("two\nlines")), b"").startswith("an error of two lines")
    assert FUZZ["answer"](fails(KeyError("tag")), b"") == "KeyError: 'tag'"


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "I;16"])
def test_a_small_file_of_100_megapixels_takes_less_than_a_gigabyte(
    mode: str, tmp_path: Path
) -> None:
    path = tmp_path / "huge.png"
    Image.new(mode, (10_000, 10_000)).save(path)
    assert path.stat().st_size < 1e6
    kind = FUZZ["answer"](FUZZ["read"], path.read_bytes(), HANGS)
    assert kind == "ok"


def test_a_photo_that_changes_or_vanishes_while_it_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = photos.write(rng.integers(0, 256, (400, 400, 3), dtype=np.uint8), tmp_path / "a.png")
    data, stop = whole.read_bytes(), threading.Event()

    def meddle() -> None:
        while not stop.is_set():
            whole.write_bytes(data[: len(data) // 2])
            whole.unlink(missing_ok=True)
            whole.write_bytes(data)

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        for _ in range(100):
            try:
                assert photos.read(whole).pixels.shape == (400, 400, 3)
            except PhotoError as error:
                assert "\n" not in str(error)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("name", ["with space.png", "öß😀.png", "-rf.png", "two\nlines.png"])
def test_names_of_every_kind_are_found_and_read(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    photos.write(np.zeros((8, 8, 3), np.uint8), folder / name)
    assert list(photos.find(folder)) == [folder / name]
    assert photos.read(folder / name).name == name


def test_a_folder_that_holds_itself_is_walked_once(tmp_path: Path) -> None:
    photos.write(np.zeros((8, 8, 3), np.uint8), tmp_path / "photo.png")
    (tmp_path / "itself").symlink_to(tmp_path)
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    found = list(photos.find(tmp_path))
    assert tmp_path / "photo.png" in found and len(found) <= 2
    with pytest.raises(PhotoError, match=r"loop\.png"):
        photos.read(tmp_path / "loop.png")


@pytest.fixture
def rights() -> Iterator[Path]:
    """A file and a folder that are closed, and a folder that is finished; for root, too."""
    with TemporaryDirectory() as name:  # pytest's own folders are closed to all but root
        folder = Path(name)
        for photo in ("closed.png", "closed/photo.png", "finished/photo.png"):
            (folder / photo).parent.mkdir(exist_ok=True)
            photos.write(np.zeros((8, 8, 3), np.uint8), folder / photo)
        modes = {".": 0o755, "closed.png": 0, "closed": 0, "finished": 0o555}
        for part, mode in modes.items():
            (folder / part).chmod(mode)
        me = os.geteuid()
        if me == 0:  # whom rights do not bind
            os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(me)
            for part in ("closed", "finished"):
                (folder / part).chmod(0o755)


def test_what_may_not_be_read_or_written_is_named(rights: Path) -> None:
    for name in ("closed.png", "closed/photo.png"):
        with pytest.raises(PhotoError, match=rf"{name}: cannot be opened \(Permission denied\)"):
            photos.read(rights / name)
    with pytest.raises(PhotoError, match=r"closed: cannot be opened \(Permission denied\)"):
        photos.find(rights)
    before = (rights / "finished" / "photo.png").read_bytes()
    for name in ("photo.png", "new.png"):
        with pytest.raises(PhotoError, match=r"could not be written \(Permission denied\)"):
            photos.write(np.ones((8, 8, 3), np.uint8), rights / "finished" / name, overwrite=True)
    assert [path.name for path in (rights / "finished").iterdir()] == ["photo.png"]
    assert (rights / "finished" / "photo.png").read_bytes() == before
