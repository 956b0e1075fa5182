"""A whole run: a content stage, then an adversarial stage, in one folder. It can be resumed."""

from __future__ import annotations

import itertools
import json
import os
import sys
import warnings
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorlab.atomic import replacing
from colorlab.backend import keras, new_layers, tf
from colorlab.color import spaces
from colorlab.data.crops import Crops, open_crops
from colorlab.errors import ColorlabError, Interruption, RunError
from colorlab.model import objectives, presets
from colorlab.model.fused import Adam
from colorlab.model.generators import load_generator, marked
from colorlab.model.presets import POLICIES, Preset
from colorlab.training import replicas
from colorlab.training.callbacks import (
    Bar,
    CheckNumbers,
    Checkpoints,
    Log,
    Periodic,
    Samples,
    Skipped,
    stopped_by_signals,
)
from colorlab.training.gan import ColorGAN
from colorlab.training.run import (
    BEFORE,
    CHECKPOINT,
    GENERATOR,
    SAMPLES,
    SETTINGS,
    SKIPPED,
    Settings,
    model_file,
    read_json,
    read_settings,
)

XLA_PAYS = 1000  # steps from which on a run gains from XLA
INTERVALS = 40  # number of checkpoints, sheets and log rows in a run,
LEAST_INTERVAL = 20  # which are at least this many steps apart
SHEET_COLUMNS = 8


def train(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    preset: str | Preset | None = None,
    seed: int | None = None,
    start: str | os.PathLike[str] | None = None,
    devices: str = "one",
    resume: bool = False,
    **changes: Any,
) -> Path:
    """Train a preset on a folder of photos.

    Args:
        folder: folder of photos, searched recursively. Photos that cannot be read, or have no
            color, are skipped and listed in `out`.
        out: the run's folder. It must not hold a run yet, unless `resume` is True.
        preset: "toy", "small", "small-2" (the default) or "pix2pix", or a `Preset` of your own.
        seed: seed for weights, shuffling and augmentation. The same seed on the same machine gives
            the same run. It is set for the whole process, by `keras.utils.set_random_seed`. By
            default 0.
        start: a finished run's folder, or a generator's `.keras` file, whose weights the run starts
            from: to train it further, or to fine-tune it on photos of another kind. By default the
            weights are random.
        devices: "one", or "all": every GPU (every logical CPU if there is no GPU) takes its share
            of each batch. With TF_CONFIG, "all" means the devices of all machines that it names,
            which must share the same `out`. More devices give the same run sooner (except for
            dropout). So `run.json` does not name them, and a run may be resumed on others. Several
            devices train without XLA.
        resume: continue the run in `out` where it stopped, with its settings, to the same result.
            If its newest checkpoint is damaged, a warning says so and the one before it is used. A
            run with a preset of your own needs that preset again, for its networks, objective and
            color space.
        changes: changes to the preset, as for `dataclasses.replace`: `steps`, `batch_size`, `size`,
            `objective`, `content_share`, `precision`, or any other of its attributes.

    Returns:
        The run's folder.

    Raises:
        ColorlabError: if `folder` has no color photo, if `out` holds a run already (or, with
            `resume`, holds none or one with other settings), or if the devices cannot share a batch
            equally.
        RunError: if a machine was lost, the disk is full, or a loss exploded or became NaN. The
            last good checkpoint is kept.
        Interruption: if the run was stopped. Its last step is kept.
    """
    run = Path(out)
    strategy = replicas.strategy(devices)
    chief = replicas.is_chief(strategy)
    start = os.fspath(start) if start else None
    if resume:
        settings = _resumed(run, preset, changes | {"seed": seed, "start": start})
    else:
        settings = Settings(
            _changed(presets.get(preset or presets.SHIPPED), changes), seed or 0, start
        )
        if chief and (run / SETTINGS).exists():
            raise ColorlabError(f"{run} holds a run already; resume it, or choose another folder.")
    recipe = settings.recipe
    count = strategy.num_replicas_in_sync
    if recipe.batch_size % count:
        raise ColorlabError(
            f"batch_size is {recipe.batch_size}; {count} devices expect a multiple of {count}."
        )
    crops = open_crops(folder, size=recipe.size, seed=settings.seed)
    crops.crop(0)  # refuses a folder without a color photo before anything is written

    with strategy.scope():
        gan = _newest(run, settings) if resume else None
        if gan is None:
            with new_layers(POLICIES[recipe.precision]):
                gan = _new_gan(settings)
    if chief:
        _stages(gan, strategy, settings, crops, run)
    else:
        with TemporaryDirectory() as nowhere:  # all machines must save, but one copy is enough
            _stages(gan, strategy, settings, crops, Path(nowhere))
    return run


def _changed(recipe: Preset, changes: dict[str, Any]) -> Preset:
    known = [field.name for field in fields(Preset)]
    for name in changes:
        if name not in known:
            raise ColorlabError(f"A preset has no {name!r}; it has {', '.join(known)}.")
    return replace(recipe, **{name: value for name, value in changes.items() if value is not None})


def _resumed(run: Path, preset: str | Preset | None, asked: dict[str, Any]) -> Settings:
    """The settings of the run in that folder, which must match those that are asked for now."""
    own = preset if isinstance(preset, Preset) else None
    asked = {name: value for name, value in asked.items() if value is not None}
    if preset:
        asked["preset"] = own.name if own else preset
    parts = {name: asked[name] for name in ("objective", "space") if name in asked}
    if objects := {name: part for name, part in parts.items() if not isinstance(part, str)}:
        own = replace(own or presets.get(preset or read_json(run)["preset"]), **objects)
        asked |= {name: part.name for name, part in objects.items()}
    settings = read_settings(run, own)
    for name, value in asked.items():
        if value != (before := settings.plain.get(name)):
            raise ColorlabError(
                f"{run} was started with {name} {before}, not {value}; resume it without "
                f"{name}, or train into another folder."
            )
    return settings


def _stages(gan: ColorGAN, strategy: Any, settings: Settings, crops: Crops, run: Path) -> None:
    recipe = settings.recipe
    try:
        (run / SAMPLES).mkdir(parents=True, exist_ok=True)
        if not (run / SETTINGS).exists():
            with replacing(run / SETTINGS) as partial:
                partial.write_text(json.dumps(settings.plain, indent=2) + "\n")
    except OSError as error:
        raise ColorlabError(
            f"{run} cannot be written to ({error.strerror}); choose another folder."
        ) from None
    with _progress_bar() as bar:
        bar.console.print(
            f"{recipe.name}: {len(crops):,} photos, {recipe.steps:,} steps of "
            f"{recipe.batch_size} crops of {recipe.size} px, on "
            f"{device_name(strategy.num_replicas_in_sync)}"
        )
        skipped: dict[int, str] = {}
        for stage, size, _, end in settings.stages:
            step = int(gan.step.numpy())
            if step < end:
                if step in (0, settings.content_steps):
                    with strategy.scope():
                        _compile(gan, settings, stage)
                # At another size a JPEG is decoded at another scale, where it may count as gray.
                crops = Crops(crops.source, size=size, seed=settings.seed)
                _fit(gan, strategy, crops, settings, end, _beside(run, settings, stage, crops, bar))
                skipped |= crops.skipped
        if skipped:
            bar.console.print(f"Skipped {len(skipped)} files; skipped.txt names them")
    with new_layers("float32"):  # whatever the run's precision is
        generator = marked(recipe.generator(recipe.size), recipe.space)
    generator.set_weights(gan.averaged.get_weights())
    try:
        with replacing(run / GENERATOR) as partial:
            generator.save(partial)
    except OSError as error:
        reason = error.strerror or error
        raise RunError(
            f"{partial} could not be written ({reason}); make room, then resume."
        ) from None


def _beside(
    run: Path, settings: Settings, stage: str, crops: Crops, bar: Progress
) -> list[Periodic]:
    """The callbacks that check, save and show a stage's training, in the order they act."""
    interval = max(LEAST_INTERVAL, settings.recipe.steps // INTERVALS)
    return [
        CheckNumbers(interval),
        Samples(run, interval, [crops.crop(k) for k in range(SHEET_COLUMNS)]),
        Log(run, interval, stage),
        Skipped(run / SKIPPED, interval, crops),
        Bar(bar, interval, stage, settings.recipe.steps),
        Checkpoints(run, interval),
    ]


def _fit(
    gan: ColorGAN,
    strategy: Any,
    crops: Crops,
    settings: Settings,
    end: int,
    callbacks: list[Periodic],
) -> None:
    """Train up to the step before `end`."""
    batch_size, step = settings.recipe.batch_size, int(gan.step.numpy())
    *_, checkpoints = callbacks
    try:
        with stopped_by_signals() as stop:
            if strategy.cluster_resolver is None:
                batches = crops.batches(batch_size, step, end)
                gan.fit(batches, callbacks=[stop, *callbacks], shuffle=False, verbose=0)
            else:
                batches = _shared(crops, strategy, batch_size, step, end)
                _fit_on_machines(gan, batches, [stop, *callbacks])
    except RunError as error:
        raise RunError(f"{error} {checkpoints.kept}") from None
    step = int(gan.step.numpy())
    if stop.asked and step < settings.recipe.steps:
        raise Interruption(f"Stopped at step {step}, which is kept; resume to go on.")


def _shared(crops: Crops, strategy: Any, batch_size: int, start: int, stop: int) -> Any:
    """Batches split over all devices; each machine reads only the rows of its own devices."""

    def own(context: Any) -> Any:
        part, parts = context.input_pipeline_id, context.num_input_pipelines
        batches = crops.batches(batch_size, start, stop, part=part, parts=parts)
        rows = context.get_per_replica_batch_size(batch_size)
        return batches.rebatch(rows, drop_remainder=True)

    return strategy.distribute_datasets_from_function(own)


def _fit_on_machines(gan: ColorGAN, batches: Any, callbacks: list[Any]) -> None:
    """Replace `gan.fit`, which fails on several machines (keras-team/keras#20585)."""
    beside = keras.callbacks.CallbackList(callbacks, model=gan)
    gan.make_train_function()
    gan.reset_metrics()
    gan.stop_training = False
    beside.on_train_begin()
    try:
        each = iter(batches)
        for number in itertools.count():
            try:
                logs = gan.train_function(each)
            except StopIteration:
                break
            logs = {name: float(log) for name, log in logs.items()}
            beside.on_train_batch_end(number, logs)
            if gan.stop_training:
                break
    except tf.errors.UnavailableError:
        raise RunError("Another machine was lost; resume on all of them.") from None
    beside.on_train_end(logs)


def device_name(count: int = 1) -> str:
    """The name of the device that training uses and how many there are, for people to read."""
    times = f"{count} × " if count > 1 else ""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unnamed")
        return f"{times}GPU ({name})"
    return f"{times}CPU ({os.cpu_count()} cores)"


def _newest(run: Path, settings: Settings) -> ColorGAN | None:
    """The newest checkpoint that can be read; None if the run has saved none yet."""
    parts = objectives.get(settings.recipe.objective), spaces.get(settings.recipe.space)
    kept = [path for path in (run / CHECKPOINT, run / BEFORE) if path.exists()]
    for path in kept:
        try:
            with keras.saving.custom_object_scope({part.name: part for part in parts}):
                gan: ColorGAN = keras.models.load_model(path, safe_mode=True)
            return gan
        except Exception as error:  # a damaged file can raise almost any exception
            reason = str(error).partition("\n")[0][:200]
            warnings.warn(f"{path} is damaged and left out: {reason}", stacklevel=3)
    if kept:
        raise ColorlabError(f"All checkpoints of {run} are damaged; train into another folder.")
    return None


def _new_gan(settings: Settings) -> ColorGAN:
    keras.utils.set_random_seed(settings.seed)
    recipe = settings.recipe
    generator = recipe.generator(recipe.size)
    if settings.start:
        start = load_generator(model_file(Path(settings.start)))
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
                f"{settings.start} is not a generator of preset {recipe.name} ({problems[0]}); "
                "start from one of the same preset."
            )
        generator.set_weights(start.get_weights())
    return ColorGAN(generator, recipe.critic(), seed=settings.seed, space=recipe.space)


def _compile(gan: ColorGAN, settings: Settings, stage: str) -> None:
    recipe = settings.recipe
    # On a CPU, XLA makes a step slower (docs/decisions.md). In a short run, compiling three stages
    # takes longer than XLA saves.
    gpu = bool(tf.config.list_physical_devices("GPU"))
    jit_compile = gpu and recipe.steps >= XLA_PAYS
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
    # A notebook also gets printed lines, which stay visible when it is read without a kernel. Its
    # kernel sets FORCE_COLOR, which Rich mistakes for a terminal.
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
