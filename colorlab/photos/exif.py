"""Read EXIF: which side of a photo is up, and which entries a copy may keep.

EXIF can be damaged while the pixels are good, so an entry that cannot be read counts as missing.
"""

from typing import Any

from PIL import ExifTags, Image

_TAG, _IFD = ExifTags.Base, ExifTags.IFD
# Orientation → how to turn the pixels. ImageOps.exif_transpose would also rewrite the EXIF, and it
# fails if another entry is damaged.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# A copy keeps what the photo shows, and when, with what and by whom it was taken. It drops what is
# true only of the old pixels (orientation, size, thumbnail), and a camera maker's own notes.
ABOUT = (
    _TAG.ImageDescription, _TAG.Make, _TAG.Model, _TAG.DateTime, _TAG.Artist, _TAG.Copyright
)  # fmt: skip
WHEN = (
    _TAG.DateTimeOriginal, _TAG.SubsecTimeOriginal, _TAG.OffsetTimeOriginal,
    _TAG.DateTimeDigitized, _TAG.OffsetTimeDigitized, _TAG.OffsetTime,
)  # fmt: skip
MARK = "colorized by colorlab"  # begins the name of the software that made a result
_MOST = 65_000  # bytes; a JPEG has no room for more


def upright(image: Image.Image) -> Image.Image:
    """Turn the image upright; return it unchanged if it is upright or its EXIF does not say."""
    try:
        turn = _UPRIGHT.get(image.getexif().get(_TAG.Orientation, 1))
    except Exception:
        turn = None
    return image if turn is None else image.transpose(turn)


def kept_exif(image: Image.Image, *, keep_location: bool) -> bytes:
    """The EXIF that a copy keeps: description, dates, camera, author, and location if asked for."""
    copy = Image.Exif()
    try:
        found = image.getexif()
        copy.update({tag: _as_bytes(found[tag]) for tag in ABOUT if tag in found})
        taken = found.get_ifd(_IFD.Exif)
        if when := {tag: taken[tag] for tag in WHEN if tag in taken}:
            copy[_IFD.Exif] = when
        if keep_location and (place := found.get_ifd(_IFD.GPSInfo)):
            copy[_IFD.GPSInfo] = place
        written = copy.tobytes() if copy else b""
    except Exception:
        return b""
    return written if len(written) <= _MOST else b""


def software(image: Image.Image) -> str:
    """The software that made the picture, by its EXIF; "" if that is not known."""
    try:
        return str(image.getexif().get(_TAG.Software, ""))
    except Exception:
        return ""


def writable(exif: bytes, software: str) -> Image.Exif:
    """The same EXIF for Pillow to write, byte for byte; it also says what made the picture."""
    copy = Image.Exif()
    copy.load(exif)
    copy.update({tag: _as_bytes(value) for tag, value in copy.items()})
    if software:
        copy[_TAG.Software] = software
    return copy


def _as_bytes(value: Any) -> Any:
    """A text as it stood in the file: Pillow reads each byte as one character of Latin 1."""
    return value.encode("latin-1") if isinstance(value, str) else value
