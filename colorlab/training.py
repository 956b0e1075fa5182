"""A whole run: a content stage, then an adversarial stage, in one folder that can be resumed.

RUN/run.json          what was asked for, written once at the start
RUN/log.csv           losses, a row an interval
RUN/tensorboard/      the same and the sheets, for TensorBoard
RUN/samples/          a sheet of pictures an interval: gray, colored, truth
RUN/checkpoint.keras  everything needed to go on: whole, or absent
RUN/checkpoint-before.keras  the one before it, should the newest be damaged
RUN/skipped.txt       files that could not be read or have no color, with the reason
RUN/generator.keras   the result, which `Colorizer.load(RUN)` colorizes with
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorlab import presets, replicas
from colorlab.atomic import replacing
from colorlab.backend import keras, new_layers, tf
from colorlab.datasets import Crops, open_crops
from colorlab.errors import ColorlabError
from colorlab.fused import Adam
from colorlab.gan import ColorGAN
from colorlab.generator import load_generator
from colorlab.keeper import BEFORE, CHECKPOINT, Keeper, stopped_by_signals
from colorlab.run_settings import POLICIES, Settings, read_settings

XLA_PAYS = 1000  # steps


def train(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    preset: str | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    size: int | None = None,
    seed: int | None = None,
    start: str | os.PathLike[str] | None = None,
    content_share: float | None = None,
    precision: str | None = None,
    devices: str = "one",
    resume: bool = False,
) -> Path:
    """Train a preset on a folder of photos.

    Args:
        folder: photos, searched recursively. Those that cannot be read, or have no color, are
            skipped and named.
        out: the run's folder; it must not hold a run yet, unless `resume`.
        preset: "toy", "small" (the default), "small-2" or "pix2pix".
        steps: of both stages together; by default the preset's. The preset says how they share.
        batch_size: photos in a step; by default the preset's.
        size: height and width of a training crop in pixels; by default the preset's.
        seed: of weights, shuffle and augmentation: the same seed on the same machine gives the
            same run. It is set for the whole process, as `keras.utils.set_random_seed` does. By
            default 0.
        start: a finished run's folder, or a generator's `.keras` file, whose weights to begin with:
            to train on, or to fine-tune on photos of another kind. By default, random ones.
        content_share: the part of the steps that the content stage gets, from 0 to 1, which trains
            without the critic. By default the preset's.
        precision: "float32", or "bfloat16": networks compute in half precision, weights and losses
            stay float32, and no loss needs scaling, as bfloat16 has float32's range. Faster
            where the processor has such arithmetic (Intel since Sapphire Rapids, AMD since Zen 4,
            NVIDIA since Ampere), slower where it has not. By default the preset's.
        devices: "one", or "all": every GPU (every logical CPU where there is none) takes its share
            of each batch; with TF_CONFIG, those of all machines it names, which must see the same
            `out`. More devices give the same run, sooner (but for dropout), so `run.json` does not
            name them, and a run may go on with others. XLA then compiles a part of the step only.
        resume: go on where the run in `out` stopped, with its settings, to the same result. If its
            newest checkpoint is damaged, a warning says so and the one before it is taken.

    Returns:
        The run's folder.

    Raises:
        ColorlabError: for a folder without a color photo, an `out` that holds a run already (or,
            with `resume`, none, or one that was started with other settings than are given), a
            batch that the devices cannot share, a run that was stopped, a machine that was lost, a
            full disk, or a loss that exploded or became NaN. The last four keep the last good
            checkpoint.
    """
    run = Path(out)
    strategy = replicas.strategy(devices)
    chief = replicas.is_chief(strategy)
    asked: dict[str, Any] = {
        "preset": preset,
        "steps": steps,
        "batch_size": batch_size,
        "size": size,
        "seed": seed,
        "start": os.fspath(start) if start else None,
        "precision": precision,
        "content_share": content_share,
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    if resume:
        settings = read_settings(run)
        for name, value in asked.items():
            if value != (before := getattr(settings, name)):
                raise ColorlabError(
                    f"{run} was started with {name} {before}, not {value}; resume it without "
                    f"{name}, or train into another folder."
                )
    else:
        recipe = presets.get(preset or presets.SHIPPED)
        names = ("steps", "batch_size", "size", "precision")
        usual = {name: getattr(recipe, name) for name in names}
        settings = Settings(**{"preset": recipe.name, "seed": 0, **usual, **asked})
        if chief and (run / "run.json").exists():
            raise ColorlabError(f"{run} holds a run already; resume it, or choose another folder.")
    count = strategy.num_replicas_in_sync
    if settings.batch_size % count:
        raise ColorlabError(
            f"batch_size is {settings.batch_size}; {count} devices expect a multiple of {count}."
        )
    crops = open_crops(folder, size=settings.size, seed=settings.seed)
    crops.crop(0)  # a folder without a color photo is refused before anything is written

    with strategy.scope():
        gan = _newest(run) if resume else None
        if gan is None:
            with new_layers(POLICIES[settings.precision]):
                gan = _new_gan(settings)
    if chief:
        _stages(gan, strategy, settings, crops, run)
    else:
        with TemporaryDirectory() as nowhere:  # all machines must save, one of them for keeps
            _stages(gan, strategy, settings, crops, Path(nowhere))
    return run


def _stages(gan: ColorGAN, strategy: Any, settings: Settings, crops: Crops, run: Path) -> None:
    try:
        (run / "samples").mkdir(parents=True, exist_ok=True)
        if not (run / "run.json").exists():
            with replacing(run / "run.json") as partial:
                partial.write_text(json.dumps(asdict(settings), indent=2) + "\n")
    except OSError as error:
        raise ColorlabError(
            f"{run} cannot be written to ({error.strerror}); choose another folder."
        ) from None
    with _progress_bar() as bar:
        bar.console.print(
            f"{settings.preset}: {len(crops):,} photos, {settings.steps:,} steps of "
            f"{settings.batch_size} crops of {settings.size} px, on "
            f"{device_name(strategy.num_replicas_in_sync)}"
        )
        for stage, size, _, end in settings.stages:
            step = int(gan.step.numpy())
            if step < end:
                if step in (0, settings.content_steps):
                    with strategy.scope():
                        _compile(gan, settings, stage)
                crops.size = size
                keeper = Keeper(run, settings.steps, stage, crops, bar)
                batches = _shared(crops, strategy, settings.batch_size, step, end)
                with stopped_by_signals(keeper):
                    _fit(gan, strategy, batches, keeper)
                if keeper.problem:
                    raise ColorlabError(keeper.problem)
        if crops.skipped:
            bar.console.print(f"Skipped {len(crops.skipped)} files; skipped.txt names them")
    with new_layers("float32"):  # whatever the run's precision is
        generator = presets.get(settings.preset).generator(settings.size)
    generator.set_weights(gan.averaged.get_weights())
    try:
        with replacing(run / "generator.keras") as partial:
            generator.save(partial)
    except OSError as error:
        reason = error.strerror or error
        raise ColorlabError(
            f"{partial} could not be written ({reason}); make room, then resume."
        ) from None


def _shared(crops: Crops, strategy: Any, batch_size: int, start: int, stop: int) -> Any:
    """Batches of which every device gets its rows, and every machine reads those of its devices."""

    def own(context: Any) -> Any:
        part, parts = context.input_pipeline_id, context.num_input_pipelines
        batches = crops.batches(batch_size, start, stop, part=part, parts=parts)
        rows = context.get_per_replica_batch_size(batch_size)
        return batches.rebatch(rows, drop_remainder=True)

    return strategy.distribute_datasets_from_function(own)


def _fit(gan: ColorGAN, strategy: Any, batches: Any, keeper: Keeper) -> None:
    """What `gan.fit` does, which fails on several machines (keras-team/keras#20585)."""

    def train_step(batch: Any) -> dict[str, Any]:
        logs = strategy.run(gan.train_step, (batch,))
        return {name: strategy.reduce("MEAN", log, axis=None) for name, log in logs.items()}

    graph = tf.function(train_step, autograph=False)
    keeper.set_model(gan)
    gan.reset_metrics()
    gan.stop_training = False
    keeper.on_train_begin()
    try:
        for number, batch in enumerate(batches):
            logs = {name: float(log) for name, log in graph(batch).items()}
            keeper.on_train_batch_end(number, logs)
            if gan.stop_training:
                break
    except tf.errors.UnavailableError:
        raise ColorlabError(
            f"Another machine was lost; {keeper.kept}. Resume on all of them."
        ) from None
    keeper.on_train_end(logs)


def device_name(count: int = 1) -> str:
    """The device that training uses, and how many of it, in words for people."""
    times = f"{count} × " if count > 1 else ""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unnamed")
        return f"{times}GPU ({name})"
    return f"{times}CPU ({os.cpu_count()} cores)"


def _newest(run: Path) -> ColorGAN | None:
    """The newest checkpoint that can be read; None if the run has kept none yet."""
    kept = [path for path in (run / CHECKPOINT, run / BEFORE) if path.exists()]
    for path in kept:
        try:
            gan: ColorGAN = keras.models.load_model(path, safe_mode=True)
            return gan
        except Exception as error:  # a damaged file fails in as many ways as it can be damaged
            reason = str(error).partition("\n")[0][:200]
            warnings.warn(f"{path} is damaged and left out: {reason}", stacklevel=3)
    if kept:
        raise ColorlabError(f"All checkpoints of {run} are damaged; train into another folder.")
    return None


def _new_gan(settings: Settings) -> ColorGAN:
    keras.utils.set_random_seed(settings.seed)
    recipe = presets.get(settings.preset)
    generator = recipe.generator(settings.size)
    if settings.start:
        start = load_generator(Path(settings.start))
        problems = [
            f"{theirs.path} is {theirs.shape}, expected {ours.shape}"
            for ours, theirs in zip(generator.weights, start.weights, strict=False)
            if ours.shape != theirs.shape
        ]
        if len(generator.weights) != len(start.weights):
            count = f"{len(start.weights)} weights, expected {len(generator.weights)}"
            problems.append(f"it has {count}")
        if problems:
            raise ColorlabError(
                f"{settings.start} is not a generator of preset {settings.preset} ({problems[0]}); "
                "start from one of the same preset."
            )
        generator.set_weights(start.get_weights())
    return ColorGAN(generator, recipe.critic(), seed=settings.seed)


def _compile(gan: ColorGAN, settings: Settings, stage: str) -> None:
    recipe = presets.get(settings.preset)
    # On a CPU a step is slower with XLA (docs/decisions.md), and a short run waits longer for it to
    # compile three stages than it gains.
    gpu = bool(tf.config.list_physical_devices("GPU"))
    jit_compile = gpu and settings.steps >= XLA_PAYS
    if stage == "content":
        steps = settings.content_steps
        cosine = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
        gan.compile(
            generator_optimizer=Adam(cosine),
            content_weight=recipe.content_weight,
            jit_compile=jit_compile,
        )
        return
    rate = recipe.adversarial_rate
    gan.compile(
        recipe.objective,
        generator_optimizer=Adam(rate, beta_1=0.5) if rate else None,
        content_weight=recipe.content_weight,
        adversarial_weight=recipe.adversarial_weight,
        match_gradients=recipe.match_gradients,
        jit_compile=jit_compile,
    )


def _progress_bar() -> Progress:
    # In a notebook, too, lines are printed: they stay when the notebook is read without a kernel.
    # Its kernel says FORCE_COLOR, which Rich takes for a terminal.
    console = Console(
        force_jupyter=False, force_terminal=sys.stdout.isatty(), soft_wrap=True, highlight=False
    )
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
        console=console,
        disable=not console.is_terminal,
    )
