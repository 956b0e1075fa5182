"""The photo lab's tools for color hints; each change of the hints can be undone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np
import traitlets
from numpy.typing import NDArray

from colorlab.color.encoding import decode
from colorlab.guess import Guess
from colorlab.hints import Hint
from colorlab.lab.widgets.canvas import NONE, PhotoCanvas
from colorlab.lab.widgets.controls import SNUG, button

# x and y of a place → its colors, each as "#rrggbb" and in words.
Offer = Callable[[float, float], list[tuple[str, str]]]
HUES = ("red", "orange", "lime", "green", "turquoise", "blue", "violet", "pink")  # every 45°
# A model without a distribution offers these.
COMMON = [0.6 * np.array((math.cos(i * math.pi / 4), math.sin(i * math.pi / 4))) for i in range(8)]
PALE, GRAY = 0.4, 0.1  # saturations below which a color is called so
DARKEST = 0.5  # value of the darkest button; on a darker one, colors would look alike


class HintTools(widgets.VBox):
    """A switch for placing hints by clicks on the photo, undo, redo, remove all.

    Attributes:
        hints: the hints on the photo now; this trait can be observed.
    """

    hints: traitlets.List[Hint] = traitlets.List()

    def __init__(self, canvas: PhotoCanvas, offer: Offer) -> None:
        """Begin without hints on this canvas; `offer` says which colors a place may have."""
        self._canvas, self._offer = canvas, offer
        self._colored = False  # whether the last change was the color of the hint that is picked
        self.place = widgets.ToggleButton(
            description="Place hints",
            icon="eye-dropper",
            layout=SNUG,
            tooltip="Then click on the photo, and choose a color for what is there",
        )
        self.undo = button("Undo", "", tooltip="Take the last change of the hints back")
        self.redo = button("Redo", "", tooltip="Make it again")
        self.clear = button("Remove all", "", tooltip="Remove all hints from this photo")
        self.undo.on_click(self._on_undo)
        self.redo.on_click(self._on_redo)
        self.clear.on_click(lambda _: self.change([]))
        super().__init__([self.place, widgets.HBox([self.undo, self.redo, self.clear])])
        self.begin()

    def begin(self) -> None:
        """Start another photo, without hints and with nothing to undo."""
        self._past: list[list[Hint]] = []
        self._future: list[list[Hint]] = []
        self._show([])

    def change(self, hints: Sequence[Hint], *, same_step: bool = False) -> None:
        """Replace the hints, in a step that can be undone; or go on with the last step."""
        if not same_step:
            self._past.append(self.hints)
        self._future.clear()
        self._show(hints)

    def act(
        self, kind: str, index: int = NONE, x: float = 0.0, y: float = 0.0, color: str = ""
    ) -> None:
        """Do what the page says: place a hint, open its picker, choose its color, or remove it."""
        hints = list(self.hints)
        if kind != "hint" and index not in range(len(hints)):
            return  # a second click on what the first one removed
        # All changes are sent at once, or the picker would close and open again.
        with self._canvas.hold_sync():
            if kind == "hint":
                index = len(hints)
                self._canvas.choices = self._offer(x, y)
                self.change([*hints, Hint(x, y, self._canvas.choices[0][0])])
            elif kind == "pick":
                self._canvas.choices = self._offer(*hints[index][:2])
            elif kind == "color":
                hints[index] = hints[index]._replace(color=color)
                self.change(hints, same_step=self._colored)
            elif kind == "remove":
                del hints[index]
                self.change(hints)
                index = NONE
            # Undo takes back a new hint with all colors that were tried in its picker.
            self._colored = kind in ("hint", "color")
            self._canvas.picked = index

    def _on_undo(self, _button: Any) -> None:
        if self._past:
            self._future.append(self.hints)
            self._show(self._past.pop())

    def _on_redo(self, _button: Any) -> None:
        if self._future:
            self._past.append(self.hints)
            self._show(self._future.pop())

    def _show(self, hints: Sequence[Hint]) -> None:
        self._colored = False
        self.undo.disabled, self.redo.disabled = not self._past, not self._future
        self.clear.disabled = not hints
        self._canvas.picked = NONE
        self._canvas.hints = [list(each) for each in hints]
        self.hints = list(hints)


def choices(guess: Guess, gray: NDArray[np.float32], x: float, y: float) -> list[tuple[str, str]]:
    """The colors that a hint at this place may have, each "#rrggbb" and in words.

    Args:
        guess: what the network thinks of the photo.
        gray: the photo's gray, (h, w, 1) float32 in [0, 1]. Each color is shown as bright as the
            photo is there.
        x, y: the place, as in a `Hint`.
    """
    height, width = gray.shape[:2]
    v = gray[min(int(y * height), height - 1), min(int(x * width), width - 1)]
    chroma = np.stack(COMMON) if guess.likely is None else guess.palette(x, y)
    gray = np.full_like(chroma[:, :1], max(v.item(), DARKEST))
    pixels = np.rint(255 * decode(gray, chroma)).astype(np.uint8)
    return [
        (f"#{rgb.tobytes().hex()}", _in_words(*c)) for rgb, c in zip(pixels, chroma, strict=True)
    ]


def _in_words(x: float, y: float) -> str:
    saturation = math.hypot(x, y)
    if saturation < GRAY:
        return "gray"
    hue = HUES[round(math.atan2(y, x) / math.tau * len(HUES)) % len(HUES)]
    return f"pale {hue}" if saturation < PALE else hue
