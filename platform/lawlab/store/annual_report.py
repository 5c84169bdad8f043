"""Reads the facts of a year's report, in a few queries whatever the number of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from lawlab.domain.annual_facts import Leave, Meeting, Membership, PersonFacts, Record
from lawlab.domain.statute import CHINA_TIME
from lawlab.store.people import all_people
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    Activity,
    Answer,
    Attendance,
    Course,
    ItemVersion,
    LeaveRequest,
    LessonVersion,
    Person,
    Quiz,
    Score,
    Unit,
    WalkIn,
)

LESSON = "lesson:"


@dataclass(frozen=True)
class Completed:
    """One lesson that one person has completed, of whatever year. `at`: the first answer to the
    card that he answered last."""

    person_id: int
    place: str
    at: dt.datetime


def people_facts(session: Session) -> tuple[PersonFacts, ...]:
    """Everybody, whoever has left too."""
    return tuple(
        PersonFacts(
            person.login,
            person.full_name,
            tuple(Membership(one.cohort, one.since, one.until) for one in person.cohorts),
            tuple(
                Membership(one.unit.name, one.since, one.until)
                for one in sorted(person.units, key=lambda one: (one.since, one.id))
            ),
            _left(person),
        )
        for person in all_people(session)
    )


def meetings_of(session: Session, year: int) -> tuple[Meeting, ...]:
    """The year's activities that are closed and not cancelled."""
    query = select(Activity).where(*_counted(year)).options(joinedload(Activity.organizer))
    return tuple(
        Meeting(
            one.id,
            one.title,
            china_day(one.starts_at),
            one.starts_at,
            one.phase,
            one.online,
            one.place,
            one.organizer.name if one.organizer else None,
        )
        for one in session.scalars(query.order_by(Activity.starts_at, Activity.id))
    )


def records_of(session: Session, year: int) -> tuple[Record, ...]:
    """How everybody stands at these activities."""
    rows = session.execute(
        select(Attendance, Person.login, Person.full_name, Unit.name)
        .join(Activity, Activity.id == Attendance.activity_id)
        .join(Person, Person.id == Attendance.person_id)
        .outerjoin(Unit, Unit.id == Attendance.unit_id)
        .where(*_counted(year))
    )
    return tuple(
        Record(row.activity_id, login, name, unit, row.expected, row.status, row.way, row.at)
        for row, login, name, unit in rows
    )


def leaves_of(session: Session, year: int) -> tuple[Leave, ...]:
    """All requests for leave from these activities; the unit is the one on their day."""
    rows = session.execute(
        select(LeaveRequest, Person.login, Person.full_name, Unit.name)
        .join(Activity, Activity.id == LeaveRequest.activity_id)
        .join(Person, Person.id == LeaveRequest.person_id)
        .outerjoin(
            Attendance,
            (Attendance.activity_id == LeaveRequest.activity_id)
            & (Attendance.person_id == LeaveRequest.person_id),
        )
        .outerjoin(Unit, Unit.id == Attendance.unit_id)
        .where(*_counted(year))
        .order_by(LeaveRequest.id)
    )
    return tuple(
        Leave(
            row.activity_id,
            login,
            name,
            unit,
            row.state,
            row.asked_at,
            row.decided_at,
            row.decided_by,
        )
        for row, login, name, unit in rows
    )


def unclosed_and_unsettled(session: Session, year: int, now: dt.datetime) -> tuple[int, int]:
    """How many of the year's activities are past and still to be closed, and how many walk-ins of
    its closed ones nobody has matched with a person."""
    unclosed = select(func.count(Activity.id)).where(
        *_begins_in(Activity.starts_at, year),
        Activity.ends_at <= now,
        Activity.cancelled_at.is_(None),
        Activity.closed_at.is_(None),
    )
    unsettled = (
        select(func.count(WalkIn.id))
        .join(Activity, Activity.id == WalkIn.activity_id)
        .where(*_counted(year), WalkIn.settled_at.is_(None))
    )
    return session.scalar(unclosed) or 0, session.scalar(unsettled) or 0


def quizzes_of(session: Session, year: int) -> list[Quiz]:
    """Quizzes opened in the year whose results are released, mock exams left out."""
    query = (
        select(Quiz)
        .where(Quiz.state == "released", *_begins_in(Quiz.opened_at, year))
        .order_by(Quiz.opened_at, Quiz.assignment)
    )
    return [quiz for quiz in session.scalars(query) if not quiz.blueprint.get("mock", False)]


def completed_lessons(session: Session) -> list[Completed]:
    """Every lesson that somebody has completed."""
    first = (
        select(
            Answer.person_id,
            Answer.place,
            ItemVersion.item,
            func.min(Answer.received_at).label("at"),
        )
        .join(ItemVersion, ItemVersion.id == Answer.item_version_id)
        .where(Answer.place.startswith(LESSON))
        .group_by(Answer.person_id, Answer.place, ItemVersion.item)
        .subquery()
    )
    rows = session.execute(
        select(first.c.person_id, first.c.place, func.max(first.c.at))
        .join(Score, (Score.person_id == first.c.person_id) & (Score.source == first.c.place))
        .where(Score.completed)
        .group_by(first.c.person_id, first.c.place)
        .order_by(first.c.person_id, first.c.place)
    )
    return [Completed(*row) for row in rows]


def names_of(session: Session, people: Collection[int]) -> dict[int, tuple[str, str]]:
    """Person → sign-in name and name."""
    rows = session.execute(
        select(Person.id, Person.login, Person.full_name).where(Person.id.in_(people))
    )
    return {row: (login, name) for row, login, name in rows}


def lesson_titles(session: Session) -> dict[str, tuple[str, str]]:
    """Place → title of the course and of the lesson's newest version."""
    rows = session.execute(
        select(Course.slug, LessonVersion.lesson, Course.title, LessonVersion.title)
        .join(Course, Course.slug == LessonVersion.course_slug)
        .order_by(LessonVersion.version)
    )
    return {f"{LESSON}{slug}/{lesson}": (course, title) for slug, lesson, course, title in rows}


def years_of_activities_and_quizzes(session: Session) -> set[int]:
    """The years in which something lies that a report counts, lessons left aside."""
    starts = select(Activity.starts_at).where(
        Activity.closed_at.is_not(None), Activity.cancelled_at.is_(None)
    )
    opened = select(Quiz.opened_at, Quiz.blueprint).where(
        Quiz.state == "released", Quiz.opened_at.is_not(None)
    )
    days = [
        *session.scalars(starts),
        *(at for at, plan in session.execute(opened) if not plan.get("mock", False)),
    ]
    return {china_day(at).year for at in days}


def _left(person: Person) -> dt.date | None:
    if person.active:
        return None
    # Disabled before anybody noted when: he counts for no day.
    return china_day(person.disabled_at) if person.disabled_at else dt.date.min


def _counted(year: int) -> tuple[ColumnElement[bool], ...]:
    return (
        *_begins_in(Activity.starts_at, year),
        Activity.closed_at.is_not(None),
        Activity.cancelled_at.is_(None),
    )


def _begins_in(column: InstrumentedAttribute[Any], year: int) -> tuple[ColumnElement[bool], ...]:
    first, after = (dt.datetime(one, 1, 1, tzinfo=CHINA_TIME) for one in (year, year + 1))
    return column >= first, column < after
