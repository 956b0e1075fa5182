"""List the files of a folder, and keep a million paths in little memory."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from colorlab.errors import PhotoError
from colorlab.photos.kinds import FORMATS, true_format
from colorlab.photos.photo import refusal


def find(folder: str | os.PathLike[str]) -> Paths:
    """List the photos in a folder, by their suffix, except hidden ones.

    Files without a suffix are listed if their first bytes are those of a photo.

    Args:
        folder: searched with all its subfolders; or a keep list, a text file with one photo's
            path per line, as `colorlab check --keep-list` writes it.

    Returns:
        Sorted paths that begin with `folder`; or the paths of the list, in its order. Only `read`
        can tell whether a file really is a photo.

    Raises:
        PhotoError: if there is no such folder, no file in it is named like a photo, or the list
            is empty.
    """
    folder = Path(folder)
    if folder.suffix == ".txt" and folder.is_file():
        text = folder.read_text(encoding="utf-8-sig", errors="surrogateescape")
        if listed := Paths(line.rstrip("\r") for line in text.split("\n") if line.strip()):
            return listed
        raise refusal(folder, "names no photos; expected one path per line")
    if not folder.is_dir():
        raise refusal(folder, "is not a folder; give a folder that holds photos")
    found, others = [], Counter[str]()
    for name in files(folder):
        suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122
        if suffix in FORMATS or (not suffix and _begins_like_a_photo(folder / name)):
            # Sorted as paths are, folder by folder: NUL is in no name, and sorts before all else.
            found.append(name.replace(os.sep, "\0"))
        else:
            others[suffix or "without a suffix"] += 1
    if not found:
        endings = ", ".join(FORMATS)
        raise refusal(folder, f"holds no photos; expected files ending in {endings}")
    found.sort()
    names = (os.path.join(folder, name.replace("\0", os.sep)) for name in found)  # noqa: PTH118
    return Paths(names, others)


def _begins_like_a_photo(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(true_format(file))
    except OSError:
        return False


def files(folder: Path, below: str = "") -> Iterator[str]:
    """List the files of a folder and its subfolders, except hidden ones, by their relative paths.

    Args:
        folder: where to begin. Links to files count, links to folders do not.
        below: the subfolder to list, as a path relative to `folder`.

    Raises:
        PhotoError: if a subfolder cannot be opened.
    """
    try:
        entries = os.scandir(folder / below)
    except OSError as error:
        raise PhotoError(
            f"{folder / below}: cannot be opened ({error.strerror}); check its rights, or move it "
            "away"
        ) from None
    with entries:
        for entry in entries:
            name = os.path.join(below, entry.name)  # noqa: PTH118  a million Paths are slow
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from files(folder, name)
            # A link that leads to itself counts as no file, but `is_file` would raise an error.
            elif entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
                continue
            elif entry.is_file():
                yield name


class Paths(Sequence[Path]):
    """Paths stored end to end as bytes; a list of `Path` takes several times the memory."""

    def __init__(self, paths: Iterable[str], others: Counter[str] | None = None) -> None:
        """Store these paths in their order; `others` counts, by suffix, what was passed over."""
        self.others = others or Counter()
        joined, self._ends = bytearray(), array("Q", [0])
        for path in paths:
            joined += os.fsencode(path)
            self._ends.append(len(joined))
        self._bytes = bytes(joined)

    def __len__(self) -> int:
        """The number of paths."""
        return len(self._ends) - 1

    @overload
    def __getitem__(self, i: int) -> Path: ...
    @overload
    def __getitem__(self, i: slice) -> list[Path]: ...
    def __getitem__(self, i: int | slice) -> Path | list[Path]:
        """Path i, or a list of paths for a slice."""
        number = range(len(self))[i]
        if isinstance(number, range):
            return [self[each] for each in number]
        return Path(os.fsdecode(self._bytes[self._ends[number] : self._ends[number + 1]]))
