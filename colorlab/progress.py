"""Progress bars on stderr: shown in a terminal, and kept out of pipes and logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, ProgressColumn

T = TypeVar("T")


def bar(*columns: str | ProgressColumn) -> Progress:
    """A progress bar with these columns, by default Rich's. Without a terminal, it is hidden."""
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal)


def track(
    items: Iterable[T], description: str, total: float | None = None, completed: int = 0
) -> Iterator[T]:
    """Yield the items, and show a progress bar while they are worked on.

    `total` is the number of items, if they have no length; `completed` were done before.
    """
    with bar() as shown:
        yield from shown.track(items, total, completed, description=description)
