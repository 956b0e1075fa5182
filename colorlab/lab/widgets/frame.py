"""The frame around each widget of colorlab, and the picture in it.

The frame brings the style and the names for screen readers. The picture changes in place.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

STYLE = Path(__file__).with_name("frame.css").read_text()


class Names(anywidget.AnyWidget):
    """An invisible widget that gives a name to each control in its frame."""

    _esm = Path(__file__).with_name("frame.js")


class Frame(widgets.VBox):
    """Widgets from top to bottom, in the style of colorlab."""

    def __init__(self, children: Sequence[widgets.Widget], style: str = "") -> None:
        """Put a frame around these widgets, with more CSS than all frames have."""
        style = widgets.HTML(f"<style>{STYLE}{style}</style>", layout={"display": "none"})
        super().__init__([style, Names().add_class("colorlab-names"), *children])
        self.add_class("colorlab")


class LivePicture(widgets.Image):
    """An image that is replaced in place by each new version.

    ipywidgets gives an image no alt text. It makes the tooltip the title, which browsers read out
    instead, but only if the widget has a description.
    """

    format = traitlets.Unicode("jpeg").tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)

    def show(self, image: Image.Image, says: str) -> None:
        """Show an image; `says` describes in words what is to be seen."""
        self.value = jpeg(image)
        self.tooltip = says


class WithStill(Frame):
    """A widget around a `LivePicture`, `self.picture`; pages without a kernel show only that."""

    picture: LivePicture

    def _still(self) -> bytes:
        """The picture that such pages show, a JPEG."""
        return self.picture.value

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        still = base64.b64encode(self._still()).decode()
        return {**super()._repr_mimebundle_(**kwargs), "image/jpeg": still}


def jpeg(image: Image.Image) -> bytes:
    """An image as a JPEG; what is transparent becomes white."""
    file = io.BytesIO()
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    flat.save(file, "JPEG", quality=90, subsampling="4:4:4")
    return file.getvalue()


def drawn(figure: Figure) -> Image.Image:
    """A figure's pixels, RGB."""
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
