"""What a person does to the photo lab in a page, and sees there."""

import base64
import io
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, expect

from colorlab import Colorizer
from colorlab.colorizer import load_settings

# The page makes the picture small before it colors it, and Python here after, so that fine detail
# differs; and it gets its photo as a JPEG. Together that is below 2 of 255 in the mean of all
# pixels.
NEAR = 2.0
# Two pictures of one canvas differ by nothing, or by more than this if a slider was moved.
CHANGED = 0.5

Pixels = NDArray[np.int16]


def seen(lab: Locator) -> Pixels:
    """What is on the canvas now, (h, w, 3)."""
    address = lab.locator("canvas").evaluate("canvas => canvas.toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))
    return np.asarray(image.convert("RGB"), np.int16)


def distance(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a, np.int16) - np.asarray(b, np.int16)).mean())


def expect_picture(lab: Locator, image: Image.Image, near: float = NEAR) -> None:
    """Wait until the canvas shows this image, scaled."""

    def away() -> float:
        now = seen(lab)
        return distance(now, image.convert("RGB").resize((now.shape[1], now.shape[0])))

    until(lab, away, near)


def save_and_compare(lab: Locator, path: Path, photo: str, colorizer: Colorizer) -> dict[str, Any]:
    """Save the picture; it is what `colorize` makes of the photo with the settings beside it."""
    lab.get_by_role("textbox", name="Save as").fill(str(path))
    press(lab, "Save")
    expect(lab.get_by_text("Saved")).to_contain_text(f"its settings in {path.name}.json")
    settings = load_settings(f"{path}.json")
    colored = colorizer.colorize(image_of(photo), **settings)
    with Image.open(path) as saved:
        assert np.array_equal(saved, colored)
    expect_picture(lab, colored)
    return settings


def until(lab: Locator, measure: Callable[[], float], below: float) -> None:
    end = time.monotonic() + 20
    while (measured := measure()) > below and time.monotonic() < end:
        lab.page.wait_for_timeout(50)
    assert measured <= below, f"{measured} > {below}"


def size(lab: Locator) -> tuple[int, int]:
    height, width = seen(lab).shape[:2]
    return width, height


def slider(lab: Locator, name: str) -> Locator:
    return lab.locator(".colorlab-knob", has_text=name).get_by_role("slider")


def press(lab: Locator, name: str) -> None:
    # An icon is a part of a button's name.
    lab.get_by_role("button", name=re.compile(rf"(^|\W){re.escape(name)}$")).click()


def unfold(lab: Locator, name: str) -> None:
    """Open what the button of this name opens, unless it is open."""
    fold = lab.get_by_role("button", name=name)
    if fold.get_attribute("aria-expanded") == "false":
        fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")


def choose(lab: Locator, *files: Path) -> None:
    unfold(lab, "Open…")
    with lab.page.expect_file_chooser() as chooser:
        press(lab, "Choose a file")
    chooser.value.set_files(list(files))


def image_of(name: str) -> Image.Image:
    return Image.fromarray(getattr(skimage.data, name)())


def gray_of(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image).max(axis=-1)).convert("RGB")


def at(lab: Locator, place: tuple[float, float]) -> tuple[float, float]:
    """A place on the photo in shares of its sides → on the page, in pixels."""
    lab.locator("canvas").scroll_into_view_if_needed()
    box = lab.locator("canvas").bounding_box()
    assert box
    return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]


def drag(lab: Locator, begin: tuple[float, float], end: tuple[float, float]) -> None:
    mouse = lab.page.mouse
    mouse.move(*at(lab, begin))
    mouse.down()
    mouse.move(*at(lab, end), steps=4)
    mouse.up()
