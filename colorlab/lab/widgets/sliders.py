"""The photo lab's sliders, which change the colors of a photo."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from colorlab.color.adjustments import ADJUSTMENTS
from colorlab.lab.widgets.controls import switch, with_reset


class Sliders(widgets.VBox):
    """A slider for each adjustment, a checkbox, and the switch between the two grays.

    Attributes:
        knobs: name of the adjustment → its slider, in % or degrees.
        color: the checkbox; if it is off, the photo is black-and-white, toned or not.
        keep: the switch.
    """

    def __init__(self) -> None:
        """Begin with settings that change nothing."""
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
        """The numbers of the sliders, as `adjust` takes them."""
        return {name: knob.value / ADJUSTMENTS[name].scale for name, knob in self.knobs.items()}

    @property
    def settings(self) -> dict[str, Any]:
        """The controls' settings, as for `Colorizer.colorize`; setting them moves the controls."""
        return {"keep": self.keep.value, "color": self.color.value, **self.adjustments}

    @settings.setter
    def settings(self, settings: dict[str, Any]) -> None:
        for name, knob in self.knobs.items():
            knob.value = round(settings[name] * ADJUSTMENTS[name].scale)
        # Setting the color may also set the gray that belongs to it, so the gray is set last.
        self.color.value = settings["color"]
        self.keep.value = settings["keep"]
