"""What a run was asked for, as its `run.json` holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from colorlab import presets
from colorlab.errors import ColorlabError

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}  # precision → Keras's word for it


@dataclass(frozen=True)
class Settings:
    """What a run was asked for; `run.json` holds it."""

    preset: str
    steps: int
    batch_size: int
    size: int
    seed: int
    start: str | None = None
    precision: str = "float32"
    content_share: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        for name, least in (("steps", 1), ("batch_size", 1), ("size", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ColorlabError(f"{name} is {getattr(self, name)}; expected {least} or more.")
        if self.precision not in POLICIES:
            raise ColorlabError(
                f"precision is {self.precision!r}; expected one of {', '.join(POLICIES)}."
            )
        if self.content_share is not None and not 0 <= self.content_share <= 1:
            raise ColorlabError(
                f"content_share is {self.content_share}; expected 0 (all with critic) to 1 (none)."
            )
        multiple = presets.get(self.preset).multiple
        if self.size % multiple:
            raise ColorlabError(
                f"size is {self.size}; {self.preset} expects a multiple of {multiple}."
            )

    @property
    def content_steps(self) -> int:
        """How many steps the content stage has."""
        share = self.content_share
        if share is None:
            share = presets.get(self.preset).content_share
        return round(self.steps * share)

    @property
    def stages(self) -> list[tuple[str, int, int, int]]:
        """(name, crop's size, first step, one past the last step) of each part of the run."""
        recipe = presets.get(self.preset)
        smaller = max(1, round(self.size * 2 / 3 / recipe.multiple)) * recipe.multiple
        # A model to begin with knows already what can be learned from small crops.
        early = 0 if self.start else round(self.steps * recipe.early_share)
        early = min(early, self.content_steps)  # the critic is not shown small crops
        return [
            ("content", smaller, 0, early),
            ("content", self.size, early, self.content_steps),
            ("adversarial", self.size, self.content_steps, self.steps),
        ]


def read_settings(run: Path) -> Settings:
    """What the run in that folder was asked for.

    Raises:
        ColorlabError: if there is no run, or its `run.json` is not one.
    """
    file = run / "run.json"
    try:
        return Settings(**json.loads(file.read_text()))
    except FileNotFoundError:
        raise ColorlabError(f"{run} holds no run; start one without resume.") from None
    except (OSError, json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
        raise ColorlabError(
            f"{file} is not what a run writes ({error}); train into another folder."
        ) from None
