"""What README shows, runs."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
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
    assert len(snippets) == 6
    run_line("colorlab export")  # which one of them needs
    for snippet in snippets:
        exec(snippet, {})
    for name in ("colored.png", "onnx.png"):
        with Image.open(name) as colored:
            assert colored.mode == "RGB"
            assert np.ptp(np.asarray(colored, np.int16), axis=-1).max() > 20


def test_the_shell_line_colors_a_photo():
    run_line("colorlab colorize data/")
    assert Path("colored/gray.jpg").exists()


def run_line(begin: str) -> None:
    """Run README's one line in the shell that begins so."""
    (line,) = re.findall(rf"^    ({begin}.*)$", README, flags=re.MULTILINE)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", shlex.split(line, comments=True))
        cli.main()
    assert not ended.value.code


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert len(links) > 5
    for link in links:
        assert (ROOT / link.partition("#")[0]).exists(), link
