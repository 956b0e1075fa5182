"""The photo lab's sliders: how the colors of a photo are to be changed."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from colorlab.color.adjustments import ADJUSTMENTS
from colorlab.lab.widgets.controls import switch, with_reset


class Sliders(widgets.VBox):
    """A slider for each adjustment, a checkbox, and the switch between the two grays.

    Attributes:
        knobs: the sliders by the names of their adjustments, in % and degrees.
        color: the checkbox; a photo that is not in color is black-and-white, toned or not.
        keep: the switch.
    """

    def __init__(self) -> None:
        """Begin where nothing is changed."""
        self.knobs = {
            name: widgets.IntSlider(
                round(each.scale * each.neutral),
                each.least,
                each.most,
                description=each.label,
                tooltip=each.help,
            )
            for name, each in ADJUSTMENTS.items()
        }
        self.color = widgets.Checkbox(description="The photo is in color", indent=False)
        self.color.tooltip = "Off: it is black-and-white, and its tone, if any, is dropped"
        grays = {"value": "the brightest of red, green and blue", "luma": "how bright to the eye"}
        self.keep = switch(grays, "Gray to keep")
        knobs = [with_reset(knob) for knob in self.knobs.values()]
        super().__init__([*knobs, self.color, self.keep], layout={"grid_gap": "12px"})

    @property
    def adjustments(self) -> dict[str, float]:
        """What the sliders say, as `adjust` takes it."""
        return {name: knob.value / ADJUSTMENTS[name].scale for name, knob in self.knobs.items()}

    @property
    def settings(self) -> dict[str, Any]:
        """What the controls say, as `Colorizer.colorize` takes it; setting it moves them."""
        return {"keep": self.keep.value, "color": self.color.value, **self.adjustments}

    @settings.setter
    def settings(self, settings: dict[str, Any]) -> None:
        for name, knob in self.knobs.items():
            knob.value = round(settings[name] * ADJUSTMENTS[name].scale)
        # Setting this also sets the gray that goes with it, so the gray comes last.
        self.color.value = settings["color"]
        self.keep.value = settings["keep"]
