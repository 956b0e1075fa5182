"""Keras is imported as in a lesson, before any test: TensorFlow's notes stay off stderr."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colorlab import Colorizer
from colorlab.quiet import import_keras

import_keras()
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # for tests that import ONNX Runtime themselves

# Each of them takes a core for a quarter of a minute or longer; the longest comes first.
LONG = [
    "browser/test_photo_lab.py",
    "browser/test_page.py",
    "training/test_trainer.py",
    "browser/test_widgets_in_lab.py",
    "training/test_replicas.py",
    "training/test_compatibility.py",
    "test_backends.py",
    "lab/test_app.py",
    "browser/test_lesson_00.py",
    "test_cli.py",
    "test_content_stage.py",
    "test_own_work.py",
    "training/test_gan.py",
    "test_batch.py",
    "test_strangers.py",
    "test_hostile.py",
    "browser/test_app_in_browser.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort long files to the front, or one worker would still run one when the others are done."""
    ranks = {Path(__file__).parent / name: i for i, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path, len(LONG)))


@pytest.fixture(scope="session")
def shipped() -> Colorizer:
    """The model that ships, built once for all tests."""
    return Colorizer()


@pytest.fixture(scope="session")
def start_app() -> Iterator[Callable[[Path], tuple[subprocess.Popen[str], str]]]:
    """Give a function that starts `colorlab app` in a folder → process, the line it printed."""
    started = []

    def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "temporary").mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "colorlab", "app", f"--port={port}"],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(folder / "temporary")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # In a script's background Ctrl-C is ignored, and a child takes that over.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process, process.stdout.readline() or process.communicate()[1]

    yield start
    for process in started:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="session")
def app_address(
    start_app: Callable[[Path], tuple[subprocess.Popen[str], str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Start `colorlab app` once → the address that it printed."""
    folder = tmp_path_factory.mktemp("app")
    # Settings of somebody's own, which Voilà would take from here: no token.
    (folder / "voila.json").write_text('{"Voila": {"token": ""}}')
    line = start_app(folder)[1]
    address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\w{32,}", line)
    assert address, line
    return address[0]
