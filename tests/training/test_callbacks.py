"""The callbacks of a run in a `fit` of one's own."""

import csv

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny

from colorlab.data.toyworld import scenes
from colorlab.errors import RunError
from colorlab.training.callbacks import CheckNumbers, Checkpoints, Log, Samples
from colorlab.training.gan import ColorGAN

PHOTOS = scenes(2, size=16)


@pytest.fixture
def gan():
    gan = ColorGAN(tiny.generator(), tiny.critic())
    gan.compile()
    return gan


def fit(gan, steps, *callbacks):
    batches = tf.data.Dataset.from_tensors(PHOTOS).repeat(steps)
    gan.fit(batches, callbacks=list(callbacks), shuffle=False, verbose=0)


def test_each_interval_and_the_last_step_are_saved_over_several_fits(gan, tmp_path):
    def beside():
        return [Samples(tmp_path, 2, PHOTOS), Log(tmp_path, 2), Checkpoints(tmp_path, 2)]

    fit(gan, 3, *beside())
    fit(gan, 2, *beside())
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [2, 3, 4, 5]
    assert len({row["content_loss"] for row in rows}) == 4
    names = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert names == [f"{step:07d}.jpg" for step in (2, 3, 4, 5)]
    saved = keras.models.load_model(tmp_path / "checkpoint.keras")
    assert int(saved.step) == 5
    for ours, theirs in zip(gan.get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_weight_that_breaks_ends_the_fit_before_anything_of_it_is_saved(gan, tmp_path):
    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs):
            if batch == 2:
                gan.critic.weights[0].assign(tf.fill(gan.critic.weights[0].shape, np.nan))

    checkpoints = Checkpoints(tmp_path, 2)
    with pytest.raises(RunError, match="became NaN at step 4; try another seed"):
        fit(gan, 9, Break(), CheckNumbers(2), checkpoints)
    assert checkpoints.saved == "Step 2 is saved."
    assert int(keras.models.load_model(tmp_path / "checkpoint.keras").step) == 2
