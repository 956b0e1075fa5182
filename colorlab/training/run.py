"""The files in a run's folder, and the plan of the run.

RUN/run.json          the plan, written once at the start
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

from colorlab.atomic import replacing
from colorlab.color import spaces
from colorlab.errors import ColorlabError
from colorlab.model import objectives, presets
from colorlab.model.presets import Preset

PLAN = "run.json"
LOG = "log.csv"
EVENTS = "tensorboard"
SAMPLES = "samples"
CHECKPOINT, BEFORE = "checkpoint.keras", "checkpoint-before.keras"
SKIPPED = "skipped.txt"
GENERATOR = "generator.keras"

NOT_PLAIN = ("name", "description", "generator", "critic", "objective", "space")
PLAIN = [field.name for field in fields(Preset) if field.name not in NOT_PLAIN]


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        recipe: the preset, with the changes that were asked for.
        seed: seed for weights, shuffling and augmentation, 0 or more.
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
        """The plan as `run.json` holds it."""
        recipe = self.recipe
        objective = objectives.get(recipe.objective).name
        space = spaces.get(recipe.space).name
        names = {"preset": recipe.name, "objective": objective, "space": space}
        numbers = {name: getattr(recipe, name) for name in PLAIN}
        return names | numbers | {"seed": self.seed, "start": self.start}

    def write(self, run: Path) -> None:
        """Make the run's folder, and write its `run.json` unless it has one.

        Raises:
            ColorlabError: if they cannot be written.
        """
        try:
            run.mkdir(parents=True, exist_ok=True)
            if not (run / PLAN).exists():
                with replacing(run / PLAN) as partial:
                    partial.write_text(json.dumps(self.plain, indent=2) + "\n")
        except OSError as error:
            raise ColorlabError(
                f"{run} cannot be written to ({error.strerror}); choose another folder."
            ) from None

    @property
    def content_steps(self) -> int:
        """How many steps the content stage has."""
        return round(self.recipe.steps * self.recipe.content_share)

    @property
    def stages(self) -> list[tuple[str, int, int]]:
        """(name, crop size, one past the last step) of each part of the run."""
        recipe = self.recipe
        smaller = max(1, round(recipe.size * 2 / 3 / recipe.multiple)) * recipe.multiple
        # A model to start from already knows what can be learned from small crops.
        early = 0 if self.start else round(recipe.steps * recipe.early_share)
        return [
            ("content", smaller, min(early, self.content_steps)),  # no small crops for the critic
            ("content", recipe.size, self.content_steps),
            ("adversarial", recipe.size, recipe.steps),
        ]


def model_file(path: Path) -> Path:
    """The generator's file in a run's folder, or `path` itself if it is a file.

    Raises:
        ColorlabError: if the file does not exist.
    """
    file = path / GENERATOR if path.is_dir() else path
    if not file.exists():
        hint = "give a .keras file or a finished run's folder (resume a run to finish it)"
        raise ColorlabError(f"{file} does not exist; {hint}.")
    return file


def read_json(run: Path) -> dict[str, Any]:
    """The content of a run's `run.json`.

    Raises:
        ColorlabError: if there is no run, or the file is damaged.
    """
    try:
        found: dict[str, Any] = json.loads((run / PLAN).read_text())
        int(found["size"]), str(found["preset"])
        return found
    except FileNotFoundError:
        raise ColorlabError(f"{run} contains no run; start one without resume.") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(run, error) from None


def read_plan(run: Path, preset: str | Preset | None, asked: dict[str, Any]) -> Plan:
    """The plan of the run in a folder, which must match what is asked for now.

    Args:
        run: the run's folder.
        preset: the run's preset. A preset of the user's own must be given; another may be.
        asked: values that the plan must have, or None where any will do. If the run was started
            with an objective or a color space of the user's own, it must be here or in `preset`.

    Raises:
        ColorlabError: if there is no run, its `run.json` is damaged, its plan does not match, or a
            part of the user's own is not given.
    """
    found = read_json(run)
    name, seed, start = (found.pop(key, None) for key in ("preset", "seed", "start"))
    own = preset if isinstance(preset, Preset) else None
    base = own if own and own.name == name else presets.PRESETS.get(name)
    if base is None:
        raise _unknown(run, "preset", name)
    asked = {"preset": own.name if own else preset} | asked
    for part, module, known in (
        ("objective", objectives, objectives.OBJECTIVES),
        ("space", spaces, spaces.SPACES),
    ):
        if not isinstance(asked.get(part), str | None):
            base = replace(base, **{part: asked[part]})
            asked[part] = asked[part].name
        given = module.get(getattr(base, part)).name
        name = found.get(part, given)  # version 0.1.0 recorded neither
        if name == given:
            found.pop(part, None)  # `base` may have an object of that name
        elif name not in known:
            raise _unknown(run, part, name)
    if found.get("content_share", 0.0) is None:  # version 0.1.0 wrote None for the preset's own
        del found["content_share"]
    try:
        plan = Plan(replace(base, **found), int(seed or 0), start)
    except TypeError as error:
        raise _damaged(run, error) from None
    for name, value in asked.items():
        before = plan.plain.get(name)
        if value is not None and value != before:
            raise ColorlabError(
                f"{run} was started with {name} {before}, not {value}; resume it without {name}, "
                "or train into another folder."
            )
    return plan


def _damaged(run: Path, error: Exception) -> ColorlabError:
    return ColorlabError(f"{run / PLAN} is damaged ({error}); train into another folder.")


def _unknown(run: Path, part: str, name: str) -> ColorlabError:
    return ColorlabError(
        f"{run} was started with {part} {name!r}, which is not one of colorlab's; pass it again, "
        f"as in train(..., {part}={part.upper()}, resume=True)."
    )
