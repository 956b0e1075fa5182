"""What docs/api.md promises is what the package has."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import runpy
from pathlib import Path

import pytest

import colorlab

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    each.name for each in pkgutil.walk_packages(colorlab.__path__, "colorlab.")
    if not each.name.endswith("__main__")
)  # fmt: skip


def test_the_page_is_as_the_docstrings_are() -> None:
    make = runpy.run_path(str(ROOT / "scripts" / "make_api.py"))
    shown = (ROOT / "docs" / "api.md").read_text()
    assert shown == make["page"](), "python scripts/make_api.py writes it anew"
    for name in colorlab.__all__:
        assert f"\n## {name}\n" in shown


def test_every_public_name_can_be_imported() -> None:
    for name in colorlab.__all__:
        assert getattr(colorlab, name).__doc__
    with pytest.raises(AttributeError, match="colorise"):
        colorlab.colorise  # noqa: B018


def test_examples_in_docstrings_run() -> None:
    results = [doctest.testmod(importlib.import_module(name)) for name in MODULES]
    assert sum(each.attempted for each in results) >= 4
    assert not sum(each.failed for each in results)
