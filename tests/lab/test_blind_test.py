"""The blind test: what a reader's clicks do."""

import io

import numpy as np
import pytest
from PIL import Image

from colorlab.lab.widgets import BlindTest
from colorlab.lab.widgets.blind_test import SIDE

REAL, FAKE = (200, 40, 40), (120, 90, 60)


def plain(color):
    return np.full((40, 40, 3), color, np.uint8)


@pytest.fixture
def blind():
    return BlindTest([(plain(REAL), plain(FAKE))] * 12, seed=1)


def real_is_left(blind):
    shown = np.asarray(Image.open(io.BytesIO(blind.picture.value))).astype(int)
    return bool(abs(shown[SIDE // 2, SIDE // 2] - REAL).max() < 20)


def test_who_sees_the_difference_is_always_right(blind):
    for _ in range(12):
        (blind.left_is_real if real_is_left(blind) else blind.right_is_real).click()
    assert (blind.right, blind.asked) == (12, 12)
    assert "Right in 12 of 12" in blind.text.value
    assert blind.left_is_real.disabled
    assert blind.right_is_real.disabled


def test_who_always_clicks_left_is_right_about_half_of_the_time(blind):
    sides = []
    for _ in range(12):
        sides.append(real_is_left(blind))
        blind.left_is_real.click()
    blind.answer(left=True)  # one after the end, which changes nothing
    assert blind.asked == 12
    assert blind.right == sum(sides)
    assert 2 <= blind.right <= 10


def test_the_page_tells_nothing_before_the_end_and_the_score_counts_what_was_judged(blind):
    before = blind.text.value
    assert blind.score() == "No pair was judged yet."
    blind.answer(left=real_is_left(blind))
    assert blind.text.value == before.replace("Pair 1", "Pair 2")
    coin = "A coin does as well or better in 50 of 100 such tests."
    assert blind.score() == f"Right in 1 of 1. {coin}"
