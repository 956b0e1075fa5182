"""A training step of colorlab against the same step in PyTorch and in a tutorial's TensorFlow.

python benchmarks/steps.py [--only small]

The same networks, losses and optimizers, on the same batch in memory, each in a process of its own,
taking turns. PyTorch is needed: pip install -e '.[bench]'. The table is in
docs/internals/performance.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
from pairs import ROUNDS, duration, in_turns, machine, peak, seconds, spread

from colorlab.data.toyworld import scenes

SECONDS = 1.0  # a turn takes as many steps as fit into that, and at least one
WAYS = ("colorlab", "PyTorch eager", "tutorial's style")
HEADER = ("step", WAYS[0], WAYS[1], "times as fast", WAYS[2], "times as fast", "memory, MB")


class Case(NamedTuple):
    """What is timed."""

    preset: str
    size: int
    batch_size: int
    adversarial: bool

    def __str__(self) -> str:
        stage = "adversarial" if self.adversarial else "content"
        return f"{self.preset}, {self.size} px, batch {self.batch_size}, {stage}"


CASES = [
    Case(preset, size, batch_size, adversarial)
    for preset, size in (("small", 96), ("small", 256), ("pix2pix", 256))
    for batch_size in (1, 16)
    for adversarial in (False, True)
]


class Turns:
    """One way to take a step, in a process of its own: the two libraries do not bear each other."""

    step: Callable[[np.ndarray[Any, Any]], float]
    batch: np.ndarray[Any, Any]
    before: float

    @classmethod
    def prepare(cls, way: str, case: Case, weights: tuple[float, float]) -> None:
        """Build the networks, and take a first step: it compiles, and takes its memory."""
        cls.batch = scenes(case.batch_size, size=case.size)
        if way == "PyTorch eager":
            import plain_torch

            cls.before = peak()
            cls.step = plain_torch.Step(case.preset, weights, adversarial=case.adversarial)
        else:
            from colorlab.model import presets

            preset = presets.get(case.preset)
            cls.before = peak()
            cls.step = (_ours if way == "colorlab" else _tutorial)(preset, case)
        cls.step(cls.batch)

    @classmethod
    def take(cls) -> float:
        """Seconds a step."""
        return seconds(lambda: cls.step(cls.batch), SECONDS)

    @classmethod
    def memory(cls) -> float:
        """The most bytes so far, beyond what the library took when it was imported."""
        return peak() - cls.before


def _ours(preset: Any, case: Case) -> Any:
    from colorlab.backend import tf
    from colorlab.training.gan import ColorGAN

    gan = ColorGAN(preset.generator(case.size), preset.critic())
    gan.compile(
        preset.objective if case.adversarial else None,
        content_weight=preset.content_weight,
        adversarial_weight=preset.adversarial_weight,
        match_gradients=preset.match_gradients,
    )
    graph = tf.function(gan.train_step, autograph=False)
    return lambda batch: float(graph(tf.constant(batch))["content_loss"])


def _tutorial(preset: Any, case: Case) -> Any:
    import plain_tensorflow

    return plain_tensorflow.Step(preset, case.size, adversarial=case.adversarial)


def measure(case: Case, weights: tuple[float, float]) -> str:
    """A line of the table: medians, ratios within a round, and each way's memory."""
    with ExitStack() as stack:
        processes = {
            way: stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            for way in WAYS
        }
        ready = [each.submit(Turns.prepare, way, case, weights) for way, each in processes.items()]
        for each in ready:
            each.result()

        def turn(process: ProcessPoolExecutor) -> float:
            return process.submit(Turns.take).result()

        figures = in_turns({way: partial(turn, each) for way, each in processes.items()})
        megabytes = [each.submit(Turns.memory).result() / 1e6 for each in processes.values()]
    ours, *others = (np.array(each) for each in figures.values())
    cells = [str(case), duration(ours)]
    for theirs in others:
        cells += [duration(theirs), spread(theirs / ours)]
    cells.append(" / ".join(f"{each:.0f}" for each in megabytes))
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    asked = parser.parse_args()
    from colorlab.model import presets
    from colorlab.training.trainer import device_name

    libraries = machine("tensorflow", "keras", "torch")
    print(f"{device_name()}, {libraries}, {ROUNDS} rounds\n")
    print(f"| {' | '.join(HEADER)} |\n|---|{'---:|' * (len(HEADER) - 1)}", flush=True)
    for case in CASES:
        if asked.only in str(case):
            preset = presets.get(case.preset)
            weights = preset.content_weight, preset.adversarial_weight
            print(measure(case, weights), flush=True)


if __name__ == "__main__":
    main()
