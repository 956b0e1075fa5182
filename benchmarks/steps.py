"""A training step of colorlab against the same step in PyTorch and in a tutorial's TensorFlow.

python benchmarks/steps.py [--only small]

The same networks, losses and optimizers, on the same batch in memory, taking turns in one process.
PyTorch is needed: pip install torch. docs/performance.md has the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
from pairs import ROUNDS, duration, in_turns, machine, seconds, spread

from colorlab.toyworld import scenes

SECONDS = 2.0  # a turn takes as many steps as fit into that, and at least one
WAYS = ("colorlab", "PyTorch eager", "tutorial's style")
HEADER = ("step", WAYS[0], WAYS[1], "times as fast", WAYS[2], "times as fast")


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

    @classmethod
    def prepare(cls, way: str, case: Case, weights: tuple[float, float]) -> None:
        """Build the networks, and take a first step: it compiles, and takes its memory."""
        cls.batch = scenes(case.batch_size, size=case.size)
        if way == "PyTorch eager":
            import plain_torch

            cls.step = plain_torch.Step(case.preset, weights, adversarial=case.adversarial)
        else:
            from colorlab import presets

            preset = presets.get(case.preset)
            cls.step = (_ours if way == "colorlab" else _tutorial)(preset, case)
        cls.step(cls.batch)

    @classmethod
    def take(cls) -> float:
        """Seconds a step."""
        return seconds(lambda: cls.step(cls.batch), SECONDS)


def _ours(preset: Any, case: Case) -> Any:
    from colorlab.backend import tf
    from colorlab.gan import ColorGAN

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


def measure(case: Case, weights: tuple[float, float]) -> dict[str, list[float]]:
    """Seconds a step, way by way, a figure a round."""
    with ExitStack() as stack:
        processes = {
            way: stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            for way in WAYS
        }
        for way, process in processes.items():
            process.submit(Turns.prepare, way, case, weights).result()

        def turn(process: ProcessPoolExecutor) -> float:
            return process.submit(Turns.take).result()

        return in_turns({way: partial(turn, process) for way, process in processes.items()})


def row(name: str, seconds: Mapping[str, Sequence[float]]) -> str:
    """A line of the table: medians, and ratios within a round."""
    ours, *others = (np.array(each) for each in seconds.values())
    cells = [name, duration(ours)]
    for theirs in others:
        cells += [duration(theirs), spread(theirs / ours)]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    asked = parser.parse_args()
    from colorlab import presets
    from colorlab.training import device_name

    libraries = machine("tensorflow", "keras", "torch")
    print(f"{device_name()}, {libraries}, {ROUNDS} rounds\n")
    print(f"| {' | '.join(HEADER)} |\n|---|{'---:|' * (len(HEADER) - 1)}", flush=True)
    for case in CASES:
        if asked.only in str(case):
            preset = presets.get(case.preset)
            weights = preset.content_weight, preset.adversarial_weight
            print(row(str(case), measure(case, weights)), flush=True)


if __name__ == "__main__":
    main()
