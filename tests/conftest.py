"""Keras is imported as colorlab does it, before any test: TensorFlow's notes stay off stderr."""

import colorlab.backend  # noqa: F401
