"""The photo lab's sliders: how the colors of a photo are to be changed."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from colorlab.widgets.controls import switch, with_reset

# How many of a slider's units are one of `Colorizer.colorize`.
UNITS = {"strength": 100, "hue_shift": 1, "saturation": 100, "warmth": 100, "fade": 100}


class Sliders(widgets.VBox):
    """Five sliders, each with its reset, a checkbox, and the switch between the two grays.

    Attributes:
        strength, hue_shift, saturation, warmth, fade: the sliders, in % and degrees.
        color: the checkbox; a photo that is not in color is black-and-white, toned or not.
        keep: the switch.
    """

    def __init__(self) -> None:
        """Begin where nothing is changed."""
        self.strength = widgets.IntSlider(100, 0, 200, description="Color strength, %")
        self.hue_shift = widgets.IntSlider(0, -180, 180, description="Hue shift, degrees")
        self.saturation = widgets.IntSlider(100, 50, 200, description="Saturation, %")
        self.warmth = widgets.IntSlider(0, -100, 100, description="Warmth, %")
        self.fade = widgets.IntSlider(0, 0, 100, description="Fade unsure color, %")
        self.color = widgets.Checkbox(description="The photo is in color", indent=False)
        self.color.tooltip = "Off: it is black-and-white, and its tone, if any, is dropped"
        grays = {"value": "the brightest of red, green and blue", "luma": "how bright to the eye"}
        self.keep = switch(grays, "Gray to keep")
        knobs = [with_reset(getattr(self, name)) for name in UNITS]
        super().__init__([*knobs, self.color, self.keep], layout={"grid_gap": "12px"})

    @property
    def settings(self) -> dict[str, Any]:
        """What the controls say, as `Colorizer.colorize` takes it; setting it moves them."""
        numbers = {name: getattr(self, name).value / unit for name, unit in UNITS.items()}
        return {"keep": self.keep.value, "color": self.color.value, **numbers}

    @settings.setter
    def settings(self, settings: dict[str, Any]) -> None:
        for name, unit in UNITS.items():
            getattr(self, name).value = round(settings[name] * unit)
        # Setting this also sets the gray that goes with it, so the gray comes last.
        self.color.value = settings["color"]
        self.keep.value = settings["keep"]
