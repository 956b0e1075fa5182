"""A picture that changes in place, has a name for screen readers, and leaves a still picture."""

from __future__ import annotations

import base64
import io
from typing import Any

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from colorlab.lab.widgets.frame import Frame


def drawn(figure: Figure) -> Image.Image:
    """A figure's pixels, RGB."""
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


class LivePicture(widgets.Image):
    """An image that is replaced in place by each new version.

    ipywidgets gives an image no alt text. It makes the tooltip the title, which browsers read out
    instead, but only if the widget has a description.
    """

    description = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **options: Any) -> None:
        """Take the options of `ipywidgets.Image`."""
        super().__init__(format="jpeg", **options)

    def show(self, image: Image.Image, says: str) -> None:
        """Show an image; `says` describes in words what is to be seen."""
        file = io.BytesIO()
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
        flat.save(file, "JPEG", quality=90, subsampling="4:4:4")
        self.value = file.getvalue()
        self.tooltip = says


class WithStill(Frame):
    """A widget around a `LivePicture`, `self.picture`; pages without a kernel show only that."""

    picture: LivePicture

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        still = base64.b64encode(self.picture.value).decode()
        return {**super()._repr_mimebundle_(**kwargs), "image/jpeg": still}
