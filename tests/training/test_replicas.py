"""Several devices, several machines: together they do what one device does.

Devices and machines must be named before TensorFlow starts, so a test runs one of the last
functions of this file in processes of their own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from keras import layers

from colorlab.colorizer import Colorizer
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model import objectives
from colorlab.model.histogram import annealed_mean
from colorlab.model.layers import batch_norm
from colorlab.training import callbacks, replicas, trainer
from colorlab.training.gan import ColorGAN

SIZE, STEPS = 16, 6
PHOTOS = scenes(4 * STEPS, size=SIZE, seed=0).reshape(STEPS, 4, SIZE, SIZE, 3)


def guessing_generator():
    """With batch normalization, which needs the statistics of all devices' rows."""
    gray = keras.Input((None, None, 1))
    x = batch_norm(layers.Conv2D(4, 4, strides=2, padding="same", use_bias=False)(gray))
    return keras.Model(gray, annealed_mean(layers.ReLU()(x)))


def every_batch(name):
    """The objective, but its generator learns from every batch: one kind of step to trace."""
    return replace(objectives.get(name), critic_steps=1)


# Each restraint, each kind of generator, and matched gradients. The losses themselves are all means
# over the batch, so one without a restraint is enough.
CASES = {
    "a distribution's content": {"objective": None, "network": guessing_generator},
    "weight clip": {"objective": "wasserstein"},
    "gradient clip, matched gradients": {
        "objective": every_batch("wasserstein_gradient_clip"),
        "match_gradients": True,
    },
    "gradient penalty": {"objective": every_batch("wasserstein_gp")},
}


def start(function, folder, environment=None):
    return subprocess.Popen(
        [sys.executable, "-m", "training.test_replicas", function, folder],
        cwd=Path(__file__).parents[1],
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def found(process, folder):
    """What the process wrote down."""
    error = process.communicate(timeout=600)[1].decode()
    assert process.returncode == 0, error
    return json.loads((folder / "found.json").read_text())


@pytest.fixture(scope="module")
def two_devices(tmp_path_factory):
    """The folder and the findings of a process with two devices."""
    folder = tmp_path_factory.mktemp("devices")
    tiny.photos(folder / "photos", 5, size=24)
    return folder, found(start("on_two_devices", folder), folder)


def assert_same_result(*runs, **tolerance):
    ends = [keras.models.load_model(run / "generator.keras").get_weights() for run in runs]
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(other, one, **tolerance)


def test_two_devices_equal_one_with_the_whole_batch(two_devices):
    cases = two_devices[1]["cases"]
    assert set(cases) == set(CASES)
    assert {case: way for case, (way, _, _) in cases.items() if way < 1e-2} == {}
    assert {case: off for case, (_, off, _) in cases.items() if off > 1e-5} == {}
    assert {case: off for case, (_, _, off) in cases.items() if off > 1e-5} == {}


def test_a_run_may_go_on_with_other_devices_and_ends_the_same(two_devices):
    folder, runs = two_devices
    assert runs["name"].startswith("2 × ")
    assert runs["indivisible"] == "batch_size is 3; 2 devices need a multiple of 2."
    assert not (folder / "indivisible").exists()
    stops = [reason.partition(",")[0] for reason in runs["all"]]
    assert stops == ["Stopped at step 3", "Stopped at step 7", "done"]
    assert_same_result(folder / "one", folder / "all", atol=1e-4)
    colored = Colorizer.load(folder / "all").colorize(folder / "photos" / "0.png")
    assert colored.size == (24, 24)


def test_two_machines_train_one_model_and_the_loss_of_one_costs_a_step(tmp_path, two_devices):
    tiny.photos(tmp_path / "photos", 5, size=24)
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        workers = ["{}:{}".format(*each.getsockname()) for each in (one, other)]
    processes = []
    for number in range(2):
        task = {"type": "worker", "index": number}
        config = json.dumps({"cluster": {"worker": workers}, "task": task})
        processes.append(start("run_on_a_machine", tmp_path, {"TF_CONFIG": config}))
    stopped, lost = found(processes[0], tmp_path)
    assert "Stopped at step 2" in stopped  # the signal went to the other one
    assert "machine was lost; resume on all machines. Step 6 is saved." in lost
    processes[1].communicate()
    assert processes[1].returncode == -signal.SIGKILL
    weights = [list(np.load(tmp_path / f"weights-{number}.npz").values()) for number in range(2)]
    assert apart(*weights) == 0
    assert train(tmp_path, "run", resume=True) == "done"
    assert_same_result(two_devices[0] / "one", tmp_path / "run", atol=1e-4)


def test_other_words_for_devices_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ColorlabError, match="devices is 'two'; expected one or all"):
        trainer.train(tmp_path, tmp_path / "run", devices="two")
    assert not (tmp_path / "run").exists()


def trained(strategy, objective, network=tiny.generator, **options):
    """All weights before and after a few steps, and what `fit` reported."""
    with strategy.scope():
        keras.utils.set_random_seed(0)
        gan = ColorGAN(network(), tiny.critic(), ema=0.5)
        # Adam and RMSprop would hide a gradient that is twice too large.
        sgd = {f"{who}_optimizer": keras.optimizers.SGD(0.1) for who in ("generator", "critic")}
        gan.compile(objective, **({"jit_compile": False} | sgd | options))
    before = weights(gan)
    data = tf.data.Dataset.from_tensor_slices(PHOTOS)
    history = gan.fit(data, verbose=0, shuffle=False).history
    return before, weights(gan), np.array(list(history.values()))


def weights(gan):
    return [w.numpy() for part in (gan.generator, gan.critic, gan.averaged) for w in part.weights]


def apart(xs, ys):
    return max(float(np.abs(x - y).max()) for x, y in zip(xs, ys, strict=True))


def compare_steps():
    """How far the steps take one device's weights; how far off two devices' are, and reports."""
    cases = {}
    for case, options in CASES.items():
        before, one, report = trained(replicas.strategy("one"), **options)
        _, several, their_report = trained(replicas.strategy("all"), **options)
        cases[case] = apart(before, one), apart(one, several), apart(report, their_report)
    return cases


def train(folder, run, **options):
    """Train; say why if that was refused or stopped."""
    settings = {} if options.get("resume") else {"steps": 8, "size": SIZE, "batch_size": 4}
    try:
        trainer.train(folder / "photos", folder / run, preset=tiny.PRESET, **(settings | options))
    except ColorlabError as error:
        return str(error)
    return "done"


def stopping(self, batch, logs, original=callbacks.Stop.on_train_batch_end):
    if int(self.model.step.numpy()) in (3, 7):
        os.kill(os.getpid(), signal.SIGTERM)
    original(self, batch, logs)


def on_two_devices(folder):
    """The steps; and one run on one device, and one on both, then on one, then on both."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    found = {
        "cases": compare_steps(),
        "indivisible": train(folder, "indivisible", devices="all", batch_size=3),
        "one": train(folder, "one"),
        "name": trainer.device_name(replicas.strategy("all").num_replicas_in_sync),
    }
    callbacks.Stop.on_train_batch_end = stopping
    found["all"] = [
        train(folder, "all", devices="all"),
        train(folder, "all", devices="one", resume=True),
        train(folder, "all", devices="all", resume=True),
    ]
    return found


def dying(self, batch, logs, original=callbacks.Stop.on_train_batch_end):
    number = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
    if number == 1 and int(self.model.step.numpy()) == self.ends[0][0]:
        os.kill(os.getpid(), self.ends.pop(0)[1])
    original(self, batch, logs)
    np.savez(self.mine / f"weights-{number}.npz", *weights(self.model))


def run_on_a_machine(folder):
    """The second machine is told to stop in one run, and lost in another."""
    trainer.LEAST_INTERVAL = 1
    callbacks.Stop.mine = folder
    callbacks.Stop.ends = [(2, signal.SIGTERM), (7, signal.SIGKILL)]
    callbacks.Stop.on_train_batch_end = dying
    return train(folder, "stopped", devices="all"), train(folder, "run", devices="all")


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    (folder / "found.json").write_text(json.dumps(globals()[sys.argv[1]](folder)))
