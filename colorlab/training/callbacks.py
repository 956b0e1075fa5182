"""What goes on beside the steps of a training: checks, pictures, a log, checkpoints, progress.

Each of these is a Keras callback, for `train` and for a `fit` of your own:

gan.fit(batches, shuffle=False, callbacks=[Log(folder, 20), Checkpoints(folder, 20)])

They count the steps of the model, over all its fits. What cannot go on raises a `RunError`.
"""

from __future__ import annotations

import csv
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.backend import keras
from colorlab.color.encoding import ColorSpace, PolarChroma, decode, value
from colorlab.data.crops import Crops
from colorlab.errors import RunError
from colorlab.training import replicas
from colorlab.training.event_log import EventLog
from colorlab.training.gan import METRICS
from colorlab.training.run import BEFORE, CHECKPOINT, EVENTS, LOG, SAMPLES

EXPLODED = 1e6  # a loss of this size has left the scale on which the others are
Logs = dict[str, float]


class Periodic(keras.callbacks.Callback):
    """Acts every so many steps, and on the last one of a fit."""

    def __init__(self, interval: int) -> None:
        """Take the number of steps from one time to the next."""
        super().__init__()
        self.interval = interval

    def act(self, step: int, logs: Logs) -> None:
        """Do it; a subclass says what. An OSError ends the training as a RunError."""
        raise NotImplementedError

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Find the step at which the fit begins."""
        self.step = self.first = self.acted = int(self.model.step.numpy())

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Act, if it is time."""
        self.step += 1
        if self.step % self.interval == 0:
            self._try(logs)

    def on_train_end(self, logs: Logs) -> None:
        """Act, if the last step was not acted on."""
        if self.acted < self.step:
            self._try(logs)

    def _try(self, logs: Logs) -> None:
        try:
            self.act(self.step, logs)
        except OSError as error:
            raise RunError(
                f"Step {self.step} could not be written ({error.strerror or error}); make room, "
                "then resume."
            ) from None
        self.acted = self.step


class CheckNumbers(Periodic):
    """Ends the training if a loss explodes or becomes NaN, or a weight does.

    It looks at the losses of every step, and at the weights each interval: the losses were measured
    before a step's update, which may itself have broken a weight. Put it first, so that nothing is
    kept of such a step.
    """

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Look at the losses."""
        super().on_train_batch_end(batch, logs)
        if not all(abs(logs[name]) < EXPLODED for name in METRICS):  # NaN is not, either
            self._lost()

    def act(self, step: int, logs: Logs) -> None:
        """Look at the weights."""
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            self._lost()

    def _lost(self) -> None:
        raise RunError(
            f"A loss exploded or became NaN at step {self.step}; try another seed, a larger batch, "
            "or another objective."
        )


class Samples(Periodic):
    """Keeps sheets of pictures, in FOLDER/samples."""

    def __init__(self, folder: Path, interval: int, crops: Sequence[NDArray[np.uint8]]) -> None:
        """Take uint8 (S, S, 3) photos to color."""
        super().__init__(interval)
        self.folder, self.crops = folder, crops

    def act(self, step: int, logs: Logs) -> None:
        """Color them and write the sheet."""
        (self.folder / SAMPLES).mkdir(parents=True, exist_ok=True)
        sheet = sample_sheet(self.model, self.crops, self.model.space)
        photos.write(sheet, self.folder / SAMPLES / f"{step:07d}.jpg", overwrite=True)


class Log(Periodic):
    """Keeps the mean losses of each interval, in FOLDER/log.csv and FOLDER/tensorboard.

    TensorBoard shows the step's sheet, too, if `Samples` has kept one before.
    """

    def __init__(self, folder: Path, interval: int, stage: str = "") -> None:
        """Take the run's folder; `stage` names the rows."""
        super().__init__(interval)
        self.folder, self.stage = folder, stage

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Read the rows of the steps that the model has done."""
        super().on_train_begin()
        log = self.folder / LOG
        rows = list(csv.reader(log.read_text().splitlines()[1:])) if log.exists() else []
        # A run that was killed may have logged a step that its checkpoint does not hold.
        self.rows = [row for row in rows if int(row[1]) <= self.step]
        self.events = EventLog(self.folder / EVENTS)
        self.since = time.monotonic() - (float(self.rows[-1][2]) if self.rows else 0.0)

    def act(self, step: int, logs: Logs) -> None:
        """Write a row, and begin new means."""
        self.folder.mkdir(parents=True, exist_ok=True)
        seconds = f"{time.monotonic() - self.since:.1f}"
        losses = [f"{logs[name]:.5g}" for name in METRICS]
        self.rows.append([self.stage, str(step), seconds, *losses])
        with replacing(self.folder / LOG) as partial, partial.open("w", newline="") as file:
            csv.writer(file).writerows([["stage", "step", "seconds", *METRICS], *self.rows])
        sheet = self.folder / SAMPLES / f"{step:07d}.jpg"
        told = {name: logs[name] for name in METRICS if logs[name]}
        self.events.add(step, told, sheet if sheet.exists() else None)
        self.model.reset_metrics()


class Skipped(Periodic):
    """Keeps the names of the files that crops have skipped, with the reasons, in a text file."""

    def __init__(self, file: Path, interval: int, crops: Crops) -> None:
        """Take the file, and what skips."""
        super().__init__(interval)
        self.file, self.crops = file, crops

    def act(self, step: int, logs: Logs) -> None:
        """Write them, and those that the file has already."""
        before = self.file.read_text().splitlines() if self.file.exists() else []
        # A list, at once: other threads read ahead, and may skip one more meanwhile.
        reasons = dict.fromkeys([*before, *list(self.crops.skipped.values())])
        if reasons:
            with replacing(self.file) as partial:
                partial.write_text("".join(f"{reason}\n" for reason in reasons))


class Checkpoints(Periodic):
    """Keeps the model with its optimizers: FOLDER/checkpoint.keras, and the one before it.

    Put it behind what else is kept: what a checkpoint holds, the others should hold, too.
    """

    def __init__(self, folder: Path, interval: int) -> None:
        """Take the run's folder."""
        super().__init__(interval)
        self.folder = folder

    def act(self, step: int, logs: Logs) -> None:
        """Save."""
        self.folder.mkdir(parents=True, exist_ok=True)
        newest = self.folder / CHECKPOINT
        with replacing(newest) as partial:
            self.model.save(partial)
            if newest.exists():
                newest.replace(self.folder / BEFORE)

    @property
    def kept(self) -> str:
        """What is safe, in words for people."""
        return f"The checkpoint of step {self.acted} is kept." if self.acted else "Nothing is kept."


class Bar(Periodic):
    """Shows the step and the time left, on a bar; or where no bar can move, a line an interval."""

    def __init__(self, bar: Progress, interval: int, stage: str, steps: int) -> None:
        """Take the bar, the stage's name, and the last step of all stages."""
        super().__init__(interval)
        self.bar, self.stage, self.steps = bar, stage, steps

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Put the stage on the bar."""
        super().on_train_begin()
        self.begin = time.monotonic()
        self.task = self.bar.add_task(self.stage, total=self.steps, completed=self.step, losses="")

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Move the bar."""
        super().on_train_batch_end(batch, logs)
        self.bar.update(self.task, completed=self.step, losses=_shown(logs))

    def on_train_end(self, logs: Logs) -> None:
        """Take the stage off the bar."""
        super().on_train_end(logs)
        self.bar.remove_task(self.task)

    def act(self, step: int, logs: Logs) -> None:
        """Print a line, if there is no bar."""
        if self.bar.console.is_terminal:
            return
        seconds_left = (time.monotonic() - self.begin) / (step - self.first) * (self.steps - step)
        left = timedelta(seconds=round(seconds_left))
        self.bar.console.print(f"{self.stage} {step:,}/{self.steps:,}, {left} left, {_shown(logs)}")


class Stop(keras.callbacks.Callback):
    """Ends a fit after its current step when it is asked to, on any machine.

    Attributes:
        asked: set it.
    """

    asked = False

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """End it, if some machine was asked."""
        self.asked = replicas.any_machine(self.model.distribute_strategy, self.asked)
        if self.asked:
            self.model.stop_training = True


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """While it lasts, Ctrl-C and kill ask the callback that it gives, and do nothing else."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(signum: int, frame: Any) -> None:
        stop.asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def sample_sheet(
    gan: keras.Model, crops: Sequence[NDArray[np.uint8]], space: ColorSpace = PolarChroma
) -> NDArray[np.uint8]:
    """Three rows of pictures: gray, colored, truth.

    Args:
        gan: gray (N, S, S, 1) → chroma.
        crops: uint8 (S, S, 3) each.
        space: the color space of the chroma.

    Returns:
        (3 S, len(crops) S, 3) uint8.
    """
    truth = np.stack(crops).astype("float32") / 255.0
    gray = value(truth)
    chroma = keras.ops.image.resize(gan(gray), truth.shape[1:3], data_format="channels_last")
    colored = decode(gray, np.asarray(chroma), space=space)
    rows = [np.concatenate(list(row), axis=1) for row in (np.repeat(gray, 3, -1), colored, truth)]
    return np.asarray(np.concatenate(rows).clip(0, 1) * 255 + 0.5).astype("uint8")


def _shown(logs: Logs) -> str:
    return " ".join(f"{name} {logs[name]:.3f}" for name in METRICS if logs[name])
