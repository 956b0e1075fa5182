"""Change colorlab in one place at a time, and see whether a test notices: a mutation test.

python scripts/mutants.py [--sample N] [MODULE ...]

cosmic-ray knows what can be changed: a number, an operator, a comparison, an exception. The changed
module is tried in a process of its own, forked from one that has imported TensorFlow, and is given
to the import there: no file is touched. What survives is printed as a diff.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import signal
import sys
import warnings
from collections import Counter
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import NamedTuple

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

import colorlab.backend  # noqa: F401  once for all forks; it imports none of MODULES

ROOT = Path(__file__).parents[1]
# Module → its tests.
MODULES = {
    "color.encoding": "color/test_encoding.py",
    "model.objectives": "model/test_objectives.py",
    "photos.photo": "photos/test_photo.py",
    "photos.exif": "photos/test_photo.py",
}
PATIENCE = 120  # seconds; a change that makes a loop endless has been noticed


class Change(NamedTuple):
    """An operator of cosmic-ray, and which of the places in a module that it can change."""

    module: str
    operator: str
    place: int

    @property
    def source(self) -> str:
        """The module with this change; as it is, if it changes nothing."""
        before = path_of(self.module).read_text()
        return mutate_code(before, get_operator(self.operator)(), self.place) or before

    def __str__(self) -> str:
        """The lines that differ."""
        before, after = path_of(self.module).read_text().splitlines(), self.source.splitlines()
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        return "\n".join([f"{self.module}.py", *list(lines)[2:]])


def changes(module: str) -> list[Change]:
    """All that can be changed in a module."""
    tree = get_ast(path_of(module).read_text())
    found = []
    for name in operator_names():
        operator = get_operator(name)
        if not operator.arguments():
            places = sum(len(list(operator().mutation_positions(node))) for node in ast_nodes(tree))
            found += [Change(module, name, place) for place in range(places)]
    return found


def begin(module: str, source: str) -> int:
    """Run a module's tests on that source of it, in a fork; its process."""
    child = os.fork()
    if child:
        return child
    signal.alarm(PATIENCE)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    verdict = 1
    try:
        code = compile(source, str(path_of(module)), "exec", dont_inherit=True)
        find_code = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
            return code if name == f"colorlab.{module}" else find_code(loader, name)

        SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]
        tests = str(ROOT / "tests" / MODULES[module])
        verdict = pytest.main(["-x", "-q", "-p", "no:cacheprovider", tests])
    finally:
        os._exit(verdict)


def path_of(module: str) -> Path:
    """Its file."""
    return ROOT / "colorlab" / f"{module.replace('.', '/')}.py"


def main() -> None:
    """Try the changes that were asked for, all processors at once."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", default=list(MODULES))
    parser.add_argument("--sample", type=int, help="try so many, drawn at random, the same ones")
    asked = parser.parse_args()
    if unknown := set(asked.modules) - set(MODULES):
        parser.error(f"no MODULE {', '.join(unknown)}; expected some of {', '.join(MODULES)}")
    for module in asked.modules:
        if os.waitpid(begin(module, path_of(module).read_text()), 0)[1]:
            sys.exit(f"The tests of {module}.py fail as it is; mend that first.")
    waiting = [change for module in asked.modules for change in changes(module)]
    random.Random(0).shuffle(waiting)
    waiting = waiting[: asked.sample]
    tried = Counter(change.module for change in waiting)
    survived: Counter[str] = Counter()
    running: dict[int, Change] = {}
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            change = waiting.pop()
            running[begin(change.module, change.source)] = change
        process, status = os.wait()
        change = running.pop(process)
        if status == 0:
            survived[change.module] += 1
            print(change, flush=True)
    print("\n| module | mutants | killed | survived |\n|---|---:|---:|---:|")
    for module, count in sorted(tried.items()):
        print(f"| `{module}.py` | {count} | {count - survived[module]} | {survived[module]} |")


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "This process.*is multi-threaded", DeprecationWarning)
    os.chdir(ROOT)
    main()
