"""The training monitor in a real JupyterLab: its buttons reach a kernel that is busy training."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, expect

BUILD = """
import numpy as np
from colorlab.backend import keras, tf
from colorlab.critic import patch_critic
from colorlab.gan import ColorGAN
from colorlab.generator import residual_unet
from colorlab.toyworld import scenes
from colorlab.widgets import TrainingMonitor

gan = ColorGAN(residual_unet((8, 16), num_blocks=1), patch_critic((8, 16)))
gan.compile(jit_compile=False)
batches = tf.data.Dataset.from_tensors(scenes(2, size=16)).repeat()  # it never ends by itself
monitor = TrainingMonitor(gan, scenes(3, size=16, seed=1), every=5)
monitor
"""
TRAIN = "await monitor.fit(batches, steps_per_epoch=10**9)"
AFTER = "print('trained', int(gan.step), monitor.message.value)"


def test_buttons_work_while_it_trains(browser: Browser, lab_url: str) -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in (BUILD, TRAIN, AFTER)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(lab_url.format("").replace("/tree/", ""))
    page.wait_for_function("window.jupyterapp?.serviceManager.isReady")
    page.evaluate(
        "content => jupyterapp.serviceManager.contents.save('monitor.ipynb',"
        " {type: 'notebook', format: 'json', content: JSON.parse(content)})",
        nbformat.writes(notebook),
    )
    page.goto(lab_url.format("monitor.ipynb"))
    page.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'"
    )
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    status = page.get_by_role("status").filter(has_text="Step")
    expect(status).to_contain_text("training", timeout=120_000)
    page.get_by_role("button", name="Pause").click()
    expect(status).to_contain_text("paused", timeout=60_000)
    page.get_by_role("button", name="Resume").click()
    expect(status).to_contain_text("training", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(status).to_contain_text("stopped", timeout=60_000)
    expect(page.get_by_text("trained ")).to_be_visible()
    page.close()
