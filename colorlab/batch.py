"""Color many photos, given as files and folders, into another folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorlab.errors import ColorlabError
from colorlab.photos import find
from colorlab.progress import track

if TYPE_CHECKING:
    from colorlab.colorizer import Colorizer


def colorize_all(
    sources: Iterable[Path], out: Path, colorizer: Colorizer, **options: Any
) -> Iterator[Path | ColorlabError]:
    """Color photos into a folder, under their own names, with a progress bar.

    A folder keeps its subfolders, so that two photos of the same name do not collide. A GIF becomes
    a PNG, because a GIF can hold only 256 colors.

    Args:
        sources: photos, and folders of photos.
        out: the folder for the results; it need not exist yet.
        colorizer: the `Colorizer` to use.
        options: as for `Colorizer.colorize_file`.

    Yields:
        The path of each photo's result, or the error that prevented it. Errors that were found
        before the first photo is colored come first.
    """
    photo_of: dict[Path, Path] = {}  # result → photo
    for source in sources:
        try:
            found: Sequence[Path] = find(source) if source.is_dir() else [source]
        except ColorlabError as error:
            yield error
            continue
        base = source if source.is_dir() else source.parent
        for photo in found:
            target = out / photo.relative_to(base)
            target = target.with_suffix(".png") if target.suffix.lower() == ".gif" else target
            if photo_of.setdefault(target, photo) != photo:
                yield ColorlabError(
                    f"{photo}: {target} is another photo's result; choose another folder for it"
                )

    def color(job: tuple[Path, Path]) -> Path | ColorlabError:
        target, photo = job
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return colorizer.colorize_file(photo, target, **options)
        except ColorlabError as error:
            return error
        except OSError as error:
            return ColorlabError(
                f"{target}: cannot be written ({error.strerror}); choose another folder"
            )

    # One photo is decoded while another is colored. More threads would only take more memory.
    pool = ThreadPoolExecutor(2)
    try:
        yield from track(pool.map(color, photo_of.items()), "Coloring", len(photo_of))
    finally:
        pool.shutdown(cancel_futures=True)
