"""What a stranger makes in a file of their own is trained, saved, loaded elsewhere, and resumed."""

import csv
import json
import signal
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
import tiny
from keras import layers, ops
from PIL import Image

from colorlab import Colorizer, photos
from colorlab.color.encoding import PolarChroma
from colorlab.color.spaces import Lab
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.evaluation.evaluate import evaluate
from colorlab.evaluation.metrics import METRICS, Metric
from colorlab.evaluation.report import report, write
from colorlab.model import presets
from colorlab.model.objectives import Objective, Restraint
from colorlab.training import callbacks, trainer
from colorlab.training.gan import ColorGAN

SIZE = 20  # a multiple of 10 alone


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.photos(tmp_path_factory.mktemp("photos"), 4, size=30)


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    """A run with a preset of one's own, that nothing stopped."""
    return trainer.train(folder, tmp_path_factory.mktemp("runs") / "run", preset=preset())


class Shrink(Restraint):
    """Weights are halved after each step."""

    def after_step(self, weights):
        for weight in weights:
            weight.assign(0.5 * weight)


def objective(name="absolute"):
    return Objective(
        name,
        "nobody",
        critic_loss=lambda real, fake: ops.mean(ops.abs(real - 1.0)) + ops.mean(ops.abs(fake)),
        generator_loss=lambda fake: ops.mean(ops.abs(fake - 1.0)),
        optimizer=lambda: keras.optimizers.SGD(0.0),
        restraint=Shrink(),
    )


def generator(size):
    """Its coarsest map has a tenth of a photo's height, its chroma the whole."""
    gray = keras.Input((None, None, 1))
    x = layers.UpSampling2D(10)(layers.Conv2D(4, 10, strides=10, padding="same")(gray))
    return keras.Model(gray, layers.Conv2D(2, 3, padding="same", activation="tanh")(x))


def critic():
    gray, chroma = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    return keras.Model([gray, chroma], layers.Conv2D(1, 3)(gray * chroma))


class Halved(PolarChroma):
    """Polar chroma, written half as large."""

    name = "halved"

    @staticmethod
    def split(rgb):
        return 0.5 * PolarChroma.split(rgb)

    @staticmethod
    def to_polar(gray, chroma, keep):
        return 2.0 * chroma


def preset():
    return replace(
        presets.get("toy"),
        name="tenths",
        generator=generator,
        critic=critic,
        objective=objective(),
        multiple=10,
        size=SIZE,
        steps=40,
        batch_size=2,
        content_share=0.5,
    )


def test_an_own_objective_s_restraint_is_what_holds_the_critic(folder):
    gan = ColorGAN(generator(SIZE), critic())
    gan.compile(objective())  # its optimizer does not move
    before = gan.critic.get_weights()
    gan.train_on_batch(scenes(2, size=SIZE, seed=0))
    for old, new in zip(before, gan.critic.get_weights(), strict=True):
        np.testing.assert_allclose(new, 0.5 * old)


def test_an_own_preset_trains_and_colors_in_a_process_that_knows_nothing_of_it(
    folder, tmp_path, run
):
    written = json.loads((run / "run.json").read_text())
    assert (written["preset"], written["objective"]) == ("tenths", "absolute")
    assert written["multiple"] == 10
    photo = folder / "0.png"
    code = (
        "import sys; from colorlab import Colorizer;"
        "Colorizer.load(sys.argv[1]).colorize(sys.argv[2]).save(sys.argv[3])"
    )
    subprocess.run([sys.executable, "-c", code, run, photo, tmp_path / "there.png"], check=True)
    here = np.asarray(Colorizer.load(run).colorize(photo))
    np.testing.assert_array_equal(Image.open(tmp_path / "there.png"), here)
    assert np.ptp(here.astype(int), axis=-1).max() > 0


def test_an_own_preset_is_resumed_when_it_is_given_again_and_else_asked_for(
    folder, tmp_path, monkeypatch, run
):
    whole, run = run, tmp_path / "run"
    original = callbacks.Stop.on_train_batch_end

    def stop(self, batch, logs):
        if int(self.model.step.numpy()) == 30:  # in the adversarial stage
            signal.raise_signal(signal.SIGTERM)
        original(self, batch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.Stop, "on_train_batch_end", stop)
        with pytest.raises(ColorlabError, match="Stopped at step 30"):
            trainer.train(folder, run, preset=preset())
    with pytest.raises(ColorlabError, match="preset 'tenths', which is not one of colorlab's"):
        trainer.train(folder, run, resume=True)
    with pytest.raises(ColorlabError, match="objective 'absolute', which is not one of colorlab's"):
        trainer.train(folder, run, resume=True, preset=replace(preset(), objective="hinge"))
    with pytest.raises(ColorlabError, match="started with steps 40, not 60; resume it without"):
        trainer.train(folder, run, resume=True, preset=preset(), steps=60)
    trainer.train(folder, run, resume=True, preset=preset())
    ends = [keras.models.load_model(r / "generator.keras").get_weights() for r in (whole, run)]
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_in_lab_says_so_and_colors_in_a_process_that_was_not_told(folder, tmp_path):
    changes = {"space": "lab", "learning_rate": 1e-3, "steps": 2}
    run = trainer.train(folder, tmp_path / "run", preset=preset(), **changes)
    written = json.loads((run / "run.json").read_text())
    assert written == written | changes
    model = Colorizer.load(run)
    assert model.space is Lab
    model.cast = 0.0  # the mean of the true chroma is not one
    photo = folder / "0.png"
    chroma = Lab.split(photos.read(photo).rgb)
    # With the true chroma for an answer, the photo comes back but for what a tenth of it blurs.
    both = np.stack([chroma, chroma[:, ::-1]])
    model._network = replace(
        model._network, answer=lambda gray: [np.asarray(ops.image.resize(both, gray.shape[1:3]))]
    )
    back = np.asarray(model.colorize(photo)) / 255
    assert np.abs(back - photos.read(photo).rgb).mean() < 0.02
    assert trainer.train(folder, run, preset=preset(), resume=True, **changes) == run


def test_an_own_color_space_is_trained_in_and_wanted_again(folder, tmp_path):
    short = replace(preset(), steps=2)
    run = trainer.train(folder, tmp_path / "run", preset=replace(short, space=Halved))
    photo = folder / "0.png"
    with pytest.raises(ColorlabError, match="predicts 'halved', which is the color space of some"):
        Colorizer.load(run)
    model = Colorizer.load(run, space=Halved)
    taken_for_polar = Colorizer(model.generator, side=model.side, space=PolarChroma)
    expected = 2.0 * taken_for_polar.guess(photo).chroma
    np.testing.assert_allclose(model.guess(photo).chroma, expected, atol=1e-6)
    copy = model.save(tmp_path / "copy.keras")
    again = Colorizer.load(copy, side=model.side, space=Halved)
    np.testing.assert_array_equal(again.guess(photo).chroma, model.guess(photo).chroma)
    with pytest.raises(ColorlabError, match="space 'halved', which is not one of colorlab's"):
        trainer.train(folder, run, preset=short, resume=True)
    assert trainer.train(folder, run, preset=short, space=Halved, resume=True) == run


def test_an_own_metric_has_its_column_in_report_csv_and_json(folder, tmp_path):
    mine = Metric(
        "blueness",
        lambda case: float(case.result[..., 2].mean()),
        ("blue", "mean"),
        ".3f",
        "closer to the truth",
        "of the result",
    )
    found = evaluate(folder, Colorizer(generator(SIZE)), metrics=(*METRICS, mine))
    assert "blue mean     of the result; closer to the truth is better" in report(found)
    write(found, tmp_path, model="mine")
    records = json.loads((tmp_path / "figures.json").read_text())["photos"]
    with (tmp_path / "figures.csv").open() as file:
        lines = list(csv.DictReader(file))
    for row, record, line in zip(found.rows, records, lines, strict=True):
        assert row.blueness == record["blueness"] == float(line["blueness"]) > 0


def test_an_own_objective_joins_a_preset_by_an_argument(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(presets.PRESETS, "toy", tiny.PRESET)
    changes = {"preset": "toy", "size": 24, "steps": 2, "batch_size": 2, "content_share": 0.0}
    run = trainer.train(folder, tmp_path / "run", objective=objective("mine"), **changes)
    with pytest.raises(ColorlabError, match="objective 'mine', which is not one of colorlab's"):
        trainer.train(folder, run, resume=True)
    assert trainer.train(folder, run, resume=True, objective=objective("mine")) == run
