"""`colorlab doctor`: what a bug report needs, even where colorlab does not run."""

import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorlab import Colorizer, __version__, cli, doctor
from colorlab.model import network


def read(text: str) -> tuple[dict[str, str], list[str]]:
    """A report → its facts by name, and its lines on problems."""
    table, _, end = text.partition("\n\n")
    facts = {line[:17].strip(): line[17:] for line in table.splitlines()}
    return facts, end.removeprefix("Problems:\n").splitlines()


def examine(capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str], list[str]]:
    """The report of this process → exit code, facts, problems."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["colorlab", "doctor"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    out, err = capfd.readouterr()
    assert err == ""
    return int(ended.value.code or 0), *read(out)


def test_versions_places_and_the_machine_are_named(capfd, monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    code, facts, end = examine(capfd)
    assert (code, end) == (0, ["No problems found."])
    assert facts["colorlab"] == f"{__version__} in {Path(doctor.__file__).parent}"
    assert facts["Python"] == f"{platform.python_version()} ({sys.executable})"
    assert platform.system() in facts["system"] and facts["machine"] == platform.machine()
    for name in ("tensorflow", "keras", "numpy", "pillow", "scikit-image", "anywidget", "voila"):
        assert facts[name] == version(name)
    assert facts["home"] == facts["current folder"] == f"{tmp_path}, can be written to"
    assert "small-2.weights.h5 (5.7 MB)" in facts["weights"]
    assert facts["Keras runs on"].startswith("tensorflow on ")
    assert facts["shipped model"] == "loads, with and without Keras, and colors a gray gradient"


def test_processor_and_memory_are_unknown_where_the_system_does_not_tell(monkeypatch):
    files = {"/proc/cpuinfo": "flags : fpu avx2 sse", "/proc/meminfo": ""}
    monkeypatch.setattr(doctor, "_read", files.get)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert doctor._processor().startswith("7 cores; AVX") and doctor._processor().endswith(": no")
    files["/proc/cpuinfo"] = "flags : fpu avx sse"
    assert doctor._processor().endswith(": yes")
    files["/proc/cpuinfo"] = ""
    assert doctor._processor().endswith(": unknown")
    assert doctor._memory() == "unknown"
    files["/proc/meminfo"] = "MemTotal:  2097152 kB\nMemFree: 1 kB\nMemAvailable:  524288 kB\n"
    assert doctor._memory() == "2.0 GiB, 0.5 GiB of it free"


def test_a_broken_backend_and_an_unwritable_home_are_problems_not_tracebacks(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    home = tmp_path / "file" / "home"  # no administrator, either, can write below a file
    result = subprocess.run(
        [sys.executable, "-m", "colorlab", "doctor"],
        env=os.environ | {"KERAS_BACKEND": "none", "HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (1, "")
    facts, (on_home, on_keras) = read(result.stdout)
    assert facts["keras"] == version("keras")
    assert facts["shipped model"].startswith("Keras cannot be imported")
    assert on_home == f"home: {home} cannot be written to; set HOME to another folder."
    assert on_keras.startswith("Keras runs on: Keras cannot be imported (Unable to import backend")
    assert "set KERAS_BACKEND=tensorflow" in on_keras


def test_missing_packages_are_named_and_only_what_colorlab_needs_is_a_problem(capfd, monkeypatch):
    def none(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", none)
    code, facts, end = examine(capfd)
    assert facts["anywidget"] == facts["voila"] == facts["pi-heif"] == "not installed"
    assert code == 1 and len(end) == len(doctor.PACKAGES)
    assert "anywidget: not installed; run: pip install anywidget" in end


def test_missing_and_damaged_weights_are_named(capfd, monkeypatch, tmp_path: Path):
    monkeypatch.setattr(doctor, "WEIGHTS", tmp_path)
    monkeypatch.setattr(network, "WEIGHTS", tmp_path)
    code, facts, end = examine(capfd)
    assert code == 1 and facts["weights"] == f"{tmp_path} has none"
    assert end[0] == f"weights: {tmp_path} has none; reinstall colorlab."
    assert end[1].startswith(f"shipped model: {tmp_path / 'small-2.onnx'} is missing or damaged")

    (tmp_path / "small-2.onnx").write_bytes(b"cut")
    code, facts, (problem,) = examine(capfd)
    assert code == 1 and facts["weights"].endswith("small-2.onnx (0.0 MB)")
    assert re.search(r"small-2\.onnx is missing or damaged .*; reinstall colorlab\.$", problem)

    shutil.copy(doctor.FOLDER / "model" / "weights" / "small-2.onnx", tmp_path)
    (tmp_path / "small-2.weights.h5").write_bytes(b"cut")
    code, facts, (problem,) = examine(capfd)
    assert code == 1 and "small-2.weights.h5 (0.0 MB)" in facts["weights"]
    assert problem.startswith("shipped model: OSError: ") and problem.endswith("report it.")


def test_a_model_that_colors_nothing_is_a_problem(capfd, monkeypatch):
    gray = Image.fromarray(np.zeros((4, 4, 3), np.uint8))
    monkeypatch.setattr(Colorizer, "colorize", lambda *_: gray)
    code, _, (problem,) = examine(capfd)
    assert code == 1
    assert problem == "shipped model: A gray gradient stays gray; reinstall colorlab."
