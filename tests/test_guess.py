"""A guess: what other colors are likely, and what a lean toward a hue does."""

import keras
import numpy as np
import pytest

from colorlab import Colorizer
from colorlab.color.adjustments import adjust
from colorlab.colorizer import render
from colorlab.errors import ColorlabError
from colorlab.guess import APART, LEAN, Guess
from colorlab.model.histogram import CENTERS, annealed_mean
from colorlab.photos import read

RED, BLUE = np.array([[0.8, 0.0], [-0.4, -0.6]], np.float32)


def between(share, size=(2, 2)):
    """A guess for places that are red by this share, and else blue."""
    shares = np.full((*size, 2), (share, 1 - share), np.float32)
    colors = np.stack([RED, BLUE])
    return Guess(shares @ colors, np.ones((*size, 1), np.float32), shares, colors)


def test_a_lean_multiplies_the_odds_of_two_colors():
    guess = between(0.3)
    odds = 0.3 / 0.7 * np.exp(LEAN * (RED - BLUE)[0])  # toward hue 0° only x counts
    share = odds / (1 + odds)
    expected = share * RED + (1 - share) * BLUE
    np.testing.assert_allclose(guess.leaning(0.0).chroma, np.full((2, 2, 2), expected), atol=1e-6)
    np.testing.assert_allclose(guess.leaning(0.0).confidence, guess.confidence)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_is_certain_does_not_lean(share):
    guess = between(share)
    np.testing.assert_allclose(guess.leaning(120.0).chroma, guess.chroma, atol=1e-6)


def test_a_lean_reaches_a_chroma_of_another_size():
    guess = between(0.5, size=(3, 4))
    finer = Guess(np.zeros((6, 8, 2), np.float32), np.ones((6, 8, 1), np.float32))
    moved = Guess(finer.chroma, finer.confidence, guess.likely, guess.colors).leaning(0.0).chroma
    expected = (guess.leaning(0.0).chroma - guess.chroma)[0, 0]
    np.testing.assert_allclose(moved, np.broadcast_to(expected, moved.shape), atol=1e-6)


def test_a_palette_begins_with_the_likeliest_and_its_colors_differ():
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(len(CENTERS)), (8, 8)).astype(np.float32)
    shares[5, 2] = shares[4:7, 1:4] = np.eye(len(CENTERS), dtype=np.float32)[17]
    guess = Guess(np.zeros((8, 8, 2), np.float32), np.ones((8, 8, 1), np.float32), shares, CENTERS)
    palette = guess.palette(2.5 / 8, 5.5 / 8)
    np.testing.assert_array_equal(palette[0], CENTERS[17])
    apart = np.linalg.norm(palette[:, None] - palette, axis=-1) + 9 * np.eye(len(palette))
    assert len(palette) == 8 and apart.min() >= APART
    guess.palette(1.0, 1.0)  # the last pixel of the last row
    # Colors that are told apart only outside of the disk are one, and there may be few.
    colors = np.array([[1.4, 0.0], [0.84, 0.0], [0.0, 0.7]], np.float32)
    shares = np.full((1, 1, 3), (0.2, 0.5, 0.3), np.float32)
    few = Guess(guess.chroma, guess.confidence, shares, colors).palette(0.5, 0.5)
    np.testing.assert_allclose(few, colors[1:])


def test_a_model_of_one_color_a_place_has_neither():
    guess = Guess(np.zeros((2, 2, 2), np.float32), np.ones((2, 2, 1), np.float32))
    for ask in (lambda: guess.leaning(0.0), lambda: guess.palette(0.5, 0.5)):
        with pytest.raises(ColorlabError, match=r"one color for each place.*small-2"):
            ask()
    with pytest.raises(ColorlabError, match=r"lean is nan; expected a hue in degrees"):
        between(0.5).leaning(float("nan"))


@pytest.fixture(scope="module")
def colorizer():
    """A network that predicts a distribution: random, but not the same everywhere."""
    keras.utils.set_random_seed(0)
    gray = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(8, 4, strides=4, kernel_initializer="random_normal")(gray)
    generator = keras.Model(gray, annealed_mean(x))
    generator.get_layer("logits").set_weights(
        [np.random.default_rng(0).normal(0, 3, (1, 1, 8, 81)), np.zeros(81)]
    )
    return Colorizer(generator, side=32)


def test_the_distribution_is_the_network_s_own_and_its_mean_the_chroma(colorizer):
    photo = read(np.tile(np.linspace(0, 255, 32).astype(np.uint8), (32, 1)))
    guess = colorizer.guess(photo)
    np.testing.assert_allclose(guess.likely.sum(axis=-1), 1, atol=1e-5)
    height, width = guess.likely.shape[:2]
    assert guess.chroma.shape == (height, width, 2)
    gray = keras.ops.image.resize(photo.gray, (4 * height, 4 * width), antialias=True)
    answers = np.asarray(colorizer.generator(np.stack([gray, np.asarray(gray)[:, ::-1]])))
    mean = (answers[0] + answers[1, :, ::-1]) / 2
    np.testing.assert_allclose(guess.likely @ guess.colors, mean, atol=0.02)


def test_colorize_leans(colorizer):
    photo = read(np.tile(np.linspace(0, 255, 32).astype(np.uint8), (32, 1)))
    guess = colorizer.guess(photo).leaning(240.0)
    expected = render(photo, adjust(guess.chroma, guess.confidence, strength=0.5))
    found = colorizer.colorize(photo, lean=240.0, strength=0.5)
    assert np.array_equal(found, expected)
    assert not np.array_equal(found, colorizer.colorize(photo, strength=0.5))
