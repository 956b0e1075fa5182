"""Check answers to the lessons' exercises, and say what is wrong with a wrong one.

def mean_hue(a, b):
    return ...              # the reader's code

check(mean_hue)             # ✓, or what is wrong and a hint; it raises no error

An exercise is a function that the reader writes. Its results are compared with those of a reference
on some inputs, by shape and by value. The reference's results are never shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Case = tuple[Any, ...]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        reference: a function that is a right answer.
        cases: a function that makes the arguments of each call, anew for every check.
        hint: what to think of if an answer is wrong.
        tolerance: the largest difference that still counts as right.
    """

    reference: Callable[..., Any]
    cases: Callable[[], list[Case]]
    hint: str
    tolerance: float


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and one line that says so; a notebook shows the line."""

    passed: bool
    text: str

    def __repr__(self) -> str:
        """Show the line."""
        return self.text


EXERCISES: dict[str, Exercise] = {}


def exercise(
    cases: Callable[[], list[Case]], hint: str, tolerance: float = 1e-4
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the reference of the exercise with its name.

    The arguments are the attributes of `Exercise`.
    """

    def register(reference: Callable[..., Any]) -> Callable[..., Any]:
        EXERCISES[reference.__name__] = Exercise(reference, cases, hint, tolerance)
        return reference

    return register


def check(answer: Callable[..., Any]) -> Verdict:
    """Try the reader's function on the exercise with its name.

    Args:
        answer: the function that the reader wrote; its name says which exercise it answers.

    Returns:
        A verdict. For a wrong answer, it names the first wrong call, the shape or the largest
        difference, and a hint. Whatever the answer does, no error is raised.
    """
    name = getattr(answer, "__name__", str(answer))
    if name not in EXERCISES:
        return Verdict(False, f"There is no exercise {name!r}; keep the name that the cell had.")
    asked = EXERCISES[name]
    cases = asked.cases()
    for i, arguments in enumerate(cases, start=1):
        try:
            found = answer(*arguments)
            if found is ...:
                return Verdict(False, f"· {name}: not answered yet. Replace the ... by your code.")
            problem = _difference(found, asked.reference(*arguments), asked.tolerance)
        except Exception as error:
            problem = f"it raised {type(error).__name__}: {error}"
        if problem:
            call = f"in try {i} of {len(cases)}, {problem}"
            return Verdict(False, f"✗ {name}: {call}. Hint: {asked.hint}")
    return Verdict(True, f"✓ {name}: right in {len(cases)} of {len(cases)} tries.")


def _difference(found: Any, expected: Any, tolerance: float) -> str:
    """What is wrong with a result, in words; empty if nothing is."""
    if found is None:
        return "it returned None; a function needs a return"
    result, wanted = np.asarray(found), np.asarray(expected)
    if result.shape != wanted.shape:
        return f"the shape is {result.shape}, expected {wanted.shape}"
    if result.dtype.kind not in "biuf":  # a boolean counts as 0 or 1
        return f"the dtype is {result.dtype}, expected numbers"
    if not np.isfinite(result).all():
        return "some numbers are NaN or infinite"
    largest = float(np.abs(result - wanted.astype(float)).max())
    return "" if largest <= tolerance else f"the largest difference is {largest:.3g}"
