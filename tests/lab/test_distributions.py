"""The hills' widget: what its sliders show, and in which words."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.special import expit

from colorlab.lab.widgets.distributions import COLORS, FAKE, HEIGHTS, SlideApart


@pytest.fixture
def not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a quarter of a second, at each of many steps."""
    monkeypatch.setattr(SlideApart, "_draw", lambda *_: None)


def places(lab: SlideApart, color: str, panel: int) -> tuple[NDArray[np.int64], ...]:
    """Rows and columns of the pixels that have a color in one of the three panels."""
    pixels = np.asarray(Image.open(io.BytesIO(lab.picture.value))).astype(int)
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    top = sum(HEIGHTS[:panel])
    band = pixels[top + 26 : top + HEIGHTS[panel]]  # below the panel's legend
    return np.nonzero(np.abs(band - wanted).max(axis=-1) < 25)


def test_the_text_says_each_objective_s_mean_gradient():
    lab = SlideApart(distance=4.0, skill=50)
    # The samples lie around 4, where the half-trained score is half of −4 · (x − 2).
    scores = -0.5 * 4.0 * (lab.samples - 2.0)
    expected = {
        "logistic_saturating": 2.0 * expit(scores).mean(),
        "logistic": 2.0 * expit(-scores).mean(),
        "wasserstein": 0.5,
    }
    assert lab.gradients == pytest.approx(expected)
    for size in expected.values():
        assert f"{size:.2g}" in lab.text.value
    assert lab.text.value in lab.picture.tooltip


def test_the_distance_slides_the_fake_hill_its_samples_and_their_gradients():
    def columns():
        return [places(lab, *where)[1].mean() for where in ((FAKE, 0), (COLORS["wasserstein"], 2))]

    lab = SlideApart(distance=1.0)
    before = columns()
    lab.distance.value = 7.0
    after = columns()
    assert after[0] > before[0] + 50
    assert after[1] > before[1] + 150
    assert "7 apart" in lab.picture.tooltip
    assert lab.samples.shape == (9,)
    assert lab.samples.mean() == pytest.approx(7.0)


def test_the_saturating_gradient_sinks_as_the_discriminator_gets_good():
    lab = SlideApart(distance=4.0, skill=20)
    early = places(lab, COLORS["logistic_saturating"], 2)[0].mean()
    lab.skill.value = 100
    assert places(lab, COLORS["logistic_saturating"], 2)[0].mean() > early + 20
    assert lab.gradients["logistic_saturating"] < 0.1 < 1 < lab.gradients["logistic"]


def test_untrained_critics_send_nothing_and_a_still_stands_in_for_the_widget():
    lab = SlideApart(skill=0)
    assert set(lab.gradients.values()) == {0.0}
    assert lab.distance.description and lab.skill.description
    assert "image/jpeg" in lab._repr_mimebundle_()


@pytest.mark.usefixtures("not_drawn")
@pytest.mark.parametrize(
    ("kind", "after_ten"),
    [("logistic_saturating", 6.0), ("logistic", 2.2), ("wasserstein", 5.0)],
)
def test_each_step_moves_the_fake_hill_by_the_gradient_of_the_chosen_loss(kind, after_ten):
    lab = SlideApart(distance=6.0)
    lab.kind.value = kind
    for _ in range(10):
        lab.step()
    assert lab.distance.value == pytest.approx(after_ten, abs=0.05)


@pytest.mark.usefixtures("not_drawn")
def test_the_player_steps_and_its_stop_button_goes_back_to_the_start():
    lab = SlideApart(distance=6.0)
    lab.kind.value = "wasserstein"
    lab.distance.value = 3.0
    assert not lab.play.playing  # nothing moves by itself
    for count in range(1, 36):  # as the page does it while the player plays
        lab.play.value = count
    assert lab.distance.value == pytest.approx(0.1, abs=0.11)  # arrived, and never below 0
    lab.play.value = 0
    assert lab.distance.value == 3.0


def test_words_that_are_read_aloud_rest_while_it_plays():
    lab = SlideApart(distance=6.0)
    lab.play.playing = True
    lab.play.value = 1
    before = lab.text.value
    lab.play.value = 2
    assert lab.text.value == before
    lab.play.playing = False
    assert f"{lab.gradients['logistic']:.2g}" in lab.text.value
