"""Find out what a folder really holds: every file's type by its bytes, and what is wrong with it.

During a check, its findings go to a small database beside the report. So a check of a million files
needs little more memory than a check of ten, and a check that was stopped can continue.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from colorlab import photos, progress
from colorlab.atomic import replacing
from colorlab.data.duplicates import looks, near_pairs
from colorlab.errors import ColorlabError, PhotoError
from colorlab.photos.folders import files

VERDICTS = {
    "good": "a color photo, under a true name",
    "misnamed": "a color photo, but of another type than its name says",
    "near duplicate": "looks like another one: the same photo resized, or saved again",
    "duplicate": "the same bytes as another one",
    "no color": "a photo without color, which has none to teach",
    "small": "a photo, but too small",
    "damaged": "begins like a photo, but cannot be decoded to its end",
    "not an image": "named like a photo, but no such photo inside",
    "other": "neither named like a photo nor one",
}
KEPT = ("good", "misnamed")
FINE = ("good", "other")  # need no attention

CHUNK = 256  # files between two commits of the database


class Finding(NamedTuple):
    """What one file is.

    Attributes:
        path: its path relative to the checked folder, as bytes: a name need not be valid text.
        verdict: a key of VERDICTS.
        format: its format by its first bytes: "JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", or "".
        width, height: size of the upright photo in pixels, or None if it cannot be read.
        size: size of the file in bytes.
        notes: "progressive", "CMYK", or both; colorlab reads such photos all the same.
        detail: what is wrong, in one line.
        digest: SHA-256 of the file.
        looks: the result of `looks` for the photo, as bytes; empty if it cannot be read.
    """

    path: bytes
    verdict: str
    format: str = ""
    width: int | None = None
    height: int | None = None
    size: int = 0
    notes: str = ""
    detail: str = ""
    digest: bytes = b""
    looks: bytes = b""


@dataclass
class Summary:
    """How many files got each verdict, and the first few files of each bad verdict.

    Attributes:
        counts: verdict → number of files.
        examples: verdict → up to three lines of path and detail.
        notes: "progressive" or "CMYK" → number of such files among the kept ones.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether no file needs attention."""
        return all(verdict in FINE for verdict in self.counts)

    def __str__(self) -> str:
        """A table of verdicts to read, with examples."""
        kept = sum(self.counts[verdict] for verdict in KEPT)
        lines = [f"{self.counts.total():,} files, of which {kept:,} can be trained on", ""]
        for verdict in VERDICTS:
            if count := self.counts[verdict]:
                lines.append(f"{count:>11,}  {verdict:<15} {VERDICTS[verdict]}")
                lines += [f"{'':13}{example}" for example in self.examples.get(verdict, ())]
        notes = [f"{count:,} {note}" for note, count in sorted(self.notes.items())]
        return "\n".join([*lines, *(["", f"Among them: {', '.join(notes)}."] if notes else [])])


def check(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    min_size: int = 64,
    keep_list: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
) -> Summary:
    """Check every file of a folder, and report what each one is. No file is changed or deleted.

    A check that was stopped continues when it is called again with the same arguments; OUT.partial
    holds what it has found so far.

    Args:
        folder: searched with all its subfolders; hidden files and folders are left out.
        out: the report, a CSV file with a line for each file, sorted by path.
        min_size: a photo whose short side has fewer pixels is too small.
        keep_list: a text file to list the photos that can be trained on, one absolute path per
            line. `photos.find`, and so `colorlab train`, accepts it instead of a folder. Among
            duplicates, only the photo whose path comes first is listed.
        overwrite: whether an existing report and list may be replaced.

    Returns:
        The counts of the verdicts, with examples.

    Raises:
        ColorlabError: if `folder` is not a folder; a result exists already or cannot be written;
            OUT.partial is damaged, or from a check of another folder or with another `min_size`;
            or Ctrl-C stopped the check.
    """
    folder, out = Path(folder), Path(out)
    if not folder.is_dir():
        raise PhotoError(f"{folder}: is not a folder; give a folder that holds photos")
    lists = [Path(keep_list)] if keep_list else []
    for path in (out, *lists):
        if path.exists() and not overwrite:
            raise ColorlabError(f"{path} is there already; choose another name, or overwrite it.")
    database = out.with_name(f"{out.name}.partial")
    try:
        with closing(sqlite3.connect(database)) as findings:
            _begin(findings, database, folder, min_size)
            _inspect_all(findings, folder, min_size)
            _mark_duplicates(findings)
            summary = _summary(findings)
            _write_report(findings, out)
            for path in lists:
                _write_keep_list(findings, folder, path)
    except KeyboardInterrupt:
        raise ColorlabError("Stopped; the same command goes on where it was.") from None
    except (OSError, sqlite3.Error) as error:
        raise ColorlabError(
            f"{out} cannot be written ({error}); once it can, the same command goes on. If "
            f"{database.name} is damaged, remove it to begin again."
        ) from None
    database.unlink()
    return summary


def inspect(name: str, folder: Path, min_size: int) -> Finding:
    """Inspect one file by itself; only `check` compares it with others.

    Args:
        name: the file's path relative to the folder.
        folder: the folder that is checked.
        min_size: a photo whose short side has fewer pixels is too small.
    """
    path = folder / name
    promised = photos.FORMATS.get(path.suffix.lower(), "")
    found = Finding(os.fsencode(name), "not an image")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            found = found._replace(
                format=photos.true_format(file), size=file.seek(0, os.SEEK_END), digest=digest
            )
            if not found.format and not promised:
                return found._replace(verdict="other")
            photo = photos.read(file)
            header = photos.open_image(file, name)
    except OSError as error:
        return found._replace(verdict="damaged", detail=f"cannot be opened ({error.strerror})")
    except PhotoError as error:
        verdict = "damaged" if found.format else "not an image"
        return found._replace(verdict=verdict, detail=str(error).removeprefix(f"{path}: "))
    height, width = photo.pixels.shape[:2]
    notes = ["progressive"] if header.info.get("progressive") else []
    notes += ["CMYK"] if header.mode == "CMYK" else []
    lie = "" if found.format == promised else f"a {found.format} named {path.suffix or 'nothing'}"
    if min(height, width) < min_size:
        verdict = "small"
    elif not photo.has_color:
        verdict = "no color"
    else:
        verdict = "misnamed" if lie else "good"
    return found._replace(
        verdict=verdict,
        width=width,
        height=height,
        notes=" ".join(notes),
        detail=lie,
        looks=looks(photo.pixels).tobytes(),
    )


def _begin(findings: sqlite3.Connection, database: Path, folder: Path, min_size: int) -> None:
    """Make the tables, or find those of a stopped check, which must be of this folder."""
    asked = (str(folder.resolve()), min_size)
    findings.execute("CREATE TABLE IF NOT EXISTS asked (folder, min_size)")
    findings.execute(
        f"CREATE TABLE IF NOT EXISTS files ({', '.join(Finding._fields)}, PRIMARY KEY (path))"
    )
    kept = " OR ".join(f"verdict = '{verdict}'" for verdict in KEPT)
    findings.execute(
        f"CREATE VIEW IF NOT EXISTS kept AS SELECT rowid AS id, * FROM files WHERE {kept}"
    )
    before = findings.execute("SELECT * FROM asked").fetchone()
    if before is None:
        findings.execute("INSERT INTO asked VALUES (?, ?)", asked)
        findings.commit()
    elif before != asked:
        raise ColorlabError(
            f"{database} is of a check of {before[0]} with a minimum size of {before[1]}; finish "
            "that one, remove the file, or name another report."
        )


def _inspect_all(findings: sqlite3.Connection, folder: Path, min_size: int) -> None:
    columns = (TextColumn("Checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    places = ", ".join("?" * len(Finding._fields))
    with ThreadPoolExecutor() as pool, progress.bar(*columns) as bar:
        task = bar.add_task("", total=sum(1 for _ in files(folder)))
        names = files(folder)
        while chunk := list(islice(names, CHUNK)):
            new = [name for name in chunk if not _known(findings, name)]
            found = pool.map(partial(inspect, folder=folder, min_size=min_size), new)
            findings.executemany(f"INSERT INTO files VALUES ({places})", found)
            findings.commit()
            bar.advance(task, len(chunk))


def _known(findings: sqlite3.Connection, name: str) -> bool:
    query = "SELECT 1 FROM files WHERE path = ?"
    return findings.execute(query, (os.fsencode(name),)).fetchone() is not None


def _mark_duplicates(findings: sqlite3.Connection) -> None:
    """Mark all photos that are alike, except the one whose path comes first."""
    twins: list[tuple[str, bytes, bytes]] = []  # verdict, first photo's path, this photo's path
    first = (b"", b"")
    for row in findings.execute("SELECT digest, path FROM kept ORDER BY digest, path"):
        if row[0] == first[0]:
            twins.append(("duplicate", first[1], row[1]))
        else:
            first = row
    _mark(findings, twins)

    table = np.fromiter(
        findings.execute("SELECT id, looks FROM kept ORDER BY path"),
        np.dtype([("id", np.int64), ("looks", "V16")]),
    )
    originals: dict[int, int] = {}
    for pairs in near_pairs(table["looks"].copy().view(np.uint64).reshape(-1, 2)):
        for one, other in np.sort(pairs, axis=1).tolist():
            originals[other] = min(one, originals.get(other, one))
    both = "SELECT a.path, b.path FROM files a, files b WHERE a.rowid = ? AND b.rowid = ?"
    twins = []
    for other, one in originals.items():
        ids = table["id"][[one, other]].tolist()
        twins.append(("near duplicate", *findings.execute(both, ids).fetchone()))
    _mark(findings, twins)
    findings.commit()


def _mark(findings: sqlite3.Connection, twins: list[tuple[str, bytes, bytes]]) -> None:
    findings.executemany(
        "UPDATE files SET verdict = ?, detail = ? || iif(detail = '', '', '; ' || detail) "
        "WHERE path = ?",
        [(verdict, f"of {_shown(original)}", path) for verdict, original, path in twins],
    )


def _summary(findings: sqlite3.Connection) -> Summary:
    summary = Summary()
    for verdict, count in findings.execute("SELECT verdict, COUNT(*) FROM files GROUP BY 1"):
        summary.counts[verdict] = count
        if verdict not in FINE:
            first = "SELECT path, detail FROM files WHERE verdict = ? ORDER BY path LIMIT 3"
            summary.examples[verdict] = [
                f"{_shown(path)}: {detail}" if detail else _shown(path)
                for path, detail in findings.execute(first, (verdict,))
            ]
    for notes, count in findings.execute("SELECT notes, COUNT(*) FROM kept GROUP BY 1"):
        for note in notes.split():
            summary.notes[note] += count
    return summary


def _write_report(findings: sqlite3.Connection, out: Path) -> None:
    columns = Finding._fields[:-2]  # without the last two, which only the comparison needs
    rows: Any = findings.execute(f"SELECT {', '.join(columns)} FROM files ORDER BY path")
    with (
        replacing(out) as whole,
        whole.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows((os.fsdecode(path), *rest) for path, *rest in rows)


def _write_keep_list(findings: sqlite3.Connection, folder: Path, keep_list: Path) -> None:
    rows = findings.execute("SELECT path FROM kept ORDER BY path")
    with (
        replacing(keep_list) as whole,
        whole.open("w", encoding="utf-8", errors="surrogateescape") as file,
    ):
        for (path,) in rows:
            line = str(folder.resolve() / os.fsdecode(path))
            if "\n" not in line:  # such a path does not fit in one line
                file.write(f"{line}\n")


def _shown(path: bytes) -> str:
    return "".join(c if c.isprintable() else "?" for c in os.fsdecode(path))
