"""A generator as an ONNX file, for runtimes without Keras or Python, such as a browser's.

The file has one input, "gray" (N, H, W, 1) float32 in [0, 1], and the output "chroma"
(N, H/f, W/f, 2) float32, for all sizes that the generator takes. A generator that predicts a
distribution has a second output, "shares" (N, H/f, W/f, n): how likely each of n colors is. The
metadata say what else a program has to know: the number that H and W are multiples of ("multiple"),
the working size ("side"), the color space ("space"), and the n colors ("colors", as JSON).
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from colorlab.atomic import replacing
from colorlab.backend import keras, layers
from colorlab.color.encoding import value
from colorlab.colorizer import Colorizer
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model.generators import size_multiple, space_name
from colorlab.model.histogram import with_shares
from colorlab.model.network import import_onnxruntime

OPSET, IR_VERSION = 21, 10  # onnxruntime reads these since 1.18, of 2024
FIRST, LAST = (0, 3, 1, 2), (0, 2, 3, 1)  # orders of the axes that put the channels first, or last
CLOSE = 1e-3  # the largest difference between two chromas that rounding can explain
ACTIVATIONS = {"linear": "Identity", "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


def export(colorizer: Colorizer, path: str | os.PathLike[str]) -> float:
    """Write a colorizer's generator to an ONNX file, and compare the file with it.

    A weight that half precision can store without loss is stored so. All computing is in float32.

    Args:
        colorizer: its generator has only layers of the kinds that colorlab's own generators have.
        path: the file. Its name ends in .onnx, and an existing file is refused.

    Returns:
        The largest difference between what ONNX Runtime computes for a painted photo and what
        Keras computes.

    Raises:
        ColorlabError: if the name cannot be used, a layer is of another kind, or the file does not
            compute what the generator computes. Nothing is written then.
    """
    path = Path(path)
    if path.suffix != ".onnx":
        raise ColorlabError(f"{path} cannot hold the model; expected a name ending in .onnx.")
    if path.exists():
        raise ColorlabError(f"{path} exists; remove it or choose another name.")
    model = _Graph().of(colorizer)
    with replacing(path) as partial:
        onnx.save(model, partial)
        difference = _difference(colorizer, partial)
        if not difference < CLOSE:  # also if it is NaN
            raise ColorlabError(
                f"The exported model's answer differs from Keras's by {difference:.2g}; "
                f"expected less than {CLOSE}. Is one of its layers a changed layer of Keras?"
            )
        return difference


def _difference(colorizer: Colorizer, file: Path) -> float:
    generator = colorizer.generator
    _, height, width, _ = generator.input_shape
    if not height:
        multiple = size_multiple(generator)
        height = multiple * math.ceil(colorizer.side / multiple)
        width = height + multiple
    photo = scenes(1, size=max(height, width))[:, :height, :width]
    gray = value(photo.astype(np.float32) / 255)
    session = import_onnxruntime().InferenceSession(file, providers=["CPUExecutionProvider"])
    found = with_shares(generator)
    expected = keras.tree.flatten((found[0] if found else generator)(gray, training=False))
    pairs = zip(session.run(None, {"gray": gray}), expected, strict=True)
    return max(float(np.abs(ours - np.asarray(theirs)).max()) for ours, theirs in pairs)


class _Graph:
    """The nodes and weights of an ONNX graph, in which the channels come first."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def of(self, colorizer: Colorizer) -> Any:
        """The ONNX model of a colorizer's generator."""
        generator = colorizer.generator
        first, *others = generator.layers
        names = {id(first.output): self.add("Transpose", "gray", perm=FIRST)}
        for layer in others:
            inputs = [names[id(x)] for x in keras.tree.flatten(layer.input)]
            names[id(layer.output)] = self.layer(layer, inputs)
        facts = {
            "multiple": str(size_multiple(generator)),
            "side": str(colorizer.side),
            "space": space_name(generator),
        }
        outputs = {"chroma": generator.output}
        if found := with_shares(generator):
            model, colors = found
            outputs["shares"] = model.outputs[1]
            facts["colors"] = json.dumps(colors.round(6).tolist())
        for name, output in outputs.items():
            last = names[id(output)]
            self.nodes.append(helper.make_node("Transpose", [last], [name], perm=LAST))
        graph = helper.make_graph(
            self.nodes,
            generator.name,
            [_tensor("gray", generator.input_shape, "NHW")],
            [_tensor(name, output.shape, "Nhw") for name, output in outputs.items()],
            self.weights,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="colorlab",
        )
        helper.set_model_props(model, facts)
        return model

    def layer(self, layer: Any, inputs: list[str]) -> str:
        """Add the nodes of a Keras layer; returns the name of their output."""
        x = inputs[0]
        weights = [np.asarray(each, np.float32) for each in layer.get_weights()]
        match layer:
            case layers.Conv2D():
                kernel, *bias = weights
                kernel = kernel.transpose(3, 2, 0, 1)
                return self.convolution("Conv", layer, x, [kernel, *bias], layer.groups)
            case layers.DepthwiseConv2D():
                kernel, *bias = weights
                height, width, channels, _ = kernel.shape
                kernel = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, height, width)
                return self.convolution("Conv", layer, x, [kernel, *bias], channels)
            case layers.Conv2DTranspose():
                kernel, *bias = weights
                kernel = kernel.transpose(3, 2, 0, 1)
                return self.convolution("ConvTranspose", layer, x, [kernel, *bias], 1)
            case layers.BatchNormalization(scale=True, center=True):
                stored = map(self.stored, weights)
                return self.add("BatchNormalization", x, *stored, epsilon=layer.epsilon)
            case layers.GroupNormalization(scale=True, center=True):
                stored = map(self.stored, weights)
                groups = layer.input.shape[-1] if layer.groups == -1 else layer.groups
                return self.add(
                    "GroupNormalization", x, *stored, num_groups=groups, epsilon=layer.epsilon
                )
            case layers.ReLU(negative_slope=0, threshold=0, max_value=None):
                return self.add("Relu", x)
            case layers.ReLU(negative_slope=0, threshold=0):
                limits = [self.stored(np.array(each, np.float32)) for each in (0, layer.max_value)]
                return self.add("Clip", x, *limits)
            case layers.LeakyReLU():
                return self.add("LeakyRelu", x, alpha=layer.negative_slope)
            case layers.Activation():
                return self.activation(x, layer)
            case layers.Softmax(axis=-1):
                return self.add("Softmax", x, axis=1)
            case layers.Rescaling():
                scaled = self.add("Mul", x, self.stored(np.array(layer.scale, np.float32)))
                return self.add("Add", scaled, self.stored(np.array(layer.offset, np.float32)))
            case layers.UpSampling2D(interpolation="nearest"):
                sizes = self.stored(np.array([1, 1, *layer.size], np.float32))
                how = {"mode": "nearest", "nearest_mode": "floor"}
                where = {"coordinate_transformation_mode": "asymmetric"}
                return self.add("Resize", x, "", sizes, **how, **where)
            case layers.GlobalAveragePooling2D(keepdims=True):
                return self.add("GlobalAveragePool", x)
            case layers.Concatenate(axis=-1):
                return self.add("Concat", *inputs, axis=1)
            case layers.Add():
                return self.add("Add", *inputs)
            case layers.Multiply():
                return self.add("Mul", *inputs)
            case layers.Dropout():
                return x
        raise ColorlabError(
            f"The model's layer {layer.name!r} is a {type(layer).__name__} that colorlab cannot "
            "export; expected layers as in colorlab's generators. Keras's own export may know it: "
            "model.export(path, format='onnx')."
        )

    def convolution(
        self, operator: str, layer: Any, x: str, weights: list[NDArray[np.float32]], groups: int
    ) -> str:
        """Add a convolution and its activation; returns the name of their output."""
        y = self.add(
            operator,
            x,
            *map(self.stored, weights),
            # The padding that TensorFlow calls "same" depends on the input's size.
            auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID",
            strides=layer.strides,
            dilations=layer.dilation_rate,
            group=groups,
        )
        return self.activation(y, layer)

    def activation(self, x: str, layer: Any) -> str:
        """Add a layer's activation; returns the name of its output."""
        name = layer.activation.__name__
        if name not in ACTIVATIONS:
            raise ColorlabError(
                f"The model's layer {layer.name!r} has the activation {name}, which colorlab "
                f"cannot export; expected one of {', '.join(ACTIVATIONS)}."
            )
        return x if name == "linear" else self.add(ACTIVATIONS[name], x)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; returns the name of its output."""
        name = f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def stored(self, weight: NDArray[np.float32]) -> str:
        """Store an array; returns the name of its float32."""
        name = f"w{len(self.weights)}"
        with np.errstate(over="ignore"):
            half = weight.astype(np.float16)
        lossless = weight.size > 1 and np.array_equal(half, weight)
        array = half if lossless else weight
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return self.add("Cast", name, to=onnx.TensorProto.FLOAT) if lossless else name


def _tensor(name: str, shape: tuple[int | None, ...], axes: str) -> Any:
    """A float32 tensor whose axes of any size are called by a letter."""
    *free, channels = shape
    sizes = [size or axis for size, axis in zip(free, axes, strict=True)]
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [*sizes, channels])
