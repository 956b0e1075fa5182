"""What `scripts/lesson_03.py` makes is what lesson 03 opens."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from colorlab import encode
from colorlab.backend import tf
from colorlab.data.coins import balls
from colorlab.data.toyworld import scenes
from colorlab.model import presets

ROOT = Path(__file__).parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "lesson_03.py"))


@pytest.fixture(scope="module")
def shipped():
    return np.load(SCRIPT["OUT"])


def test_the_shipped_file_has_all_that_the_lesson_asks_for(shipped):
    size = presets.get("toy").generator(48).count_params()
    names = [f"photos/0/{step}" for step in SCRIPT["STEPS"]] + ["photos/1/4800", "photos/2/4800"]
    assert {shipped[name].shape for name in names} == {(size,)}
    colors = [f"balls/{loss}/{seed}" for loss in ("content", "critic") for seed in range(5)]
    assert {shipped[name].shape for name in colors} == {(13, 60, 2)}
    pairs = [f"pairs/{loss}/{seed}" for loss in ("content", "critic") for seed in (1, 2)]
    assert {shipped[name].shape for name in pairs} == {(40, 24, 24, 2)}
    assert sorted(shipped) == sorted(names + colors + pairs)
    assert SCRIPT["OUT"].stat().st_size < 1_400_000


def test_a_run_gives_the_weights_that_were_asked_for_and_starts_as_the_shipped_one(shipped):
    batches = tf.data.Dataset.from_tensor_slices(scenes(16, size=48)).repeat().batch(16)
    found = SCRIPT["photo_run"](0, batches, (0, 2))
    begin, later = found["photos/0/0"], found["photos/0/2"]
    np.testing.assert_array_equal(begin, shipped["photos/0/0"])
    assert (begin != later).any()


def test_a_pair_begins_at_the_checkpoint_and_parts(shipped, monkeypatch):
    monkeypatch.setitem(SCRIPT["pair_run"].__globals__, "PAIR_STEPS", 1)
    batches = tf.data.Dataset.from_tensor_slices(scenes(16, size=48)).batch(16)
    found = SCRIPT["pair_run"](1, batches, shipped["photos/1/4800"])
    network = presets.get("toy").generator(48)
    sizes = [weight.size for weight in network.get_weights()]
    parts = np.split(shipped["photos/1/4800"], np.cumsum(sizes)[:-1])
    network.set_weights([p.reshape(w.shape) for p, w in zip(parts, network.weights, strict=True)])
    begin = 127 * np.asarray(network(encode(scenes(40, size=48, seed=2) / np.float32(255))[0]))
    content, critic = found["pairs/content/1"], found["pairs/critic/1"]
    assert np.abs(content - begin).mean() < 2
    assert (content != critic).any()


def test_the_balls_are_followed_without_and_with_a_critic(monkeypatch):
    monkeypatch.setitem(SCRIPT["coin_run"].__globals__, "COIN_STEPS", 2)
    monkeypatch.setitem(SCRIPT["coin_run"].__globals__, "COIN_INTERVAL", 1)
    batches = tf.data.Dataset.from_tensor_slices(balls(32, seed=1)[0]).repeat().batch(4)
    found = SCRIPT["coin_run"](0, batches, balls(3, seed=2))
    content, critic = found["balls/content/0"], found["balls/critic/0"]
    assert content.shape == critic.shape == (3, 3, 2)
    np.testing.assert_array_equal(content[0], critic[0])  # both start where the first stage ended
    assert (content[-1] != critic[-1]).any()
