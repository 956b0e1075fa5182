"""Open a photo file with Pillow: by its bytes, whole pages only, and what small faults allow."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import zlib
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.MpoImagePlugin import MpoImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from colorlab.errors import PhotoError
from colorlab.photos.arrays import from_array
from colorlab.photos.kinds import skip_stray, true_format, what_else
from colorlab.photos.photo import refusal

# Image.open would try many more formats, and it warns about size through Python's warning filters,
# which all threads share.
_READERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "TIFF": TiffImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "AVIF": AvifImageFile,
}
# Tags of TIFF (Adobe's TIFF 6.0, DNG 1.7, TIFF/EP) that Pillow leaves to its callers.
_SUBFILE, _PHOTOMETRIC, _SUB_IFDS, _DNG = 254, 262, 330, 50706
_RAW_PIXELS = (32803, 34892)  # photometric: a color filter array, linear raw
_SAVE_AS = "save it as a TIFF of 8 or 16 bits, gray or RGB"
MAX_PIXELS = 100_000_000
logging.getLogger("tifffile").addHandler(logging.NullHandler())  # its errors become ours
_MOST_PROFILE = 2**24  # bytes of an unpacked color profile


def open_image(file: BinaryIO, label: str) -> Image.Image:
    """Open a photo file by its first bytes; its pixels are not decoded yet.

    Args:
        file: a seekable binary file, read from its start.
        label: the file's name in errors.

    Raises:
        PhotoError: if the first bytes are not those of a photo. If only what follows them is
            damaged, Pillow may raise almost any error.
    """
    name = true_format(file)
    if not name:
        raise refusal(label, what_else(file))
    if skip_stray(file):
        file = io.BytesIO(file.read())
    if name == "HEIF":
        try:
            heif = importlib.import_module("pi_heif")
        except ImportError:
            advice = "pip install pi-heif to color it, or save it as JPEG first"
            raise refusal(label, f"is a HEIC photo; {advice}") from None
        heif_image: Image.Image = heif.HeifImageFile(file)
        return heif_image
    # Without the file's name, Pillow does not map the file into memory, where a file that is cut
    # short meanwhile would kill the process.
    try:
        image: Image.Image = _READERS[name](file, "")
    except (ValueError, SyntaxError):
        file.seek(0)
        if name == "PNG":
            return _lean_png(file.read())
        if name == "TIFF":
            return _by_tifffile(file, label)
        raise
    if isinstance(image, JpegImageFile) and "mpoffset" in image.info:
        with contextlib.suppress(Exception):  # an index that is damaged: one photo, as for others
            file.seek(0)
            image = MpoImageFile(file, "")
    if isinstance(image, TiffImageFile):
        _refuse_raw(image, label)
    if isinstance(image, BmpImageFile) and "BGRX" in str(image.tile[0].args):
        return _with_alpha(image, file, label)
    return image


def require_size(width: int, height: int, label: str) -> None:
    """Raise a PhotoError if a picture of this size is more than colorlab decodes."""
    if width * height > MAX_PIXELS:
        size = f"{width}×{height} pixels"
        raise refusal(label, f"{size} are more than 100 megapixels; make it smaller first")


def full_pages(image: Image.Image) -> list[int]:
    """The numbers of a file's full pages or frames, the largest first; thumbnails are left out."""
    numbers = range(getattr(image, "n_frames", 1))
    if not isinstance(image, TiffImageFile | MpoImageFile):
        return list(numbers)  # all frames of an animation have its size
    areas = {}
    for number in numbers:
        image.seek(number)
        if not (isinstance(image, TiffImageFile) and image.tag_v2.get(_SUBFILE, 0) & 1):
            areas[number] = image.width * image.height
    if isinstance(image, MpoImageFile):  # a phone adds a preview and a gain map, which are smaller
        areas = {number: area for number, area in areas.items() if area == max(areas.values())}
    return sorted(areas, key=lambda number: -areas[number]) or [0]


def _refuse_raw(image: TiffImageFile, label: str) -> None:
    """Refuse a camera's raw file, of which Pillow would give the preview."""
    tags = image.tag_v2
    preview = tags.get(_SUBFILE, 0) & 1 and _SUB_IFDS in tags
    if _DNG in tags or preview or tags.get(_PHOTOMETRIC) in _RAW_PIXELS:
        raise _raw(label)


def _raw(label: str) -> PhotoError:
    return refusal(label, "is a camera's raw file; develop it first, and color the TIFF or JPEG")


def _by_tifffile(file: BinaryIO, label: str) -> Image.Image:
    """Decode a TIFF of a kind that Pillow does not know, such as 16-bit gray with alpha."""
    import tifffile

    with tifffile.TiffFile(file) as tiff:
        page: Any = tiff.pages.first
        require_size(page.imagewidth, page.imagelength, label)
        kind = page.photometric
        if kind in _RAW_PIXELS:
            raise _raw(label)
        if page.bitspersample not in (8, 16) or kind > tifffile.PHOTOMETRIC.RGB:
            raise refusal(label, f"is a {page.bitspersample}-bit {kind.name} TIFF; {_SAVE_AS}")
        array = page.asarray()
        if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
            array = np.moveaxis(array, 0, -1)
    return from_array(~array if kind == tifffile.PHOTOMETRIC.MINISWHITE else array, label)


def _with_alpha(image: BmpImageFile, file: BinaryIO, label: str) -> Image.Image:
    """A BMP of 32 bits, whose fourth byte is alpha where it is ever used."""
    require_size(*image.size, label)
    tile: Any = image.tile[0]
    _, _, offset, (_, stride, order) = tile
    file.seek(offset)
    data = file.read(stride * image.height)
    four = Image.frombuffer("RGBA", image.size, data, "raw", "BGRA", stride, order)
    return four if four.getchannel("A").getextrema()[1] else image


def _lean_png(data: bytes) -> PngImageFile:
    """Open a PNG without its texts, which may be larger than Pillow allows; so may its profile."""
    lean, profile, at = bytearray(data[:8]), b"", 8
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind, content = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if kind == b"iCCP":
            packed = content.partition(b"\0")[2][1:]
            profile = zlib.decompressobj().decompress(packed, _MOST_PROFILE)
        elif kind not in (b"tEXt", b"zTXt", b"iTXt"):
            lean += data[at:end]
        at = end
    image = PngImageFile(io.BytesIO(lean), "")
    if profile:
        image.info["icc_profile"] = profile
    return image
