"""Helpers of the benchmarks: time several ways in turns, print Markdown tables, paint photos."""

from __future__ import annotations

import argparse
import platform
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab.data.toyworld import scenes

if TYPE_CHECKING:
    from colorlab.model.presets import Preset

ROUNDS = 5
Figures = NDArray[np.float64]
Work = Callable[[], object]


def options(doc: str | None) -> argparse.ArgumentParser:
    """A parser of command lines; its help is the first line of the script's docstring."""
    return argparse.ArgumentParser(description=(doc or "").partition("\n")[0])


def own_process() -> ProcessPoolExecutor:
    """A fresh process, for work whose memory or libraries must stay apart."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def machine(*libraries: str) -> str:
    """This machine, and the libraries' versions, in a line."""
    versions = [f"{name} {version(name)}" for name in libraries]
    return ", ".join([platform.processor() or platform.machine(), *versions])


def seconds(work: Work, at_least: float = 0.0) -> float:
    """How long one call takes, of as many as fit into `at_least` seconds."""
    begin, count = time.perf_counter(), 0
    while not count or time.perf_counter() - begin < at_least:
        work()
        count += 1
    return (time.perf_counter() - begin) / count


def in_turns(ways: Mapping[str, Callable[[], float]]) -> dict[str, Figures]:
    """A figure of each way in each round. They take turns, because a machine's speed drifts."""
    rounds = [{name: way() for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: np.array([each[name] for each in rounds]) for name in ways}


def compare(
    name: str, ours: Work, theirs: Work, turn: float = 0.0, *, slower: bool = False
) -> tuple[Figures, Figures]:
    """Print a table's row: both times, and how many times as fast or as slow ours is.

    Returns the seconds. With turns of some length, first calls do not count: they compile.
    """
    if turn:
        ours(), theirs()
    ways = {"ours": partial(seconds, ours, turn), "theirs": partial(seconds, theirs, turn)}
    a, b = in_turns(ways).values()
    print(row(name, duration(a), duration(b), spread(a / b if slower else b / a)), flush=True)
    return a, b


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


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def heading(*cells: object) -> str:
    """The first two lines of a table. All columns but the first are numbers."""
    return f"{row(*cells)}\n{row('---', *['---:'] * (len(cells) - 1))}"


def make_photo(path: Path, size: tuple[int, int], number: int = 0) -> None:
    """A painted scene with grain; without that, it would have half of a real photo's bytes."""
    image = Image.fromarray(scenes(1, size=256, seed=number)[0]).resize(size)
    grain = np.random.default_rng(number).normal(0, 8, (size[1], size[0], 1)).astype(np.float32)
    pixels = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=90)


def training_step(
    preset: Preset, size: int, *, adversarial: bool = False, jit_compile: bool = False
) -> Callable[[Any], float]:
    """A step as `colorlab train` takes it: uint8 (N, size, size, 3) → the content loss."""
    from colorlab.backend import tf
    from colorlab.training.gan import ColorGAN

    gan = ColorGAN(preset.generator(size), preset.critic())
    gan.compile(
        preset.objective if adversarial else None,
        content_weight=preset.content_weight,
        adversarial_weight=preset.adversarial_weight,
        match_gradients=preset.match_gradients,
    )
    graph = tf.function(gan.train_step, jit_compile=jit_compile, autograph=False)
    return lambda batch: float(graph(tf.constant(batch))["content_loss"])
