"""The drawings in docs/images are what docs/make_drawings.py draws, and each is in a lesson.

After a change of the model that ships, run the script again.
"""

import base64
import io
import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from PIL import Image

from colorlab.backend import tf
from colorlab.model.critic import patch_critic

ROOT = Path(__file__).parents[1]
SCRIPT = runpy.run_path(str(ROOT / "docs" / "make_drawings.py"))
PHOTO = re.compile(r'(?<=base64,)[^"]+')
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("draw", SCRIPT["DRAWINGS"], ids=lambda draw: draw.__name__)
def test_the_committed_drawing_is_what_the_script_draws(draw):
    committed = (ROOT / "docs" / "images" / f"{draw.__name__}.svg").read_text(encoding="utf-8")
    drawn = draw()
    assert PHOTO.sub("", committed) == PHOTO.sub("", drawn)
    # Another version of a library may write other bytes of the same picture.
    for pair in zip(PHOTO.findall(committed), PHOTO.findall(drawn), strict=True):
        ours, new = (
            np.asarray(Image.open(io.BytesIO(base64.b64decode(photo))), np.float32)
            for photo in pair
        )
        assert abs(ours - new).mean() < 3
    title, description, *_ = svg = ElementTree.fromstring(committed)
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text and len(description.text or "") > 100
    assert min(int(text.get("font-size", 0)) for text in svg.iter(f"{SVG}text")) >= 12


def test_the_outlined_patch_is_what_the_score_sees():
    critic = patch_critic((2, 3, 4), normalize=False)
    first, width = SCRIPT["patch"](7, SCRIPT["convolutions"](critic))
    chroma = tf.random.stateless_normal((1, 64, 64, 2), seed=(0, 0))
    with tf.GradientTape() as tape:
        tape.watch(chroma)
        score = critic([tf.ones((1, 64, 64, 1)), chroma])[0, 7, 7, 0]
    (seen,) = np.nonzero(np.abs(tape.gradient(score, chroma)[0]).max((1, 2)))
    assert (seen.min(), seen.max()) == (first, first + width - 1)


def test_each_drawing_is_in_a_lesson_with_alt_text():
    notebooks = (ROOT / "notebooks").glob("*.ipynb")
    cells = [cell for path in notebooks for cell in nbformat.read(path, as_version=4).cells]
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for draw in SCRIPT["DRAWINGS"]:
        assert re.search(rf"!\[[^]]{{60,}}\]\(\.\./docs/images/{draw.__name__}\.svg\)", prose)
