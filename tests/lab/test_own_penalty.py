"""Lesson 02 trains with the reader's penalty if it can, and says whose penalty it is."""

import numpy as np
import pytest

from colorlab.backend import ops, tf
from colorlab.lab.own_penalty import OwnPenalty, own_or_package
from colorlab.model.objectives import get

PACKAGE = get("wasserstein_gp")


def answers(numbers):
    """Two right answers, written with NumPy or with keras.ops."""

    def between(real, fake, u):
        u = u[:, None, None, None]
        return u * real + (1 - u) * fake

    def penalty(gradient):
        norms = numbers.sqrt(numbers.sum(numbers.square(gradient), axis=(1, 2, 3)))
        return numbers.mean(numbers.square(norms - 1))

    return between, penalty


def test_right_answers_are_the_penalty_that_trains():
    objective, says = own_or_package(*answers(ops))
    assert isinstance(objective.restraint, OwnPenalty)
    assert "your own" in says
    rng = np.random.default_rng(0)
    real, fake = (rng.normal(size=(3, 4, 4, 2)).astype("float32") for _ in range(2))
    u = tf.constant(rng.uniform(size=(3, 1, 1, 1)).astype("float32"))
    arguments = (lambda x: x**2, tf.constant(real), tf.constant(fake), lambda: u)
    own, package = (each.restraint.penalty(*arguments) for each in (objective, PACKAGE))
    assert float(own) == pytest.approx(float(package), rel=1e-5)


def test_answers_in_numpy_are_right_but_cannot_train():
    objective, says = own_or_package(*answers(np))
    assert objective is PACKAGE
    assert "Write ops" in says


@pytest.mark.parametrize("which", [0, 1])
def test_without_two_right_answers_the_package_s_penalty_trains(which):
    given = list(answers(ops))

    def unanswered(*arguments):
        return ...

    unanswered.__name__ = given[which].__name__
    given[which] = unanswered
    objective, says = own_or_package(*given)
    assert objective is PACKAGE
    assert "Once both answers are right" in says
