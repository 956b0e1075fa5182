"""How long each lesson takes from a fresh kernel to its last cell.

python benchmarks/lessons.py
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from shared import duration, heading, machine, row, seconds

LESSONS = Path(__file__).parents[1] / "notebooks"


def main() -> None:
    print(f"{machine('tensorflow', 'keras', 'jupyterlab')}\n")
    print(heading("lesson", "from first cell to last"), flush=True)
    times = []
    for path in sorted(LESSONS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        resources = {"metadata": {"path": str(LESSONS)}}
        client = NotebookClient(
            notebook, timeout=600, resources=resources, extra_arguments=["--log-level=ERROR"]
        )
        times.append(seconds(client.execute))
        print(row(path.stem, duration(times[-1])), flush=True)
    print(row("all", duration(sum(times))))


if __name__ == "__main__":
    main()
