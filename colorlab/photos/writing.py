"""Write a photo: whole or not at all, and never over another unasked."""

from __future__ import annotations

import os
import uuid
import zlib
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image
from PIL.ExifTags import Base as _TAG
from PIL.PngImagePlugin import PngInfo

from colorlab.photos.exif import writable
from colorlab.photos.photo import Array, Photo, refusal
from colorlab.photos.reading import read

_JPEG = ("JPEG", {"quality": 95, "subsampling": "4:4:4"})
_WRITERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": ("PNG", {}),
    ".webp": ("WEBP", {"lossless": True, "exact": True}),
    ".tif": ("TIFF", {}),
    ".tiff": ("TIFF", {}),
    ".bmp": ("BMP", {}),
}
SUFFIXES = tuple(_WRITERS)
_OPAQUE = ("JPEG", "BMP")
# Format → the suffix of results; of JPEG, AVIF and HEIF it is .jpg.
_SUFFIX_OF = {"PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "BMP": ".bmp", "GIF": ".png"}


def suffix_for(photo: Photo, name: str | os.PathLike[str]) -> str:
    """The suffix for a result: the name's own if that can be written, else that of its format.

    A GIF becomes a PNG, since it can hold only 256 colors; so does a JPEG or BMP with alpha.
    """
    own = Path(name).suffix
    suffix = own if own.lower() in _WRITERS else _SUFFIX_OF.get(photo.format, ".jpg")
    opaque = _WRITERS[suffix.lower()][0] in _OPAQUE
    return ".png" if opaque and photo.alpha is not None else suffix


def write(
    picture: Image.Image | Array,
    path: str | os.PathLike[str],
    *,
    alpha: Array | None = None,
    exif: bytes = b"",
    dpi: tuple[float, float] | None = None,
    software: str = "",
    quality: int | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a photo, whole or not at all, in the format that the path's suffix names.

    JPEG is written at quality 95 without color subsampling, WebP and TIFF without loss.

    Args:
        picture: a PIL image, or an array as `read` takes it.
        path: ends in .jpg, .jpeg, .png, .webp, .tif, .tiff or .bmp; its folder must exist.
        alpha: (H, W) uint8, or float in [0, 1]; replaces the picture's own alpha. JPEG and BMP
            cannot store alpha.
        exif: the EXIF of a `Photo`, to store in the file; BMP cannot store it and leaves it out.
        dpi: dots per inch, across and down; WebP leaves it out.
        software: what made the picture, to store in the file; BMP leaves it out.
        quality: of a JPEG, from 1 to 100, or of a WebP, which then is lossy.
        overwrite: whether an existing file may be replaced.

    Returns:
        The path.

    Raises:
        PhotoError: if the picture, the suffix or the place cannot be used; nothing is written.
    """
    path = Path(path)
    if path.suffix.lower() not in _WRITERS:
        raise refusal(path, f"cannot be written; end its name in one of {', '.join(_WRITERS)}")
    if not path.parent.is_dir():
        raise refusal(path, f"there is no folder {path.parent}; make it first")
    file_format, options = _WRITERS[path.suffix.lower()]
    photo = read(picture)
    image = Image.fromarray(photo.pixels)
    mask = photo.alpha if alpha is None else read(alpha).pixels[..., 0]
    if mask is not None:
        if file_format in _OPAQUE:
            raise refusal(path, f"{file_format} cannot store alpha; end its name in .png")
        if mask.shape != photo.pixels.shape[:2]:
            raise refusal(path, f"alpha is {mask.shape}, expected {photo.pixels.shape[:2]}")
        image.putalpha(Image.fromarray(mask))
    if quality is not None and file_format in ("JPEG", "WEBP"):
        options = options | {"quality": quality, "lossless": False}
    tags = writable(exif, software)
    if dpi:
        options = options | {"dpi": dpi}
    if software and file_format == "PNG":
        text = PngInfo()
        text.add_text("Software", software)
        options = options | {"pnginfo": text}

    temporary = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            if file_format == "TIFF":
                _save_tiff(image, file, tags, dpi)
            else:
                image.save(file, file_format, **options, exif=tags)
        if overwrite:
            temporary.replace(path)
        else:
            _move_to_free_place(temporary, path)
    except FileExistsError as error:
        raise refusal(path, "already exists; choose another name, or allow overwrite") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise refusal(
            path, f"could not be written ({reason}); try another place or .png"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _save_tiff(
    image: Image.Image, file: BinaryIO, tags: Image.Exif, dpi: tuple[float, float] | None
) -> None:
    """Write a compressed TIFF whose directory is `tags`, with the entries on the pixels added.

    Pillow leaves compression to libtiff, which refuses EXIF of the camera or the place. EXIF is a
    TIFF without pixels, so Pillow writes that, and the pixels follow in strips of up to a megabyte.

    Source: Adobe 1992, TIFF 6.0, section 6 (the entries); Adobe 2002, TIFF technical notes
    (Deflate).
    """
    width, height = image.size
    bands = len(image.getbands())
    rows = max(1, 2**20 // (bands * width))
    boxes = [(0, top, width, min(top + rows, height)) for top in range(0, height, rows)]
    strips = [zlib.compress(image.crop(box).tobytes()) for box in boxes]
    lengths = [len(strip) for strip in strips]
    tags[_TAG.ImageWidth] = width
    tags[_TAG.ImageLength] = height
    tags[_TAG.BitsPerSample] = (8,) * bands
    tags[_TAG.Compression] = 8  # Deflate
    tags[_TAG.PhotometricInterpretation] = 2  # RGB
    tags[_TAG.SamplesPerPixel] = bands
    if bands == 4:
        tags[_TAG.ExtraSamples] = 2  # alpha, by which the colors are not multiplied
    tags[_TAG.RowsPerStrip] = rows
    # From the end of the directory, which Pillow adds.
    tags[_TAG.StripOffsets] = tuple(accumulate(lengths[:-1], initial=0))
    tags[_TAG.StripByteCounts] = tuple(lengths)
    if dpi:
        tags[_TAG.XResolution], tags[_TAG.YResolution] = dpi
        tags[_TAG.ResolutionUnit] = 2  # inches
    file.write(tags.tobytes().removeprefix(b"Exif\0\0"))
    file.writelines(strips)


def _move_to_free_place(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # FAT and many network drives have no hard links
        path.touch(exist_ok=False)
        temporary.replace(path)
