"""A training step of colorlab against the same step in PyTorch and in a tutorial's TensorFlow.

python benchmarks/steps.py [--only small]

The same networks, losses and optimizers, on the same batch in memory, each in a process of its own,
taking turns. PyTorch is needed: pip install -e '.[bench]'. The table is in
docs/internals/performance.md.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np
import shared

from colorlab.data.toyworld import scenes
from colorlab.quiet import import_keras

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

            cls.before = shared.peak()
            cls.step = plain_torch.Step(case.preset, weights, adversarial=case.adversarial)
        else:
            import_keras()
            import plain_tensorflow

            from colorlab.model import presets

            cls.before = shared.peak()
            make = shared.training_step if way == "colorlab" else plain_tensorflow.Step
            cls.step = make(presets.get(case.preset), case.size, adversarial=case.adversarial)
        cls.step(cls.batch)

    @classmethod
    def take(cls) -> float:
        """Seconds a step."""
        return shared.seconds(lambda: cls.step(cls.batch), SECONDS)

    @classmethod
    def memory(cls) -> float:
        """The most bytes so far, beyond what the library took when it was imported."""
        return shared.peak() - cls.before


def measure(case: Case, weights: tuple[float, float]) -> str:
    """A line of the table: medians, ratios within a round, and each way's memory."""
    with ExitStack() as stack:
        processes = {way: stack.enter_context(shared.own_process()) for way in WAYS}
        ready = [each.submit(Turns.prepare, way, case, weights) for way, each in processes.items()]
        for each in ready:
            each.result()
        turns = {
            way: lambda process=each: process.submit(Turns.take).result()
            for way, each in processes.items()
        }
        ours, *others = shared.in_turns(turns).values()
        megabytes = [each.submit(Turns.memory).result() / 1e6 for each in processes.values()]
    cells = [str(case), shared.duration(ours)]
    for theirs in others:
        cells += [shared.duration(theirs), shared.spread(theirs / ours)]
    return shared.row(*cells, " / ".join(f"{each:.0f}" for each in megabytes))


def main() -> None:
    parser = shared.options(__doc__)
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    asked = parser.parse_args()
    import_keras()
    from colorlab.model import presets
    from colorlab.training.trainer import device_name

    libraries = shared.machine("tensorflow", "keras", "torch")
    print(f"{device_name()}, {libraries}, {shared.ROUNDS} rounds\n")
    print(shared.heading(*HEADER), flush=True)
    for case in CASES:
        if asked.only in str(case):
            preset = presets.get(case.preset)
            weights = preset.content_weight, preset.adversarial_weight
            print(measure(case, weights), flush=True)


if __name__ == "__main__":
    main()
