"""A generator as a `Colorizer` asks it: in Keras, or in ONNX Runtime, which starts sooner.

From a shell, a first photo takes half a second in ONNX Runtime. Importing TensorFlow alone takes
four. So the model that ships is there twice: for training in Keras, and as an ONNX file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from colorlab.color import spaces
from colorlab.color.encoding import ColorSpace, PolarChroma
from colorlab.errors import ColorlabError

if TYPE_CHECKING:
    from colorlab.backend import keras

Float = NDArray[np.float32]
SHIPPED = "small-2"  # the preset whose trained weights ship with colorlab
WEIGHTS = files("colorlab.model.weights")


@dataclass(frozen=True)
class Network:
    """A generator's answers, and the facts about it that a `Colorizer` needs.

    Attributes:
        answer: gray (N, H, W, 1) float32 in [0, 1] → [chroma (N, h, w, 2)]. If the generator
            predicts a distribution, shares (N, h, w, n) with sum 1 follow. All are float32.
        size: the height and width of the gray, or (None, None) if they may vary.
        multiple: the number that height and width must be multiples of.
        space: the color space of the chroma.
        colors: PolarChroma (n, 2) float32, what the shares are about; None without shares.
    """

    answer: Callable[[Float], list[Float]]
    size: tuple[int | None, int | None]
    multiple: int
    space: ColorSpace
    colors: Float | None


def in_keras(generator: keras.Model, space: ColorSpace | None = None) -> Network:
    """A generator in Keras; `space` is its color space, by default the one that it records."""
    from colorlab.backend import answering, keras
    from colorlab.model.generators import predicted_space, size_multiple
    from colorlab.model.histogram import with_shares

    space = space or predicted_space(generator)
    # The colors are polar, so a generator that predicts another space has no use for them.
    found = with_shares(generator) if space.name == PolarChroma.name else None
    model, colors = found or (generator, None)
    ask = answering(model)
    return Network(
        answer=lambda gray: [np.asarray(each) for each in keras.tree.flatten(ask(gray))],
        size=generator.input_shape[1:3],
        multiple=size_multiple(generator),
        space=space,
        colors=colors,
    )


def shipped_network() -> Network:
    """The model that ships, without Keras: the file was written by `colorlab export`.

    Raises:
        ColorlabError: if the file is missing or damaged.
    """
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    # A thread that waits in a loop takes the core from one that reads or writes another photo.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    file = WEIGHTS / f"{SHIPPED}.onnx"
    try:
        session = onnxruntime.InferenceSession(
            file.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ONNX Runtime has exceptions of its own
        message = f"{file} is missing or damaged ({error}); reinstall colorlab."
        raise ColorlabError(message) from None
    facts = session.get_modelmeta().custom_metadata_map
    return Network(
        answer=lambda gray: session.run(None, {"gray": gray}),
        size=(None, None),
        multiple=int(facts["multiple"]),
        space=spaces.get(facts["space"]),
        colors=np.array(json.loads(facts["colors"]), np.float32),
    )


def import_onnxruntime() -> ModuleType:
    """ONNX Runtime, which reports its use to Microsoft unless it is told not to (since 1.29)."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ColorlabError(
            f"ONNX Runtime cannot be imported ({error}); run: pip install onnxruntime"
        ) from None
    onnxruntime.disable_telemetry_events()  # on Windows, which does not know the variable
    return onnxruntime  # type: ignore[no-any-return]


def shipped_generator() -> keras.Model:
    """The model that ships, in Keras."""
    from colorlab.backend import new_layers
    from colorlab.model import presets

    preset = presets.get(SHIPPED)
    with new_layers("float32"):
        generator = preset.generator(preset.size)
    generator.load_weights(str(WEIGHTS / f"{SHIPPED}.weights.h5"))
    return generator
