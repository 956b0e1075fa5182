"""The widgets of the lessons in a real JupyterLab: names, keyboard, both themes, a narrow page.

At the end, the training monitor: its buttons reach a kernel that is busy training.
"""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

SOURCE = """
import ipywidgets as widgets
import skimage.data
from colorlab import ColorGAN
from colorlab.backend import tf
from colorlab.model.critic import patch_critic
from colorlab.model.generators import residual_unet
from colorlab.data.toyworld import scenes
from colorlab.lab.widgets import (
    BlindTest, HueSliders, HueWheel, Prediction, SlideApart, TrainingMonitor
)

gan = ColorGAN(residual_unet((4, 8), num_blocks=0), patch_critic((4, 8)))
gan.compile(jit_compile=False)
batches = tf.data.Dataset.from_tensors(scenes(2, size=16)).repeat()  # it never ends by itself
monitor = TrainingMonitor(gan, scenes(3, size=16, seed=1), every=5)
photo = skimage.data.coffee()
widgets.VBox([
    Prediction("What is the mean of 350° and 10°?", ["red", "cyan"]),
    HueWheel(),
    HueSliders(photo),
    SlideApart(),
    BlindTest([(photo, photo[:, ::-1])]),
    monitor,
])
"""
TRAIN = "await monitor.fit(batches, steps_per_epoch=10**9)"
AFTER = "print('trained', int(gan.step), 'steps')"


@pytest.fixture(scope="module")
def page(open_lesson: Callable[[str], Page], course: Path) -> Page:
    notebook = new_notebook(cells=[new_code_cell(source) for source in (SOURCE, TRAIN, AFTER)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, course / "notebooks" / "all_widgets.ipynb")
    page = open_lesson("all_widgets.ipynb")
    page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    expect(page.get_by_role("img", name="Color wheel")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    return page


def change_theme(page: Page, theme: str) -> None:
    """Change it, and wait until the page has it."""
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(page: Page, theme: str) -> None:
    change_theme(page, theme)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = Axe().run(page, ".colorlab", {"runOnly": tags, "resultTypes": ["violations"]})
    change_theme(page, "JupyterLab Light")
    assert not found.response["violations"], found.generate_report()


def test_sliders_have_names_and_change_picture_and_words(page: Page) -> None:
    for name, key, says in (
        ("One hue, degrees", "Home", "Color wheel: 0° and 10°"),
        ("Saturation, %", "Home", "saturation 0 %"),
        ("Distance, in hill widths", "Home", "Hills 0 apart"),
    ):
        page.get_by_role("slider", name=name).press(key)
        expect(page.get_by_role("img", name=says).first).to_be_visible()
    expect(page.locator(".colorlab [aria-live=polite]").first).to_contain_text(
        "mean of the numbers ■ 5°"
    )


def test_the_hills_are_played_and_stepped_by_keyboard(page: Page) -> None:
    page.get_by_role("slider", name="Distance, in hill widths").press("End")
    page.get_by_label("Moved by").select_option("Wasserstein critic")
    page.get_by_role("button", name="One step").press("Enter")
    expect(page.get_by_role("img", name="Hills 7.9 apart")).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).press("Enter")
    expect(page.get_by_role("img", name="Hills 7.9 apart")).to_be_hidden()  # they have moved on
    page.get_by_role("button", name="Pause", exact=True).press("Enter")
    page.get_by_role("button", name="Back to the start", exact=True).press("Enter")
    expect(page.get_by_role("img", name="Hills 7.9 apart")).to_be_visible()


def test_for_reduced_motion_the_hills_move_in_single_steps_only(page: Page) -> None:
    player = page.get_by_role("button", name="Play", exact=True)
    expect(player).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    expect(player).to_be_hidden()
    expect(page.get_by_role("button", name="One step")).to_be_visible()
    page.emulate_media(reduced_motion="no-preference")


def test_a_choice_says_that_it_is_made(page: Page) -> None:
    choice = page.get_by_role("button", name="cyan")
    expect(choice).to_have_attribute("aria-pressed", "false")
    choice.press("Space")
    expect(choice).to_have_attribute("aria-pressed", "true")


def test_a_blind_test_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="The left one is real").press("Enter")
    expect(page.get_by_text("of 1. A coin does as well")).to_be_visible()


def test_nothing_is_cut_off_in_a_narrow_page(page: Page) -> None:
    page.set_viewport_size({"width": 760, "height": 900})  # JupyterLab's side bars take half of it
    overhang = """() => [...document.querySelectorAll('.colorlab')].map(frame => {
        const right = frame.getBoundingClientRect().right;
        const parts = frame.querySelectorAll('img, button, .widget-slider, .widget-html');
        return Math.max(...[...parts].map(part => part.getBoundingClientRect().right - right));
    })"""
    page.wait_for_function(f"({overhang})().every(pixels => pixels <= 1)")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_monitor_s_buttons_work_while_it_trains(page: Page) -> None:
    # Not awaited: the training ends when the button says so.
    page.evaluate("""() => {
        jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
        jupyterapp.commands.execute('notebook:run-all-below');
    }""")
    monitor = page.locator(".colorlab").last
    status = monitor.get_by_role("status")
    expect(status).to_contain_text("training", timeout=60_000)
    for button, state in (("Pause", "paused"), ("Resume", "training"), ("Stop", "stopped")):
        monitor.get_by_role("button", name=button).click()
        expect(status).to_contain_text(state, timeout=60_000)
    expect(page.get_by_text(re.compile(r"^trained \d+ steps"))).to_be_visible()
