"""Reading, writing and finding photos: what a user gets, and what bad files cannot do."""

import io
import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile

from colorlab.errors import PhotoError
from colorlab.photos import find, read, write
from colorlab.photos.exif import kept_exif, upright

# Red, green, blue, white / black, yellow, cyan, magenta: no two corners alike.
COLORS = np.array(
    [
        [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]],
        [[0, 0, 0], [255, 255, 0], [0, 255, 255], [255, 0, 255]],
    ],
    np.uint8,
)
GRAYS = np.arange(256, dtype=np.uint8).reshape(16, 16)
ALPHA = np.array([[0, 85, 170, 255], [255, 170, 85, 0]], np.uint8)


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def png(width: int, height: int, bits: int, color_type: int, rows: bytes) -> bytes:
    """Make a PNG by hand, from the specification (RFC 2083)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP", "GIF"])
def test_every_lossless_format_gives_its_pixels(file_format: str) -> None:
    image = Image.fromarray(COLORS)
    data = encoded(image.quantize(8) if file_format == "GIF" else image, file_format)
    np.testing.assert_array_equal(read(data).pixels, COLORS)


def test_jpeg_and_webp_are_close() -> None:
    colors = COLORS.repeat(16, axis=0).repeat(16, axis=1)
    for data in (
        encoded(Image.fromarray(colors), "JPEG", quality=100, subsampling="4:4:4"),
        encoded(Image.fromarray(colors), "WEBP", lossless=True),
    ):
        np.testing.assert_allclose(read(data).pixels, colors, atol=3)


def test_a_webp_whose_length_holds_a_line_break() -> None:
    image = Image.fromarray(COLORS)
    padded = (encoded(image, "WEBP", lossless=True, exif=bytes(n)) for n in range(2, 260, 2))
    data = next(data for data in padded if data[4:5] == b"\n")
    np.testing.assert_array_equal(read(data).pixels, COLORS)


def test_only_the_first_frame_of_a_gif_is_read() -> None:
    frames = [Image.new("RGB", (3, 2), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (read(data).pixels == [255, 0, 0]).all()


def test_path_bytes_file_image_and_array_are_one_photo(tmp_path: Path) -> None:
    path = tmp_path / "colors.png"
    Image.fromarray(COLORS).save(path)
    used_up = io.BytesIO(path.read_bytes())
    used_up.read()
    with path.open("rb") as file, Image.open(path) as image:
        sources = [path, str(path), path.read_bytes(), used_up, file, image, COLORS]
        photos = [read(source) for source in sources]
    for photo in photos:
        np.testing.assert_array_equal(photo.pixels, COLORS)
        assert photo.alpha is None
        with pytest.raises(ValueError, match="read-only"):
            photo.pixels[0] = 0
    names = [photo.name for photo in photos]
    assert names == [
        "colors.png",
        "colors.png",
        "bytes",
        "file",
        "colors.png",
        "colors.png",
        "array",
    ]


def test_rgb_is_float32_from_0_to_1() -> None:
    rgb = read(GRAYS).rgb
    assert rgb.dtype == np.float32
    np.testing.assert_array_equal(rgb[..., 2], GRAYS / np.float32(255))


def test_the_bytes_decide_the_format_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    path.write_bytes(encoded(Image.fromarray(COLORS), "PNG"))
    np.testing.assert_array_equal(read(path).pixels, COLORS)


def test_one_bit_palette_and_cmyk() -> None:
    black_white = np.array([[0, 255, 0], [255, 255, 0]], np.uint8)
    one_bit = read(encoded(Image.fromarray(black_white).convert("1"), "PNG"))
    np.testing.assert_array_equal(one_bit.pixels[..., 1], black_white)

    palette = read(encoded(Image.fromarray(COLORS).quantize(8), "PNG"))
    np.testing.assert_array_equal(palette.pixels, COLORS)

    cyan_ink = read(encoded(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), "JPEG", quality=100))
    np.testing.assert_allclose(cyan_ink.pixels[4, 4], [0, 255, 255], atol=3)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_kept_beside_the_pixels(mode: str) -> None:
    image = Image.fromarray(COLORS)
    image.putalpha(Image.fromarray(ALPHA))
    photo = read(encoded(image.convert(mode), "PNG"))
    np.testing.assert_array_equal(photo.alpha, ALPHA)
    expected = COLORS if mode == "RGBA" else np.asarray(Image.fromarray(COLORS).convert("L"))
    np.testing.assert_array_equal(photo.pixels.T, np.broadcast_to(expected.T, (3, 4, 2)))


def test_a_transparent_palette_color_becomes_alpha() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    for transparency in (1, bytes([255, 0])):  # one color, or one alpha for each
        photo = read(encoded(image, "PNG", transparency=transparency))
        np.testing.assert_array_equal(photo.alpha, [[255, 0]])
        np.testing.assert_array_equal(photo.pixels, [[[255, 0, 0], [0, 0, 255]]])


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    values = GRAYS.astype(np.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    for data in (
        png(16, 16, 16, 0, rows),
        encoded(Image.fromarray(values), "TIFF"),
        encoded(Image.fromarray(values.astype(">u2")), "TIFF"),
    ):
        np.testing.assert_array_equal(read(data).pixels[..., 0], GRAYS)


def test_sixteen_bits_are_rounded_to_the_nearest_of_eight() -> None:
    values = np.array([[128, 129, 65406, 65407]], np.uint16)  # 257 steps to a level
    assert read(encoded(Image.fromarray(values), "TIFF")).pixels[0, :, 0].tolist() == [
        0,
        1,
        254,
        255,
    ]


def test_sixteen_bit_rgb_is_within_one_level() -> None:
    rows = b"\0" + struct.pack(">6H", 65535, 32768, 0, 257 * 10, 257 * 200, 257 * 77)
    expected = [[[255, 127.5, 0], [10, 200, 77]]]
    np.testing.assert_allclose(read(png(2, 1, 16, 2, rows)).pixels, expected, atol=1)


def test_float_tiff_counts_from_0_to_1(tmp_path: Path) -> None:
    path = tmp_path / "float.tif"
    Image.fromarray(GRAYS / np.float32(255)).save(path)
    np.testing.assert_array_equal(read(path).pixels[..., 0], GRAYS)
    Image.fromarray(GRAYS.astype(np.float32)).save(path)
    with pytest.raises(
        PhotoError, match=r"float\.tif: its numbers lie in \[0, 255\]; .*divide by 255"
    ):
        read(path)


# What EXIF says of where the stored first row and first column belong (CIPA DC-008, table 6).
ORIENTATIONS = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored[::-1].swapaxes(0, 1),
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored[:, ::-1].swapaxes(0, 1),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied_once(file_format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    colors = COLORS.repeat(16, axis=0).repeat(16, axis=1)
    options = {"quality": 100, "subsampling": 0} if file_format == "JPEG" else {"lossless": True}
    data = encoded(Image.fromarray(colors), file_format, exif=exif, **options)
    np.testing.assert_allclose(read(data).pixels, ORIENTATIONS[orientation](colors), atol=3)


def test_damaged_exif_does_not_cost_the_photo() -> None:
    data = encoded(Image.fromarray(COLORS), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    np.testing.assert_array_equal(read(data).pixels, COLORS)


def linear_profile() -> bytes:
    """Make an ICC profile with sRGB's primaries and no gamma, from sRGB's own."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    for entry in range(132, 132 + 12 * count, 12):
        if profile[entry : entry + 4] in (b"rTRC", b"gTRC", b"bTRC"):
            (place,) = struct.unpack(">I", profile[entry + 4 : entry + 8])
            profile[place : place + 12] = b"curv" + bytes(8)  # a curve of no points: identity
    return bytes(profile)


def test_icc_profile_is_converted_to_srgb() -> None:
    linear = GRAYS / 255
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    image = Image.fromarray(np.stack([GRAYS] * 3, axis=-1))
    photo = read(encoded(image, "PNG", icc_profile=linear_profile()))
    np.testing.assert_allclose(photo.pixels[..., 0], srgb * 255, atol=2)


def test_icc_profile_leaves_alpha_alone() -> None:
    image = Image.fromarray(np.stack([GRAYS] * 4, axis=-1))
    photo = read(encoded(image, "PNG", icc_profile=linear_profile()))
    np.testing.assert_array_equal(photo.alpha, GRAYS)
    assert photo.pixels[7, 15, 0] == pytest.approx(188, abs=2)  # 127/255 of the light


@pytest.mark.parametrize("profile", [b"nonsense", linear_profile()])
def test_an_icc_profile_that_does_not_fit_is_passed_over(profile: bytes) -> None:
    data = encoded(Image.fromarray(GRAYS), "PNG", icc_profile=profile)  # gray, not RGB
    np.testing.assert_array_equal(read(data).pixels[..., 0], GRAYS)


@pytest.mark.parametrize(
    ("array", "gray", "has_alpha"),
    [
        (GRAYS, True, False),
        (GRAYS[..., None], True, False),
        (np.stack([GRAYS] * 2, axis=-1), True, True),
        (np.stack([GRAYS, GRAYS.T, GRAYS], axis=-1), False, False),
        (np.stack([GRAYS, GRAYS.T, GRAYS, GRAYS], axis=-1), False, True),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_arrays_of_every_shape(array: Any, gray: bool, has_alpha: bool, dtype: Any) -> None:
    photo = read(array if dtype == np.uint8 else (array / 255).astype(dtype))
    np.testing.assert_array_equal(photo.pixels[..., 0], GRAYS)
    np.testing.assert_array_equal(photo.pixels[..., 1], GRAYS if gray else GRAYS.T)
    assert (photo.alpha is not None) == has_alpha
    if has_alpha:
        np.testing.assert_array_equal(photo.alpha, GRAYS)


def test_float_arrays_need_not_reach_black_or_white() -> None:
    np.testing.assert_array_equal(read(np.full((2, 3), 0.4)).pixels, 102)


def test_a_photo_does_not_change_with_the_array_it_came_from() -> None:
    array = COLORS.copy()
    photo = read(array)
    array[:] = 0
    np.testing.assert_array_equal(photo.pixels, COLORS)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((2, 2), np.int64), "dtype int64"),
        (np.zeros((2, 2), np.int32), "dtype int32"),
        (np.zeros((2, 2), bool), "dtype bool"),
        (np.zeros((2, 2), complex), "dtype complex128"),
        (np.full((2, 2), np.nan), "NaN"),
        (np.full((2, 2), 1.01), r"\[0, 1\]"),
        (np.full((2, 2), -0.01), r"\[0, 1\]"),
        (np.zeros((0, 2, 3), np.uint8), "shape"),
        (np.zeros((2, 2, 0), np.uint8), "shape"),
        (np.zeros((2, 2, 5), np.uint8), "shape"),
        (np.zeros((1, 2, 2, 3), np.uint8), "shape"),
        (np.zeros(3, np.uint8), "shape"),
    ],
)
def test_other_arrays_are_refused(array: NDArray[Any], reason: str) -> None:
    with pytest.raises(PhotoError, match=f"^array: .*{reason}"):
        read(array)


@pytest.mark.parametrize("color", [True, False])
def test_what_the_caller_says_of_color_overrules_the_pixels(color: bool) -> None:
    for photo in (read(COLORS, color=color), read(read(COLORS, color=not color), color=color)):
        assert (photo.has_color, photo.keep) == (color, "value" if color else "luma")
    assert read(read(COLORS, color=color)).has_color is color


def test_one_pixel_is_a_photo() -> None:
    assert read(encoded(Image.new("L", (1, 1), 7), "PNG")).pixels.tolist() == [[[7, 7, 7]]]


def test_bombs_are_refused_before_they_are_decoded() -> None:
    # The pixels are missing: a decoder that began would complain of that instead.
    for width, height in ((10_001, 10_000), (400_000, 400_000)):
        with pytest.raises(PhotoError, match=f"{width}×{height} pixels .* 100 megapixels"):
            read(png(width, height, 8, 0, b""))
    with pytest.raises(PhotoError, match="decoded"):
        read(png(10_000, 10_000, 1, 0, b""))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_truncated_files_are_refused(tmp_path: Path, file_format: str, keep: float) -> None:
    path = tmp_path / "cut.jpg"
    data = encoded(Image.fromarray(noise(40, 50)), file_format)
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(PhotoError, match=r"cut\.jpg: cannot be decoded"):
        read(path)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_flipped_bytes_raise_nothing_but_photo_errors(file_format: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    options = {} if file_format in ("BMP", "GIF") else {"exif": exif}
    data = encoded(Image.fromarray(noise(8, 9)), file_format, **options)
    rng = np.random.default_rng(1)
    for _ in range(300):
        damaged = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            damaged[place] = rng.integers(0, 256)
        try:
            shape = read(bytes(damaged)).pixels.shape
        except PhotoError as error:
            assert "\n" not in str(error)
        else:
            assert len(shape) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"hello, world", "b'hello, w'"), (b"%PDF-1.7\n%", "is a PDF")],
)
def test_files_that_are_no_photos_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=rf"photo\.jpg: .*{reason}"):
        read(path)


def test_an_image_of_another_format_is_refused() -> None:
    with pytest.raises(PhotoError, match="is an icon; save it as PNG"):
        read(encoded(Image.fromarray(COLORS), "ICO"))


def test_missing_files_folders_and_other_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"gone\.jpg: does not exist"):
        read(tmp_path / "gone.jpg")
    with pytest.raises(PhotoError, match="a folder"):
        read(tmp_path)
    with pytest.raises(PhotoError, match="cannot be opened"):
        read("x" * 5000)
    for thing in (None, 3, [[0]]):
        with pytest.raises(PhotoError, match="not a photo"):
            read(thing)  # type: ignore[arg-type]
    with pytest.raises(PhotoError, match="decoded"):
        read(io.StringIO("text"))  # type: ignore[arg-type]


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoError, match=r"pipe\.jpg: .*a folder or device"):
        read(tmp_path / "pipe.jpg")


def test_the_message_is_one_printable_line_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines\x1b[31m.jpg"
    path.write_text("not a photo")
    with pytest.raises(PhotoError) as caught:
        read(path)
    assert "two?lines?[31m.jpg" in str(caught.value)
    assert str(caught.value).isprintable()


def test_many_threads_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    Image.fromarray(noise(60, 70)).save(path)
    with ThreadPoolExecutor(8) as pool:
        photos = list(pool.map(read, [path] * 64))
    assert all(np.array_equal(photo.pixels, noise(60, 70)) for photo in photos)


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".webp", ".tif", ".tiff"])
def test_lossless_formats_bring_pixels_and_alpha_back(tmp_path: Path, suffix: str) -> None:
    path = write(COLORS, tmp_path / f"out{suffix}", alpha=ALPHA)
    photo = read(path)
    np.testing.assert_array_equal(photo.pixels, COLORS)  # under alpha 0 too
    np.testing.assert_array_equal(photo.alpha, ALPHA)


def test_written_files_are_of_their_suffix_and_plain_to_others(tmp_path: Path) -> None:
    kinds = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".bmp": "BMP"}
    for suffix, kind in kinds.items():
        path = write(Image.fromarray(COLORS), str(tmp_path / f"out{suffix}"))
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == (kind, "RGB", (4, 2))


def test_jpeg_keeps_single_pixels_of_color(tmp_path: Path) -> None:
    columns = np.zeros((32, 32, 3), np.uint8)
    columns[:, ::2] = [200, 60, 60]
    columns[:, 1::2] = [60, 60, 200]
    photo = read(write(columns, tmp_path / "columns.jpg"))
    np.testing.assert_allclose(photo.pixels, columns, atol=16)  # 4:2:0 is off by 70


def test_jpeg_is_written_at_quality_95(tmp_path: Path) -> None:
    first_row = np.array([16, 11, 10, 16, 24, 40, 51, 61])  # ITU-T T.81, table K.1
    with Image.open(write(COLORS, tmp_path / "out.jpg")) as image:
        assert isinstance(image, JpegImageFile)
        # The Independent JPEG Group's scale: (200 − 2 · quality) % of the table, rounded.
        assert list(image.quantization[0][:8]) == list((10 * first_row + 50) // 100)


def test_an_image_keeps_its_own_alpha(tmp_path: Path) -> None:
    image = Image.fromarray(COLORS)
    image.putalpha(Image.fromarray(ALPHA))
    np.testing.assert_array_equal(read(write(image, tmp_path / "out.png")).alpha, ALPHA)


def test_a_photo_is_an_image_again() -> None:
    opaque = read(COLORS).image
    assert opaque.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(opaque), COLORS)
    transparent = np.dstack([COLORS, ALPHA])
    np.testing.assert_array_equal(np.asarray(read(transparent).image), transparent)


def test_refusals_to_write_leave_nothing_behind(tmp_path: Path) -> None:
    refused: list[tuple[str, Any, str]] = [
        ("out.jpg", {"alpha": ALPHA}, r"JPEG cannot store alpha.*\.png"),
        ("out.bmp", {"alpha": ALPHA}, "BMP cannot store alpha"),
        ("out.png", {"alpha": ALPHA[:1]}, r"alpha is \(1, 4\), expected \(2, 4\)$"),
        ("out.png", {"alpha": np.tile(ALPHA, (2, 1))}, "alpha is"),
        ("out.gif", {}, r"out\.gif: .*\.jpg, \.jpeg, \.png, \.webp, \.tif, \.tiff, \.bmp"),
        ("out", {}, r"end its name in one of \.jpg"),
        ("no/out.png", {}, "there is no folder"),
        ("x" * 300 + ".png", {}, "could not be written"),
    ]
    for name, options, reason in refused:
        with pytest.raises(PhotoError, match=reason):
            write(COLORS, tmp_path / name, **options)
    with pytest.raises(PhotoError, match="could not be written"):
        write(np.zeros((1, 17_000), np.uint8), tmp_path / "wide.webp")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = write(COLORS, tmp_path / "out.png")
    with pytest.raises(PhotoError, match=r"out\.png: already exists.*overwrite"):
        write(GRAYS, path)
    np.testing.assert_array_equal(read(path).pixels, COLORS)
    write(GRAYS, path, overwrite=True)
    np.testing.assert_array_equal(read(path).pixels[..., 0], GRAYS)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt("Ctrl-C")])
def test_a_failure_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool, failure: BaseException
) -> None:
    old = write(COLORS, tmp_path / "old.png")
    target = old if overwrite else tmp_path / "new.png"

    def save(image: Image.Image, file: io.BufferedWriter, *_: Any, **__: Any) -> None:
        file.write(b"half a pho")
        raise failure

    monkeypatch.setattr(Image.Image, "save", save)
    expected = PhotoError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected, match=str(failure)):
        write(GRAYS, target, overwrite=overwrite)
    assert list(tmp_path.iterdir()) == [old]
    np.testing.assert_array_equal(read(old).pixels, COLORS)


def test_writing_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    path = write(COLORS, tmp_path / "out.png")
    with pytest.raises(PhotoError, match="already exists"):
        write(GRAYS, path)
    np.testing.assert_array_equal(read(path).pixels, COLORS)
    assert list(tmp_path.iterdir()) == [path]


def test_the_gray_of_a_photo_is_its_value_if_it_has_color_and_else_its_luma() -> None:
    color = read(COLORS)
    assert (color.has_color, color.keep) == (True, "value")
    assert color.gray.dtype == np.float32
    np.testing.assert_allclose(color.gray, COLORS.max(axis=-1, keepdims=True) / 255, rtol=1e-6)
    tinted = np.stack([GRAYS // 2, GRAYS // 2 + 4, GRAYS // 2 + 1], axis=-1)
    faded = read(tinted)
    assert (faded.has_color, faded.keep) == (False, "luma")
    luma = tinted @ [0.299, 0.587, 0.114] / 255  # ITU-R BT.601
    np.testing.assert_allclose(faded.gray[..., 0], luma, rtol=1e-5)


def test_a_photo_that_is_read_in_several_strips_comes_back_exactly(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 1000, 3), dtype=np.uint8)
    photo = read(write(pixels, tmp_path / "large.png"))
    np.testing.assert_array_equal(photo.pixels, pixels)
    np.testing.assert_allclose(photo.gray[..., 0], pixels.max(axis=-1) / 255, rtol=1e-6)


def test_exif_that_is_none_is_passed_over() -> None:
    def damaged() -> Image.Image:
        file = io.BytesIO()
        Image.fromarray(COLORS).save(file, "PNG", exif=b"Exif\0\0no TIFF header")
        return Image.open(file)

    with pytest.raises(SyntaxError):
        damaged().getexif()
    assert kept_exif(damaged(), keep_location=True) == b""
    np.testing.assert_array_equal(np.asarray(upright(damaged())), COLORS)


def test_find_lists_what_is_named_like_a_photo(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", "in/c.tiff", "in/deep/d.gif", "note.txt", ".e.jpg", ".in/f.jpg"):
        path = tmp_path / ".hidden home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    folder = tmp_path / ".hidden home"
    (folder / "folder.jpg").mkdir()
    found = [path.relative_to(folder).as_posix() for path in find(folder)]
    assert found == ["a.jpg", "b.PNG", "in/c.tiff", "in/deep/d.gif"]


def test_find_refuses_a_folder_that_is_missing_or_has_no_photos(tmp_path: Path) -> None:
    (tmp_path / "note.txt").touch()
    with pytest.raises(PhotoError, match="holds no photos"):
        find(tmp_path)
    (tmp_path / "file.jpg").touch()
    for other in ("gone", "file.jpg", "gone.txt"):
        with pytest.raises(PhotoError, match=f"{other}: is not a folder"):
            find(tmp_path / other)


def test_find_takes_the_photos_that_a_list_names_in_its_order(tmp_path: Path) -> None:
    keep_list = tmp_path / "keep.txt"
    keep_list.write_bytes(b"/b/photo one.jpg\n/a/\xff.png\n")
    assert list(find(keep_list)) == [Path("/b/photo one.jpg"), Path(os.fsdecode(b"/a/\xff.png"))]
    keep_list.write_text("\n")
    with pytest.raises(PhotoError, match=r"keep\.txt: names no photos"):
        find(keep_list)


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "Ada"
    exif[ExifTags.Base.DateTime] = "1936:06:01 12:00:00"
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "1936:06:01 12:00:00",
        ExifTags.Base.MakerNote: b"who knows",
    }
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: 48.0}
    return exif


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("asked", [{}, {"keep_location": True}])
def test_a_copy_says_when_and_by_whom_and_where_only_if_asked(
    tmp_path: Path, suffix: str, asked: dict[str, Any]
) -> None:
    original = encoded(Image.fromarray(COLORS), "JPEG", exif=with_exif())
    photo = read(original, **asked)
    path = write(photo.pixels, tmp_path / f"copy{suffix}", exif=photo.exif)
    with Image.open(path) as image:
        exif = image.getexif()
        taken, place = (exif.get_ifd(ifd) for ifd in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo))
    assert exif[ExifTags.Base.Artist] == "Ada"
    assert exif[ExifTags.Base.DateTime] == "1936:06:01 12:00:00"
    assert taken == {ExifTags.Base.DateTimeOriginal: "1936:06:01 12:00:00"}
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert place.get(ExifTags.GPS.GPSLatitude) == (48.0 if asked else None)
    assert read(path).pixels.shape == photo.pixels.shape  # it is not turned again


@pytest.mark.parametrize("shape", [(1, 1, 3), (701, 602, 3), (602, 701, 4)])  # 1 and 2 strips
def test_another_reader_finds_the_same_pixels_in_a_compressed_tiff(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 4, shape, dtype=np.uint8)
    exif = read(encoded(Image.fromarray(COLORS), "JPEG", exif=with_exif())).exif
    path = write(Image.fromarray(pixels), tmp_path / "out.tif", exif=exif, dpi=(600, 299.5))
    with tifffile.TiffFile(path) as file:
        np.testing.assert_array_equal(file.asarray(), pixels)
        page = file.pages[0]
        assert page.tags["ExifTag"].value["DateTimeOriginal"] == "1936:06:01 12:00:00"
        assert page.tags["YResolution"].value == (599, 2)
        assert page.compression.name == "ADOBE_DEFLATE"
    assert path.stat().st_size < pixels.size / 2 + 1000


def test_exif_that_is_damaged_or_too_long_for_a_jpeg_is_left_out(tmp_path: Path) -> None:
    long = Image.Exif()
    long[ExifTags.Base.ImageDescription] = "x" * 70_000
    for exif in (b"Exif\0\0II*\0garbage", long):
        photo = read(encoded(Image.fromarray(COLORS), "PNG", exif=exif))
        assert photo.exif == b""
        write(photo.pixels, tmp_path / "out.jpg", exif=photo.exif, overwrite=True)


def test_a_bitmap_has_no_place_for_exif(tmp_path: Path) -> None:
    photo = read(encoded(Image.fromarray(COLORS), "JPEG", exif=with_exif()))
    path = write(photo.pixels, tmp_path / "copy.bmp", exif=photo.exif)
    np.testing.assert_array_equal(read(path).pixels, photo.pixels)


def test_a_jpeg_is_decoded_no_smaller_than_asked_and_others_whole() -> None:
    scene = Image.fromarray(noise(12, 16)).resize((640, 480), Image.Resampling.BICUBIC)
    jpeg = encoded(scene, "JPEG", quality=95)
    half = read(jpeg, at_least=200).pixels
    assert half.shape == (240, 320, 3)
    means = read(jpeg).pixels.reshape(240, 2, 320, 2, 3).mean((1, 3))
    assert np.abs(half - means).mean() < 1.0
    assert read(jpeg, at_least=241).pixels.shape == (480, 640, 3)
    assert read(encoded(scene, "PNG"), at_least=200).pixels.shape == (480, 640, 3)
