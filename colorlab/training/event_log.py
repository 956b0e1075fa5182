"""A run's losses and sheets as TensorBoard reads them: `tensorboard --logdir RUN`.

TensorBoard is needed to look at them only. A file of events is one of framed records, as a shard.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from colorlab.backend import tf
from colorlab.data.shards import framed


class EventLog:
    """A new file of events in a folder, which may hold those of a run that this one goes on with.

    It is there with the first events, and tells TensorBoard to forget what older files say of the
    same steps and later ones: a run that was killed does some steps again.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder; it need not be there yet."""
        # TensorBoard reads a folder's files in the order of their names.
        self._path = folder / f"events.out.tfevents.{time.time_ns()}.colorlab"

    def add(self, step: int, losses: Mapping[str, float], sheet: Path | None) -> None:
        """Tell the losses of a step, and show its sheet of pictures, if there is one.

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
