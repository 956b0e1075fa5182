"""Slide two hills apart, see each objective's gradients, and let one of them move the fake hill."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from colorlab.lab import two_gaussians
from colorlab.lab.plots import MARKERS, PALETTE, STYLES
from colorlab.lab.widgets.controls import ROW, button, slider_row
from colorlab.lab.widgets.frame import LivePicture, WithStill, drawn

Floats = NDArray[np.float64]

KINDS: dict[two_gaussians.Kind, str] = {
    "logistic_saturating": "saturating logistic",
    "logistic": "non-saturating logistic",
    "wasserstein": "Wasserstein critic",
}
LEFT, RIGHT = -3.5, 10.5  # ends of the horizontal axis
ENDS = (1e-4, 10.0)  # ends of the gradients' axis
WIDTH, MARGIN = 640, 58  # of the picture, and left of its panels, in pixels
HEIGHTS = (125, 125, 220)  # of the panels, each with its legend above and its numbers below
RATE = 0.1  # of a step of gradient descent
X = np.linspace(LEFT, RIGHT, 281)
REAL, FAKE, INK = PALETTE[0], PALETTE[1], "#555555"
# The ideal Wasserstein critic has the slope 1, as the one with the gradient penalty has nearly.
LOOKS = {"wasserstein": STYLES["wasserstein_gp"]}
COLORS = {kind: PALETTE[LOOKS.get(kind, STYLES[kind])] for kind in KINDS}
MARKS = {kind: MARKERS[LOOKS.get(kind, STYLES[kind])] for kind in KINDS}


class SlideApart(WithStill):
    """A real and a fake hill, with sliders for their distance and for the critics' training.

    A player and a button for single steps move the fake hill by gradient descent on one of the
    losses. Nothing moves by itself, and for people who prefer reduced motion there are only the
    single steps.

    Three panels share a horizontal axis: the two densities with nine fake samples; the outputs of
    the discriminator and the critic; and the size of the gradient that each fake sample receives,
    on a logarithmic axis. All numbers come from `colorlab.lab.two_gaussians`.
    """

    def __init__(self, distance: float = 3.0, skill: int = 100) -> None:
        """Begin with this distance, 0 to 8, and with critics trained to `skill` %, 0 to 100."""
        self.distance = widgets.FloatSlider(
            distance, min=0.0, max=8.0, step=0.05, description="Distance, in hill widths"
        )
        self.skill = widgets.IntSlider(skill, 0, 100, description="How well trained, %")
        self.text = widgets.HTML().add_class("colorlab-live")
        self.picture = LivePicture()
        self.kind = widgets.Dropdown(
            options=[(name, kind) for kind, name in KINDS.items()],
            description="Moved by",
            style={"description_width": "auto"},
        )
        self.play = widgets.Play(min=0, max=200, interval=200, show_repeat=False)
        self.play.add_class("colorlab-motion")
        self.play.observe(self._played, names="value")
        self.play.observe(self._draw, names="playing")
        self._start = self.distance.value
        one_step = button("One step", "step-forward")
        one_step.on_click(lambda _: self.step())
        self._draw()
        sliders = slider_row(self._draw, self.distance, self.skill)
        moves = widgets.HBox([self.kind, self.play, one_step], layout=ROW)
        super().__init__([sliders, moves, self.picture, self.text])

    def step(self) -> None:
        """Move the fake hill by one step of gradient descent on the chosen loss."""
        place = two_gaussians.slide(
            self.distance.value, self.kind.value, steps=1, rate=RATE, skill=self.skill.value / 100.0
        )[1]
        self.distance.value = abs(float(place))  # a hill that stepped over is as far on that side

    def _played(self, change: dict[str, Any]) -> None:
        """Take a step whenever the player counts one; its stop button goes back to the start."""
        if change["old"] == 0:
            self._start = self.distance.value
        if change["new"] == 0:
            self.distance.value = self._start
        else:
            self.step()

    @property
    def samples(self) -> Floats:
        """The places of the nine fake samples, (9,)."""
        return two_gaussians.samples(self.distance.value)

    @property
    def gradients(self) -> dict[two_gaussians.Kind, float]:
        """The mean size of the gradient at the fake samples, for each kind of objective."""
        return {kind: float(np.mean(self._sizes(kind))) for kind in KINDS}

    def _sizes(self, kind: two_gaussians.Kind) -> Floats:
        skill = self.skill.value / 100.0
        return np.abs(two_gaussians.gradient(self.samples, self.distance.value, kind, skill))

    def _draw(self, _change: object = None) -> None:
        distance, skill = self.distance.value, self.skill.value / 100.0
        figure = Figure(figsize=(WIDTH / 100, sum(HEIGHTS) / 100), dpi=100)

        hills = _panel(figure, 0, "density", (0.0, 0.45))
        hills.plot(X, two_gaussians.density(X), color=REAL, label="real")
        hills.plot(X, two_gaussians.density(X, distance), color=FAKE, label="fake")
        zeros = np.zeros(9)
        hills.plot(
            self.samples, zeros, "o", color=FAKE, ms=4, clip_on=False, label="nine fake samples"
        )

        says = _panel(figure, 1, "score", (-4.0, 4.0))
        says.set_yticks([-4, -2, 0, 2, 4])
        scores = two_gaussians.score(X, distance, "logistic", skill)
        probabilities = np.exp(-np.logaddexp(0.0, -scores))
        color = COLORS["logistic"]
        says.plot(X, probabilities, color=color, label="discriminator")
        says.plot(X, scores, "--", color=color, label="before its sigmoid")
        critic = two_gaussians.score(X, distance, "wasserstein", skill)
        says.plot(X, critic, color=COLORS["wasserstein"], label="Wasserstein critic")

        told = _panel(figure, 2, "size of the gradient", ENDS)
        told.set_yscale("log")
        for kind, name in KINDS.items():
            sizes = self._sizes(kind)
            inside = (ENDS[0] <= sizes) & (sizes <= ENDS[1])
            color, marker = COLORS[kind], MARKS[kind]
            told.plot(self.samples, sizes, "-", color=color, linewidth=0.8)
            told.plot(self.samples[inside], sizes[inside], marker, color=color, ms=5, label=name)
            # Sizes beyond the axis are drawn on its edge, as hollow markers.
            edge = np.clip(sizes[~inside], *ENDS)
            places = self.samples[~inside]
            told.plot(places, edge, marker, color=color, mfc="w", ms=5, clip_on=False)
        for panel in (hills, says, told):
            panel.legend(loc=(0.01, 1.03), ncols=3, frameon=False, fontsize=8)

        means = ", ".join(f"{KINDS[kind]} {size:.2g}" for kind, size in self.gradients.items())
        told_all = f"mean size of the gradient at the fake samples: {means}"
        # A text that changed with each step of the player would keep a screen reader talking.
        moving = f"moved by the {KINDS[self.kind.value]} loss ..."
        self.text.value = moving if self.play.playing else told_all
        where = f"Hills {distance:.3g} apart, critics trained to {self.skill.value} %"
        self.picture.show(drawn(figure), f"{where}; {told_all}")


def _panel(figure: Figure, row: int, name: str, ends: tuple[float, float]) -> Axes:
    """One of the three panels, with the shared horizontal axis and room for a legend above."""
    left, total = MARGIN / WIDTH, sum(HEIGHTS)
    bottom = (sum(HEIGHTS[row + 1 :]) + 22) / total
    panel = figure.add_axes((left, bottom, 0.98 - left, (HEIGHTS[row] - 50) / total))
    panel.set(xlim=(LEFT, RIGHT), ylim=ends)
    panel.set_ylabel(name, fontsize=9, color=INK)
    panel.tick_params(labelsize=8, colors=INK)
    panel.spines[:].set_color(INK)
    panel.grid(axis="y", alpha=0.4)
    panel.spines[["top", "right"]].set_visible(False)
    return panel
