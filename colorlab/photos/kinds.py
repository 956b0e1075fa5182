"""Tell a file's format from its first bytes, and advise what to do with unsupported files."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from typing import BinaryIO, NamedTuple

# Some web servers and text tools put these before a photo; no reader minds if they are skipped.
STRAY = b"\xef\xbb\xbf\r\n\t "


class Other(NamedTuple):
    """A kind of file that is not a photo to colorlab.

    Attributes:
        name: what it is, with its article.
        magic: a regular expression for its first bytes.
        advice: what its owner can do.
    """

    name: str
    magic: bytes
    advice: str


_SAVE = "save it as PNG, TIFF or JPEG first"
_DEVELOP = "develop it first, and color the TIFF or JPEG"
_FRAME = "save one of its frames as an image first"

# Format → its first bytes. The formats are those that `photos.read` reads.
_MAGIC = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF....WEBP",
    "TIFF": rb"II[*+]\0(?!....CR)|MM\0[*+]",
    "BMP": rb"BM",
    "GIF": rb"GIF8[79]a",
    "AVIF": rb"....ftyp(avi[fs]|m[is]f1....(....)*avi[fs])",  # or any brand, compatible with it
    "HEIF": rb"....ftyp(hei[cmsx]|hev[cmsx]|m[is]f1)",
}
# Suffix → the format that it promises.
FORMATS = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".avif": "AVIF",
}
if find_spec("pi_heif"):
    FORMATS |= {".heic": "HEIF", ".heif": "HEIF"}
_OTHERS = (
    Other("a camera's raw file", rb"II[*]\0....CR|....ftypcrx |FUJIFILMCCD|FOVb", _DEVELOP),
    Other("a camera's raw file", rb"II(RO|RS|U\0)|MMOR|\0MRM", _DEVELOP),
    Other("a JPEG XL image", rb"\xff\x0a|\0\0\0\x0cJXL ", _SAVE),
    Other("a JPEG 2000 image", rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", _SAVE),
    Other("a PDF document", rb"%PDF", "save its pages as images first"),
    Other("a PostScript document", rb"%!PS", _SAVE),
    Other("a Photoshop document", rb"8BPS", _SAVE),
    Other("a GIMP document", rb"gimp xcf", _SAVE),
    Other("a PNM image", rb"P[1-7fF]\s", _SAVE),
    Other("an OpenEXR image", rb"\x76\x2f\x31\x01", _SAVE),
    Other("a Radiance image", rb"#\?R", _SAVE),
    Other("a DICOM image", rb".{128}DICM", _SAVE),
    Other("an icon", rb"\0\0[\x01\x02]\0", _SAVE),
    Other("a video", rb"....(ftyp|moov|mdat|wide|free)|RIFF....AVI |FLV|OggS", _FRAME),
    Other("a video", rb"\x1aE\xdf\xa3|\0\0\x01[\xb3\xba]|0&\xb2u", _FRAME),
    Other("a web page", rb"(?i)\s*<(!doctype html|html|head)", "download the photo that it shows"),
    Other("a drawing (SVG)", rb"\s*<(\?xml|svg)", _SAVE),
    Other("an archive", rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b", "unpack it first"),
)  # fmt: skip
_TGA_END = b"TRUEVISION-XFILE.\0"


def skip_stray(file: BinaryIO) -> int:
    """Find where the file begins behind stray bytes, and leave it there."""
    file.seek(0)
    head = file.read(16)
    begin = len(head) - len(head.lstrip(STRAY))
    file.seek(begin)
    return begin


def true_format(file: BinaryIO) -> str:
    """The format by the file's first bytes: such as "JPEG", or "" if `read` does not read it."""
    skip_stray(file)
    head = file.read(64)
    found = (name for name, magic in _MAGIC.items() if re.match(magic, head, re.DOTALL))
    return next(found, "")


def what_else(file: BinaryIO) -> str:
    """What the file is, and what to do with it, in words, if `read` does not read it."""
    file.seek(0)
    head = file.read(160)
    if not head:
        return "is empty; copy or download it again"
    file.seek(max(0, file.seek(0, os.SEEK_END) - len(_TGA_END)))
    if file.read() == _TGA_END:
        return f"is a Targa image; {_SAVE}"
    for other in _OTHERS:
        if re.match(other.magic, head, re.DOTALL):
            return f"is {other.name}; {other.advice}"
    return f"is not a photo (its bytes begin with {head[:8]!r}); give a JPEG, PNG, WebP or TIFF"
