"""What a run keeps while it trains: checkpoints, a log and sheets of pictures."""

from __future__ import annotations

import csv
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from colorlab import photos, replicas
from colorlab.atomic import replacing
from colorlab.backend import keras
from colorlab.datasets import Crops
from colorlab.encoding import decode, value
from colorlab.event_log import EventLog
from colorlab.gan import METRICS

INTERVALS = 40  # checkpoints, sheets and log rows in a run,
LEAST_INTERVAL = 20  # but at least this many steps apart
SHEET_COLUMNS = 8
CHECKPOINT, BEFORE = "checkpoint.keras", "checkpoint-before.keras"
EXPLODED = 1e6  # a loss of this size has left the scale on which the others are


class Keeper(keras.callbacks.Callback):
    """Shows a stage's progress and keeps its checkpoints, log and sheets.

    Attributes:
        stop: set it, and the run ends after its current step.
        problem: why the run ended before its last step, in words for people; or "".
    """

    def __init__(self, run: Path, steps: int, stage: str, crops: Crops, bar: Progress) -> None:
        """Keep a stage of the run in that folder.

        Args:
            run: the run's folder.
            steps: of all stages together.
            stage: its name, for the log and the bar.
            crops: where the sheets' pictures come from.
            bar: shows the step.
        """
        super().__init__()
        self.run = run
        self.steps = steps
        self.stage = stage
        self.crops = crops
        self.bar = bar
        self.interval = max(LEAST_INTERVAL, steps // INTERVALS)
        self.stop = False
        self.problem = ""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Read the rows of the log that the checkpoint knows of."""
        step = int(self.model.step.numpy())
        self.saved = self.first = step
        self.task = self.bar.add_task(self.stage, total=self.steps, completed=step, losses="")
        log = self.run / "log.csv"
        rows = list(csv.reader(log.read_text().splitlines()[1:])) if log.exists() else []
        # A run that was killed may have logged a step that its checkpoint does not hold.
        self.rows = [row for row in rows if int(row[1]) <= step]
        self.events = EventLog(self.run / "tensorboard")
        self.begin = time.monotonic()
        self.since = self.begin - (float(self.rows[-1][2]) if self.rows else 0.0)

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Keep each interval; end the run if a loss is lost or the disk full, or if asked to."""
        step = int(self.model.step.numpy())
        self.bar.update(self.task, completed=step, losses=_shown(logs))
        if not all(abs(logs[name]) < EXPLODED for name in METRICS):  # NaN is not, either
            self._lose(step)
            return
        stop = replicas.any_machine(self.model.distribute_strategy, self.stop)
        if step % self.interval == 0 or step == self.steps or stop:
            self._keep_or_fail(step, logs)
        if stop and not self.problem and step < self.steps:
            self.problem = f"Stopped at step {step}, which is kept; resume to go on."
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float]) -> None:
        """Keep the stage's last step."""
        self.bar.remove_task(self.task)
        if not self.problem and self.saved < int(self.model.step.numpy()):
            self._keep_or_fail(int(self.model.step.numpy()), logs)

    def _keep_or_fail(self, step: int, logs: dict[str, float]) -> None:
        try:
            self._keep(step, logs)
        except OSError as error:
            self._fail(
                f"Step {step} could not be written ({error.strerror or error}); {self.kept}. "
                "Make room, then resume."
            )

    def _keep(self, step: int, logs: dict[str, float]) -> None:
        # The losses were measured before this step's update, which may itself have broken a weight.
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            self._lose(step)
            return
        seconds = f"{time.monotonic() - self.since:.1f}"
        losses = [f"{logs[name]:.5g}" for name in METRICS]
        self.rows.append([self.stage, str(step), seconds, *losses])
        with replacing(self.run / "log.csv") as partial, partial.open("w", newline="") as file:
            csv.writer(file).writerows([["stage", "step", "seconds", *METRICS], *self.rows])
        sheet = sample_sheet(self.model, [self.crops.crop(k) for k in range(SHEET_COLUMNS)])
        written = photos.write(sheet, self.run / "samples" / f"{step:07d}.jpg", overwrite=True)
        self.events.add(step, {name: logs[name] for name in METRICS if logs[name]}, written)
        self._name_skipped()
        # The checkpoint comes last: what it holds, the log holds too.
        with replacing(self.run / CHECKPOINT) as partial:
            self.model.save(partial)
            if (self.run / CHECKPOINT).exists():
                (self.run / CHECKPOINT).replace(self.run / BEFORE)
        self.saved = step
        self.model.reset_metrics()
        if not self.bar.console.is_terminal:
            done, left = step - self.first, self.steps - step
            seconds_left = (time.monotonic() - self.begin) / done * left
            self.bar.console.print(
                f"{self.stage} {step:,}/{self.steps:,}, "
                f"{timedelta(seconds=round(seconds_left))} left, {_shown(logs)}"
            )

    def _name_skipped(self) -> None:
        file = self.run / "skipped.txt"
        before = file.read_text().splitlines() if file.exists() else []  # a resumed run's
        # A list, at once: other threads read ahead, and may skip one more meanwhile.
        reasons = dict.fromkeys([*before, *list(self.crops.skipped.values())])
        if reasons:
            with replacing(file) as partial:
                partial.write_text("".join(f"{reason}\n" for reason in reasons))

    @property
    def kept(self) -> str:
        """What of the run is safe, in words for people."""
        return f"the checkpoint of step {self.saved} is kept" if self.saved else "nothing is kept"

    def _lose(self, step: int) -> None:
        self._fail(
            f"A loss exploded or became NaN at step {step}; {self.kept}. "
            "Try another seed, a larger batch, or another objective."
        )

    def _fail(self, problem: str) -> None:
        self.problem = problem
        self.model.stop_training = True


def _shown(logs: dict[str, float]) -> str:
    return " ".join(f"{name} {logs[name]:.3f}" for name in METRICS if logs[name])


def sample_sheet(gan: keras.Model, crops: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Three rows of pictures: gray, colored, truth.

    Args:
        gan: gray (N, S, S, 1) → chroma.
        crops: uint8 (S, S, 3) each.

    Returns:
        (3 S, len(crops) S, 3) uint8.
    """
    truth = np.stack(crops).astype("float32") / 255.0
    gray = value(truth)
    chroma = keras.ops.image.resize(gan(gray), truth.shape[1:3], data_format="channels_last")
    colored = decode(gray, np.asarray(chroma))
    rows = [np.concatenate(list(row), axis=1) for row in (np.repeat(gray, 3, -1), colored, truth)]
    return np.asarray(np.concatenate(rows).clip(0, 1) * 255 + 0.5).astype("uint8")


@contextmanager
def stopped_by_signals(keeper: Keeper) -> Iterator[None]:
    """While it lasts, Ctrl-C and kill end the run after its current step, with a checkpoint."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        keeper.stop = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
