"""What holds the project together: its metadata, its two ways to install, and its silence."""

import ast
import os
import re
import runpy
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import colorlab

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEPENDENCIES = {Requirement(line).name: Requirement(line) for line in PROJECT["dependencies"]}
EXTRAS = {
    name: [Requirement(line) for line in lines]
    for name, lines in PROJECT["optional-dependencies"].items()
}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    # This process may have silenced TensorFlow for its children already.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_conda_environment_installs_what_pyproject_says():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == PROJECT["name"] == "colorlab"
    assert environment["channels"] == ["conda-forge"]
    interpreter, pip, from_pip = environment["dependencies"]
    assert Requirement(interpreter).name == "python"
    assert Requirement(interpreter).specifier == SpecifierSet(PROJECT["requires-python"])
    assert pip == "pip"
    assert from_pip == {"pip": ["-e .[docs,export,lab,test]"]}
    assert {"docs", "export", "lab", "test"} <= set(EXTRAS)


def test_supported_pythons_are_the_same_everywhere():
    supported = ["3.11", "3.12", "3.13"]
    specifier = SpecifierSet(PROJECT["requires-python"])
    candidates = [f"3.{minor}" for minor in range(9, 17)]
    assert [version for version in candidates if f"{version}.5" in specifier] == supported
    tried = re.search(r"for python in (.*); do", (ROOT / "Makefile").read_text())
    assert tried and tried[1].split() == [*(f"python{v}" for v in supported[::-1]), "python3"]


def test_every_dependency_has_a_lower_and_an_upper_bound():
    for requirement in chain(DEPENDENCIES.values(), *EXTRAS.values()):
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators in ({">=", "<"}, {"=="}), f"{requirement} is not bounded"


def test_gpu_extra_is_the_same_tensorflow_with_cuda():
    (gpu,) = EXTRAS["gpu"]
    assert (gpu.name, gpu.extras) == ("tensorflow", {"and-cuda"})
    assert gpu.specifier == DEPENDENCIES["tensorflow"].specifier


def test_version_is_the_same_everywhere():
    newest = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest and newest[1] == PROJECT["version"] == colorlab.__version__


@pytest.mark.parametrize("command", [["-c", "import colorlab"], ["-m", "colorlab", "--help"]])
def test_starts_without_tensorflow(command):
    result = python("-X", "importtime", *command)
    assert result.returncode == 0, result.stderr
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "colorlab" in imported
    assert not imported & {"tensorflow", "keras"}


def code(path):
    """The numbers of the lines that are neither blank nor comments nor docstrings."""
    text = path.read_text()
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    strings = [
        node.body[0] for node in ast.walk(ast.parse(text))
        if isinstance(node, documented) and ast.get_docstring(node) is not None
    ]  # fmt: skip
    told = {line for each in strings for line in range(each.lineno, each.end_lineno + 1)}
    lines = enumerate(map(str.strip, text.splitlines()), 1)
    return [number for number, line in lines if line and line[0] != "#" and number not in told]


def test_the_core_can_be_read_in_two_evenings():
    package = ROOT / "colorlab"
    rooms = chain((package / "color").rglob("*.py"), (package / "model").rglob("*.py"))
    core = [*rooms, package / "training" / "gan.py", package / "colorizer.py"]
    assert 500 < sum(len(code(path)) for path in core) <= 1500


def test_a_process_of_ones_own_is_left_as_it_was():
    state = (
        "import gc, logging, os\n"
        "collector = gc.isenabled(), gc.get_freeze_count(), gc.get_threshold()\n"
        "logger = logging.getLogger('tensorflow')\n"
        "print(collector, logger.level, dict(os.environ))\n"
    )
    plain, ours = (
        python("-c", f"import {names}\n{state}")
        for names in ("keras, tensorflow", "colorlab.training.trainer, colorlab.lab.widgets")
    )
    assert plain.returncode == 0 and ours.stdout == plain.stdout
    assert bool(ours.stderr) == bool(plain.stderr)  # TensorFlow's lines at its start


def test_tensorflow_is_silent_where_it_is_asked_to():
    script = (
        "from colorlab.quiet import import_keras\n"
        "import_keras()\n"
        "import colorlab.training.trainer\n"
        "from colorlab.model import presets\n"
        "import numpy as np\n"
        "presets.get('toy').generator(64)(np.zeros((1, 64, 64, 1), 'float32'))\n"
    )
    result = python("-c", script)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_all_stages_run_and_one_failure_fails_the_whole(capfd):
    run = runpy.run_path(str(ROOT / "scripts" / "test.py"))["run"]
    assert run({"first": "python no-such-file", "second": "python -V"}) == 1
    summary = capfd.readouterr().out.partition("== summary")[2]
    assert re.search(r"first +FAILED.*\nsecond +passed.*\n== 1 failed, 1 passed", summary)
    assert run({"second": "python -V"}) == 0
