"""Change hue and saturation by hand: two hues on a wheel, and the colors of a photo."""

from __future__ import annotations

import cmath
import math
from functools import cache

import ipywidgets as widgets
import numpy as np
from PIL import Image, ImageDraw

from colorlab import photos
from colorlab.color.adjustments import adjust
from colorlab.color.encoding import decode, encode
from colorlab.lab.widgets.controls import slider_row
from colorlab.lab.widgets.frame import LivePicture, WithStill

SIDE = 300  # pixels of the wheel's picture
RADIUS = 120


class HueWheel(WithStill):
    """Two hues on the color wheel, with the mean of their numbers and the mean of their points."""

    def __init__(self, a: int = 350, b: int = 10) -> None:
        """Put two hues on the wheel, in degrees from 0 to 360."""
        self.a = widgets.IntSlider(a, 0, 360, description="One hue, degrees")
        self.b = widgets.IntSlider(b, 0, 360, description="The other, degrees")
        self.text = widgets.HTML().add_class("colorlab-live")
        self.picture = LivePicture()
        self._draw()
        super().__init__([slider_row(self._draw, self.a, self.b), self.picture, self.text])

    @property
    def means(self) -> tuple[float, float | None]:
        """Mean of the two numbers; hue of the mean point, or None if that is the center."""
        middle = sum(self._points()) / 2
        around = None if abs(middle) < 1e-6 else math.degrees(cmath.phase(middle)) % 360.0
        return (self.a.value + self.b.value) / 2, around

    def _points(self) -> list[complex]:
        return [cmath.rect(1.0, math.radians(slider.value)) for slider in (self.a, self.b)]

    def _draw(self, _change: object = None) -> None:
        image = _wheel().copy()
        draw = ImageDraw.Draw(image)
        numbers, around = self.means
        a, b = self._points()
        draw.line((_at(a), _at(b)), "black", 2)
        for point in (a, b):
            draw.circle(_at(point), 8, "white", "black", 2)
        x, y = _at(cmath.rect(1.0, math.radians(numbers)))
        draw.rectangle((x - 8, y - 8, x + 8, y + 8), "black", "white", 2)
        draw.circle(_at((a + b) / 2), 8, "black", "white", 2)
        points = "nowhere: gray" if around is None else f"{round(around) % 360}°"
        says = f"mean of the numbers ■ {numbers:.0f}°, mean of the points ● {points}"
        self.text.value = says
        self.picture.show(image, f"Color wheel: {self.a.value}° and {self.b.value}°, {says}")


class HueSliders(WithStill):
    """A color photo, with sliders that turn its hues and scale its saturation. Its value stays."""

    def __init__(self, photo: photos.Source) -> None:
        """Take a photo; it is shown at 320 pixels at most.

        Raises:
            PhotoError: if it cannot be read.
        """
        small = Image.fromarray(photos.read(photo).pixels)
        small.thumbnail((320, 320))
        self._gray, self._chroma = encode(photos.read(small).rgb)
        self.hue_shift = widgets.IntSlider(0, -180, 180, description="Hue shift, degrees")
        self.strength = widgets.IntSlider(100, 0, 300, description="Saturation, %")
        self.picture = LivePicture()
        self._draw()
        super().__init__([slider_row(self._draw, self.hue_shift, self.strength), self.picture])

    def result(self) -> np.ndarray:
        """The photo that is shown, (H, W, 3) float32 in [0, 1]."""
        chroma = adjust(
            self._chroma, strength=self.strength.value / 100, hue_shift=self.hue_shift.value
        )
        return np.asarray(decode(self._gray, chroma))

    def _draw(self, _change: object = None) -> None:
        says = f"hue turned by {self.hue_shift.value}°, saturation {self.strength.value} %"
        self.picture.show(photos.read(self.result().clip(0, 1)).image, f"The photo, {says}")


def _at(chroma: complex) -> tuple[float, float]:
    """The place of a chroma on the wheel, in pixels."""
    return SIDE / 2 + RADIUS * chroma.real, SIDE / 2 - RADIUS * chroma.imag


@cache
def _wheel() -> Image.Image:
    """The chroma disk at value 1."""
    y, x = (SIDE / 2 - 0.5 - np.mgrid[:SIDE, :SIDE]) / RADIUS
    chroma = np.stack([-x, y], axis=-1).astype(np.float32)
    rgb = decode(np.ones((SIDE, SIDE, 1), np.float32), chroma)
    rgb[np.hypot(x, y) > 1] = 1.0
    return photos.read(rgb.clip(0, 1)).image
