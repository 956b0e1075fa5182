"""The photo lab's sliders, which change the colors of a photo."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from colorlab.color.adjustments import ADJUSTMENTS
from colorlab.lab.widgets.controls import group

# The sliders that are always seen; those of other adjustments are among the advanced controls.
GROUPS = {"Color": ("strength", "saturation", "hue_shift"), "Light": ("warmth",)}
LEANS = {"no hue": None, "red": 0.0, "yellow": 50.0, "green": 110.0, "blue": 220.0, "pink": 330.0}
GRAYS = {"a color photo (value)": "value", "a black-and-white photo (luma)": "luma"}


class Sliders(widgets.VBox):
    """The sliders in groups; the advanced controls belong to them, but are shown elsewhere.

    Attributes:
        knobs: name of the adjustment → its slider, in % or degrees.
        color: the checkbox; if it is off, the photo is black-and-white, toned or not.
        keep: the choice between the two grays.
        lean: the hue that colors are drawn toward where it is likely.
        advanced: the controls that the groups leave out.
    """

    def __init__(self) -> None:
        """Begin with settings that change nothing."""
        self.knobs = {
            name: widgets.IntSlider(
                round(each.scale * each.neutral),
                each.least,
                each.most,
                description=each.label,
                tooltip=f"{each.help} Double-click, or Delete on the handle, resets it.",
            )
            .add_class("colorlab-knob")
            .add_class(f"colorlab-knob-{name}")
            for name, each in ADJUSTMENTS.items()
        }
        self.color = widgets.Checkbox(description="The photo is in color", indent=False)
        self.color.tooltip = "Not checked: it is black-and-white, and its tone, if any, is dropped"
        self.keep = widgets.Dropdown(options=GRAYS, description="Keep the brightness of")
        self.keep.tooltip = "Which brightness the photo has in gray, and keeps in color"
        self.lean = widgets.Dropdown(options=LEANS, description="Draw colors toward")
        self.lean.tooltip = "Colors move toward this hue where the network finds it likely, too"
        grouped = {name for names in GROUPS.values() for name in names}
        others = [knob for name, knob in self.knobs.items() if name not in grouped]
        self.advanced = [self.lean, *others, self.keep, self.color]
        super().__init__(
            [group(title, *map(self.knobs.get, names)) for title, names in GROUPS.items()]
        )

    @property
    def adjustments(self) -> dict[str, float]:
        """The numbers of the sliders, as `adjust` takes them."""
        return {name: knob.value / ADJUSTMENTS[name].scale for name, knob in self.knobs.items()}

    @property
    def settings(self) -> dict[str, Any]:
        """The controls' settings, as for `Colorizer.colorize`; setting them moves the controls."""
        chosen = {"keep": self.keep.value, "color": self.color.value, "lean": self.lean.value}
        return {**chosen, **self.adjustments}

    @settings.setter
    def settings(self, settings: dict[str, Any]) -> None:
        for name, knob in self.knobs.items():
            knob.value = round(settings[name] * ADJUSTMENTS[name].scale)
        self.lean.value = settings["lean"]
        # Setting the color may also set the gray that belongs to it, so the gray is set last.
        self.color.value = settings["color"]
        self.keep.value = settings["keep"]
