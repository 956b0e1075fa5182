"""Presets: complete recipes whose parts fit one another."""

import numpy as np
import pytest

from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model import generators, presets
from colorlab.model.critic import patch_critic
from colorlab.model.objectives import OBJECTIVES
from colorlab.training.gan import ColorGAN


@pytest.fixture(autouse=True)
def narrow_pix2pix(monkeypatch):
    """All its layers, but initialized sooner than with 54 M weights."""
    monkeypatch.setattr(generators, "PIX2PIX_FILTERS", (8,) * 8)


def test_the_ladder_is_toy_small_its_second_version_pix2pix():
    assert list(presets.PRESETS) == ["toy", "small", "small-2", "pix2pix"]
    assert all(presets.get(name).name == name for name in presets.PRESETS)


@pytest.mark.parametrize("name", presets.PRESETS)
def test_a_preset_is_complete(name):
    preset = presets.get(name)
    assert preset.description
    assert preset.objective in OBJECTIVES
    assert 0 <= preset.early_share <= preset.content_share <= 1
    assert preset.size % preset.multiple == 0


@pytest.mark.parametrize("name", presets.PRESETS)
def test_the_critic_judges_what_the_generator_paints(name):
    preset = presets.get(name)
    chroma = preset.generator(preset.size).compute_output_shape((1, preset.size, preset.size, 1))
    light = np.zeros((*chroma[:3], 1), "float32")
    scores = preset.critic()([light, np.zeros(chroma, "float32")])
    assert scores.shape[1] > 1  # many patches


def test_pix2pix_steps_on_a_cpu():
    preset = presets.get("pix2pix")
    gan = ColorGAN(preset.generator(preset.size), patch_critic((8,) * 4))
    photo = scenes(1, size=preset.size)
    before = [weight.copy() for weight in gan.generator.get_weights()]
    gan.compile(preset.objective)
    losses = gan.train_on_batch(photo, return_dict=True)
    assert all(np.isfinite(loss) for loss in losses.values())
    after = gan.generator.get_weights()
    assert all((old != new).any() for old, new in zip(before, after, strict=True))


def test_the_critic_of_small_is_light():
    preset = presets.get("small")
    assert preset.critic().count_params() < preset.generator(96).count_params() / 10


def test_an_unknown_preset_is_refused_with_the_names_there_are():
    with pytest.raises(
        ColorlabError, match="No preset 'large'; choose one of toy, small, small-2, pix2pix"
    ):
        presets.get("large")
