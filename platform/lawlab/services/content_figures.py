"""The figures of banks and courses, from files or from what an installation has published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.bank import Bank
from lawlab.domain.bank_stats import BankFigures, bank_figures
from lawlab.domain.coverage import Coverage, coverage
from lawlab.domain.question import Question
from lawlab.domain.statute import ArticleRef
from lawlab.errors import LawlabError
from lawlab.services.content_state import states
from lawlab.services.inspection import InspectedCourse
from lawlab.store.content import courses, newest_items, newest_lessons
from lawlab.store.items import banks
from lawlab.store.statutes import Statutes


@dataclass(frozen=True)
class BankReport:
    """The figures of each bank, of each law over its banks, and of all together."""

    banks: tuple[BankFigures, ...]
    laws: tuple[BankFigures, ...]
    all: BankFigures

    def to_json(self) -> dict[str, Any]:
        return {
            "banks": [figures.to_json() for figures in self.banks],
            "laws": [figures.to_json() for figures in self.laws],
            "all": self.all.to_json(),
        }


@dataclass(frozen=True)
class CourseFigures:
    """What one course holds. `coverage` is None when its law is not there."""

    slug: str
    title: str
    law: str
    lessons: int
    cards: int
    coverage: Coverage | None
    unconfirmed: int
    checked: dt.date | None
    reviewers: tuple[str, ...]
    faults: int

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "checked": self.checked and self.checked.isoformat()}


def bank_report(
    each: Sequence[Bank],
    statutes: Statutes,
    on: dt.date,
    out_of_use: Mapping[str, str] | None = None,
) -> BankReport:
    """The figures of these banks; `out_of_use` says why items of an installation are not in use."""
    of_law: dict[str, list[Question]] = {}
    for bank in each:
        of_law.setdefault(bank.law, []).extend(bank.questions)
    sizes = {law: _articles(law, statutes, on) for law in of_law}
    laws = [
        bank_figures(law, law, questions, sizes[law], out_of_use)
        for law, questions in of_law.items()
    ]
    everything = [question for bank in each for question in bank.questions]
    total = bank_figures("合计", "", everything, None, out_of_use)
    return BankReport(
        banks=tuple(
            bank_figures(bank.slug, bank.law, bank.questions, sizes[bank.law], out_of_use)
            for bank in each
        ),
        laws=tuple(laws),
        all=total,
    )


def published_banks(session: Session) -> list[Bank]:
    """The banks that an installation has published, with every item, in use or not."""
    questions: dict[str, list[Question]] = {}
    for row in newest_items(session).values():
        questions.setdefault(row.bank, []).append(Question.from_json(row.body))
    return [
        Bank(row.slug, row.law, tuple(questions.get(row.slug, ())), tuple(row.awaits))
        for row in banks(session)
    ]


def item_states(session: Session) -> dict[str, str]:
    """Item → `withdrawn` or `stale`, for those that are not in use."""
    return {name: row.state for name, row in states(session, "item").items()}


def reviewers_of_courses(session: Session) -> dict[str, tuple[str, ...]]:
    """Course → who reviewed the lessons that it shows now."""
    return {
        course.slug: tuple(
            sorted({row.reviewer for row in newest_lessons(session, course.slug).values()})
        )
        for course in courses(session)
    }


def course_figures(
    found: InspectedCourse,
    statutes: Statutes,
    on: dt.date,
    reviewers: Mapping[str, tuple[str, ...]],
) -> CourseFigures:
    """The figures of a course folder; `reviewers` as an installation knows them."""
    lessons, law = list(found.lessons.values()), found.file.law if found.file else ""
    refs = [ref for lesson in lessons for ref in lesson.articles]
    return CourseFigures(
        slug=found.folder.name,
        title=found.file.title if found.file else "",
        law=law,
        lessons=len(lessons),
        cards=sum(len(lesson.cards) for lesson in lessons),
        coverage=_coverage(law, refs, statutes, on),
        unconfirmed=sum(len(lesson.unconfirmed) for lesson in lessons),
        checked=found.file.checked if found.file else None,
        reviewers=reviewers.get(found.folder.name, ()),
        faults=len(found.faults),
    )


def _coverage(
    law: str, refs: Iterable[ArticleRef], statutes: Statutes, on: dt.date
) -> Coverage | None:
    try:
        return coverage(statutes.law(law, on=on), refs)
    except LawlabError:
        return None


def _articles(law: str, statutes: Statutes, on: dt.date) -> int | None:
    try:
        return len(statutes.law(law, on=on).articles)
    except LawlabError:
        return None
