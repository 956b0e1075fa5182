"""Two hills that slide apart, and what each objective's critic says of them.

Real samples come from a normal distribution around 0, fake ones from the same around `distance`,
both of standard deviation 1. For these two the best discriminator and the best critic are known, so
that what a generator is told can be computed in place of being trained.

Where `real` and `fake` are probabilities, there is one for each place of a grid; each sums to 1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colorlab.errors import ColorlabError

Floats = NDArray[np.float64]
Kind = Literal["logistic_saturating", "logistic", "wasserstein"]  # names in objectives.OBJECTIVES


def density(x: ArrayLike, center: float = 0.0) -> Floats:
    """Height of the hill around `center` at the places x: any shape → the same."""
    height = np.exp(-0.5 * np.square(np.asarray(x) - center))
    return np.asarray(height / np.sqrt(2.0 * np.pi))


def score(x: ArrayLike, distance: float, kind: Kind, skill: float = 1.0) -> Floats:
    """What the critic says at the places x, with no sigmoid: higher means more real.

    The best discriminator's score is log(real / fake) = distance · (distance / 2 − x), a straight
    line for two hills of one width. The best critic that is nowhere steeper than 1 is a straight
    line too, of slope ∓1: distance / 2 − x for fakes on the right.

    Args:
        x: places, any shape.
        distance: of the fake hill's center from the real one's, of either sign.
        kind: an objective.
        skill: how far it is trained: a share of the best slope, 0 says nothing, 1 is the best.

    Returns:
        Scores of x's shape.

    Raises:
        ColorlabError: if there is no such kind.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, proposition 1; Arjovsky et al. 2017, arXiv
    1701.07875, equation 2.
    """
    return _slope(distance, kind, skill) * (np.asarray(x) - distance / 2.0)


def gradient(x: ArrayLike, distance: float, kind: Kind, skill: float = 1.0) -> Floats:
    """What fake samples at x are told: the derivative of the generator's loss by each one's place.

    A positive number asks a sample to go left, since a step goes against the gradient.

    Takes, returns and raises what `score` does.
    """
    says = score(x, distance, kind, skill)
    if kind == "logistic_saturating":
        by_score = -np.exp(-np.logaddexp(0.0, -says))  # −σ(score)
    elif kind == "logistic":
        by_score = -np.exp(-np.logaddexp(0.0, says))  # −(1 − σ(score))
    else:
        by_score = -np.ones_like(says)
    return by_score * _slope(distance, kind, skill)


def gan_value(real: ArrayLike, fake: ArrayLike, scores: ArrayLike) -> float:
    """E_real[log D] + E_fake[log(1 − D)] with D = σ(score): what a discriminator tries to raise.

    It is the logistic critic's loss with the sign turned. The best possible is 2·JSD − log 4.

    Args:
        real, fake: probabilities, (N,).
        scores: the discriminator's, before its sigmoid, (N,).

    Source: Goodfellow et al. 2014, arXiv 1406.2661, equation 1 and theorem 1.
    """
    s = np.asarray(scores)
    loss = np.asarray(real) * np.logaddexp(0.0, -s) + np.asarray(fake) * np.logaddexp(0.0, s)
    return -float(loss.sum())


def jensen_shannon(real: ArrayLike, fake: ArrayLike) -> float:
    """Jensen-Shannon divergence of two sets of probabilities (N,): 0 if equal, log 2 if disjoint.

    Source: Goodfellow et al. 2014, arXiv 1406.2661, theorem 1.
    """
    p, q = np.asarray(real), np.asarray(fake)
    middle = (p + q) / 2.0
    return (_kullback_leibler(p, middle) + _kullback_leibler(q, middle)) / 2.0


def wasserstein(real: ArrayLike, fake: ArrayLike, spacing: float) -> float:
    """Wasserstein-1 distance of two sets of probabilities (N,), on places `spacing` apart.

    The least work of carrying the one hill to where the other is. From a place to the next goes
    what the one hill has more than the other up to there.

    Source: Arjovsky et al. 2017, arXiv 1701.07875, equation 1; in one dimension, the area between
    the two cumulative distributions.
    """
    surplus = np.cumsum(np.asarray(real) - np.asarray(fake))
    return float(np.abs(surplus).sum() * spacing)


def _slope(distance: float, kind: Kind, skill: float) -> float:
    if kind not in ("logistic_saturating", "logistic", "wasserstein"):
        raise ColorlabError(
            f"kind is {kind!r}, expected 'logistic_saturating', 'logistic' or 'wasserstein'."
        )
    best = np.sign(distance) if kind == "wasserstein" else distance
    return -skill * float(best)


def _kullback_leibler(p: Floats, q: Floats) -> float:
    some = p > 0  # 0 · log 0 is 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
