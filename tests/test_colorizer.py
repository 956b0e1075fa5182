"""Any photo in, a color photo out: with the model that ships, and with fakes of known color."""

import json
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import skimage.color
import skimage.data
from PIL import Image

from colorlab import Colorizer, ColorlabError, PhotoError, photos
from colorlab.backend import keras, ops
from colorlab.color.adjustments import adjust
from colorlab.colorizer import load_settings, render
from colorlab.hints import Hint, tint_of

LUMA = np.array([0.299, 0.587, 0.114])


@pytest.fixture(scope="module")
def shipped() -> Colorizer:
    return Colorizer()


def fake(chroma: tuple[float, float], factor: int = 2) -> Colorizer:
    """A colorizer that gives every pixel this chroma; its mean is not taken for a cast."""
    gray = keras.Input((None, None, 1))
    x = keras.layers.AveragePooling2D(factor)(gray)
    x = keras.layers.Conv2D(2, 1, kernel_initializer="zeros")(x)
    model = keras.Model(gray, x)
    model.layers[-1].set_weights([np.zeros((1, 1, 1, 2)), np.array(chroma)])
    colorizer = Colorizer(model)
    colorizer.cast = 0.0
    return colorizer


def test_the_shipped_model_colors_a_photo_of_a_person(shipped):
    colored = np.asarray(shipped.colorize(skimage.data.astronaut()))
    saturation = skimage.color.rgb2hsv(colored)[..., 1]
    assert colored.shape == (512, 512, 3)
    assert saturation.mean() > 0.1


def test_the_same_photo_gives_the_same_bytes_from_any_thread(shipped):
    photo = skimage.data.chelsea()
    alone = shipped.colorize(photo).tobytes()
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(shipped.colorize(photo).tobytes()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [alone] * 4


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (37, 501), (200, 300)])
def test_size_and_value_are_those_of_the_photo(shipped, size):
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    # In a single pixel, nobody can tell a tone from a color.
    colored = np.asarray(shipped.colorize(photo, color=True)).astype(int)
    assert colored.shape == photo.shape
    np.testing.assert_array_equal(colored.max(axis=-1), photo.max(axis=-1))


def test_a_tensor_is_colored_as_the_array_that_it_holds():
    photo = skimage.data.chelsea()
    for source in (ops.convert_to_tensor(photo), ops.convert_to_tensor(photo / np.float32(255))):
        colored = np.asarray(fake((0.5, 0.1)).colorize(source))
        np.testing.assert_array_equal(colored, fake((0.5, 0.1)).colorize(photo))


def test_the_network_answers_a_batch_as_it_answers_each_photo(shipped):
    grays = np.random.default_rng(0).random((5, 64, 96, 1), np.float32)
    together = np.asarray(shipped.generator(grays))
    alone = np.concatenate([np.asarray(shipped.generator(gray[None])) for gray in grays])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_a_photo_without_color_keeps_its_luma():
    gray = np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
    colored = np.asarray(fake((0.9, -0.4)).colorize(gray)).astype(float)
    assert np.abs(colored @ LUMA - gray).max() <= 1
    assert np.ptp(colored, axis=-1).max() > 50


def one_red_pixel(gray):
    photo = np.repeat(gray[..., None], 3, axis=-1)
    photo[100, 200] = (255, 0, 0)
    return photo


def sepia(gray):
    return (gray[..., None] * np.array([1.351, 1.203, 0.937])).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("change", [one_red_pixel, sepia])
def test_a_black_and_white_photo_that_has_a_red_pixel_or_a_tone_keeps_its_luma(shipped, change):
    photo = change(np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L")))
    mean = np.asarray(Image.fromarray(photo).convert("L")).mean()
    assert np.asarray(shipped.colorize(photo).convert("L")).mean() == pytest.approx(mean, abs=1)
    # Taken for a color photo, it would keep its value instead.
    kept = np.asarray(shipped.colorize(photo, color=True)).max(axis=-1)
    np.testing.assert_array_equal(kept, photo.max(axis=-1))


def test_color_says_which_gray_the_network_sees_and_keep_which_one_stays():
    gray = keras.Input((None, None, 1))
    x = keras.layers.AveragePooling2D(2)(gray)
    brighter_is_redder = keras.layers.Conv2D(2, 1, use_bias=False)
    colorizer = Colorizer(keras.Model(gray, brighter_is_redder(x)))
    brighter_is_redder.set_weights([np.array([[[[1.0, 0.0]]]])])
    green = np.full((32, 32, 3), (0, 120, 0), np.uint8)
    grays = {"value": 120, "luma": 0.587 * 120}
    for color, own in ((True, "value"), (False, "luma")):
        for keep in ("value", "luma", None):
            result = colorizer.colorize(green, color=color, keep=keep)
            red, other, _ = map(int, result.getpixel((0, 0)))
            saturation = (1 - colorizer.cast) * grays[own] / 255  # all of the color is a cast
            assert 1 - other / red == pytest.approx(saturation, abs=0.01)
            kept = {"value": red, "luma": result.convert("L").getpixel((0, 0))}[keep or own]
            assert kept == pytest.approx(grays[keep or own], abs=1)


def test_keep_overrides_the_rule():
    gray = np.full((8, 8), 100, np.uint8)
    as_value = np.asarray(fake((0.8, 0.0)).colorize(gray, keep="value"))
    assert as_value[0, 0].tolist() == [100, 20, 20]  # v = 100, s = 0.8, h = red


def test_the_color_of_the_photo_itself_is_not_used():
    """Two photos of one value and different color are one photo to the network."""
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    np.testing.assert_array_equal(
        np.asarray(fake((0.0, 0.5)).colorize(red)),
        np.asarray(fake((0.0, 0.5)).colorize(np.roll(red, 1, axis=-1))),
    )


def test_alpha_is_kept(shipped):
    photo = np.random.default_rng(0).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    colored = shipped.colorize(photo)
    assert colored.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(colored)[..., 3], photo[..., 3])


def test_settings_change_the_color_and_nothing_else():
    gray = np.full((8, 8), 200, np.uint8)
    colorizer = fake((0.5, 0.0))

    def pixel(**settings: float) -> list[int]:
        return np.asarray(colorizer.colorize(gray, keep="value", **settings))[0, 0].tolist()

    assert pixel() == [200, 100, 100]
    assert pixel(strength=0.0) == [200, 200, 200]
    assert pixel(strength=2.0) == [200, 0, 0]
    assert pixel(hue_shift=120.0) == [100, 200, 100]
    assert pixel(saturation=0.5) == [200, 150, 150]  # s = 0.5² = 0.25


def test_settings_leave_the_color_of_a_hint_alone():
    gray = np.full((8, 8), 200, np.uint8)
    colorizer = fake((0.5, 0.0))
    hints = [Hint(0, 0, "#0000ff")]
    for settings in ({}, {"strength": 0.0}, {"hue_shift": 90.0}, {"warmth": 1.0}, {"fade": 1.0}):
        colored = colorizer.colorize(gray, keep="value", hints=hints, **settings)
        assert np.asarray(colored)[0, 0].tolist() == [0, 0, 200]


def test_without_hints_nothing_changes(shipped):
    photo = photos.read(skimage.data.coffee())
    expected = render(photo, adjust(shipped.guess(photo).chroma)).tobytes()
    assert shipped.colorize(photo).tobytes() == expected
    assert shipped.colorize(photo, hints=[]).tobytes() == expected


def test_a_hint_changes_its_region_and_no_other(shipped):
    """On the coffee's saucer: it turns blue, the cup's inside and the table stay as they are."""
    photo = skimage.data.coffee()
    before = np.asarray(shipped.colorize(photo)).astype(int)
    after = np.asarray(shipped.colorize(photo, hints=[Hint(0.5, 0.85, "#2040ff")])).astype(int)
    assert (after[330:350, 270:330, 2] > after[330:350, 270:330, 0]).all()
    assert np.abs(after - before)[100:140, 280:320].max() <= 2
    assert np.abs(after - before)[:60, :60].max() <= 2


@pytest.mark.parametrize("size", [(1, 1), (5000, 1)])
def test_a_photo_of_any_shape_takes_hints(shipped, size):
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    colored = np.asarray(shipped.colorize(photo, color=True, hints=[Hint(1, 1, "#ff0000")]))
    np.testing.assert_array_equal(colored.max(axis=-1), photo.max(axis=-1))


def test_hints_in_saved_settings_make_the_same_picture(tmp_path: Path):
    photo = skimage.data.coffee()
    settings = {"strength": 0.5, "hints": [Hint(0.5, 0.85, "#c02020"), Hint(0.1, 0.1, "#a06030")]}
    file = tmp_path / "color.json"
    file.write_text(json.dumps(settings))
    assert load_settings(file) == settings
    photos.write(photos.read(photo).pixels, tmp_path / "in.png")
    colorizer = fake((0.5, 0.0))
    colorizer.colorize_file(tmp_path / "in.png", tmp_path / "out.png", **load_settings(file))
    expected = np.asarray(colorizer.colorize(photo, **settings))
    np.testing.assert_array_equal(photos.read(tmp_path / "out.png").pixels, expected)


@pytest.mark.parametrize(
    "hints", [[[0.5, 2, "#ff0000"]], [[0.5, 0.5, "red"]], [[0.5, 0.5]], [7], 7, None, "abc"]
)
def test_malformed_hints_in_settings_are_refused_in_one_line(tmp_path: Path, hints: object):
    file = tmp_path / "color.json"
    file.write_text(json.dumps({"hints": hints}))
    with pytest.raises(ColorlabError, match=r"color\.json holds no settings .*hints") as caught:
        load_settings(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"keep": "lumma"}, {"keep": ""}, {"strength": True}])
def test_settings_of_another_kind_are_refused_by_the_name_of_their_file(tmp_path, settings):
    file = tmp_path / "color.json"
    file.write_text(json.dumps(settings))
    with pytest.raises(ColorlabError, match=r"color\.json holds no settings"):
        load_settings(file)


class Answers:
    """Stands in for a generator: one color for a photo, another for its mirror image."""

    input_shape = (None, None, None, 1)

    def __init__(self, photo: tuple[float, float], mirrored: tuple[float, float]) -> None:
        self.colors = np.float32([photo, mirrored])

    def __call__(self, gray, training: bool):
        return ops.ones_like(gray) * self.colors[:, None, None]


@pytest.mark.parametrize(
    ("photo", "mirrored", "chroma", "confidence"),
    [
        ((0.6, 0.0), (0.6, 0.0), (0.6, 0.0), 1),
        ((0.6, 0.0), (0.0, 0.6), (0.3, 0.3), 1 / 2),  # m = d = 0.3·√2
        ((0.6, 0.0), (0.2, 0.0), (0.4, 0.0), 2 / 3),  # m = 0.4, d = 0.2
        ((0.6, 0.0), (-0.6, 0.0), (0.0, 0.0), 0),
        ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), 0),
    ],
)
def test_a_guess_is_the_mean_of_the_answers_and_as_sure_as_they_agree(
    photo, mirrored, chroma, confidence
):
    colorizer = Colorizer(Answers(photo, mirrored))
    colorizer.cast = 0.0
    guess = colorizer.guess(np.full((60, 80), 200, np.uint8))
    np.testing.assert_allclose(guess.chroma, np.broadcast_to(chroma, guess.chroma.shape), atol=1e-6)
    np.testing.assert_allclose(guess.confidence, confidence, atol=1e-3)
    faded = colorizer.colorize(np.full((8, 8), 200, np.uint8), keep="value", fade=0.5)
    saturation = np.hypot(*chroma) * (1 - 0.5 * (1 - confidence))
    assert 1 - np.min(faded) / 200 == pytest.approx(saturation, abs=0.01)


def test_a_share_of_the_mean_color_is_taken_away():
    """Black becomes red and white cyan; three quarters of the photo are black."""
    gray = keras.Input((None, None, 1))
    colorizer = Colorizer(keras.Model(gray, ops.concatenate([0.5 - gray, 0 * gray], axis=-1)))
    photo = np.zeros((64, 64), np.uint8)
    photo[:, 48:] = 255
    chroma = colorizer.guess(photo).chroma[32, [8, -8], 0]
    mean = 0.75 * 0.5 - 0.25 * 0.5
    np.testing.assert_allclose(chroma, [0.5 - 0.3 * mean, -0.5 - 0.3 * mean], atol=0.01)


def test_the_mirror_image_gets_the_mirrored_color(shipped):
    photo = skimage.data.chelsea()
    guess, mirrored = shipped.guess(photo), shipped.guess(photo[:, ::-1])
    np.testing.assert_allclose(mirrored.chroma, guess.chroma[:, ::-1], atol=1e-4)
    np.testing.assert_allclose(mirrored.confidence, guess.confidence[:, ::-1], atol=1e-2)


@pytest.mark.parametrize("fade", [-0.1, 1.1, np.nan])
def test_a_fade_out_of_range_is_refused(fade):
    with pytest.raises(ColorlabError, match=r"fade is .*; expected 0 .* to 1"):
        fake((0.5, 0.0)).colorize(np.zeros((8, 8), np.uint8), fade=fade)


def test_a_photo_in_strips_is_the_photo_in_one_piece(monkeypatch):
    photo = photos.read(np.random.default_rng(0).integers(0, 256, (97, 53, 3), dtype=np.uint8))
    chroma = np.random.default_rng(1).uniform(-0.7, 0.7, (9, 6, 2)).astype(np.float32)
    tint = tint_of(photo, [Hint(0.3, 0.4, "#00c080")])
    whole = [render(photo, chroma, tint=t).tobytes() for t in (None, tint)]
    monkeypatch.setattr("colorlab.colorizer.STRIP_PIXELS", 530)
    assert [render(photo, chroma, tint=t).tobytes() for t in (None, tint)] == whole


def test_chroma_is_enlarged_as_keras_enlarges_it():
    """Independent: keras.ops' bilinear resize of the chroma, seen on the axis from red to cyan."""
    chroma = np.zeros((4, 5, 2), np.float32)
    chroma[..., 0] = np.random.default_rng(0).uniform(0, 1, (4, 5))
    enlarged = ops.convert_to_numpy(ops.image.resize(chroma, (40, 50), "bilinear"))
    white = photos.read(np.full((40, 50), 255, np.uint8))
    colored = np.asarray(render(white, chroma, keep="value")).astype(float)
    np.testing.assert_allclose(1 - colored[..., 1] / 255, enlarged[..., 0], atol=0.6 / 255)


def test_a_saved_model_colors_as_before(tmp_path: Path):
    colorizer = Colorizer(fake((0.3, 0.2)).generator)
    path = colorizer.save(tmp_path / "mine.keras")
    again = Colorizer.load(path)
    photo = skimage.data.coffee()
    assert again.colorize(photo).tobytes() == colorizer.colorize(photo).tobytes()
    with pytest.raises(ColorlabError, match=r"mine\.keras exists"):
        colorizer.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.keras"]


def test_a_save_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch):
    colorizer = fake((0.3, 0.2))

    def full_disk(path: Path) -> None:
        path.write_bytes(b"half of a mod")
        raise OSError("no space left on device")

    monkeypatch.setattr(colorizer.generator, "save", full_disk)
    with pytest.raises(OSError, match="no space"):
        colorizer.save(tmp_path / "mine.keras")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path):
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(b"PK\x03\x04 no more")
    classifier = tmp_path / "classifier.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]).save(classifier)
    for path, reason in [
        (damaged, "not a model"),
        (classifier, "expected a generator"),
        (tmp_path / "missing.keras", "does not exist"),
        (tmp_path, "give a .keras file or a finished run"),
    ]:
        with pytest.raises(ColorlabError, match=reason) as caught:
            Colorizer.load(path)
        assert "\n" not in str(caught.value)


def test_loading_a_model_runs_no_code_of_it(tmp_path: Path):
    proof = str(tmp_path / "ran")
    # Keras stores the code of a lambda.
    leave_proof = lambda x: [open(proof, "w").close(), x + x][1]  # noqa: E731, PTH123
    gray = keras.Input((None, None, 2))
    model = keras.Model(gray, keras.layers.Lambda(leave_proof)(gray))
    for name, reason in (("model.keras", "not a model"), ("model.h5", r"expected a \.keras file")):
        path = tmp_path / name
        with warnings.catch_warnings(action="ignore"):  # of the older format
            model.save(path)
            Path(proof).unlink(missing_ok=True)
            with pytest.raises(ColorlabError, match=reason) as caught:
                Colorizer.load(path)
        assert "\n" not in str(caught.value)
        assert not Path(proof).exists()
    keras.models.load_model(tmp_path / "model.keras", safe_mode=False)
    assert Path(proof).exists()  # there was something to run


def test_a_preset_without_weights_says_what_to_do():
    with pytest.raises(ColorlabError, match="train it"):
        Colorizer.from_preset("pix2pix")
    with pytest.raises(ColorlabError, match="choose one of toy, small, small-2, pix2pix"):
        Colorizer.from_preset("huge")


def pixel(path: Path) -> list[int]:
    return photos.read(path).pixels[0, 0].tolist()


def test_colorize_file_writes_whole_files_and_never_over_others(tmp_path: Path):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    Image.fromarray(np.full((8, 8), 200, np.uint8)).save(source)
    colorizer = fake((0.5, 0.0))
    colorizer.colorize_file(source, target, keep="value")
    assert pixel(target) == [200, 100, 100]
    with pytest.raises(PhotoError, match=r"out\.png"):
        colorizer.colorize_file(source, target, strength=0.0)
    assert pixel(target) == [200, 100, 100]
    colorizer.colorize_file(source, target, overwrite=True, strength=0.0)
    assert pixel(target) == [200, 200, 200]


def test_a_generator_of_one_size_takes_any_photo():
    gray = keras.Input((32, 32, 1))
    colorizer = Colorizer(keras.Model(gray, keras.layers.Conv2D(2, 3, padding="same")(gray)))
    assert colorizer.colorize(skimage.data.coffee()).size == (600, 400)
