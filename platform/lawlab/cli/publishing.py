"""What `lawlab bank` and `lawlab course` share: gathering faults, the database, the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.installation import installation
from lawlab.config import REPOSITORY
from lawlab.errors import LawlabError
from lawlab.services.content import Published
from lawlab.services.content_figures import reviewers_of_courses
from lawlab.services.inspection import Beside, beside_in, published_questions
from lawlab.store.statutes import Statutes, open_statutes, statutes_with

Installed = Annotated[
    bool,
    typer.Option("--installed", help="对照本平台已发布的题和已导入的法律。"),
]


@dataclass(frozen=True)
class Known:
    """What drafts are compared with: the law, and the questions that are there already."""

    statutes: Statutes
    questions: list[Beside]
    reviewers: Mapping[str, tuple[str, ...]]
    """Course → who reviewed its lessons; known to an installation alone."""

    @property
    def cards(self) -> set[str]:
        """The items that lessons may use as check cards."""
        return {beside.question.id for beside in self.questions}


@contextmanager
def known_content(installed: bool, files: Sequence[Path] = ()) -> Iterator[Known]:
    """What came with the package, without the banks that are being checked (`files`); or, with
    `installed`, what is in use in the installation."""
    if not installed:
        yield Known(open_statutes(), beside_in(REPOSITORY, files), {})
        return
    with installation() as (_settings, sessions), sessions() as session:
        reviewers = reviewers_of_courses(session)
        yield Known(statutes_with(sessions), published_questions(session), reviewers)


@contextmanager
def known_statutes(installed: bool) -> Iterator[Statutes]:
    """The laws of the package; with `installed`, also those that the town has imported."""
    if not installed:
        yield open_statutes()
        return
    with installation() as (_settings, sessions):
        yield statutes_with(sessions)


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


def say_waiting(console: Console, laws: Iterable[str]) -> None:
    """The laws that the town has yet to import; what cites them was not compared with them."""
    for law in laws:
        console.print(f"  待导入《{law}》：导入以前，引用它的地方没有对照条文。", markup=False)
