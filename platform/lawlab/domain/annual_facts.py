"""What a year's report is made of, as plain facts; nothing in them is counted yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lawlab.domain.quiz_report import ExpectedPerson


@dataclass(frozen=True)
class Membership:
    """Of a cohort or a unit; holds on every day with since <= day < until."""

    name: str
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class PersonFacts:
    """`left`: the day on which the account was disabled; None: it is in use."""

    login: str
    name: str
    cohorts: tuple[Membership, ...]
    units: tuple[Membership, ...]
    left: date | None = None

    def cohorts_on(self, day: date) -> frozenset[str]:
        """`staff` and `villager`, as far as he is in the program on that day."""
        if self.left is not None and self.left <= day:
            return frozenset()
        return frozenset(one.name for one in self.cohorts if one.holds(day))

    def unit_on(self, day: date) -> str | None:
        return next((one.name for one in reversed(self.units) if one.holds(day)), None)


@dataclass(frozen=True)
class Meeting:
    """A study meeting that is closed and not cancelled. `day` is the town's day of its start;
    without an organizer the town itself held it."""

    id: int
    title: str
    day: date
    starts: datetime
    phase: str
    online: bool
    place: str
    organizer: str | None


@dataclass(frozen=True)
class Record:
    """How one person stands at one of the meetings; `unit` is his unit on its day."""

    meeting: int
    login: str
    name: str
    unit: str | None
    expected: bool
    status: str
    way: str
    at: datetime


@dataclass(frozen=True)
class Leave:
    """A request for leave from one of the meetings. Why, the report does not tell."""

    meeting: int
    login: str
    name: str
    unit: str | None
    state: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None


@dataclass(frozen=True)
class QuizFacts:
    """A quiz whose results are released. `day`: when it was opened."""

    assignment: str
    title: str
    day: date
    people: tuple[ExpectedPerson, ...]


@dataclass(frozen=True)
class LessonFacts:
    """One lesson that one person completed. `day`: when its last card was answered."""

    login: str
    name: str
    course: str
    lesson: str
    day: date


@dataclass(frozen=True)
class YearFacts:
    """All facts of a year, those of other years left out. `today` is the town's day of the report;
    `kinds` maps every unit to `department` or `village`; `unclosed` meetings of the year and
    `unsettled` walk-ins of its meetings are not counted, and said."""

    year: int
    today: date
    kinds: Mapping[str, str]
    people: tuple[PersonFacts, ...]
    meetings: tuple[Meeting, ...]
    records: tuple[Record, ...]
    leaves: tuple[Leave, ...]
    quizzes: tuple[QuizFacts, ...]
    lessons: tuple[LessonFacts, ...]
    unclosed: int = 0
    unsettled: int = 0

    @property
    def day(self) -> date:
        """The day on which people and units count: 31 December, or today while the year runs."""
        return min(date(self.year, 12, 31), self.today)

    @property
    def empty(self) -> bool:
        return not (self.meetings or self.quizzes or self.lessons)
