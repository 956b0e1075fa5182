"""What README shows, runs."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from colorlab import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture(autouse=True)
def copy_of_the_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "data" / "samples", tmp_path / "data" / "samples")
    monkeypatch.chdir(tmp_path)


def test_python_snippets_run():
    snippets = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(snippets) == 5
    for snippet in snippets:
        exec(snippet, {})
    with Image.open("colored.png") as colored:
        assert colored.mode == "RGB"


def test_the_shell_line_colors_a_photo(monkeypatch: pytest.MonkeyPatch):
    (line,) = re.findall(r"^    (colorlab colorize data/.*)$", README, flags=re.MULTILINE)
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert Path("colored/gray.jpg").exists()


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert len(links) > 5
    for link in links:
        assert (ROOT / link.partition("#")[0]).exists(), link
