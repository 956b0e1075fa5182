"""How far long work has come, on stderr: shown to people, and kept out of pipes and logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, ProgressColumn

T = TypeVar("T")


def bar(*columns: ProgressColumn) -> Progress:
    """A bar of these columns, by default Rich's; nothing is shown where there is no terminal."""
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal)


def track(
    items: Iterable[T], description: str, total: float | None = None, completed: int = 0
) -> Iterator[T]:
    """The items, with a bar while they are worked on.

    Args:
        items: what is worked on.
        description: what is done to them, in a word.
        total: how many there are, if they have no length.
        completed: how many were done before.
    """
    with bar() as shown:
        yield from shown.track(items, total, completed, description=description)
