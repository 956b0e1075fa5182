"""How long after a key press on a slider the picture in the page changes, in three ways; and how
long after one on a hint's color.

python benchmarks/latency.py

The photo lab that draws in the page, the same lab where the kernel draws, and ipywidgets' interact
with Matplotlib show one photo in one notebook, which is opened in a JupyterLab of its own, in
Chromium. README.md says what is measured, and what is not.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from playwright.sync_api import Error, Locator, Page, sync_playwright
from shared import heading, options, row

from colorlab.errors import ColorlabError

NOTEBOOK = "latency.ipynb"
WARM_UP = 5  # moves that are not counted
MOST = 170  # moves; the slider has 180 steps to its end
REST = 250  # milliseconds from one answer to the next move
PATIENCE = 120  # seconds for the server, and for anything on the page

IMPORTS = """import matplotlib.pyplot as plt
import skimage.data
from ipywidgets import interact

from colorlab import Colorizer, photos
from colorlab.colorizer import render
from colorlab.color.adjustments import adjust
from colorlab.lab.widgets import ColorizeLab
from colorlab.lab.widgets.canvas import PhotoCanvas

model = Colorizer()
photo = photos.read(skimage.data.astronaut())  # 512 pixels, which is the kernel's preview"""


class Way(NamedTuple):
    """A way to show the photo."""

    cell: str
    widget: str  # where the cell's widget is on the page
    picture: str  # where the picture is in that; it is found only if the photo was drawn this way


WAYS = {
    "the photo lab, drawn in the page": Way(
        """lab = ColorizeLab(photo, model)
lab.desk.view.value = "color"
lab.add_class("drawn-by-page")
lab""",
        ".drawn-by-page",
        ".colorlab-frame > canvas",
    ),
    # Where a front end has no anywidget, the canvas never says that it is there. Nor does one that
    # never had code; code that is taken away later may have run.
    "the photo lab, drawn by the kernel": Way(
        """PhotoCanvas._esm = "export default {}"
lab = ColorizeLab(photo, model)
lab.desk.view.value = "color"
lab.add_class("drawn-by-kernel")
lab""",
        ".drawn-by-kernel",
        ".colorlab-stage > img[src^='blob:']",
    ),
    "`interact` with Matplotlib": Way(
        """chroma = model.guess(photo).chroma


@interact(hue_shift=(-180, 180))
def draw(hue_shift=0):
    plt.figure(figsize=(5.12, 5.12), dpi=100).add_axes((0, 0, 1, 1)).axis("off")
    plt.imshow(render(photo, adjust(chroma, hue_shift=hue_shift)))
    plt.show()""",
        ".widget-interact",
        "img[src^='data:image/png']",
    ),
}

READY = """path => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.path == path && panel.context.isReady && panel.content?.widgets.length
        && panel.sessionContext.session?.kernel?.status == 'idle';
}"""

RUN_ALL = """async () => {
    await jupyterapp.commands.execute('notebook:run-all-cells');
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    return cells.flatMap(cell => cell.model.outputs.toJSON())
        .filter(output => output.output_type == 'error')
        .map(output => `${output.ename}: ${output.evalue}`);
}"""

SCROLL_TO = """async index => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'start');
}"""

# `clock` becomes a promise of the milliseconds from the next key press, as the browser dates it, to
# when the middle of the picture, read after a frame, differs from what it is now. A message that is
# sent from within a frame arrives when that frame is done; to read an image decodes it.
ARM = """([selector, patience]) => {
    const side = 128;
    const board = new OffscreenCanvas(side, side).getContext('2d', {willReadFrequently: true});
    const middle = () => {
        const picture = document.querySelector(selector);
        const width = picture?.naturalWidth ?? picture?.width;
        const height = picture?.naturalHeight ?? picture?.height;
        if (!width || picture.complete === false) return null;  // between two pictures
        board.drawImage(picture, (side - width) / 2 | 0, (side - height) / 2 | 0);
        return new Uint32Array(board.getImageData(0, 0, side, side).data.buffer);
    };
    const before = middle();
    const {port1, port2} = new MessageChannel();
    window.clock = new Promise((resolve, reject) => {
        const look = press => {
            const after = middle(), now = performance.now();
            if (after?.some((pixel, i) => pixel != before[i])) resolve(now - press);
            else if (now - press > patience) reject(new Error('The picture did not change.'));
            else requestAnimationFrame(() => port2.postMessage(press));
        };
        port1.onmessage = event => look(event.data);
        addEventListener('keydown', event =>
            requestAnimationFrame(() => port2.postMessage(event.timeStamp)),
            {capture: true, once: true});
    });
}"""


def write_notebook(folder: Path) -> None:
    """Write the notebook: a cell of imports, and one for each way."""
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}}
    sources = IMPORTS, *(way.cell for way in WAYS.values())
    cells = [cell | {"outputs": [], "source": source} for source in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    (folder / NOTEBOOK).write_text(json.dumps(notebook))


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """A JupyterLab of this machine alone, with nobody's own settings; the notebook's address."""
    token, log = secrets.token_hex(24), folder / "jupyter.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--log-level=WARN"),
        *(f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"),
    ]
    folders = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **folders, "JUPYTER_TOKEN": token}
    with log.open("w") as file:
        # In a session of its own: at Ctrl-C, a server that hears it too asks whether to stop.
        server = subprocess.Popen(
            command, env=environment, stdout=file, stderr=file, start_new_session=True
        )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with suppress(URLError, TimeoutError), urlopen(f"{address}/api", timeout=1):
                break
            if server.poll() is not None or time.monotonic() > end:
                said = log.read_text().strip().rpartition("\n")[2]
                raise ColorlabError(f"JupyterLab did not start: {said or 'it gave no reason'}")
            time.sleep(0.2)
        yield f"{address}/lab/tree/{NOTEBOOK}?token={token}"
    finally:
        server.terminate()  # it ends its kernels, too
        server.wait()


@contextmanager
def chromium() -> Iterator[Page]:
    """A page in Chromium, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        raise ColorlabError("Chromium is missing; run: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            handle_sigint=False,  # Ctrl-C ends it below, in order
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(1000 * PATIENCE)
            yield page
        finally:
            browser.close()


def measure(page: Page, way: Way, presses: Iterable[tuple[Locator, str]]) -> list[float]:
    """Milliseconds to the changed picture, after each press of a key on a control."""
    times = []
    for control, key in presses:
        control.focus()
        page.wait_for_timeout(REST)
        page.evaluate(ARM, [f"{way.widget} {way.picture}", 1000 * PATIENCE])
        page.keyboard.press(key)
        times.append(page.evaluate("clock"))
    return times[WARM_UP:]


def measure_slider(page: Page, way: Way, index: int, moves: int) -> list[float]:
    """Show the way's cell, the one at this index, and move its slider."""
    page.evaluate(SCROLL_TO, index)
    page.locator(f"{way.widget} {way.picture}").wait_for()
    slider = page.locator(f"{way.widget} .widget-slider", has_text=re.compile("hue.shift", re.I))
    return measure(page, way, repeat((slider.get_by_role("slider"), "ArrowRight"), WARM_UP + moves))


def measure_hint(page: Page, moves: int) -> list[float]:
    """Place a hint in the middle of the first way's photo, and choose one color after another."""
    way = next(iter(WAYS.values()))
    page.evaluate(SCROLL_TO, 1)
    lab = page.locator(way.widget)
    lab.get_by_role("button", name="Place hints").click()
    lab.get_by_role("application").press("Enter")
    colors = lab.get_by_role("dialog").get_by_role("button", pressed=False)
    colors.first.wait_for()
    # The one that is chosen is not among them, so the first is always another one.
    return measure(page, way, repeat((colors.first, "Enter"), WARM_UP + moves))


def table(measured: Mapping[str, Sequence[float]]) -> str:
    """The figures as Markdown; the last way is the one that the others are compared with."""
    medians = {name: float(np.median(times)) for name, times in measured.items()}
    *_, last = medians.values()
    lines = [heading("", "median", "95th percentile", "times as fast")]
    for name, times in measured.items():
        figures = f"{medians[name]:.0f} ms", f"{np.percentile(times, 95):.0f} ms"
        lines.append(row(name, *figures, f"{last / medians[name]:.1f}"))
    return "\n".join(lines)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--moves", type=int, default=40, help=f"of the slider, {MOST} at most")
    asked = parser.parse_args()
    if not 1 <= asked.moves <= MOST:
        parser.error(f"--moves is {asked.moves}; expected 1 to {MOST}")
    with (
        TemporaryDirectory(prefix="colorlab-") as name,
        chromium() as page,
        jupyterlab(Path(name)) as address,
    ):
        write_notebook(Path(name))
        page.goto(address)
        page.wait_for_function(READY, arg=NOTEBOOK)
        for error in page.evaluate(RUN_ALL):
            raise ColorlabError(f"The notebook failed: {error}")
        measured = {}
        for index, (title, way) in enumerate(WAYS.items(), start=1):
            measured[title] = measure_slider(page, way, index, asked.moves)
        hint = measure_hint(page, asked.moves)
    print(table(measured))
    median, most = np.percentile(hint, (50, 95))
    print(f"\nA hint's color is seen after {median:.0f} ms (95th percentile: {most:.0f} ms).")


if __name__ == "__main__":
    try:
        main()
    except (ColorlabError, Error) as error:
        sys.exit(str(error).partition("\n")[0])
    except KeyboardInterrupt:
        sys.exit(130)
