"""Keras, and TensorFlow if Keras runs on it. The rest of the package imports both from here.

Networks, encoding, augmentation and losses need only Keras. Only training, and the code that reads
photos for it, needs `tf`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from colorlab.errors import ColorlabError

try:
    import keras
    from keras import layers, ops

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf
except (ImportError, ValueError, AttributeError, TypeError) as error:  # a bad keras.json raises any
    raise ColorlabError(
        f"Keras cannot be imported ({error}); set KERAS_BACKEND=tensorflow, mend "
        "~/.keras/keras.json, or install the missing package."
    ) from None

__all__ = ["answering", "keras", "layers", "new_layers", "ops", "tf"]


def __getattr__(name: str) -> Any:
    if name == "tf":
        raise ColorlabError(
            f"This needs TensorFlow, but Keras runs on {keras.backend.backend()}; set "
            "KERAS_BACKEND=tensorflow before Keras is imported."
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@contextmanager
def new_layers(policy: str | None = None) -> Iterator[None]:
    """Within this context, new layers have channels last, whatever the user's keras.json says.

    Args:
        policy: the dtype policy of the new layers; by default, the current one.
    """
    before = keras.config.dtype_policy()
    data_format, floatx = keras.config.image_data_format(), keras.config.floatx()
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")  # the dtype of inputs, which no policy sets
    keras.config.set_dtype_policy(policy or before)
    try:
        yield
    finally:
        keras.config.set_image_data_format(data_format)
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(before)


def answering(network: keras.Model) -> Callable[[Any], Any]:
    """A network in inference mode, as a function of a float32 batch of any size that it takes.

    On TensorFlow the function is one graph for all sizes. If the layers were called one by one,
    each photo would take ten times as long.
    """
    answer = partial(network, training=False)
    if keras.backend.backend() != "tensorflow":
        return answer
    seen = tf.TensorSpec(network.input_shape, "float32")
    graph: Callable[[Any], Any] = tf.function(answer, input_signature=[seen], autograph=False)
    return graph
