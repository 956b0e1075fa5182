"""TIFFs of scanners: what their tags say of the numbers decides what is black and what is white."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image

from colorlab.errors import PhotoError
from colorlab.photos import read

LEVELS = np.linspace(0, 255, 240).round().astype(np.uint8).reshape(12, 20)  # all grays, in order
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2


def tiff(data, bits, photometric=BLACK_IS_ZERO, samples=1, order="<", **more):
    """Make a TIFF of one strip, from the specification (TIFF 6.0), with any tags."""
    tags = {
        "ImageWidth": LEVELS.shape[1],
        "ImageLength": LEVELS.shape[0],
        "BitsPerSample": bits,
        "Compression": 1,
        "PhotometricInterpretation": photometric,
        "StripOffsets": 0,
        "SamplesPerPixel": samples,
        "RowsPerStrip": LEVELS.shape[0],
        "StripByteCounts": len(data),
    } | more
    numbers = {tag: number for number, tag in ExifTags.TAGS.items()}
    numbers |= {"SampleFormat": 339, "MaxSampleValue": 281, "DNGVersion": 50706, "SubIFDs": 330}
    entries = sorted((numbers[tag], value) for tag, value in tags.items())
    begin = 8 + 2 + 12 * len(entries) + 4
    packed = struct.pack(order + "H", len(entries))
    for number, value in entries:
        value = begin if number == numbers["StripOffsets"] else value
        packed += struct.pack(order + "HHI", number, 3, 1) + struct.pack(order + "Hxx", value)
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return head + struct.pack(order + "I", 8) + packed + bytes(4) + data


def twelve_bits(numbers):
    """Pack numbers below 4,096 into 12 bits each, two in three bytes."""
    first, second = numbers.reshape(-1, 2).T
    return np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], -1).astype("u1")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
@pytest.mark.parametrize("bits", [8, 16])
def test_zero_is_white_or_black_as_the_file_says(bits, photometric, order):
    numbers = LEVELS.astype(f"{order}u{bits // 8}") * (257 if bits == 16 else 1)
    if photometric == WHITE_IS_ZERO:
        numbers = (2**bits - 1 - numbers.astype(np.int64)).astype(numbers.dtype)
    photo = read(tiff(numbers.tobytes(), bits, photometric, order=order))
    np.testing.assert_array_equal(photo.pixels[..., 0], LEVELS)


@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
def test_twelve_bits_in_sixteen_reach_white(photometric):
    numbers = (LEVELS * (4095 / 255)).round().astype("<u2")
    if photometric == WHITE_IS_ZERO:
        numbers = 4095 - numbers
    photo = read(tiff(numbers.tobytes(), 16, photometric, MaxSampleValue=4095))
    np.testing.assert_allclose(photo.pixels[..., 0], LEVELS, atol=1)


def test_twelve_packed_bits_reach_white_or_are_refused_by_name():
    numbers = twelve_bits((LEVELS * (4095 / 255)).round().astype(np.uint16)).tobytes()
    np.testing.assert_allclose(read(tiff(numbers, 12)).pixels[..., 0], LEVELS, atol=1)
    with pytest.raises(PhotoError, match="is a 12-bit MINISWHITE TIFF; save it as a TIFF of 8"):
        read(tiff(numbers, 12, WHITE_IS_ZERO))


def test_the_largest_number_that_occurs_is_not_taken_for_white():
    numbers = LEVELS.astype("<u2") * 100
    photo = read(tiff(numbers.tobytes(), 16, MaxSampleValue=25_500))
    np.testing.assert_allclose(photo.pixels[..., 0], numbers / 257, atol=0.51)


def test_rgb_whose_white_is_below_the_numbers_is_refused_and_not_black():
    data = np.stack([LEVELS.astype("<u2") * 16] * 3, -1).tobytes()
    with pytest.raises(PhotoError, match="white is 4095; save it with 8 bits"):
        read(tiff(data, 16, RGB, samples=3, MaxSampleValue=4095))


@pytest.mark.parametrize(
    ("numbers", "bits", "kind", "reason"),
    [
        (LEVELS.astype("<i2"), 16, 2, "a TIFF of signed 16-bit numbers"),
        (LEVELS.astype("<u4"), 32, 1, "a TIFF of 32-bit numbers"),
        (LEVELS.astype("<f4"), 32, 3, r"numbers lie in \[0, 255\]; expected floats in \[0, 1\]"),
    ],
)
def test_numbers_that_do_not_say_what_white_is_are_refused_by_name(numbers, bits, kind, reason):
    with pytest.raises(PhotoError, match=reason):
        read(tiff(numbers.tobytes(), bits, SampleFormat=kind))


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_sixteen_bit_gray_with_alpha(planar):
    alpha = np.where(LEVELS > 99, 65535, 0).astype(np.uint16)
    both = [LEVELS.astype(np.uint16) * 257, alpha]
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.stack(both, -1 if planar == "contig" else 0),
        photometric="minisblack",
        planarconfig=planar,
        extrasamples=["unassalpha"],
    )
    photo = read(file)
    np.testing.assert_array_equal(photo.pixels[..., 0], LEVELS)
    np.testing.assert_array_equal(photo.alpha, alpha >> 8)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_file_is_turned_upright_however_it_is_compressed(compression, orientation, tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / "scan.tif"
    Image.fromarray(LEVELS).save(path, exif=exif, compression=compression)
    turned = np.rot90(LEVELS, {3: 2, 6: -1, 8: 1}[orientation])
    np.testing.assert_array_equal(read(path).pixels[..., 0], turned)


def test_a_camera_raw_file_is_refused_instead_of_giving_its_preview():
    for tags in (
        {"DNGVersion": 1, "NewSubfileType": 1},
        {"NewSubfileType": 1, "SubIFDs": 8},
        {"photometric": 32803},
    ):
        with pytest.raises(PhotoError, match="a camera's raw file; develop it first"):
            read(tiff(LEVELS.tobytes(), 8, **tags))


def test_the_largest_full_page_is_taken_and_each_can_be_asked_for():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as pages:
        pages.write(np.full((90, 90), 9, np.uint8), subfiletype=1)  # a thumbnail, though large
        pages.write(np.full((20, 30), 1, np.uint8))
        pages.write(np.full((40, 50), 2, np.uint8))
        pages.write(np.full((40, 50), 3, np.uint8))
    photo = read(file)
    assert (photo.pages, photo.pixels.shape, photo.pixels[0, 0, 0]) == (3, (40, 50, 3), 2)
    assert [read(file, page=k).pixels[0, 0, 0] for k in range(3)] == [1, 2, 3]
    for k in (-1, 3):
        with pytest.raises(PhotoError, match=f"has no page {k}; it has 3, from 0"):
            read(file, page=k)


@pytest.mark.parametrize("dpi", [(600, 600), (300, 150)])
@pytest.mark.parametrize("file_format", ["TIFF", "JPEG", "PNG"])
def test_the_density_is_known(file_format, dpi):
    file = io.BytesIO()
    Image.fromarray(LEVELS).save(file, file_format, dpi=dpi)
    assert read(file).dpi == pytest.approx(dpi, abs=0.02)
    file = io.BytesIO()
    Image.fromarray(LEVELS).save(file, file_format)
    assert read(file).dpi is None
