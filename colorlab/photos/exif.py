"""What a photo's EXIF says: which side is up, and what a copy may say of it, too.

A camera writes EXIF, and anybody may damage it. The pixels are good all the same, so what cannot be
read is taken for not there.
"""

from PIL import ExifTags, Image

_TAG, _IFD = ExifTags.Base, ExifTags.IFD
# Orientation → how to turn the pixels. ImageOps.exif_transpose also writes the EXIF anew, and fails
# where another entry is damaged.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What goes on with a photo: what it shows, when it was taken, with what, by whom. Not what is true
# of its old pixels only (orientation, size, thumbnail), nor a maker's own notes.
_ABOUT = (
    _TAG.ImageDescription, _TAG.Make, _TAG.Model, _TAG.DateTime, _TAG.Artist, _TAG.Copyright
)  # fmt: skip
_WHEN = (
    _TAG.DateTimeOriginal, _TAG.SubsecTimeOriginal, _TAG.OffsetTimeOriginal,
    _TAG.DateTimeDigitized, _TAG.OffsetTimeDigitized, _TAG.OffsetTime,
)  # fmt: skip
_MOST = 65_000  # bytes; a JPEG has room for no more


def upright(image: Image.Image) -> Image.Image:
    """The image with its upper side up; itself if it is so already, or does not say."""
    try:
        turn = _UPRIGHT.get(image.getexif().get(_TAG.Orientation, 1))
    except Exception:
        turn = None
    return image if turn is None else image.transpose(turn)


def kept_exif(image: Image.Image, *, keep_location: bool) -> bytes:
    """The EXIF of a copy: description, dates, camera and author, and the place if that is asked."""
    copy = Image.Exif()
    try:
        found = image.getexif()
        copy.update({tag: found[tag] for tag in _ABOUT if tag in found})
        taken = found.get_ifd(_IFD.Exif)
        if when := {tag: taken[tag] for tag in _WHEN if tag in taken}:
            copy[_IFD.Exif] = when
        if keep_location and (place := found.get_ifd(_IFD.GPSInfo)):
            copy[_IFD.GPSInfo] = place
        written = copy.tobytes() if copy else b""
    except Exception:
        return b""
    return written if len(written) <= _MOST else b""
