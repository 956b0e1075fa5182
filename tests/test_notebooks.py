"""Every notebook was run from top to bottom, is clean, and is really compared by nbval."""

import ast
import re
import runpy
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAX_BYTES = 1_500_000
CHECKED = "nbval-check-output"
# Not a path: the rest of a URL, of a relative path or of "km/h", a closing HTML tag, base64.
ABSOLUTE_PATH = re.compile(r"(?<![\w.~:/<+,])/[\w.-]+/[\w.-]+|\b[A-Z]:\\\w")
IMAGE_WITHOUT_ALT = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=[\"'][^\"'])")


def problems(notebook: NotebookNode, *, min_checked: int = 0) -> list[str]:
    """What is wrong with a notebook, in words; an empty list if nothing is."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("not run from top to bottom in a fresh kernel")
    outputs = [output for cell in code for output in cell.outputs]
    found += [f"error: {output.ename}" for output in outputs if output.output_type == "error"]
    texts = []
    for output in outputs:
        if output.output_type == "stream":
            texts.append(output.text)
            if output.name == "stderr":
                found.append(f"stderr: {output.text}")
        data = output.get("data", {})
        texts += [data[mime] for mime in ("text/plain", "text/html") if mime in data]
        if "image/svg+xml" in data:
            found.append("SVG output")
    found += [f"absolute path: {path}" for text in texts for path in ABSOLUTE_PATH.findall(text)]
    # A checked cell without output compares nothing.
    checked = [cell for cell in code if CHECKED in cell.metadata.get("tags", []) and cell.outputs]
    if len(checked) < min_checked:
        found.append(f"{len(checked)} checked cells, expected {min_checked} or more")
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and IMAGE_WITHOUT_ALT.search(cell.source):
            found.append("image without alt text")
    if len(nbformat.writes(notebook)) > MAX_BYTES:
        found.append("heavier than 1.5 MB")
    return found


OPENING = ("You will do", "You will learn", "You need", "How long", "measured on two CPU cores")


def missing(notebook: NotebookNode) -> list[str]:
    """What a lesson lacks, in words; an empty list if nothing."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    found += [f"opening: {words}" for words in OPENING if words not in prose[0]]
    tags = [cell.metadata.get("tags", []) for cell in code]
    least = {CHECKED: 5, "exercise": 3, "check": 3, "setup": 1}
    for tag, number in least.items():
        if sum(tag in each for each in tags) < number:
            found.append(f"fewer than {number} cells tagged {tag}")
    sources = "\n".join(cell.source for cell in code)
    asked = set(re.findall(r"(\w+) = Prediction\(", sources))
    scored = set(re.findall(r"(\w+)\.score\(", sources))
    if len(asked) < 2 or not asked <= scored:
        found.append(f"predictions asked {sorted(asked)}, scored {sorted(scored)}")
    for cell in code:
        found += [f"a prediction without reasons: {name}" for name in without_reasons(cell.source)]
        answers = asked & set(re.findall(r"(\w+)\.score\(", cell.source))
        if answers and not folded(cell, "outputs_hidden", "hide-output"):
            found.append(f"an answer that is not folded: {sorted(answers)}")
        # The reasons give the answer away.
        if "= Prediction(" in cell.source and not folded(cell, "source_hidden", "hide-input"):
            found.append(f"a question whose code is not folded: {cell.source[:40]!r}")
    for cell in code:
        if len(cell.source.splitlines()) > 25 and "setup" not in cell.metadata.get("tags", []):
            found.append(f"a cell of more than 25 lines: {cell.source[:40]!r}")
        for output in cell.outputs:
            data, alt = output.get("data", {}), str(output.get("metadata", {}))
            # A colored photo, shown by the bare line that makes it, is not a figure.
            drawn = {"image/jpeg", "image/png"} & set(data)
            figure = drawn and "<PIL.Image" not in data["text/plain"]
            if figure and not WIDGET & set(data) and "'alt'" not in alt:
                found.append(f"a figure without alt text: {cell.source[:40]!r}")
    closing = "\n".join(prose)[-12_000:]
    found += [
        f"no {words}"
        for words in ("## An open task", "## In short", "## Where to read on")
        if words not in closing
    ]
    if closing.count("<summary>") < 4:
        found.append("fewer than four questions at the end")
    return found


WIDGET = {"application/vnd.jupyter.widget-view+json"}


def folded(cell: NotebookNode, in_jupyter: str, in_book: str) -> bool:
    """Whether Jupyter and the book show the cell's code, or its outputs, only after a click."""
    hidden = cell.metadata.get("jupyter", {}).get(in_jupyter, False)
    return hidden and in_book in cell.metadata.get("tags", [])


def without_reasons(source: str) -> list[str]:
    """The predictions in a cell that do not tell, for each wrong answer, why it is wrong."""
    code = "\n".join(line for line in source.splitlines() if not line.startswith("%"))
    found = []
    for statement in ast.walk(ast.parse(code)):
        match statement:
            case ast.Assign(
                targets=[ast.Name(name)], value=ast.Call(ast.Name("Prediction"), [_, options])
            ):
                reasons = options.values if isinstance(options, ast.Dict) else []
                told = [reason for reason in reasons if getattr(reason, "value", "a name") != ""]
                if not reasons or len(told) < len(reasons) - 1:  # the right answer needs none
                    found.append(name)
    return found


def test_the_course_is_whole_and_each_lesson_leads_to_the_next_and_back():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(8)]
    start = nbformat.read(NOTEBOOKS[0], as_version=4)
    links = "".join(cell.source for cell in start.cells if cell.cell_type == "markdown")
    for path, following in pairwise(NOTEBOOKS):
        assert f"({following.name})" in links
        last = nbformat.read(path, as_version=4).cells[-1]
        assert f"[lesson {following.stem[:2]}]({following.name})" in last.source
        after = nbformat.read(following, as_version=4).cells[-1]
        assert f"[lesson {path.stem[:2]}]({path.name})" in after.source
        assert f"[all lessons]({NOTEBOOKS[0].name})" in after.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_clean(path):
    notebook = nbformat.read(path, as_version=4)
    assert problems(notebook, min_checked=5) == []
    assert missing(notebook) == []
    assert "widgets" not in notebook.metadata  # a state that no kernel knows, and large


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ('["red", "cyan"]', ["guess"]),
        ('{"red": "", "cyan": "180° is as far as can be."}', []),
        ('{"red": "", "cyan": "", "blue": "It is not."}', ["guess"]),
        ("list(samples)", ["guess"]),
    ],
)
def test_a_prediction_without_reasons_is_found(options, found):
    assert without_reasons(f'%load_ext x\nguess = Prediction("Which?", {options})\nguess') == found


def ran(source: str, *outputs: NotebookNode, count: int = 1) -> NotebookNode:
    cell = new_code_cell(source, execution_count=count, outputs=list(outputs))
    cell.metadata.tags = [CHECKED]
    return cell


def printed(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def shown(mime: str, data: str) -> NotebookNode:
    return new_output("display_data", data={mime: data})


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (ran("1", count=None), "not run from top to bottom"),
        (ran("1", count=2), "not run from top to bottom"),
        (ran("1", printed("a warning", "stderr")), "stderr: a warning"),
        (ran("1", new_output("error", ename="KeyError", evalue="")), "error: KeyError"),
        (ran("1", shown("image/svg+xml", "<svg/>")), "SVG output"),
        (ran("1", shown("text/plain", "PosixPath('/home/me/a.jpg')")), "absolute path: /home/me"),
        (ran("1", printed(r"saved C:\me\a.jpg")), r"absolute path: C:\m"),
        (ran("1", shown("image/png", "x" * MAX_BYTES)), "heavier than 1.5 MB"),
        (ran("1"), "0 checked cells, expected 1 or more"),
        (new_markdown_cell("![](a.png)"), "image without alt text"),
        (new_markdown_cell('<img src="a.png">'), "image without alt text"),
    ],
)
def test_what_is_wrong_is_found(cell, problem):
    found = problems(new_notebook(cells=[cell]), min_checked=1)
    assert any(line.startswith(problem) for line in found)


def test_what_only_looks_wrong_is_let_through():
    cells = [
        new_markdown_cell('![a red barn](a.png) <img src="a.png" alt="a barn">'),
        ran(
            "1",
            printed("60 km/h at 1/255 of https://a.org/b/c, ../data/samples/a.jpg\n"),
            shown("text/html", "<b>a</b><img src='data:image/jpeg;base64,/9j/4AAQ+/ab/c'>"),
        ),
    ]
    assert problems(new_notebook(cells=cells), min_checked=1) == []


def test_a_changed_result_fails_the_notebook_stage(tmp_path):
    for name, result in [("same", "4"), ("changed", "5")]:
        cell = ran("print(2 + 2)", printed(f"{result}\n"))
        nbformat.write(new_notebook(cells=[cell]), tmp_path / f"{name}.ipynb")
    stages = runpy.run_path(str(ROOT / "scripts" / "test.py"))["STAGES"]
    stage = stages["notebooks"].removesuffix("notebooks/").split()
    result = subprocess.run(
        [sys.executable, "-m", *stage, "-n0", "-c", "pyproject.toml", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "1 failed, 1 passed" in result.stdout, result.stdout + result.stderr
    assert "changed.ipynb::Cell 0" in result.stdout
