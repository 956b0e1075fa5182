"""Networks, encoding, augmentation and content loss also run on JAX, however Keras is set up.

A process has one backend, so a test runs `on_jax` in a process of its own, with JAX, and compares
it with what TensorFlow gives here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colorlab.backend import keras, ops
from colorlab.colorizer import Colorizer
from colorlab.data.augment import training_pair
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model import generators, presets
from colorlab.model.critic import patch_critic
from colorlab.model.generators import residual_unet
from colorlab.model.network import shipped_generator
from colorlab.model.objectives import content_loss

PHOTO = Path(__file__).parents[1] / "data" / "samples" / "color.jpg"


def content_step():
    """The content loss of one batch, and its gradients, with the same draws on each backend."""
    rng = np.random.default_rng(0)
    generator = residual_unet((8, 16), num_blocks=1)  # all layers of toy and small
    shapes = [weight.shape for weight in generator.weights]
    generator.set_weights([rng.normal(0, 0.1, shape) for shape in shapes])

    def uniform(shape, low=0.0, high=1.0, *, seed):
        return ops.convert_to_tensor(rng.uniform(low, high, shape), "float32")

    def normal(shape, *, seed):
        return ops.convert_to_tensor(rng.normal(size=shape), "float32")

    rgb = ops.convert_to_tensor(scenes(4, size=32, seed=0))
    gray, _, v, chroma = training_pair(rgb, 2, seed=None, uniform=uniform, normal=normal)
    if keras.backend.backend() == "jax":
        import jax

        def loss_of(weights):
            predicted, _ = generator.stateless_call(weights, [], gray, training=True)
            return content_loss(v, chroma, predicted)

        weights = [weight.value for weight in generator.trainable_variables]
        loss, gradients = jax.jit(jax.value_and_grad(loss_of))(weights)
    else:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = content_loss(v, chroma, generator(gray, training=True))
        gradients = tape.gradient(loss, [weight.value for weight in generator.trainable_variables])
    return [np.asarray(each) for each in (gray, loss, *gradients)]


def shipped_for_one_size():
    """The model that ships, so small that it sees each photo at its least size only.

    JAX would compile each operation anew for each size.
    """
    return Colorizer(shipped_generator(), side=32)


def on_jax(folder):
    assert keras.backend.backend() == "jax"
    # All weights are set or loaded below. JAX compiles the drawing of random ones for each shape.
    keras.initializers.GlorotUniform.__call__ = keras.initializers.Zeros().__call__
    np.savez(folder / "step.npz", *content_step())
    np.save(folder / "colored.npy", np.asarray(shipped_for_one_size().colorize(PHOTO)))
    generators.PIX2PIX_FILTERS = (8,) * 8  # its layers, but narrow: they are initialized sooner
    pix2pix = Colorizer(presets.get("pix2pix").generator(256))
    (folder / "size.json").write_text(json.dumps(pix2pix.colorize(PHOTO).size))


@pytest.fixture(scope="module")
def jax(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jax")
    run = [sys.executable, __file__, folder]
    # JAX takes longer to optimize each operation than to run it.
    settings = {"KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    subprocess.run(run, env=os.environ | settings, check=True)
    return folder


def test_a_content_step_on_jax_gives_the_loss_and_gradients_of_tensorflow(jax):
    found = np.load(jax / "step.npz").values()
    gray, *expected = content_step()
    for theirs, ours in zip(found, (gray, *expected), strict=True):
        np.testing.assert_allclose(theirs, ours, atol=1e-4)
    assert max(np.abs(gradient).max() for gradient in expected) > 1e-2


def test_a_photo_colored_on_jax_has_the_colors_of_tensorflow(jax):
    ours = np.asarray(shipped_for_one_size().colorize(PHOTO)).astype(int)
    assert np.abs(np.load(jax / "colored.npy") - ours).max() <= 1
    assert json.loads((jax / "size.json").read_text()) == [ours.shape[1], ours.shape[0]]


def shell(*words, **environment):
    command = [sys.executable, "-m", "colorlab", *map(str, words)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("jax", "This needs TensorFlow, but Keras runs on jax; set KERAS_BACKEND=tensorflow"),
        ("none", "Keras cannot be imported (Unable to import backend : none); set KERAS_BACKEND"),
    ],
)
def test_training_where_it_cannot_be_says_so_in_one_line(backend, reason, tmp_path):
    words = "train", PHOTO.parent, "--out", tmp_path / "run"
    code, error = shell(*words, KERAS_BACKEND=backend)
    assert code == 1 and error.startswith(reason) and error.count("\n") == 1


def test_a_keras_json_of_another_kind_changes_nothing(tmp_path):
    (tmp_path / ".keras").mkdir()
    settings = {"image_data_format": "channels_first", "floatx": "float16"}
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(settings))
    model = Colorizer(shipped_generator()).save(tmp_path / "model.keras")
    words = "colorize", PHOTO, "--out", tmp_path, "--model", model
    code, error = shell(*words, HOME=str(tmp_path))
    assert code == 0, error
    Colorizer.load(model).colorize_file(PHOTO, tmp_path / "expected.jpg")
    assert (tmp_path / "color.jpg").read_bytes() == (tmp_path / "expected.jpg").read_bytes()


def test_a_keras_json_that_is_no_object_is_said_to_be_the_fault(tmp_path):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text("null")
    words = "colorize", PHOTO, "--out", tmp_path
    code, error = shell(*words, "--model", "model.keras", HOME=str(tmp_path))
    assert code == 1 and "keras.json" in error and error.count("\n") == 1
    assert shell(*words, HOME=str(tmp_path)) == (0, "")  # the model that ships needs no Keras


@pytest.fixture
def dtype_policy(request):
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("dtype_policy", ["mixed_float16", "float64"], indirect=True)
def test_other_precisions_color_and_are_refused_in_training(dtype_policy):
    from colorlab.training.gan import ColorGAN

    Colorizer().colorize(PHOTO)
    with pytest.raises(ColorlabError, match=f"computes by {dtype_policy}; expected float32"):
        ColorGAN(residual_unet((8, 16), num_blocks=1), patch_critic((4, 8)))
    assert keras.config.dtype_policy().name == dtype_policy


if __name__ == "__main__":
    on_jax(Path(sys.argv[1]))
