"""Photos, in a folder or packed, as a stream of crops that can be entered anywhere."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from colorlab import photos
from colorlab.data import shards
from colorlab.data.crops import NEAR, Crops, open_crops, random_crop
from colorlab.data.toyworld import scenes
from colorlab.errors import PhotoError

COUNT = 7


def packed(paths, out):
    """Those photos in shards of one or two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", 1_500)
        shards.pack(paths, out)
    return shards.Shards(out)


@pytest.fixture(scope="module", params=[lambda paths, out: paths, packed], ids=["paths", "packed"])
def source(request, tmp_path_factory):
    folder, out = (tmp_path_factory.mktemp(name) for name in ("photos", "packed"))
    for number, scene in enumerate(scenes(COUNT, size=40, seed=0)):
        Image.fromarray(scene).save(folder / f"{number}.png")
    return request.param(photos.find(folder), out)


@pytest.fixture(params=[COUNT])
def flat_paths(request, tmp_path):
    """Photos of one color, whose red is six times their number: JPEG changes it by less."""
    for number in range(request.param):
        Image.new("RGB", (30, 20), (6 * number, 200, 0)).save(tmp_path / f"{number:03d}.png")
    return photos.find(tmp_path)


def number_of(pixels):
    return round(pixels[0, 0, 0] / 6)


def numbers(crops, ks):
    return [number_of(crops.crop(k)) for k in ks]


def test_a_large_jpeg_is_cropped_as_if_it_were_decoded_whole(tmp_path):
    scene = Image.fromarray(scenes(1, size=64, seed=3)[0]).resize((640, 480))
    scene.save(tmp_path / "large.jpg", quality=95)
    crops = open_crops(tmp_path, size=48, seed=2)
    whole = photos.read(tmp_path / "large.jpg").pixels
    for k in range(4):
        expected = random_crop(whole, 48, np.random.default_rng((2, 0, k)))
        assert np.abs(crops.crop(k).astype(int) - expected).mean() < 2


def test_a_crop_is_the_same_in_any_order_on_any_thread_and_another_with_another_seed(source):
    crops = Crops(source, size=16, seed=5)
    in_order = [crops.crop(k) for k in range(3 * COUNT)]
    with ThreadPoolExecutor(4) as pool:
        backwards = list(pool.map(crops.crop, reversed(range(3 * COUNT))))
    np.testing.assert_array_equal(in_order, backwards[::-1])
    np.testing.assert_array_equal(Crops(source, size=16, seed=5).crop(17), in_order[17])
    other = Crops(source, size=16, seed=6)
    assert any((in_order[k] != other.crop(k)).any() for k in range(COUNT))


def test_every_photo_is_seen_once_an_epoch_and_each_epoch_in_its_own_order(flat_paths, tmp_path):
    for source in (flat_paths, packed(flat_paths, tmp_path / "packed")):
        crops = Crops(source, size=8, seed=0)
        epochs = [numbers(crops, range(e * COUNT, (e + 1) * COUNT)) for e in range(4)]
        assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
        assert len(set(map(tuple, epochs))) > 1


@pytest.mark.parametrize("flat_paths", [40], indirect=True)
def test_an_epoch_of_packed_photos_reads_a_few_shards_at_a_time(flat_paths, tmp_path):
    opened = packed(flat_paths, tmp_path / "packed")
    assert opened.counts == [2] * 20
    shard_of = {number_of(photos.read(opened[i]).pixels): i // 2 for i in range(40)}
    crops = Crops(opened, size=8, seed=0)
    near = []
    for epoch in range(2):
        seen = [shard_of[n] for n in numbers(crops, range(epoch * 40, (epoch + 1) * 40))]
        blocks = [seen[i : i + 2 * NEAR] for i in range(0, 40, 2 * NEAR)]
        assert all(len(set(block)) == NEAR for block in blocks)
        assert any(block[0] in block[2:] for block in blocks)  # shuffled across its shards
        near.append({frozenset(block) for block in blocks})
    assert near[0] != near[1]


def test_a_folder_its_keep_list_and_its_shards_give_the_same_photos(flat_paths, tmp_path):
    (tmp_path / "list.txt").write_text("".join(f"{path}\n" for path in flat_paths))
    packed(flat_paths, tmp_path / "packed")
    for place in (tmp_path, tmp_path / "list.txt", tmp_path / "packed"):
        crops = open_crops(place, size=8, seed=0)
        (batch,) = crops.batches(COUNT, 3, 4).as_numpy_iterator()
        assert len(crops) == COUNT and batch.shape == (COUNT, 8, 8, 3)
        assert sorted(map(number_of, batch)) == list(range(COUNT))


def test_batches_are_the_numbered_crops_and_start_anywhere(source):
    crops = Crops(source, size=16, seed=0)
    whole = np.stack(list(crops.batches(3, 0, 5).as_numpy_iterator()))
    assert whole.shape == (5, 3, 16, 16, 3) and whole.dtype == np.uint8
    np.testing.assert_array_equal(whole.reshape(15, 16, 16, 3), [crops.crop(k) for k in range(15)])
    rest = np.stack(list(crops.batches(3, 2, 5).as_numpy_iterator()))
    np.testing.assert_array_equal(rest, whole[2:])


def why_skipped(source, missing):
    """See that two epochs have all photos but that one, a neighbor in its place → the reason."""
    crops, fresh = (Crops(source, size=8, seed=0) for _ in range(2))
    seen = numbers(crops, range(2 * COUNT))
    assert len(seen) == 2 * COUNT and set(seen) == set(range(COUNT)) - {missing}
    # What has been skipped before must not change what comes next.
    assert numbers(fresh, range(COUNT, 2 * COUNT)) == seen[COUNT:]
    (reason,) = crops.skipped.values()
    return reason


def test_unreadable_files_and_records_are_skipped_named_and_left(flat_paths, tmp_path):
    opened = packed(flat_paths, tmp_path / "packed")
    missing = number_of(photos.read(opened[0]).pixels)
    shard = tmp_path / "packed" / "shard-00000.tfrecord"
    shard.write_bytes(shard.read_bytes().replace(opened[0], bytes(len(opened[0]))))
    assert why_skipped(opened, missing).startswith(f"{shard}: record 0 is damaged")
    flat_paths[2].write_text("not a photo")
    assert why_skipped(flat_paths, 2).startswith(f"{flat_paths[2]}: ")
    assert flat_paths[2].read_text() == "not a photo"


def test_a_photo_without_color_is_skipped_and_named_like_an_unreadable_one(flat_paths, tmp_path):
    # As a photo program's sepia filter leaves it, which fills the highlights' channels.
    gray = np.asarray(Image.fromarray(scenes(1, size=40, seed=1)[0]).convert("L"), float)
    sepia = (gray[..., None] * [1.351, 1.203, 0.937]).clip(0, 255).astype(np.uint8)
    Image.fromarray(sepia).save(flat_paths[2])
    reason = "has no color to learn from; give color photos"
    assert why_skipped(flat_paths, 2) == f"{flat_paths[2]}: {reason}"
    # An older pack may hold some.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(photos, "require_color", lambda *_: None)
        opened = packed(flat_paths, tmp_path / "packed")
    (number,) = (i for i, jpeg in enumerate(opened) if photos.read(jpeg).pixels.shape[0] == 40)
    assert why_skipped(opened, 2) == f"packed photo {number}: {reason}"


def test_a_folder_without_one_color_photo_is_refused_with_a_reason(tmp_path):
    paths = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    refused = r"None of the 2 files is a color photo. The first: .*\.jpg"
    for path in paths:
        path.write_text("not a photo")
    with pytest.raises(PhotoError, match=refused):
        Crops(paths, size=8, seed=0).crop(0)
    for path in paths:
        Image.new("L", (40, 40)).save(path)
    with pytest.raises(PhotoError, match=rf"{refused}: has no color to learn from; give color"):
        Crops(paths, size=8, seed=0).crop(0)


@pytest.mark.parametrize("shape", [(100, 40), (40, 100), (8, 8), (1, 1)])
def test_a_crop_has_its_size_whatever_the_photo_s(shape):
    crop = random_crop(np.zeros((*shape, 3), np.uint8), 32, np.random.default_rng(0))
    assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8


def test_crops_lie_anywhere_keep_the_aspect_and_are_mirrored_half_of_the_time():
    height, width = 200, 300
    y, x = np.mgrid[0:height, 0:width]
    ramps = np.stack([x * 255 / width, y * 255 / height, 0 * x], -1).astype(np.uint8)
    rng = np.random.default_rng(0)
    ends = []
    for _ in range(300):
        crop = random_crop(ramps, 32, rng).astype(float)
        across, down = crop[..., 0].mean(0) * width / 255, crop[..., 1].mean(1) * height / 255
        assert np.ptp(across) == pytest.approx(np.ptp(down), abs=4)  # a square, in pixels
        ends.append((across[0], across[-1], down[0], down[-1]))
    first, last, top, bottom = np.transpose(ends)
    sides = (bottom - top) * 32 / 31  # from the outer pixels' centers to their edges
    assert 0.58 * height < sides.min() < 0.65 * height
    assert 0.95 * height < sides.max() < 1.02 * height
    assert np.minimum(first, last).min() < 10 and np.maximum(first, last).max() > width - 10
    assert top.min() < 5 and bottom.max() > height - 5
    assert 110 < (first > last).sum() < 190  # mirrored
