"""Train one model on several devices, with a replica on each and the same result as on one.

Each replica takes its own rows of every batch. Random numbers are drawn for the whole batch, losses
and gradients are means over it, and Keras's optimizer sums the gradients of all replicas. On one
device, these functions change nothing.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from colorlab.backend import keras, ops, tf
from colorlab.errors import ColorlabError

Tensor = Any


def strategy(devices: str) -> Any:
    """A `tf.distribute.Strategy`. Models that are made or loaded in its scope train with it.

    Args:
        devices: "one" for the device that TensorFlow chooses, or "all" for every GPU (every logical
            CPU if there is no GPU). If TF_CONFIG names several machines, "all" means the devices of
            all of them, and this must be called before TensorFlow does anything else.

    Raises:
        ColorlabError: if `devices` is another word.
    """
    if devices not in ("one", "all"):
        raise ColorlabError(f"devices is {devices!r}; expected one or all.")
    return _all_devices() if devices == "all" else tf.distribute.get_strategy()


@cache  # TensorFlow confuses the sums of two strategies (tensorflow/tensorflow#62790)
def _all_devices() -> Any:
    if "TF_CONFIG" in os.environ:
        return tf.distribute.MultiWorkerMirroredStrategy()
    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(found) == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([device.name for device in found])


def is_chief(strategy: Any) -> bool:
    """Whether this process is the one whose files are kept: the first, if there are several."""
    return strategy.cluster_resolver is None or strategy.cluster_resolver.task_id == 0


def any_machine(strategy: Any, flag: bool) -> bool:
    """Whether the flag is set on any machine. All machines must call this at the same point."""
    if strategy.cluster_resolver is None:
        return flag
    flags = strategy.run(lambda: tf.constant(float(flag)))
    return bool(strategy.reduce("SUM", flags, axis=None) > 0)


def count() -> int:
    """How many replicas take part in a step."""
    return int(tf.distribute.get_strategy().num_replicas_in_sync)


def uniform(shape: Any, low: float = 0.0, high: float = 1.0, *, seed: Any) -> Tensor:
    """This replica's rows of a `keras.random.uniform` draw for the whole batch.

    Args:
        shape: shape of this replica's rows, (N, ...), with the same N on every replica.
        low: lower bound, which may be drawn.
        high: upper bound, which is never drawn.
        seed: a `keras.random.SeedGenerator`, whose state is the same on every replica.
    """
    return _own_rows(keras.random.uniform(_whole(shape), low, high, "float32", seed))


def normal(shape: Any, *, seed: Any) -> Tensor:
    """Like `uniform`, but from a normal distribution of mean 0 and standard deviation 1."""
    return _own_rows(keras.random.normal(_whole(shape), dtype="float32", seed=seed))


def share(mean: Tensor) -> Tensor:
    """The part that a mean over this replica's rows adds to the mean over the whole batch."""
    return mean / count()


def total(x: Any) -> Any:
    """The sum over all replicas of a tensor, or of each tensor in a list."""
    if count() == 1:
        return x
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, x)


def _whole(shape: Any) -> Any:
    return (shape[0] * count(), *shape[1:])


def _own_rows(x: Tensor) -> Tensor:
    rows = ops.shape(x)[0] // count()
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * rows
    return x[first : first + rows]
