"""What each widget of colorlab stands in: its looks, and names for a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import ipywidgets as widgets

STYLE = Path(__file__).with_name("frame.css").read_text()


class Names(anywidget.AnyWidget):
    """Nothing to see: it gives a name to each control of the frame that it lies in."""

    _esm = Path(__file__).with_name("frame.js")


class Frame(widgets.VBox):
    """Widgets from top to bottom, as a piece of colorlab."""

    def __init__(self, children: Sequence[widgets.Widget]) -> None:
        """Put a frame around these."""
        style = widgets.HTML(f"<style>{STYLE}</style>", layout={"display": "none"})
        super().__init__([style, Names().add_class("colorlab-names"), *children])
        self.add_class("colorlab")
