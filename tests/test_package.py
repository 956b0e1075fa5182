"""What pip installs: the package, its weights, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def python(*words: str, **options: Any) -> str:
    command = [sys.executable, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def test_the_wheel_of_the_source_archive_is_the_package_and_colors_a_photo(tmp_path: Path) -> None:
    source, built, site, out = (tmp_path / name for name in ("source", "built", "site", "out"))
    # A copy: building leaves files behind.
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "colorlab", source / "colorlab", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    package = {str(p.relative_to(source)) for p in source.glob("colorlab/**/*") if p.is_file()}
    python("-m", "build", "--outdir", str(built), str(source))  # the wheel is made of the archive

    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert package | {"LICENSE", "README.md", "pyproject.toml"} <= names
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}
    weights = {f"colorlab/model/weights/small-2.{suffix}" for suffix in ("onnx", "weights.h5")}
    assert names == package and weights <= names

    python("-m", "pip", "install", "--no-deps", "--target", str(site), str(wheel))
    elsewhere = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(site)}}
    where = python("-c", "import colorlab; print(colorlab.__file__)", **elsewhere)
    assert Path(where.strip()).is_relative_to(site)
    photo = str(ROOT / "data" / "samples" / "gray.jpg")
    python("-m", "colorlab", "colorize", photo, "--out", str(out), **elsewhere)
    assert (out / "gray.jpg").stat().st_size > 1000
