"""One JupyterLab on a copy of the course, and one Chromium, for all tests of this folder."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=30_000)  # two busy cores


READY = """path => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.path == path && panel.context.isReady && panel.content?.widgets.length
        && panel.sessionContext.isReady
        && panel.sessionContext.session?.kernel?.status == 'idle';
}"""


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a reader has: the lessons, and the runs and samples that they open."""
    course = tmp_path_factory.mktemp("course")
    (course / "notebooks").mkdir()
    for suffix in ("ipynb", "npz"):
        for path in (ROOT / "notebooks").glob(f"*.{suffix}"):
            shutil.copy(path, course / "notebooks")
    shutil.copytree(ROOT / "data" / "samples", course / "data" / "samples")
    return course


@pytest.fixture(scope="session")
def lab_url(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the server; its address takes a notebook's path in place of the braces."""
    home = tmp_path_factory.mktemp("jupyter")  # nobody's own settings
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (
        f"{sys.executable} -m jupyter lab --no-browser --allow-root --ip=127.0.0.1 --port={port} "
        f"--ServerApp.port_retries=0 --log-level=WARN "
        f"--ServerApp.root_dir={course} --LabApp.expose_app_in_browser=True"
    )
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    with subprocess.Popen(
        command.split(), env={**os.environ, **folders}, stderr=subprocess.PIPE, text=True
    ) as server:
        log = ""
        for line in server.stderr:
            log += line
            if address := re.search(rf"(http://127.0.0.1:{port}/lab)(\?token=\w+)", line):
                # Reset: a page does not open again what the page before it had open.
                yield f"{address[1]}/tree/{{}}{address[2]}&reset"
                server.terminate()
                return
        pytest.fail(f"JupyterLab did not start:\n{log}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        reason = "Chromium is not installed (Debian, Ubuntu: apt install chromium)."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_lesson(browser: Browser, lab_url: str) -> Iterator[Callable[[str], Page]]:
    """Give a function that opens a notebook in a fresh kernel, where nothing has run yet."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)  # two busy cores

    def opened(name: str) -> Page:
        path = f"notebooks/{name}"
        page.goto(lab_url.format(path))
        page.wait_for_function(READY, arg=path)
        return page

    yield opened
    page.close()
