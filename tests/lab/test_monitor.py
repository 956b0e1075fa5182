"""The training monitor without a browser: what a run leaves in it, and what its buttons do."""

import asyncio
import base64
import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tiny
from PIL import Image

from colorlab.backend import tf
from colorlab.data.toyworld import scenes
from colorlab.lab.widgets import TrainingMonitor
from colorlab.training.gan import ColorGAN


@pytest.fixture
def monitor():
    gan = ColorGAN(tiny.generator(), tiny.critic())
    gan.compile()
    return TrainingMonitor(gan, scenes(3, size=16, seed=1), every=2)


def train(monitor, steps):
    batches = tf.data.Dataset.from_tensors(scenes(2, size=16)).repeat()
    # In a thread of its own: after a browser test, Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, monitor.fit(batches, steps_per_epoch=steps)).result()


def test_a_run_is_drawn_and_ends_trained(monitor):
    before = np.asarray(Image.open(io.BytesIO(monitor.picture.value)))
    train(monitor, 6)
    assert int(monitor.gan.step) == 6
    steps, losses = monitor.history["content_loss"]
    assert steps == [2, 4, 6]
    assert all(loss > 0 for loss in losses)
    assert monitor.history["critic_loss"] == ([], [])  # no critic in this stage
    assert "Step 6, finished" in monitor.message.value
    after = np.asarray(Image.open(io.BytesIO(monitor.picture.value)))
    assert (before != after).any()
    assert "step 6" in monitor.picture.tooltip


def test_pause_waits_until_it_is_resumed_and_stop_ends_the_run_after_its_step(monitor):
    states = []

    def click(change):
        states.append(change.new.removeprefix('<span role="status">').removesuffix("</span>"))
        if states[-1] == "Step 4, training":
            monitor.stop.click()
        elif "paused" in states[-1] or states.count("Step 2, training") == 1:
            monitor.pause.click()

    monitor.message.observe(click, names="value")
    train(monitor, 1000)
    steps_2 = ["Step 2, training", "Step 2, paused", "Step 2, training"]
    assert states == ["Step 0, training", *steps_2, "Step 4, training", "Step 4, stopped"]
    assert monitor.pause.description == "Pause"


def test_a_page_without_a_kernel_shows_the_end_of_the_training(monitor, monkeypatch):
    shown = []

    class Place:
        def display(self, bundle, *, raw, metadata):
            shown.append((bundle["image/jpeg"], metadata["image/jpeg"]["alt"]))

        update = display

    monkeypatch.setattr("colorlab.lab.widgets.monitor.DisplayHandle", Place)
    monitor._ipython_display_()  # what a notebook calls when a cell ends with the monitor
    train(monitor, 4)
    (before, alt_before), (after, alt_after) = shown
    assert "step 0" in alt_before and "step 4" in alt_after
    assert before != after == base64.b64encode(monitor.picture.value).decode()
