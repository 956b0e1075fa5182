"""A whole run: a content stage, then an adversarial stage, in one folder. It can be resumed."""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from colorlab.atomic import replacing
from colorlab.backend import keras, new_layers, tf
from colorlab.color import spaces
from colorlab.data.crops import Crops, open_crops
from colorlab.errors import ColorlabError, Interruption, RunError
from colorlab.model import objectives, presets
from colorlab.model.generators import load_generator, marked, space_name
from colorlab.model.network import SHIPPED
from colorlab.model.presets import POLICIES, Preset
from colorlab.training import callbacks, replicas
from colorlab.training.gan import ColorGAN
from colorlab.training.run import BEFORE, CHECKPOINT, GENERATOR, PLAN, Plan, model_file, read_plan

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
        folder: folder of photos, searched recursively. Files that are not color photos are skipped
            and listed in `out`.
        out: the run's folder. It must not contain a run yet, unless `resume` is True.
        preset: "toy", "small", "small-2" (the default) or "pix2pix", or a `Preset` of your own.
        seed: seed for weights, shuffling and augmentation, by default 0. It is set for the whole
            process, by `keras.utils.set_random_seed`. The same seed on the same machine gives the
            same run.
        start: a finished run's folder, or a generator's `.keras` file, to train further or to
            fine-tune on photos of another kind. By default the weights are random.
        devices: "one", or "all": every GPU (every logical CPU if there is no GPU) takes its share
            of each batch. With TF_CONFIG, "all" means the devices of all machines that it names,
            which must share the same `out`. More devices give the same run sooner (except for
            dropout), so a run may be resumed on others. Several devices train without XLA.
        resume: continue the run in `out` where it stopped, by its own plan, to the same result. If
            its newest checkpoint is damaged, a warning says so and the one before it is used. Pass
            a preset, an objective or a color space of your own again.
        changes: changes to the preset, as for `dataclasses.replace`: `steps`, `batch_size`, `size`,
            `objective`, `content_share`, `precision`, or any other of its attributes. Another
            `generator` or `critic` needs a preset of your own.

    Returns:
        The run's folder.

    Raises:
        ColorlabError: if `folder` has no color photo, if `out` already contains a run (or, with
            `resume`, contains none or another one), or if the devices cannot share a batch equally.
        RunError: if a machine was lost, the disk is full, or a loss exploded or became NaN. The
            last good checkpoint is saved.
        Interruption: if the run was stopped. Its last step is saved.
    """
    run = Path(out)
    start = os.fspath(start) if start else None
    strategy = replicas.strategy(devices)
    chief = replicas.is_chief(strategy)
    if resume:
        plan = read_plan(run, preset, changes | {"seed": seed, "start": start})
    else:
        plan = Plan(_changed(presets.get(preset or SHIPPED), changes), seed or 0, start)
        if chief and (run / PLAN).exists():
            raise ColorlabError(
                f"{run} already contains a run; resume it, or choose another folder."
            )
    recipe, count = plan.recipe, strategy.num_replicas_in_sync
    if recipe.batch_size % count:
        raise ColorlabError(
            f"batch_size is {recipe.batch_size}; {count} devices need a multiple of {count}."
        )
    crops = open_crops(folder, size=recipe.size, seed=plan.seed)
    crops.crop(0)  # refuses a folder without a color photo before anything is written

    with strategy.scope():
        gan = _newest(run, plan) if resume else None
        gan = gan or _new_gan(plan)
    with TemporaryDirectory() as elsewhere:  # all machines must save, but one copy is enough
        _train_stages(gan, strategy, plan, crops, run if chief else Path(elsewhere))
    return run


def _train_stages(gan: ColorGAN, strategy: Any, plan: Plan, crops: Crops, run: Path) -> None:
    """Train from the GAN's step to the end of the plan, and save the result."""
    recipe = plan.recipe
    plan.write(run)
    interval = max(LEAST_INTERVAL, recipe.steps // INTERVALS)
    checkpoints = callbacks.Checkpoints(run, interval)
    skipped: dict[int, str] = {}
    with _progress_bar() as bar, callbacks.stopped_by_signals() as stop:
        bar.console.print(
            f"{recipe.name}: {len(crops):,} photos, {recipe.steps:,} steps of "
            f"{recipe.batch_size} crops of {recipe.size} px, on "
            f"{device_name(strategy.num_replicas_in_sync)}"
        )
        for stage, size, end in plan.stages:
            step = int(gan.step.numpy())
            if step >= end:
                continue
            if step in (0, plan.content_steps):
                with strategy.scope():
                    _compile(gan, plan, stage)
            # At another size a JPEG is decoded at another scale, where it may count as gray.
            crops = Crops(crops.source, size=size, seed=plan.seed)
            beside = [
                stop,
                callbacks.CheckNumbers(interval),
                callbacks.Samples(run, interval, [crops.crop(k) for k in range(SHEET_COLUMNS)]),
                callbacks.Log(run, interval, stage),
                callbacks.Skipped(run, interval, crops),
                callbacks.Bar(bar, interval, stage, recipe.steps),
                checkpoints,
            ]
            try:
                _fit(gan, strategy, crops, recipe.batch_size, end, beside)
            except RunError as error:
                raise RunError(f"{error} {checkpoints.saved}") from None
            step = int(gan.step.numpy())
            if stop.asked and step < recipe.steps:
                raise Interruption(f"Stopped at step {step}, which is saved; resume to continue.")
            skipped |= crops.skipped
        if skipped:
            gray = sum("has no color" in reason for reason in skipped.values())
            bar.console.print(
                f"Files skipped: {len(skipped)} ({gray} without color); skipped.txt lists them."
            )
    with new_layers("float32"):  # whatever the run's precision is
        generator = marked(recipe.generator(recipe.size), recipe.space)
    generator.set_weights(gan.averaged.get_weights())
    with callbacks.saving("The generator"), replacing(run / GENERATOR) as partial:
        generator.save(partial)


def _fit(
    gan: ColorGAN, strategy: Any, crops: Crops, batch_size: int, end: int, beside: list[Any]
) -> None:
    """Train up to the step before `end`."""
    begin = int(gan.step.numpy())
    if strategy.cluster_resolver is None:
        batches = crops.batches(batch_size, begin, end)
        gan.fit(batches, callbacks=beside, shuffle=False, verbose=0)
        return

    # `fit` fails on several machines (keras-team/keras#20585), so these lines replace it.
    def own_rows(context: Any) -> Any:
        part, parts = context.input_pipeline_id, context.num_input_pipelines
        batches = crops.batches(batch_size, begin, end, part=part, parts=parts)
        return batches.rebatch(context.get_per_replica_batch_size(batch_size), drop_remainder=True)

    told = keras.callbacks.CallbackList(beside, model=gan)
    gan.make_train_function()
    gan.reset_metrics()
    gan.stop_training = False
    told.on_train_begin()
    try:
        batches = iter(strategy.distribute_datasets_from_function(own_rows))
        for number in range(end - begin):
            logs = {name: float(log) for name, log in gan.train_function(batches).items()}
            told.on_train_batch_end(number, logs)
            if gan.stop_training:
                break
    except tf.errors.UnavailableError:
        raise RunError("Another machine was lost; resume on all machines.") from None
    told.on_train_end(logs)


def device_name(count: int = 1) -> str:
    """The name of the device that training uses and how many there are, for people to read."""
    times = f"{count} × " if count > 1 else ""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unnamed")
        return f"{times}GPU ({name})"
    return f"{times}CPU ({os.cpu_count()} cores)"


def _changed(recipe: Preset, changes: dict[str, Any]) -> Preset:
    known = [field.name for field in fields(Preset)]
    for name in changes:
        if name not in known:
            raise ColorlabError(f"A preset has no {name!r}; it has {', '.join(known)}.")
        if name in ("generator", "critic"):  # a run's plan cannot record a function
            raise ColorlabError(
                f"{name} is a function, which a run cannot record; pass a preset of your own, as "
                f"dataclasses.replace(presets.get({recipe.name!r}), name='mine', {name}=…)."
            )
    return replace(recipe, **{name: value for name, value in changes.items() if value is not None})


def _newest(run: Path, plan: Plan) -> ColorGAN | None:
    """The newest checkpoint that can be read; None if the run has saved none yet."""
    parts = objectives.get(plan.recipe.objective), spaces.get(plan.recipe.space)
    saved = [path for path in (run / CHECKPOINT, run / BEFORE) if path.exists()]
    for path in saved:
        try:
            with keras.saving.custom_object_scope({part.name: part for part in parts}):
                gan: ColorGAN = keras.models.load_model(path, safe_mode=True)
            return gan
        except Exception as error:  # a damaged file can raise almost any exception
            reason = str(error).partition("\n")[0][:200]
            warnings.warn(f"{path} is damaged and was skipped: {reason}", stacklevel=3)
    if saved:
        raise ColorlabError(f"All checkpoints of {run} are damaged; train into another folder.")
    return None


def _new_gan(plan: Plan) -> ColorGAN:
    keras.utils.set_random_seed(plan.seed)
    recipe = plan.recipe
    with new_layers(POLICIES[recipe.precision]):
        generator = recipe.generator(recipe.size)
        if plan.start:
            start = load_generator(model_file(Path(plan.start)))
            predicted, wanted = space_name(start), spaces.get(recipe.space).name
            if predicted != wanted:
                raise ColorlabError(
                    f"{plan.start} predicts the color space {predicted!r}, and the preset "
                    f"{wanted!r}; start from a model of the same space."
                )
            try:
                generator.set_weights(start.get_weights())
            except ValueError:
                raise ColorlabError(
                    f"{plan.start} is not a model of preset {recipe.name}; start from one that is."
                ) from None
        return ColorGAN(generator, recipe.critic(), seed=plan.seed, space=recipe.space)


def _compile(gan: ColorGAN, plan: Plan, stage: str) -> None:
    recipe = plan.recipe
    content = stage == "content"
    if content:
        cosine = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, plan.content_steps)
        optimizer = keras.optimizers.Adam(cosine)
    elif recipe.adversarial_rate:
        optimizer = keras.optimizers.Adam(recipe.adversarial_rate, beta_1=0.5)
    else:
        optimizer = None  # the objective's own
    # On a CPU, XLA makes a step slower (docs/decisions.md). In a short run, compiling three stages
    # takes longer than XLA saves.
    gpu = bool(tf.config.list_physical_devices("GPU"))
    gan.compile(
        None if content else recipe.objective,
        generator_optimizer=optimizer,
        content_weight=recipe.content_weight,
        adversarial_weight=recipe.adversarial_weight,
        match_gradients=recipe.match_gradients,
        jit_compile=gpu and recipe.steps >= XLA_PAYS,
    )


def _progress_bar() -> Progress:
    # A notebook also gets printed lines, which stay visible when it is read without a kernel. Its
    # kernel sets FORCE_COLOR, which Rich mistakes for a terminal.
    console = Console(
        force_jupyter=False, force_terminal=sys.stdout.isatty(), soft_wrap=True, highlight=False
    )
    return Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        "{task.fields[losses]}",
        console=console,
        speed_estimate_period=600,  # seconds, because a step may take more than Rich's 30
        disable=not console.is_terminal,
    )
