"""What docs/api.rst promises is what the package has."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import colorlab

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    each.name for each in pkgutil.walk_packages(colorlab.__path__, "colorlab.")
    if not each.name.endswith("__main__")
)  # fmt: skip


def test_the_page_has_every_public_name() -> None:
    page = (ROOT / "docs" / "api.rst").read_text()
    shown = re.findall(r"^\.\. auto\w+:: (\w+)$", page, flags=re.MULTILINE)
    assert sorted(shown) == sorted(colorlab.__all__)


def test_every_public_name_can_be_imported() -> None:
    for name in colorlab.__all__:
        assert getattr(colorlab, name).__doc__
    with pytest.raises(AttributeError, match="colorise"):
        colorlab.colorise  # noqa: B018


def test_examples_in_docstrings_run() -> None:
    results = [doctest.testmod(importlib.import_module(name)) for name in MODULES]
    assert sum(each.attempted for each in results) >= 4
    assert not sum(each.failed for each in results)
