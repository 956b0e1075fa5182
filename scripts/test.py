"""Run all stages of `make test`, or only some, and summarize at the end which failed.

python scripts/test.py [STAGE ...]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

STAGES = {
    "lint": "ruff check .",
    "format": "ruff format --check .",
    "types": "mypy",
    "rooms": "lint-imports --no-cache",
    # Warnings, such as a link to nowhere, are errors. -E, since a cached page would not warn again.
    "docs": "sphinx-build -q -n -W -E -c docs -d build/doctrees . build/book",
    # A file stays in one worker, which makes its fixtures. tests/conftest.py orders the files.
    "unit": "pytest -q -rs --durations=15 -n auto --dist loadfile --no-loadscope-reorder",
    "notebooks": "pytest -q --nbval-lax --nbval-current-env --nbval-cell-timeout 300 "
    "--nbval-sanitize-with tests/nbval.cfg -n auto --dist loadscope notebooks/",
}
# Measured where it is enforced only: it makes Python a third slower.
if os.environ.get("CI"):
    STAGES["unit"] += " --cov=colorlab --cov-branch --cov-fail-under=95 --cov-report="

# A worker or a kernel runs on each core. With more threads, they would wait for one another.
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1"}
ENVIRONMENT = {"unit": ONE_THREAD, "notebooks": ONE_THREAD}


def run(stages: dict[str, str]) -> int:
    """Run the command of each stage, also if another one failed → 0 if all passed, else 1."""
    summary = []
    passed = failed = 0
    begin = time.monotonic()
    for name, command in stages.items():
        print(f"\n== {name}: {command}", flush=True)
        since = time.monotonic()
        program, *arguments = command.split()
        with subprocess.Popen(
            [Path(sys.executable).with_name(program), *arguments],
            # Unbuffered, or progress would not show in the pipe.
            env=ENVIRONMENT.get(name, {}) | os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            last = ""
            for line in process.stdout or ():
                print(line, end="", flush=True)
                last = line.strip("= \n") or last
        broken = process.returncode != 0
        counts = {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed)", last)}
        # A command that counts no tests, such as a linter, counts as one.
        failed += max(counts.get("failed", 0), broken)
        passed += counts.get("passed", not broken)
        verdict = "FAILED" if broken else "passed"
        summary.append(f"{name:<10} {verdict}  {time.monotonic() - since:5.0f} s   {last}")
    print("\n== summary", *summary, sep="\n")
    failures = f"{failed} failed, " if failed else ""
    print(f"== {failures}{passed} passed in {time.monotonic() - begin:.0f}s ==")
    return int(failed > 0)


if __name__ == "__main__":
    chosen = sys.argv[1:] or STAGES
    sys.exit(run({name: STAGES[name] for name in chosen}))
