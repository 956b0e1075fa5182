"""The script behind section 9 of lesson 02, in miniature, and the file that it left there."""

import importlib.util
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]


def load_script():
    path = ROOT / "scripts" / "lesson_02.py"
    spec = importlib.util.spec_from_file_location("lesson_02", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_script_writes_what_the_lesson_opens(tmp_path):
    script = load_script()
    shipped = np.load(script.FILE)
    script.FILE = tmp_path / "runs.npz"
    script.OBJECTIVES, script.SEEDS = ("logistic",), (1,)
    script.CONTENT_STEPS, script.CRITIC_STEPS, script.STEPS = 2, 2, (0, 1)
    script.main()
    written = np.load(script.FILE)
    assert written["names"].tolist() == ["start", "logistic", "content"]
    assert written["chroma"].shape == (3, 1, 6, 16, 16, 2)
    assert written["scores"].shape == (2, 1, 2, 2)
    scores = written["scores"][:, :, 0]  # all objectives of a seed begin with the same generator
    np.testing.assert_array_equal(scores[0], scores[1])
    moved = np.abs(written["chroma"][1].astype(int) - written["chroma"][0]).max()
    assert moved > 0  # by the critic alone
    # The file that ships has all objectives and three seeds, and is small.
    assert (ROOT / "notebooks" / "02_generators.npz").stat().st_size < 100_000
    assert shipped["chroma"].shape == (6, 3, 6, 16, 16, 2)
    assert shipped["scores"].shape == (5, 3, shipped["steps"].size, 2)
    np.testing.assert_array_equal(shipped["truth"], written["truth"])
