"""Facts for a bug report: versions, the machine, and whether the shipped model works."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

import colorlab
from colorlab.errors import ColorlabError
from colorlab.quiet import import_keras

NETWORKS = ("tensorflow", "keras", "onnxruntime")
PACKAGES = (*NETWORKS, "numpy", "pillow", "scikit-image", "ipywidgets", "anywidget")
OPTIONAL = ("jupyterlab", "voila", "pi-heif")
FOLDER = Path(colorlab.__file__).parent
WEIGHTS = FOLDER / "model" / "weights"


def report(say: Callable[[str], object]) -> bool:
    """Say what is installed, what the machine is like, and what is wrong; True if nothing is.

    Each fact is said as soon as it is known. So those before it stay on the screen even if
    TensorFlow ends the process.
    """
    problems: dict[str, str] = {}  # by message, because one cause can fail several checks
    for name, find in CHECKS.items():
        try:
            fact = find()
        except Exception as error:  # a broken installation can raise almost any exception
            message = " ".join(str(error).split())
            if not isinstance(error, ColorlabError):
                message = f"{type(error).__name__}: {message}; if you cannot mend it, report it."
            problems.setdefault(message, f"{name}: {message}")
            fact = message.partition(";")[0]  # what to do follows at the end
        say(f"{name:<17}{fact}")
    say("\n".join(["\nProblems:", *problems.values()]) if problems else "\nNo problems found.")
    return not problems


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        if name in OPTIONAL:
            return "not installed"
        raise ColorlabError(f"not installed; run: pip install {name}") from None


def _processor() -> str:
    # A process may be allowed fewer cores than the machine has.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    words = _read("/proc/cpuinfo").split()
    avx = "unknown" if not words else "yes" if "avx" in words else "no"
    return f"{cores} cores; AVX, which TensorFlow for x86-64 needs: {avx}"


def _memory() -> str:
    kib = dict(re.findall(r"(\w+): +(\d+) kB", _read("/proc/meminfo")))
    if not kib:
        return "unknown"
    return "{:.1f} GiB, {:.1f} GiB of it free".format(
        *(int(kib[name]) / 2**20 for name in ("MemTotal", "MemAvailable"))
    )


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""  # only Linux has these


def _writable(folder: Path, advice: str) -> str:
    if not os.access(folder, os.W_OK):
        raise ColorlabError(f"{folder} cannot be written to; {advice}")
    return f"{folder}, can be written to"


def _weights() -> str:
    found = [
        f"{path} ({path.stat().st_size / 1e6:.1f} MB)"
        for path in sorted(WEIGHTS.glob("*.h5")) + sorted(WEIGHTS.glob("*.onnx"))
    ]
    if not found:
        raise ColorlabError(f"{WEIGHTS} has none; reinstall colorlab.")
    return ", ".join(found)


def _keras() -> str:
    import_keras()
    from colorlab.backend import keras
    from colorlab.training.trainer import device_name

    return f"{keras.backend.backend()} on {device_name()}"


def _model() -> str:
    from colorlab.colorizer import Colorizer
    from colorlab.model.network import shipped_generator

    gradient = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (64, 1))
    for colorizer in (Colorizer(), Colorizer(shipped_generator())):
        if not np.ptp(np.asarray(colorizer.colorize(gradient)), axis=-1).any():
            raise ColorlabError("A gray gradient stays gray; reinstall colorlab.")
    return "loads, with and without Keras, and colors a gray gradient"


CHECKS: dict[str, Callable[[], str]] = {
    "colorlab": lambda: f"{colorlab.__version__} in {FOLDER}",
    "Python": lambda: f"{platform.python_version()} ({sys.executable})",
    "system": platform.platform,
    "machine": platform.machine,
    **{name: partial(_version, name) for name in PACKAGES + OPTIONAL},
    "processor": _processor,
    "memory": _memory,
    "temporary files": tempfile.gettempdir,
    "home": lambda: _writable(Path.home(), "set HOME to another folder."),
    "current folder": lambda: _writable(Path.cwd(), "change to another folder."),
    "weights": _weights,
    "Keras runs on": _keras,
    "shipped model": _model,
}
