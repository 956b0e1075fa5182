"""What pip installs: the package, its weights, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pip(*words: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
    subprocess.run([sys.executable, "-m", "pip", *words, *quiet], check=True, capture_output=True)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a distribution is built from: building leaves files behind."""
    folder = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "colorlab", folder / "colorlab", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def built(source: Path, folder: Path) -> Path:
    pip("wheel", str(source), "--wheel-dir", str(folder))
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def files_of(source: Path) -> set[str]:
    return {str(p.relative_to(source)) for p in source.glob("colorlab/**/*") if p.is_file()}


def test_the_wheel_holds_the_package_and_colors_a_photo(source: Path, tmp_path: Path) -> None:
    wheel = built(source, tmp_path)
    assert contents(wheel) == files_of(source)
    assert "colorlab/weights/small.weights.h5" in contents(wheel)

    site, out = tmp_path / "site", tmp_path / "out"
    pip("install", str(wheel), "--target", str(site))
    photo = ROOT / "data" / "samples" / "gray.jpg"
    command = [sys.executable, "-m", "colorlab", "colorize", str(photo), "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": str(site)}
    where = "import colorlab; print(colorlab.__file__)"
    options = {"env": environment, "cwd": tmp_path, "text": True, "check": True}
    told = subprocess.run([sys.executable, "-c", where], stdout=subprocess.PIPE, **options)
    assert Path(told.stdout.strip()).is_relative_to(site)
    subprocess.run(command, capture_output=True, **options)
    assert (out / "gray.jpg").stat().st_size > 1000


def test_the_source_archive_builds_the_same_wheel(source: Path, tmp_path: Path) -> None:
    build = f"from setuptools.build_meta import build_sdist; build_sdist({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml"} <= names
    assert contents(built(archive, tmp_path)) == files_of(source)
