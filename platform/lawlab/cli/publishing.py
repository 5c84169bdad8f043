"""What `lawlab bank` and `lawlab course` share: gathering faults, the database, the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import typer
from rich.console import Console

from lawlab.errors import LawlabError
from lawlab.services.content import Published


@contextmanager
def all_faults() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Goes on after a faulty file; in the end says the faults of all and exits with 2."""
    sentences: list[str] = []

    @contextmanager
    def collect() -> Iterator[None]:
        try:
            yield
        except LawlabError as error:
            sentences.append(error.sentence)

    yield collect
    if sentences:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for sentence in sentences:
            console.print(sentence, style="red", markup=False)
        raise typer.Exit(2)


def say_published(done: Published, unit: str) -> None:
    """One line: what is new, changed and the same."""
    Console(highlight=False).print(
        f"{done.name}：新增 {len(done.new)} {unit}，修改 {len(done.changed)} {unit}，"
        f"未变 {len(done.same)} {unit}。",
        markup=False,
    )
