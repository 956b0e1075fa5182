"""Files of every kind that people call a photo: read, or told what they are and what to do."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from colorlab.errors import PhotoError
from colorlab.photos import FORMATS, find, read, suffix_for

GRAYS = np.arange(256, dtype=np.uint8).reshape(16, 16)
COLORS = np.stack([GRAYS, GRAYS.T, GRAYS[::-1]], -1)


def encoded(image, file_format, **options):
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def with_chunks(png, *chunks):
    """A PNG with more chunks behind its header."""
    packed = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return png[:33] + packed + png[33:]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypcrx isom", "a camera's raw file; develop it first"),
        (b"II*\0\x10\0\0\0CR\2\0", "a camera's raw file; develop it first"),
        (b"FUJIFILMCCD-RAW 0201", "a camera's raw file; develop it first"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image; save it as PNG"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL image; save it as PNG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image; save it as PNG"),
        (b"%PDF-1.7\n", "a PDF document; save its pages as images first"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video; save one of its frames"),
        (b"\x1aE\xdf\xa3\x93B\x82\x88matroska", "a video; save one of its frames"),
        (b"RIFF\x24\0\0\0AVI LIST", "a video; save one of its frames"),
        (b"8BPS\0\1", "a Photoshop document; save it as PNG"),
        (b"P5\n4 4\n255\n", "a PNM image; save it as PNG"),
        (b"\n<!DOCTYPE html><html>", "a web page; download the photo that it shows"),
        (b"PK\x03\x04\x14\0", "an archive; unpack it first"),
    ],
)
def test_what_is_not_read_is_told_what_it_is_and_what_to_do(head, kind):
    with pytest.raises(PhotoError, match=f"^bytes: is {kind}"):
        read(head + bytes(64))


def test_a_targa_image_is_known_by_its_end():
    with pytest.raises(PhotoError, match="is a Targa image; save it as PNG"):
        read(encoded(Image.fromarray(COLORS), "TGA"))


def test_a_heic_photo_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pi_heif", None)  # as if it were missing
    for brand in (b"heic", b"hevc", b"mif1"):
        with pytest.raises(PhotoError, match="is a HEIC photo; pip install pi-heif"):
            read(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(64))


def test_avif_is_read_and_its_size_is_looked_at_first():
    data = encoded(Image.fromarray(COLORS), "AVIF", quality=100, subsampling="4:4:4")
    assert read(data).format == "AVIF"
    np.testing.assert_allclose(read(data).pixels, COLORS, atol=4)
    generic = data[:8] + b"mif1" + data[12:]  # a brand that HEIC and AVIF share
    np.testing.assert_array_equal(read(generic).pixels, read(data).pixels)
    size = struct.pack(">II", 16, 16)
    assert data.count(b"ispe\0\0\0\0" + size) == 1
    bomb = data.replace(size, struct.pack(">II", 20_000, 20_000), 1)
    with pytest.raises(PhotoError):
        read(bomb)


@pytest.mark.parametrize("stray", [b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n  "])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_stray_bytes_around_a_photo_are_passed_over(file_format, stray):
    data = encoded(Image.fromarray(COLORS), file_format)
    np.testing.assert_array_equal(read(stray + data + bytes(99)).pixels, read(data).pixels)


@pytest.mark.parametrize("missing", [1, 2, 5])
def test_a_jpeg_that_lacks_its_last_bytes_is_read(missing):
    noise = np.random.default_rng(0).integers(1, 256, (200, 300), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG", quality=95)
    cut = read(data[:-missing]).pixels
    np.testing.assert_array_equal(cut[:-8], read(data).pixels[:-8])
    with pytest.raises(PhotoError, match="truncated"):
        read(data[: len(data) * 3 // 4])


def test_a_png_whose_texts_and_profile_are_larger_than_pillow_allows_is_read():
    png = encoded(Image.fromarray(COLORS), "PNG")
    long = zlib.compress(bytes(3_000_000))
    for chunk in (
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + long),
        (b"zTXt", b"Comment\0\0" + long),
        (b"iCCP", b"a profile\0\0" + long),
    ):
        np.testing.assert_array_equal(read(with_chunks(png, chunk)).pixels, COLORS)


@pytest.mark.parametrize("bits", [8, 16])
def test_the_transparent_gray_of_a_png_becomes_alpha(bits):
    deep = GRAYS.astype(f">u{bits // 8}") * (257 if bits == 16 else 1)
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    header = struct.pack(">IIBBBBB", 16, 16, bits, 0, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + with_chunks(
            bytes(33),
            (b"IHDR", header),
            (b"tRNS", struct.pack(">H", int(deep[3, 4]))),
            (b"IDAT", zlib.compress(rows)),
            (b"IEND", b""),
        )[33:]
    )
    photo = read(png)
    np.testing.assert_array_equal(photo.pixels[..., 0], GRAYS)
    np.testing.assert_array_equal(photo.alpha, np.where(GRAYS[3, 4] == GRAYS, 0, 255))


def test_the_fourth_byte_of_a_bmp_is_alpha_where_it_is_used():
    four = Image.fromarray(np.dstack([COLORS, GRAYS]))
    photo = read(encoded(four, "BMP"))
    np.testing.assert_array_equal(photo.pixels, COLORS)
    np.testing.assert_array_equal(photo.alpha, GRAYS)
    unused = read(encoded(Image.fromarray(np.dstack([COLORS, GRAYS * 0])), "BMP"))
    np.testing.assert_array_equal(unused.pixels, COLORS)
    assert unused.alpha is None


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "AVIF", "MPO"])
def test_frames_are_counted_and_each_can_be_read(file_format):
    frames = [Image.new("RGB", (32, 16), color) for color in ("red", "lime", "blue")]
    data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:])
    assert read(data).pages == 3
    for k in range(3):
        expected = np.eye(3)[k] * 255
        np.testing.assert_allclose(read(data, page=k).pixels[8, 16], expected, atol=12)
    np.testing.assert_array_equal(read(data).pixels, read(data, page=0).pixels)


def test_the_preview_that_a_phone_puts_into_a_jpeg_is_no_page():
    frames = [Image.new("RGB", size, "red") for size in ((64, 48), (16, 12))]
    photo = read(encoded(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    assert (photo.pages, photo.pixels.shape) == (1, (48, 64, 3))


def test_arrays_of_sixteen_bits_and_tensors_of_other_libraries():
    import jax.numpy
    import tensorflow as tf

    np.testing.assert_array_equal(read(COLORS.astype(np.uint16) * 257).pixels, COLORS)
    for array in (jax.numpy.asarray(COLORS), tf.constant(COLORS), tf.constant(COLORS / 255)):
        np.testing.assert_array_equal(read(array).pixels, COLORS)
    with pytest.raises(PhotoError, match=r"numbers lie in \[0, 255\].*divide by 255"):
        read(COLORS.astype(np.float32))


def test_a_tensor_that_numpy_cannot_read_is_refused_by_its_own_words():
    class OnTheGPU:
        def __array__(self, *_, **__):
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()")

    with pytest.raises(PhotoError, match=r"^array: NumPy cannot read it .*Use Tensor.cpu\(\)"):
        read(OnTheGPU())


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "scan.bmp"
    Image.fromarray(np.zeros((2000, 2000), np.uint8)).save(path)
    load = Image.Image.load

    def shrink_then_load(image):
        path.write_bytes(b"BM")
        return load(image)

    monkeypatch.setattr(Image.Image, "load", shrink_then_load)
    with pytest.raises(PhotoError, match=r"scan\.bmp: cannot be decoded"):
        read(path)


def test_photos_are_found_by_suffix_and_without_one_by_their_bytes(tmp_path):
    photo = encoded(Image.fromarray(GRAYS), "JPEG")
    for name in ("a.jfif", "b.jpe", "c.avif", "d", "sub/e.JPG"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(photo)
    for name in ("notes", "x.dng", "y.dng", "z.jxl", ".hidden"):
        (tmp_path / name).write_bytes(b"no photo")
    found = find(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.jfif", "b.jpe", "c.avif", "d", "sub/e.JPG"
    ]  # fmt: skip
    assert found.others == {"without a suffix": 1, ".dng": 2, ".jxl": 1}
    assert FORMATS[".jfif"] == "JPEG"


def test_a_list_may_have_a_mark_and_line_ends_of_windows(tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_bytes(b"\xef\xbb\xbf/a.jpg\r\n\r\n/b c.jpg\r\n")
    assert [str(path) for path in find(listed)] == ["/a.jpg", "/b c.jpg"]


@pytest.mark.parametrize(
    ("file_format", "alpha", "name", "suffix"),
    [
        ("JPEG", False, "a.jpg", ".jpg"),
        ("JPEG", False, "a.JPEG", ".JPEG"),
        ("JPEG", False, "a.jfif", ".jpg"),
        ("JPEG", False, "a", ".jpg"),
        ("PNG", False, "a.jpg", ".jpg"),
        ("PNG", True, "web.jpg", ".png"),
        ("GIF", False, "a.gif", ".png"),
        ("AVIF", False, "a.avif", ".jpg"),
        ("AVIF", True, "a.avif", ".png"),
        ("BMP", True, "a.bmp", ".png"),
        ("TIFF", False, "a.tiff", ".tiff"),
    ],
)
def test_a_result_is_of_the_photos_kind_or_a_near_one(file_format, alpha, name, suffix):
    pixels = np.dstack([COLORS, GRAYS]) if alpha else COLORS
    assert suffix_for(read(encoded(Image.fromarray(pixels), file_format)), name) == suffix


def test_black_and_white_alone_is_known():
    (remark,) = read((GRAYS > 99) * np.uint8(255)).remarks
    assert "cannot take color" in remark
    assert not read(GRAYS).remarks
