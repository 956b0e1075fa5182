"""TensorFlow and Keras, imported without log lines.

TensorFlow writes some lines to the process's stderr while it is being imported, before any of its
settings can stop them (tensorflow/tensorflow#100442). For that moment stderr leads nowhere. The
rest of the package imports both from here.
"""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # and later lines only if something fails

# Some 3,000 modules are imported, and all of them stay. The garbage collector need not look through
# them, neither now, again and again, nor later while networks are built: the first photo is colored
# a second sooner.
gc.disable()
_stderr = os.dup(2)
with Path(os.devnull).open("w") as _nowhere:
    os.dup2(_nowhere.fileno(), 2)
try:
    import keras
    import tensorflow as tf
    from keras import layers, ops
finally:
    os.dup2(_stderr, 2)
    os.close(_stderr)
    gc.freeze()
    gc.enable()

# It warns of retracing when several models are compiled in one process, as every lesson does. Its
# import sets the level, so this comes after.
logging.getLogger("tensorflow").setLevel(logging.ERROR)

__all__ = ["keras", "layers", "ops", "tf"]
