"""A run's losses and sheets in TensorBoard's format: `tensorboard --logdir RUN`.

TensorBoard is needed only to look at them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from colorlab.backend import tf

v1 = tf.compat.v1


class EventLog:
    """A new event file in a folder, which may already hold older ones of the same, resumed run.

    It tells TensorBoard to discard what older files say about its first step and later ones,
    because a run that was killed repeats some steps. If something cannot be written, its methods
    raise a `tf.errors.OpError`.
    """

    def __init__(self, folder: Path, step: int) -> None:
        """Create the file, and the folder if needed, for events from `step` on."""
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard reads a folder's files in the order of their names.
        name = f"events.out.tfevents.{time.time_ns()}.colorlab"
        self._writer = tf.io.TFRecordWriter(str(folder / name))
        self._write(file_version="brain.Event:2")
        self._write(step=step, session_log=v1.SessionLog(status=v1.SessionLog.START))

    def add(self, step: int, losses: Mapping[str, float], sheet: Path | None) -> None:
        """Add the losses of a step and, if there is one, its sheet of pictures."""
        values = [v1.Summary.Value(tag=name, simple_value=loss) for name, loss in losses.items()]
        if sheet:
            image = v1.Summary.Image(encoded_image_string=sheet.read_bytes())
            values.append(v1.Summary.Value(tag="sample", image=image))
        self._write(step=step, summary=v1.Summary(value=values))

    def _write(self, **event: object) -> None:
        self._writer.write(v1.Event(wall_time=time.time(), **event).SerializeToString())
        self._writer.flush()
