"""A training run under one's eyes: sample pictures and curves, drawn in place, and two buttons."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from colorlab.lab.plots import PALETTE
from colorlab.lab.widgets.controls import ROW
from colorlab.lab.widgets.picture import LivePicture, WithStill

if TYPE_CHECKING:
    from colorlab.backend import keras
    from colorlab.training.gan import ColorGAN

WIDTH = 720  # of the whole picture, pixels
MARGIN = 66  # left of the samples, for the rows' names
CHART_HEIGHT = 130
FINE = 2  # charts are drawn so many times too large, then reduced: PIL's lines have no soft edges
# Chart's title → the metrics in it, as `ColorGAN` reports them, and what their lines are called.
CHARTS: dict[str, dict[str, str]] = {
    "content loss": {"content_loss": ""},
    "losses of the game": {"generator_loss": "generator", "critic_loss": "critic"},
    "gradient from the critic": {"critic_gradient": ""},
}

History = dict[str, tuple[list[int], list[float]]]


class TrainingMonitor(WithStill):
    """What a `ColorGAN` makes of a few photos, and its losses, drawn anew while `fit` runs.

    monitor = TrainingMonitor(gan, scenes(6, seed=1))
    monitor                                             # in one cell
    await monitor.fit(batches)                          # in the next

    Attributes:
        history: metric → (steps, means since the drawing before), as `plots.curves` takes them.
        pause, stop: the buttons, which work while `fit` runs.
    """

    def __init__(self, gan: ColorGAN, photos: NDArray[np.uint8], *, every: int = 20) -> None:
        """Draw what the GAN makes of the photos now.

        Args:
            gan: what is to be trained.
            photos: samples to watch, (N, H, W, 3) uint8 of any size that the generator takes.
            every: how many steps lie between two drawings.
        """
        self.gan = gan
        self.photos = photos
        self.every = every
        self.history: History = {name: ([], []) for name in gan.means}
        self.picture = LivePicture()
        # Not a toggle: JupyterLab holds a second change of state back until the kernel has reported
        # that it is done with the first, which it does not while a cell waits. Clicks go through.
        self.pause = widgets.Button(description="Pause", icon="pause", disabled=True)
        self.stop = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.message = widgets.HTML()
        self._pausing = self._stopping = False
        self.pause.on_click(self._on_pause)
        self.stop.on_click(self._on_stop)
        self._draw()
        buttons = widgets.HBox([self.pause, self.stop, self.message], layout=ROW)
        super().__init__([self.picture, buttons])

    async def fit(self, batches: Any, **options: Any) -> None:
        """Train the GAN while the kernel listens: a click acts after the current step.

        A kernel that is busy with a cell hears no click. Here the training has a thread of its own,
        and the cell only waits for it, so that the cells after it find the trained networks.
        Interrupting the kernel stops the training as the button does.

        Args:
            batches: as `ColorGAN.fit` takes them.
            options: of `fit`, such as `epochs`.
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

    def callback(self) -> keras.callbacks.Callback:
        """For a `fit` of one's own. It resets the metrics at each drawing, since each is a mean."""
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

    def _on_pause(self, _button: object) -> None:
        self._set_pausing(not self._pausing)

    def _set_pausing(self, pausing: bool) -> None:
        self._pausing = pausing
        self.pause.description = "Resume" if pausing else "Pause"
        self.pause.icon = "play" if pausing else "pause"

    def _on_stop(self, _button: object) -> None:
        self._stopping = True

    def _say(self, state: str) -> None:
        self.message.value = f'<span role="status">Step {int(self.gan.step)}, {state}</span>'

    def _draw(self) -> None:
        from colorlab.training.callbacks import sample_sheet

        with np.errstate(invalid="ignore"):  # a network that has broken down is shown as it is
            sheet = Image.fromarray(sample_sheet(self.gan, list(self.photos), self.gan.space))
        width = WIDTH - MARGIN
        height = round(width * sheet.height / sheet.width)
        image = Image.new("RGB", (WIDTH, height + CHART_HEIGHT + 8), "white")
        image.paste(sheet.resize((width, height), Image.Resampling.BICUBIC), (MARGIN, 0))
        draw = ImageDraw.Draw(image)
        for row, name in enumerate(("gray", "colored", "truth")):
            place = (MARGIN - 8, height * (2 * row + 1) / 6)
            draw.text(place, name, "black", font=_font(13), anchor="rm")
        charts = [_chart(title, lines, self.history) for title, lines in CHARTS.items()]
        for i, chart in enumerate(charts):
            image.paste(chart, (i * WIDTH // len(charts), height + 8))
        step = int(self.gan.step)
        losses = [f"{name} {means[-1]:.3f}" for name, (_, means) in self.history.items() if means]
        says = f"Samples at step {step}, in gray, as colored, and as they are"
        self.picture.show(image, "; ".join([says, *losses]).replace("_", " "))


def _chart(title: str, lines: Mapping[str, str], history: History) -> Image.Image:
    """One small chart: title, the range of its values on the left, the lines' names below."""
    width, height = FINE * WIDTH // len(CHARTS), FINE * CHART_HEIGHT
    left, right, top, bottom = FINE * 48, width - FINE * 12, FINE * 26, height - FINE * 24
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    font = _font(12 * FINE)
    draw.line([(left, top), (left, bottom), (right, bottom)], "#888888", FINE)
    draw.text(((left + right) / 2, FINE * 4), title, "black", font, "mt")
    steps = [step for name in lines for step in history[name][0]]
    values = [0.0, *(mean for name in lines for mean in history[name][1])]
    low, high, last = min(values), max(values), max(steps, default=0)
    draw.text(
        (right, bottom + FINE * 6), f"step {last}" if steps else "not yet", "black", font, "rt"
    )
    for at, limit in ((top, high), (bottom, low)):
        draw.text((left - FINE * 6, at), f"{limit:.2g}" if steps else "", "black", font, "rm")
    for i, (name, label) in enumerate(lines.items()):
        points = [
            (
                left + (right - left) * step / last,
                bottom - (bottom - top) * (mean - low) / (high - low),
            )
            for step, mean in zip(*history[name], strict=True)
        ]
        draw.line(points, PALETTE[i], 2 * FINE, joint="curve")
        draw.text((left + FINE * 68 * i, bottom + FINE * 6), label, PALETTE[i], font, "lt")
    return image.reduce(FINE)


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)
