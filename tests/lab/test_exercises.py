"""The exercises of all lessons: the printed solution passes, the stub and wrong answers fail."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from colorlab.lab.exercises import EXERCISES, check
from colorlab.lab.exercises.checking import Exercise

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOLUTION = re.compile(r"<summary>Solution</summary>\s+```python\n(.*?)```", re.DOTALL)


def exercises() -> list[tuple[str, str, str, str]]:
    """(lesson, its setup, stub, solution) of each exercise of each lesson."""
    found = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        tagged = [(cell, cell.metadata.get("tags", [])) for cell in cells]
        setup = "\n".join(cell.source for cell, tags in tagged if "setup" in tags)
        setup = re.sub(r"^%.*", "", setup, flags=re.MULTILINE)  # Jupyter's own commands
        for i, (cell, tags) in enumerate(tagged):
            if "exercise" in tags:
                solution = SOLUTION.search(cells[i + 2].source)
                assert solution, f"{path.stem}: no solution two cells after {cell.source[:40]!r}"
                found.append((path.stem, setup, cell.source, solution[1]))
    return found


def name_of(source: str) -> str:
    return re.search(r"^def (\w+)", source, re.MULTILINE)[1]


def written(setup: str, source: str):
    """The function that a reader gets who runs the setup and then the cell."""
    space: dict[str, object] = {}
    exec(setup, space)
    exec(source, space)
    return space[name_of(source)]


CASES = exercises()
NAMES = [f"{lesson[:2]}-{name_of(stub)}" for lesson, _, stub, _ in CASES]


def test_every_exercise_of_the_package_is_asked_in_a_lesson():
    assert sorted(name_of(stub) for _, _, stub, _ in CASES) == sorted(EXERCISES)


@pytest.mark.parametrize(("lesson", "setup", "stub", "solution"), CASES, ids=NAMES)
def test_the_solution_passes_and_the_stub_does_not(lesson, setup, stub, solution):
    assert "not answered yet" in check(written(setup, stub)).text
    verdict = check(written(setup, solution))
    assert verdict.passed, verdict


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize(
    "change",
    [
        lambda result: None,
        lambda result: np.add(result, 1.0),
        lambda result: np.asarray(result)[None],
    ],
    ids=["nothing", "shifted", "deeper"],
)
def test_a_wrong_answer_fails_every_check(name, change):
    def answer(*arguments):
        return change(EXERCISES[name].reference(*arguments))

    answer.__name__ = name
    verdict = check(answer)
    assert not verdict.passed
    assert EXERCISES[name].hint in verdict.text
    assert "\n" not in verdict.text


@pytest.fixture
def half(monkeypatch):
    """An exercise for these tests: half of an array."""
    cases = [(np.ones((2, 3)),), (np.full(4, 8.0),)]
    monkeypatch.setitem(EXERCISES, "half", Exercise(lambda x: x / 2, cases, "divide"))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("x[0] / 2", "in try 1 of 2, the shape is (3,), expected (2, 3). Hint: divide"),
        ("x - 0.5", "in try 2 of 2, the largest difference is 3.5. Hint: divide"),
        ("x / 0", "some numbers are NaN or infinite"),
        ("x.astype(str)", "the dtype is <U32, expected numbers"),
        ("x / 'two'", "it raised"),
        ("None", "it returned None; a function needs a return"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_verdict_says_what_is_off(half, expression, said):
    answer = written("import numpy as np", f"def half(x):\n    return {expression}")
    verdict = check(answer)
    assert verdict.text.startswith("✗ half: ")
    assert said in verdict.text


@pytest.mark.parametrize("body", ["return 0.5 * x", "x /= 2; return x"])
def test_a_right_answer_is_told_so(half, body):
    assert repr(check(written("", f"def half(x): {body}"))) == "✓ half: right in 2 of 2 tries."


def test_a_function_of_another_name_is_no_answer():
    assert "keep the name" in check(len).text
