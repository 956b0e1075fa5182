"""The exercises of lesson 06, debugging a GAN. Networks are imported where they are used."""

from __future__ import annotations

from typing import Any

import numpy as np

from colorlab.lab.exercises.checking import exercise
from colorlab.lab.exercises.inputs import Float, random


@exercise(
    [(np.array([-0.6, 0.3], np.float32),), (random(2, 4, 4, 2, low=-0.9, high=0.9),)],
    "which numbers can such a network output? Is each of the two free of the other?",
    "each of the two numbers by itself: 0 where it is negative, and itself where it is not.",
    {
        "You turned the sign. The nearest number to a negative one is 0.": np.abs,
        "You applied the two functions. Asked is the nearest result that they can give.": (
            lambda chroma: np.tanh(np.maximum(chroma, 0))
        ),
        "You removed the whole color if one number was negative. Each is on its own.": (
            lambda chroma: chroma * (chroma >= 0).all(axis=-1, keepdims=True)
        ),
    },
)
def reachable(chroma: Float) -> Float:
    """Chroma (..., 2) → the nearest chroma (..., 2) that ReLU and then tanh can output."""
    return np.maximum(chroma, 0.0)


@exercise(
    [
        (np.array([0, 51, 102], np.uint8),),
        (np.array([0.0, 0.5, 1.0], np.float32),),
        (np.arange(0, 256, 5, dtype=np.uint8),),
        (np.linspace(0, 1, 52, dtype=np.float32),),
        (np.array([[0, 1]], np.uint8),),  # its largest number does not tell uint8 from float
        (np.full((2, 3, 1), 255, np.uint8),),
    ],
    "how can one tell whether pixels were divided already, also for a photo that is nearly black?",
    "let the dtype decide: only np.uint8 is divided by 255.",
    {
        "Floats were divided a second time.": lambda pixels: pixels / 255,
        "Whole numbers were not divided.": lambda pixels: pixels.astype(np.float32),
        "The largest number does not tell: in a very dark photo it is 1 of 255.": (
            lambda pixels: pixels / 255 if pixels.max() > 1 else pixels
        ),
        "You divided by 256. The largest number is 255, and should become 1.": (
            lambda pixels: pixels / 256 if pixels.dtype == np.uint8 else pixels
        ),
        "You divided by the largest number of this photo, which is not always 255.": (
            lambda pixels: pixels / pixels.max() if pixels.dtype == np.uint8 else pixels
        ),
    },
)
def to_network(pixels: Any) -> Float:
    """Pixels of any shape, uint8 (0 to 255) or float in [0, 1] → float32 in [0, 1], same shape."""
    return np.asarray(pixels / 255 if pixels.dtype == np.uint8 else pixels, np.float32)


@exercise(
    [
        (np.array([0.004, 0.02, 0.009]), np.array([-2.0, 40.0, -3.0]), 0.001, 0.01),
        (random(3, 4, low=-0.02, high=0.02), random(3, 4, low=-20, high=20, seed=1), 0.001, 0.01),
        (np.zeros(3, np.float32), np.array([-500.0, 0.5, 500.0]), 0.1, 0.01),
    ],
    "what does the paper bound: the gradient, the step, or where the weights are?",
    "first the whole step, with the gradient as it is; then bring every weight into ± limit.",
    {
        "You clipped the gradient. The paper clips the weights.": (
            lambda weights, gradient, rate, limit: weights - rate * np.clip(gradient, -limit, limit)
        ),
        "You clipped the step. The paper clips the weights.": (
            lambda weights, gradient, rate, limit: weights - np.clip(rate * gradient, -limit, limit)
        ),
        "You clipped before the step, so the weights can leave the limits again.": (
            lambda weights, gradient, rate, limit: np.clip(weights, -limit, limit) - rate * gradient
        ),
        "That step goes up the gradient.": (
            lambda weights, gradient, rate, limit: np.clip(weights + rate * gradient, -limit, limit)
        ),
        "The clip is missing.": lambda weights, gradient, rate, limit: weights - rate * gradient,
    },
)
def clipped_step(weights: Float, gradient: Float, rate: float, limit: float) -> Float:
    """The weights after a step down the gradient and WGAN's clip; all arrays have one shape."""
    return np.clip(weights - rate * gradient, -limit, limit)


def _sigmoid(score: Float) -> Float:
    return np.asarray(1.0 / (1.0 + np.exp(-score)))


@exercise(
    [
        (random(4, 2, 2, 1, low=6, high=12), random(4, 2, 2, 1, low=-3, high=3, seed=1)),
        (random(6, 2, 2, 1, low=-2, high=2), random(2, 2, 2, 1, low=4, high=6, seed=1)),
    ],
    "a loss is made smaller. Which scores should rise then, and which should fall?",
    "no sigmoid and no logarithm: the mean score of the fakes minus that of the real photos.",
    {
        "The sign is turned: a critic that makes this smaller scores the fakes higher.": (
            lambda real, fake: real.mean() - fake.mean()
        ),
        "There is a sigmoid in it. The critic's scores are raw.": (
            lambda real, fake: _sigmoid(fake).mean() - _sigmoid(real).mean()
        ),
        "You added all scores. With means, the loss does not depend on how many there are.": (
            lambda real, fake: fake.sum() - real.sum()
        ),
    },
)
def wasserstein_critic_loss(real: Float, fake: Float) -> float:
    """Raw scores of real and of fake photos, each (N, h, w, 1) → the loss of WGAN's critic."""
    from colorlab.model.objectives import get

    return float(get("wasserstein").critic_loss(real, fake))


@exercise(
    [(np.array([2.0, 4.0]), 3), (np.array([2.0, 4.0]), 1), (random(8), 4)],
    "add up what all devices return. What should the sum be?",
    "the mean over this device's photos is num_replicas times too large a part: divide it.",
    {
        "That is the mean on this device. The sum over all devices is too large with it.": (
            lambda per_photo, num_replicas: per_photo.mean()
        ),
        "You divided the sum by the devices, but not by the photos of each.": (
            lambda per_photo, num_replicas: per_photo.sum() / num_replicas
        ),
        "That is the sum on this device, not its part of a mean.": (
            lambda per_photo, num_replicas: per_photo.sum()
        ),
        "You multiplied by the number of devices.": (
            lambda per_photo, num_replicas: per_photo.mean() * num_replicas
        ),
    },
)
def replica_loss(per_photo: Float, num_replicas: int) -> float:
    """Losses (n,) of one of `num_replicas` devices, each with n photos → that device's loss."""
    return float(np.mean(per_photo) / num_replicas)
