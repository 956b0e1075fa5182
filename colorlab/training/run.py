"""The files in a run's folder, and the settings of the run.

RUN/run.json          the settings, written once at the start
RUN/log.csv           losses, one row per interval
RUN/tensorboard/      the same losses and the sheets, for TensorBoard
RUN/samples/          one sheet of pictures per interval: gray, colored, truth
RUN/checkpoint.keras  everything needed to resume: complete, or absent
RUN/checkpoint-before.keras  the one before it, in case the newest is damaged
RUN/skipped.txt       files that could not be read or have no color, with the reason
RUN/generator.keras   the result, which `Colorizer.load(RUN)` loads

run.json holds only numbers and names. The networks that a preset of your own builds are in the
run's checkpoints, as Keras saves them. Reading a run never imports or runs code from its folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from colorlab.color import spaces
from colorlab.errors import ColorlabError
from colorlab.model import objectives, presets
from colorlab.model.presets import Preset

SETTINGS = "run.json"
LOG = "log.csv"
EVENTS = "tensorboard"
SAMPLES = "samples"
CHECKPOINT, BEFORE = "checkpoint.keras", "checkpoint-before.keras"
SKIPPED = "skipped.txt"
GENERATOR = "generator.keras"

NOT_PLAIN = ("name", "description", "generator", "critic", "objective", "space")
PLAIN = [field.name for field in fields(Preset) if field.name not in NOT_PLAIN]


@dataclass(frozen=True)
class Settings:
    """The settings of a run.

    Attributes:
        recipe: the preset, with the changes that were asked for.
        seed: seed for weights, shuffling and augmentation.
        start: path of the model that the run starts from, or None.
    """

    recipe: Preset
    seed: int = 0
    start: str | None = None

    def __post_init__(self) -> None:
        """Refuse a seed that Keras would refuse."""
        if self.seed < 0:
            raise ColorlabError(f"seed is {self.seed}; expected 0 or more.")

    @property
    def plain(self) -> dict[str, Any]:
        """The settings as `run.json` holds them."""
        recipe = self.recipe
        numbers = {name: getattr(recipe, name) for name in PLAIN}
        objective = objectives.get(recipe.objective).name
        space = spaces.get(recipe.space).name
        names = {"preset": recipe.name, "objective": objective, "space": space}
        return names | numbers | {"seed": self.seed, "start": self.start}

    @property
    def content_steps(self) -> int:
        """How many steps the content stage has."""
        return round(self.recipe.steps * self.recipe.content_share)

    @property
    def stages(self) -> list[tuple[str, int, int, int]]:
        """(name, crop size, first step, one past the last step) of each part of the run."""
        recipe = self.recipe
        smaller = max(1, round(recipe.size * 2 / 3 / recipe.multiple)) * recipe.multiple
        # A model to start from already knows what can be learned from small crops.
        early = 0 if self.start else round(recipe.steps * recipe.early_share)
        early = min(early, self.content_steps)  # the critic is not shown small crops
        return [
            ("content", smaller, 0, early),
            ("content", recipe.size, early, self.content_steps),
            ("adversarial", recipe.size, self.content_steps, recipe.steps),
        ]


def model_file(path: Path) -> Path:
    """The generator's file in a run's folder, or `path` itself if it is a file.

    Raises:
        ColorlabError: if the file does not exist.
    """
    file = path / GENERATOR if path.is_dir() else path
    if not file.exists():
        hint = "expected a finished run's folder (finish it with resume) or a .keras file"
        raise ColorlabError(f"{file} does not exist; {hint}.")
    return file


def read_json(run: Path) -> dict[str, Any]:
    """The content of a run's `run.json`.

    Raises:
        ColorlabError: if there is no run, or the file is not what a run writes.
    """
    file = run / SETTINGS
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        int(found["size"]), str(found["preset"])
        return found
    except FileNotFoundError:
        raise ColorlabError(f"{run} holds no run; start one without resume.") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ColorlabError(
            f"{file} is not what a run writes ({error}); train into another folder."
        ) from None


def read_settings(run: Path, own: Preset | None = None) -> Settings:
    """The settings of the run in a folder.

    Args:
        run: the run's folder.
        own: the user's own preset, if the run was started with one.

    Raises:
        ColorlabError: if there is no run, its `run.json` is not what a run writes, or it was
            started with a preset, an objective or a color space of the user's own that is not
            given.
    """
    found = read_json(run)
    name, seed, start = (found.pop(key, None) for key in ("preset", "seed", "start"))
    base = own if own and own.name == name else presets.PRESETS.get(name)
    if base is None:
        raise ColorlabError(
            f"{run} was started with {name!r}, a preset of somebody's own; pass it, as "
            "train(..., preset=PRESET, resume=True)."
        )
    parts: dict[str, tuple[Any, dict[str, Any]]] = {
        "objective": (objectives.get(base.objective), objectives.OBJECTIVES),
        "space": (spaces.get(base.space), spaces.SPACES),
    }
    for part, (given, known) in parts.items():
        asked = found.pop(part, given.name)  # version 0.1.0 recorded neither
        if asked != given.name and asked not in known:
            raise ColorlabError(
                f"{run} was started with {asked!r}, which is the {part} of somebody's own; pass "
                f"it, as train(..., {part}={part.upper()}, resume=True)."
            )
        base = base if asked == given.name else replace(base, **{part: known[asked]})
    if found.get("content_share", 0.0) is None:  # version 0.1.0 wrote None for the preset's own
        del found["content_share"]
    try:
        return Settings(replace(base, **found), int(seed or 0), start)
    except TypeError as error:
        raise ColorlabError(
            f"{run / SETTINGS} is not what a run writes ({error}); train into another folder."
        ) from None
