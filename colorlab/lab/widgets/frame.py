"""The frame around each widget of colorlab: its style, and names for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import ipywidgets as widgets

STYLE = Path(__file__).with_name("frame.css").read_text()


class Names(anywidget.AnyWidget):
    """An invisible widget that gives a name to each control in its frame."""

    _esm = Path(__file__).with_name("frame.js")


class Frame(widgets.VBox):
    """Widgets from top to bottom, in the style of colorlab."""

    def __init__(self, children: Sequence[widgets.Widget]) -> None:
        """Put a frame around these widgets."""
        style = widgets.HTML(f"<style>{STYLE}</style>", layout={"display": "none"})
        super().__init__([style, Names().add_class("colorlab-names"), *children])
        self.add_class("colorlab")
