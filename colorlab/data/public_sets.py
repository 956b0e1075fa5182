"""Download public sets of photos by name, verify them, and unpack them.

FOLDER/NAME.part     the archive, as much as has arrived; the same call continues from there
FOLDER/partial-NAME  the photos while they are unpacked
FOLDER/NAME          the photos

Sizes and checksums are those that TensorFlow Datasets (github.com/tensorflow/datasets) lists for
the same addresses.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.request import Request, urlopen

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from colorlab import progress
from colorlab.errors import ColorlabError

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    DownloadColumn(),
    TransferSpeedColumn(),
    TimeRemainingColumn(),
)
PATIENCE = 30  # seconds without a byte until the connection counts as broken
PART = 2**20  # bytes read at a time


@dataclass(frozen=True)
class PublicSet:
    """A set of photos.

    Attributes:
        url: address of its archive, a .tgz or a .zip.
        size: size of the archive in bytes.
        sha256: checksum of the archive.
        license: what its publishers say about its use, in one line.
    """

    url: str
    size: int
    sha256: str
    license: str


SETS = {
    "tf_flowers": PublicSet(
        "http://download.tensorflow.org/example_images/flower_photos.tgz",
        228_813_984,
        "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
        "CC BY 2.0; LICENSE.txt among the photos names each photographer",
    ),
    "oxford_flowers102": PublicSet(
        "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz",
        344_862_509,
        "2d01ecc807db462958cfe3d92f57a8c252b4abd240eb955770201e45f783b246",
        "none that its page grants; ask its authors",
    ),
    "coco2017": PublicSet(
        "http://images.cocodataset.org/zips/train2017.zip",
        19_336_861_798,
        "69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
        "each photo has its own Flickr license, listed in the set's annotations",
    ),
}


def fetch(name: str, folder: str | os.PathLike[str]) -> Path:
    """Download a public set and unpack it into FOLDER/NAME.

    An interrupted download continues by itself as long as each attempt brings some bytes. After
    that, or after Ctrl-C, the same call continues it. FOLDER/NAME exists only when it is complete.

    Args:
        name: a key of SETS.
        folder: the folder in which the set gets its own folder.

    Returns:
        The set's folder.

    Raises:
        ColorlabError: if there is no such set, it exists already, the disk has too little room, the
            server cannot be reached, the archive is not the published one or has a member that
            would be unpacked outside the folder, or Ctrl-C was pressed.
    """
    if name not in SETS:
        raise ColorlabError(f"No public set {name!r}; choose one of {', '.join(SETS)}.")
    public, target = SETS[name], Path(folder) / name
    archive, partial = target.with_name(f"{name}.part"), target.with_name(f"partial-{name}")
    if target.exists():
        raise ColorlabError(f"{target} is there already; remove it, or choose another folder.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _require_room(public, archive)
        with progress.bar(*COLUMNS) as bar:
            _download(public, archive, bar)
            _verify(public, archive, bar)
            shutil.rmtree(partial, ignore_errors=True)  # left by a call that was killed
            _unpack(public, archive, partial, bar)
        partial.replace(target)
        archive.unlink()
    except KeyboardInterrupt:
        raise ColorlabError("Stopped; the same command goes on where it was.") from None
    except OSError as error:
        reason = error.strerror or error
        raise ColorlabError(
            f"{target} could not be written ({reason}); once it can, the same command goes on."
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _length(archive: Path) -> int:
    return archive.stat().st_size if archive.exists() else 0


def _require_room(public: PublicSet, archive: Path) -> None:
    needed = 2 * public.size - _length(archive)  # unpacked photos are as large as packed ones
    free = shutil.disk_usage(archive.parent).free
    if free < needed:
        raise ColorlabError(
            f"{archive.parent} has room for {free / 1e9:.1f} GB; the archive and its photos need "
            f"{needed / 1e9:.1f} GB. Make room, or choose another folder."
        )


def _download(public: PublicSet, archive: Path, bar: Progress) -> None:
    task = bar.add_task("Downloading", total=public.size)
    while (before := _length(archive)) < public.size:
        reason = "it ended too early"
        try:
            _receive(public, archive, before, bar, task)
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        if _length(archive) <= before:
            raise ColorlabError(
                f"{public.url} could not be downloaded ({reason}); {before:,} of "
                f"{public.size:,} bytes are there, and the same command goes on."
            )


def _receive(public: PublicSet, archive: Path, begin: int, bar: Progress, task: TaskID) -> None:
    """Append to the archive what one connection delivers, from byte `begin` on."""
    request = Request(public.url, headers={"Range": f"bytes={begin}-"} if begin else {})
    with urlopen(request, timeout=PATIENCE) as response, archive.open("ab") as file:
        if not (response.headers["Content-Range"] or "").startswith(f"bytes {begin}-"):
            file.truncate(0)  # the server ignores the range and sends everything
        while part := response.read(PART):
            file.write(part)
            bar.update(task, completed=file.tell())
            if file.tell() > public.size:
                return  # not the published file, as its checksum will show


def _verify(public: PublicSet, archive: Path, bar: Progress) -> None:
    bar.add_task("Verifying", total=None)
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != public.sha256:
        archive.unlink()
        raise ColorlabError(
            f"What {public.url} sent is not the archive that was published (SHA-256 {digest}, "
            f"expected {public.sha256}); it was deleted. Try again, or fetch the set by hand."
        )


def _unpack(public: PublicSet, archive: Path, folder: Path, bar: Progress) -> None:
    """Unpack all members; none may be written outside the folder, or link to a place outside."""
    task = bar.add_task("Unpacking", total=None)
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as members:
                for photo in members.infolist():
                    path = PurePosixPath(photo.filename)
                    if path.is_absolute() or ".." in path.parts:  # zipfile would rename it
                        raise zipfile.BadZipFile(f"{path} would be outside of the folder")
                    members.extract(photo, folder)
                    bar.advance(task, photo.file_size)
        else:
            with tarfile.open(archive) as tar:
                for member in tar:
                    tar.extract(member, folder, filter="data")
                    bar.advance(task, member.size)
    except (tarfile.TarError, zipfile.BadZipFile) as error:
        raise ColorlabError(
            f"{public.url} cannot be unpacked ({error}); nothing was. Use another set."
        ) from None
