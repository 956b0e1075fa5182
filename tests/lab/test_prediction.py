import pytest

from colorlab.lab.widgets import Prediction


@pytest.fixture
def guess():
    return Prediction("What is the mean?", ["red", "cyan"])


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("cyan", "It is: cyan, as you said."),
        ("red", "It is: cyan, you said red."),
        (None, "It is: cyan. You made no prediction; try the next one."),
    ],
)
def test_the_choice_is_scored(guess, choice, said):
    guess.choice.value = choice
    assert guess.score("cyan") == said


def test_a_wrong_choice_is_told_why_it_is_wrong():
    guess = Prediction("What is the mean?", {"red": "", "cyan": "It is opposite to both."})
    guess.choice.value = "cyan"
    assert guess.score("red") == "It is: red, you said cyan. It is opposite to both."
    guess.choice.value = "red"
    assert guess.score("red") == "It is: red, as you said."


def test_an_answer_that_was_not_offered_is_refused(guess):
    with pytest.raises(ValueError, match="answer is 'green'; expected one of"):
        guess.score("green")


def test_every_answer_has_a_name_that_tells_its_question(guess):
    assert guess.choice.tooltips == ("What is the mean? red", "What is the mean? cyan")


def test_without_a_kernel_the_question_and_its_answers_can_be_read(guess):
    html = guess._repr_mimebundle_()["text/html"]
    assert all(words in html for words in ("What is the mean?", "red", "cyan"))
