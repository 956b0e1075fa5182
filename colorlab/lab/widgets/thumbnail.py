"""A button that is a small picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import ipywidgets as widgets
from PIL import Image, ImageOps

SIZE = (88, 60)  # pixels on the page; the picture is twice as large, for fine screens


def thumbnail(image: Image.Image, name: str, on_click: Callable[[], None]) -> widgets.Box:
    """A button with a picture on it and its name below, which a screen reader reads out.

    ipywidgets has no such button: this is a plain one, with the picture as its background.

    Args:
        image: the picture, which is cropped to the button's shape.
        name: the button's name, a few letters long.
        on_click: called by a click or the space bar.

    Returns:
        A box that holds the button.
    """
    width, height = SIZE
    file = io.BytesIO()
    ImageOps.fit(image.convert("RGB"), (2 * width, 2 * height)).save(file, "JPEG", quality=80)
    picture = base64.b64encode(file.getvalue()).decode()
    button = widgets.Button(description=name, layout={"width": f"{width}px", "height": "auto"})
    place = f"colorlab-thumbnail-{button.model_id}"
    button.add_class(place)
    button.on_click(lambda _: on_click())
    style = widgets.HTML(
        f"<style>.{place} {{ background: url(data:image/jpeg;base64,{picture}) top / {width}px "
        f"{height}px no-repeat; padding: {height}px 0 0; border-radius: 4px; }}</style>",
        layout={"display": "none"},
    )
    return widgets.Box([style, button], layout={"overflow": "visible"})
