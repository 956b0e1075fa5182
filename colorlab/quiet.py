"""Import Keras and TensorFlow without log lines, and sooner: `%load_ext colorlab.quiet`.

This changes the whole process. So only the shell, the app and the lessons ask for it; an import of
colorlab in a notebook of your own does not.
"""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path
from typing import Any


def import_keras() -> None:
    """Import `colorlab.backend`, and for the rest of the process silence all but fatal errors."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Some 3,000 modules are imported, and all of them stay. The garbage collector need not search
    # them again and again, neither during the import nor later while networks are built. So a
    # network of Keras colors its first photo a second sooner.
    gc.disable()
    # TensorFlow writes some lines to the process's stderr before any of its settings can stop them
    # (tensorflow/tensorflow#100442). So stderr goes nowhere during the import.
    stderr = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import colorlab.backend  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        gc.freeze()
        gc.enable()
    # TensorFlow warns of retracing when several models are compiled in one process, as in every
    # lesson. Its import sets the log level, so this line must come after it.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def load_ipython_extension(shell: Any) -> None:
    """Do it for `%load_ext colorlab.quiet`, in a notebook's first cell."""
    import_keras()
