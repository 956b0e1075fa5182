"""What happens between the steps of training: checks, pictures, a log, checkpoints, progress.

Each of these is a Keras callback, for `train` and for your own `fit`:

gan.fit(batches, shuffle=False, callbacks=[Log(folder, 20), Checkpoints(folder, 20)])

They count the steps of the model over all calls of `fit`. If training cannot continue, they raise a
`RunError`.
"""

from __future__ import annotations

import csv
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress, TimeRemainingColumn

from colorlab import photos
from colorlab.atomic import replacing
from colorlab.backend import keras, tf
from colorlab.color.encoding import ColorSpace, PolarChroma, decode, value
from colorlab.data.crops import Crops
from colorlab.errors import RunError
from colorlab.training import replicas
from colorlab.training.event_log import EventLog
from colorlab.training.gan import METRICS
from colorlab.training.run import BEFORE, CHECKPOINT, EVENTS, LOG, SAMPLES, SKIPPED

EXPLODED = 1e6  # far above any healthy loss
Logs = dict[str, float]


class Periodic(keras.callbacks.Callback):
    """Acts every `interval` steps, and on the last step of a fit."""

    def __init__(self, interval: int) -> None:
        """Set the number of steps between two actions."""
        super().__init__()
        self.interval = interval

    def act(self, step: int, logs: Logs) -> None:
        """Act, as a subclass defines it. An error of the file system ends the training."""
        raise NotImplementedError

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Read the step at which the fit begins."""
        self.step = self.acted = int(self.model.step.numpy())

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Act if an interval ends here."""
        self.step += 1
        if self.step % self.interval == 0:
            self._act(logs)

    def on_train_end(self, logs: Logs) -> None:
        """Act on the last step if that was not done yet."""
        if self.acted < self.step:
            self._act(logs)

    def _act(self, logs: Logs) -> None:
        with saving(f"Step {self.step}"):
            self.act(self.step, logs)
        self.acted = self.step


class CheckNumbers(Periodic):
    """Ends the training if a loss explodes or becomes NaN, or if a weight is no longer finite.

    It checks the losses at every step and the weights at every interval: losses are measured before
    a step's update, which may itself break a weight. Put this callback first, so that nothing is
    saved from such a step.
    """

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Check the losses."""
        super().on_train_batch_end(batch, logs)
        if not all(abs(logs[name]) < EXPLODED for name in METRICS):  # False for NaN, too
            self._end()

    def act(self, step: int, logs: Logs) -> None:
        """Check the weights."""
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            self._end()

    def _end(self) -> None:
        raise RunError(
            f"A loss exploded or became NaN at step {self.step}; try another seed, a larger batch, "
            "or another objective."
        )


class Samples(Periodic):
    """Saves sheets of pictures in FOLDER/samples."""

    def __init__(self, folder: Path, interval: int, crops: Sequence[NDArray[np.uint8]]) -> None:
        """Set the photos to color, uint8 (S, S, 3) each."""
        super().__init__(interval)
        self.folder, self.crops = folder, crops

    def act(self, step: int, logs: Logs) -> None:
        """Color the photos and write the sheet."""
        (self.folder / SAMPLES).mkdir(parents=True, exist_ok=True)
        sheet = sample_sheet(self.model, self.crops, self.model.space)
        photos.write(sheet, self.folder / SAMPLES / f"{step:07d}.jpg", overwrite=True)


class Log(Periodic):
    """Saves the mean losses of each interval in FOLDER/log.csv and FOLDER/tensorboard.

    TensorBoard also shows the step's sheet, if `Samples` has saved it before.
    """

    def __init__(self, folder: Path, interval: int, stage: str = "") -> None:
        """Set the run's folder; `stage` labels the rows."""
        super().__init__(interval)
        self.folder, self.stage = folder, stage

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Read the rows of the steps that the model has already done."""
        super().on_train_begin()
        log = self.folder / LOG
        rows = list(csv.reader(log.read_text().splitlines()[1:])) if log.exists() else []
        # A run that was killed may have logged a step that its checkpoint does not include.
        self.rows = [row for row in rows if int(row[1]) <= self.step]
        self.events: EventLog | None = None
        self.since = time.monotonic() - (float(self.rows[-1][2]) if self.rows else 0.0)

    def act(self, step: int, logs: Logs) -> None:
        """Write a row and start new means."""
        self.events = self.events or EventLog(self.folder / EVENTS, step)
        seconds = f"{time.monotonic() - self.since:.1f}"
        losses = [f"{logs[name]:.5g}" for name in METRICS]
        self.rows.append([self.stage, str(step), seconds, *losses])
        with replacing(self.folder / LOG) as partial, partial.open("w", newline="") as file:
            csv.writer(file).writerows([["stage", "step", "seconds", *METRICS], *self.rows])
        sheet = self.folder / SAMPLES / f"{step:07d}.jpg"
        shown = {name: logs[name] for name in METRICS if logs[name]}
        self.events.add(step, shown, sheet if sheet.exists() else None)
        self.model.reset_metrics()


class Skipped(Periodic):
    """Saves the names of the files that were skipped, with the reasons, in FOLDER/skipped.txt."""

    def __init__(self, folder: Path, interval: int, crops: Crops) -> None:
        """Set the run's folder, and the crops that skip files."""
        super().__init__(interval)
        self.file, self.crops = folder / SKIPPED, crops

    def act(self, step: int, logs: Logs) -> None:
        """Write the reasons, after those that are already in the file."""
        before = self.file.read_text().splitlines() if self.file.exists() else []
        # The list is a copy: other threads read ahead and may skip another file meanwhile.
        reasons = dict.fromkeys([*before, *list(self.crops.skipped.values())])
        if reasons:
            with replacing(self.file) as partial:
                partial.write_text("".join(f"{reason}\n" for reason in reasons))


class Checkpoints(Periodic):
    """Saves the model with its optimizers: FOLDER/checkpoint.keras, and the one before it.

    Put it after the other callbacks, so that they have saved every step that a checkpoint includes.
    """

    def __init__(self, folder: Path, interval: int) -> None:
        """Set the run's folder."""
        super().__init__(interval)
        self.folder = folder

    def act(self, step: int, logs: Logs) -> None:
        """Save a checkpoint, and rename the previous one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        newest = self.folder / CHECKPOINT
        with replacing(newest) as partial:
            self.model.save(partial)
            if newest.exists():
                newest.replace(self.folder / BEFORE)

    @property
    def saved(self) -> str:
        """A sentence that tells the user which checkpoint is saved."""
        return f"Step {self.acted} is saved." if self.acted else "Nothing was saved yet."


class Bar(Periodic):
    """Shows the step and the time left: on a bar, or outside a terminal, one line per interval."""

    def __init__(self, bar: Progress, interval: int, stage: str, steps: int) -> None:
        """Set the bar, the stage's name, and the number of steps of all stages."""
        super().__init__(interval)
        self.bar, self.stage, self.steps = bar, stage, steps

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Put the stage on the bar."""
        super().on_train_begin()
        self.task = self.bar.add_task(self.stage, total=self.steps, completed=self.step, losses="")

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """Move the bar."""
        self.bar.update(self.task, completed=self.step + 1, losses=_shown(logs))
        super().on_train_batch_end(batch, logs)

    def on_train_end(self, logs: Logs) -> None:
        """Take the stage off the bar."""
        super().on_train_end(logs)
        self.bar.remove_task(self.task)

    def act(self, step: int, logs: Logs) -> None:
        """Print a line if there is no bar."""
        if not self.bar.console.is_terminal:
            left = TimeRemainingColumn().render(self.bar.tasks[-1])
            line = f"{self.stage} {step:,}/{self.steps:,}, {left} left, {_shown(logs)}"
            self.bar.console.print(line)


class Stop(keras.callbacks.Callback):
    """Ends a fit after the current step, as soon as it is asked to on any machine.

    Put it first: if a machine was lost, the others notice it before they save anything.

    Attributes:
        asked: set it to True to end the fit.
    """

    asked = False

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """End the fit if any machine was asked to."""
        self.asked = replicas.any_machine(self.model.distribute_strategy, self.asked)
        if self.asked:
            self.model.stop_training = True


@contextmanager
def saving(what: str) -> Iterator[None]:
    """Within this context, an error of the file system is raised as a RunError."""
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RunError(
            f"{what} could not be saved ({reason}); free some disk space, and resume."
        ) from None


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Within this context, Ctrl-C and kill only ask the yielded callback to end the fit."""
    stop = Stop()

    def ask(signum: int, frame: Any) -> None:
        stop.asked = True

    main = threading.current_thread() is threading.main_thread()  # no other may handle signals
    numbers = (signal.SIGINT, signal.SIGTERM) if main else ()
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def sample_sheet(
    gan: keras.Model, crops: Sequence[NDArray[np.uint8]], space: ColorSpace = PolarChroma
) -> NDArray[np.uint8]:
    """Three rows of pictures, gray, colored and true: (3 S, len(crops) S, 3) uint8.

    Args:
        gan: gray (N, S, S, 1) → chroma.
        crops: uint8 (S, S, 3) each.
        space: the color space of the chroma.
    """
    truth = np.stack(crops).astype("float32") / 255.0
    gray = value(truth)
    chroma = keras.ops.image.resize(gan(gray), truth.shape[1:3], data_format="channels_last")
    colored = decode(gray, np.asarray(chroma), space=space)
    rows = [np.concatenate(list(row), axis=1) for row in (np.repeat(gray, 3, -1), colored, truth)]
    return np.asarray(np.concatenate(rows).clip(0, 1) * 255 + 0.5).astype("uint8")


def _shown(logs: Logs) -> str:
    return " ".join(f"{name} {logs[name]:.3f}" for name in METRICS if logs[name])
