"""A small photo lab: open a photo, move its sliders, give hints, compare, save.

The network runs once per photo. A move of a slider only combines the predicted chroma with the
photo's gray again: in the page, if it can do that (`PhotoCanvas`), or else here, as a JPEG of the
preview. Saving does the same at full size.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.color.adjustments import adjust
from colorlab.colorizer import Colorizer, render
from colorlab.errors import ColorlabError
from colorlab.hints import Hint, ground, spread
from colorlab.lab.widgets.canvas import PhotoCanvas
from colorlab.lab.widgets.controls import button, fold, group
from colorlab.lab.widgets.film_strip import Versions, film_strip
from colorlab.lab.widgets.frame import LivePicture, WithStill, jpeg
from colorlab.lab.widgets.hint_tools import HintTools
from colorlab.lab.widgets.opener import SAMPLES, Opener, sample, typed_path
from colorlab.lab.widgets.sliders import Sliders
from colorlab.photos import Photo

STYLE = Path(__file__).with_name("photo_lab.css").read_text()
PREVIEW = 512  # pixels of the longer side, if the kernel draws
# The views, and what is seen in each: in words, and as a tooltip.
SEEN = {
    "curtain": ("gray and color", "Gray to the left of the handle, color to its right"),
    "color": ("color", "The photo in color"),
    "gray": ("gray", "The photo as the network gets it"),
    "original": ("its own colors", "The photo as it was opened"),
}
MARKS = {"success": "✓ ", "error": "⚠ "}


class ColorizeLab(WithStill):
    """The photo lab; a notebook shows it if it is the last value of a cell.

    Attributes:
        model: the Colorizer.
        sliders, hint_tools: the controls that change the colors.
        opener: the controls that open a photo.
        view: the choice of what is seen: curtain, color, gray or original.
        versions: the thumbnails that bring back kept versions.
        canvas: the picture as the page draws it.
        picture: the picture as the kernel draws it.
    """

    def __init__(self, photo: photos.Source | None = None, model: Colorizer | None = None) -> None:
        """Open a photo and color it.

        Args:
            photo: a photo that `photos.read` accepts; by default the first of SAMPLES.
            model: by default the model that ships with colorlab.

        Raises:
            PhotoError: if `photo` cannot be read. The lab itself shows later errors.
        """
        self.model = model or Colorizer()
        self._tint: NDArray[np.float32] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # there is no loop in plain Python
            self._loop = asyncio.get_running_loop()
        # The model that ships was trained without a critic at its end; see its card.
        self._make_controls("shipped (content only)" if model is None else "the notebook's own")
        self._home = self.settings
        self._develop(photos.read(sample(SAMPLES[0]) if photo is None else photo))
        self._connect()
        super().__init__(self._arranged(), STYLE)
        self.add_class("colorlab-photo")
        self._on_alive()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the controls, as `Colorizer.colorize` takes them."""
        return {**self.sliders.settings, "hints": self.hints}

    @property
    def hints(self) -> list[Hint]:
        """The color hints on this photo. Setting them can be undone."""
        return self.hint_tools.hints

    @hints.setter
    def hints(self, hints: Sequence[Hint]) -> None:
        self.hint_tools.change(hints)

    def result(self) -> Image.Image:
        """The photo at full size, in the colors that the sliders and hints ask for."""
        return self._render(self._photo)

    # Actions of the controls.

    def _on_message(self, _canvas: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        """Carry out a message from the page."""
        kind, image = message["kind"], None
        if kind == "ping" and self._loop:
            # While a cell runs, JupyterLab may deliver this message in another thread, but the
            # click that it is about waits for the cell. So the thread that runs cells answers it.
            self._loop.call_soon_threadsafe(self.canvas.answer, kind)
            return
        if kind == "hint":
            hint = Hint(message["x"], message["y"], self.hint_tools.color.value)
            self.hints = [*self.hints, hint]
        elif kind == "remove":
            self.hints = [h for i, h in enumerate(self.hints) if i != message["index"]]
        elif kind == "full":
            image = self._photo.image
        elif kind == "file":
            of_file = {name: message[name] for name in ("name", "first", "last")}
            self.opener.receive(buffers[0], **of_file)
        self.canvas.answer(kind, image)

    def _on_alive(self, _change: Any = None) -> None:
        """If the page draws the picture, it also has zoom and hints, and can send large files."""
        alive = self.canvas.alive
        self.picture.layout.display = "none" if alive else ""
        for each in (self.canvas, self._hints_group):
            each.layout.display = "" if alive else "none"
        self.opener.use_page(alive)
        self._on_view()

    def _on_setting(self, _change: Any) -> None:
        if self.view.value in ("gray", "original"):
            self.view.value = "color"
        else:
            self._draw()

    def _on_color(self, change: Any) -> None:
        # A photo that was just opened is developed already.
        if change.new != self._photo.has_color:
            self._develop(replace(self._photo, color=change.new), anew=False)
            self._ground = ground(self._photo)  # hints spread on the gray that the network sees
            self._on_hints()
            self.sliders.keep.value = self._photo.keep

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
            model = Colorizer.load(typed_path(change.new))
        except ColorlabError as error:
            self._say(str(error), "error")
        else:
            self.models.options = (*self.models.options, (change.new, model))
            self.models.value = model

    def _on_reset(self, _button: Any) -> None:
        self._apply(self._home)

    def _on_keep_version(self, _button: Any) -> None:
        self.versions.keep(self._render(self._preview), self.settings, self.model)

    def _on_version(self, settings: dict[str, Any], model: Colorizer) -> None:
        self.models.value = model
        self._apply(settings)

    def _on_save(self, _button: Any) -> None:
        path = typed_path(self.save_path.value)
        beside = path.parent / f"{path.name}.json"
        try:
            if beside.exists():
                raise ColorlabError(f"{beside} exists; choose another name.")
            self._say(f"Saving {path.name} …", "busy")
            photos.write(self.result(), path, exif=self._photo.exif)
            with replacing(beside) as draft:
                draft.write_text(json.dumps(self.settings, indent=2) + "\n")
        except (ColorlabError, OSError) as error:
            self._say(str(error), "error")
        else:
            said = f"Saved {path.resolve()} at full size, its settings in {beside.name}."
            self._say(said, "success")

    # Display.

    def _open(self, source: photos.Source) -> None:
        try:
            self._develop(photos.read(source))
        except ColorlabError as error:
            self._say(str(error), "error")

    def _develop(self, photo: Photo, *, anew: bool = True) -> None:
        """Color a photo; `anew` says that it is another photo than before."""
        self._say(f"Coloring {photo.name} …", "busy")
        self._guess = self.model.guess(photo)
        self._photo, self._preview = photo, _shrunk(photo)
        if anew:
            self._ground = ground(photo)
            self.versions.begin()
            self.hint_tools.begin()
            self.opener.begin(photo.name)
            self.sliders.color.value, self.sliders.keep.value = photo.has_color, photo.keep
            self._home |= {"color": photo.has_color, "keep": photo.keep}
            self.canvas.zoom = 0.0
            self.save_path.value = f"{Path(photo.name).stem}-color.png"
        self.canvas.show(photo.image, self._guess)
        self._draw()
        height, width = photo.pixels.shape[:2]
        said = "; ".join([f"{photo.name}, {width} × {height} pixels", *photo.remarks])
        self._say(said, "remark" if photo.remarks else "passing")

    def _apply(self, settings: dict[str, Any]) -> None:
        """Move the controls to these settings."""
        self.sliders.settings = settings
        if settings["hints"] != self.hints:
            self.hints = settings["hints"]

    def _on_hints(self, _change: Any = None) -> None:
        self._tint = spread(self._ground, self.hints) if self.hints else None
        self.canvas.show_tint(self._tint)
        self.canvas.hints = [list(each) for each in self.hints]
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        self.canvas.says = f"{self._photo.name} in {SEEN[self.view.value][0]}"
        self.versions.mark(self.settings, self.model)
        if not self.canvas.alive:
            self.picture.show(self._view(self.view.value), self.canvas.says)

    def _still(self) -> bytes:
        return jpeg(self._render(self._preview))

    def _view(self, name: str) -> Image.Image:
        if name == "original":
            return self._preview.image
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
        guess = self._guess
        chroma = adjust(guess.chroma, guess.confidence, **self.sliders.adjustments)
        if gray:
            return render(photo, np.zeros_like(chroma), keep=self.sliders.keep.value)
        return render(photo, chroma, keep=self.sliders.keep.value, tint=self._tint)

    def _say(self, text: str, kind: str) -> None:
        """Show a message: an "error", a "success", "busy", a "remark", or one that is "passing"."""
        role = "alert" if kind == "error" else "status"
        says = MARKS.get(kind, "") + html.escape(text)
        self.message.value = (
            f'<span role="{role}" class="colorlab-pill colorlab-{kind}">{says}</span>'
        )

    # Widgets and layout.

    def _make_controls(self, name: str) -> None:
        """Make all controls; `name` is the model's name."""
        self.opener = Opener(self._open)
        self.models = widgets.Dropdown(
            options=[(name, self.model)], description="Model", tooltip="The network that colors"
        )
        self.model_path = widgets.Text(
            description="Load another model",
            placeholder="a run's folder or a .keras file",
            tooltip="The path of a model that you trained",
            continuous_update=False,
        )
        self.picture = LivePicture()
        self.canvas = PhotoCanvas(layout={"display": "none"}).add_class("colorlab-page")
        self.view = widgets.ToggleButtons(
            options=[(view.capitalize(), view) for view in SEEN],
            tooltips=[tooltip for _, tooltip in SEEN.values()],
            style={"button_width": "auto"},
        )
        self.curtain = widgets.IntSlider(50, 0, 100, description="Curtain, %")
        self.hint_tools = HintTools()
        self.versions = Versions(self._on_version)
        self.keep_version = button("Keep", "plus", tooltip="Keep this version, to compare it")
        self.sliders = Sliders()
        self.reset = button("Reset", "refresh", tooltip="Take all sliders and hints back")
        self.save_path = widgets.Text(
            description="Save as", tooltip="A name that ends in .png or .jpg, or a path"
        )
        self.save = button("Save", "download", button_style="primary")
        self.message = widgets.HTML().add_class("colorlab-message")

    def _arranged(self) -> list[widgets.Widget]:
        """The picture with its film strip, and beside it (or below, if narrow) the controls."""
        stage = widgets.VBox([self.view, self.curtain, self.picture, self.canvas, self.message])
        stage.add_class("colorlab-stage")
        strip = film_strip(
            self.opener.toggle, *self.opener.samples.values(), self.versions, self.keep_version
        )
        easel = widgets.VBox([stage, strip, self.opener]).add_class("colorlab-easel")
        self._hints_group = group("Hints", self.hint_tools)
        advanced = fold("Advanced", "", tooltip="Controls that few photos need")
        folded = widgets.VBox([*self.sliders.advanced, self.models, self.model_path])
        panel = widgets.VBox(
            [
                self.reset.add_class("colorlab-reset"),
                self.sliders,
                self._hints_group,
                group("Save", widgets.HBox([self.save_path, self.save])),
                widgets.VBox([advanced, folded.add_class("colorlab-folded")]),
            ]
        )
        return [widgets.HBox([easel, panel.add_class("colorlab-panel")]).add_class("colorlab-desk")]

    def _connect(self) -> None:
        # Linked in the page, so that it draws a change without a message to the kernel.
        linked = [(knob, "value", name) for name, knob in self.sliders.knobs.items()]
        linked += [
            (self.sliders.keep, "index", "keep"),
            (self.hint_tools.place, "value", "picking"),
        ]
        linked += [(self.view, "index", "view"), (self.curtain, "value", "curtain")]
        self._links = [
            widgets.jslink((control, trait), (self.canvas, name)) for control, trait, name in linked
        ]
        for control, action in {
            self.models: self._on_model,
            self.sliders.color: self._on_color,
            self.model_path: self._on_model_path,
            self.view: self._on_view,
            self.curtain: self._draw,
            **dict.fromkeys([*self.sliders.knobs.values(), self.sliders.keep], self._on_setting),
        }.items():
            control.observe(action, names="value")
        for pressed, action in {
            self.keep_version: self._on_keep_version,
            self.reset: self._on_reset,
            self.save: self._on_save,
        }.items():
            pressed.on_click(action)
        self.hint_tools.observe(self._on_hints, names="hints")
        self.canvas.on_msg(self._on_message)
        self.canvas.observe(self._on_alive, names="alive")


def _shrunk(photo: Photo) -> Photo:
    image = photo.image
    image.thumbnail((PREVIEW, PREVIEW))
    return photos.read(image)
