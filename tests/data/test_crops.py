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
KINDS = ["folder", "shards"]


def packed(paths, out):
    """Those photos in shards of one or two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", 1_500)
        shards.pack(paths, out)
    return shards.Shards(out)


@pytest.fixture(scope="module", params=KINDS)
def source(request, tmp_path_factory):
    folder, out = (tmp_path_factory.mktemp(name) for name in ("photos", "packed"))
    for number, scene in enumerate(scenes(COUNT, size=40, seed=0)):
        Image.fromarray(scene).save(folder / f"{number}.png")
    paths = photos.find(folder)
    return packed(paths, out) if request.param == "shards" else paths


def flat(folder, count=COUNT):
    """Photos of one color, whose red is six times their number: JPEG changes it by less."""
    for number in range(count):
        Image.new("RGB", (30, 20), (6 * number, 200, 0)).save(folder / f"{number:03d}.png")
    return photos.find(folder)


@pytest.fixture
def flat_paths(tmp_path):
    return flat(tmp_path)


@pytest.fixture(params=KINDS)
def flat_source(request, flat_paths, tmp_path):
    return packed(flat_paths, tmp_path / "packed") if request.param == "shards" else flat_paths


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


def test_a_crop_is_the_same_alone_or_in_any_order_on_any_thread(source):
    crops = Crops(source, size=16, seed=5)
    in_order = [crops.crop(k) for k in range(3 * COUNT)]
    with ThreadPoolExecutor(4) as pool:
        backwards = list(pool.map(crops.crop, reversed(range(3 * COUNT))))
    np.testing.assert_array_equal(in_order, backwards[::-1])
    np.testing.assert_array_equal(Crops(source, size=16, seed=5).crop(17), in_order[17])


def test_another_seed_gives_another_order_and_other_crops(source):
    one, other = (Crops(source, size=16, seed=seed) for seed in (0, 1))
    assert any((one.crop(k) != other.crop(k)).any() for k in range(COUNT))


def test_every_photo_is_seen_once_an_epoch_and_each_epoch_in_its_own_order(flat_source):
    crops = Crops(flat_source, size=8, seed=0)
    epochs = [numbers(crops, range(e * COUNT, (e + 1) * COUNT)) for e in range(4)]
    assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
    assert len(set(map(tuple, epochs))) > 1


def test_an_epoch_of_packed_photos_reads_a_few_shards_at_a_time_in_its_own_order(tmp_path):
    opened = packed(flat(tmp_path, 40), tmp_path / "packed")
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


def test_unreadable_files_are_skipped_named_kept_and_replaced_by_a_neighbor(flat_paths):
    broken = flat_paths[2]
    broken.write_text("not a photo")
    crops = Crops(flat_paths, size=8, seed=0)
    seen = numbers(crops, range(2 * COUNT))
    assert len(seen) == 2 * COUNT and set(seen) == set(range(COUNT)) - {2}
    (reason,) = crops.skipped.values()
    assert reason.startswith(f"{broken}: ")
    assert broken.read_text() == "not a photo"
    # What has been skipped before must not change what comes next.
    assert numbers(Crops(flat_paths, size=8, seed=0), range(COUNT, 2 * COUNT)) == seen[COUNT:]


def test_a_damaged_record_is_skipped_too(flat_paths, tmp_path):
    opened = packed(flat_paths, tmp_path / "packed")
    missing = number_of(photos.read(opened[0]).pixels)
    shard = tmp_path / "packed" / "shard-00000.tfrecord"
    shard.write_bytes(shard.read_bytes().replace(opened[0], bytes(len(opened[0]))))
    crops = Crops(opened, size=8, seed=0)
    seen = numbers(crops, range(2 * COUNT))
    assert len(seen) == 2 * COUNT and set(seen) == set(range(COUNT)) - {missing}
    (reason,) = crops.skipped.values()
    assert reason.startswith(f"{shard}: record 0 is damaged")


def sepia(scene):
    """A scene as a photo program's sepia filter leaves it, which fills the highlights' channels."""
    gray = np.asarray(Image.fromarray(scene).convert("L"), float)[..., None]
    return (gray * [1.351, 1.203, 0.937]).clip(0, 255).astype(np.uint8)


def test_a_photo_without_color_is_skipped_and_named_like_an_unreadable_one(flat_paths, tmp_path):
    toned = sepia(scenes(1, size=40, seed=1)[0])
    Image.fromarray(toned).save(flat_paths[2])
    crops = Crops(flat_paths, size=8, seed=0)
    assert set(numbers(crops, range(2 * COUNT))) == set(range(COUNT)) - {2}
    assert list(crops.skipped.values()) == [
        f"{flat_paths[2]}: has no color to learn from; give color photos"
    ]
    # An older pack may hold some.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(photos, "require_color", lambda *_: None)
        opened = packed(flat_paths, tmp_path / "packed")
    crops = Crops(opened, size=8, seed=0)
    assert set(numbers(crops, range(2 * COUNT))) == set(range(COUNT)) - {2}
    ((number, reason),) = crops.skipped.items()
    assert photos.read(opened[number]).pixels.shape == toned.shape
    assert reason == f"packed photo {number}: has no color to learn from; give color photos"


def test_a_folder_without_one_color_photo_is_refused_with_a_reason(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_text("not a photo")
    refused = r"None of the 2 files is a color photo. The first: .*\.jpg"
    with pytest.raises(PhotoError, match=refused):
        Crops(sorted(tmp_path.iterdir()), size=8, seed=0).crop(0)
    for scene, name in zip(scenes(2, size=40, seed=0), ("a.jpg", "b.jpg"), strict=True):
        Image.fromarray(scene).convert("L").save(tmp_path / name)
    with pytest.raises(PhotoError, match=rf"{refused}: has no color to learn from; give color"):
        Crops(sorted(tmp_path.iterdir()), size=8, seed=0).crop(0)


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
