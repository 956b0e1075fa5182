"""A list of paths in little memory is still a list of paths."""

import os
from pathlib import Path

import numpy as np
import pytest

from colorlab import photos
from colorlab.data.inspection import check
from colorlab.errors import PhotoError
from colorlab.photos.folders import Paths

NAMES = ["a/b.jpg", "ä/日本.png", os.fsdecode(b"\xff.jpg"), "c d.gif"]


def test_it_gives_back_what_it_was_given():
    paths = Paths(iter(NAMES))
    assert list(paths) == [Path(name) for name in NAMES]
    assert (paths[-1], paths[np.int64(1)]) == (Path("c d.gif"), Path("ä/日本.png"))
    assert paths[1:3] == [Path(name) for name in NAMES[1:3]]
    assert Path("c d.gif") in paths and Path("other.jpg") not in paths
    with pytest.raises(IndexError):
        paths[4]


def test_none_is_falsy():
    assert not Paths([])


def test_a_folder_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch):
    (tmp_path / "lost").mkdir()
    scan = os.scandir

    def refuse(folder: Path):  # the rights of a folder do not bind an administrator
        if folder.name == "lost":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    for look in (photos.find, lambda folder: check(folder, folder.with_name("check.csv"))):
        with pytest.raises(PhotoError, match=r"lost: cannot be opened \(Permission denied\)"):
            look(tmp_path)


def test_photos_are_found_in_the_order_of_paths(tmp_path: Path):
    names = ["a/z.jpg", "a-b/y.jpg", "a b.jpg", "a.jpg", "a/b/x.jpg", "ab.jpg", "a/.hidden/x.jpg"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(photos.find(tmp_path)) == sorted(tmp_path / name for name in names[:-1])
