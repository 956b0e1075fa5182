"""Two normal distributions ("hills") that slide apart, and each objective's critic of them.

Real samples come from a normal distribution around 0, fake ones from one around `distance`, both of
standard deviation 1. For these two, the best discriminator and the best critic are known. So the
gradients that a generator receives can be computed without training.

Where `real` and `fake` are probabilities, there is one for each place of a grid; each sums to 1.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colorlab.errors import ColorlabError

Floats = NDArray[np.float64]
Kind = Literal["logistic_saturating", "logistic", "wasserstein"]  # names in objectives.OBJECTIVES
QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 9) for i in range(9)])  # of nine samples


def density(x: ArrayLike, center: float = 0.0) -> Floats:
    """Density of the hill around `center` at the places x: any shape → the same shape."""
    height = np.exp(-0.5 * np.square(np.asarray(x) - center))
    return np.asarray(height / np.sqrt(2.0 * np.pi))


def score(x: ArrayLike, distance: float, kind: Kind, skill: float = 1.0) -> Floats:
    """The critic's score at the places x, without a sigmoid: higher means more real.

    The best discriminator's score is log(real / fake) = distance · (distance / 2 − x), a straight
    line because both hills have the same width. The best critic that is nowhere steeper than 1 is
    also a straight line, of slope ∓1: distance / 2 − x if the fakes are on the right.

    Args:
        x: places, any shape.
        distance: from the real hill's center to the fake one's, of either sign.
        kind: an objective.
        skill: how well the critic is trained, as a share of the best slope, from 0 to 1.

    Returns:
        Scores of the same shape as x.

    Raises:
        ColorlabError: if there is no such kind.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, proposition 1; Arjovsky et al. 2017, arXiv
    1701.07875, equation 2.
    """
    return _slope(distance, kind, skill) * (np.asarray(x) - distance / 2.0)


def gradient(x: ArrayLike, distance: float, kind: Kind, skill: float = 1.0) -> Floats:
    """The derivative of the generator's loss by the places x of fake samples; arguments as `score`.

    A positive gradient moves a sample to the left, since a step goes against the gradient.
    """
    says = score(x, distance, kind, skill)
    if kind == "logistic_saturating":
        by_score = -np.exp(-np.logaddexp(0.0, -says))  # −σ(score)
    elif kind == "logistic":
        by_score = -np.exp(-np.logaddexp(0.0, says))  # −(1 − σ(score))
    else:
        by_score = -np.ones_like(says)
    return by_score * _slope(distance, kind, skill)


def samples(distance: float) -> Floats:
    """Nine samples of the fake hill, (9,): the middles of nine parts of equal probability."""
    return distance + QUANTILES


def slide(
    start: float,
    kind: Kind,
    *,
    steps: int,
    rate: float = 0.1,
    skill: float = 1.0,
    width: float = 1.0,
) -> Floats:
    """Train the generator whose one weight is the place of the fake hill, by gradient descent.

    In each step, the critic is the best one for that place, or a share `skill` of it, and the fake
    hill moves by the mean gradient of its nine samples.

    Args:
        start: the place of the fake hill at first; the real one is at 0.
        kind: an objective.
        steps: how many.
        rate: the learning rate.
        skill: as for `score`.
        width: the standard deviation of both hills.

    Returns:
        The place before the first step and after each step, (steps + 1,).
    """
    places = [float(start)]
    for _ in range(steps):
        place = places[-1] / width  # hills of width 1 that look the same, seen from nearer
        told = np.mean(gradient(samples(place), place, kind, skill))
        # A logistic score depends on the picture only, so its slope is 1 / width times as large.
        # The Wasserstein critic's slope is 1 in either.
        places.append(places[-1] - rate * float(told) / (1 if kind == "wasserstein" else width))
    return np.array(places)


def gan_value(real: ArrayLike, fake: ArrayLike, scores: ArrayLike) -> float:
    """E_real[log D] + E_fake[log(1 − D)] with D = σ(score), which a discriminator maximizes.

    It is the logistic critic's loss with the opposite sign, for probabilities and scores (N,). Its
    maximum is 2·JSD − log 4.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, equation 1 and theorem 1.
    """
    s = np.asarray(scores)
    loss = np.asarray(real) * np.logaddexp(0.0, -s) + np.asarray(fake) * np.logaddexp(0.0, s)
    return -float(loss.sum())


def jensen_shannon(real: ArrayLike, fake: ArrayLike) -> float:
    """Jensen-Shannon divergence of two sets of probabilities (N,): 0 if equal, log 2 if disjoint.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, theorem 1.
    """
    hills = np.array([real, fake], float)
    middle = np.broadcast_to(hills.mean(axis=0), hills.shape)
    some = hills > 0  # 0 · log 0 is 0
    return float((hills[some] * np.log(hills[some] / middle[some])).sum() / 2.0)


def wasserstein(real: ArrayLike, fake: ArrayLike, spacing: float) -> float:
    """Wasserstein-1 distance of two sets of probabilities (N,), on places `spacing` apart.

    It is the least work that carries one hill to the other. From each place to the next, the plan
    carries the surplus of the one hill over the other up to that place.

    Source: Arjovsky et al. 2017, arXiv 1701.07875, equation 1; in one dimension, the area between
    the two cumulative distributions.
    """
    surplus = np.cumsum(np.asarray(real) - np.asarray(fake))
    return float(np.abs(surplus).sum() * spacing)


def _slope(distance: float, kind: Kind, skill: float) -> float:
    if kind not in get_args(Kind):
        raise ColorlabError(f"kind is {kind!r}; expected one of {get_args(Kind)}.")
    best = np.sign(distance) if kind == "wasserstein" else distance
    return -skill * float(best)
