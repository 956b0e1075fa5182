"""Tests notice when the package is changed: the short form of `make mutants`."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_most_changes_of_the_package_are_noticed():
    command = [sys.executable, "scripts/mutants.py", "--sample", "20"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^\| `\w+\.py` \| (\d+) \| (\d+) \| \d+ \|$", printed, re.MULTILINE)
    tried, killed = (sum(map(int, column)) for column in zip(*rows, strict=True))
    assert tried == 20
    assert killed >= 15, printed
