"""Figures in pairs: ours and another's take turns, and are compared round by round."""

from __future__ import annotations

import platform
import re
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

ROUNDS = 5


def machine(*libraries: str) -> str:
    """This machine, and the libraries' versions, in a line."""
    versions = [f"{name} {version(name)}" for name in libraries]
    return ", ".join([f"{platform.processor() or platform.machine()}", *versions])


def seconds(work: Callable[[], object], at_least: float = 0.0) -> float:
    """How long one call takes, of as many as fit into `at_least` seconds."""
    begin, count = time.perf_counter(), 0
    while not count or time.perf_counter() - begin < at_least:
        work()
        count += 1
    return (time.perf_counter() - begin) / count


def in_turns(ways: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """A figure of each way in each round."""
    rounds = [{name: way() for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: [each[name] for each in rounds] for name in ways}


def peak() -> float:
    """The most memory that this process has had, in bytes; `getrusage` counts its parent's too."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return 1024.0 * int(line)


def spread(figures: Any, digits: int = 2) -> str:
    """Median, least and most."""
    median, least, most = np.median(figures), np.min(figures), np.max(figures)
    return f"{median:.{digits}f} ({least:.{digits}f} to {most:.{digits}f})"


def duration(figures: Any) -> str:
    """The median of seconds, as people say it."""
    median = float(np.median(figures))
    return f"{median:.2f} s" if median >= 1 else f"{1000 * median:.3g} ms"
