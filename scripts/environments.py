"""Run the unit tests where others may run colorlab: other Pythons, and the oldest versions.

python scripts/environments.py 3.12 3.13   with the newest versions, on each of these that is here
python scripts/environments.py oldest      on this Python, with the oldest versions allowed

Each has an environment of its own, .venv-NAME, which is kept for the next time.
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
    """For each dependency, the requirement that is met by its oldest allowed version alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    least = (re.match(r"([\w-]+)>=([\d.]+),", each) for each in wanted)
    return [f"{found[1]}=={found[2]}" for found in least if found]


def tested(name: str) -> bool | None:
    """Whether the unit tests pass in that environment; None if its Python is not here."""
    python = sys.executable if name == "oldest" else shutil.which(f"python{name}")
    if python is None or subprocess.run([python, "-c", "import ensurepip"]).returncode:
        return None
    folder = ROOT / f".venv-{name}"
    own = str(folder / "bin" / "python")
    requirements = oldest() if name == "oldest" else []
    # An old version uses what newer ones of its own dependencies warn of.
    options = ["-W", "ignore::DeprecationWarning"] if name == "oldest" else []
    for command in (
        [python, "-m", "venv", str(folder)],
        [own, "-m", "pip", "install", "--quiet", "--editable", ".[lab,test]", *requirements],
        [own, "-m", "pytest", "-q", "-rs", "-n", "auto", *options],
    ):
        print(f"\n== {name}:", *command, flush=True)
        if subprocess.run(command, cwd=ROOT).returncode:
            return False
    return True


if __name__ == "__main__":
    verdicts = {name: tested(name) for name in sys.argv[1:]}
    words = {True: "passed", False: "FAILED", None: "no such Python here"}
    print("\n== summary", *(f"{name:<10} {words[v]}" for name, v in verdicts.items()), sep="\n")
    sys.exit(False in verdicts.values())
