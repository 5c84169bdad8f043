"""A year's report: its figures with the rows that prove them, and what is said beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lawlab.domain.annual_facts import Leave, LessonFacts, Meeting, Record, YearFacts
from lawlab.domain.annual_figures import of_attendance, of_meetings, of_people, of_study
from lawlab.domain.annual_rows import Figure, PersonRow, QuizRow, UnitRow
from lawlab.domain.attendance import WARN_BELOW, was_there

WELL_FROM = 0.9
"""A unit with this attendance rate did well; one below WARN_BELOW lags."""


@dataclass(frozen=True)
class Month:
    month: int
    expected: int
    there: int


@dataclass(frozen=True)
class AnnualReport:
    """The figures of a year by name, and the rows of the appendix in the order of its sheets."""

    year: int
    day: date
    figures: Mapping[str, Figure]
    people: tuple[PersonRow, ...]
    units: tuple[UnitRow, ...]
    meetings: tuple[Meeting, ...]
    records: tuple[Record, ...]
    leaves: tuple[Leave, ...]
    quizzes: tuple[QuizRow, ...]
    lessons: tuple[LessonFacts, ...]
    kinds: Mapping[str, str]
    months: tuple[Month, ...]
    notes: tuple[str, ...]

    @property
    def leading(self) -> tuple[UnitRow, ...]:
        """Units that did well, the best first."""
        return tuple(one for one in self._ranked() if (one.share or 0) >= WELL_FROM)

    @property
    def lagging(self) -> tuple[UnitRow, ...]:
        """Units that lag, the lowest first."""
        return tuple(one for one in reversed(self._ranked()) if (one.share or 0) < WARN_BELOW)

    def _ranked(self) -> list[UnitRow]:
        rated = [one for one in self.units if one.share is not None]
        return sorted(rated, key=lambda one: (-(one.share or 0), one.name))


def annual_report(facts: YearFacts) -> AnnualReport:
    """Count a year."""
    day = facts.day
    people = _people(facts, day)
    meetings = tuple(sorted(facts.meetings, key=lambda one: (one.starts, one.id)))
    order = {one.id: number for number, one in enumerate(meetings)}
    records = tuple(
        sorted(facts.records, key=lambda one: (one.unit or "\uffff", order[one.meeting], one.login))
    )
    leaves = tuple(
        sorted(facts.leaves, key=lambda one: (order[one.meeting], one.login, one.asked_at))
    )
    quizzes = tuple(
        QuizRow(quiz.assignment, quiz.title, quiz.day, person)
        for quiz in sorted(facts.quizzes, key=lambda one: (one.day, one.assignment))
        for person in quiz.people
    )
    lessons = tuple(
        sorted(facts.lessons, key=lambda one: (one.day, one.login, one.course, one.lesson))
    )
    units = _units(facts.kinds, people, records)
    figures = [
        *of_people(people, units, day),
        *of_meetings(meetings, facts.kinds),
        *of_attendance(meetings, records),
        *of_study(leaves, quizzes, lessons, len(facts.quizzes)),
    ]
    return AnnualReport(
        facts.year,
        day,
        {one.name: one for one in figures},
        people,
        units,
        meetings,
        records,
        leaves,
        quizzes,
        lessons,
        facts.kinds,
        _months(meetings, records),
        _notes(facts),
    )


def _people(facts: YearFacts, day: date) -> tuple[PersonRow, ...]:
    rows = [
        PersonRow(one.login, one.name, one.unit_on(day), cohorts)
        for one in facts.people
        if (cohorts := one.cohorts_on(day))
    ]

    def place(row: PersonRow) -> tuple[str, str, str]:
        # Those without a unit come last.
        return facts.kinds[row.unit] if row.unit else "\uffff", row.unit or "", row.login

    return tuple(sorted(rows, key=place))


def _units(
    kinds: Mapping[str, str], people: Sequence[PersonRow], records: Sequence[Record]
) -> tuple[UnitRow, ...]:
    rows = []
    for name in sorted(kinds, key=lambda one: (kinds[one], one)):
        members = sum(one.unit == name for one in people)
        expected = [one for one in records if one.unit == name and one.expected]
        there = sum(was_there(one.status) for one in expected)
        if members or expected:
            rows.append(UnitRow(name, kinds[name], members, len(expected), there))
    return tuple(rows)


def _months(meetings: Iterable[Meeting], records: Iterable[Record]) -> tuple[Month, ...]:
    """Those with somebody expected."""
    month = {one.id: one.day.month for one in meetings}
    counted: dict[int, list[bool]] = {}
    for record in records:
        if record.expected:
            counted.setdefault(month[record.meeting], []).append(was_there(record.status))
    return tuple(Month(one, len(there), sum(there)) for one, there in sorted(counted.items()))


def _notes(facts: YearFacts) -> tuple[str, ...]:
    notes = []
    if facts.day < date(facts.year, 12, 31):
        notes.append(f"{facts.year} 年还没有过完，人数按今天算，其他数字到今天为止。")
    if facts.unclosed:
        notes.append(f"还有 {facts.unclosed} 场活动没有结束登记，没有算进去。")
    if facts.unsettled:
        notes.append(f"现场登记的 {facts.unsettled} 人次还没有对上名册，没有算进去。")
    return tuple(notes)
