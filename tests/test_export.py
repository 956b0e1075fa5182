import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import skimage.data

from colorlab import Colorizer, ColorlabError, cli
from colorlab.backend import keras, layers
from colorlab.export import export
from colorlab.model import presets
from colorlab.model.generators import marked, residual_unet
from colorlab.model.histogram import CENTERS

CLOSE = 1e-4  # of a chroma, which is between -1 and 1


def gray(height: int, width: int) -> np.ndarray:
    photo = skimage.data.camera()[:height, :width]
    return np.float32(photo)[None, ..., None] / 255


def run(file: Path, seen: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(["chroma"], {"gray": seen})[0]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "small-2.onnx"
    export(Colorizer(), file)
    return file


@pytest.mark.parametrize("size", [(64, 64), (160, 224), (256, 96)])
def test_the_shipped_model_predicts_the_same_at_any_size(shipped, size):
    seen = np.concatenate([gray(*size), gray(*size)[:, ::-1]])
    expected = Colorizer().generator(seen, training=False)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(run(shipped, seen), expected, atol=CLOSE)


def test_the_file_is_as_small_as_the_weights_that_ship(shipped):
    weights = Path(presets.__file__).with_name("weights") / "small-2.weights.h5"
    assert shipped.stat().st_size < weights.stat().st_size


def test_the_file_says_what_a_program_has_to_know(shipped):
    model = onnx.load(shipped)
    onnx.checker.check_model(model, full_check=True)
    facts = {each.key: each.value for each in model.metadata_props}
    assert facts.items() >= {"multiple": "32", "side": "160", "space": "polar"}.items()
    centers = 1.4 * CENTERS  # the strength that ships
    np.testing.assert_allclose(json.loads(facts["colors"]), centers, atol=2e-3)  # of half precision


def with_other_numbers(generator: keras.Model) -> keras.Model:
    """As after a training: the statistics and shifts of the normalizations are not 0 and 1."""
    random = np.random.default_rng(0)
    generator.set_weights(
        [each + random.uniform(0.01, 0.1, each.shape) for each in generator.get_weights()]
    )
    return generator


@pytest.mark.parametrize("name", ["toy", "small"])
def test_other_presets_predict_the_same(name, tmp_path):
    preset = presets.get(name)
    generator = with_other_numbers(preset.generator(preset.size))
    reported = export(Colorizer(generator, side=64), tmp_path / "model.onnx")
    expected = generator(gray(96, 64), training=False)
    np.testing.assert_allclose(run(tmp_path / "model.onnx", gray(96, 64)), expected, atol=CLOSE)
    assert reported < CLOSE


def test_pix2pix_predicts_the_same_at_its_one_size(tmp_path, monkeypatch):
    from colorlab.model import generators

    monkeypatch.setattr(generators, "PIX2PIX_FILTERS", (4,) * 8)
    generator = with_other_numbers(generators.pix2pix_generator(256))
    export(Colorizer(generator), tmp_path / "model.onnx")
    expected = generator(gray(256, 256), training=False)
    np.testing.assert_allclose(run(tmp_path / "model.onnx", gray(256, 256)), expected, atol=CLOSE)


def test_the_color_space_is_recorded(tmp_path):
    generator = marked(residual_unet((4, 8), num_blocks=1), "lab")
    export(Colorizer(generator, side=32), tmp_path / "model.onnx")
    facts = {each.key: each.value for each in onnx.load(tmp_path / "model.onnx").metadata_props}
    assert facts["space"] == "lab"


def test_a_layer_of_another_kind_is_named_and_nothing_is_written(tmp_path):
    seen = keras.Input((None, None, 1))
    chroma = layers.Conv2D(2, 3, padding="same")(layers.MaxPooling2D(name="mine")(seen))
    with pytest.raises(ColorlabError, match=r"'mine' is a MaxPooling2D that colorlab cannot"):
        export(Colorizer(keras.Model(seen, chroma)), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_an_activation_of_another_kind_is_named(tmp_path):
    seen = keras.Input((None, None, 1))
    generator = keras.Model(seen, layers.Conv2D(2, 3, padding="same", activation="gelu")(seen))
    with pytest.raises(ColorlabError, match="activation gelu, which colorlab cannot"):
        export(Colorizer(generator), tmp_path / "model.onnx")


class Doubled(layers.Conv2D):
    def call(self, x):
        return 2 * super().call(x)


def test_a_file_that_computes_something_else_is_not_kept(tmp_path):
    seen = keras.Input((None, None, 1))
    generator = keras.Model(seen, Doubled(2, 3, padding="same")(seen))
    with pytest.raises(ColorlabError, match=r"differs from Keras's by .*; expected less than"):
        export(Colorizer(generator), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [2, 3, 5])
def test_transposed_convolutions_pad_as_in_keras(size, tmp_path):
    seen = keras.Input((None, None, 1))
    half = layers.Conv2D(4, 5, strides=2, padding="same")(seen)
    chroma = layers.Conv2DTranspose(2, size, strides=2, padding="same")(half)
    assert export(Colorizer(keras.Model(seen, chroma)), tmp_path / "model.onnx") < CLOSE


def test_no_file_is_overwritten_and_other_names_are_refused(tmp_path):
    colorizer = Colorizer(residual_unet((4, 8), num_blocks=1), side=32)
    with pytest.raises(ColorlabError, match=r"expected a name ending in \.onnx"):
        export(colorizer, tmp_path / "model.tflite")
    file = tmp_path / "model.onnx"
    file.write_text("mine")
    with pytest.raises(ColorlabError, match="exists; remove it or choose another name"):
        export(colorizer, file)
    assert file.read_text() == "mine"


def test_the_shell_exports_a_file_and_says_how_near_it_is(tmp_path, monkeypatch, capsys):
    Colorizer(residual_unet((4, 8), num_blocks=1)).save(tmp_path / "model.keras")
    out = tmp_path / "model.onnx"
    monkeypatch.setattr(
        sys, "argv", ["colorlab", "export", str(tmp_path / "model.keras"), str(out)]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    said = re.search(r"differs from Keras's by at most (\S+)\.$", capsys.readouterr().out)
    assert said and float(said[1]) < CLOSE
    assert run(out, gray(64, 64)).shape == (1, 32, 32, 2)


def test_without_onnx_the_shell_says_what_to_install(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "colorlab.export")
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setattr(sys, "argv", ["colorlab", "export", "small-2", "model.onnx"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "onnx, which is missing; run: pip install 'colorlab[export]'" in capsys.readouterr().err
