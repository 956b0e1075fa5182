"""The adversarial losses, and what keeps the critic honest.

An objective is a pair of losses on the critic's raw scores (no sigmoid anywhere), with the
optimizer, the number of critic steps, and the restraint that its authors used. Both losses are
means over all patches of all photos. The losses that need no critic are here too.

For an objective of your own, pass an `Objective` with two losses to `ColorGAN.compile` or to a
preset. If the critic needs a restraint that is not here, write a subclass of `Restraint`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from colorlab.backend import keras, ops
from colorlab.color.encoding import ColorSpace, PolarChroma
from colorlab.errors import ColorlabError
from colorlab.model.histogram import soft_histogram

Tensor = Any
DISTRIBUTION_WEIGHT = 0.05  # weight of `distribution_loss` when added to the content loss


@dataclass(frozen=True)
class Restraint:
    """Keeps a critic honest. This one does nothing; a subclass overrides what it needs."""

    def penalty(
        self,
        slope: Callable[[Tensor], Tensor],
        real: Tensor,
        fake: Tensor,
        draw: Callable[[], Tensor],
    ) -> Tensor | float:
        """Return a term that is added to the critic's loss, a float32 scalar.

        Args:
            slope: chroma (N, H, W, 2) → gradient of each photo's score (the mean over its patches)
                with respect to that chroma, of the same shape. It can be differentiated again.
            real: the true chroma, (N, H, W, 2) float32.
            fake: the generator's chroma, of the same shape.
            draw: () → a random number in [0, 1) for each photo, (N, 1, 1, 1).
        """
        return 0.0

    def gradients(self, gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        """Change the gradients of the critic's weights before the optimizer gets them."""
        return gradients

    def after_step(self, weights: Sequence[Any]) -> None:
        """Change the critic's weights, Keras variables, after each of its steps."""


NO_RESTRAINT = Restraint()


@dataclass(frozen=True)
class WeightClip(Restraint):
    """All weights are clipped to ± limit after each step.

    Source: Arjovsky et al. 2017, arXiv 1701.07875, algorithm 1.
    """

    limit: float

    def after_step(self, weights: Sequence[Any]) -> None:
        """Clip the weights."""
        for weight in weights:
            weight.assign(ops.clip(weight, -self.limit, self.limit))


@dataclass(frozen=True)
class GradientClip(Restraint):
    """All gradients are clipped to ± limit before each step. It does not bound the weights.

    Source: Neural-Image-Colorization, which clips gradients instead of weights.
    """

    limit: float

    def gradients(self, gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        """Clip the gradients."""
        return [ops.clip(gradient, -self.limit, self.limit) for gradient in gradients]


@dataclass(frozen=True)
class GradientPenalty(Restraint):
    """Adds weight · E[(‖slope‖ − 1)²], for chroma uniform on the lines from real to fake.

    Source: Gulrajani et al. 2017, arXiv 1704.00028, equation 3.
    """

    weight: float

    def penalty(
        self,
        slope: Callable[[Tensor], Tensor],
        real: Tensor,
        fake: Tensor,
        draw: Callable[[], Tensor],
    ) -> Tensor | float:
        """Penalize slopes whose norm is not 1."""
        mix = draw()
        norms = per_photo_norm(slope(mix * real + (1.0 - mix) * fake))
        return self.weight * ops.mean(ops.square(norms - 1.0))


def per_photo_norm(x: Tensor) -> Tensor:
    """The L2 norm of each photo, (N, H, W, C) → (N,); an epsilon keeps its root smooth."""
    return ops.sqrt(ops.sum(ops.square(x), axis=(1, 2, 3)) + 1e-12)


@dataclass(frozen=True)
class Objective:
    """An adversarial loss pair and its recipe.

    Attributes:
        name: its key in OBJECTIVES, or a name of your own.
        source: the paper that it comes from.
        critic_loss: (scores of real, scores of fake), any shape float32 → scalar to minimize.
        generator_loss: (scores of fake) → scalar to minimize.
        optimizer: makes a new optimizer with the source's settings, one for each network.
        critic_steps: critic updates for each generator update.
        restraint: what keeps the critic honest.
    """

    name: str
    source: str
    critic_loss: Callable[[Tensor, Tensor], Tensor]
    generator_loss: Callable[[Tensor], Tensor]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    critic_steps: int = 1
    restraint: Restraint = NO_RESTRAINT


def content_loss(
    value: Tensor, chroma: Tensor, predicted: Tensor, space: ColorSpace = PolarChroma
) -> Tensor:
    """How far the predicted color is from the true one, as the eye would weight it.

    It is the distance between the two chromas, weighted by how visible the true one is. In the
    chroma disk, no hue is special.

    Args:
        value: (N, H, W, 1) float32 in [0, 1], HSV's value of the true photo.
        chroma: (N, H, W, 2) float32, the true chroma.
        predicted: (N, H, W, 2) float32, the generator's chroma.
        space: the color space of both; its `visibility` gives the weights.

    Returns:
        A float32 scalar. For equal chromas it is about 1e-3 instead of 0, which keeps the square
        root differentiable.
    """
    distance = ops.sqrt(ops.sum(ops.square(predicted - chroma), axis=-1) + 1e-6)
    return ops.mean(space.visibility(value, chroma) * distance)


def distribution_loss(
    value: Tensor, chroma: Tensor, logits: Tensor, space: ColorSpace = PolarChroma
) -> Tensor:
    """How unlikely the true color is under the predicted distribution: the cross-entropy.

    It is weighted like `content_loss`, so that the many dull colors do not outvote the rare, strong
    ones.

    Args:
        value: (N, H, W, 1) float32 in [0, 1], HSV's value of the true photo.
        chroma: (N, H, W, 2) float32, the true chroma.
        logits: (N, H, W, 81) float32, the scores of `histogram.CENTERS`.
        space: as for `content_loss`.

    Returns:
        A float32 scalar, above 0.

    Source: Zhang, Isola and Efros 2016, arXiv 1603.08511, equation 2.
    """
    entropy = -ops.sum(soft_histogram(chroma) * ops.log_softmax(logits), axis=-1)
    return ops.mean(space.visibility(value, chroma) * entropy)


def _logistic_critic(real: Tensor, fake: Tensor) -> Tensor:
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))


def _wasserstein_critic(real: Tensor, fake: Tensor) -> Tensor:
    return ops.mean(fake) - ops.mean(real)


def _raise_score(fake: Tensor) -> Tensor:
    return -ops.mean(fake)


def _adam() -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def _rmsprop() -> keras.optimizers.Optimizer:
    return keras.optimizers.RMSprop(5e-5)


OBJECTIVES = {
    objective.name: objective
    for objective in (
        Objective(
            "logistic",
            "Goodfellow et al. 2014, arXiv 1406.2661, section 3: the non-saturating form",
            critic_loss=_logistic_critic,
            generator_loss=lambda fake: ops.mean(ops.softplus(-fake)),
            optimizer=_adam,
        ),
        Objective(
            "logistic_saturating",
            "Goodfellow et al. 2014, arXiv 1406.2661, equation 1: the minimax form",
            critic_loss=_logistic_critic,
            generator_loss=lambda fake: -ops.mean(ops.softplus(fake)),
            optimizer=_adam,
        ),
        Objective(
            "least_squares",
            "Mao et al. 2017, arXiv 1611.04076, equation 9",
            critic_loss=lambda real, fake: (
                0.5 * ops.mean(ops.square(real - 1.0)) + 0.5 * ops.mean(ops.square(fake))
            ),
            generator_loss=lambda fake: 0.5 * ops.mean(ops.square(fake - 1.0)),
            optimizer=_adam,
        ),
        Objective(
            "hinge",
            "Lim and Ye 2017, arXiv 1705.02894; Miyato et al. 2018, arXiv 1802.05957, equation 16",
            critic_loss=lambda real, fake: (
                ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))
            ),
            generator_loss=_raise_score,
            optimizer=_adam,
        ),
        Objective(
            "wasserstein",
            "Arjovsky et al. 2017, arXiv 1701.07875, algorithm 1: weight clip",
            critic_loss=_wasserstein_critic,
            generator_loss=_raise_score,
            optimizer=_rmsprop,
            critic_steps=5,
            restraint=WeightClip(0.01),
        ),
        Objective(
            "wasserstein_gradient_clip",
            "Neural-Image-Colorization, which clipped gradients in place of weights",
            critic_loss=_wasserstein_critic,
            generator_loss=_raise_score,
            optimizer=_rmsprop,
            critic_steps=5,
            restraint=GradientClip(0.01),
        ),
        Objective(
            "wasserstein_gp",
            "Gulrajani et al. 2017, arXiv 1704.00028, algorithm 1: gradient penalty",
            critic_loss=_wasserstein_critic,
            generator_loss=_raise_score,
            optimizer=lambda: keras.optimizers.Adam(1e-4, beta_1=0.0, beta_2=0.9),
            critic_steps=5,
            restraint=GradientPenalty(10.0),
        ),
    )
}


def get(objective: str | Objective) -> Objective:
    """The objective with that name, or `objective` itself if it is one.

    Raises:
        ColorlabError: if there is none with that name. The message lists all names.
    """
    if isinstance(objective, Objective):
        return objective
    if objective not in OBJECTIVES:
        raise ColorlabError(
            f"No objective {objective!r}; choose one of {', '.join(OBJECTIVES)}, "
            "or pass an Objective of your own."
        )
    return OBJECTIVES[objective]
