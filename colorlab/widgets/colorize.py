"""A small photo lab: open a photo, move its sliders, compare, save.

The network is asked once a photo. A move of a slider only joins the chroma that it found with the
photo's gray again, at the preview's size; saving does the same at full size.
"""

from __future__ import annotations

import html
import io
import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
import skimage.data
from PIL import Image

from colorlab import photos
from colorlab.colorizer import Colorizer, render
from colorlab.encoding import Gray, adjust
from colorlab.errors import ColorlabError
from colorlab.files import replacing
from colorlab.photos import Photo
from colorlab.widgets.picture import LivePicture, WithStill
from colorlab.widgets.thumbnail import thumbnail

SAMPLES = ("astronaut", "cat", "coffee", "rocket", "camera")  # come with scikit-image, no download
PREVIEW = 512  # pixels of the preview's longer side
ROW = {"flex_flow": "row wrap", "grid_gap": "8px 16px"}

STYLE = """<style>
.colorlab { max-width: 900px; padding: 4px; }
.colorlab .widget-label { width: auto; text-align: left; }
.colorlab .widget-upload { width: auto; }
.colorlab-stage { background: #8883; border-radius: 6px; }
.colorlab-stage > img { max-width: 100%; max-height: 100%; object-fit: contain; }
.colorlab-knob > .widget-slider { display: grid; grid-template-columns: 1fr auto; height: 44px; }
.colorlab-knob .widget-readout { min-width: 44px; }
.colorlab-knob .slider-container { grid-row: 2; grid-column: 1 / 3; }
.colorlab-error { color: var(--jp-error-color1, #b71c1c); }
</style>"""


class ColorizeLab(WithStill):
    """The photo lab; a notebook shows it where its value is the cell's last.

    Attributes:
        model: the Colorizer.
        strength, hue_shift, saturation, warmth, fade: the sliders, in % and degrees.
        keep: the switch between the two grays.
        samples, versions: buttons that open a photo, and that bring back settings kept before.
    """

    def __init__(self, photo: photos.Source | None = None, model: Colorizer | None = None) -> None:
        """Open a photo and color it.

        Args:
            photo: whatever `photos.read` reads; by default the first of SAMPLES.
            model: by default the one that ships with colorlab.

        Raises:
            PhotoError: if `photo` cannot be read. Later, the lab itself shows what went wrong.
        """
        self.model = model or Colorizer()
        self.samples = {
            name: thumbnail(_image(_sample(name)), name, partial(self._open_sample, name))
            for name in SAMPLES
        }
        self.versions = widgets.HBox(layout=ROW)
        self.keep_version = widgets.Button(
            description="Keep this version", icon="plus", layout={"width": "auto"}
        )
        self.path = widgets.Text(
            description="A file",
            placeholder="its path, any size",
            continuous_update=False,
            layout={"flex": "1 1 200px"},
        )
        # Jupyter drops a larger message without a word to either side: all one can do is to say so.
        self.upload = widgets.FileUpload(description="Upload, 10 MB at most", accept="image/*")
        self.picture = LivePicture()
        self.view = widgets.ToggleButtons(
            options=["color", "gray", "original", "gray | color"], style={"button_width": "auto"}
        )
        self.strength = widgets.IntSlider(100, 0, 200, description="Color strength, %")
        self.hue_shift = widgets.IntSlider(0, -180, 180, description="Hue shift, degrees")
        self.saturation = widgets.IntSlider(100, 50, 200, description="Saturation, %")
        self.warmth = widgets.IntSlider(0, -100, 100, description="Warmth, %")
        self.fade = widgets.IntSlider(0, 0, 100, description="Fade unsure color, %")
        self.keep = widgets.ToggleButtons(
            options=["value", "luma"],
            description="Gray to keep",
            tooltips=["the brightest of red, green and blue", "how bright it is to the eye"],
            style={"button_width": "auto"},
        )
        self.reset = widgets.Button(description="Reset all", layout={"width": "auto"})
        self._home = self.settings
        self.save_path = widgets.Text(description="Save as", layout={"width": "auto"})
        self.save = widgets.Button(
            description="Save", icon="download", button_style="primary", layout={"width": "auto"}
        )
        self.message = widgets.HTML()

        self._develop(photos.read(_sample(SAMPLES[0]) if photo is None else photo))

        self.keep_version.on_click(self._on_keep_version)
        self.path.observe(self._on_path, names="value")
        self.upload.observe(self._on_upload, names="value")
        self.view.observe(self._draw, names="value")
        for slider in self._sliders():
            slider.observe(self._on_setting, names="value")
        self.keep.observe(self._on_setting, names="value")
        self.reset.on_click(self._on_reset)
        self.save.on_click(self._on_save)
        super().__init__(self._arranged())
        self.add_class("colorlab")

    @property
    def settings(self) -> dict[str, Any]:
        """What the controls say, as `Colorizer.colorize` takes it."""
        return {
            "keep": self.keep.value,
            "strength": self.strength.value / 100,
            "hue_shift": float(self.hue_shift.value),
            "saturation": self.saturation.value / 100,
            "warmth": self.warmth.value / 100,
            "fade": self.fade.value / 100,
        }

    def result(self) -> Image.Image:
        """The photo at full size in the colors that the sliders ask for."""
        return self._render(self._photo, **self.settings)

    def _open_sample(self, name: str) -> None:
        self._open(_sample(name))

    def _on_path(self, change: Any) -> None:
        if change.new:
            self._open(_path(change.new))

    def _on_upload(self, change: Any) -> None:
        for upload in change.new:
            file = io.BytesIO(upload["content"])
            file.name = upload["name"]
            self._open(file)
            self.upload.value = ()  # so that the same file can be chosen again

    def _on_setting(self, _change: Any) -> None:
        if self.view.value in ("gray", "original"):
            self.view.value = "color"
        else:
            self._draw()

    def _on_reset(self, _button: Any) -> None:
        self._apply(self._home | {"keep": self._photo.keep})

    def _on_keep_version(self, _button: Any) -> None:
        settings = self.settings
        self.versions.children += (
            thumbnail(
                self._render(self._preview, **settings),
                f"version {len(self.versions.children) + 1}",
                lambda: self._apply(settings),
            ),
        )

    def _apply(self, settings: dict[str, Any]) -> None:
        """Set the controls so that they say this."""
        for name, value in settings.items():
            control = getattr(self, name)
            in_percent = name not in ("keep", "hue_shift")
            control.value = round(100 * value) if in_percent else value

    def _on_save(self, _button: Any) -> None:
        path = _path(self.save_path.value)
        beside = path.parent / f"{path.name}.json"
        try:
            if beside.exists():
                raise ColorlabError(f"{beside} exists; choose another name.")
            photos.write(self.result(), path)
            with replacing(beside) as draft:
                draft.write_text(json.dumps(self.settings, indent=2) + "\n")
        except (ColorlabError, OSError) as error:
            self._say(str(error), error=True)
        else:
            self._say(f"Saved {path.resolve()} at full size, its settings in {beside.name}.")

    def _open(self, source: photos.Source) -> None:
        try:
            self._develop(photos.read(source))
        except ColorlabError as error:
            self._say(str(error), error=True)

    def _develop(self, photo: Photo) -> None:
        self._say(f"Coloring {photo.name} …")
        self._guess = self.model.guess(photo)
        self._photo, self._preview = photo, _shrunk(photo)
        self.versions.children = ()
        self.keep.value = photo.keep
        self.save_path.value = f"{Path(photo.name).stem}-color.png"
        self._draw()
        height, width = photo.pixels.shape[:2]
        self._say(f"{photo.name}, {width} × {height} pixels")

    def _draw(self, _change: Any = None) -> None:
        views = self.view.value.split(" | ")
        row = np.hstack([np.asarray(self._view(name).convert("RGBA")) for name in views])
        self.picture.show(Image.fromarray(row), f"{self._photo.name} in {' and '.join(views)}")

    def _view(self, name: str) -> Image.Image:
        if name == "original":
            return _image(self._preview)
        colorless = {"strength": 0.0, "warmth": 0.0} if name == "gray" else {}
        return self._render(self._preview, **self.settings | colorless)

    def _render(self, photo: Photo, *, keep: Gray, fade: float, **settings: float) -> Image.Image:
        return render(photo, adjust(self._guess.faded(fade), **settings), keep=keep)

    def _sliders(self) -> tuple[widgets.IntSlider, ...]:
        return self.strength, self.hue_shift, self.saturation, self.warmth, self.fade

    def _arranged(self) -> tuple[widgets.Widget, ...]:
        centered = {"align_items": "center", "justify_content": "center"}
        stage = widgets.HBox([self.picture], layout={"height": "440px", **centered})
        stage.add_class("colorlab-stage")
        views = widgets.HBox([self.view, self.keep_version], layout=ROW | centered)
        easel = widgets.VBox([stage, views, self.versions])
        easel.layout = {"flex": "1 1 400px", "grid_gap": "8px"}
        knobs = [_with_reset(slider) for slider in self._sliders()]
        panel = widgets.VBox([*knobs, self.keep, self.reset, self.save_path, self.save])
        panel.layout = {"flex": "0 0 280px", "grid_gap": "12px"}
        return (
            widgets.HTML(STYLE),
            widgets.HBox(list(self.samples.values()), layout=ROW),
            widgets.HBox([self.path, self.upload], layout=ROW),
            widgets.HBox([easel, panel], layout=ROW),
            self.message,
        )

    def _say(self, text: str, *, error: bool = False) -> None:
        kind = 'role="alert" class="colorlab-error"' if error else 'role="status"'
        self.message.value = f"<span {kind}>{html.escape(text)}</span>"


def _with_reset(slider: widgets.IntSlider) -> widgets.HBox:
    start = slider.value
    reset = widgets.Button(
        description="reset", tooltip=f"Reset {slider.description}", layout={"width": "60px"}
    )
    reset.on_click(lambda _: slider.set_trait("value", start))
    slider.layout = {"width": "auto", "flex": "1"}
    knob = widgets.HBox([slider, reset])
    knob.add_class("colorlab-knob")
    return knob


def _sample(name: str) -> Photo:
    return replace(photos.read(getattr(skimage.data, name)()), name=name)


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111  Path's own raises for "~nobody"


def _image(photo: Photo) -> Image.Image:
    image = Image.fromarray(photo.pixels)
    if photo.alpha is not None:
        image.putalpha(Image.fromarray(photo.alpha))
    return image


def _shrunk(photo: Photo) -> Photo:
    image = _image(photo)
    image.thumbnail((PREVIEW, PREVIEW))
    return photos.read(image)
