"""A folder of photos as a stream of crops that can be entered anywhere."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from colorlab.datasets import PhotoFolder, random_crop
from colorlab.errors import PhotoError
from colorlab.toyworld import scenes

COUNT = 7


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number, scene in enumerate(scenes(COUNT, size=40, seed=0)):
        Image.fromarray(scene).save(folder / f"{number}.png")
    return sorted(folder.iterdir())


@pytest.fixture
def flat_paths(tmp_path):
    """Photos whose every pixel is their number."""
    for number in range(COUNT):
        Image.new("RGB", (30, 20), (number,) * 3).save(tmp_path / f"{number}.png")
    return sorted(tmp_path.iterdir())


def numbers(crops, ks):
    return [int(crops.crop(k)[0, 0, 0]) for k in ks]


def test_a_crop_is_the_same_alone_or_in_any_order_on_any_thread(paths):
    crops = PhotoFolder(paths, size=16, seed=5)
    in_order = [crops.crop(k) for k in range(3 * COUNT)]
    with ThreadPoolExecutor(4) as pool:
        backwards = list(pool.map(crops.crop, reversed(range(3 * COUNT))))
    np.testing.assert_array_equal(in_order, backwards[::-1])
    np.testing.assert_array_equal(PhotoFolder(paths, size=16, seed=5).crop(17), in_order[17])


def test_another_seed_gives_another_order_and_other_crops(paths):
    one, other = (PhotoFolder(paths, size=16, seed=seed) for seed in (0, 1))
    assert any((one.crop(k) != other.crop(k)).any() for k in range(COUNT))


def test_every_photo_is_seen_once_an_epoch_and_each_epoch_in_its_own_order(flat_paths):
    crops = PhotoFolder(flat_paths, size=8, seed=0)
    epochs = [numbers(crops, range(e * COUNT, (e + 1) * COUNT)) for e in range(4)]
    assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
    assert len(set(map(tuple, epochs))) > 1


def test_batches_are_the_numbered_crops_and_start_anywhere(paths):
    crops = PhotoFolder(paths, size=16, seed=0)
    whole = np.stack(list(crops.batches(3, 0, 5).as_numpy_iterator()))
    assert whole.shape == (5, 3, 16, 16, 3) and whole.dtype == np.uint8
    np.testing.assert_array_equal(whole.reshape(15, 16, 16, 3), [crops.crop(k) for k in range(15)])
    rest = np.stack(list(crops.batches(3, 2, 5).as_numpy_iterator()))
    np.testing.assert_array_equal(rest, whole[2:])


def test_unreadable_files_are_skipped_named_kept_and_replaced_by_a_neighbor(flat_paths):
    broken = flat_paths[2]
    broken.write_text("not a photo")
    crops = PhotoFolder(flat_paths, size=8, seed=0)
    seen = numbers(crops, range(2 * COUNT))
    assert len(seen) == 2 * COUNT and set(seen) == set(range(COUNT)) - {2}
    assert list(crops.skipped) == [broken]
    assert "2.png" in crops.skipped[broken]
    assert broken.read_text() == "not a photo"
    # What has been skipped before must not change what comes next.
    assert numbers(PhotoFolder(flat_paths, size=8, seed=0), range(COUNT, 2 * COUNT)) == seen[COUNT:]


def test_a_folder_without_one_readable_photo_is_refused_with_a_reason(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_text("not a photo")
    with pytest.raises(PhotoError, match=r"None of the 2 files can be read. The first: .*\.jpg"):
        PhotoFolder(sorted(tmp_path.iterdir()), size=8, seed=0).crop(0)


@pytest.mark.parametrize("shape", [(100, 40), (40, 100), (8, 8), (1, 1)])
def test_a_crop_has_its_size_whatever_the_photo_s(shape):
    crop = random_crop(np.zeros((*shape, 3), np.uint8), 32, np.random.default_rng(0))
    assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8


def test_crops_lie_anywhere_keep_the_aspect_and_are_mirrored_half_of_the_time():
    height, width = 200, 300
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.stack([x * 255 / width, y * 255 / height, 0 * x], -1).astype(np.uint8)
    rng = np.random.default_rng(0)
    left, right, top, bottom, mirrored = [], [], [], [], 0
    for _ in range(300):
        crop = random_crop(ramps, 32, rng).astype(float)
        across, down = crop[..., 0].mean(0) * width / 255, crop[..., 1].mean(1) * height / 255
        mirrored += across[0] > across[-1]
        assert np.ptp(across) == pytest.approx(np.ptp(down), abs=4)  # a square, in pixels
        left.append(across.min()), right.append(across.max())
        top.append(down[0]), bottom.append(down[-1])
    sides = np.subtract(bottom, top) * 32 / 31  # from the outer pixels' centers to their edges
    assert 0.58 * height < sides.min() < 0.65 * height
    assert 0.95 * height < sides.max() < 1.02 * height
    assert min(left) < 10 and max(right) > width - 10 and min(top) < 5 and max(bottom) > height - 5
    assert 110 < mirrored < 190
