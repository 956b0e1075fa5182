"""A small photo lab: open a photo, move its sliders, give hints, compare, save.

The network is asked once a photo. A move of a slider only joins the chroma that it found with the
photo's gray again: in the page, where that can be done (`PhotoCanvas`), or else here, as a JPEG of
the preview. Saving does the same at full size.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import io
import json
import os
from collections.abc import Sequence
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
from colorlab.encoding import adjust
from colorlab.errors import ColorlabError
from colorlab.files import replacing
from colorlab.hints import Hint, ground, spread
from colorlab.photos import Photo
from colorlab.widgets.canvas import PhotoCanvas
from colorlab.widgets.controls import ROW, SNUG, arranged, button, switch
from colorlab.widgets.picture import LivePicture, WithStill
from colorlab.widgets.thumbnail import thumbnail

SAMPLES = ("astronaut", "cat", "coffee", "rocket", "camera")  # come with scikit-image, no download
PREVIEW = 512  # pixels of the longer side, where the kernel draws
SLIDERS = ("strength", "hue_shift", "saturation", "warmth", "fade")
SEEN = {"color": "color", "gray": "gray", "original": "its own colors", "curtain": "gray and color"}


class ColorizeLab(WithStill):
    """The photo lab; a notebook shows it where its value is the cell's last.

    Attributes:
        model: the Colorizer.
        strength, hue_shift, saturation, warmth, fade: the sliders, in % and degrees.
        keep: the switch between the two grays.
        samples, versions: buttons that open a photo, and that bring back what was kept before.
        canvas: the picture as the page draws it; picture: as the kernel does.
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
        self._past: list[list[Hint]] = []
        self._future: list[list[Hint]] = []
        self._arriving = io.BytesIO()
        self._loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # in plain Python
            self._loop = asyncio.get_running_loop()
        self._make_controls("ships with colorlab" if model is None else "the notebook's own")
        self._home = self.settings
        self._develop(photos.read(_sample(SAMPLES[0]) if photo is None else photo))
        self._connect()
        super().__init__(arranged(self))
        self.add_class("colorlab")
        self._on_alive()

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
            "hints": self.hints,
        }

    @property
    def hints(self) -> list[Hint]:
        """The color hints on this photo; setting them can be undone."""
        return [Hint(*each) for each in self.canvas.hints]

    @hints.setter
    def hints(self, hints: Sequence[Hint]) -> None:
        self._past.append(self.hints)
        self._future.clear()
        self._show_hints(hints)

    def result(self) -> Image.Image:
        """The photo at full size in the colors that the sliders and hints ask for."""
        return self._render(self._photo)

    # What the controls do.

    def _open_sample(self, name: str) -> None:
        self._open(_sample(name))

    def _on_path(self, change: Any) -> None:
        if change.new:
            self._open(_path(change.new))

    def _on_upload(self, change: Any) -> None:
        for upload in change.new:
            self._open(_named(io.BytesIO(upload["content"]), upload["name"]))
            self.upload.value = ()  # so that the same file can be chosen again

    def _on_message(self, _canvas: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        """What a hand did in the page."""
        kind, image = message["kind"], None
        if kind == "ping" and self._loop:
            # JupyterLab may get this past a cell that runs, into another thread, but the click that
            # it is about waits for the cell. So it is answered where cells run.
            self._loop.call_soon_threadsafe(self.canvas.answer, kind)
            return
        if kind == "hint":
            hint = Hint(message["x"], message["y"], self.hint_color.value)
            self.hints = [*self.hints, hint]
        elif kind == "remove":
            self.hints = [h for i, h in enumerate(self.hints) if i != message["index"]]
        elif kind == "full":
            image = _image(self._photo)
        elif kind == "file":
            if message["first"]:
                self._arriving = io.BytesIO()
            self._arriving.write(buffers[0])
            if message["last"]:
                self._arriving.seek(0)
                self._open(_named(self._arriving, message["name"]))
        self.canvas.answer(kind, image)

    def _on_alive(self, _change: Any = None) -> None:
        """Where the page draws the picture, it can be zoomed and given hints, and takes files."""
        alive = self.canvas.alive
        self.picture.layout.display = "none" if alive else ""
        for each in (self.canvas, self.zoom, self.hint_tools):
            each.layout.display = "" if alive else "none"
        # One message of Jupyter's holds 10 MB; a larger one is dropped without a word to anybody.
        self.upload.description = "Upload" if alive else "Upload, 10 MB at most"
        self._on_view()

    def _on_setting(self, _change: Any) -> None:
        if self.view.value in ("gray", "original"):
            self.view.value = "color"
        else:
            self._draw()

    def _on_view(self, _change: Any = None) -> None:
        on = self.view.value == "curtain" and not self.canvas.alive
        self.curtain.layout.display = "" if on else "none"
        self._draw()

    def _on_model(self, change: Any) -> None:
        self.model = change.new
        self._develop(self._photo, anew=False)

    def _on_model_path(self, change: Any) -> None:
        if not change.new:
            return
        try:
            model = Colorizer.load(_path(change.new))
        except ColorlabError as error:
            self._say(str(error), error=True)
        else:
            self.models.options = (*self.models.options, (change.new, model))
            self.models.value = model

    def _on_undo(self, _button: Any) -> None:
        if self._past:
            self._future.append(self.hints)
            self._show_hints(self._past.pop())

    def _on_redo(self, _button: Any) -> None:
        if self._future:
            self._past.append(self.hints)
            self._show_hints(self._future.pop())

    def _on_clear(self, _button: Any) -> None:
        self.hints = []

    def _on_reset(self, _button: Any) -> None:
        self._apply(self._home | {"keep": self._photo.keep})

    def _on_keep_version(self, _button: Any) -> None:
        settings, model = self.settings, self.model

        def bring_back() -> None:
            self.models.value = model
            self._apply(settings)

        name = f"version {len(self.versions.children) + 1}"
        self.versions.children += (thumbnail(self._render(self._preview), name, bring_back),)

    def _on_save(self, _button: Any) -> None:
        path = _path(self.save_path.value)
        beside = path.parent / f"{path.name}.json"
        try:
            if beside.exists():
                raise ColorlabError(f"{beside} exists; choose another name.")
            self._say(f"Saving {path.name} …")
            photos.write(self.result(), path)
            with replacing(beside) as draft:
                draft.write_text(json.dumps(self.settings, indent=2) + "\n")
        except (ColorlabError, OSError) as error:
            self._say(str(error), error=True)
        else:
            self._say(f"Saved {path.resolve()} at full size, its settings in {beside.name}.")

    # What is shown.

    def _open(self, source: photos.Source) -> None:
        try:
            self._develop(photos.read(source))
        except ColorlabError as error:
            self._say(str(error), error=True)

    def _develop(self, photo: Photo, *, anew: bool = True) -> None:
        """Color a photo; `anew` if it is another one than before."""
        self._say(f"Coloring {photo.name} …")
        self._guess = self.model.guess(photo)
        self._photo, self._preview = photo, _shrunk(photo)
        if anew:
            self._ground = ground(photo)
            self.versions.children = ()
            self._past, self._future = [], []
            self._show_hints([])
            self.keep.value = photo.keep
            self.zoom.value = "fit"
            self.save_path.value = f"{Path(photo.name).stem}-color.png"
        self.canvas.show(_image(photo), self._guess)
        self._draw()
        height, width = photo.pixels.shape[:2]
        self._say(f"{photo.name}, {width} × {height} pixels")

    def _apply(self, settings: dict[str, Any]) -> None:
        """Set the controls so that they say this."""
        for name in SLIDERS:
            percent = 1 if name == "hue_shift" else 100
            getattr(self, name).value = round(percent * settings[name])
        self.keep.value = settings["keep"]
        if settings["hints"] != self.hints:
            self.hints = settings["hints"]

    def _show_hints(self, hints: Sequence[Hint]) -> None:
        self._tint = spread(self._ground, hints) if hints else None
        self.canvas.show_tint(self._tint)
        self.canvas.hints = [list(each) for each in hints]
        self.undo.disabled, self.redo.disabled = not self._past, not self._future
        self.clear.disabled = not hints
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        self.canvas.says = f"{self._photo.name} in {SEEN[self.view.value]}"
        if not self.canvas.alive:
            self._draw_here()

    def _draw_here(self) -> None:
        self.picture.show(self._view(self.view.value), self.canvas.says)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        self._draw_here()  # the still, which is shown where no kernel runs
        return super()._repr_mimebundle_(**kwargs)

    def _view(self, name: str) -> Image.Image:
        if name == "original":
            return _image(self._preview)
        if name == "gray":
            return self._render(self._preview, gray=True)
        color = self._render(self._preview)
        if name == "curtain":
            gray = self._render(self._preview, gray=True)
            color.paste(
                gray.crop((0, 0, round(self.curtain.value / 100 * gray.width), gray.height))
            )
        return color

    def _render(self, photo: Photo, *, gray: bool = False) -> Image.Image:
        asked = {k: v for k, v in self.settings.items() if k not in ("keep", "fade", "hints")}
        chroma = adjust(self._guess.faded(self.settings["fade"]), **asked)
        if gray:
            return render(photo, np.zeros_like(chroma), keep=self.keep.value)
        return render(photo, chroma, keep=self.keep.value, tint=self._tint)

    def _say(self, text: str, *, error: bool = False) -> None:
        kind = 'role="alert" class="colorlab-error"' if error else 'role="status"'
        self.message.value = f"<span {kind}>{html.escape(text)}</span>"

    # What it is made of.

    def _make_controls(self, name: str) -> None:
        """All controls; `name` is the model's."""
        self.samples = {
            sample: thumbnail(_image(_sample(sample)), sample, partial(self._open_sample, sample))
            for sample in SAMPLES
        }
        self.path = widgets.Text(
            description="A file", placeholder="its path, any size", continuous_update=False
        )
        self.upload = widgets.FileUpload(accept="image/*")
        self.models = widgets.Dropdown(options=[(name, self.model)], description="Model")
        self.model_path = widgets.Text(
            description="Another", placeholder="a run or a .keras file", continuous_update=False
        )
        self.picture = LivePicture()
        self.canvas = PhotoCanvas(layout={"display": "none", "width": "100%"})
        self.view = switch({view: view for view in SEEN}, "View")
        self.zoom = switch({"fit": "all of it", "1:1": "each pixel of the photo"}, "Zoom")
        self.curtain = widgets.IntSlider(50, 0, 100, description="Curtain, %")
        self.place_hints = widgets.ToggleButton(
            description="Place hints",
            icon="eye-dropper",
            layout=SNUG,
            tooltip="Click on the photo: what is there takes the hint's color",
        )
        self.hint_color = widgets.ColorPicker(
            concise=True, value="#b03a2e", description="Hint color", layout=SNUG
        )
        self.undo = button("Undo", "undo")
        self.redo = button("Redo", "repeat")
        self.clear = button("Remove all", "trash")
        self.versions = widgets.HBox(layout=ROW)
        self.keep_version = button("Keep this version", "plus")
        self.strength = widgets.IntSlider(100, 0, 200, description="Color strength, %")
        self.hue_shift = widgets.IntSlider(0, -180, 180, description="Hue shift, degrees")
        self.saturation = widgets.IntSlider(100, 50, 200, description="Saturation, %")
        self.warmth = widgets.IntSlider(0, -100, 100, description="Warmth, %")
        self.fade = widgets.IntSlider(0, 0, 100, description="Fade unsure color, %")
        grays = {"value": "the brightest of red, green and blue", "luma": "how bright to the eye"}
        self.keep = switch(grays, "Gray to keep")
        self.reset = button("Reset all", "refresh")
        self.save_path = widgets.Text(description="Save as", layout={"width": "auto"})
        self.save = button("Save", "download", button_style="primary")
        self.message = widgets.HTML()
        self.hint_tools = widgets.HBox(
            [self.place_hints, self.hint_color, self.undo, self.redo, self.clear]
        )

    def _connect(self) -> None:
        # Linked in the page: what is moved there is drawn there, with no word to the kernel.
        linked = [(getattr(self, name), "value", name) for name in (*SLIDERS, "curtain")]
        linked += [(getattr(self, name), "index", name) for name in ("keep", "view", "zoom")]
        linked += [(self.place_hints, "value", "picking")]
        self._links = [
            widgets.jslink((control, trait), (self.canvas, name)) for control, trait, name in linked
        ]
        for control, action in {
            self.path: self._on_path,
            self.upload: self._on_upload,
            self.models: self._on_model,
            self.model_path: self._on_model_path,
            self.view: self._on_view,
            self.curtain: self._draw,
            **{getattr(self, name): self._on_setting for name in (*SLIDERS, "keep")},
        }.items():
            control.observe(action, names="value")
        for pressed, action in {
            self.undo: self._on_undo,
            self.redo: self._on_redo,
            self.clear: self._on_clear,
            self.keep_version: self._on_keep_version,
            self.reset: self._on_reset,
            self.save: self._on_save,
        }.items():
            pressed.on_click(action)
        self.canvas.on_msg(self._on_message)
        self.canvas.observe(self._on_alive, names="alive")


def _sample(name: str) -> Photo:
    return replace(photos.read(getattr(skimage.data, name)()), name=name)


def _named(file: io.BytesIO, name: str) -> io.BytesIO:
    file.name = name
    return file


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
