"""A small photo lab: open a photo, move its sliders, give hints, compare, save.

The network runs once per photo. A move of a slider only combines the predicted chroma with the
photo's gray again: in the page, if it can do that (`PhotoCanvas`), or else here, as a JPEG of the
preview. Saving does the same at full size.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from IPython import get_ipython
from IPython.display import display
from numpy.typing import NDArray
from PIL import Image

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.color.adjustments import ADJUSTMENTS, adjust
from colorlab.colorizer import Colorizer, render
from colorlab.errors import ColorlabError
from colorlab.guess import Guess
from colorlab.hints import Hint, ground, spread
from colorlab.lab.widgets.desk import SEEN, STYLE, Desk
from colorlab.lab.widgets.film_strip import LEANING, LOOKS
from colorlab.lab.widgets.frame import WithStill, jpeg
from colorlab.lab.widgets.hint_tools import choices
from colorlab.lab.widgets.opener import SAMPLES, sample, typed_path
from colorlab.photos import Photo

PREVIEW = 512  # pixels of the longer side, if the kernel draws
THUMBNAIL = 160  # the same, of a suggested version


class ColorizeLab(WithStill):
    """The photo lab; a notebook shows it if it is the last value of a cell.

    The first color takes about a second. In a notebook it is made when the lab is shown, at the end
    of the cell, or when something asks for it.

    Attributes:
        desk: the controls.
    """

    def __init__(self, photo: photos.Source | None = None, model: Colorizer | None = None) -> None:
        """Open a photo and color it.

        Args:
            photo: a photo that `photos.read` accepts; by default the first of SAMPLES.
            model: by default the model that ships with colorlab.

        Raises:
            PhotoError: if `photo` cannot be read. The lab itself shows later errors.
        """
        self._begun = False
        self._lock = threading.RLock()
        self._photo = photos.read(sample(SAMPLES[0]) if photo is None else photo)
        self._tint: NDArray[np.float32] | None = None
        self.desk = Desk(
            self._open, self._on_version, lambda x, y: choices(self._guess, self._ground, x, y)
        )
        super().__init__([self.desk], STYLE)
        self.add_class("colorlab-photo")
        # The model that ships was trained without a critic at its end; see its card.
        name = "the notebook's own" if model else "shipped (content only)"
        self.desk.models.options = [(name, model or Colorizer())]
        self.desk.models.index = 0
        self.desk.canvas.on_msg(self._on_message)
        self._home = {**self.desk.sliders.settings, "hints": []}
        self.desk.say(f"Coloring {self._photo.name} …", "busy")
        self._loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # there is no loop in plain Python
            self._loop = asyncio.get_running_loop()
        if get_ipython() and self._loop:  # outside of a notebook, the loop may be somebody else's
            self._loop.call_soon(self._begin)
        else:
            self._begin()

    @property
    def model(self) -> Colorizer:
        """The Colorizer that the user chose."""
        return self.desk.models.value  # type: ignore[no-any-return]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the controls, as `Colorizer.colorize` takes them."""
        self._begin()
        return {**self.desk.sliders.settings, "hints": self.hints}

    @property
    def hints(self) -> list[Hint]:
        """The color hints on this photo. Setting them can be undone."""
        return self.desk.hint_tools.hints

    @hints.setter
    def hints(self, hints: Sequence[Hint]) -> None:
        self._begin()
        self.desk.hint_tools.change(hints)

    def result(self) -> Image.Image:
        """The photo at full size, in the colors that the sliders and hints ask for."""
        self._begin()
        return self._render(self._photo)

    def _ipython_display_(self) -> None:
        """Show a line until there is a color, and then the lab in its place."""
        line = f"Coloring {self._photo.name} …"
        shown = display({"text/plain": line}, raw=True, display_id=True)
        shown.update(self._repr_mimebundle_(), raw=True)

    def _begin(self) -> None:
        """Color the first photo, if that was not done yet."""
        with self._lock:  # while a cell runs, a message may arrive in another thread
            if self._begun:
                return
            self._begun = True  # what follows also asks for it
            try:
                self._develop(self._photo)
            except BaseException:
                self._begun = False
                raise
            self._connect()
            self._on_alive()

    # Actions of the controls.

    def _on_message(self, _canvas: Any, message: dict[str, Any], buffers: list[Any]) -> None:
        """Carry out a message from the page."""
        kind, image = message["kind"], None
        if kind == "ping" and self._loop:
            # While a cell runs, JupyterLab may deliver this message in another thread, but the
            # click that it is about waits for the cell. So the thread that runs cells answers it.
            self._loop.call_soon_threadsafe(self.desk.canvas.answer, kind)
            return
        self._begin()
        if kind in ("hint", "pick", "color", "remove"):
            self.desk.hint_tools.act(**message)
        elif kind == "full":
            image = self._photo.image
        elif kind == "file":
            of_file = {name: message[name] for name in ("name", "first", "last")}
            self.desk.opener.receive(buffers[0], **of_file)
        self.desk.canvas.answer(kind, image)

    def _on_alive(self, _change: Any = None) -> None:
        """If the page draws the picture, it also has zoom and hints, and can send large files."""
        self.desk.use_page(self.desk.canvas.alive)
        self._on_view()

    def _on_setting(self, _change: Any) -> None:
        if self.desk.view.value in ("gray", "original"):
            self.desk.view.value = "color"
        else:
            self._draw()

    def _on_lean(self, change: Any) -> None:
        self.desk.canvas.show_guess(self._leaning(change.new))
        self._on_setting(change)

    def _on_color(self, change: Any) -> None:
        # A photo that was just opened is developed already.
        if change.new != self._photo.has_color:
            self._develop(replace(self._photo, color=change.new), anew=False)
            self._ground = ground(self._photo)  # hints spread on the gray that the network sees
            self._on_hints()
            self.desk.sliders.keep.value = self._photo.keep
            self._suggest()  # they have another gray, too
            self._draw()

    def _on_view(self, _change: Any = None) -> None:
        on = self.desk.view.value == "curtain" and not self.desk.canvas.alive
        self.desk.curtain.layout.display = "" if on else "none"
        self._draw()

    def _on_model(self, _change: Any) -> None:
        self._develop(self._photo, anew=False)

    def _on_model_path(self, change: Any) -> None:
        if not change.new:
            return
        self.desk.say(f"Loading {change.new} …", "busy")  # the first one imports TensorFlow
        try:
            model = Colorizer.load(typed_path(change.new))
        except ColorlabError as error:
            self.desk.say(str(error), "error")
        else:
            self.desk.models.options = (*self.desk.models.options, (change.new, model))
            self.desk.models.value = model

    def _on_reset(self, _button: Any) -> None:
        self._apply(self._home)

    def _on_keep_version(self, _button: Any) -> None:
        self.desk.versions.keep(self._render(self._preview), self.settings, self.model)

    def _on_version(self, settings: dict[str, Any], model: Colorizer) -> None:
        self.desk.models.value = model
        self._apply({**self.settings, **settings})

    def _on_save(self, _button: Any) -> None:
        path = typed_path(self.desk.save_path.value)
        beside = path.parent / f"{path.name}.json"
        try:
            if beside.exists():
                raise ColorlabError(f"{beside} exists; choose another name.")
            self.desk.say(f"Saving {path.name} …", "busy")
            photos.write(self.result(), path, exif=self._photo.exif)
            with replacing(beside) as draft:
                draft.write_text(json.dumps(self.settings, indent=2) + "\n")
        except (ColorlabError, OSError) as error:
            self.desk.say(str(error), "error")
        else:
            said = f"Saved {path.resolve()} at full size, its settings in {beside.name}."
            self.desk.say(said, "success")

    # Display.

    def _open(self, source: photos.Source) -> None:
        self._begin()
        try:
            self._develop(photos.read(source))
        except ColorlabError as error:
            self.desk.say(str(error), "error")

    def _develop(self, photo: Photo, *, anew: bool = True) -> None:
        """Color a photo; `anew` says that it is another photo than before."""
        desk = self.desk
        desk.say(f"Coloring {photo.name} …", "busy")
        self._guess = self.model.guess(photo)
        self._photo, self._preview = photo, _shrunk(photo, PREVIEW)
        if anew:
            self._ground = ground(photo)
            desk.versions.begin()
            desk.hint_tools.begin()
            desk.opener.begin(photo.name)
            desk.sliders.color.value, desk.sliders.keep.value = photo.has_color, photo.keep
            self._home |= {"color": photo.has_color, "keep": photo.keep}
            desk.canvas.zoom = 0.0
            desk.save_path.value = f"{Path(photo.name).stem}-color.png"
        desk.sliders.lean.disabled = self._guess.likely is None
        if self._guess.likely is None:
            desk.sliders.lean.value = None
        desk.canvas.show(photo.image, self._leaning(desk.sliders.lean.value))
        self._suggest()
        self._draw()
        height, width = photo.pixels.shape[:2]
        said = "; ".join([f"{photo.name}, {width} × {height} pixels", *photo.remarks])
        desk.say(said, "remark" if photo.remarks else "passing")

    def _suggest(self) -> None:
        """Show versions of the photo that the model finds likely, too, on the film strip."""
        changes = LOOKS if self._guess.likely is None else LEANING
        small = _shrunk(self._preview, THUMBNAIL)
        pictures = [self._render(small, **change) for change in changes.values()]
        self.desk.versions.suggest(changes, pictures, self.model)

    def _leaning(self, lean: float | None) -> Guess:
        return self._guess if lean is None else self._guess.leaning(lean)

    def _apply(self, settings: dict[str, Any]) -> None:
        """Move the controls to these settings."""
        self.desk.sliders.settings = settings
        if settings["hints"] != self.hints:
            self.hints = settings["hints"]

    def _on_hints(self, _change: Any = None) -> None:
        self._tint = spread(self._ground, self.hints) if self.hints else None
        self.desk.canvas.show_tint(self._tint)
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        self.desk.canvas.says = f"{self._photo.name} in {SEEN[self.desk.view.value][0]}"
        self.desk.versions.mark(self.settings, self.model)
        if not self.desk.canvas.alive:
            self.desk.picture.show(self._view(self.desk.view.value), self.desk.canvas.says)

    def _still(self) -> bytes:
        self._begin()
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
                gray.crop((0, 0, round(self.desk.curtain.value / 100 * gray.width), gray.height))
            )
        return color

    def _render(self, photo: Photo, *, gray: bool = False, **changes: Any) -> Image.Image:
        """The photo with the controls' settings, but for some changes."""
        settings = {**self.desk.sliders.settings, **changes}
        guess = self._leaning(settings["lean"])
        numbers = {name: settings[name] for name in ADJUSTMENTS}
        chroma = adjust(guess.chroma, guess.confidence, **numbers)
        if gray:
            return render(photo, np.zeros_like(chroma), keep=settings["keep"])
        return render(photo, chroma, keep=settings["keep"], tint=self._tint)

    # Connect each control with its action.

    def _connect(self) -> None:
        desk = self.desk
        for control, action in {
            desk.models: self._on_model,
            desk.sliders.color: self._on_color,
            desk.sliders.lean: self._on_lean,
            desk.model_path: self._on_model_path,
            desk.view: self._on_view,
            desk.curtain: self._draw,
            **dict.fromkeys([*desk.sliders.knobs.values(), desk.sliders.keep], self._on_setting),
        }.items():
            control.observe(action, names="value")
        for pressed, action in {
            desk.keep_version: self._on_keep_version,
            desk.reset: self._on_reset,
            desk.save: self._on_save,
        }.items():
            pressed.on_click(action)
        desk.hint_tools.observe(self._on_hints, names="hints")
        desk.canvas.observe(self._on_alive, names="alive")


def _shrunk(photo: Photo, side: int) -> Photo:
    image = photo.image
    image.thumbnail((side, side))
    return photos.read(image)
