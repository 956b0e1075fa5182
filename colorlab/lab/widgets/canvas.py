"""The photo lab's picture, drawn in the page by canvas.js, paint.js and picker.js.

The page gets each photo once, with the chroma that the network predicts. It then draws every move
of a slider itself, without a message to the kernel and a picture back. That needs anywidget in the
front end; the lab shows a `LivePicture` until `alive` says that the page draws.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray
from PIL import Image

from colorlab.color.adjustments import ADJUSTMENTS
from colorlab.guess import Guess

NONE = -1  # `picked` if no hint's color is being chosen
PREVIEW = 1600  # pixels of the longer side; where a zoom needs more, the page asks for the photo


def _joined(*names: str) -> str:
    """Join these files to one JavaScript module: anywidget takes none that imports another."""
    sources = [Path(__file__).with_name(name).read_text() for name in names]
    return re.sub(r"^import .* from .*\n", "", "\n".join(sources), flags=re.MULTILINE)


class PhotoCanvas(anywidget.AnyWidget):
    """A photo in color, with a curtain, color hints to place on it, and a zoom.

    The settings have the lab's units, % and degrees; the lab links its sliders to them. The page
    sends these messages: {"kind": "hint", x, y} for a new hint; {"kind": "pick", index},
    {"kind": "color", index, color} and {"kind": "remove", index} for one that is there;
    {"kind": "full"}; {"kind": "ping"}; and {"kind": "file", name, first, last} with a part of a
    file.
    """

    _esm = _joined("paint.js", "picker.js", "canvas.js")
    _css = Path(__file__).with_name("canvas.css")

    photo = traitlets.Bytes().tag(sync=True)  # JPEG, or PNG if it has alpha
    size = traitlets.List([1, 1]).tag(sync=True)  # height and width of the whole photo
    chroma = traitlets.Bytes().tag(sync=True)  # float32 (h, w, 2)
    confidence = traitlets.Bytes().tag(sync=True)  # float32 (h, w)
    chroma_size = traitlets.List([1, 1]).tag(sync=True)
    tint = traitlets.Bytes().tag(sync=True)  # float32 (h, w, 3), as colorlab.hints makes it
    tint_size = traitlets.List([0, 0]).tag(sync=True)
    # A trait for each adjustment, in its slider's units; `scales` says how many of these are 1.
    locals().update(
        {
            name: traitlets.Int(round(each.scale * each.neutral)).tag(sync=True)
            for name, each in ADJUSTMENTS.items()
        }
    )
    scales = traitlets.Dict({name: each.scale for name, each in ADJUSTMENTS.items()}).tag(sync=True)
    neutrals = traitlets.Dict(
        {name: round(each.scale * each.neutral) for name, each in ADJUSTMENTS.items()}
    ).tag(sync=True)
    keep = traitlets.Int(0).tag(sync=True)  # keep and view: index of the control's choice
    view = traitlets.Int(0).tag(sync=True)
    curtain = traitlets.Int(50).tag(sync=True)
    # Screen pixels for one of the photo; 0 shows all of it. The page may write 2 for 2.0.
    zoom = traitlets.CFloat(0.0).tag(sync=True)
    hints: traitlets.List[Any] = traitlets.List().tag(sync=True)
    picked = traitlets.Int(NONE).tag(sync=True)  # index of the hint whose color is being chosen
    choices: traitlets.List[Any] = traitlets.List().tag(sync=True)  # its colors, each also in words
    picking = traitlets.Bool(False).tag(sync=True)
    says = traitlets.Unicode().tag(sync=True)
    alive = traitlets.Bool(False).tag(sync=True)

    def show(self, image: Image.Image, guess: Guess) -> None:
        """Show another photo: its image, RGB or RGBA, and the network's guess for it."""
        preview = image.copy()
        preview.thumbnail((PREVIEW, PREVIEW))
        with self.hold_sync():
            self.size = [image.height, image.width]
            self.show_guess(guess)
            self.photo = _encoded(preview)

    def show_guess(self, guess: Guess) -> None:
        """Show the same photo with another guess."""
        with self.hold_sync():
            self.chroma_size = list(guess.chroma.shape[:2])
            self.chroma, self.confidence = guess.chroma.tobytes(), guess.confidence.tobytes()

    def show_tint(self, tint: NDArray[np.float32] | None) -> None:
        """Show the colors of the hints, (h, w, 3); None for no hints."""
        with self.hold_sync():
            self.tint_size = list(tint.shape[:2]) if tint is not None else [0, 0]
            self.tint = tint.tobytes() if tint is not None else b""

    def answer(self, kind: str, image: Image.Image | None = None) -> None:
        """Answer a message from the page, so that it does not report a busy kernel."""
        buffers: list[Any] = [_encoded(image)] if image else []
        self.send({"kind": kind}, buffers)


def _encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    if image.mode == "RGBA":
        image.save(file, "PNG", compress_level=1)
    else:
        image.save(file, "JPEG", quality=92, subsampling="4:4:4")
    return file.getvalue()
