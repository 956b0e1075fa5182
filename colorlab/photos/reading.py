"""Read a photo from a file, bytes, an image or an array: upright, 8 bits, sRGB."""

from __future__ import annotations

import contextlib
import io
import math
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from colorlab.errors import PhotoError
from colorlab.photos.arrays import from_array, shallow
from colorlab.photos.exif import kept_exif, software, upright
from colorlab.photos.kinds import true_format
from colorlab.photos.opening import full_pages, open_image, require_size
from colorlab.photos.photo import Array, Photo, Source, refusal

_END_OF_IMAGE = b"\xff\xd9"
_LAST_ROWS = 32  # pixels: what a JPEG decoder still owes when only the last bytes are missing
_BITS, _PHOTOMETRIC, _SAMPLES, _MAXIMUM, _SAMPLE_FORMAT = 258, 262, 277, 281, 339  # tags of TIFF


def read(
    source: Source,
    *,
    page: int | None = None,
    color: bool | None = None,
    keep_location: bool = False,
    at_least: int | None = None,
) -> Photo:
    """Read a photo: upright, in sRGB, with its alpha if it has one.

    The formats are JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF and, where pi-heif is installed, HEIC,
    recognized by their first bytes. If the file has a usable ICC profile, its colors are converted
    to sRGB. 16 bits are scaled to 8.

    Args:
        source: a path, a file's bytes, a seekable binary file (read from its start), a PIL
            image, or an array or tensor: uint8, uint16, or float in [0, 1], of shape (H, W),
            (H, W, 1), (H, W, 2) for gray and alpha, (H, W, 3) or (H, W, 4). At most 100
            megapixels. A Photo is returned as it is, but with `color` if that is given.
        page: which of the file's full pages or frames, from 0; by default the first of the largest.
        color: True for a color photo, False for a black-and-white one, toned or not. By default
            the pixels decide.
        keep_location: whether `exif` may say where the photo was taken.
        at_least: if given, a JPEG may be decoded at a half, a quarter or an eighth of its size, as
            long as both sides keep this many pixels. This is several times as fast.

    Returns:
        The photo.

    Raises:
        PhotoError: if the source is not such a photo; one line names it, the reason and a remedy.
    """
    if isinstance(source, Photo):
        return source if color is None else replace(source, color=color)
    photo = partial(_photo, page=page, color=color, keep_location=keep_location, at_least=at_least)
    if isinstance(source, str | os.PathLike):
        return _read_path(Path(source), photo)
    if isinstance(source, bytes | bytearray | memoryview):
        return photo(io.BytesIO(source), "bytes")
    if isinstance(source, Image.Image):
        return photo(source, str(getattr(source, "filename", "")) or "image")
    if hasattr(source, "__array__"):  # NumPy arrays and tensors
        try:
            array = np.asarray(source)
        except Exception as error:  # such as a tensor on a GPU
            reason = str(error).partition("\n")[0]
            raise refusal("array", f"NumPy cannot read it ({reason}); pass an array") from error
        return photo(from_array(array, "array"), "array")
    if hasattr(source, "read"):
        return photo(source, str(getattr(source, "name", None) or "file"))
    raise refusal(
        type(source).__name__, "not a photo; give a path, bytes, a file, a PIL image or an array"
    )


def _read_path(path: Path, photo: Callable[[BinaryIO, str], Photo]) -> Photo:
    try:
        if path.is_file():
            with path.open("rb") as file:
                return photo(file, str(path))
        kind = "is not a file, but a folder or device" if path.exists() else "does not exist"
        raise refusal(path, f"{kind}; give the path of a photo")
    except OSError as error:
        raise refusal(path, f"cannot be opened ({error.strerror}); check its rights") from error


def _photo(
    source: BinaryIO | Image.Image,
    label: str,
    *,
    page: int | None,
    color: bool | None,
    keep_location: bool,
    at_least: int | None,
) -> Photo:
    file_format, pages = "", [0]
    try:
        if isinstance(source, Image.Image):
            image = source
        else:
            file_format = true_format(source)
            image = open_image(source, label)
            pages = full_pages(image)
            if page is not None and not 0 <= page < len(pages):
                raise refusal(label, f"has no page {page}; it has {len(pages)}, from 0")
            if getattr(image, "n_frames", 1) > 1:
                image.seek(pages[0] if page is None else sorted(pages)[page])
        require_size(image.width, image.height, label)
        if at_least and isinstance(image, JpegImageFile):
            image.draft(None, (at_least, at_least))
        image = _loaded(image, source)
        icc, exif = image.info.get("icc_profile"), kept_exif(image, keep_location=keep_location)
        made_by, dpi, depth = software(image), _dpi(image), _depth(image, label)
        image = _eight_bits(upright(image), depth, label)
        alpha = None
        if image.has_transparency_data:
            mode = "LA" if image.mode in ("1", "L", "LA") else "RGBA"
            image = image if image.mode == mode else image.convert(mode)
            alpha = np.asarray(image.getchannel("A"))
        return Photo(
            _srgb(image, icc),
            alpha,
            name=Path(label).name,
            format=file_format,
            exif=exif,
            dpi=dpi,
            pages=len(pages),
            software=made_by,
            color=color,
        )
    except PhotoError:
        raise
    except Exception as error:  # bad bytes make Pillow raise almost any error
        kind = f" as {file_format}" if file_format else ""
        remedy = "copy or download it again" if "truncated" in str(error) else "save it as PNG"
        raise refusal(label, f"cannot be decoded{kind} ({error}); {remedy}") from error


def _loaded(image: Image.Image, source: Any) -> Image.Image:
    """Decode the pixels, also of a JPEG that lacks only its last bytes."""
    try:
        image.load()
    except OSError:
        if type(image) is not JpegImageFile:
            raise
        image.tile = []  # what has been decoded is there, black below
        rows: Array = np.asarray(image).reshape(image.height, -1)
        owed = min(_LAST_ROWS, image.height // 10)
        if not np.any(rows[: image.height - owed], axis=1).all():
            raise
        source.seek(0)
        image = JpegImageFile(io.BytesIO(source.read() + _END_OF_IMAGE), "")
        image.load()
    return image


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (round(float(each), 2) for each in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 < min(across, down) <= max(across, down) < math.inf else None


class _Depth(NamedTuple):
    """What the numbers of deep gray pixels mean: white's, and whether they count from white."""

    white: int = 65535
    negative: bool = False


def _depth(image: Image.Image, label: str) -> _Depth:
    if not isinstance(image, TiffImageFile):
        return _Depth()
    bits, signs = image.tag_v2.get(_BITS, (1,)), image.tag_v2.get(_SAMPLE_FORMAT, (1,))
    if signs[0] == 2:
        raise refusal(label, f"is a TIFF of signed {bits[0]}-bit numbers; save it with unsigned 16")
    if image.mode == "I":
        raise refusal(label, f"is a TIFF of {bits[0]}-bit numbers; save it with 16 bits")
    # Some scanners put 12 bits into 16, and say so here. Other numbers only describe the photo.
    (most,) = np.ravel(image.tag_v2.get(_MAXIMUM, 0))[:1]
    white = 2 ** bits[0] - 1
    if 255 < most < white and math.log2(most + 1).is_integer():
        white = int(most)
        if image.tag_v2.get(_SAMPLES, 1) > 1:
            raise refusal(label, f"is a TIFF whose white is {white}; save it with 8 bits")
    return _Depth(white, negative=image.tag_v2.get(_PHOTOMETRIC) == 0)


def _eight_bits(image: Image.Image, depth: _Depth, label: str) -> Image.Image:
    transparent = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        deep = np.asarray(image)
        gray, alpha = shallow(deep, depth.white), None
        if isinstance(transparent, int):
            alpha = Image.fromarray(np.uint8(255) * (deep != transparent))
        image = Image.fromarray(255 - gray if depth.negative else gray)
        if alpha:
            image.putalpha(alpha)
    elif image.mode == "F":
        array = np.asarray(image)
        image = from_array(1 - array if depth.negative else array, label)
    elif isinstance(transparent, tuple) and max(transparent) > 255:  # of a PNG with 16 bits
        image = image.copy()  # it may be the caller's
        image.info["transparency"] = tuple(each >> 8 for each in transparent)
    return image


def _srgb(image: Image.Image, icc: bytes | None) -> NDArray[np.uint8]:
    """Convert strip by strip, since each step on the whole would copy a huge photo once more."""
    mode = {"P": "RGB", "RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode)
    transform = None
    if icc:
        # A profile that is damaged, or for other channels than the photo has, is ignored.
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            srgb = ImageCms.createProfile("sRGB")
            transform = ImageCms.buildTransform(profile, srgb, mode, "RGB")
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    rows = max(1, 2**20 // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height))).convert(mode)
        if transform:
            strip = ImageCms.applyTransform(strip, transform) or strip
        pixels[top : top + rows] = np.asarray(strip.convert("RGB"))
    pixels.flags.writeable = False
    return pixels
