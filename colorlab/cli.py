"""The command line: colorlab colorize, app, fetch, check, pack, train, evaluate, export, doctor."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer import Argument, Option

from colorlab import __version__
from colorlab.color.adjustments import ADJUSTMENTS, check_adjustments
from colorlab.errors import ColorlabError
from colorlab.quiet import import_keras

if TYPE_CHECKING:
    from colorlab.colorizer import Colorizer

shell = typer.Typer(
    help="Color black-and-white photos, and train the networks that do it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich takes as long as starting Python
)
Model = Annotated[Path | None, Option(help="Folder of a finished run, or a .keras file.")]
Overwrite = Annotated[bool, Option("--overwrite", help="Replace old results.")]


@shell.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Print the version if asked for it."""
    if version:
        print(f"colorlab {__version__}")
        raise typer.Exit


def with_adjustments(command: Callable[..., None]) -> Callable[..., None]:
    """Replace a command's `**adjustments` with one option for each of ADJUSTMENTS."""
    signature = inspect.signature(command, eval_str=True)
    *options, _ = signature.parameters.values()
    for name, adjustment in ADJUSTMENTS.items():
        kind = Annotated[float | None, Option(help=adjustment.help)]
        keyword = inspect.Parameter.KEYWORD_ONLY
        options.append(inspect.Parameter(name, keyword, default=None, annotation=kind))
    command.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    return command


@shell.command()
@with_adjustments
def colorize(
    photos: Annotated[list[Path], Argument(help="Photos and folders of photos.")],
    model: Model = None,
    out: Annotated[
        Path, Option(help="Folder for the results; for one photo also its file, or - for stdout.")
    ] = Path("colorized"),
    overwrite: Overwrite = False,
    skip_existing: Annotated[
        bool, Option("--skip-existing", help="Skip photos whose results exist already.")
    ] = False,
    all_pages: Annotated[
        bool, Option("--all-pages", help="Color each page or frame, not only the largest.")
    ] = False,
    format: Annotated[
        Literal["jpg", "png", "webp", "tif", "bmp"] | None,
        Option(help="Format of the results.", show_default="that of each photo, or a near one"),
    ] = None,
    quality: Annotated[
        int | None,
        Option(min=1, max=100, help="Quality of JPEG and WebP.", show_default="95; lossless"),
    ] = None,
    mark: Annotated[
        bool,
        Option("--mark/--no-mark", help="Say in the results' metadata that they were colorized."),
    ] = True,
    keep: Annotated[
        Literal["value", "luma"] | None,
        Option(
            help="Gray to keep: value, max(R, G, B), or luma, the brightness that the eye sees.",
            show_default="value for color photos, luma for black-and-white ones",
        ),
    ] = None,
    color: Annotated[
        bool | None,
        Option(
            "--color/--gray",
            help="Treat all photos as color photos, or all as black-and-white.",
            show_default="decided for each photo; sepia or a date stamp does not count as color",
        ),
    ] = None,
    lean: Annotated[
        float | None,
        Option(
            metavar="HUE",
            help="Draw colors toward a hue, in degrees, where the network finds it likely: 0 red, "
            "60 yellow, 120 green, 240 blue.",
            show_default="toward none",
        ),
    ] = None,
    settings: Annotated[Path | None, Option(help="JSON settings that the photo lab saved.")] = None,
    keep_location: Annotated[
        bool, Option("--keep-location", help="Keep in the results where a photo was taken.")
    ] = False,
    **adjustments: float | None,
) -> None:
    """Color photos and save them in OUT under their own names. The exit code is 1 if any failed."""
    from colorlab.batch import Batch
    from colorlab.colorizer import load_settings

    asked = load_settings(settings) if settings else {}
    options = {"keep": keep, "color": color, "lean": lean, **adjustments}
    asked |= {name: value for name, value in options.items() if value is not None}
    check_adjustments({name: asked[name] for name in ADJUSTMENTS if name in asked})
    asked |= {"keep_location": keep_location, "mark": mark, "quality": quality}
    suffix = f".{format}" if format else ""
    if Path("-") in (out, *photos):
        _pipe(photos, out, _colorizer(model), suffix, **asked)
        return
    batch = Batch(
        photos,
        out,
        suffix=suffix,
        all_pages=all_pages,
        skip_existing=skip_existing,
        overwrite=overwrite,
    )
    failures: list[ColorlabError] = []
    for result in batch.colorize(_colorizer(model), **asked):
        if isinstance(result, Path):
            say(result)
        else:
            failures.append(result)
    for remark in batch.remarks:
        say(remark, err=True)
    if batch.done:
        say(f"Photos skipped whose results exist: {batch.done}", err=True)
    for failure in failures:
        say(failure, fg="red", err=True)
    raise typer.Exit(bool(failures))


def _pipe(
    sources: list[Path], out: Path, colorizer: Colorizer, suffix: str, **options: Any
) -> None:
    """Color one photo from stdin, to stdout, or both."""
    from colorlab import photos

    if len(sources) > 1:
        raise ColorlabError("- stands for one photo; expected no other photos beside it.")
    (source,) = sources
    reading = {"keep_location": options["keep_location"], "color": options.get("color")}
    photo = photos.read(sys.stdin.buffer.read() if source == Path("-") else source, **reading)
    suffix = suffix or photos.suffix_for(photo, source)
    if out != Path("-"):
        target = out if out.suffix else out / f"stdin{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        say(colorizer.colorize_file(photo, target, **options))
        return
    with TemporaryDirectory() as folder:
        result = colorizer.colorize_file(photo, Path(folder) / f"result{suffix}", **options)
        sys.stdout.buffer.write(result.read_bytes())


def say(text: object, *, err: bool = False, fg: str | None = None) -> None:
    """Print a line. If its reader is gone, the work goes on without it."""
    try:
        typer.secho(str(text), err=err, fg=fg)
    except OSError:
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@shell.command()
def app(
    photo: Annotated[Path | None, Argument(help="Photo to open first.", show_default=False)] = None,
    model: Model = None,
    port: Annotated[int, Option(min=1, max=65535, help="Port to listen on.")] = 8866,
    ip: Annotated[str, Option(help="IP address to listen on.")] = "127.0.0.1",
    allow_remote: Annotated[
        bool, Option("--allow-remote", help="Allow an --ip that other machines can reach.")
    ] = False,
    base_url: Annotated[
        str | None,
        Option(
            help="Path that a proxy strips, such as /user/x/proxy/8866/.",
            show_default="/, or the path on JupyterHub",
        ),
    ] = None,
) -> None:
    """Serve the photo lab as a web page. Ctrl-C stops it."""
    try:
        from colorlab.lab.app import serve
    except ModuleNotFoundError as error:
        raise ColorlabError(
            f"The app needs {error.name}, which is missing; run: pip install 'colorlab[lab]'"
        ) from None

    serve(photo, model, port=port, ip=ip, allow_remote=allow_remote, base_url=base_url)


@shell.command()
def train(
    folder: Annotated[
        Path, Argument(help="Folder of photos (searched recursively), keep list, or shards.")
    ],
    out: Annotated[Path, Option(help="Folder for the run.")],
    preset: Annotated[
        str | None, Option(help="Preset: toy, small, small-2 or pix2pix.", show_default="small-2")
    ] = None,
    steps: Annotated[int | None, Option(help="Training steps of both stages together.")] = None,
    batch_size: Annotated[int | None, Option(help="Photos in each step.")] = None,
    size: Annotated[int | None, Option(help="Side of a training crop in pixels.")] = None,
    seed: Annotated[
        int | None, Option(help="Seed of weights, shuffle and augmentation.", show_default="0")
    ] = None,
    start: Annotated[Path | None, Option(help="Run or .keras file to start from.")] = None,
    objective: Annotated[
        str | None, Option(help="Objective of the adversarial stage.", show_default="the preset's")
    ] = None,
    content_share: Annotated[
        float | None, Option(help="Fraction of the steps to train without the critic, from 0 to 1.")
    ] = None,
    precision: Annotated[
        str | None, Option(help="Precision: float32 or bfloat16.", show_default="the preset's")
    ] = None,
    devices: Annotated[str, Option(help="one, or all, which share each batch.")] = "one",
    resume: Annotated[bool, Option("--resume", help="Continue a stopped run.")] = False,
) -> None:
    """Train on a folder of photos. Ctrl-C stops and keeps the progress; --resume continues."""
    import_keras()
    from colorlab.training.trainer import train

    run = train(
        folder,
        out,
        preset=preset,
        steps=steps,
        batch_size=batch_size,
        size=size,
        seed=seed,
        start=start,
        objective=objective,
        content_share=content_share,
        precision=precision,
        devices=devices,
        resume=resume,
    )
    print(f"Done. Color a photo with it: colorlab colorize PHOTO --model {run}")


@shell.command()
def fetch(
    name: Annotated[str, Argument(help="Set: tf_flowers, oxford_flowers102 or coco2017.")],
    folder: Annotated[Path, Argument(help="Parent folder for the set.")] = Path("data/photos"),
) -> None:
    """Download a public set of photos. If it is stopped, the same command continues."""
    from colorlab.data.public_sets import SETS, fetch

    place = fetch(name, folder)
    print(f"The photos are in {place}. License: {SETS[name].license}.")
    print(f"Check them with: colorlab check {place}")


@shell.command()
def check(
    folder: Annotated[Path, Argument(help="Folder of photos (searched recursively), or shards.")],
    out: Annotated[Path, Option(help="CSV file for the report.")] = Path("check.csv"),
    min_size: Annotated[int, Option(help="Minimum short side of a photo in pixels.")] = 64,
    keep_list: Annotated[
        Path | None,
        Option(help="Text file for a list of the good photos; train and pack accept it as FOLDER."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Report what every file really is, and change none. The exit code is 1 if any file is bad."""
    from colorlab.data.inspection import check
    from colorlab.data.shards import is_packed, verify

    if is_packed(folder):
        bad = verify(folder)
        print(f"Damaged or missing: {', '.join(bad)}." if bad else "All shards are whole.")
        raise typer.Exit(bool(bad))
    summary = check(folder, out, min_size=min_size, keep_list=keep_list, overwrite=overwrite)
    print(f"{summary}\n\nThe report on every file is in {out}.")
    raise typer.Exit(not summary.clean)


@shell.command()
def pack(
    folder: Annotated[
        Path, Argument(help="Folder of photos (searched recursively), or keep list.")
    ],
    out: Annotated[Path, Argument(help="Folder for the shards; train accepts it as FOLDER.")],
    size: Annotated[int, Option(help="Short side of a packed photo in pixels.")] = 256,
    seed: Annotated[int, Option(help="Seed of the shuffle.")] = 0,
) -> None:
    """Pack photos into a few large files. If it is stopped, the same command continues."""
    from colorlab.data.shards import pack
    from colorlab.photos import find

    index = pack(find(folder), out, size=size, seed=seed)
    print(f"Photos packed: {index['count']:,}. Shards in {out}: {len(index['shards']):,}.")
    if index["skipped"]:
        print(f"Files skipped: {len(index['skipped']):,}; index.json says why.")


@shell.command()
def evaluate(
    folder: Annotated[Path, Argument(help="Folder of color photos, searched recursively.")],
    model: Model = None,
    out: Annotated[Path, Option(help="Folder for figures and sheets.")] = Path("evaluation"),
    overwrite: Overwrite = False,
) -> None:
    """Measure a model on color photos turned to gray, once as value and once as luma."""
    from colorlab import photos
    from colorlab.evaluation.evaluate import GRAYS, evaluate
    from colorlab.evaluation.report import prepare, report, write
    from colorlab.evaluation.sheets import contact_sheet

    prepare(folder, out, overwrite=overwrite)
    colorizer = _colorizer(model)
    from colorlab.model.network import SHIPPED

    evaluation = evaluate(folder, colorizer)
    write(evaluation, out, model=str(model or f"{SHIPPED}, as it ships with colorlab"))
    for gray in GRAYS:
        sheet = contact_sheet(folder, colorizer, evaluation.of(gray, "model"))
        photos.write(sheet, out / f"sheet-{gray}.jpg", overwrite=overwrite)
    print(report(evaluation))


@shell.command()
def export(
    model: Annotated[
        str, Argument(help="Folder of a finished run, a .keras file, or small-2, which ships.")
    ],
    out: Annotated[Path, Argument(help="File to write; its name ends in .onnx.")],
) -> None:
    """Write a model as an ONNX file, which other programs can run, and compare the two."""
    import_keras()
    try:
        from colorlab.export import export
    except ModuleNotFoundError as error:
        raise ColorlabError(
            f"The export needs {error.name}, which is missing; run: pip install 'colorlab[export]'"
        ) from None
    from colorlab.colorizer import Colorizer
    from colorlab.model.presets import PRESETS

    colorizer = Colorizer.from_preset(model) if model in PRESETS else Colorizer.load(model)
    difference = export(colorizer, out)
    say(
        f"{out}: {out.stat().st_size / 1e6:.1f} MB. Its answer differs from Keras's by at most "
        f"{difference:.0e}."
    )


@shell.command()
def doctor() -> None:
    """Report versions, the machine, and problems, for a bug report. The exit code is 1 if any."""
    from colorlab.doctor import report

    raise typer.Exit(not report(say))


def _colorizer(model: Path | None) -> Colorizer:
    from colorlab.colorizer import Colorizer

    if not model:
        return Colorizer()
    import_keras()
    return Colorizer.load(model)


def main() -> None:
    """Run the command. An error becomes one line on stderr and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a file's name may hold what it cannot encode
            stream.reconfigure(errors="backslashreplace")
    try:
        shell()
    except (ColorlabError, OSError) as error:
        say(error, fg="red", err=True)
        sys.exit(1)
