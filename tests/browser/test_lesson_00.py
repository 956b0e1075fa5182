"""Lesson 00 in a real JupyterLab: Run All, then the photo lab as a reader uses it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

# The outputs of all cells, also of those that are too far off the screen to be drawn.
OUTPUTS = """jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type == 'code')
    .map(cell => ({count: cell.model.executionCount, outputs: cell.model.outputs.toJSON()}))"""

SCROLL_TO = """async text => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const at = notebook.widgets.findIndex(cell => cell.model.sharedModel.source.includes(text));
    notebook.activeCellIndex = at;
    await notebook.scrollToItem(at, 'start');
}"""

# How far the channels of the most colorful pixel on the screen are apart.
SPREAD = """img => {
    if (!img.naturalWidth) return NaN;  // between two pictures
    const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(img, 0, 0);
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    let spread = 0;
    for (let i = 0; i < data.length; i += 4) {
        const rgb = data.slice(i, i + 3);
        spread = Math.max(spread, Math.max(...rgb) - Math.min(...rgb));
    }
    return spread;
}"""


def test_lesson_00(open_lesson: Callable[[str], Page], tmp_path: Path) -> None:
    page = open_lesson("00_start_here.ipynb")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")

    cells = page.evaluate(OUTPUTS)
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))

    page.evaluate(SCROLL_TO, "ColorizeLab()")
    lab = page.locator(".colorlab")
    picture = lab.get_by_role("img", name="astronaut in color")
    expect(picture).to_be_visible()
    assert picture.evaluate(SPREAD) > 30
    for name in ("Color strength, %", "Hue shift, degrees", "Saturation, %"):
        knob = lab.locator(".colorlab-knob", has_text=name)
        expect(knob.get_by_role("slider")).to_be_visible()
        expect(knob.get_by_role("button", name="reset")).to_be_visible()

    # To the slider's left end by keyboard: nothing is left of the color.
    strength = lab.locator(".colorlab-knob", has_text="Color strength")
    strength.get_by_role("slider").press("Home")
    handle = picture.element_handle()
    page.wait_for_function(f"img => ({SPREAD})(img) < 3", arg=handle)
    strength.get_by_role("button", name="reset").click()
    page.wait_for_function(f"img => ({SPREAD})(img) > 30", arg=handle)

    lab.get_by_role("button", name="rocket").click()
    expect(lab.get_by_role("img", name="rocket in color")).to_be_visible()
    strength.get_by_role("slider").press("Home")
    lab.get_by_role("button", name="Keep this version").click()
    lab.get_by_role("button", name="Reset all").click()
    expect(strength.get_by_role("slider")).to_have_attribute("aria-valuetext", "100")
    lab.get_by_role("button", name="version 1").click()
    expect(strength.get_by_role("slider")).to_have_attribute("aria-valuetext", "0")
    lab.get_by_role("button", name="astronaut").click()
    strength.get_by_role("button", name="reset").click()
    expect(picture).to_be_visible()

    liar = tmp_path / "holiday.jpg"
    liar.write_text("I am no photo")
    before = picture.get_attribute("src")
    with page.expect_file_chooser() as chooser:
        lab.get_by_role("button", name="upload").click()
    chooser.value.set_files(liar)
    alert = lab.get_by_role("alert")
    expect(alert).to_contain_text("holiday.jpg: not a JPEG")
    assert "\n" not in alert.inner_text()
    assert picture.get_attribute("src") == before
    assert picture.evaluate(SPREAD) > 30
