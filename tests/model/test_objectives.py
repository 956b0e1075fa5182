"""Each objective against its paper's formula, written with NumPy and SciPy."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit, log_expit, log_softmax

from colorlab.errors import ColorlabError
from colorlab.model import objectives
from colorlab.model.histogram import CENTERS, soft_histogram
from colorlab.model.objectives import GradientPenalty, content_loss, distribution_loss

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(0, 3, (2, 4, 6, 6, 1)).astype("float32")

# (critic's loss, generator's loss), to minimize; log_expit(x) is log sigmoid(x).
FORMULAS = {
    "logistic": (
        -log_expit(REAL).mean() - log_expit(-FAKE).mean(),
        -log_expit(FAKE).mean(),
    ),
    "logistic_saturating": (
        -log_expit(REAL).mean() - log_expit(-FAKE).mean(),
        log_expit(-FAKE).mean(),
    ),
    "least_squares": (
        ((REAL - 1) ** 2).mean() / 2 + (FAKE**2).mean() / 2,
        ((FAKE - 1) ** 2).mean() / 2,
    ),
    "hinge": (
        -np.minimum(0, REAL - 1).mean() - np.minimum(0, -FAKE - 1).mean(),
        -FAKE.mean(),
    ),
    "wasserstein": (FAKE.mean() - REAL.mean(), -FAKE.mean()),
    "wasserstein_gradient_clip": (FAKE.mean() - REAL.mean(), -FAKE.mean()),
    "wasserstein_gp": (FAKE.mean() - REAL.mean(), -FAKE.mean()),
}


def test_every_objective_has_a_formula_here():
    assert list(objectives.OBJECTIVES) == list(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_losses_are_the_paper_s(name):
    objective = objectives.get(name)
    critic_loss, generator_loss = FORMULAS[name]
    assert objective.name == name
    np.testing.assert_allclose(objective.critic_loss(REAL, FAKE), critic_loss, rtol=1e-5)
    np.testing.assert_allclose(objective.generator_loss(FAKE), generator_loss, rtol=1e-5)


@pytest.mark.parametrize("name", FORMULAS)
def test_extreme_scores_give_finite_losses_and_gradients(name):
    objective = objectives.get(name)
    real, fake = tf.constant([-1e4, 0, 1e4]), tf.constant([1e4, 0, -1e4])
    with tf.GradientTape() as tape:
        tape.watch([real, fake])
        loss = objective.critic_loss(real, fake) + objective.generator_loss(fake)
    assert np.isfinite(loss)
    assert all(np.isfinite(g).all() for g in tape.gradient(loss, [real, fake]))


def generator_gradient(name, score):
    score = tf.constant(score)
    with tf.GradientTape() as tape:
        tape.watch(score)
        loss = objectives.get(name).generator_loss(score)
    return float(tape.gradient(loss, score))


def test_a_confident_critic_silences_the_saturating_generator_only():
    caught = -10.0
    assert generator_gradient("logistic", caught) == pytest.approx(-expit(10), rel=1e-4)
    assert generator_gradient("logistic_saturating", caught) == pytest.approx(-expit(-10), rel=1e-4)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_generator_is_always_sent_towards_a_higher_score(name):
    assert generator_gradient(name, 0.0) < 0


# Optimizer, its learning rate and β₁, critic steps, and what keeps the critic honest.
DCGAN = ("Adam", 2e-4, 0.5, 1, objectives.Restraint())  # Radford et al. 2015; pix2pix has it, too
RECIPES = {
    "logistic": DCGAN,
    "logistic_saturating": DCGAN,
    "least_squares": DCGAN,
    "hinge": DCGAN,
    "wasserstein": ("RMSprop", 5e-5, None, 5, objectives.WeightClip(0.01)),  # its algorithm 1
    "wasserstein_gradient_clip": ("RMSprop", 5e-5, None, 5, objectives.GradientClip(0.01)),
    "wasserstein_gp": (
        "Adam",
        1e-4,
        0.0,
        5,
        objectives.GradientPenalty(10.0),
    ),  # its algorithm 1; β₂ below
}


@pytest.mark.parametrize("name", objectives.OBJECTIVES)
def test_each_objective_has_its_authors_recipe(name):
    objective = objectives.get(name)
    optimizer = objective.optimizer()
    found = (
        type(optimizer).__name__,
        pytest.approx(float(optimizer.learning_rate)),
        getattr(optimizer, "beta_1", None),
        objective.critic_steps,
        objective.restraint,
    )
    assert found == RECIPES[name]
    assert objective.name == name
    if name == "wasserstein_gp":
        assert optimizer.beta_2 == 0.9


def test_an_optimizer_is_never_shared_by_two_networks():
    make = objectives.get("hinge").optimizer
    assert make() is not make()


def test_an_unknown_objective_is_refused_with_the_names_there_are():
    with pytest.raises(ColorlabError, match=r"No objective 'l2'; choose one of logistic, .*hinge"):
        objectives.get("l2")


def test_content_loss_is_the_weighted_distance_in_the_disk():
    value = RNG.random((2, 5, 7, 1), dtype=np.float32)
    chroma, predicted = RNG.uniform(-0.7, 0.7, (2, 2, 5, 7, 2)).astype("float32")
    distance = np.linalg.norm(predicted - chroma, axis=-1)
    weight = np.maximum(value[..., 0], 0.1) * (1 + 4 * np.linalg.norm(chroma, axis=-1))
    loss = content_loss(value, chroma, predicted)
    np.testing.assert_allclose(loss, (weight * distance).mean(), rtol=1e-4)


def test_content_loss_is_nothing_at_the_truth_and_its_gradient_finite():
    value = tf.ones((1, 4, 4, 1))
    chroma, predicted = tf.fill((1, 4, 4, 2), 0.3), tf.fill((1, 4, 4, 2), 0.3)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        loss = content_loss(value, chroma, predicted)
    assert float(loss) < 0.005
    np.testing.assert_allclose(tape.gradient(loss, predicted), 0, atol=1e-6)


def test_content_loss_forgives_in_the_dark_and_insists_on_strong_color():
    def loss(value, chroma):
        truth = tf.constant([[[[chroma, 0.0]]]])
        return float(content_loss(tf.fill((1, 1, 1, 1), value), truth, truth + 0.5))

    assert loss(1.0, 0.2) == pytest.approx(2 * loss(0.5, 0.2), rel=1e-5)
    assert loss(0.0, 0.2) == pytest.approx(loss(0.1, 0.2)) and loss(0.0, 0.2) > 0
    assert loss(1.0, 1.0) == pytest.approx(5 * loss(1.0, 0.0), rel=1e-5)


def test_distribution_loss_is_the_weighted_cross_entropy():
    value = RNG.random((2, 5, 7, 1), dtype=np.float32)
    chroma = RNG.uniform(-0.7, 0.7, (2, 5, 7, 2)).astype("float32")
    logits = RNG.normal(0, 2, (2, 5, 7, len(CENTERS))).astype("float32")
    shares = np.asarray(soft_histogram(tf.constant(chroma)))
    weight = np.maximum(value[..., 0], 0.1) * (1 + 4 * np.linalg.norm(chroma, axis=-1))
    expected = (weight * -(shares * log_softmax(logits, axis=-1)).sum(axis=-1)).mean()
    found = distribution_loss(value, tf.constant(chroma), tf.constant(logits))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    # No distribution is likelier than the shares themselves.
    least = distribution_loss(value, tf.constant(chroma), tf.math.log(shares + 1e-30))
    assert 0 < float(least) < float(found)


def test_the_penalty_is_the_squared_distance_of_slopes_from_1_between_real_and_fake():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(2, 3, 2, 2, 2)).astype("float32")
    share = np.array([0.0, 0.25, 1.0], np.float32)[:, None, None, None]
    # Of a score that is the half square of each number, the slope is the number itself.
    found = GradientPenalty(10.0).penalty(lambda x: x, real, fake, lambda: share)
    between = share * real + (1 - share) * fake
    norms = np.sqrt((between**2).sum((1, 2, 3)))
    assert float(found) == pytest.approx(10 * np.mean((norms - 1) ** 2), rel=1e-4)
