"""The training monitor in a real JupyterLab: its buttons reach a kernel that is busy training."""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

BUILD = """
from colorlab import ColorGAN
from colorlab.backend import tf
from colorlab.model.critic import patch_critic
from colorlab.model.generators import residual_unet
from colorlab.data.toyworld import scenes
from colorlab.lab.widgets import TrainingMonitor

gan = ColorGAN(residual_unet((8, 16), num_blocks=1), patch_critic((8, 16)))
gan.compile(jit_compile=False)
batches = tf.data.Dataset.from_tensors(scenes(2, size=16)).repeat()  # it never ends by itself
monitor = TrainingMonitor(gan, scenes(3, size=16, seed=1), every=5)
monitor
"""
TRAIN = "await monitor.fit(batches, steps_per_epoch=10**9)"
AFTER = "print('trained', int(gan.step), 'steps')"


def test_its_buttons_work_while_it_trains(open_lesson: Callable[[str], Page], course: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in (BUILD, TRAIN, AFTER)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, course / "notebooks" / "monitor.ipynb")
    page = open_lesson("monitor.ipynb")
    # Not awaited: the second cell ends when the button says so.
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    status = page.get_by_role("status").filter(has_text="Step")
    expect(status).to_contain_text("training", timeout=120_000)
    for button, state in (("Pause", "paused"), ("Resume", "training"), ("Stop", "stopped")):
        page.get_by_role("button", name=button).click()
        expect(status).to_contain_text(state, timeout=60_000)
    expect(page.get_by_text(re.compile(r"^trained \d+ steps"))).to_be_visible()
