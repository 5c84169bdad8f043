"""Checks many banks or courses at once: what shows only when they are looked at together, or when
lessons run. For `lawlab bank check` and `course check`; publishing does not wait for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from lawlab.domain.bank import Bank
from lawlab.domain.bank_balance import balance_faults
from lawlab.domain.citation import is_awaited
from lawlab.domain.course import CourseFile, age_faults, repeated_card_faults
from lawlab.domain.lesson import Lesson, read_lesson
from lawlab.domain.lesson_wording import lesson_quotation_faults
from lawlab.domain.likeness import alike_questions
from lawlab.domain.question import Question
from lawlab.domain.quotation import quotation_faults
from lawlab.domain.statute import ArticleRef, Law
from lawlab.domain.wording import texts_of
from lawlab.errors import FileFaults, LawlabError
from lawlab.services.checking import (
    bank_faults,
    bank_files,
    parse_bank,
    read_course_folder,
    read_text,
)
from lawlab.services.execution import run_lessons
from lawlab.store.content import newest_items, out_of_use
from lawlab.store.statutes import Statutes


@dataclass(frozen=True)
class Beside:
    """A question that is there already, and where: a bank file, or what is published."""

    question: Question
    bank: str
    where: str


@dataclass(frozen=True)
class InspectedBank:
    """A bank file with all its faults; `waiting` are the laws the town has yet to import."""

    file: Path
    bank: Bank
    faults: tuple[str, ...]
    waiting: tuple[str, ...]

    def raise_faults(self) -> None:
        """Raises FileFaults when there are any."""
        if self.faults:
            raise FileFaults(self.file.name, self.faults)


@dataclass(frozen=True)
class InspectedCourse:
    """A course folder as far as it could be read, with all its faults."""

    folder: Path
    file: CourseFile | None
    lessons: dict[str, Lesson]
    faults: tuple[str, ...]
    waiting: tuple[str, ...]

    def raise_faults(self) -> None:
        """Raises FileFaults when there are any."""
        if self.faults:
            raise FileFaults(f"courses/{self.folder.name}", self.faults)


def inspect_banks(
    files: Sequence[Path], statutes: Statutes, on: dt.date, beside: Iterable[Beside] = ()
) -> list[InspectedBank]:
    """Every bank file with its faults, also those that show only over a whole bank or several: keys
    that give themselves away, ids used twice, questions that are nearly the same."""
    read: list[tuple[Path, Bank, list[str]]] = []
    for file in files:
        try:
            bank, faults = bank_faults(read_text(file), statutes, on)
            faults += _copies(bank, partial(statutes.law, on=on)) + balance_faults(bank.questions)
            read.append((file, bank, faults))
        except LawlabError as error:
            read.append((file, Bank("", "", ()), [error.sentence]))
    own = {bank.slug for _, bank, _ in read}
    others = [other for other in beside if other.bank not in own]
    for place, fault in _faults_between(others, [(file, bank) for file, bank, _ in read]):
        read[place][2].append(fault)
    return [
        InspectedBank(file, bank, tuple(faults), waiting_laws(bank.awaits, statutes, on))
        for file, bank, faults in read
    ]


def _copies(bank: Bank, find_law: Callable[[str], Law]) -> list[str]:
    """Statute text in a question from a law that it does not cite itself and its bank does."""
    cited = {q.id: {ArticleRef.parse(ref).law for ref in q.articles} for q in bank.questions}
    laws: dict[str, Law] = {}
    for name in sorted({bank.law}.union(*cited.values())):
        with suppress(LawlabError):
            laws[name] = find_law(name)
    return [
        f"{question.id}：{fault}"
        for question in bank.questions
        for fault in quotation_faults(
            [text for _, text in texts_of(question)],
            [law for name, law in laws.items() if name not in cited[question.id]],
        )
    ]


def _faults_between(
    others: Sequence[Beside], banks: Sequence[tuple[Path, Bank]]
) -> Iterable[tuple[int, str]]:
    """(place of the bank, fault) for ids and wordings that are there twice."""
    places = [-1] * len(others)
    everything = list(others)
    for place, (file, bank) in enumerate(banks):
        everything += [Beside(question, bank.slug, file.name) for question in bank.questions]
        places += [place] * len(bank.questions)
    first: dict[str, Beside] = {}
    for place, entry in zip(places, everything, strict=True):
        known = first.setdefault(entry.question.id, entry)
        if place >= 0 and known.bank != entry.bank:
            yield place, f"{entry.question.id}：这个编号在 {known.where} 里已经用了。"
    for pair in alike_questions([entry.question for entry in everything]):
        one, two = everything[pair.first], everything[pair.second]
        if places[pair.second] >= 0:
            where = "" if one.where == two.where else f"{one.where} 的 "
            yield (
                places[pair.second],
                f"{two.question.id}：和 {where}{one.question.id} 问得几乎一样"
                f"（{pair.share:.0%} 的字句相同）。请删去一题，或者换一个问法。",
            )


def beside_in(repository: Path, files: Iterable[Path]) -> list[Beside]:
    """The questions of a repository's banks that are not among `files`."""
    given = {file.resolve() for file in files}
    return [
        Beside(question, bank.slug, file.name)
        for file in bank_files(repository)
        if file.resolve() not in given
        for bank in [parse_bank(read_text(file))[0]]
        for question in bank.questions
    ]


def published_questions(session: Session) -> list[Beside]:
    """The questions that an installation has published and not taken out of use."""
    gone = out_of_use(session)
    return [
        Beside(Question.from_json(row.body), row.bank, f"已发布的题库 {row.bank}")
        for row in newest_items(session).values()
        if row.item not in gone
    ]


def inspect_courses(
    folders: Sequence[Path], statutes: Statutes, on: dt.date, cards: Container[str]
) -> list[InspectedCourse]:
    """Every course with its faults. Lessons whose cells are allowed are run too, all in one kernel;
    what else they may hold is never run."""
    read = [(folder, *read_course_folder(folder, statutes, on, cards)) for folder in folders]
    broken = run_lessons(
        {
            (folder, stem): lesson
            for folder, _, lessons, _ in read
            for stem, lesson in lessons.items()
            if not read_lesson(lesson.notebook)[1]
        }
    )
    found = []
    for folder, file, lessons, faults in read:
        if file:
            faults += [f"course.toml：{fault}" for fault in age_faults(file, on)]
        for stem in lessons:
            faults += [f"{stem}.ipynb：{fault}" for fault in broken.get((folder, stem), [])]
        faults += _copies_of_others(file, lessons, partial(statutes.law, on=on))
        faults += repeated_card_faults({stem: lesson.cards for stem, lesson in lessons.items()})
        waiting = waiting_laws(file.awaits if file else (), statutes, on)
        found.append(InspectedCourse(folder, file, lessons, tuple(faults), waiting))
    return found


def _copies_of_others(
    file: CourseFile | None, lessons: dict[str, Lesson], find_law: Callable[[str], Law]
) -> list[str]:
    """Statute text in a lesson from a law that only other lessons of its course show."""
    shown = {stem: {ref.law for ref in lesson.articles} for stem, lesson in lessons.items()}
    everything = set().union(*shown.values())
    about = {file.law} if file else set()
    return [
        f"{stem}.ipynb：{fault}"
        for stem, lesson in lessons.items()
        for fault in lesson_quotation_faults(
            lesson, sorted(everything - shown[stem] - about), find_law
        )
    ]


def waiting_laws(awaits: Iterable[str], statutes: Statutes, on: dt.date) -> tuple[str, ...]:
    """Those of the awaited laws that are not there yet."""
    found = []
    for law in awaits:
        try:
            statutes.find(law, on=on)
        except LawlabError as error:
            found += [law] if is_awaited(law, error, (law,)) else []
    return tuple(found)
