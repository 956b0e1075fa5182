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

import rich.progress

from colorlab import progress
from colorlab.errors import ColorlabError

PATIENCE = 30  # seconds without a byte until the connection counts as broken
PART = 2**20  # bytes read at a time


@dataclass(frozen=True)
class PublicSet:
    """A set of photos."""

    url: str  # of its archive, a .tgz or a .zip
    size: int  # of the archive in bytes
    sha256: str  # of the archive
    license: str  # what its publishers say about its use, in one line


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
    """Download the public set `name`, a key of SETS, and unpack it into FOLDER/NAME.

    An interrupted download continues by itself as long as each attempt brings some bytes. After
    that, or after Ctrl-C, the same call continues it. FOLDER/NAME exists only when it is complete.

    Returns:
        The set's folder, FOLDER/NAME.

    Raises:
        ColorlabError: if there is no such set, it already exists, the disk has too little room, the
            server cannot be reached, the archive is not the published one or has a member that
            would be unpacked outside the folder, or Ctrl-C was pressed.
    """
    if name not in SETS:
        raise ColorlabError(f"There is no public set {name!r}; choose one of {', '.join(SETS)}.")
    public, target = SETS[name], Path(folder) / name
    archive, partial = target.with_name(f"{name}.part"), target.with_name(f"partial-{name}")
    if target.exists():
        raise ColorlabError(f"{target} already exists; delete it, or choose another folder.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        needed = 2 * public.size - _length(archive)  # unpacked photos are as large as packed ones
        free = shutil.disk_usage(target.parent).free
        if free < needed:
            raise ColorlabError(
                f"{target.parent} has {free / 1e9:.1f} GB free, but the archive and its photos "
                f"need {needed / 1e9:.1f} GB; free some space, or choose another folder."
            )
        with progress.bar(
            "{task.description}",
            rich.progress.BarColumn(),
            rich.progress.DownloadColumn(),
            rich.progress.TransferSpeedColumn(),
            rich.progress.TimeRemainingColumn(),
        ) as bar:
            _download(public, archive, bar)
            _verify(public, archive, bar)
            shutil.rmtree(partial, ignore_errors=True)  # left by a call that was killed
            _unpack(public, archive, partial, bar)
        partial.replace(target)
        archive.unlink()
    except KeyboardInterrupt:
        raise ColorlabError("Stopped; run the same command again to continue.") from None
    except OSError as error:
        raise ColorlabError(
            f"{target} cannot be written ({error.strerror or error}); fix that, and run the same "
            "command again to continue."
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _length(archive: Path) -> int:
    return archive.stat().st_size if archive.exists() else 0


def _download(public: PublicSet, archive: Path, bar: rich.progress.Progress) -> None:
    """Append to the archive what is missing, over as many connections as it takes."""
    task = bar.add_task("Downloading", total=public.size)
    while (begin := _length(archive)) < public.size:
        reason = "the connection ended early"
        request = Request(public.url, headers={"Range": f"bytes={begin}-"} if begin else {})
        try:
            with urlopen(request, timeout=PATIENCE) as response, archive.open("ab") as file:
                if not (response.headers["Content-Range"] or "").startswith(f"bytes {begin}-"):
                    file.truncate(0)  # the server ignores the range and sends everything
                # One that grows too long is not the published file, as its checksum will show.
                while file.tell() <= public.size and (part := response.read(PART)):
                    file.write(part)
                    bar.update(task, completed=file.tell())
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        if _length(archive) <= begin:
            raise ColorlabError(
                f"{public.url} cannot be downloaded ({reason}); {begin:,} of {public.size:,} bytes "
                "have arrived, and the same command continues from there."
            )


def _verify(public: PublicSet, archive: Path, bar: rich.progress.Progress) -> None:
    bar.add_task("Verifying", total=None)
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != public.sha256:
        archive.unlink()
        raise ColorlabError(
            f"{public.url} did not send the published archive (SHA-256 {digest}, expected "
            f"{public.sha256}), so it was deleted; try again, or download the set by hand."
        )


def _unpack(public: PublicSet, archive: Path, folder: Path, bar: rich.progress.Progress) -> None:
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
            f"{public.url} cannot be unpacked ({error}); choose another set."
        ) from None
