"""Check answers to the lessons' exercises, and say what is wrong with a wrong one.

def mean_hue(a, b):
    return ...              # the reader's code

check(mean_hue)             # ✓, or what is wrong and a hint; it raises no error

An exercise is a function that the reader writes. Its results are compared with those of a reference
on some inputs, by shape and by value. The reference's results are never shown.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Answer = Callable[..., Any]
Cases = list[tuple[Any, ...]]  # the arguments of each try


@dataclass(frozen=True)
class Exercise:
    """A right answer, the arguments that answers are tried on, and a hint."""

    reference: Answer
    cases: Cases
    hint: str


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and one line that says so; a notebook shows the line."""

    passed: bool
    text: str

    def __repr__(self) -> str:
        """Show the line."""
        return self.text


EXERCISES: dict[str, Exercise] = {}


def exercise(cases: Cases, hint: str) -> Callable[[Answer], Answer]:
    """Register the decorated function as the reference of the exercise with its name."""

    def register(reference: Answer) -> Answer:
        EXERCISES[reference.__name__] = Exercise(reference, cases, hint)
        return reference

    return register


def check(answer: Answer) -> Verdict:
    """Try the reader's function on the exercise with its name; no error is raised.

    The verdict on a wrong answer names the first wrong call, the shape or the largest difference,
    and a hint.
    """
    name = getattr(answer, "__name__", str(answer))
    if name not in EXERCISES:
        return Verdict(False, f"There is no exercise {name!r}; keep the name that the cell had.")
    asked = EXERCISES[name]
    tries = len(asked.cases)
    for i, arguments in enumerate(asked.cases, start=1):
        try:
            found = answer(*copy.deepcopy(arguments))  # an answer may change its arguments
            if found is ...:
                return Verdict(False, f"· {name}: not answered yet. Replace the ... by your code.")
            problem = _difference(found, asked.reference(*arguments))
        except Exception as error:
            problem = f"it raised {type(error).__name__}: {error}"
        if problem:
            text = f"in try {i} of {tries}, {problem}. Hint: {asked.hint}"
            return Verdict(False, f"✗ {name}: {text}")
    return Verdict(True, f"✓ {name}: right in {tries} of {tries} tries.")


def _difference(found: Any, expected: Any) -> str:
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
    if np.allclose(result, wanted, rtol=1e-4, atol=1e-4):
        return ""
    return f"the largest difference is {np.abs(result - wanted.astype(float)).max():.3g}"
