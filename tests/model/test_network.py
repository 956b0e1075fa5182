"""The model that ships: without Keras it is the same, and it starts without importing it."""

import os
import subprocess
import sys

import numpy as np
import skimage.data

from colorlab import Colorizer
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


def test_in_keras_it_is_loaded_when_it_is_asked_for():
    assert Colorizer().generator.count_params() > 2_000_000
