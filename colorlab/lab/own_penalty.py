"""The reader's own gradient penalty, made an objective that a critic can be trained for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from colorlab.backend import ops, tf
from colorlab.lab.exercises import yours_or_ours
from colorlab.model import objectives
from colorlab.model.objectives import Objective, Restraint

Tensor = Any
Answer = Callable[..., Any]


@dataclass(frozen=True)
class OwnPenalty(Restraint):
    """`objectives.GradientPenalty`, computed by two functions of the reader's.

    Attributes:
        between: (real, fake, u) → mixed, chroma (N, H, W, 2) each, u (N,) in [0, 1].
        measure: gradients of each photo's score, (N, H, W, 2) → the penalty, a scalar.
        weight: the factor of the penalty.
    """

    between: Answer
    measure: Answer
    weight: float = 10.0

    def penalty(
        self,
        slope: Callable[[Tensor], Tensor],
        real: Tensor,
        fake: Tensor,
        draw: Callable[[], Tensor],
    ) -> Tensor | float:
        """Penalize slopes whose norm is not 1."""
        points = self.between(real, fake, ops.reshape(draw(), (-1,)))
        return self.weight * self.measure(slope(points))


def own_or_package(between: Answer, penalty: Answer) -> tuple[Objective, str]:
    """Take the reader's penalty for WGAN-GP if it is right and can be trained with.

    Args:
        between: the reader's answer to the exercise of that name in lesson 02.
        penalty: likewise.

    Returns:
        The objective, with the reader's penalty or else the package's; and one line that says whose
        it is, and why.
    """
    package = objectives.get("wasserstein_gp")
    right = [yours_or_ours(answer) is answer for answer in (between, penalty)]
    if not all(right):
        return package, "So the package's penalty trains. Once both answers are right, yours will."
    own = OwnPenalty(between, penalty)
    if not _has_gradient(own):
        return package, (
            "But NumPy keeps no record for the gradient, so the package's penalty trains. "
            "Write ops in place of np, and yours will."
        )
    return replace(package, restraint=own), "So your own penalty trains."


def _has_gradient(restraint: Restraint) -> bool:
    """Whether the penalty can be differentiated by the critic's weights, in a compiled step."""
    steepness = tf.constant(2.0)

    def gradient() -> Tensor:
        with tf.GradientTape() as tape:
            tape.watch(steepness)
            loss = restraint.penalty(
                lambda x: steepness * x,
                tf.ones((3, 4, 4, 2)),
                tf.zeros((3, 4, 4, 2)),
                lambda: tf.fill((3, 1, 1, 1), 0.5),
            )
        return tape.gradient(loss, steepness)

    try:
        return tf.function(gradient, autograph=False)() is not None
    except Exception:  # the reader's code can raise anything
        return False
