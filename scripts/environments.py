"""Run the unit tests where others may run colorlab: other Pythons, and the oldest versions.

python scripts/environments.py 3.12 3.13   on these Pythons, if installed, with the newest versions
python scripts/environments.py oldest      on this Python, with the oldest versions allowed

Each has an environment of its own, .venv-NAME, which is used again the next time.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def oldest() -> list[str]:
    """A requirement for each dependency that only its oldest allowed version meets."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = "\n".join([*project["dependencies"], *extras["export"], *extras["lab"]])
    return re.sub(r"([\w-]+)>=([\d.]+),.*", r"\1==\2", wanted).split()


def tested(name: str) -> str:
    """Run the unit tests in that environment → the verdict."""
    python = sys.executable if name == "oldest" else shutil.which(f"python{name}")
    if python is None or subprocess.run([python, "-c", "import ensurepip"]).returncode:
        return "not installed here"
    folder = ROOT / f".venv-{name}"
    own = str(folder / "bin" / "python")
    requirements = oldest() if name == "oldest" else []
    # An old version uses what newer ones of its own dependencies warn of.
    options = ["-W", "ignore::DeprecationWarning"] if name == "oldest" else []
    for command in (
        [python, "-m", "venv", str(folder)],
        [own, "-m", "pip", "install", "--quiet", "--editable", ".[export,lab,test]", *requirements],
        [own, "-m", "pytest", "-q", "-rs", "-n", "auto", *options],
    ):
        print(f"\n== {name}:", *command, flush=True)
        if subprocess.run(command, cwd=ROOT).returncode:
            return "FAILED"
    return "passed"


if __name__ == "__main__":
    verdicts = {name: tested(name) for name in sys.argv[1:]}
    print("\n== summary", *(f"{name:<10} {v}" for name, v in verdicts.items()), sep="\n")
    sys.exit("FAILED" in verdicts.values())
