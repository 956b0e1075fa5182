"""The exercises of lesson 02, critic versus logistic."""

from __future__ import annotations

import numpy as np

from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, random


@exercise(
    [(0.3, 0.1), (0.2, 0.2), (random(7), random(7, seed=1))],
    "think of many samples that turn up at this place. Which of them are real?",
    "the probability is the share of the real ones, p, among all, p + q.",
    {
        "That is the probability that the sample is fake.": lambda p, q: q / (p + q),
        "That is the ratio of real to fake. It can be above 1, so it is no probability.": (
            lambda p, q: p / q
        ),
        "That is the density of the real samples; it does not say how many fake ones there are.": (
            lambda p, q: p
        ),
    },
)
def best_discriminator(p: Float, q: Float) -> Float:
    """Densities of real and fake at the same places, both above 0 → best D there, in (0, 1)."""
    return np.asarray(p / (p + q))


def _sigmoid(score: Float) -> Float:
    return np.asarray(1.0 / (1.0 + np.exp(-score)))


@exercise(
    [(np.array([-8, -1, 0, 1, 8], np.float32),), (random(3, 4, low=-3.0, high=3.0),)],
    "1 − σ(s) is σ(−s), so both losses are logarithms of a σ. What is the derivative of log σ(t)?",
    "log σ(t) has the derivative 1 − σ(t). In the first loss t = −s turns the sign, in the second "
    "one the minus does.",
    {
        "The signs are turned: both losses fall when the score rises.": (
            lambda score: np.stack([_sigmoid(score), 1.0 - _sigmoid(score)])
        ),
        "The order is swapped: the saturating form, log(1 − σ(s)), comes first.": (
            lambda score: np.stack([_sigmoid(score) - 1.0, -_sigmoid(score)])
        ),
        "These are the losses, not their derivatives.": (
            lambda score: np.stack([np.log(1.0 - _sigmoid(score)), -np.log(_sigmoid(score))])
        ),
    },
)
def told_by_score(score: Float) -> Float:
    """Scores of fakes, any shape → the derivatives of both logistic generator losses, stacked."""
    return np.stack([-_sigmoid(score), _sigmoid(score) - 1.0])  # saturating, non-saturating


@exercise(
    [
        (np.array([5.0, 0.0, 1.0]), np.array([1.0, 3.0, 2.0])),  # two means that agree
        (random(9, seed=3), random(9, seed=4) + 0.4),
        (random(6), random(6, seed=1)),
        (np.zeros(3), np.array([0.0, 0.0, 6.0])),  # two medians that agree
    ],
    "the order of the numbers in an array means nothing. Which grain goes where, at the least "
    "work?",
    "the leftmost grain goes to the leftmost place, the second to the second: sort both, then take "
    "the mean distance.",
    {
        "You compared the means. Two heaps may have one mean and still be different.": (
            lambda a, b: np.abs(a.mean() - b.mean())
        ),
        "You carried each grain to the one with its index. That plan is not the cheapest.": (
            lambda a, b: np.abs(a - b).mean()
        ),
        "You added all distances; asked is the mean for one grain.": (
            lambda a, b: np.abs(np.sort(a) - np.sort(b)).sum()
        ),
        "You squared the distances. Work is mass times distance.": (
            lambda a, b: np.square(np.sort(a) - np.sort(b)).mean()
        ),
    },
)
def carrying_distance(a: Float, b: Float) -> float:
    """Two samples of n numbers each → their Wasserstein-1 distance."""
    return float(np.abs(np.sort(a) - np.sort(b)).mean())


@exercise(
    [(random(n, 3, n, 2), -random(n, 3, n, 2, seed=1), random(n, seed=2)) for n in (2, 4)],
    "u has one number for each photo. How does NumPy know which axis of the photos that is?",
    "give u three more axes of length 1; u = 1 is the real photo and u = 0 the fake one.",
    {
        "u met the last axis, the channels. It has one number for each photo, the first axis.": (
            lambda real, fake, u: u * real + (1.0 - u) * fake
        ),
        "Real and fake are swapped: u = 1 should be the real photo.": (
            lambda real, fake, u: (
                u.reshape(-1, 1, 1, 1) * fake + (1.0 - u.reshape(-1, 1, 1, 1)) * real
            )
        ),
        "All photos were mixed by one number; each has its own.": (
            lambda real, fake, u: u[0] * real + (1.0 - u[0]) * fake
        ),
    },
)
def between(real: Float, fake: Float, u: Float) -> Float:
    """Two chromas (N, H, W, 2), a number in [0, 1] for each photo (N,) → chroma between them."""
    mix = u.reshape(-1, 1, 1, 1)
    return np.asarray(mix * real + (1.0 - mix) * fake)


@exercise(
    [(random(3, 4, 4, 2),), (random(2, 3, 5, 2, high=0.5),), (np.zeros((1, 2, 2, 2)),)],
    "how many norms are there for N photos? Over which axes does a photo's norm go?",
    "one norm a photo: square, sum over rows, columns and channels, root. Then the mean of "
    "(norm − 1)².",
    {
        "You took one norm of the whole batch. Each photo has its own.": (
            lambda gradient: np.square(np.sqrt(np.square(gradient).sum()) - 1.0)
        ),
        "You took one norm for each pixel. Each photo has one, over all its pixels.": (
            lambda gradient: np.square(np.sqrt(np.square(gradient).sum(axis=-1)) - 1.0).mean()
        ),
        "The root is missing: that is the squared norm minus 1.": (
            lambda gradient: np.square(np.square(gradient).sum(axis=(1, 2, 3)) - 1.0).mean()
        ),
    },
)
def penalty(gradient: Float) -> float:
    """Gradients (N, H, W, 2) of each photo's score by its chroma → the gradient penalty."""
    norms = np.sqrt(np.square(gradient).sum(axis=(1, 2, 3)))
    return float(np.square(norms - 1.0).mean())
