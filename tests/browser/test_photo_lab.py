"""The photo lab in a real JupyterLab: what is on its canvas, in its controls, and on the disk."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
import skimage.data
from axe_playwright_python.sync_playwright import Axe
from hands_and_eyes import (
    CHANGED,
    NEAR,
    at,
    choose,
    distance,
    drag,
    expect_picture,
    gray_of,
    image_of,
    press,
    save_and_compare,
    seen,
    size,
    slider,
    unfold,
    until,
)
from nbformat.v4 import new_code_cell, new_notebook
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from colorlab import Colorizer
from colorlab.hints import Hint

CELLS = (
    "from colorlab import Colorizer\n"
    "from colorlab.lab.widgets import ColorizeLab\n"
    "colorizer = Colorizer()",
    "ColorizeLab(model=colorizer)",
    "",
)
IMPORTS, LAB, SLEEP = range(3)  # the cells

RUN = """([index, source]) => {
    const panel = jupyterapp.shell.currentWidget;
    const cell = panel.content.widgets[index];
    if (source) cell.model.sharedModel.setSource(source);
    panel.content.activeCellIndex = index;
    jupyterapp.commands.execute('notebook:run-cell');  // not awaited: the kernel may be busy
}"""

# Drop a file on the lab or paste it into it, as the browser does.
BRING = """([kind, name, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name, {type: 'image/png'}));
    const at = document.querySelector(kind == 'drop' ? '.colorlab canvas' : '.colorlab button');
    at.dispatchEvent(kind == 'drop'
        ? new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true})
        : new ClipboardEvent(kind, {clipboardData: files, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def colorizer(shipped: Colorizer) -> Colorizer:
    return shipped


@pytest.fixture(scope="module")
def page(open_lesson: Callable[[str], Page], course: Path) -> Page:
    write_notebook(course, "photo_lab.ipynb")
    page = open_lesson("photo_lab.ipynb")
    page.set_default_timeout(20_000)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    return page


@pytest.fixture
def lab(page: Page) -> Locator:
    return show(page, "ColorizeLab(model=colorizer)")


def write_notebook(course: Path, name: str) -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, course / "notebooks" / name)


def show(page: Page, source: str) -> Locator:
    """Run the lab's cell anew, and draw its curtain back."""
    page.evaluate("document.querySelector('.colorlab')?.classList.replace('colorlab', 'old')")
    page.evaluate(RUN, [LAB, source])
    lab = page.locator(".colorlab")
    expect(lab.locator("canvas")).to_be_visible()
    expect(lab.locator("canvas")).to_have_attribute("aria-label", re.compile(" in gray and color"))
    press(lab, "Color")
    expect(lab.locator("canvas")).to_have_attribute("aria-label", re.compile(" in color"))
    return lab


def test_the_picture_is_what_colorize_makes(lab: Locator, colorizer: Colorizer) -> None:
    photo = image_of("astronaut")
    expect(lab.get_by_role("img", name="astronaut in color")).to_be_visible()
    expect_picture(lab, colorizer.colorize(photo))
    unfold(lab, "Advanced")
    for name, key, position, settings in (
        ("Color strength", "End", 200, {"strength": 2.0}),
        ("Hue shift", "Home", -180, {"hue_shift": -180.0}),
        ("Saturation", "Home", 50, {"saturation": 0.5}),
        ("Warmth", "End", 100, {"warmth": 1.0}),
        ("Fade", "End", 100, {"fade": 1.0}),
    ):
        before = seen(lab)
        knob = slider(lab, name)
        knob.press(key)
        expect(knob).to_have_attribute("aria-valuetext", str(position))
        expect_picture(lab, colorizer.colorize(photo, **settings))
        assert distance(before, seen(lab)) > CHANGED
        if name == "Warmth":
            knob.press("Delete")
        else:
            lab.locator(".colorlab-knob", has_text=name).locator("label").dblclick()
        until(lab, lambda before=before: distance(before, seen(lab)), 0)
        assert knob.get_attribute("aria-valuetext") in ("0", "100")
    lab.get_by_role("combobox", name="Keep the brightness of").select_option(
        "a black-and-white photo (luma)"
    )
    expect_picture(lab, colorizer.colorize(photo, keep="luma"))
    lab.get_by_role("checkbox", name="The photo is in color").uncheck()
    expect_picture(lab, colorizer.colorize(photo, color=False))


def test_before_the_first_color_a_line_says_what_happens(page: Page) -> None:
    page.evaluate("document.querySelector('.colorlab')?.classList.replace('colorlab', 'old')")
    slow = "import time\nclass Slow:\n    def guess(self, photo):\n        time.sleep(3)\n"
    source = slow + "        return colorizer.guess(photo)\nColorizeLab(model=Slow())"
    page.evaluate(RUN, [LAB, source])
    line = page.locator(".jp-OutputArea pre", has_text="Coloring astronaut …")
    expect(line).to_be_visible()
    lab = page.locator(".colorlab")
    expect(lab.locator("canvas[aria-label='astronaut in gray and color']")).to_be_visible()
    expect(line).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "setting", "unit"),
    [
        ("Color strength", "strength", 100),
        ("Hue shift", "hue_shift", 1),
        ("Saturation", "saturation", 100),
        ("Warmth", "warmth", 100),
        ("Fade", "fade", 100),
    ],
)
def test_each_slider_is_dragged(
    lab: Locator, colorizer: Colorizer, name: str, setting: str, unit: int
) -> None:
    photo = image_of("astronaut")
    expect_picture(lab, colorizer.colorize(photo))
    unfold(lab, "Advanced")
    before, knob = seen(lab), slider(lab, name)
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    start = int(knob.get_attribute("aria-valuetext") or 0)
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 70, y + 9, steps=5)
    # It is drawn while the hand still holds it.
    position = int(knob.get_attribute("aria-valuetext") or 0)
    assert position > start + 20
    expect_picture(lab, colorizer.colorize(photo, **{setting: position / unit}))
    assert distance(before, seen(lab)) > CHANGED
    mouse.up()


def test_photos_come_by_sample_upload_drop_and_path(
    lab: Locator, colorizer: Colorizer, tmp_path: Path
) -> None:
    for name in ("rocket", "camera"):
        press(lab, name)
        expect(lab.get_by_role("img", name=f"{name} in color")).to_be_visible()
        expect_picture(lab, colorizer.colorize(getattr(skimage.data, name)()))

    noise = np.random.default_rng(0).integers(0, 255, (1600, 3000, 3), np.uint8)
    cat = image_of("cat")
    cat.save(tmp_path / "one.png")
    cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "two.png")
    for name in ("one.png", "two.png", "two.png"):
        choose(lab, tmp_path / name)
        expect(lab.get_by_role("img", name=f"{name} in color")).to_be_visible()
        expect_picture(lab, colorizer.colorize(tmp_path / name))

    # Both in parts of 2 MB: the second begins while the first is on its way.
    for name in ("three", "four"):
        Image.fromarray(noise).save(tmp_path / f"{name}.png", compress_level=0)
    for name in ("three.png", "four.png"):
        choose(lab, tmp_path / name)
    expect(lab.get_by_role("img", name="four.png in color")).to_be_visible()
    expect(lab.get_by_role("alert")).to_have_count(0)

    before = seen(lab)
    (tmp_path / "holiday.jpg").write_text("I am no photo")
    choose(lab, tmp_path / "holiday.jpg")
    alert = lab.get_by_role("alert")
    expect(alert).to_contain_text("holiday.jpg: is not a photo")
    assert "\n" not in alert.inner_text()
    assert np.array_equal(seen(lab), before)

    # Jupyter would drop it, were it one message: it has more than 10 MB.
    Image.fromarray(noise).save(tmp_path / "noise.png", compress_level=0)
    assert (tmp_path / "noise.png").stat().st_size > 14e6
    with (tmp_path / "huge.tif").open("wb") as huge:
        huge.truncate(101_000_000)
    choose(lab, tmp_path / "noise.png")
    choose(lab, tmp_path / "huge.tif")  # refused while the kernel still colors the other
    expect(lab.get_by_role("img", name="noise.png in color")).to_be_visible()
    lab.page.wait_for_timeout(1000)  # for all of the kernel's answers
    before = seen(lab)
    expect(alert).to_contain_text(
        "huge.tif has 101 MB; expected at most 100. In Jupyter, type its path"
    )
    assert np.array_equal(seen(lab), before)

    for kind, name, now in (("drop", "one.png", cat), ("paste", "two.png", tmp_path / "two.png")):
        file = base64.b64encode((tmp_path / name).read_bytes()).decode()
        lab.page.evaluate(BRING, [kind, f"by {kind}.png", file])
        expect(lab.get_by_role("img", name=f"by {kind}.png in color")).to_be_visible()
        expect_picture(lab, colorizer.colorize(now))

    large = image_of("astronaut").resize((4000, 4000))  # 16 megapixels
    large.save(tmp_path / "large.jpg")
    unfold(lab, "Open…")
    path = lab.get_by_role("textbox", name="or type its path")
    path.fill(str(tmp_path / "large.jpg"))
    path.press("Enter")
    expect(lab.get_by_role("img", name="large.jpg in color")).to_be_visible()
    expect_picture(lab, colorizer.colorize(image_of("astronaut")))
    expect(lab.get_by_role("alert")).to_have_count(0)


def test_the_curtain_is_gray_to_its_left_and_color_to_its_right(
    lab: Locator, colorizer: Colorizer
) -> None:
    photo = image_of("astronaut")
    color, gray = colorizer.colorize(photo), gray_of(photo)
    press(lab, "Curtain")
    handle = lab.get_by_role("slider", name="Curtain")

    def expect_curtain(percent: int) -> None:
        expect(handle).to_have_attribute("aria-valuenow", str(percent))
        both = color.copy()
        both.paste(gray.crop((0, 0, round(percent / 100 * gray.width), gray.height)))
        expect_picture(lab, both)

    expect_curtain(50)
    drag(lab, (0.5, 0.3), (0.2, 0.4))
    expect_curtain(20)
    handle.press("ArrowRight")
    expect_curtain(21)
    handle.press("End")
    expect_curtain(100)


def test_the_original_is_seen_while_it_is_held(lab: Locator, colorizer: Colorizer) -> None:
    photo = image_of("astronaut")
    color = colorizer.colorize(photo)
    keyboard, mouse = lab.page.keyboard, lab.page.mouse
    lab.get_by_role("application").focus()
    keyboard.down(" ")
    expect_picture(lab, photo)
    keyboard.up(" ")
    expect_picture(lab, color)
    keyboard.down(" ")
    expect_picture(lab, photo)
    lab.get_by_role("button", name="Gray").focus()  # the space bar is released elsewhere
    expect_picture(lab, color)
    keyboard.up(" ")
    mouse.move(*at(lab, (0.5, 0.5)))
    mouse.down()
    expect_picture(lab, photo)
    mouse.up()
    expect_picture(lab, color)


def test_at_1_to_1_each_pixel_is_the_photo_s_own(page: Page, tmp_path: Path) -> None:
    # Squares of 8 pixels, which JPEG keeps nearly as they are. A picture that is scaled, or one
    # pixel aside, is far from them.
    squares = np.random.default_rng(0).integers(0, 255, (150, 201, 1), np.uint8)
    photo = squares.repeat(8, axis=0).repeat(8, axis=1).repeat(3, axis=2)
    Image.fromarray(photo).save(tmp_path / "squares.png")
    lab = show(page, f"ColorizeLab({str(tmp_path / 'squares.png')!r}, colorizer)")
    press(lab, "Original")
    press(lab, "1:1")

    def off(left: int, top: int) -> float:
        now = seen(lab)
        height, width = now.shape[:2]
        top, left = (1200 - height) // 2 + top, (1608 - width) // 2 + left
        return distance(now, photo[top : top + height, left : left + width])

    until(lab, lambda: min(off(0, 0), off(1, 0)), 2)
    start = int(off(1, 0) < off(0, 0))  # of an odd rest, the half pixel
    width, height = size(lab)
    drag(lab, (0.5, 0.5), (0.5 - 40 / width, 0.5 + 24 / height))
    until(lab, lambda: min(off(start + 40 + x, -24 + y) for x in (-1, 0, 1) for y in (-1, 0, 1)), 2)
    expect(lab.locator(".colorlab-note")).to_be_empty()
    lab.get_by_role("application").press("ArrowLeft")
    until(lab, lambda: 2 - (off(start + 40, -24) > 20), 1)
    press(lab, "Fit")
    expect_picture(lab, Image.fromarray(photo), 10)  # noise, scaled in two ways


@pytest.fixture
def dot(page: Page, tmp_path: Path) -> Locator:
    """Show a white photo of 1,600 × 1,200 pixels with a black dot, left of its middle."""
    y, x = np.mgrid[:1200, :1600]
    photo = np.where((x - 480) ** 2 + (y - 480) ** 2 < 30**2, 0, 255).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "dot.png")
    lab = show(page, f"ColorizeLab({str(tmp_path / 'dot.png')!r}, colorizer)")
    press(lab, "Original")
    lab.locator("canvas").scroll_into_view_if_needed()
    return lab


def dot_at(lab: Locator) -> NDArray[np.float64]:
    """The middle of the dot on the page, in pixels."""
    rows, columns = np.nonzero(seen(lab).mean(axis=-1) < 128)
    box = lab.locator("canvas").bounding_box()
    assert box
    return np.array([box["x"] + columns.mean(), box["y"] + rows.mean()])


def zoom(lab: Locator) -> int:
    return int(lab.locator(".colorlab-percent").inner_text().split()[0])


def test_the_wheel_zooms_at_the_pointer_and_a_drag_moves_the_photo(dot: Locator) -> None:
    page, begin, place = dot.page, zoom(dot), dot_at(dot)
    page.mouse.move(*place)
    page.mouse.wheel(0, -100)  # the page's own: neither Ctrl nor the focus
    page.wait_for_timeout(300)
    assert zoom(dot) == begin
    dot.locator("canvas").scroll_into_view_if_needed()
    place = dot_at(dot)
    page.mouse.move(*place)
    page.keyboard.down("Control")
    for _ in range(2):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    until(dot, lambda: begin / zoom(dot), 0.6)
    assert np.abs(dot_at(dot) - place).max() < 3
    page.mouse.down()
    page.mouse.move(*(place + np.array([40, 25])), steps=4)
    page.mouse.up()
    until(dot, lambda: np.abs(dot_at(dot) - place - [40, 25]).max(), 3)
    page.mouse.wheel(0, 100)  # after the click, the photo has the focus
    until(dot, lambda: zoom(dot) / begin, 1.7)
    dot.get_by_role("application").press("0")
    until(dot, lambda: abs(zoom(dot) - begin), 0)


def test_two_fingers_zoom(dot: Locator) -> None:
    begin, place = zoom(dot), dot_at(dot)
    touch = dot.page.context.new_cdp_session(dot.page)
    for kind, apart in (("Start", 40), ("Move", 60), ("Move", 80), ("End", 0)):
        points = [{"x": place[0] + side * apart, "y": place[1], "id": side} for side in (-1, 1)]
        event = {"type": f"touch{kind}", "touchPoints": points if apart else []}
        touch.send("Input.dispatchTouchEvent", event)
    until(dot, lambda: abs(zoom(dot) / begin - 2), 0.1)
    assert np.abs(dot_at(dot) - place).max() < 3


def test_the_whole_lab_fills_the_screen(lab: Locator) -> None:
    small = size(lab)
    press(lab, "Full screen")
    lab.page.wait_for_function("document.fullscreenElement?.matches('.colorlab')")
    until(lab, lambda: small[1] / size(lab)[1], 0.99)
    assert slider(lab, "Warmth").is_visible()
    press(lab, "Full screen")
    lab.page.wait_for_function("!document.fullscreenElement")


def test_the_film_strip_marks_what_is_seen(lab: Locator, colorizer: Colorizer) -> None:
    current = lab.locator("[aria-current=true]")
    expect(current).to_have_text(["astronaut", "as guessed"])
    press(lab, "coffee")
    expect(current).to_have_text(["coffee", "as guessed"])
    press(lab, "Keep")
    expect(current).to_have_text(["coffee", "version 1", "as guessed"])
    slider(lab, "Warmth").press("End")
    expect(current).to_have_text(["coffee", "as guessed"])
    press(lab, "bluer")
    expect(current).to_have_text(["coffee", "bluer"])
    leaning = colorizer.colorize(image_of("coffee"), warmth=1.0, lean=220.0)
    expect_picture(lab, leaning, near=3.0)  # it is full of edges, and scaled
    # It scrolls sideways, and does not break into two lines.
    tops = "buttons => new Set(buttons.map(each => each.getBoundingClientRect().top)).size"
    assert lab.locator(".colorlab-thumbnail").evaluate_all(tops) == 1


def test_what_few_need_is_folded(lab: Locator) -> None:
    for fold, within in (("Advanced", "Model"), ("Open…", "or type its path")):
        button, control = lab.get_by_role("button", name=fold), lab.get_by_label(within, exact=True)
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(control).to_be_hidden()
        button.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(control).to_be_visible()


def test_messages_are_shown_one_at_a_time_on_the_picture(lab: Locator, tmp_path: Path) -> None:
    messages = lab.locator(".colorlab-pill:visible")
    lab.get_by_role("textbox", name="Save as").fill(str(tmp_path / "no folder" / "a.png"))
    press(lab, "Save")
    expect(messages).to_have_text(re.compile("^⚠ .*no folder"))
    expect(messages).to_have_role("alert")
    lab.get_by_role("textbox", name="Save as").fill(str(tmp_path / "a.png"))
    press(lab, "Save")
    expect(messages).to_have_text(re.compile("^✓ Saved"))
    expect(messages).to_have_role("status")
    stage, message = lab.locator(".colorlab-stage").bounding_box(), messages.bounding_box()
    assert stage and message
    assert stage["y"] < message["y"] < stage["y"] + stage["height"] - message["height"]


def test_hints(lab: Locator, colorizer: Colorizer) -> None:
    photo = image_of("astronaut")
    plain = colorizer.colorize(photo)
    press(lab, "Place hints")
    lab.page.mouse.click(*at(lab, (0.3, 0.75)))
    marker, picker = lab.get_by_role("button", name="Hint 1"), lab.get_by_role("dialog")
    expect(marker).to_be_visible()
    # The colors that are likely there; the first is seen at once, and has the focus.
    expect(picker.get_by_role("button", pressed=True)).to_be_focused()
    blue = picker.get_by_role("button", name="blue").first
    blue.click()
    expect(blue).to_have_attribute("aria-pressed", "true")
    color = picker.get_by_label("Other…").input_value()
    hints = [Hint(0.3, 0.75, color)]
    colored = colorizer.colorize(photo, hints=hints)
    assert distance(plain, colored) > 2 * NEAR
    expect_picture(lab, colored)
    picker.press("Escape")
    expect(picker).to_be_hidden()
    press(lab, "Undo")
    expect(marker).to_have_count(0)
    expect_picture(lab, plain)
    press(lab, "Redo")
    expect(marker).to_be_visible()
    expect_picture(lab, colored)

    frame = lab.get_by_role("application")
    for key in ["ArrowRight"] * 10 + ["ArrowUp"] * 5 + ["Enter"]:
        frame.press(key)
    expect(lab.get_by_role("button", name="Hint 2")).to_be_visible()
    picker.get_by_label("Other…").fill("#b03a2e")  # as if it was chosen in the system's window
    hints.append(Hint(0.7, 0.4, "#b03a2e"))
    expect_picture(lab, colorizer.colorize(photo, hints=hints))
    marker.click()
    expect(picker.get_by_label("Other…")).to_have_value(color)
    picker.get_by_role("button", name="Remove").click()
    expect(picker).to_be_hidden()
    expect(lab.get_by_role("button", name="Hint 2")).to_have_count(0)
    expect_picture(lab, colorizer.colorize(photo, hints=hints[1:]))
    press(lab, "Remove all")
    expect(marker).to_have_count(0)
    expect_picture(lab, plain)

    # Behind the curtain a hint's color would not be seen.
    press(lab, "Curtain")
    lab.page.mouse.click(*at(lab, (0.3, 0.75)))
    expect(marker).to_be_visible()
    color = lab.get_by_role("button", name="Color", exact=True)
    expect(color).to_have_attribute("aria-pressed", "true")


def test_another_model_draws_the_same_photo_anew(page: Page) -> None:
    source = (
        "lab = ColorizeLab(model=colorizer)\nlab.desk.models.options += (('pale', Pale()),)\nlab"
    )
    pale = (
        "import numpy as np\nfrom colorlab.colorizer import Guess\n"
        "class Pale:\n    def guess(self, photo):\n"
        "        return Guess(np.zeros((4, 4, 2), np.float32), np.ones((4, 4, 1), np.float32))\n"
    )
    lab = show(page, pale + source)
    unfold(lab, "Advanced")
    lab.get_by_role("combobox", name="Model").select_option("pale")
    expect_picture(lab, gray_of(image_of("astronaut")))
    press(lab, "cat")  # whose chroma is the same
    expect_picture(lab, gray_of(image_of("cat")))


def test_what_is_saved_is_what_colorize_makes(
    lab: Locator, colorizer: Colorizer, tmp_path: Path
) -> None:
    slider(lab, "Warmth").press("End")
    press(lab, "Place hints")
    lab.page.mouse.click(*at(lab, (0.3, 0.75)))
    expect(lab.get_by_role("button", name="Hint 1")).to_be_visible()
    settings = save_and_compare(lab, tmp_path / "out.png", "astronaut", colorizer)
    assert settings["warmth"] == 1 and len(settings["hints"]) == 1


def test_a_busy_kernel_is_called_busy_and_sliders_draw_meanwhile(
    lab: Locator, colorizer: Colorizer
) -> None:
    note = lab.locator(".colorlab-note")
    expect_picture(lab, colorizer.colorize(image_of("astronaut")))
    lab.page.evaluate(RUN, [SLEEP, "import time; time.sleep(5)"])
    prompt = lab.page.locator(".jp-CodeCell").nth(SLEEP).locator(".jp-InputPrompt")
    expect(prompt).to_have_text("[*]:")
    press(lab, "rocket")
    expect(note).to_contain_text("busy")
    slider(lab, "Color strength").press("End")
    expect_picture(lab, colorizer.colorize(image_of("astronaut"), strength=2.0))
    expect(note).to_have_role("status")
    expect(prompt).to_have_text("[*]:")
    expect(lab.get_by_role("img", name="rocket in color")).to_be_visible()
    expect_picture(lab, colorizer.colorize(image_of("rocket"), strength=2.0))
    expect(note).to_be_empty()


def test_a_connection_that_comes_back_is_no_ended_kernel(
    lab: Locator, colorizer: Colorizer, page: Page
) -> None:
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.reconnect()")
    press(lab, "rocket")
    expect(lab.get_by_role("img", name="rocket in color")).to_be_visible()
    expect_picture(lab, colorizer.colorize(image_of("rocket")))
    expect(lab.get_by_role("alert")).to_have_count(0)


def test_an_ended_kernel_is_said_to_have_ended(lab: Locator, page: Page) -> None:
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    alert = lab.get_by_role("alert")
    expect(alert).to_contain_text("kernel has ended. Run the cell again")
    press(lab, "rocket")
    expect(alert).to_be_visible()
    page.evaluate(RUN, [IMPORTS, ""])
    lab = show(page, "ColorizeLab(model=colorizer)")  # which the next test finds, too
    expect(lab.get_by_role("alert")).to_have_count(0)


def test_tab_reaches_every_control_and_shows_where_it_is(lab: Locator) -> None:
    press(lab, "Curtain")
    unfold(lab, "Open…")
    unfold(lab, "Advanced")
    lab.get_by_role("button", name="Curtain").focus()
    names, focus = [], lab.page.locator(":focus")
    while lab.locator(":focus").count():
        outline, name = focus.evaluate("""control => [
            getComputedStyle(control).outlineStyle,
            control.ariaLabel || control.labels?.[0]?.textContent || control.textContent,
        ]""")
        assert outline != "none", name
        names.append(name.strip())
        lab.page.keyboard.press("Tab")
    assert all(names)
    sliders = {"Color strength, %", "Hue shift, degrees", "Saturation, %", "Warmth, %"}
    assert sliders | {"Fade unsure color, %", "Curtain, %"} <= set(names)
    fields = {"or type its path", "Draw colors toward", "Save as", "Model", "Load another model"}
    assert fields | {"The photo is in color", "Full screen", "Fit", "1:1"} <= set(names)
    # An icon is a part of a button's name.
    buttons = "Open…", "Choose a file", "camera", "Keep", "bluer", "Reset", "Place hints", "Save"
    for end in (*buttons, "Advanced"):
        assert any(name.endswith(end) for name in names), end


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(lab: Locator, theme: str) -> None:
    change = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
    lab.page.evaluate(change, theme)
    press(lab, "Curtain")
    unfold(lab, "Open…")
    unfold(lab, "Advanced")
    press(lab, "Place hints")
    lab.page.mouse.click(*at(lab, (0.3, 0.75)))
    expect(lab.get_by_role("dialog")).to_be_visible()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(lab.page, ".colorlab", {"runOnly": tags, "resultTypes": ["violations"]})
    lab.page.evaluate(change, "JupyterLab Light")
    assert not found.response["violations"], found.generate_report()


def test_in_notebook_7_too(
    browser: Browser, lab_url: str, course: Path, colorizer: Colorizer
) -> None:
    write_notebook(course, "photo_lab_in_notebook.ipynb")
    page = browser.new_page()
    page.goto(
        lab_url.replace("/lab/tree/", "/notebooks/").format("notebooks/photo_lab_in_notebook.ipynb")
    )
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    lab = page.locator(".colorlab")
    # The canvas: until it is there, the lab shows a picture of the same name.
    drawn = lab.locator("canvas[aria-label='astronaut in gray and color']")
    expect(drawn).to_be_visible(timeout=120_000)
    press(lab, "Color")
    expect_picture(lab, colorizer.colorize(image_of("astronaut")))
    slider(lab, "Color strength").press("Home")
    expect_picture(lab, gray_of(image_of("astronaut")))
    page.close()
