"""Named, complete recipes: two networks, an objective, and how to train with it.

For a recipe of your own, make a `Preset`, or change one of these:
`dataclasses.replace(presets.get("small"), name="mine", objective="hinge")`. Pass it to `train`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from colorlab.backend import keras
from colorlab.color import spaces
from colorlab.color.encoding import ColorSpace
from colorlab.errors import ColorlabError
from colorlab.model import objectives
from colorlab.model.critic import patch_critic
from colorlab.model.generators import mobile_unet, pix2pix_generator, residual_unet
from colorlab.model.objectives import Objective

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}  # precision → Keras's dtype policy


@dataclass(frozen=True)
class Preset:
    """A training recipe.

    Attributes:
        name: its key in PRESETS, or a name of your own.
        description: one line for people.
        generator: builds the generator for photos of `size` pixels.
        critic: builds the critic.
        objective: the objective of the adversarial stage, as a name in `objectives.OBJECTIVES` or
            an object of your own.
        size: height and width of a training crop in pixels.
        multiple: every crop size must be a multiple of it, so that the generator's skip
            connections fit.
        batch_size: photos in a step.
        steps: training steps of both stages together.
        early_share: fraction of the steps whose crops are only two thirds of `size`. Small pictures
            are enough to learn what things are, at less than half the cost. A run that starts from
            a model has no such steps.
        content_share: fraction of the steps in the content stage, early steps included, in [0, 1].
        learning_rate: Adam's learning rate in the content stage; it falls to 0 along a cosine.
        adversarial_rate: Adam's learning rate for the generator in the adversarial stage, or None
            for the objective's own optimizer. The critic always has the objective's own.
        precision: the precision of the networks' arithmetic, "float32" or "bfloat16". Weights and
            losses stay float32. bfloat16 is faster on processors that support it (Intel since
            Sapphire Rapids, AMD since Zen 4, NVIDIA since Ampere), and slower on others.
        content_weight, adversarial_weight, match_gradients: as in `ColorGAN.compile`.
        space: the color space that the generator predicts, as a name in `spaces.SPACES` or an
            object of your own. How a critic sees the chroma is up to `critic`.
    """

    name: str
    description: str
    generator: Callable[[int], keras.Model]
    critic: Callable[[], keras.Model]
    objective: str | Objective
    size: int
    multiple: int
    batch_size: int
    steps: int
    early_share: float
    content_share: float
    learning_rate: float
    adversarial_rate: float | None
    precision: str
    content_weight: float
    adversarial_weight: float
    match_gradients: bool
    space: str | ColorSpace = "polar"

    def __post_init__(self) -> None:
        """Refuse a recipe that cannot be trained."""
        for name in ("steps", "batch_size", "size"):
            if getattr(self, name) < 1:
                raise ColorlabError(f"{name} is {getattr(self, name)}; expected 1 or more.")
        if self.precision not in POLICIES:
            raise ColorlabError(
                f"precision is {self.precision!r}; expected one of {', '.join(POLICIES)}."
            )
        if not 0 <= self.content_share <= 1:
            raise ColorlabError(
                f"content_share is {self.content_share}; expected 0 (all with critic) to 1 (none)."
            )
        if self.size % self.multiple:
            raise ColorlabError(
                f"size is {self.size}; {self.name} expects a multiple of {self.multiple}."
            )
        objectives.get(self.objective)
        spaces.get(self.space)


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "toy",
            "under 0.3 M weights; for lessons on the toy world",
            generator=lambda size: residual_unet((16, 32, 64), num_blocks=2),
            critic=lambda: patch_critic((16, 32, 64)),
            objective="hinge",
            size=64,
            multiple=8,
            batch_size=16,
            steps=600,
            early_share=0.0,
            content_share=0.8,
            learning_rate=2e-3,
            adversarial_rate=2e-4,
            precision="float32",
            content_weight=1.0,
            adversarial_weight=0.5,
            match_gradients=True,
        ),
        Preset(
            "small",
            "4.5 M weights; fully convolutional; the model of 0.1.0",
            generator=lambda size: residual_unet((32, 64, 128, 256), num_blocks=16),
            critic=lambda: patch_critic((32, 64, 128)),
            objective="hinge",
            size=96,
            multiple=16,
            batch_size=64,
            steps=24_000,
            early_share=0.6,
            content_share=0.95,
            learning_rate=1e-3,
            adversarial_rate=1e-4,
            precision="float32",
            content_weight=1.0,
            adversarial_weight=0.25,
            match_gradients=True,
        ),
        Preset(
            "small-2",
            "2.6 M weights; predicts a distribution over chroma; trains on a laptop; ships",
            generator=lambda size: mobile_unet(),
            critic=lambda: patch_critic((32, 64, 128)),
            objective="hinge",
            size=96,
            multiple=32,
            batch_size=64,
            steps=24_000,
            early_share=0.6,
            content_share=0.95,
            learning_rate=2e-3,
            adversarial_rate=1e-4,
            precision="float32",
            content_weight=1.0,
            adversarial_weight=0.25,
            match_gradients=True,
        ),
        Preset(
            "pix2pix",
            "54 M weights; the paper's networks at 256 px; for a GPU",
            generator=pix2pix_generator,
            critic=lambda: patch_critic((64, 128, 256, 512)),
            objective="logistic",
            size=256,
            multiple=256,
            batch_size=16,
            steps=200_000,
            early_share=0.0,
            content_share=0.1,
            learning_rate=2e-4,
            adversarial_rate=None,
            precision="bfloat16",
            content_weight=100.0,
            adversarial_weight=1.0,
            match_gradients=False,
        ),
    )
}


def get(preset: str | Preset) -> Preset:
    """The preset with that name, or `preset` itself if it is one.

    Raises:
        ColorlabError: if there is none with that name. The message lists all names.
    """
    if isinstance(preset, Preset):
        return preset
    if preset not in PRESETS:
        raise ColorlabError(f"No preset {preset!r}; choose one of {', '.join(PRESETS)}.")
    return PRESETS[preset]
