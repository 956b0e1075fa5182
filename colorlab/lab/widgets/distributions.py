"""Slide two hills apart, and see the gradients that each objective gives the fake one."""

from __future__ import annotations

from statistics import NormalDist

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from colorlab.lab import two_gaussians
from colorlab.lab.plots import PALETTE
from colorlab.lab.widgets.controls import slider_row
from colorlab.lab.widgets.frame import LivePicture, WithStill, drawn

Floats = NDArray[np.float64]

KINDS: dict[two_gaussians.Kind, str] = {
    "logistic_saturating": "saturating logistic",
    "logistic": "non-saturating logistic",
    "wasserstein": "Wasserstein critic",
}
QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 9) for i in range(9)])
LEFT, RIGHT = -3.5, 10.5  # ends of the horizontal axis
ENDS = (1e-5, 10.0)  # ends of the gradients' axis
WIDTH, HEIGHT, MARGIN = 640, 150, 58  # of one panel, and left of it, in pixels
X = np.linspace(LEFT, RIGHT, 281)
REAL, FAKE, INK = PALETTE[0], PALETTE[1], "#555555"
COLORS = (PALETTE[2], PALETTE[3], PALETTE[6])  # saturating, non-saturating, Wasserstein
MARKERS = ("o", "^", "s")


class SlideApart(WithStill):
    """A real and a fake hill, with sliders for their distance and for the critics' training.

    Three panels share a horizontal axis: the two densities with nine fake samples; the outputs of
    the discriminator and the critic; and the size of the gradient that each fake sample receives,
    on a logarithmic axis. All numbers come from `colorlab.lab.two_gaussians`.
    """

    def __init__(self, distance: float = 3.0, skill: int = 100) -> None:
        """Begin with this distance, 0 to 8, and with critics trained to `skill` %, 0 to 100."""
        self.distance = widgets.FloatSlider(
            distance, min=0.0, max=8.0, step=0.25, description="Distance, in hill widths"
        )
        self.skill = widgets.IntSlider(skill, 0, 100, description="How well trained, %")
        self.text = widgets.HTML().add_class("colorlab-live")
        self.picture = LivePicture()
        self._draw()
        sliders = slider_row(self._draw, self.distance, self.skill)
        super().__init__([sliders, self.picture, self.text])

    @property
    def samples(self) -> Floats:
        """The places of the nine fake samples, (9,)."""
        return np.asarray(self.distance.value + QUANTILES)

    @property
    def gradients(self) -> dict[two_gaussians.Kind, float]:
        """The mean size of the gradient at the fake samples, for each kind of objective."""
        return {kind: float(np.mean(self._sizes(kind))) for kind in KINDS}

    def _sizes(self, kind: two_gaussians.Kind) -> Floats:
        skill = self.skill.value / 100.0
        return np.abs(two_gaussians.gradient(self.samples, self.distance.value, kind, skill))

    def _draw(self, _change: object = None) -> None:
        distance, skill = self.distance.value, self.skill.value / 100.0
        figure = Figure(figsize=(WIDTH / 100, 3 * HEIGHT / 100), dpi=100)

        hills = _panel(figure, 0, "density", (0.0, 0.45))
        hills.plot(X, two_gaussians.density(X), color=REAL, label="real")
        hills.plot(X, two_gaussians.density(X, distance), color=FAKE, label="fake")
        zeros = np.zeros(9)
        hills.plot(self.samples, zeros, "o", color=FAKE, clip_on=False, label="nine fake samples")

        says = _panel(figure, 1, "score", (-4.0, 4.0))
        scores = two_gaussians.score(X, distance, "logistic", skill)
        probabilities = np.exp(-np.logaddexp(0.0, -scores))
        says.plot(X, probabilities, color=COLORS[1], label="discriminator")
        says.plot(X, scores, "--", color=COLORS[1], label="before its sigmoid")
        critic = two_gaussians.score(X, distance, "wasserstein", skill)
        says.plot(X, critic, color=COLORS[2], label="Wasserstein critic")

        told = _panel(figure, 2, "gradient", ENDS)
        told.set_yscale("log")
        for kind, color, marker in zip(KINDS, COLORS, MARKERS, strict=False):
            sizes = self._sizes(kind)
            inside = (ENDS[0] <= sizes) & (sizes <= ENDS[1])
            told.plot(self.samples[inside], sizes[inside], marker, color=color, label=KINDS[kind])
            # Sizes beyond the axis are drawn on its edge, as hollow markers.
            edge = np.clip(sizes[~inside], *ENDS)
            told.plot(self.samples[~inside], edge, marker, color=color, mfc="w", clip_on=False)
        for panel in (hills, says, told):
            panel.legend(loc=(0.01, 1.03), ncols=3, frameon=False, fontsize=8)

        means = ", ".join(f"{KINDS[kind]} {size:.2g}" for kind, size in self.gradients.items())
        told_all = f"mean size of the gradient at the fake samples: {means}"
        self.text.value = told_all
        where = f"Hills {distance:g} apart, critics trained to {self.skill.value} %"
        self.picture.show(drawn(figure), f"{where}; {told_all}")


def _panel(figure: Figure, row: int, name: str, ends: tuple[float, float]) -> Axes:
    """One of the three panels, with the shared horizontal axis and room for a legend above."""
    left, bottom = MARGIN / WIDTH, (2 - row + 22 / HEIGHT) / 3
    panel = figure.add_axes((left, bottom, 0.98 - left, (1 - 50 / HEIGHT) / 3))
    panel.set(xlim=(LEFT, RIGHT), ylim=ends)
    panel.set_ylabel(name, fontsize=9, color=INK)
    panel.tick_params(labelsize=8, colors=INK)
    panel.spines[:].set_color(INK)
    panel.grid(axis="y", alpha=0.4)
    panel.spines[["top", "right"]].set_visible(False)
    return panel
