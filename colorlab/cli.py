"""The command line: colorlab colorize, app, fetch, check, pack, train, evaluate."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from colorlab import __version__
from colorlab.color.adjustments import ADJUSTMENTS, check_adjustments
from colorlab.errors import ColorlabError

if TYPE_CHECKING:
    from colorlab.colorizer import Colorizer

app = typer.Typer(
    help="Color black-and-white photos, and train the networks that do it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich takes as long as starting Python
)
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="Folder of a finished run, or a .keras file.", show_default=False),
]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Print the version if asked for it."""
    if version:
        print(f"colorlab {__version__}")
        raise typer.Exit


def with_adjustments(command: Callable[..., None]) -> Callable[..., None]:
    """Replace a command's `**adjustments` with one option for each of ADJUSTMENTS."""
    signature = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[float | None, typer.Option(help=each.help)],
        )
        for name, each in ADJUSTMENTS.items()
    ]
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    return command


@app.command()
@with_adjustments
def colorize(
    photos: Annotated[list[Path], typer.Argument(help="Photos and folders of photos.")],
    model: ModelOption = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("colorized"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace old results.")] = False,
    keep: Annotated[
        Literal["value", "luma"] | None,
        typer.Option(
            help="Gray to keep: value, max(R, G, B), or luma, the brightness to the eye.",
            show_default="value for color photos, luma for black-and-white ones",
        ),
    ] = None,
    color: Annotated[
        bool | None,
        typer.Option(
            "--color/--gray",
            help="Treat all photos as color photos, or all as black-and-white.",
            show_default="decided for each photo; sepia or a date stamp does not count as color",
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="JSON file that the photo lab saved beside a picture.")
    ] = None,
    keep_location: Annotated[
        bool, typer.Option("--keep-location", help="Keep in the results where a photo was taken.")
    ] = False,
    **adjustments: float | None,
) -> None:
    """Color photos and save them in OUT under their own names. The exit code is 1 if any failed."""
    from colorlab.batch import colorize_all
    from colorlab.colorizer import load_settings

    options = {"keep": keep, "color": color, **adjustments}
    asked = load_settings(settings) if settings else {}
    asked |= {name: value for name, value in options.items() if value is not None}
    check_adjustments({name: asked[name] for name in ADJUSTMENTS if name in asked})
    failures: list[ColorlabError] = []
    for result in colorize_all(
        photos,
        out,
        _colorizer(model),
        overwrite=overwrite,
        keep_location=keep_location,
        **asked,
    ):
        if isinstance(result, Path):
            print(result)
        else:
            failures.append(result)
    for failure in failures:
        typer.secho(str(failure), fg="red", err=True)
    if failures:
        raise typer.Exit(1)


@app.command("app")
def serve(
    photo: Annotated[
        Path | None, typer.Argument(help="Photo to open first.", show_default=False)
    ] = None,
    model: ModelOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8866,
    ip: Annotated[str, typer.Option(help="IP address to listen on.")] = "127.0.0.1",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Allow an --ip that other machines can reach.")
    ] = False,
) -> None:
    """Serve the photo lab as a web page. Ctrl-C stops it."""
    try:
        from colorlab.lab.app import serve
    except ModuleNotFoundError as error:
        raise ColorlabError(
            f"The app needs {error.name}, which is not installed; pip install 'colorlab[lab]'."
        ) from None

    serve(photo, model, port=port, ip=ip, allow_remote=allow_remote)


@app.command()
def train(
    folder: Annotated[
        Path, typer.Argument(help="Folder of photos (searched recursively), keep list, or shards.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the run.")],
    preset: Annotated[
        str | None,
        typer.Option(help="Preset: toy, small, small-2 or pix2pix.", show_default="small-2"),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Training steps of both stages together.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Photos in each step.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of a training crop in pixels.")] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of weights, shuffle and augmentation.", show_default="0"),
    ] = None,
    start: Annotated[Path | None, typer.Option(help="Run or .keras file to start from.")] = None,
    objective: Annotated[
        str | None,
        typer.Option(help="Objective of the adversarial stage.", show_default="the preset's"),
    ] = None,
    content_share: Annotated[
        float | None,
        typer.Option(help="Fraction of the steps to train without the critic, from 0 to 1."),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="Precision: float32 or bfloat16.", show_default="the preset's"),
    ] = None,
    devices: Annotated[str, typer.Option(help="one, or all: each takes a share.")] = "one",
    resume: Annotated[bool, typer.Option("--resume", help="Continue a stopped run.")] = False,
) -> None:
    """Train on a folder of photos. Ctrl-C stops and keeps the progress; --resume continues."""
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


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="Set: tf_flowers, oxford_flowers102 or coco2017.")],
    folder: Annotated[
        Path, typer.Argument(help="Folder in which the set gets its own folder.")
    ] = Path("data/photos"),
) -> None:
    """Download a public set of photos. If it is stopped, the same command continues."""
    from colorlab.data.public_sets import SETS, fetch

    place = fetch(name, folder)
    print(f"The photos are in {place}. License: {SETS[name].license}.")
    print(f"Look at them: colorlab check {place}")


@app.command()
def check(
    folder: Annotated[
        Path, typer.Argument(help="Folder of photos (searched recursively), or shards.")
    ],
    out: Annotated[Path, typer.Option(help="CSV file for the report.")] = Path("check.csv"),
    min_size: Annotated[int, typer.Option(help="Minimum short side of a photo in pixels.")] = 64,
    keep_list: Annotated[
        Path | None,
        typer.Option(
            help="Text file to list the photos to train on; train and pack accept it as FOLDER."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace old results.")] = False,
) -> None:
    """Report what every file really is, whatever its name. No file is changed.

    The exit code is 1 if any file is bad.
    """
    from colorlab.data.inspection import check
    from colorlab.data.shards import is_packed, verify

    if is_packed(folder):
        bad = verify(folder)
        print(f"Damaged or missing: {', '.join(bad)}." if bad else "All shards are whole.")
        raise typer.Exit(bool(bad))
    summary = check(folder, out, min_size=min_size, keep_list=keep_list, overwrite=overwrite)
    print(f"{summary}\n\nEvery file is in {out}.")
    if not summary.clean:
        raise typer.Exit(1)


@app.command()
def pack(
    folder: Annotated[
        Path, typer.Argument(help="Folder of photos (searched recursively), or keep list.")
    ],
    out: Annotated[Path, typer.Argument(help="Folder for the shards; train accepts it as FOLDER.")],
    size: Annotated[int, typer.Option(help="Short side of a packed photo in pixels.")] = 256,
    seed: Annotated[int, typer.Option(help="Seed of the shuffle.")] = 0,
) -> None:
    """Pack photos into a few large files. If it is stopped, the same command continues."""
    from colorlab.data.shards import pack
    from colorlab.photos import find

    index = pack(find(folder), out, size=size, seed=seed)
    print(f"Photos packed: {index['count']:,}. Shards in {out}: {len(index['shards']):,}.")
    if index["skipped"]:
        print(f"Files skipped: {len(index['skipped']):,}; index.json says why.")


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of color photos, searched recursively.")],
    model: ModelOption = None,
    out: Annotated[Path, typer.Option(help="Folder for figures and sheets.")] = Path("evaluation"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace old results.")] = False,
) -> None:
    """Measure a model on color photos turned to gray, once as value and once as luma."""
    from colorlab.evaluation.folder import evaluate_folder
    from colorlab.evaluation.report import report

    print(report(evaluate_folder(folder, out, model, overwrite=overwrite)))


def _colorizer(model: Path | None) -> Colorizer:
    from colorlab.colorizer import Colorizer

    return Colorizer.load(model) if model else Colorizer()


def main() -> None:
    """Run the command. An error becomes one line on stderr and exit code 1."""
    try:
        app()
    except (ColorlabError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(1)
