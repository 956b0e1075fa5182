"""The photo lab's tools for color hints; each change of the hints can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import traitlets

from colorlab.hints import Hint
from colorlab.lab.widgets.controls import SNUG, button


class HintTools(widgets.VBox):
    """A switch for placing hints by clicks on the photo, their color, undo, redo, remove all.

    Attributes:
        hints: the hints on the photo now; this trait can be observed.
    """

    hints: traitlets.List[Hint] = traitlets.List()

    def __init__(self) -> None:
        """Begin without hints."""
        self.place = widgets.ToggleButton(
            description="Place hints",
            icon="eye-dropper",
            layout=SNUG,
            tooltip="Then click on the photo: what is there takes the hint's color",
        )
        self.color = widgets.ColorPicker(
            concise=True, value="#b03a2e", description="Hint color", layout=SNUG
        )
        self.color.tooltip = "The color that the next hint gives"
        self.undo = button("Undo", "", tooltip="Take the last change of the hints back")
        self.redo = button("Redo", "", tooltip="Make it again")
        self.clear = button("Remove all", "", tooltip="Remove all hints from this photo")
        self.undo.on_click(self._on_undo)
        self.redo.on_click(self._on_redo)
        self.clear.on_click(lambda _: self.change([]))
        rows = [self.place, self.color], [self.undo, self.redo, self.clear]
        super().__init__([widgets.HBox(row) for row in rows])
        self.begin()

    def begin(self) -> None:
        """Start another photo, without hints and with nothing to undo."""
        self._past: list[list[Hint]] = []
        self._future: list[list[Hint]] = []
        self._show([])

    def change(self, hints: Sequence[Hint]) -> None:
        """Replace the hints, in a step that can be undone."""
        self._past.append(self.hints)
        self._future.clear()
        self._show(hints)

    def _on_undo(self, _button: Any) -> None:
        if self._past:
            self._future.append(self.hints)
            self._show(self._past.pop())

    def _on_redo(self, _button: Any) -> None:
        if self._future:
            self._past.append(self.hints)
            self._show(self._future.pop())

    def _show(self, hints: Sequence[Hint]) -> None:
        self.undo.disabled, self.redo.disabled = not self._past, not self._future
        self.clear.disabled = not hints
        self.hints = list(hints)
