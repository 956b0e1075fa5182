"""README's picture of the photo lab, as `colorlab app` shows it in Chromium.

    python docs/make_screenshot.py

writes docs/images/lab.jpg: a page of 1,280 pixels in the light theme, with a hint whose color is
being chosen. It needs Chromium and what `make lab` installs.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Locator, Page, expect, sync_playwright

TARGET = Path(__file__).parent / "images" / "lab.jpg"
PHOTO = "coffee"  # a sample
SAUCER = 0.4, 0.86  # shares of the photo's width and height
PATIENCE = 120_000  # milliseconds, for the kernel to start and to color


@contextmanager
def app() -> Iterator[str]:
    """Run `colorlab app` in an empty folder → its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "colorlab", "app", f"--port={port}"]
    with (
        TemporaryDirectory(prefix="colorlab-") as folder,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server,
    ):
        try:
            line = server.stdout.readline() if server.stdout else ""
            address = re.search(r"http://\S+", line)
            if not address:
                sys.exit("colorlab app did not start; see above")
            yield address[0]
        finally:
            server.terminate()


def press(lab: Locator, name: str) -> None:
    """Click on a button; an icon is a part of its name."""
    lab.get_by_role("button", name=re.compile(rf"(^|\W){re.escape(name)}$")).click()


def use(page: Page, address: str) -> Locator:
    """Open a sample, keep it as it is, give a hint, choose its color, and pull the curtain."""
    page.goto(address)
    lab = page.locator(".colorlab")
    canvas = lab.locator("canvas")
    expect(canvas).to_be_visible()
    press(lab, PHOTO)
    expect(canvas).to_have_attribute("aria-label", f"{PHOTO} in gray and color")
    press(lab, "Keep")
    expect(lab.get_by_role("button", name="version 1")).to_be_visible()
    handle = lab.get_by_role("slider", name="Curtain")
    for _ in range(28):
        handle.press("ArrowLeft")
    press(lab, "Place hints")
    box = canvas.bounding_box() or {}
    page.mouse.click(box["x"] + SAUCER[0] * box["width"], box["y"] + SAUCER[1] * box["height"])
    red = lab.get_by_role("dialog").get_by_role("button", name="red").first
    red.click()
    expect(red).to_have_attribute("aria-pressed", "true")
    page.mouse.move(0, 0)
    expect(lab.locator(".colorlab-passing")).to_have_css("opacity", "0")
    return lab


def main() -> None:
    """Start the app, use it, and take the picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("Chromium is missing; run: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with app() as address, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        page.set_default_timeout(PATIENCE)
        use(page, address).screenshot(path=TARGET, type="jpeg", quality=85)
        browser.close()
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
