"""Days of practice: kept in step with every answer, with the points they earn and the streak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from lawlab.domain.points import drill_day_points
from lawlab.domain.practice import Day, Given, day_of, goal_of, longest_streak, streak
from lawlab.domain.statute import CHINA_TIME
from lawlab.store.drill import holiday_names, newest_plan
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, DrillDay, DrillItem, ItemVersion, Mark, Person, Score

PRACTICE = "drill:"
SOURCE = "drill:day/"
"""So the sources of points begin; the day follows."""


def update_day(session: Session, person_id: int, now: dt.datetime) -> DrillDay:
    """In the caller's transaction: bring the day of `now` of one person in step with his answers,
    and its points."""
    day = china_day(now)
    figures = day_of(answers_of(session, person_id, day), goal(session))
    return _store(session, person_id, day, figures, now)


def recompute_days(session: Session, people: Iterable[int] | None = None) -> int:
    """In the caller's transaction: make the days of practice of these people (None: of everybody)
    and their points anew from the answers; returns how many rows were not as they had to be."""
    if people is None:
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
    least = goal(session)
    return sum(_recompute(session, person_id, least) for person_id in people)


def _recompute(session: Session, person_id: int, least: int) -> int:
    session.get(Person, person_id, with_for_update=True)
    before = _stored(session, person_id)
    given: dict[dt.date, list[Given]] = {}
    for one in _given(session, Answer.person_id == person_id):
        given.setdefault(china_day(one.at), []).append(one)
    for row in session.scalars(_days(person_id)):
        if row.day not in given:
            session.delete(row)
    sources = {f"{SOURCE}{day}" for day in given}
    for score in session.scalars(_scores(person_id)):
        if score.source not in sources:
            session.delete(score)
    for day, answers in given.items():
        _store(session, person_id, day, day_of(answers, least), answers[-1].at)
    session.flush()
    after = _stored(session, person_id)
    return sum(before.get(one) != after.get(one) for one in before.keys() | after.keys())


def _stored(session: Session, person_id: int) -> dict[object, tuple[object, ...]]:
    days = session.scalars(_days(person_id))
    scores = session.scalars(_scores(person_id))
    return {row.day: (row.answered, row.right, row.done_at) for row in days} | {
        score.source: (score.points, score.answered) for score in scores
    }


def _days(person_id: int) -> Select[DrillDay]:
    return select(DrillDay).where(DrillDay.person_id == person_id)


def _scores(person_id: int) -> Select[Score]:
    return select(Score).where(Score.person_id == person_id, Score.source.startswith(SOURCE))


def _store(
    session: Session, person_id: int, day: dt.date, figures: Day, now: dt.datetime
) -> DrillDay:
    row = session.get(DrillDay, (person_id, day))
    if row is None:
        row = DrillDay(person_id=person_id, day=day)
        session.add(row)
    row.answered, row.right = figures.answered, figures.right
    # A pool that has grown since takes nobody's day away.
    row.done_at = figures.done_at or row.done_at
    points = drill_day_points(row.right, row.done_at is not None)
    store_score(session, person_id, f"{SOURCE}{day}", points, now, answered=row.answered)
    session.flush()
    return row


def answers_of(session: Session, person_id: int, day: dt.date) -> list[Given]:
    """What somebody answered in practice on one of the town's days, each with its first mark."""
    first, last = bounds(day)
    return _given(
        session,
        Answer.person_id == person_id,
        Answer.received_at >= first,
        Answer.received_at < last,
    )


def _given(session: Session, *which: ColumnElement[bool]) -> list[Given]:
    rows = session.execute(
        select(Answer.id, Answer.received_at, ItemVersion.item, Mark.points, Mark.max_points)
        .join(ItemVersion, ItemVersion.id == Answer.item_version_id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(*which, Answer.place.startswith(PRACTICE))
        .order_by(Answer.id, Mark.id)
    )
    given: dict[int, Given] = {}
    for row, at, item, points, most in rows:
        given.setdefault(row, Given(at, item, points >= most))
    return list(given.values())


def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """When one of the town's days begins and when the next one does."""
    first = dt.datetime.combine(day, dt.time(), CHINA_TIME)
    return first, first + dt.timedelta(days=1)


def goal(session: Session) -> int:
    """How many different questions make a day."""
    return goal_of(session.scalar(select(func.count()).select_from(DrillItem)) or 0)


def is_done(session: Session, person_id: int, now: dt.datetime) -> bool:
    """Whether somebody has completed today's practice."""
    row = session.get(DrillDay, (person_id, china_day(now)))
    return row is not None and row.done_at is not None


def today_card(session: Session, person_id: int, now: dt.datetime) -> dict[str, Any]:
    """How far somebody is today, as pages show it."""
    day = china_day(now)
    row = session.get(DrillDay, (person_id, day))
    holidays = holiday_names(newest_plan(session))
    done = done_days(session, person_id)
    return {
        "answered": row.answered if row else 0,
        "right": row.right if row else 0,
        "goal": goal(session),
        "done": row is not None and row.done_at is not None,
        "streak": streak(done, day, holidays),
        "longest": longest_streak(done, holidays),
    }


def done_days(session: Session, person_id: int) -> set[dt.date]:
    """The days whose practice somebody completed."""
    return set(
        session.scalars(
            select(DrillDay.day).where(
                DrillDay.person_id == person_id, DrillDay.done_at.is_not(None)
            )
        )
    )


def week(session: Session, person_id: int, now: dt.datetime, days: int = 7) -> list[dict[str, Any]]:
    """The last days up to today."""
    last = china_day(now)
    return span(session, person_id, last - dt.timedelta(days=days - 1), last)


def span(session: Session, person_id: int, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """Every day from `first` to `last` with what was practised."""
    rows = session.scalars(
        select(DrillDay).where(
            DrillDay.person_id == person_id, DrillDay.day >= first, DrillDay.day <= last
        )
    )
    known = {row.day: row for row in rows}
    holidays = holiday_names(newest_plan(session))
    shown = []
    for ahead in range((last - first).days + 1):
        day = first + dt.timedelta(days=ahead)
        row = known.get(day)
        shown.append(
            {
                "day": day.isoformat(),
                "answered": row.answered if row else 0,
                "right": row.right if row else 0,
                "done": row is not None and row.done_at is not None,
                "holiday": holidays.get(day),
            }
        )
    return shown


def store_score(
    session: Session,
    person_id: int,
    source: str,
    points: float,
    now: dt.datetime,
    answered: int = 0,
) -> None:
    """In the caller's transaction: what somebody earned from one source of practice. A repeat
    changes nothing."""
    score = session.get(Score, (person_id, source))
    if score is None:
        score = Score(person_id=person_id, source=source, phase="drill", points=-1, changed_at=now)
        session.add(score)
    if (score.points, score.answered) != (points, answered):
        score.points, score.answered, score.changed_at = points, answered, now
