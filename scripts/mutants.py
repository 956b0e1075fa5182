"""Change colorlab in one place at a time, and see whether a test notices: a mutation test.

python scripts/mutants.py [--sample N] [MODULE ...]

cosmic-ray finds what can be changed: a number, an operator, a comparison, an exception. Each change
is tested in a process that is forked from one that has imported TensorFlow. No file is touched: the
import there gets the changed source. A change that no test notices is printed as a diff.
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

from colorlab.quiet import import_keras

import_keras()  # once for all forks; it imports none of MODULES

ROOT = Path(__file__).parents[1]
MODULES = {  # and their tests
    "color.encoding": "color/test_encoding.py",
    "model.objectives": "model/test_objectives.py",
    "photos.photo": "photos/test_photo.py",
    "photos.exif": "photos/test_photo.py",
}
PATIENCE = 120  # seconds; a test that takes longer has noticed the change


class Change(NamedTuple):
    """An operator of cosmic-ray, and the number of a place in a module that it can change."""

    module: str
    operator: str
    place: int

    @property
    def source(self) -> str:
        """The changed source of the module."""
        before = path_of(self.module).read_text()
        return mutate_code(before, get_operator(self.operator)(), self.place) or before

    def __str__(self) -> str:
        """The lines that differ."""
        before, after = path_of(self.module).read_text().splitlines(), self.source.splitlines()
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        return "\n".join([f"{self.module}.py", *list(lines)[2:]])


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / "colorlab" / f"{module.replace('.', '/')}.py"


def changes(module: str) -> list[Change]:
    """All changes of a module."""
    tree = get_ast(path_of(module).read_text())
    found = []
    for name in operator_names():
        operator = get_operator(name)
        if not operator.arguments():
            places = sum(len(list(operator().mutation_positions(node))) for node in ast_nodes(tree))
            found += [Change(module, name, place) for place in range(places)]
    return found


def begin(module: str, source: str) -> int:
    """Run a module's tests with that source, in a fork → the number of the process."""
    child = os.fork()
    if child:
        return child
    signal.alarm(PATIENCE)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
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


def main() -> None:
    """Try the changes that were asked for, on all processors at once."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", default=list(MODULES))
    parser.add_argument("--sample", type=int, help="Try only so many, always the same random ones.")
    asked = parser.parse_args()
    if unknown := set(asked.modules) - set(MODULES):
        parser.error(f"no module {', '.join(unknown)}; choose some of {', '.join(MODULES)}")
    for module in asked.modules:
        if os.waitpid(begin(module, path_of(module).read_text()), 0)[1]:
            sys.exit(f"The tests of {module}.py fail without any change; fix that first.")
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
