"""Lesson 00 in a real JupyterLab: Run All, then the photo lab as a reader uses it."""

from collections.abc import Callable

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
SPREAD = """canvas => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let spread = 0;
    for (let i = 0; i < data.length; i += 4) {
        const rgb = data.slice(i, i + 3);
        spread = Math.max(spread, Math.max(...rgb) - Math.min(...rgb));
    }
    return spread;
}"""


def test_lesson_00(open_lesson: Callable[[str], Page]) -> None:
    page = open_lesson("00_start_here.ipynb")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")

    cells = page.evaluate(OUTPUTS)
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))

    page.evaluate(SCROLL_TO, "ColorizeLab()")
    lab = page.locator(".colorlab", has=page.locator("canvas"))
    picture = lab.get_by_role("img", name="astronaut in gray and color")
    expect(picture).to_be_visible()
    handle = picture.element_handle()
    page.wait_for_function(f"canvas => ({SPREAD})(canvas) > 30", arg=handle)
    for name in ("Color strength, %", "Hue shift, degrees", "Saturation, %"):
        knob = lab.locator(".colorlab-knob", has_text=name)
        expect(knob.get_by_role("slider")).to_be_visible()

    # To the slider's left end by keyboard: nothing is left of the color.
    strength = lab.locator(".colorlab-knob", has_text="Color strength")
    strength.get_by_role("slider").press("Home")
    page.wait_for_function(f"canvas => ({SPREAD})(canvas) < 3", arg=handle)
    strength.get_by_text("Color strength").dblclick()
    page.wait_for_function(f"canvas => ({SPREAD})(canvas) > 30", arg=handle)

    lab.get_by_role("button", name="rocket").click()
    expect(lab.get_by_role("img", name="rocket in gray and color")).to_be_visible()
    # While the kernel is busy, ipywidgets holds a slider's move back, and the click overtakes it.
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    strength.get_by_role("slider").press("Home")
    lab.get_by_role("button", name="Keep").click()
    lab.get_by_role("button", name="Reset").click()
    expect(strength.get_by_role("slider")).to_have_attribute("aria-valuetext", "100")
    lab.get_by_role("button", name="version 1").click()
    expect(strength.get_by_role("slider")).to_have_attribute("aria-valuetext", "0")
