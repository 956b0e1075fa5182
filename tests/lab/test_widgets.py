"""The photo lab without a browser: what its controls do to the picture, the file, the message."""

import base64
import colorsys
import datetime
import io
import math
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import ipywidgets as widgets
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colorlab import Colorizer, PhotoError, photos
from colorlab.backend import keras, ops
from colorlab.colorizer import load_settings
from colorlab.hints import Hint, ground, spread
from colorlab.lab.widgets import ColorizeLab, colorize
from colorlab.model.histogram import annealed_mean


class Painter:
    """Stands in for a generator: the same soft rainbow over every photo."""

    input_shape = (None, None, None, 1)

    def __call__(self, gray: Any, training: bool) -> Any:
        column = ops.cumsum(ops.ones_like(gray), axis=2)
        angle = 2 * np.pi * column / ops.max(column)
        return 0.5 * ops.concatenate([ops.cos(angle), ops.sin(angle)], axis=-1)


def photo(height: int, width: int) -> NDArray[np.uint8]:
    """Make a slope, red above and blue below: smooth, so that JPEG changes it by very little."""
    slope = np.linspace(60, 220, width)[:, None]
    shares = np.linspace([1.0, 0.5, 0.3], [0.3, 0.5, 1.0], height)[:, None]
    return (slope * shares).astype(np.uint8)


def shown(lab: ColorizeLab) -> NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(lab.desk.picture.value))).astype(np.int16)


def difference(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a).astype(np.int16) - np.asarray(b).astype(np.int16)).mean())


def upload(lab: ColorizeLab, name: str, content: bytes) -> None:
    """Do what the browser does when a file was chosen."""
    lab.desk.opener.upload.value = (
        {
            "name": name,
            "type": "image/jpeg",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC),
        },
    )


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def sliders_of(lab: ColorizeLab) -> list[widgets.IntSlider]:
    return list(lab.desk.sliders.knobs.values())


@pytest.fixture
def model() -> Colorizer:
    return Colorizer(Painter())


@pytest.fixture(scope="module")
def guessing() -> Colorizer:
    """Make a network that predicts a distribution, which is another one at each place."""
    gray = keras.Input((None, None, 1))
    initializer = keras.initializers.RandomNormal(stddev=2.0, seed=0)
    x = keras.layers.Conv2D(8, 4, strides=4, kernel_initializer=initializer)(gray)
    generator = keras.Model(gray, annealed_mean(x))
    logits = generator.get_layer("logits")
    logits.kernel.assign(np.random.default_rng(0).normal(0, 2, logits.kernel.shape))
    return Colorizer(generator, side=32)


@pytest.fixture
def lab(model: Colorizer) -> ColorizeLab:
    """Make a photo lab without the curtain, with which it begins."""
    lab = ColorizeLab(photo(48, 64), model)
    lab.desk.view.value = "color"
    return lab


@pytest.mark.parametrize(
    ("slider", "position", "settings"),
    [
        ("strength", 30, {"strength": 0.3}),
        ("hue_shift", -90, {"hue_shift": -90.0}),
        ("saturation", 200, {"saturation": 2.0}),
        ("warmth", -100, {"warmth": -1.0}),
        ("fade", 100, {"fade": 1.0}),
    ],
)
def test_a_slider_changes_the_picture_as_colorize_does(
    lab: ColorizeLab, model: Colorizer, slider: str, position: int, settings: dict[str, float]
) -> None:
    before = shown(lab)
    lab.desk.sliders.knobs[slider].value = position
    expected = model.colorize(photo(48, 64), **settings)
    assert np.array_equal(lab.result(), expected)
    assert difference(shown(lab), expected) < 1.5  # JPEG
    assert difference(shown(lab), before) > 5


def test_the_network_is_asked_once_a_photo(
    lab: ColorizeLab, model: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Mock(side_effect=model.guess)
    monkeypatch.setattr(model, "guess", ask)
    for slider in sliders_of(lab):
        slider.value = slider.max
    for _, view in lab.desk.view.options:
        lab.desk.view.value = view
    lab.desk.save_path.value = str(tmp_path / "a.png")
    lab.desk.save.click()
    assert ask.call_count == 0
    press(lab.desk.opener.samples["rocket"])
    assert ask.call_count == 1


def test_it_begins_with_the_curtain(model: Colorizer) -> None:
    lab = ColorizeLab(photo(48, 64), model)
    assert (lab.desk.view.value, lab.desk.canvas.view) == ("curtain", lab.desk.view.index)
    assert np.ptp(shown(lab)[:, :28], axis=-1).max() <= 6  # JPEG
    assert difference(shown(lab)[:, 36:], np.asarray(lab.result())[:, 36:]) < 1.5


def test_the_page_can_reset_each_slider(lab: ColorizeLab) -> None:
    home = {name: knob.value for name, knob in lab.desk.sliders.knobs.items()}
    assert lab.desk.canvas.neutrals == home
    assert all(
        f"colorlab-knob-{name}" in lab.desk.sliders.knobs[name]._dom_classes for name in home
    )


def test_a_path_can_be_typed_again_after_another_photo(lab: ColorizeLab, tmp_path: Path) -> None:
    Image.fromarray(photo(30, 40)).save(tmp_path / "a.png")
    for _ in range(2):
        lab.desk.opener.toggle.value = True
        lab.desk.opener.path.value = str(tmp_path / "a.png")
        assert lab.result().size == (40, 30)
        assert lab.desk.opener.toggle.value is False  # the row is closed again
        press(lab.desk.opener.samples["cat"])


def test_a_version_that_was_kept_comes_back(lab: ColorizeLab) -> None:
    lab.desk.sliders.knobs["strength"].value = 140
    lab.desk.sliders.knobs["hue_shift"].value = -30
    lab.desk.sliders.keep.value = "luma"
    settings, picture = lab.settings, shown(lab)
    lab.desk.keep_version.click()
    lab.desk.reset.click()
    lab.desk.keep_version.click()
    first, second, *suggested = lab.desk.versions.children
    assert (is_current(first), is_current(second)) == (False, True)
    press(first)
    assert lab.settings == settings
    assert np.array_equal(shown(lab), picture)
    assert (is_current(first), is_current(second)) == (True, False)
    press(second)
    assert lab.settings != settings
    lab.desk.sliders.knobs["strength"].value = 7
    assert not (is_current(first) or is_current(second))
    press(lab.desk.opener.samples["cat"])
    assert len(lab.desk.versions.children) == len(suggested)  # the others were another photo's


def test_reset_all_takes_every_control_home(lab: ColorizeLab) -> None:
    home, before = lab.settings, shown(lab)
    for slider in sliders_of(lab):
        slider.value = slider.min if slider is lab.desk.sliders.knobs["strength"] else slider.max
    lab.desk.sliders.color.value = False
    lab.hints = [Hint(0.5, 0.5, "#0000ff")]
    assert all(lab.settings[name] != value for name, value in home.items() if name != "lean")
    lab.desk.reset.click()
    assert lab.settings == home
    assert np.array_equal(shown(lab), before)


def test_the_gray_to_keep_is_the_photo_s_own_until_switched(
    lab: ColorizeLab, model: Colorizer
) -> None:
    assert lab.desk.sliders.keep.value == "value"
    lab.desk.sliders.keep.value = "luma"
    assert np.array_equal(lab.result(), model.colorize(photo(48, 64), keep="luma"))
    press(lab.desk.opener.samples["camera"])  # it has no color
    assert lab.desk.sliders.keep.value == "luma"


def test_whether_the_photo_is_in_color_can_be_overruled(
    lab: ColorizeLab, model: Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network sees another gray then, on which hints spread, too."""
    seen = []
    guess = model.guess
    monkeypatch.setattr(model, "guess", lambda given: seen.append(given.keep) or guess(given))
    assert lab.desk.sliders.color.value is True
    lab.hints = [Hint(0.25, 0.5, "#0000ff")]
    in_color = lab.settings
    lab.desk.keep_version.click()
    lab.desk.sliders.color.value = False
    assert (lab.desk.sliders.keep.value, seen) == ("luma", ["luma"])
    expected = model.colorize(photo(48, 64), color=False, hints=lab.hints)
    assert np.array_equal(lab.result(), expected)
    assert difference(shown(lab), expected) < 1.5
    lab.desk.sliders.keep.value = "value"
    lab.desk.save_path.value = str(tmp_path / "out.png")
    lab.desk.save.click()
    settings = load_settings(tmp_path / "out.png.json")
    assert (settings["color"], settings["keep"]) == (False, "value")
    with Image.open(tmp_path / "out.png") as saved:
        assert np.array_equal(saved, model.colorize(photo(48, 64), **settings))
    press(lab.desk.versions.children[0])
    assert lab.settings == in_color
    assert np.array_equal(lab.result(), model.colorize(photo(48, 64), **in_color))
    press(lab.desk.opener.samples["camera"])
    assert lab.desk.sliders.color.value is False


def test_a_photo_that_was_read_as_black_and_white_stays_so(model: Colorizer) -> None:
    lab = ColorizeLab(photos.read(photo(48, 64), color=False), model)
    assert (lab.settings["color"], lab.settings["keep"]) == (False, "luma")
    lab.desk.sliders.color.value = True
    lab.desk.reset.click()
    assert (lab.settings["color"], lab.settings["keep"]) == (False, "luma")


def press(thumbnail: widgets.Widget) -> None:
    (button,) = (w for w in descendants(thumbnail) if isinstance(w, widgets.Button))
    button.click()


def is_current(thumbnail: widgets.Widget) -> bool:
    return any("colorlab-current" in each._dom_classes for each in descendants(thumbnail))


def descendants(widget: widgets.Widget) -> list[widgets.Widget]:
    below = [d for child in getattr(widget, "children", ()) for d in descendants(child)]
    return [widget, *below]


def test_views(lab: ColorizeLab) -> None:
    color = shown(lab)
    lab.desk.view.value = "original"
    assert difference(shown(lab), photo(48, 64)) < 1.5
    lab.desk.view.value = "gray"
    gray = shown(lab)
    value = np.repeat(photo(48, 64).max(axis=-1, keepdims=True), 3, axis=-1)
    assert difference(gray, value) < 1.5
    assert np.ptp(gray, axis=-1).max() <= 2
    lab.desk.view.value = "curtain"
    lab.desk.curtain.value = 25
    assert difference(shown(lab)[:, :16], gray[:, :16]) < 1.5
    assert difference(shown(lab)[:, 16:], color[:, 16:]) < 1.5


def from_page(lab: ColorizeLab, kind: str, *buffers: bytes, **content: Any) -> None:
    """Do what the page does when a hand did something to the picture."""
    lab.desk.canvas._handle_custom_msg({"kind": kind, **content}, list(buffers))


def test_a_hint_colors_its_place_as_colorize_does(lab: ColorizeLab, model: Colorizer) -> None:
    from_page(lab, "hint", x=0.25, y=0.5)
    from_page(lab, "color", index=0, color="#0000ff")
    assert lab.hints == [Hint(0.25, 0.5, "#0000ff")]
    red, _, blue = np.asarray(lab.result())[24, 16].astype(int)
    assert blue > red + 50
    assert np.array_equal(lab.result(), model.colorize(photo(48, 64), **lab.settings))
    assert difference(shown(lab), lab.result()) < 1.5
    lab.desk.view.value = "gray"
    assert np.ptp(shown(lab), axis=-1).max() <= 2


def test_hints_are_undone_redone_and_removed(lab: ColorizeLab) -> None:
    one, two = Hint(0.25, 0.5, "#0000ff"), Hint(0.75, 0.5, "#00ff00")
    assert (
        lab.desk.hint_tools.undo.disabled
        and lab.desk.hint_tools.redo.disabled
        and lab.desk.hint_tools.clear.disabled
    )
    lab.hints = [one]
    lab.hints = [one, two]
    with_both = shown(lab)
    for button, left in (
        (lab.desk.hint_tools.undo, [one]),
        (lab.desk.hint_tools.undo, []),
        (lab.desk.hint_tools.redo, [one]),
        (lab.desk.hint_tools.redo, [one, two]),
        (lab.desk.hint_tools.clear, []),
        (lab.desk.hint_tools.undo, [one, two]),
    ):
        button.click()
        assert lab.hints == left
    assert np.array_equal(shown(lab), with_both)
    from_page(lab, "remove", index=0)
    assert lab.hints == [two]
    assert lab.desk.hint_tools.redo.disabled  # what was undone before is another story now
    press(lab.desk.opener.samples["camera"])
    assert lab.hints == [] and lab.desk.hint_tools.undo.disabled


def test_a_hint_begins_with_the_likeliest_color_and_is_one_step_until_it_is_picked_again(
    guessing: Colorizer,
) -> None:
    lab = ColorizeLab(photo(48, 64), guessing)
    tools, canvas = lab.desk.hint_tools, lab.desk.canvas
    from_page(lab, "hint", x=0.25, y=0.5)
    likely = guessing.guess(photo(48, 64)).palette(0.25, 0.5)
    for (color, _), (x, y) in zip(canvas.choices, likely, strict=True):
        h, s, _ = colorsys.rgb_to_hsv(*(number / 255 for number in bytes.fromhex(color[1:])))
        shown_as = s * math.cos(math.tau * h), s * math.sin(math.tau * h)
        np.testing.assert_allclose(shown_as, (x, y), atol=0.02)
    assert canvas.picked == 0 and lab.hints == [Hint(0.25, 0.5, canvas.choices[0][0])]
    for color in ("#0000ff", "#00ff00"):
        from_page(lab, "color", index=0, color=color)
        assert lab.hints == [Hint(0.25, 0.5, color)] and canvas.picked == 0
    tools.undo.click()
    assert lab.hints == [] and canvas.picked == -1
    tools.redo.click()
    from_page(lab, "pick", index=0)
    from_page(lab, "color", index=0, color="#ff0000")
    tools.undo.click()
    assert lab.hints == [Hint(0.25, 0.5, "#00ff00")]
    for _ in range(2):  # a second click comes too late
        from_page(lab, "remove", index=0)
    assert lab.hints == [] and canvas.picked == -1


def test_a_model_of_one_color_a_place_offers_common_hues(lab: ColorizeLab) -> None:
    from_page(lab, "hint", x=0.25, y=0.5)
    words = [words for _, words in lab.desk.canvas.choices]
    assert words == ["red", "orange", "lime", "green", "turquoise", "blue", "violet", "pink"]


def test_suggested_versions_are_what_colorize_makes(guessing: Colorizer) -> None:
    lab = ColorizeLab(photo(48, 64), guessing)
    lab.desk.sliders.knobs["strength"].value = 150
    names = [version.button.description for version in lab.desk.versions.children]
    assert names == ["as guessed", "redder", "yellower", "greener", "bluer"]
    for version, lean in zip(lab.desk.versions.children, (None, 0, 50, 110, 220), strict=True):
        press(version)
        assert [is_current(each) for each in lab.desk.versions.children].count(True) == 1
        assert is_current(version) and lab.settings["strength"] == 1.5
        expected = guessing.colorize(photo(48, 64), lean=lean, strength=1.5)
        assert np.array_equal(lab.result(), expected)
        assert lab.desk.canvas.chroma == lab._leaning(lean).chroma.tobytes()
    lab.desk.models.options += (("another", Colorizer(Painter())),)
    lab.desk.models.index = 1
    assert lab.desk.sliders.lean.disabled and lab.settings["lean"] is None
    names = [version.button.description for version in lab.desk.versions.children]
    assert names == ["as guessed", "stronger", "softer", "warmer", "cooler"]
    press(lab.desk.versions.children[3])
    assert (lab.settings["strength"], lab.settings["warmth"]) == (1.0, 0.3)


def test_in_a_notebook_the_first_color_waits_for_the_end_of_the_cell(
    model: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, loop = Mock(side_effect=model.guess), Mock()
    monkeypatch.setattr(model, "guess", ask)
    monkeypatch.setattr(colorize, "get_ipython", Mock())
    monkeypatch.setattr(colorize.asyncio, "get_running_loop", lambda: loop)
    lab = ColorizeLab(photo(48, 64), model)
    assert "Coloring" in lab.desk.message.value and not ask.called
    end_of_cell = loop.call_soon.call_args.args[0]
    end_of_cell()
    assert "Coloring" not in lab.desk.message.value and ask.call_count == 1
    needed = ColorizeLab(photo(48, 64), model)
    assert np.array_equal(needed.result(), model.colorize(photo(48, 64)))
    calls = ask.call_count
    loop.call_soon.call_args.args[0]()
    assert ask.call_count == calls  # it was done


def test_a_first_color_that_fails_is_tried_again(
    model: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colorize, "get_ipython", Mock())
    monkeypatch.setattr(colorize.asyncio, "get_running_loop", Mock())
    lab = ColorizeLab(photo(48, 64), model)
    with monkeypatch.context() as broken:
        broken.setattr(model, "guess", Mock(side_effect=MemoryError))
        with pytest.raises(MemoryError):
            lab.result()
    assert np.array_equal(lab.result(), model.colorize(photo(48, 64)))


def test_the_page_is_sent_what_it_draws_from(lab: ColorizeLab, model: Colorizer) -> None:
    guess = model.guess(photo(48, 64))
    canvas = lab.desk.canvas
    assert canvas.size == [48, 64]
    assert canvas.chroma == guess.chroma.tobytes()
    assert canvas.confidence == guess.confidence.tobytes()
    assert difference(Image.open(io.BytesIO(canvas.photo)), photo(48, 64)) < 1.5
    lab.hints = [Hint(0.25, 0.5, "#0000ff")]
    sent = np.frombuffer(canvas.tint, np.float32).reshape(*canvas.tint_size, 3)
    assert np.array_equal(sent, spread(ground(photos.read(photo(48, 64))), lab.hints))


def test_a_file_from_the_page_comes_in_parts(lab: ColorizeLab, model: Colorizer) -> None:
    file = png(photo(60, 40))
    from_page(lab, "file", file[:100], name="two.png", first=True, last=False)
    assert lab.result().size == (64, 48)  # nothing happens yet
    from_page(lab, "file", file[100:], name="two.png", first=False, last=True)
    assert np.array_equal(lab.result(), model.colorize(photo(60, 40)))
    from_page(lab, "file", b"I am no photo", name="liar.jpg", first=True, last=True)
    assert "liar.jpg: is not a photo" in lab.desk.message.value
    assert lab.result().size == (40, 60)


def test_where_the_page_draws_the_kernel_does_not(lab: ColorizeLab) -> None:
    before = lab.desk.picture.value
    lab.desk.canvas.alive = True
    lab.desk.sliders.knobs["strength"].value = 0
    assert lab.desk.picture.value == before
    assert lab.desk.picture.layout.display == "none" and lab.desk.canvas.layout.display == ""
    # The page sends files in parts, of any size.
    assert (
        lab.desk.opener.upload.layout.display == "none"
        and lab.desk.opener.choose.layout.display == ""
    )
    lab.desk.view.value = "curtain"
    still = base64.b64decode(lab._repr_mimebundle_()["image/jpeg"])
    assert difference(Image.open(io.BytesIO(still)), lab.result()) < 1.5


def test_another_model_colors_the_same_photo(lab: ColorizeLab, tmp_path: Path) -> None:
    gray = keras.Input((None, None, 1))
    pale = keras.layers.Conv2D(2, 2, strides=2, kernel_initializer="zeros")(gray)
    keras.Model(gray, pale).save(tmp_path / "pale.keras")
    lab.desk.sliders.knobs["hue_shift"].value = 20
    before = lab.settings
    lab.desk.keep_version.click()
    colored = shown(lab)
    lab.desk.model_path.value = str(tmp_path / "pale.keras")
    assert lab.settings == before
    assert np.ptp(shown(lab), axis=-1).max() <= 2
    lab.desk.model_path.value = str(tmp_path / "nowhere.keras")
    assert 'role="alert"' in lab.desk.message.value and "nowhere.keras" in lab.desk.message.value
    assert np.ptp(shown(lab), axis=-1).max() <= 2
    press(lab.desk.versions.children[0])  # a version is a model, too
    assert np.array_equal(shown(lab), colored)


def test_moving_a_slider_shows_the_color_again(lab: ColorizeLab) -> None:
    lab.desk.view.value = "original"
    lab.desk.sliders.knobs["hue_shift"].value = 90
    assert lab.desk.view.value == "color"
    assert difference(shown(lab), lab.result()) < 1.5


def test_a_photo_that_had_no_color_keeps_its_luma(model: Colorizer) -> None:
    gray = photo(48, 64)[..., 0]
    lab = ColorizeLab(gray, model)
    luma = np.asarray(Image.open(io.BytesIO(lab.desk.picture.value)).convert("L"))
    assert difference(luma, gray) < 1.5


def test_save_writes_the_whole_photo(model: Colorizer, tmp_path: Path) -> None:
    lab = ColorizeLab(photo(600, 900), model)
    assert max(shown(lab).shape) < 900
    lab.desk.sliders.knobs["hue_shift"].value = 40
    lab.desk.save_path.value = str(tmp_path / "out.png")
    lab.desk.save.click()
    with Image.open(tmp_path / "out.png") as saved:
        assert np.array_equal(saved, model.colorize(photo(600, 900), hue_shift=40.0))
    assert "out.png" in lab.desk.message.value
    assert "error" not in lab.desk.message.value


def test_settings_saved_beside_the_picture_make_it_again(
    lab: ColorizeLab, model: Colorizer, tmp_path: Path
) -> None:
    lab.desk.sliders.knobs["strength"].value = 150
    lab.desk.sliders.knobs["warmth"].value = 30
    lab.desk.sliders.keep.value = "luma"
    lab.desk.save_path.value = str(tmp_path / "out.png")
    lab.desk.save.click()
    settings = load_settings(tmp_path / "out.png.json")
    assert settings == lab.settings
    with Image.open(tmp_path / "out.png") as saved:
        assert np.array_equal(saved, model.colorize(photo(48, 64), **settings))


def test_settings_of_another_picture_are_not_overwritten(lab: ColorizeLab, tmp_path: Path) -> None:
    (tmp_path / "out.png.json").write_text("mine")
    lab.desk.save_path.value = str(tmp_path / "out.png")
    lab.desk.save.click()
    assert "out.png.json exists; choose another name" in lab.desk.message.value
    assert [path.name for path in tmp_path.iterdir()] == ["out.png.json"]
    assert (tmp_path / "out.png.json").read_text() == "mine"


def test_save_never_overwrites(lab: ColorizeLab, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(b"precious")
    lab.desk.save_path.value = str(tmp_path / "mine.png")
    lab.desk.save.click()
    assert (tmp_path / "mine.png").read_bytes() == b"precious"
    assert "error" in lab.desk.message.value
    assert "already exists" in lab.desk.message.value


def test_the_name_to_save_under_follows_the_photo(lab: ColorizeLab) -> None:
    upload(lab, "grandma.jpg", png(photo(30, 40)))
    assert lab.desk.save_path.value == "grandma-color.png"


def test_opens_an_upload_and_the_same_one_again(lab: ColorizeLab, model: Colorizer) -> None:
    for _ in range(2):
        press(lab.desk.opener.samples["cat"])
        upload(lab, "a.png", png(photo(30, 40)))
        assert difference(shown(lab), model.colorize(photo(30, 40))) < 1.5


def test_opens_a_path(lab: ColorizeLab, model: Colorizer, tmp_path: Path) -> None:
    (tmp_path / "old photo.png").write_bytes(png(photo(30, 40)))
    lab.desk.opener.path.value = f" {tmp_path / 'old photo.png'}"
    assert np.array_equal(lab.result(), model.colorize(photo(30, 40)))
    assert "old photo.png, 40 × 30" in lab.desk.message.value


def test_says_what_is_particular_about_a_photo(lab: ColorizeLab, tmp_path: Path) -> None:
    pages = [Image.new("1", (40, 30)), Image.new("1", (40, 30))]
    pages[0].save(tmp_path / "book.tif", save_all=True, append_images=pages[1:])
    lab.desk.opener.path.value = str(tmp_path / "book.tif")
    assert "has 2 pages" in lab.desk.message.value and "scan it in gray" in lab.desk.message.value


def test_opens_every_sample_without_a_download(lab: ColorizeLab) -> None:
    pictures = []
    for name, sample in lab.desk.opener.samples.items():
        press(sample)
        assert name in lab.desk.message.value
        assert [n for n, each in lab.desk.opener.samples.items() if is_current(each)] == [name]
        assert "error" not in lab.desk.message.value
        pictures.append(lab.desk.picture.value)
    assert len(set(pictures)) == len(lab.desk.opener.samples) >= 4


@pytest.mark.parametrize("way", ["path", "upload"])
def test_a_file_that_is_no_photo_is_one_line_and_changes_nothing(
    lab: ColorizeLab, tmp_path: Path, way: str
) -> None:
    before = lab.desk.picture.value, lab.desk.save_path.value
    if way == "path":
        (tmp_path / "notes<b>.jpg").write_text("not a photo")
        lab.desk.opener.path.value = str(tmp_path / "notes<b>.jpg")
    else:
        upload(lab, "notes<b>.jpg", b"not a photo")
    assert (lab.desk.picture.value, lab.desk.save_path.value) == before
    assert 'role="alert"' in lab.desk.message.value
    assert "notes&lt;b&gt;.jpg" in lab.desk.message.value
    assert "\n" not in lab.desk.message.value


@pytest.mark.parametrize("path", ["nowhere/at/all.jpg", "~nobody-here/a.jpg", "\0", "."])
def test_a_path_that_leads_nowhere_is_one_line(lab: ColorizeLab, path: str) -> None:
    before = lab.desk.picture.value
    lab.desk.opener.path.value = path
    assert lab.desk.picture.value == before
    assert 'role="alert"' in lab.desk.message.value


@pytest.mark.parametrize("path", ["", "nowhere/a.png", "a.txt", "~nobody-here/a.png"])
def test_a_place_that_cannot_be_written_is_one_line(
    lab: ColorizeLab, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lab.desk.save_path.value = path
    lab.desk.save.click()
    assert 'role="alert"' in lab.desk.message.value
    assert list(tmp_path.iterdir()) == []


def test_in_code_a_bad_photo_is_an_error(model: Colorizer) -> None:
    with pytest.raises(PhotoError, match="nowhere"):
        ColorizeLab("nowhere.jpg", model)


def test_what_is_transparent_is_shown_on_white_and_saved_transparent(
    model: Colorizer, tmp_path: Path
) -> None:
    pixels = np.dstack([photo(48, 64), np.zeros((48, 64), np.uint8)])
    lab = ColorizeLab(pixels, model)
    assert shown(lab).min() > 250
    lab.desk.save_path.value = str(tmp_path / "out.png")
    lab.desk.save.click()
    with Image.open(tmp_path / "out.png") as saved:
        assert saved.getchannel("A").getextrema() == (0, 0)


def test_every_control_has_a_name_and_the_upload_says_its_limit(lab: ColorizeLab) -> None:
    for widget in descendants(lab):
        if isinstance(widget, widgets.IntSlider | widgets.Text | widgets.Dropdown):
            assert widget.description
        if "colorlab-panel" in widget._dom_classes:
            told = [each for each in descendants(widget) if isinstance(each, widgets.ValueWidget)]
            assert all(each.tooltip for each in told if not isinstance(each, widgets.HTML))
        if isinstance(widget, widgets.Button | widgets.Image):
            assert widget.description or widget.tooltip
    assert "10 MB" in lab.desk.opener.upload.description


def test_without_a_kernel_there_is_still_a_picture(lab: ColorizeLab) -> None:
    bundle = lab._repr_mimebundle_()
    assert base64.b64decode(bundle["image/jpeg"]) == lab.desk.picture.value
    lab.desk.view.value = "curtain"  # the still picture is in color all the same
    assert lab._repr_mimebundle_()["image/jpeg"] == bundle["image/jpeg"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
