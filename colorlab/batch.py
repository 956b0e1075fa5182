"""Color many photos, given as files and folders, into another folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorlab import photos
from colorlab.errors import ColorlabError, PhotoError
from colorlab.photos import Photo
from colorlab.photos.exif import MARK
from colorlab.progress import track

if TYPE_CHECKING:
    from colorlab.colorizer import Colorizer


class Batch:
    """Photos, and folders of photos, to be colored into the folder `out` under their own names.

    Results keep the subfolders, so that two photos of the same name do not collide. Files in `out`,
    and other results of colorlab that are found in a folder, are not colored. A result never
    replaces a photo.

    Attributes:
        done: how many photos were passed over because their results exist.
        remarks: what a user should know of the photos, a line each.
    """

    def __init__(
        self,
        sources: Iterable[str | os.PathLike[str]],
        out: str | os.PathLike[str],
        *,
        suffix: str = "",
        all_pages: bool = False,
        skip_existing: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Find the photos.

        Args:
            sources: photos, and folders of photos.
            out: the folder for the results, which need not exist; or for one photo, its file.
            suffix: that of the results; by default the photo's own, if that can be written.
            all_pages: color each page or frame of a file, not only its largest.
            skip_existing: pass over photos whose results exist.
            overwrite: replace old results.
        """
        if isinstance(sources, str):  # its letters would be taken for paths
            raise ColorlabError(f"{sources!r} is one path; expected a list, as [{sources!r}].")
        out = Path(out)
        self.out, self.suffix, self.all_pages = out, suffix, all_pages
        self.skip_existing, self.overwrite = skip_existing, overwrite
        self.done = 0
        self.remarks: list[str] = []
        self.errors: list[ColorlabError] = []
        self._target: dict[Path, Path] = {}  # photo → its result, whose suffix may still change
        self._photo_of: dict[Path, Path] = {}  # result → photo
        self._found: set[Path] = set()  # photos that the caller did not name
        paths = [Path(source) for source in sources]
        one_file = out.suffix.lower() in photos.SUFFIXES and not out.is_dir()
        if one_file and (len(paths) > 1 or paths[0].is_dir()):
            raise ColorlabError(f"{out} is one file; expected a folder for the results.")
        others: Counter[str] = Counter()
        for source in paths:
            if not source.is_dir():
                self._target[source] = out if one_file else out / source.name
                continue
            try:
                found = photos.find(source)
            except PhotoError as error:
                self.errors.append(error)
                continue
            others += found.others
            results = out.resolve()
            for path in found:
                if results == source.resolve() or not path.resolve().is_relative_to(results):
                    self._target[path] = out / path.relative_to(source)
                    self._found.add(path)
        self._originals = {path.resolve() for path in self._target}
        # Of two photos of one result the first has it, even if it is read last.
        for path, target in self._target.items():
            self._photo_of.setdefault(target.with_suffix(suffix or target.suffix), path)
        if others:
            counts = sorted(others.items(), key=lambda each: (-each[1], each[0]))
            kinds = ", ".join(f"{count} {kind}" for kind, count in counts)
            self.remarks.append(f"Files skipped: {others.total()} ({kinds})")

    def __len__(self) -> int:
        """The number of photos."""
        return len(self._target)

    def colorize(self, colorizer: Colorizer, **options: Any) -> Iterator[Path | ColorlabError]:
        """Color the photos, with a progress bar; yield each result's path, or what prevented it.

        Args:
            colorizer: the model.
            options: as for `Colorizer.colorize_file`.
        """

        def color(path: Path) -> list[Path | ColorlabError | None]:
            try:
                return list(self._colorize(path, colorizer, options))
            except ColorlabError as error:
                return [error]
            except OSError as error:
                place = error.filename or self.out
                return [ColorlabError(f"{place} cannot be written ({error.strerror}).")]

        yield from self.errors
        # One photo is decoded while another is colored. More threads would only take more memory.
        pool = ThreadPoolExecutor(2)
        try:
            for results in track(pool.map(color, self._target), "Coloring", len(self)):
                self.done += results.count(None)
                yield from filter(None, results)
        finally:
            pool.shutdown(cancel_futures=True)

    def _colorize(
        self, path: Path, colorizer: Colorizer, options: dict[str, Any]
    ) -> Iterator[Path | None]:
        usual = self._target[path].with_suffix(self.suffix or self._target[path].suffix)
        if self.skip_existing and not self.all_pages and usual.exists():  # not even read
            yield None
            return
        reading = {k: v for k, v in options.items() if k in ("color", "keep_location")}
        photo = photos.read(path, **reading)
        if path in self._found and photo.software.startswith(MARK):
            self.remarks.append(f"{path}: is itself {photo.software}; name it to color it again")
            return
        opened = replace(photo, pages=1) if self.all_pages else photo
        self.remarks += [f"{path}: {remark}" for remark in opened.remarks]
        pages = range(photo.pages) if self.all_pages and photo.pages > 1 else [None]
        for page in pages:
            target = self._place(path, photo, page)
            if target.exists() and self.skip_existing:
                yield None
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            each = photo if page is None else photos.read(path, page=page, **reading)
            yield colorizer.colorize_file(each, target, overwrite=self.overwrite, **options)

    def _place(self, path: Path, photo: Photo, page: int | None) -> Path:
        """Where a result goes.

        Raises:
            ColorlabError: if it may not: there is a file already, a photo, or another's result.
        """
        target = self._target[path]
        if target != self.out:
            suffix = self.suffix or photos.suffix_for(photo, path)
            number = "" if page is None else f"-{page + 1}"
            target = target.with_name(f"{path.stem}{number}{suffix}")
        if target.resolve() in self._originals:
            raise ColorlabError(f"{target} is itself one of the photos; give another folder.")
        if (first := self._photo_of.setdefault(target, path)) != path:
            raise ColorlabError(f"{path}: {target} is the result of {first}; rename one of them.")
        if target.exists() and not (self.overwrite or self.skip_existing):
            raise PhotoError(f"{target}: already exists; allow overwrite, or give another folder")
        return target
