"""Write docs/api.md: what `colorlab.__all__` promises, from signatures and docstrings.

python scripts/make_api.py
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import colorlab

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
INTRO = """# What colorlab promises

These names, by `from colorlab import …`, are its interface: what they do does not change without
a new major version. All else may. Made by `python scripts/make_api.py`.
"""
HIDDEN = re.compile(r"_(?!_init__).*|.*config|.*_own_variables")  # private, or only Keras calls it
SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Source):(.*)")


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([INTRO, *(entry(name) for name in colorlab.__all__)])


def entry(name: str) -> str:
    """A function, or a class with its public methods."""
    thing = getattr(colorlab, name)
    lines = [f"## {name}\n"]
    if not inspect.isclass(thing):
        return "\n".join([*lines, signature(name, thing), markdown(thing)])
    lines.append(markdown(thing))
    for each, member in vars(thing).items():
        method = getattr(member, "__func__", member)  # of a class method
        written = inspect.isfunction(method) and method.__code__.co_filename != "<string>"
        if written and method.__doc__ and not HIDDEN.fullmatch(each):
            called = name if each == "__init__" else f"{name}.{each}"
            lines += [signature(called, method), markdown(method)]
    return "\n".join(lines)


def signature(name: str, function: Any) -> str:
    """How to call it, as a block of code; if that is long, with one argument per line."""
    found = inspect.signature(function)
    shown = [each for each in found.parameters.values() if each.name not in ("self", "cls")]
    line = f"{name}{found.replace(parameters=shown)}"
    line = re.sub(r"(: |-> )'([^']*)'", r"\1\2", line)
    line = re.sub(r"<class '.*?(\w+)'>", r"\1", line)
    if len(line) > 100:
        line = re.sub(r", (?![^\[]*\])", ",\n    ", line)
    return f"```python\n{line}\n```\n"


def markdown(thing: Any) -> str:
    """A docstring: its sections as lists, the example at its end as a block of code."""
    text, *example = inspect.cleandoc(thing.__doc__).split("\n>>> ", 1)
    lines, section = [], ""
    for line in text.splitlines():
        if found := SECTION.fullmatch(line):
            section = found[1]
            lines.append(f"*{section}*:{found[2]}")
        elif not line.startswith("    "):
            lines.append(line)
        elif section == "Returns":
            lines.append(line.strip())
        elif line.startswith("        "):
            lines.append(f"  {line.strip()}")
        else:
            name, _, what = line.strip().partition(":")
            lines.append(f"- `{name}`:{what}")
    return "\n".join([*lines, *(f"```python\n>>> {each}\n```" for each in example)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
