"""The model that ships: without Keras it is the same, and it starts without importing it."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import skimage.data

from colorlab import Colorizer, ColorlabError, Lab
from colorlab.model.network import in_keras, shipped_generator, shipped_network


def test_without_keras_the_model_that_ships_is_the_same():
    gray = np.float32(skimage.data.camera()[None, ::2, ::2, None]) / 255
    theirs, ours = in_keras(shipped_generator()), shipped_network()
    for found, expected in zip(ours.answer(gray), theirs.answer(gray), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(ours.colors, theirs.colors, atol=1e-6)
    assert (ours.size, ours.multiple, ours.space) == (theirs.size, theirs.multiple, theirs.space)


def test_a_photo_is_colored_without_keras_and_without_a_trace(tmp_path):
    program = (
        "import sys\nimport numpy as np\nfrom colorlab import Colorizer\n"
        "photo = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (64, 1))\n"
        "print(np.ptp(np.asarray(Colorizer().colorize(photo)), axis=-1).max() > 0)\n"
        "print({'keras', 'tensorflow'} & sys.modules.keys())\n"
    )
    # ONNX Runtime would report its use, and keep an identifier, but for a CI.
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert (result.stdout, result.stderr) == ("True\nset()\n", "")
    assert not list(tmp_path.iterdir())


def test_in_keras_it_is_loaded_when_it_is_asked_for_and_colors_from_then_on():
    colorizer = Colorizer()
    before = np.asarray(colorizer.colorize(skimage.data.camera())).astype(int)
    generator = colorizer.generator
    assert generator.count_params() > 2_000_000 and colorizer.generator is generator
    after = np.asarray(colorizer.colorize(skimage.data.camera())).astype(int)
    assert np.abs(after - before).max() <= 1
    generator.set_weights([np.zeros_like(each) for each in generator.get_weights()])
    assert np.ptp(np.asarray(colorizer.colorize(skimage.data.camera())), axis=-1).max() == 0


def test_a_layer_of_somebody_s_own_may_be_called_logits():
    gray = keras.Input((None, None, 1))
    scores = keras.layers.Conv2D(4, 1, name="logits")(gray)
    network = in_keras(keras.Model(gray, keras.layers.Conv2D(2, 1)(scores)))
    assert network.colors is None and len(network.answer(np.zeros((1, 8, 8, 1), np.float32))) == 1


def test_the_model_that_ships_takes_no_other_space():
    with pytest.raises(ColorlabError, match="space needs a generator"):
        Colorizer(space=Lab)
