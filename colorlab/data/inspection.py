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
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn

from colorlab import photos, progress
from colorlab.atomic import replacing
from colorlab.data.duplicates import looks, near_pairs
from colorlab.errors import ColorlabError, PhotoError
from colorlab.photos.folders import files

VERDICTS = {
    "good": "a color photo whose name tells its type",
    "misnamed": "a color photo whose name tells another type",
    "near duplicate": "looks like another photo, resized or saved again",
    "duplicate": "the same bytes as another photo",
    "no color": "a photo without color to learn from",
    "small": "a photo, but too small",
    "damaged": "starts like a photo, but cannot be decoded to the end",
    "not an image": "named like a photo, but is not one",
    "other": "neither named like a photo nor one",
}
KEPT = ("good", "misnamed")  # go into the keep list
FINE = ("good", "other")  # need no attention

CHUNK = 256  # files between two commits of the database


class Finding(NamedTuple):
    """The result of checking one file."""

    path: bytes  # relative to the checked folder; a name need not be valid text
    verdict: str  # a key of VERDICTS
    format: str = ""  # by its first bytes, "JPEG" for example; "" if colorlab reads no such format
    width: int | None = None  # of the upright photo in pixels; None if it cannot be read
    height: int | None = None
    size: int = 0  # of the file in bytes
    notes: str = ""  # "progressive", "CMYK", or both; colorlab reads such photos all the same
    detail: str = ""  # what is wrong, in one line
    digest: bytes = b""  # SHA-256 of the file
    looks: bytes = b""  # what `looks` returns for the photo; empty if it cannot be read


@dataclass
class Summary:
    """How many files got each verdict, and the first few files of each bad verdict."""

    counts: Counter[str]  # verdict → number of files
    examples: dict[str, list[str]]  # bad verdict → up to three lines of path and detail
    notes: Counter[str]  # "progressive" or "CMYK" → number of such files among the good ones

    @property
    def clean(self) -> bool:
        """Whether no file needs attention."""
        return all(verdict in FINE for verdict in self.counts)

    def __str__(self) -> str:
        """A table of verdicts to read, with examples."""
        kept = sum(self.counts[verdict] for verdict in KEPT)
        lines = [f"Files: {self.counts.total():,}. Usable for training: {kept:,}.", ""]
        for verdict, meaning in VERDICTS.items():
            if count := self.counts[verdict]:
                lines.append(f"{count:>11,}  {verdict:<15} {meaning}")
                lines += [f"{'':13}{example}" for example in self.examples.get(verdict, ())]
        if self.notes:
            notes = [f"{count:,} {note}" for note, count in sorted(self.notes.items())]
            lines += ["", f"Among them: {', '.join(notes)}."]
        return "\n".join(lines)


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
        keep_list: a text file to list the photos that can be used for training, one absolute path
            per line. `photos.find`, and so `colorlab train`, accepts it instead of a folder. Among
            duplicates, only the photo whose path comes first is listed.
        overwrite: whether an existing report and list may be replaced.

    Raises:
        ColorlabError: if `folder` is not a folder; a result already exists or cannot be written;
            OUT.partial is damaged, or from a check of another folder or with another `min_size`;
            or Ctrl-C stopped the check.
    """
    folder, out = Path(folder), Path(out)
    if not folder.is_dir():
        raise PhotoError(f"{folder}: is not a folder; give a folder that holds photos")
    for result in (out, keep_list):
        if result and Path(result).exists() and not overwrite:
            raise ColorlabError(f"{result} already exists; choose another name, or overwrite it.")
    database = out.with_name(f"{out.name}.partial")
    try:
        with closing(sqlite3.connect(database)) as findings:
            _begin(findings, database, folder, min_size)
            _inspect_all(findings, folder, min_size)
            _mark_duplicates(findings)
            summary = _summary(findings)
            _write_report(findings, out)
            if keep_list:
                _write_keep_list(findings, folder, Path(keep_list))
    except KeyboardInterrupt:
        raise ColorlabError("Stopped; run the same command again to continue.") from None
    except (OSError, sqlite3.Error) as error:
        raise ColorlabError(
            f"{out} cannot be written ({error}); run the same command again to continue. If "
            f"{database.name} is damaged, delete it first."
        ) from None
    database.unlink()
    return summary


def inspect(name: str, folder: Path, min_size: int) -> Finding:
    """Inspect the file `name` of a folder by itself; only `check` compares it with others."""
    path = folder / name
    promised = photos.FORMATS.get(path.suffix.lower(), "")
    found = Finding(os.fsencode(name), "not an image")
    try:
        with path.open("rb") as file:
            found = found._replace(digest=hashlib.file_digest(file, "sha256").digest())
            found = found._replace(format=photos.true_format(file), size=file.seek(0, os.SEEK_END))
            if not found.format and not promised:
                return found._replace(verdict="other")
            photo = photos.read(file)
            header = photos.open_image(file, name)
    except OSError as error:
        return found._replace(verdict="damaged", detail=f"cannot be opened ({error.strerror})")
    except PhotoError as error:
        reason = str(error).removeprefix(f"{_shown(os.fsencode(path))}: ")
        return found._replace(verdict="damaged" if found.format else found.verdict, detail=reason)
    height, width = photo.pixels.shape[:2]
    notes = ["progressive"] if header.info.get("progressive") else []
    notes += ["CMYK"] if header.mode == "CMYK" else []
    detail = ""
    if found.format != promised:
        detail = f"a {found.format} named {path.suffix or 'without an ending'}"
    verdict = "misnamed" if detail else "good"
    if min(height, width) < min_size:
        verdict = "small"
    elif not photo.has_color:
        verdict = "no color"
    found = found._replace(width=width, height=height, looks=looks(photo.pixels).tobytes())
    return found._replace(verdict=verdict, notes=" ".join(notes), detail=detail)


def _begin(findings: sqlite3.Connection, database: Path, folder: Path, min_size: int) -> None:
    """Make the tables, or find those of a stopped check, which must be of this folder."""
    findings.create_function("shown", 1, _shown)
    findings.executescript(f"""
        CREATE TABLE IF NOT EXISTS asked (folder, min_size);
        CREATE TABLE IF NOT EXISTS files ({", ".join(Finding._fields)}, PRIMARY KEY (path));
        CREATE VIEW IF NOT EXISTS kept AS
            SELECT rowid AS id, * FROM files WHERE verdict IN {KEPT};
    """)
    asked = (str(folder.resolve()), min_size)
    findings.execute("INSERT INTO asked SELECT ?, ? WHERE NOT EXISTS (SELECT * FROM asked)", asked)
    findings.commit()
    before = findings.execute("SELECT * FROM asked").fetchone()
    if before != asked:
        raise ColorlabError(
            f"{database} belongs to a check of {before[0]} with a minimum size of {before[1]}; "
            "finish that check, delete the file, or choose another name for the report."
        )


def _inspect_all(findings: sqlite3.Connection, folder: Path, min_size: int) -> None:
    known = "SELECT 1 FROM files WHERE path = ?"
    places = ", ".join("?" * len(Finding._fields))
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ThreadPoolExecutor() as pool, progress.bar(*columns) as bar:
        task = bar.add_task("Checking", total=sum(1 for _ in files(folder)))
        names = files(folder)
        while chunk := list(islice(names, CHUNK)):
            new = [n for n in chunk if not findings.execute(known, (os.fsencode(n),)).fetchone()]
            found = pool.map(partial(inspect, folder=folder, min_size=min_size), new)
            findings.executemany(f"INSERT INTO files VALUES ({places})", found)
            findings.commit()
            bar.advance(task, len(chunk))


def _mark_duplicates(findings: sqlite3.Connection) -> None:
    """Mark all photos that are alike, except the one whose path comes first."""
    same = "SELECT FIRST_VALUE(id) OVER (PARTITION BY digest ORDER BY path), id FROM kept"
    _mark(findings, "duplicate", [pair for pair in findings.execute(same) if pair[0] != pair[1]])
    table = np.fromiter(
        findings.execute("SELECT id, looks FROM kept ORDER BY path"),
        np.dtype([("id", np.int64), ("looks", "V16")]),
    )
    originals: dict[int, int] = {}
    for pairs in near_pairs(table["looks"].copy().view(np.uint64).reshape(-1, 2)):
        for one, other in np.sort(pairs, axis=1).tolist():
            originals[other] = min(one, originals.get(other, one))
    ids = table["id"].tolist()
    _mark(findings, "near duplicate", ((ids[one], ids[other]) for other, one in originals.items()))
    findings.commit()


def _mark(findings: sqlite3.Connection, verdict: str, pairs: Iterable[tuple[int, int]]) -> None:
    """Give the verdict to the second file of each pair of row numbers, as a copy of the first."""
    findings.executemany(
        f"UPDATE files SET verdict = '{verdict}', detail = '{verdict} of ' || "
        "(SELECT shown(path) FROM files WHERE rowid = ?) || iif(detail = '', '', '; ' || detail) "
        "WHERE rowid = ?",
        pairs,
    )


def _summary(findings: sqlite3.Connection) -> Summary:
    counts = findings.execute("SELECT verdict, COUNT(*) FROM files GROUP BY 1").fetchall()
    first = (
        "SELECT shown(path) || iif(detail = '', '', ': ' || detail) FROM files WHERE verdict = ? "
        "ORDER BY path LIMIT 3"
    )
    examples = {
        verdict: [line for (line,) in findings.execute(first, (verdict,))]
        for verdict, _ in counts
        if verdict not in FINE
    }
    notes = findings.execute("SELECT notes FROM kept")
    return Summary(
        Counter(dict(counts)), examples, Counter(note for row in notes for note in row[0].split())
    )


def _write_report(findings: sqlite3.Connection, out: Path) -> None:
    columns = Finding._fields[:-2]  # without the last two, which only the comparison needs
    with (
        replacing(out) as whole,
        whole.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in findings.execute(f"SELECT {', '.join(columns)} FROM files ORDER BY path"):
            writer.writerow((os.fsdecode(row[0]), *row[1:]))


def _write_keep_list(findings: sqlite3.Connection, folder: Path, keep_list: Path) -> None:
    with (
        replacing(keep_list) as whole,
        whole.open("w", encoding="utf-8", errors="surrogateescape") as file,
    ):
        for (path,) in findings.execute("SELECT path FROM kept ORDER BY path"):
            line = str(folder.resolve() / os.fsdecode(path))
            if "\n" not in line:  # such a path does not fit in one line
                file.write(f"{line}\n")


def _shown(path: bytes) -> str:
    return "".join(c if c.isprintable() else "?" for c in os.fsdecode(path))
