"""Two hills that slide apart, under one's fingers, and what each objective tells the fake one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import ipywidgets as widgets
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from colorlab.lab import two_gaussians
from colorlab.lab.plots import PALETTE
from colorlab.lab.widgets.controls import ROW
from colorlab.lab.widgets.picture import LivePicture, WithStill

Floats = NDArray[np.float64]

KINDS: dict[two_gaussians.Kind, str] = {
    "logistic_saturating": "saturating logistic",
    "logistic": "non-saturating logistic",
    "wasserstein": "Wasserstein critic",
}
QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 9) for i in range(9)])
LEFT, RIGHT = -3.5, 10.5  # ends of the horizontal axis
WIDTH, HEIGHT, MARGIN = 640, 150, 58  # pixels of one panel; to the left of it
SMOOTH = 2  # drawn so many times too large, because Pillow's lines have steps
X = np.linspace(LEFT, RIGHT, 281)
REAL, FAKE, INK = PALETTE[0], PALETTE[1], "#333333"
COLORS = (PALETTE[2], PALETTE[3], PALETTE[6])  # saturating, non-saturating, Wasserstein
SHAPES = ("circle", "triangle", "square")
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


class SlideApart(WithStill):
    """A real and a fake hill, a slider for their distance, one for the critic's training.

    Three panels over one axis: the two densities with nine fake samples; what the discriminator and
    the critic say; and the size of the gradient that each fake sample receives, on a logarithmic
    axis. All of it from `colorlab.lab.two_gaussians`.
    """

    def __init__(self, distance: float = 3.0, skill: int = 100) -> None:
        """Begin with hills so far apart, 0 to 8, and critics trained to so many %, 0 to 100."""
        self.distance = widgets.FloatSlider(
            distance, min=0.0, max=8.0, step=0.25, description="Distance, in hill widths"
        )
        self.skill = widgets.IntSlider(skill, 0, 100, description="How well trained, %")
        self.text = widgets.HTML().add_class("colorlab-live")
        self.picture = LivePicture()
        for slider in (self.distance, self.skill):
            slider.style = {"description_width": "150px"}
            slider.observe(self._draw, names="value")
        self._draw()
        super().__init__(
            [widgets.HBox([self.distance, self.skill], layout=ROW), self.picture, self.text]
        )

    @property
    def samples(self) -> Floats:
        """Where the nine fake samples lie, (9,)."""
        return np.asarray(self.distance.value + QUANTILES)

    @property
    def gradients(self) -> dict[two_gaussians.Kind, float]:
        """For each kind of objective the mean size of the gradient at the fake samples."""
        return {kind: float(np.mean(self._sizes(kind))) for kind in KINDS}

    def _sizes(self, kind: two_gaussians.Kind) -> Floats:
        skill = self.skill.value / 100.0
        return np.abs(two_gaussians.gradient(self.samples, self.distance.value, kind, skill))

    def _draw(self, _change: object = None) -> None:
        distance, skill = self.distance.value, self.skill.value / 100.0
        image = Image.new("RGB", (SMOOTH * WIDTH, SMOOTH * 3 * HEIGHT), "white")

        hills = _Panel(image, 0, (0.0, 0.45), {0.0: "0", 0.2: "0.2", 0.4: "0.4"})
        hills.line(two_gaussians.density(X), REAL)
        hills.line(two_gaussians.density(X, distance), FAKE)
        hills.marks(self.samples, np.zeros(len(QUANTILES)), FAKE, "circle")
        hills.title([("density:", INK), ("real", REAL), ("fake, and nine samples of it", FAKE)])

        says = _Panel(image, 1, (-4.0, 4.0), {y: f"{y:g}" for y in (-4.0, -2.0, 0.0, 2.0, 4.0)})
        scores = two_gaussians.score(X, distance, "logistic", skill)
        says.line(scores, COLORS[1], dashed=True)
        says.line(np.exp(-np.logaddexp(0.0, -scores)), COLORS[1])
        says.line(two_gaussians.score(X, distance, "wasserstein", skill), COLORS[2])
        discriminator = ("discriminator, dashed before its sigmoid", COLORS[1])
        says.title([("score:", INK), discriminator, ("Wasserstein critic", COLORS[2])])

        told = _Panel(
            image, 2, (-5.0, 1.0), {-5.0: "0.00001", -3.0: "0.001", -1.0: "0.1", 1.0: "10"}
        )
        for kind, color, shape in zip(KINDS, COLORS, SHAPES, strict=True):
            told.marks(self.samples, np.log10(np.maximum(self._sizes(kind), 1e-30)), color, shape)
        names = zip(("● ", "▲ ", "■ "), KINDS.values(), COLORS, strict=True)
        told.title([("gradient:", INK), *((mark + name, color) for mark, name, color in names)])

        means = ", ".join(f"{KINDS[kind]} {size:.2g}" for kind, size in self.gradients.items())
        told_all = f"mean size of the gradient at the fake samples: {means}"
        self.text.value = told_all
        where = f"Hills {distance:g} apart, critics trained to {self.skill.value} %"
        self.picture.show(image.reduce(SMOOTH), f"{where}; {told_all}")


class _Panel:
    """One of the panels: a horizontal axis that all share and a vertical one of its own."""

    def __init__(
        self, image: Image.Image, row: int, ends: tuple[float, float], ticks: dict[float, str]
    ) -> None:
        self.draw = ImageDraw.Draw(image)
        self.top, self.bottom = SMOOTH * (row * HEIGHT + 26), SMOOTH * ((row + 1) * HEIGHT - 22)
        self.ends = ends
        self.font = ImageFont.truetype(FONT, 11 * SMOOTH)
        for height, label in ticks.items():
            y = float(self._y(np.array(height)))
            self.draw.line((SMOOTH * MARGIN, y, SMOOTH * WIDTH, y), "#dddddd", SMOOTH)
            self.draw.text((SMOOTH * (MARGIN - 8), y), label, INK, self.font, anchor="rm")
        for place in range(-2, 11, 2):
            at = float(self._x(np.array(place))), self.bottom + 6 * SMOOTH
            self.draw.text(at, str(place), INK, self.font, anchor="mt")

    def line(self, heights: Floats, color: str, *, dashed: bool = False) -> None:
        """Draw a curve over X; what is outside of the panel is left out."""
        inside = (heights >= self.ends[0]) & (heights <= self.ends[1])
        points = list(zip(self._x(X), self._y(heights), inside, strict=True))
        for i, ((x, y, here), (x2, y2, there)) in enumerate(pairwise(points)):
            if here and there and not (dashed and i % 4 > 1):
                self.draw.line((x, y, x2, y2), color, 2 * SMOOTH)

    def marks(self, places: Floats, heights: Floats, color: str, shape: str) -> None:
        """Draw marks; those that are too low or too high lie on the edge and are hollow."""
        sides = {"circle": 60, "triangle": 3, "square": 4}[shape]
        for x, y, height in zip(self._x(places), self._y(heights), heights, strict=True):
            fill = color if self.ends[0] <= height <= self.ends[1] else "white"
            circle = (x, y, (4 if shape == "circle" else 5) * SMOOTH)
            self.draw.regular_polygon(circle, sides, fill=fill, outline=color, width=SMOOTH)

    def title(self, parts: list[tuple[str, str]]) -> None:
        """Write words of several colors above the panel."""
        x = float(SMOOTH * MARGIN)
        for text, color in parts:
            self.draw.text((x, self.top - 6 * SMOOTH), text, color, self.font, anchor="ls")
            x += self.draw.textlength(text, self.font) + 10 * SMOOTH

    def _x(self, x: Floats) -> Floats:
        share = (x - LEFT) / (RIGHT - LEFT)
        return np.asarray(SMOOTH * (MARGIN + share * (WIDTH - MARGIN)))

    def _y(self, y: Floats) -> Floats:
        low, high = self.ends
        share = (np.clip(y, low, high) - low) / (high - low)
        return np.asarray(self.bottom - share * (self.bottom - self.top))
