"""Who was there how often: over a year, of one person, of one unit. Rates count only activities
that are closed and not cancelled, and of these only those at which somebody was expected."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Rate, Rules, falls_behind, rate, was_there
from lawlab.errors import NotFound
from lawlab.services.attendance_events import SYSTEM
from lawlab.store.attendance import activities_between, year_span, years_with_activities
from lawlab.store.tables import (
    Activity,
    Attendance,
    AttendanceEvent,
    CohortMembership,
    Person,
    Unit,
    UnitMembership,
)

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Mark:
    """How one person stands at one activity. `unit_id` is his unit on its day."""

    activity_id: int
    person_id: int
    unit_id: int | None
    expected: bool
    status: str


@dataclass(frozen=True)
class PersonLine:
    """One person over the year, with his unit of its end (or of today)."""

    person_id: int
    login: str
    name: str
    unit: str | None
    cohorts: tuple[str, ...]
    active: bool
    rate: Rate
    counts: Mapping[str, int]
    """Status → how often."""

    @property
    def behind(self) -> bool:
        return falls_behind(self.rate)


@dataclass(frozen=True)
class UnitLine:
    """One unit over the year: of those who belonged to it on the day of each activity. `unit_id`
    None: of those who had no unit."""

    unit_id: int | None
    unit: str | None
    kind: str | None
    members: int
    """Now, or at the year's end."""
    rate: Rate


@dataclass(frozen=True)
class ActivityLine:
    """One activity of the year. Counts of one that is not closed are of those who stand in it."""

    activity: Activity
    expected: int
    there: int


@dataclass
class Year:
    """Everything said of a year's activities that were not cancelled, read at once."""

    year: int
    years: list[int]
    activities: list[Activity]
    marks: list[Mark]
    people: dict[int, Person]
    units: dict[int, Unit]
    unit_of: dict[int, int]
    """Person → unit, on `day`."""
    cohorts: dict[int, tuple[str, ...]]
    day: dt.date
    rules: dict[int, Rules] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = {one.id: Rules.from_json(one.rules) for one in self.activities}

    @cached_property
    def closed(self) -> frozenset[int]:
        return frozenset(one.id for one in self.activities if one.closed_at)

    @cached_property
    def counted(self) -> list[Mark]:
        """The marks that rates are made of."""
        return [mark for mark in self.marks if mark.expected and mark.activity_id in self.closed]

    def rate(self, marks: Iterable[Mark]) -> Rate:
        return rate([(mark.status, self.rules[mark.activity_id]) for mark in marks])

    @cached_property
    def person_lines(self) -> list[PersonLine]:
        """Everybody who was expected, and everybody who would be now; by unit and sign-in name."""
        own = _grouped(self.counted, lambda mark: mark.person_id)
        now = {one.id for one in self.people.values() if one.active and self.cohorts.get(one.id)}
        lines = [self.person_line(person, own.get(person, [])) for person in now | set(own)]
        return sorted(lines, key=lambda line: (line.unit is None, line.unit or "", line.login))

    def person_line(self, person_id: int, counted: list[Mark]) -> PersonLine:
        person = self.people[person_id]
        counts: dict[str, int] = defaultdict(int)
        for mark in counted:
            counts[mark.status] += 1
        unit = self.unit_of.get(person_id)
        return PersonLine(
            person_id,
            person.login,
            person.full_name,
            None if unit is None else self.units[unit].name,
            self.cohorts.get(person_id, ()),
            person.active,
            self.rate(counted),
            dict(counts),
        )

    @cached_property
    def behind(self) -> list[PersonLine]:
        """Who is there too rarely, the rarest first; nobody who is disabled."""
        found = [line for line in self.person_lines if line.behind and line.active]
        return sorted(found, key=lambda line: (line.rate.share, line.login))

    @cached_property
    def unit_lines(self) -> list[UnitLine]:
        """Units with members or with marks of theirs, by kind and name; without a unit last."""
        own = _grouped(self.counted, lambda mark: mark.unit_id)
        members: dict[int | None, int] = defaultdict(int)
        for person in self.people.values():
            if person.active and self.cohorts.get(person.id) and person.id in self.unit_of:
                members[self.unit_of[person.id]] += 1
        lines = []
        for unit in set(own) | set(members):
            known = self.units[unit] if unit is not None else None
            lines.append(
                UnitLine(
                    unit,
                    known.name if known else None,
                    known.kind if known else None,
                    members[unit],
                    self.rate(own.get(unit, [])),
                )
            )
        return sorted(lines, key=lambda line: (line.kind or "~", line.unit or ""))

    @cached_property
    def activity_lines(self) -> list[ActivityLine]:
        expected = [mark for mark in self.marks if mark.expected]
        own = _grouped(expected, lambda mark: mark.activity_id)
        return [
            ActivityLine(
                one,
                len(own.get(one.id, [])),
                sum(was_there(mark.status) for mark in own.get(one.id, [])),
            )
            for one in self.activities
        ]


@dataclass(frozen=True)
class PersonMark:
    """How one person stands at one activity, and by whose word."""

    activity: Activity
    mark: Mark
    way: str
    at: dt.datetime
    by: str
    """Name of who said it; empty: the platform, at the close."""
    reason: str


@dataclass(frozen=True)
class PersonRecord:
    year: Year
    line: PersonLine
    marks: list[PersonMark]


@dataclass(frozen=True)
class UnitRecord:
    """Rates of the people count only what they did as members of the unit."""

    year: Year
    line: UnitLine
    people: list[PersonLine]
    activities: list[tuple[Activity, Rate]]


def year_sheet(session: Session, year: int, now: dt.datetime, zone: dt.tzinfo) -> Year:
    """A year of attendance; the number of queries does not grow with people or activities."""
    since, until = year_span(year, zone)
    activities = [one for one in activities_between(session, since, until) if not one.cancelled_at]
    day = min(now.astimezone(zone).date(), dt.date(year, 12, 31))
    return Year(
        year,
        years_with_activities(session, zone, year),
        activities,
        _marks(session, since, until),
        {one.id: one for one in session.scalars(select(Person))},
        {one.id: one for one in session.scalars(select(Unit))},
        _units(session, day),
        _cohorts(session, day),
        day,
    )


def person_record(
    session: Session, login: str, year: int, now: dt.datetime, zone: dt.tzinfo
) -> PersonRecord:
    """One person's year, activity by activity. Raises NotFound `no_person`."""
    sheet = year_sheet(session, year, now, zone)
    person = next((one for one in sheet.people.values() if one.login == login), None)
    if person is None:
        raise NotFound("no_person", f"没有登录名是“{login[:40]}”的人，请从考勤的人员表里打开。")
    rows = session.execute(
        select(Attendance, AttendanceEvent)
        .join(AttendanceEvent, AttendanceEvent.id == Attendance.event_id)
        .where(Attendance.person_id == person.id)
    )
    found = {row.activity_id: (row, event) for row, event in rows}
    names = {one.login: one.full_name for one in sheet.people.values()} | {SYSTEM: ""}
    marks = [
        PersonMark(one, _mark(row), row.way, row.at, names.get(event.by, event.by), event.reason)
        for one in sheet.activities
        if one.id in found
        for row, event in [found[one.id]]
    ]
    counted = [mark for mark in sheet.counted if mark.person_id == person.id]
    return PersonRecord(sheet, sheet.person_line(person.id, counted), marks)


def unit_record(
    session: Session, name: str, year: int, now: dt.datetime, zone: dt.tzinfo
) -> UnitRecord:
    """One unit's year. Raises NotFound `no_unit`."""
    sheet = year_sheet(session, year, now, zone)
    unit = next((one for one in sheet.units.values() if one.name == name), None)
    if unit is None:
        raise NotFound("no_unit", f"没有叫“{name[:40]}”的单位，请从考勤的单位表里打开。")
    counted = [mark for mark in sheet.counted if mark.unit_id == unit.id]
    line = next((one for one in sheet.unit_lines if one.unit_id == unit.id), None)
    own, held = (
        _grouped(counted, lambda mark: mark.person_id),
        _grouped(counted, lambda mark: mark.activity_id),
    )
    members = {person for person, at in sheet.unit_of.items() if at == unit.id}
    now_in = {one for one in members if sheet.people[one].active and sheet.cohorts.get(one)}
    people = [sheet.person_line(person, own.get(person, [])) for person in now_in | set(own)]
    return UnitRecord(
        sheet,
        line or UnitLine(unit.id, unit.name, unit.kind, 0, rate([])),
        sorted(people, key=lambda one: one.login),
        [(one, sheet.rate(held[one.id])) for one in sheet.activities if one.id in held],
    )


def _marks(session: Session, since: dt.datetime, until: dt.datetime) -> list[Mark]:
    rows = session.execute(
        select(
            Attendance.activity_id,
            Attendance.person_id,
            Attendance.unit_id,
            Attendance.expected,
            Attendance.status,
        )
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(
            Activity.starts_at >= since, Activity.starts_at < until, Activity.cancelled_at.is_(None)
        )
    )
    return [Mark(*row) for row in rows]


def _mark(row: Attendance) -> Mark:
    return Mark(row.activity_id, row.person_id, row.unit_id, row.expected, row.status)


def _units(session: Session, day: dt.date) -> dict[int, int]:
    rows = session.execute(
        select(UnitMembership.person_id, UnitMembership.unit_id)
        .where(UnitMembership.since <= day)
        .where(UnitMembership.until.is_(None) | (UnitMembership.until > day))
        .order_by(UnitMembership.since)
    )
    return dict(rows.all())


def _cohorts(session: Session, day: dt.date) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(CohortMembership.person_id, CohortMembership.cohort)
        .where(CohortMembership.since <= day)
        .where(CohortMembership.until.is_(None) | (CohortMembership.until > day))
        .order_by(CohortMembership.cohort)
    )
    found: dict[int, tuple[str, ...]] = {}
    for person, cohort in rows:
        found[person] = (*found.get(person, ()), cohort)
    return found


def _grouped(marks: Iterable[Mark], key: Callable[[Mark], Key]) -> dict[Key, list[Mark]]:
    found: dict[Key, list[Mark]] = defaultdict(list)
    for mark in marks:
        found[key(mark)].append(mark)
    return dict(found)
