"""Photos on disk ⇄ RGB arrays. Only this module opens untrusted photos."""

import contextlib
import io
import os
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from colorlab.color import tone
from colorlab.color.encoding import Gray, luma, value
from colorlab.errors import PhotoError
from colorlab.photos.exif import kept_exif, upright

MAX_PIXELS = 100_000_000

# A file's first bytes choose its reader; its name does not matter. Image.open would try many more
# formats, and it warns about size through Python's warning filters, which all threads share.
_READERS: dict[str, tuple[bytes, type[ImageFile.ImageFile]]] = {
    "JPEG": (rb"\xff\xd8\xff", JpegImageFile),
    "PNG": (rb"\x89PNG\r\n\x1a\n", PngImageFile),
    "WEBP": (rb"RIFF....WEBP", WebPImageFile),
    "TIFF": (rb"II[*+]\0|MM\0[*+]", TiffImageFile),
    "BMP": (rb"BM", BmpImageFile),
    "GIF": (rb"GIF8[79]a", GifImageFile),
}

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
# Suffix → the format that it promises.
FORMATS = {suffix: name for suffix, (name, _) in _WRITERS.items()} | {".gif": "GIF"}


@dataclass(frozen=True, eq=False)
class Photo:
    """An upright photo in sRGB.

    Attributes:
        pixels: (H, W, 3) uint8, read-only.
        alpha: (H, W) uint8, read-only, 255 is opaque; None if the photo has no alpha.
        name: the file's name without its folder, or a word such as "array".
        exif: the EXIF that a copy may keep: description, dates, camera, author, and, if `read` was
            asked to keep it, the place. Empty if there is none.
        color: what the caller of `read` said: True for a color photo, False for a black-and-white
            one; None lets the pixels decide.
    """

    pixels: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    name: str
    exif: bytes = b""
    color: bool | None = None

    @property
    def rgb(self) -> NDArray[np.float32]:
        """The pixels as (H, W, 3) float32 in [0, 1]."""
        return np.divide(self.pixels, 255, dtype=np.float32)

    @property
    def image(self) -> Image.Image:
        """The photo as a PIL image, RGB, or RGBA if it has alpha."""
        image = Image.fromarray(self.pixels)
        if self.alpha is not None:
            image.putalpha(Image.fromarray(self.alpha))
        return image

    @cached_property
    def has_color(self) -> bool:
        """Whether it is a color photo: `color` if that is given, or else `tone.has_color`."""
        return tone.has_color(self.pixels, self.alpha) if self.color is None else self.color

    @property
    def keep(self) -> Gray:
        """The kind of gray to keep: "value", or "luma" if the photo has no color.

        Black-and-white film and conversions are close to luma. A tone, such as sepia, is dropped.
        """
        return "value" if self.has_color else "luma"

    @property
    def gray(self) -> NDArray[np.float32]:
        """The gray that `keep` names, (H, W, 1) float32 in [0, 1]."""
        light = value if self.keep == "value" else luma
        gray = np.empty((*self.pixels.shape[:2], 1), np.float32)
        for some, part in _strips(self.pixels, gray):
            part[:] = light(np.divide(some, 255, dtype=np.float32))
        return gray


Array = NDArray[Any]
Source = (
    Photo | str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | Array
)


def read(
    source: Source,
    *,
    color: bool | None = None,
    keep_location: bool = False,
    at_least: int | None = None,
) -> Photo:
    """Read a photo: upright, in sRGB, with its alpha if it has one.

    The formats are JPEG, PNG, WebP, TIFF, BMP and the first frame of a GIF, recognized by their
    first bytes. If the file has a usable ICC profile, its colors are converted to sRGB. 16 bits
    are scaled to 8.

    Args:
        source: a path, a file's bytes, a seekable binary file (read from its start), a PIL
            image, or an array or tensor, uint8 or float in [0, 1], of shape (H, W), (H, W, 1),
            (H, W, 2) for gray and alpha, (H, W, 3) or (H, W, 4). At most 100 megapixels. A Photo
            is returned as it is, but with `color` if that is given.
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
    photo = partial(_photo, color=color, keep_location=keep_location, at_least=at_least)
    if isinstance(source, str | os.PathLike):
        return _read_path(Path(source), photo)
    if isinstance(source, bytes | bytearray | memoryview):
        return photo(io.BytesIO(source), "bytes")
    if isinstance(source, Image.Image):
        return photo(source, str(getattr(source, "filename", "")) or "image")
    if hasattr(source, "__array__"):  # NumPy arrays and tensors
        return photo(_from_array(np.asarray(source), "array"), "array")
    if hasattr(source, "read"):
        return photo(source, str(getattr(source, "name", None) or "file"))
    raise PhotoError(
        f"{type(source).__name__}: not a photo; give a path, bytes, a binary file, a PIL image "
        "or an array"
    )


def require_color(photo: Photo, label: object) -> None:
    """Raise a PhotoError that names `label` if the photo has no color to learn from."""
    if not photo.has_color:
        raise refusal(label, "has no color to learn from; give color photos")


def true_format(file: BinaryIO) -> str:
    """The format by the file's first bytes: "JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", or ""."""
    file.seek(0)
    head = file.read(16)
    names = (n for n, (magic, _) in _READERS.items() if re.match(magic, head, re.DOTALL))
    return next(names, "")


def open_image(file: BinaryIO, label: str) -> Image.Image:
    """Open a photo file with PIL, by its first bytes; its pixels are not decoded yet.

    Args:
        file: a seekable binary file, read from its start.
        label: the file's name in errors.

    Raises:
        PhotoError: if the first bytes are not those of a photo. If only what follows them is
            damaged, PIL may raise almost any error.
    """
    name = true_format(file)
    file.seek(0)
    if name:
        return _READERS[name][1](file, label)
    head = file.read(8)
    reason = f"its bytes begin with {head!r}" if head else "it is empty"
    raise refusal(label, f"not a JPEG, PNG, WebP, TIFF, BMP or GIF: {reason}; fetch it again")


def write(
    picture: Image.Image | Array,
    path: str | os.PathLike[str],
    *,
    alpha: Array | None = None,
    exif: bytes = b"",
    overwrite: bool = False,
) -> Path:
    """Write a photo, whole or not at all, in the format that the path's suffix names.

    JPEG is written at quality 95 without color subsampling, WebP without loss.

    Args:
        picture: a PIL image, or an array as `read` takes it.
        path: ends in .jpg, .jpeg, .png, .webp, .tif, .tiff or .bmp; its folder must exist.
        alpha: (H, W) uint8, or float in [0, 1]; replaces the picture's own alpha. JPEG and BMP
            cannot store alpha.
        exif: the EXIF of a `Photo`, to store in the file; BMP cannot store it and leaves it out.
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
        if file_format in ("JPEG", "BMP"):
            raise refusal(path, f"{file_format} cannot store alpha; end its name in .png")
        if mask.shape != photo.pixels.shape[:2]:
            raise refusal(path, f"alpha is {mask.shape}, expected {photo.pixels.shape[:2]}")
        image.putalpha(Image.fromarray(mask))

    temporary = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with temporary.open("xb") as file:
            image.save(file, file_format, **options, exif=exif)
        if overwrite:
            temporary.replace(path)
        else:
            _move_to_free_place(temporary, path)
    except FileExistsError as error:
        raise refusal(path, "is there already; choose another name, or allow overwrite") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise refusal(
            path, f"could not be written ({reason}); try another place or .png"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _strips(*arrays: Array) -> Iterable[tuple[Array, ...]]:
    """Cut arrays into strips of a million numbers, so that a huge photo is never copied whole."""
    count = 1 + arrays[0].size // 2**20
    return zip(*(np.array_split(each, count) for each in arrays), strict=True)


def refusal(label: object, problem: str) -> PhotoError:
    """The error that names a photo and says what is wrong with it, in one line."""
    # File names and Pillow's messages can contain line breaks and terminal codes.
    return PhotoError("".join(c if c.isprintable() else "?" for c in f"{label}: {problem}"))


def _read_path(path: Path, photo: Callable[[BinaryIO, str], Photo]) -> Photo:
    try:
        if path.is_file():
            with path.open("rb") as file:
                return photo(file, str(path))
        kind = "a folder or device, not a file" if path.exists() else "not there"
        raise refusal(path, f"{kind}; give the path of a photo")
    except OSError as error:
        raise refusal(path, f"cannot be opened ({error.strerror}); check its rights") from error


def _photo(
    source: BinaryIO | Image.Image,
    label: str,
    *,
    color: bool | None,
    keep_location: bool,
    at_least: int | None,
) -> Photo:
    try:
        image = source if isinstance(source, Image.Image) else open_image(source, label)
        if image.width * image.height > MAX_PIXELS:
            size = f"{image.width}×{image.height} pixels"
            raise refusal(label, f"{size} are more than 100 megapixels; make it smaller first")
        if at_least and isinstance(image, JpegImageFile):
            image.draft(None, (at_least, at_least))
        image.load()
        icc, exif = image.info.get("icc_profile"), kept_exif(image, keep_location=keep_location)
        image = _eight_bits(upright(image), label)
        alpha = None
        if image.has_transparency_data:
            mode = "LA" if image.mode in ("1", "L", "LA") else "RGBA"
            image = image if image.mode == mode else image.convert(mode)
            alpha = np.asarray(image.getchannel("A"))
        return Photo(_srgb(image, icc), alpha, Path(label).name, exif, color)
    except PhotoError:
        raise
    except Exception as error:  # bad bytes make Pillow raise almost any error
        reason = f"cannot be decoded ({error})"
        raise refusal(label, f"{reason}; fetch it again or re-save it as PNG") from error


def _from_array(array: Array, label: str) -> Image.Image:
    shape, dtype = array.shape, array.dtype
    if array.size == 0 or len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] > 4):
        raise refusal(label, f"shape {shape} is not a photo's; expected (H, W) or (H, W, 1 to 4)")
    if np.issubdtype(dtype, np.floating):
        if not (array.min() >= 0 and array.max() <= 1):  # false for NaN too
            raise refusal(label, "float values must lie in [0, 1] without NaN; scale or clip them")
        array = np.rint(array * 255).astype(np.uint8)
    elif dtype != np.uint8:
        raise refusal(label, f"dtype {dtype} is not a photo's; convert it to uint8, or to [0, 1]")
    return Image.fromarray(array[..., 0] if shape[2:] == (1,) else array)


def _eight_bits(image: Image.Image, label: str) -> Image.Image:
    if image.mode.startswith("I;16"):
        deep = np.asarray(image)
        shallow = np.empty(deep.shape, np.uint8)
        for some, part in _strips(deep, shallow):
            part[:] = (some.astype(np.uint32) + 128) // 257
        return Image.fromarray(shallow)
    if image.mode == "F":
        return _from_array(np.asarray(image), label)
    if image.mode == "I":
        raise refusal(label, "32-bit integer pixels say not what white is; save it with 16 bits")
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


def _move_to_free_place(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # FAT and many network drives have no hard links
        path.touch(exist_ok=False)
        temporary.replace(path)
