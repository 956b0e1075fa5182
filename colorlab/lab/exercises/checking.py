"""Check answers to the lessons' exercises, and say what is wrong with a wrong one.

def mean_hue(a, b):
    return ...              # the reader's code

check(mean_hue)             # ✓, or what is wrong and a hint; it raises no error

An exercise is a function that the reader writes. Its results are compared with those of a reference
on some inputs, by shape and by value. The verdict on a few numbers shows what was expected and
found; the verdict on a large array shows only the largest difference and where it is.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Answer = Callable[..., Any]
Cases = list[tuple[Any, ...]]  # the arguments of each try
FEW = 6  # so many numbers are shown one by one


@dataclass(frozen=True)
class Exercise:
    """A right answer, the arguments that answers are tried on, and help for wrong ones.

    Attributes:
        reference: the right answer.
        cases: the arguments of each try.
        hints: the first one asks in the right direction; the second one is nearly the recipe.
        mistakes: what a reader may have done, as a sentence → a wrong answer that does it.
    """

    reference: Answer
    cases: Cases
    hints: tuple[str, str]
    mistakes: Mapping[str, Answer]


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and the lines that say so; a notebook shows the lines."""

    passed: bool
    text: str

    def __repr__(self) -> str:
        """Show the lines."""
        return self.text


EXERCISES: dict[str, Exercise] = {}
_wrong_checks: Counter[str] = Counter()  # exercise → how often a wrong answer was checked


def exercise(
    cases: Cases, first_hint: str, second_hint: str, mistakes: Mapping[str, Answer]
) -> Callable[[Answer], Answer]:
    """Register the decorated function as the reference of the exercise with its name."""

    def register(reference: Answer) -> Answer:
        hints = (first_hint, second_hint)
        EXERCISES[reference.__name__] = Exercise(reference, cases, hints, mistakes)
        return reference

    return register


def check(answer: Answer) -> Verdict:
    """Try the reader's function on the exercise with its name; no error is raised.

    The verdict on a wrong answer names the first wrong call and what was wrong with its result, a
    typical mistake that leads to the same result, and a hint: the first time the first one, after
    that the second one.
    """
    verdict = _try(answer)
    name = _name(answer)
    if verdict.text.startswith("✗"):
        number = min(_wrong_checks[name], 1)
        _wrong_checks[name] += 1
        hint = f"  Hint {number + 1} of 2: {EXERCISES[name].hints[number]}"
        return Verdict(False, f"{verdict.text}\n{hint}")
    return verdict


def yours_or_ours(answer: Answer) -> Answer:
    """The reader's function if it passes its check, else the reference; prints which it is.

    So a lesson can use what its reader wrote, and runs to its end also where nothing was written.
    """
    name = _name(answer)
    if _try(answer).passed:
        print(f"with your {name}")
        return answer
    print(f"with our {name}, until yours passes its check")
    return EXERCISES[name].reference


def _name(answer: Answer) -> str:
    return getattr(answer, "__name__", str(answer))


def _try(answer: Answer) -> Verdict:
    """The verdict without its hint."""
    name = _name(answer)
    if name not in EXERCISES:
        return Verdict(False, f"There is no exercise {name!r}; keep the name that the cell had.")
    asked = EXERCISES[name]
    tries = len(asked.cases)
    for i, arguments in enumerate(asked.cases, start=1):
        expected = asked.reference(*arguments)
        inputs = _call(arguments)
        mistake = ""
        try:
            found = answer(*copy.deepcopy(arguments))  # an answer may change its arguments
            if found is ...:
                return Verdict(False, f"· {name}: not answered yet. Replace the ... by your code.")
            problem = _difference(found, expected, bool(inputs))
            mistake = _recognized(found, asked, i - 1) if problem else ""
        except Exception as error:
            problem = f"it raised {type(error).__name__}: {error}"
        if problem:
            call = f"{name}({inputs})" if inputs else f"{name}, try {i} of {tries}"
            return Verdict(False, f"✗ {call}: {problem}." + (mistake and f"\n  {mistake}"))
    return Verdict(True, f"✓ {name}: right in {tries} of {tries} tries.")


def _difference(found: Any, expected: Any, inputs_shown: bool) -> str:
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
    if _equal(result, wanted):
        return ""
    if wanted.ndim == 0 or (inputs_shown and wanted.size <= FEW):
        return f"expected {_shown(expected)}, found {_shown(found)}"
    apart = np.abs(result - wanted.astype(float))
    place = [int(i) for i in np.unravel_index(apart.argmax(), apart.shape)]
    return f"the largest difference is {apart.max():.3g}, at index {place}"


def _equal(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-4)


def _recognized(found: Any, asked: Exercise, failed: int) -> str:
    """The sentence of the mistake that gives this result in this try, or an empty string.

    In the tries before it, which were right, the mistake must give the right results, too.
    """
    *passed, expected = [asked.reference(*case) for case in asked.cases[: failed + 1]]
    for sentence, mistaken in asked.mistakes.items():
        try:
            *before, result = [mistaken(*case) for case in asked.cases[: failed + 1]]
            wrong = _equal(result, found) and not _equal(result, expected)
        except Exception:  # this mistake has no result here, or the answer has no numbers
            continue
        if wrong and all(map(_equal, before, passed)):
            return sentence
    return ""


def _call(arguments: tuple[Any, ...]) -> str:
    """The arguments as a reader would type them; empty if they would not fit into a line."""
    if any(isinstance(each, np.ndarray) and each.size > FEW for each in arguments):
        return ""
    return ", ".join(map(_shown, arguments))


def _shown(something: Any) -> str:
    """Numbers with about four digits, an array as a list, anything else as Python shows it."""
    if isinstance(something, np.ndarray | np.generic):
        something = something.tolist()
    if isinstance(something, list | tuple):
        ends = "[]" if isinstance(something, list) else "()"
        return ends[0] + ", ".join(map(_shown, something)) + ends[1]
    if isinstance(something, float):
        return f"{something + 0.0:.4g}" if abs(something) < 1000 else f"{something:.0f}"
    return repr(something)
