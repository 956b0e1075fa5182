"""The smallest networks that train and color: they are traced and saved in a fraction of a second.

Use them where a test is about what happens around a network.
"""

from dataclasses import replace
from pathlib import Path

import keras
from keras import layers
from PIL import Image

from colorlab.data.toyworld import scenes
from colorlab.model import presets


def generator(size: int | None = None) -> keras.Model:
    gray = keras.Input((None, None, 1))
    x = layers.Conv2D(4, 4, strides=2, padding="same", activation="relu")(gray)
    chroma = layers.Conv2D(2, 3, padding="same", activation="tanh", dtype="float32")(x)
    return keras.Model(gray, chroma)


def critic() -> keras.Model:
    gray, chroma = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    x = layers.Conv2D(4, 3, activation="softplus")(layers.Concatenate()([gray, chroma]))
    return keras.Model([gray, chroma], layers.Conv2D(1, 3, dtype="float32")(x))


PRESET = replace(presets.get("toy"), generator=generator, critic=critic)


def photos(folder: Path, count: int, size: int) -> Path:
    """Write that many scenes to a folder, as 0.png, 1.png, …, and return it."""
    folder.mkdir(exist_ok=True)
    for number, scene in enumerate(scenes(count, size=size)):
        Image.fromarray(scene).save(folder / f"{number}.png")
    return folder
