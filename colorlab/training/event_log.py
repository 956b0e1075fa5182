"""A run's losses and sheets in TensorBoard's format: `tensorboard --logdir RUN`.

TensorBoard is needed only to look at them. An event file consists of framed records, like a shard.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from colorlab.backend import tf
from colorlab.data.shards import framed


class EventLog:
    """A new event file in a folder, which may already hold older ones of the same, resumed run.

    The file is created with the first events. It tells TensorBoard to discard what older files say
    about the same and later steps, because a run that was killed repeats some steps.
    """

    def __init__(self, folder: Path) -> None:
        """Set the folder, which need not exist yet."""
        # TensorBoard reads a folder's files in the order of their names.
        self._path = folder / f"events.out.tfevents.{time.time_ns()}.colorlab"

    def add(self, step: int, losses: Mapping[str, float], sheet: Path | None) -> None:
        """Add the losses of a step and, if there is one, its sheet of pictures.

        Raises:
            OSError: if they cannot be written.
        """
        if not self._path.exists():
            self._path.parent.mkdir(exist_ok=True)
            self._append(file_version="brain.Event:2")
            start = tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START)
            self._append(step=step, session_log=start)
        summary = tf.compat.v1.Summary
        values = [summary.Value(tag=name, simple_value=loss) for name, loss in losses.items()]
        if sheet:
            image = summary.Image(encoded_image_string=sheet.read_bytes())
            values.append(summary.Value(tag="sample", image=image))
        self._append(step=step, summary=summary(value=values))

    def _append(self, **event: object) -> None:
        record = tf.compat.v1.Event(wall_time=time.time(), **event).SerializeToString()
        with self._path.open("ab") as file:
            file.write(framed(record))
