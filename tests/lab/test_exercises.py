"""The exercises of all lessons, tried with right, wrong, typically wrong and raising answers."""

import contextlib
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from colorlab.lab.exercises import EXERCISES, check, checking, yours_or_ours
from colorlab.lab.exercises.checking import Exercise

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOLUTION = re.compile(r"<summary>Solution</summary>\s+```python\n(.*?)```", re.DOTALL)


@pytest.fixture(autouse=True)
def nothing_checked_yet(monkeypatch):
    monkeypatch.setattr(checking, "_wrong_checks", type(checking._wrong_checks)())


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
    with contextlib.chdir(NOTEBOOKS):  # where the files beside a lesson are
        exec(setup, space)
    exec(source, space)
    return space[name_of(source)]


def answer_to(name, function):
    """The function under the exercise's name, as a reader writes it."""

    def answer(*arguments):
        return function(*arguments)

    answer.__name__ = name
    return answer


CASES = exercises()
NAMES = [f"{lesson[:2]}-{name_of(stub)}" for lesson, _, stub, _ in CASES]
MISTAKES = [(name, said) for name, asked in EXERCISES.items() for said in asked.mistakes]


def test_every_exercise_of_the_package_is_asked_in_a_lesson():
    assert sorted(name_of(stub) for _, _, stub, _ in CASES) == sorted(EXERCISES)


@pytest.mark.parametrize(("lesson", "setup", "stub", "solution"), CASES, ids=NAMES)
def test_the_solution_passes_and_the_stub_does_not(lesson, setup, stub, solution):
    assert "not answered yet" in check(written(setup, stub)).text
    verdict = check(written(setup, solution))
    assert verdict.passed, verdict


def first_input(reference, cases):
    return lambda *arguments: arguments[0]


def first_result(reference, cases):
    return lambda *arguments: reference(*cases[0])


def changed(change):
    return lambda reference, cases: lambda *arguments: change(reference(*arguments))


def raising(reference, cases):
    return lambda *arguments: arguments[99]


LAZY_OR_WRONG = {
    "nothing": changed(lambda result: None),
    "shifted": changed(lambda result: np.add(result, 1.0)),
    "a little off": changed(lambda result: np.multiply(result, 1.01) + 0.001),
    "negative": changed(lambda result: -np.asarray(result, float) - 0.001),
    "deeper": changed(lambda result: np.asarray(result)[None]),
    "zeros": changed(lambda result: np.zeros(np.shape(result))),
    "ones": changed(lambda result: np.ones(np.shape(result))),
    "its mean everywhere": changed(lambda result: 1.01 * np.mean(result) + 0 * np.array(result)),
    "its first number everywhere": changed(
        lambda result: 1.01 * np.ravel(result)[0] + 0 * np.array(result)
    ),
    "the first input": first_input,
    "always the first result": first_result,
    "raising": raising,
}


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("wrong", LAZY_OR_WRONG.values(), ids=LAZY_OR_WRONG)
def test_a_wrong_answer_fails_every_check(name, wrong):
    asked = EXERCISES[name]
    verdict = check(answer_to(name, wrong(asked.reference, asked.cases)))
    assert not verdict.passed
    assert verdict.text.startswith(f"✗ {name}")
    assert verdict.text.endswith(f"Hint 1 of 2: {asked.hints[0]}")


@pytest.mark.parametrize("name", EXERCISES)
def test_each_exercise_knows_two_mistakes_and_has_two_hints(name):
    asked = EXERCISES[name]
    assert len(asked.mistakes) >= 2
    assert len(set(asked.hints)) == 2


@pytest.mark.parametrize(("name", "said"), MISTAKES)
def test_a_typical_mistake_fails_and_is_told(name, said):
    verdict = check(answer_to(name, EXERCISES[name].mistakes[said]))
    assert not verdict.passed
    assert said in verdict.text.splitlines()[1]


def test_a_right_answer_is_never_told_a_mistake():
    for name, asked in EXERCISES.items():
        assert check(answer_to(name, asked.reference)).text.startswith(f"✓ {name}: right in ")


@pytest.fixture
def half(monkeypatch):
    """An exercise for these tests: half of an array."""
    cases = [(np.ones((2, 4)),), (np.arange(8.0) ** 2,), (8.0,)]
    mistakes = {"You doubled it.": lambda x: 2 * x, "It has no result here.": lambda x: 1 / 0}
    hints = ("less", "divide")
    monkeypatch.setitem(EXERCISES, "half", Exercise(lambda x: x / 2, cases, hints, mistakes))


@pytest.fixture
def third(monkeypatch):
    """An exercise with small inputs: a third of the sum of numbers, and of each."""
    cases = [(np.array([3.0, 6.0]), 0.5), (np.array([1.0, 1.0]), 0.25)]
    exercise = Exercise(lambda x, y: x * y / 3, cases, ("less", "divide by 3"), {})
    monkeypatch.setitem(EXERCISES, "third", exercise)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("x[0] / 2", "✗ half, try 1 of 3: the shape is (4,), expected (2, 4).\n  Hint"),
        ("x / 2 + (x > 40)", "try 2 of 3: the largest difference is 1, at index [7].\n  Hint"),
        ("x * 0.5 if np.ndim(x) else x", "✗ half(8): expected 4, found 8.\n  Hint"),
        ("x * 2", "the largest difference is 1.5, at index [0, 0].\n  You doubled it.\n  Hint"),
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
    assert verdict.text.startswith("✗ half")
    assert said in verdict.text


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("x * y / 2", "✗ third([3, 6], 0.5): expected [0.5, 1], found [0.75, 1.5]."),
        ("x * 0.5 / 3", "✗ third([1, 1], 0.25): expected [0.08333, 0.08333], found"),
        ("x[5]", "✗ third([3, 6], 0.5): it raised IndexError"),
    ],
)
def test_small_inputs_are_shown_with_what_was_expected_and_found(third, expression, said):
    assert check(written("", f"def third(x, y):\n    return {expression}")).text.startswith(said)


def test_the_mistake_of_the_first_exercises_is_told_with_its_figures():
    verdict = check(answer_to("mean_hue", lambda a, b: (a + b) / 2))
    assert verdict.text.splitlines()[:2] == [
        "✗ mean_hue(350, 30): expected 10, found 190.",
        "  You averaged the numbers, not the points on the circle.",
    ]


def test_the_second_hint_comes_with_the_second_wrong_check(half):
    wrong = written("", "def half(x): return x")
    unanswered = written("", "def half(x): return ...")
    assert "Hint" not in check(unanswered).text
    assert check(wrong).text.endswith("Hint 1 of 2: less")
    assert not check(unanswered).passed
    yours_or_ours(wrong)  # to use an answer is not to check it
    for _ in range(2):
        assert check(wrong).text.endswith("Hint 2 of 2: divide")


def test_each_exercise_has_hints_of_its_own(half, third):
    check(written("", "def half(x): return x"))
    assert check(written("", "def third(x, y): return x")).text.endswith("Hint 1 of 2: less")


@pytest.mark.parametrize("body", ["return 0.5 * x", "x /= 2; return x"])
def test_a_right_answer_is_told_so(half, body):
    assert repr(check(written("", f"def half(x): {body}"))) == "✓ half: right in 3 of 3 tries."


def test_a_function_of_another_name_is_no_answer():
    assert "keep the name" in check(len).text


@pytest.mark.parametrize(
    ("body", "used", "said"),
    [
        ("return 0.5 * x", 3.0, "with your half\n"),
        ("return x", 3.0, "with our half, until yours passes its check\n"),
        ("return ...", 3.0, "with our half, until yours passes its check\n"),
    ],
)
def test_a_lesson_uses_the_readers_function_once_it_passes(half, capsys, body, used, said):
    yours = written("", f"def half(x): {body}")
    function = yours_or_ours(yours)
    assert function(6.0) == used
    assert (function is yours) == ("your half\n" in said)
    assert capsys.readouterr().out == said
