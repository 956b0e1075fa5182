"""Watch a training run: sample pictures and curves that change in place, and two buttons."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
from IPython.display import DisplayHandle
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from colorlab.lab.plots import LINES, PALETTE
from colorlab.lab.widgets.controls import ROW
from colorlab.lab.widgets.frame import LivePicture, WithStill, drawn

if TYPE_CHECKING:
    from colorlab.backend import keras
    from colorlab.training.gan import ColorGAN

WIDTH = 720  # width of the whole picture in pixels
MARGIN = 66  # pixels left of the samples, for the rows' names
CHART_HEIGHT = 130
# A chart's title → its metrics, as `ColorGAN` reports them, and the labels of their lines.
CHARTS: dict[str, dict[str, str]] = {
    "content loss": {"content_loss": ""},
    "losses of the game": {"generator_loss": "generator", "critic_loss": "critic"},
    "gradient from the critic": {"critic_gradient": ""},
}

History = dict[str, tuple[list[int], list[float]]]


class TrainingMonitor(WithStill):
    """A `ColorGAN`'s colors for a few photos, and its losses, drawn again while `fit` runs.

    monitor = TrainingMonitor(gan, scenes(6, seed=1))
    monitor                                             # in one cell
    await monitor.fit(batches)                          # in the next

    Attributes:
        history: metric → (steps, means since the last drawing), as `plots.curves` takes them.
        pause, stop: the buttons, which work while `fit` runs.
    """

    def __init__(self, gan: ColorGAN, photos: NDArray[np.uint8], *, every: int = 20) -> None:
        """Draw the photos, (N, H, W, 3) uint8, now and then after every `every` steps.

        H and W are any size that the generator accepts.
        """
        self.gan = gan
        self.photos = photos
        self.every = every
        self.history: History = {name: ([], []) for name in gan.means}
        self.picture = LivePicture()
        # Not a toggle: JupyterLab holds back a second change of state until the kernel reports that
        # it has finished the first, which it does not do while a cell waits. Clicks get through.
        self.pause = widgets.Button(description="Pause", icon="pause", disabled=True)
        self.stop = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.message = widgets.HTML()
        self._shown: list[DisplayHandle] = []  # where this monitor is on the page
        self._pausing = self._stopping = False
        self.pause.on_click(lambda _: self._set_pausing(not self._pausing))
        self.stop.on_click(lambda _: setattr(self, "_stopping", True))
        self._draw()
        buttons = widgets.HBox([self.pause, self.stop, self.message], layout=ROW)
        super().__init__([self.picture, buttons])

    async def fit(self, batches: Any, **options: Any) -> None:
        """Train the GAN while the buttons work: a click takes effect after the current step.

        A kernel that is busy with a cell cannot react to clicks. So the training has its own
        thread, and the cell only waits for it; the cells after it find the trained networks.
        Interrupting the kernel stops the training as the button does. The arguments are those of
        `ColorGAN.fit`.
        """
        options = {"verbose": 0, "shuffle": False, **options}
        training = asyncio.create_task(
            asyncio.to_thread(self.gan.fit, batches, callbacks=[self.callback()], **options)
        )
        try:
            await asyncio.shield(training)
        except asyncio.CancelledError:
            self._stopping = True
            await training
        finally:
            # The saved page then shows the last picture, not the one before the training.
            for place in self._shown:
                place.update(self._repr_mimebundle_(), raw=True, metadata=self._described())

    def _ipython_display_(self) -> None:
        place = DisplayHandle()
        place.display(self._repr_mimebundle_(), raw=True, metadata=self._described())
        self._shown.append(place)

    def _described(self) -> dict[str, Any]:
        """The picture's alt text, as metadata of an output."""
        return {"image/jpeg": {"alt": self.picture.tooltip}}

    def callback(self) -> keras.callbacks.Callback:
        """A callback for your own `fit`. At each drawing it resets the metrics, which are means."""
        from colorlab.backend import keras  # a page that only shows widgets needs no TensorFlow

        return keras.callbacks.LambdaCallback(
            on_train_begin=lambda _: self._begin(),
            on_train_batch_end=lambda _, logs: self._step(logs),
            on_train_end=lambda _: self._end(),
        )

    def _begin(self) -> None:
        self._set_pausing(False)
        self._stopping = False
        self.pause.disabled = self.stop.disabled = False
        self._say("training")

    def _step(self, logs: Mapping[str, float]) -> None:
        step = int(self.gan.step)
        if step % self.every == 0:
            for name, (steps, means) in self.history.items():
                if logs[name] and math.isfinite(logs[name]):  # 0: there is no critic yet
                    steps.append(step)
                    means.append(float(logs[name]))
            self.gan.reset_metrics()
            self._draw()
            self._say("training")
        if self._pausing:
            self._draw()
            self._say("paused")
            while self._pausing and not self._stopping:
                time.sleep(0.05)
            self._say("training")
        if self._stopping:
            self.gan.stop_training = True

    def _end(self) -> None:
        self.pause.disabled = self.stop.disabled = True
        self._set_pausing(False)
        self._draw()
        self._say("stopped" if self._stopping else "finished")

    def _set_pausing(self, pausing: bool) -> None:
        self._pausing = pausing
        self.pause.description = "Resume" if pausing else "Pause"
        self.pause.icon = "play" if pausing else "pause"

    def _say(self, state: str) -> None:
        self.message.value = f'<span role="status">Step {int(self.gan.step)}, {state}</span>'

    def _draw(self) -> None:
        from colorlab.training.callbacks import sample_sheet

        with np.errstate(invalid="ignore"):  # a network that outputs NaN is drawn as well
            sheet = sample_sheet(self.gan, list(self.photos), self.gan.space)
        height = sheet.shape[0] / sheet.shape[1] * (WIDTH - MARGIN)
        figure = Figure(figsize=(WIDTH / 100, (height + CHART_HEIGHT) / 100), dpi=100)
        low = CHART_HEIGHT / (height + CHART_HEIGHT)  # the charts' share of the height
        pictures = figure.add_axes((MARGIN / WIDTH, low, 1.0 - MARGIN / WIDTH, 1.0 - low))
        pictures.imshow(sheet)
        side = len(sheet) / 3
        pictures.set_yticks([side * (row + 0.5) for row in range(3)], ["gray", "colored", "truth"])
        pictures.tick_params(length=0, labelsize=9)
        pictures.set_xticks([])
        pictures.spines[:].set_visible(False)
        for i, (title, lines) in enumerate(CHARTS.items()):
            chart = figure.add_axes(((i + 0.2) / 3, 0.28 * low, 0.76 / 3, 0.56 * low))
            _draw_chart(chart, title, lines, self.history)
        losses = [f"{name} {means[-1]:.3f}" for name, (_, means) in self.history.items() if means]
        says = f"Samples at step {int(self.gan.step)}, in gray, as colored, and as they are"
        self.picture.show(drawn(figure), "; ".join([says, *losses]).replace("_", " "))


def _draw_chart(chart: Axes, title: str, lines: Mapping[str, str], history: History) -> None:
    """Draw a small chart: a line for each metric that has been measured."""
    chart.set_title(title, fontsize=9)
    chart.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    chart.yaxis.set_major_locator(MaxNLocator(3))
    for color, style, (name, label) in zip(PALETTE, LINES, lines.items(), strict=False):
        chart.plot(*history[name], color=color, linestyle=style, label=label)
    if not any(history[name][0] for name in lines):
        chart.text(0.5, 0.5, "not yet", ha="center", transform=chart.transAxes, fontsize=8)
        chart.set(xticks=[], yticks=[])
    elif len(lines) > 1:
        chart.legend(fontsize=7, frameon=False)
    chart.set_xlabel("step", fontsize=7, labelpad=1)
    chart.tick_params(labelsize=7)
    chart.spines[["top", "right"]].set_visible(False)
