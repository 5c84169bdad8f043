"""One line that tells how far a long piece of work is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

_LONGEST = 40


@contextmanager
def progress(console: Console, doing: str) -> Iterator[Callable[[str, int, int], None]]:
    """Yields what the work calls: with what it is at, how many steps are done, and of how many."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(doing, total=None)

        def told(what: str, done: int, total: int) -> None:
            shown = f"{doing}{escape(what[-_LONGEST:])}"
            bar.update(task, description=shown, completed=done, total=max(total, 1))

        yield told
