"""The two hills against autodiff of the package's own losses, SciPy, and what can be worked out."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit
from scipy.stats import norm, wasserstein_distance

from colorlab.errors import ColorlabError
from colorlab.lab import two_gaussians
from colorlab.model import objectives

KINDS = ("logistic_saturating", "logistic", "wasserstein")
X = np.linspace(-20, 20, 4001)
SPACING = X[1] - X[0]


def hills(distance):
    real, fake = norm.pdf(X), norm.pdf(X, distance)
    return real / real.sum(), fake / fake.sum()


def test_a_hill_is_the_normal_density():
    np.testing.assert_allclose(two_gaussians.density(X, 1.5), norm.pdf(X, 1.5), atol=1e-12)


@pytest.mark.parametrize("kind", ["logistic_saturating", "logistic"])
@pytest.mark.parametrize("distance", [-2.0, 0.0, 0.5, 3.0])
def test_the_best_discriminator_is_real_over_real_and_fake(kind, distance):
    x = np.linspace(-4, 6, 50)
    expected = norm.pdf(x) / (norm.pdf(x) + norm.pdf(x, distance))
    np.testing.assert_allclose(expit(two_gaussians.score(x, distance, kind)), expected, atol=1e-12)


@pytest.mark.parametrize("distance", [-2.0, 0.5, 3.0])
def test_the_best_critic_reaches_the_distance_and_is_nowhere_steeper_than_1(distance):
    real, fake = hills(distance)
    scores = two_gaussians.score(X, distance, "wasserstein")
    assert np.abs(np.diff(scores) / SPACING).max() == pytest.approx(1.0)
    assert (real * scores).sum() - (fake * scores).sum() == pytest.approx(abs(distance), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("distance", "skill"), [(3.0, 1.0), (3.0, 0.2), (-1.5, 1.0), (40.0, 1.0)])
def test_gradients_are_those_of_the_package_s_losses(kind, distance, skill):
    x = tf.constant(distance + np.array([-2.0, -0.3, 0.0, 1.7]))
    slope = -skill * (np.sign(distance) if kind == "wasserstein" else distance)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = objectives.get(kind).generator_loss(slope * (x - distance / 2))
    expected = 4 * tape.gradient(loss, x)  # the loss is a mean over four samples
    found = two_gaussians.gradient(x.numpy(), distance, kind, skill)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-300)


@pytest.mark.parametrize("kind", KINDS)
def test_fakes_are_sent_towards_the_real_hill_unless_the_critic_has_no_skill(kind):
    for distance in (-3.0, 3.0):
        step = -two_gaussians.gradient(np.array([distance]), distance, kind)
        assert np.sign(step) == -np.sign(distance)
    assert not two_gaussians.score(X, 3.0, kind, skill=0.0).any()
    assert not two_gaussians.gradient(X, 3.0, kind, skill=0.0).any()


@pytest.mark.parametrize("distance", [0.0, 0.5, 2.0, 6.0])
def test_the_best_discriminator_is_worth_twice_the_divergence_less_log_4(distance):
    real, fake = hills(distance)
    scores = two_gaussians.score(X, distance, "logistic")
    best = two_gaussians.gan_value(real, fake, scores)
    assert best == pytest.approx(2 * two_gaussians.jensen_shannon(real, fake) - np.log(4), abs=1e-9)
    loss = objectives.get("logistic").critic_loss  # the same on samples, as a mean
    rng = np.random.default_rng(0)
    many = rng.normal(0.0, 1.0, 100_000), rng.normal(distance, 1.0, 100_000)
    sampled = -float(loss(*(two_gaussians.score(each, distance, "logistic") for each in many)))
    assert best == pytest.approx(sampled, abs=0.01)
    if distance:
        for other in (0.8 * scores, 1.2 * scores, scores + 0.3):
            assert two_gaussians.gan_value(real, fake, other) < best


def test_jensen_shannon_is_nothing_for_equal_and_log_2_for_disjoint():
    p, q = np.array([0.3, 0.7, 0, 0, 0]), np.array([0, 0, 0.1, 0.2, 0.7])
    assert two_gaussians.jensen_shannon(p, p) == 0
    assert two_gaussians.jensen_shannon(p, q) == pytest.approx(np.log(2))
    assert two_gaussians.jensen_shannon([0.5, 0.5], [0.0, 1.0]) == pytest.approx(
        0.5 * np.log(4 / 3) + 0.25 * np.log(2 / 3) + 0.25 * np.log(2)
    )


def test_wasserstein_is_scipy_s():
    rng = np.random.default_rng(0)
    places = 0.25 * np.arange(12)
    for _ in range(5):
        p, q = rng.dirichlet(np.ones(12), 2)
        expected = wasserstein_distance(places, places, p, q)
        assert two_gaussians.wasserstein(p, q, 0.25) == pytest.approx(expected)


@pytest.mark.parametrize("distance", [0.0, 0.01, 3.0])
def test_two_hills_are_as_far_apart_as_their_centers(distance):
    assert two_gaussians.wasserstein(*hills(distance), SPACING) == pytest.approx(distance, abs=1e-9)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ColorlabError, match=r"kind is 'hinge'; expected one of .*'wasserstein'"):
        two_gaussians.score(X, 1.0, "hinge")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1.0, 0.5])
def test_the_generator_slides_down_the_gradient_of_the_package_s_loss(kind, width):
    place, expected = 1.5, [1.5]
    for _ in range(3):
        slope = -(1.0 if kind == "wasserstein" else place / width**2)  # of the best critic
        center = tf.Variable(place, dtype="float64")
        with tf.GradientTape() as tape:
            x = center + width * two_gaussians.QUANTILES
            loss = objectives.get(kind).generator_loss(slope * (x - place / 2))
        place -= 0.05 * float(tape.gradient(loss, center))
        expected.append(place)
    found = two_gaussians.slide(1.5, kind, steps=3, rate=0.05, width=width)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_who_arrives_from_six_widths_away():
    ends = {kind: two_gaussians.slide(6.0, kind, steps=100)[-1] for kind in KINDS}
    assert ends["logistic_saturating"] > 5.9
    assert abs(ends["logistic"]) < 0.1
    assert abs(ends["wasserstein"]) <= 0.11  # it has the speed 1 until the end, and steps over
