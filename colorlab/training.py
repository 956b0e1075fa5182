"""A whole run: a content stage, then an adversarial stage, in one folder that can be resumed.

RUN/run.json          what was asked for, written once at the start
RUN/log.csv           losses, a row an interval
RUN/samples/          a sheet of pictures an interval: gray, colored, truth
RUN/checkpoint.keras  everything needed to go on: whole, or absent
RUN/skipped.txt       files that could not be read, with the reason
RUN/generator.keras   the result, which `Colorizer.load(RUN)` colorizes with
"""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorlab import photos, presets, replicas
from colorlab.backend import keras, tf
from colorlab.datasets import Crops, open_crops
from colorlab.encoding import decode, value
from colorlab.errors import ColorlabError
from colorlab.files import replacing
from colorlab.gan import METRICS, ColorGAN
from colorlab.generator import load_generator

INTERVALS = 40  # checkpoints, sheets and log rows in a run,
LEAST_INTERVAL = 20  # but at least this many steps apart
XLA_PAYS = 1000  # steps
SHEET_COLUMNS = 8
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

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        for name, least in (("steps", 1), ("batch_size", 1), ("size", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ColorlabError(f"{name} is {getattr(self, name)}; expected {least} or more.")
        if self.precision not in POLICIES:
            raise ColorlabError(
                f"precision is {self.precision!r}; expected one of {', '.join(POLICIES)}."
            )
        multiple = presets.get(self.preset).multiple
        if self.size % multiple:
            raise ColorlabError(
                f"size is {self.size}; {self.preset} expects a multiple of {multiple}."
            )

    @property
    def content_steps(self) -> int:
        """How many steps the content stage has."""
        return round(self.steps * presets.get(self.preset).content_share)

    @property
    def stages(self) -> list[tuple[str, int, int, int]]:
        """(name, crop's size, first step, one past the last step) of each part of the run."""
        recipe = presets.get(self.preset)
        smaller = max(1, round(self.size * 2 / 3 / recipe.multiple)) * recipe.multiple
        early = round(self.steps * recipe.early_share)
        return [
            ("content", smaller, 0, early),
            ("content", self.size, early, self.content_steps),
            ("adversarial", self.size, self.content_steps, self.steps),
        ]


def train(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    preset: str = "small",
    steps: int | None = None,
    batch_size: int | None = None,
    size: int | None = None,
    seed: int = 0,
    start: str | os.PathLike[str] | None = None,
    precision: str = "float32",
    devices: str = "one",
    resume: bool = False,
) -> Path:
    """Train a preset on a folder of photos.

    Args:
        folder: photos, searched recursively. Those that cannot be read are skipped and named.
        out: the run's folder; it must not hold a run yet, unless `resume`.
        preset: "toy", "small" or "pix2pix".
        steps: of both stages together; by default the preset's. The preset says how they share.
        batch_size: photos in a step; by default the preset's.
        size: height and width of a training crop in pixels; by default the preset's.
        seed: of weights, shuffle and augmentation: the same seed on the same machine gives the
            same run. It is set for the whole process, as `keras.utils.set_random_seed` does.
        start: a finished run's folder, or a generator's `.keras` file, whose weights to begin with:
            to train on, or to fine-tune on photos of another kind. By default, random ones.
        precision: "float32", or "bfloat16": networks compute in half precision, weights stay
            float32. Two to three times as fast where the processor has bfloat16 arithmetic (Intel
            since Sapphire Rapids, AMD since Zen 4), slower where it has not.
        devices: "one", or "all": every GPU (every logical CPU where there is none) takes its share
            of each batch. More devices give the same run, sooner, so `run.json` does not name them
            and a run may go on with others. XLA then compiles a part of the step only.
        resume: go on where the run in `out` stopped, with its settings, to the same result.

    Returns:
        The run's folder.

    Raises:
        ColorlabError: for a folder without a readable photo, an `out` that holds a run already (or,
            with `resume`, none), a batch that the devices cannot share, a run that was stopped, or
            a loss that became NaN. The last two keep the last good checkpoint.
    """
    run = Path(out)
    recipe = presets.get(preset)
    settings = Settings(
        preset,
        recipe.steps if steps is None else steps,
        recipe.batch_size if batch_size is None else batch_size,
        recipe.size if size is None else size,
        seed,
        os.fspath(start) if start else None,
        precision,
    )
    if resume:
        settings = read_settings(run)
    elif (run / "run.json").exists():
        raise ColorlabError(f"{run} holds a run already; resume it, or choose another folder.")
    strategy = replicas.strategy(devices)
    count = strategy.num_replicas_in_sync
    if settings.batch_size % count:
        raise ColorlabError(
            f"batch_size is {settings.batch_size}; {count} devices expect a multiple of {count}."
        )
    crops = open_crops(folder, size=settings.size, seed=settings.seed)
    crops.crop(0)  # a folder without a readable photo is refused before anything is written

    checkpoint = run / "checkpoint.keras"
    if resume and checkpoint.exists():
        with strategy.scope():
            gan = keras.models.load_model(checkpoint)
    else:
        with strategy.scope(), _policy(POLICIES[settings.precision]):
            gan = _new_gan(settings)
        (run / "samples").mkdir(parents=True, exist_ok=True)
        (run / "run.json").write_text(json.dumps(asdict(settings), indent=2) + "\n")

    with _progress_bar() as bar:
        bar.console.print(
            f"{settings.preset}: {len(crops):,} photos, {settings.steps:,} steps of "
            f"{settings.batch_size} crops of {settings.size} px, on {device_name(count)}"
        )
        for stage, size, _, end in settings.stages:
            step = int(gan.step.numpy())
            if step < end:
                if step in (0, settings.content_steps):
                    with strategy.scope():
                        _compile(gan, settings, stage)
                crops.size = size
                gan.make_train_function(force=True)  # traced anew: a graph has one size of crop
                keeper = _Keeper(run, settings, stage, crops, bar)
                batches = crops.batches(settings.batch_size, step, end)
                with _signals(keeper):
                    gan.fit(batches, verbose=0, shuffle=False, callbacks=[keeper])
                if keeper.problem:
                    raise ColorlabError(keeper.problem)
        if crops.skipped:
            bar.console.print(f"Skipped {len(crops.skipped)} files; skipped.txt names them")
    generator = presets.get(settings.preset).generator(settings.size)  # in float32, always
    generator.set_weights(gan.averaged.get_weights())
    with replacing(run / "generator.keras") as partial:
        generator.save(partial)
    return run


def device_name(count: int = 1) -> str:
    """The device that training uses, and how many of it, in words for people."""
    times = f"{count} × " if count > 1 else ""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unnamed")
        return f"{times}GPU ({name})"
    return f"{times}CPU ({os.cpu_count()} cores)"


def read_settings(run: Path) -> Settings:
    """What the run in that folder was asked for; a ColorlabError if there is no run."""
    try:
        return Settings(**json.loads((run / "run.json").read_text()))
    except FileNotFoundError:
        raise ColorlabError(f"{run} holds no run; start one without resume.") from None


def _new_gan(settings: Settings) -> ColorGAN:
    keras.utils.set_random_seed(settings.seed)
    recipe = presets.get(settings.preset)
    generator = recipe.generator(settings.size)
    if settings.start:
        weights = load_generator(Path(settings.start)).get_weights()
        if [w.shape for w in weights] != [w.shape for w in generator.get_weights()]:
            raise ColorlabError(
                f"{settings.start} is not a generator of preset {settings.preset}; start from one "
                "of the same preset."
            )
        generator.set_weights(weights)
    return ColorGAN(generator, recipe.critic(), seed=settings.seed)


@contextmanager
def _policy(name: str) -> Iterator[None]:
    """While it lasts, new layers compute by that policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _compile(gan: ColorGAN, settings: Settings, stage: str) -> None:
    recipe = presets.get(settings.preset)
    # On a CPU, a step in bfloat16 was slower with XLA than without (docs/decisions.md), and a short
    # run waits longer for XLA to compile three stages than it gains.
    jit_compile = settings.precision == "float32" and settings.steps >= XLA_PAYS
    if stage == "content":
        steps = settings.content_steps
        cosine = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
        gan.compile(
            generator_optimizer=keras.optimizers.Adam(cosine),
            content_weight=recipe.content_weight,
            jit_compile=jit_compile,
        )
        return
    rate = recipe.adversarial_rate
    gan.compile(
        recipe.objective,
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5) if rate else None,
        content_weight=recipe.content_weight,
        adversarial_weight=recipe.adversarial_weight,
        match_gradients=recipe.match_gradients,
        jit_compile=jit_compile,
    )


def _progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
    )


class _Keeper(keras.callbacks.Callback):
    """Shows a stage's progress and keeps its checkpoints, log and sheets."""

    def __init__(
        self, run: Path, settings: Settings, stage: str, crops: Crops, bar: Progress
    ) -> None:
        super().__init__()
        self.run = run
        self.settings = settings
        self.stage = stage
        self.crops = crops
        self.bar = bar
        self.interval = max(LEAST_INTERVAL, settings.steps // INTERVALS)
        self.stop = False
        self.problem = ""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        step = int(self.model.step.numpy())
        self.saved = step
        self.task = self.bar.add_task(
            self.stage, total=self.settings.steps, completed=step, losses=""
        )
        log = self.run / "log.csv"
        rows = list(csv.reader(log.read_text().splitlines()[1:])) if log.exists() else []
        # A run that was killed may have logged a step that its checkpoint does not hold.
        self.rows = [row for row in rows if int(row[1]) <= step]
        self.since = time.monotonic() - (float(self.rows[-1][2]) if self.rows else 0.0)

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        step = int(self.model.step.numpy())
        losses = " ".join(f"{name} {logs[name]:.3f}" for name in METRICS if logs[name])
        self.bar.update(self.task, completed=step, losses=losses)
        if not all(np.isfinite(logs[name]) for name in METRICS):
            self._fail(step)
            return
        if step % self.interval == 0 or step == self.settings.steps or self.stop:
            self._keep(step, logs)
        if self.stop and not self.problem and step < self.settings.steps:
            self.problem = f"Stopped at step {step}, which is kept; resume to go on."
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float]) -> None:
        self.bar.remove_task(self.task)
        if not self.problem and self.saved < int(self.model.step.numpy()):
            self._keep(int(self.model.step.numpy()), logs)

    def _keep(self, step: int, logs: dict[str, float]) -> None:
        # The losses were measured before this step's update, which may itself have broken a weight.
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            self._fail(step)
            return
        seconds = f"{time.monotonic() - self.since:.1f}"
        losses = [f"{logs[name]:.5g}" for name in METRICS]
        self.rows.append([self.stage, str(step), seconds, *losses])
        with replacing(self.run / "log.csv") as partial, partial.open("w", newline="") as file:
            csv.writer(file).writerows([["stage", "step", "seconds", *METRICS], *self.rows])
        sheet = sample_sheet(self.model, [self.crops.crop(k) for k in range(SHEET_COLUMNS)])
        photos.write(sheet, self.run / "samples" / f"{step:07d}.jpg", overwrite=True)
        self._name_skipped()
        # The checkpoint comes last: what it holds, the log holds too.
        with replacing(self.run / "checkpoint.keras") as partial:
            self.model.save(partial)
        self.saved = step
        self.model.reset_metrics()

    def _name_skipped(self) -> None:
        file = self.run / "skipped.txt"
        before = file.read_text().splitlines() if file.exists() else []  # a resumed run's
        # A list, at once: other threads read ahead, and may skip one more meanwhile.
        reasons = dict.fromkeys([*before, *list(self.crops.skipped.values())])
        if reasons:
            file.write_text("".join(f"{reason}\n" for reason in reasons))

    def _fail(self, step: int) -> None:
        kept = f"the checkpoint of step {self.saved} is kept" if self.saved else "nothing is kept"
        self.problem = (
            f"A loss became NaN or infinite at step {step}; {kept}. "
            "Try another seed or a larger batch."
        )
        self.model.stop_training = True


def sample_sheet(gan: keras.Model, crops: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Three rows of pictures: gray, colored, truth.

    Args:
        gan: gray (N, S, S, 1) → chroma.
        crops: uint8 (S, S, 3) each.

    Returns:
        (3 S, len(crops) S, 3) uint8.
    """
    truth = np.stack(crops).astype("float32") / 255.0
    gray = value(truth)
    chroma = keras.ops.image.resize(gan.predict(gray, verbose=0), truth.shape[1:3])
    colored = decode(gray, np.asarray(chroma))
    rows = [np.concatenate(list(row), axis=1) for row in (np.repeat(gray, 3, -1), colored, truth)]
    return np.asarray(np.concatenate(rows).clip(0, 1) * 255 + 0.5).astype("uint8")


@contextmanager
def _signals(keeper: _Keeper) -> Iterator[None]:
    """While it lasts, Ctrl-C and kill end the run after its current step, with a checkpoint."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        keeper.stop = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
