"""Days of practice: kept in step with every answer, with the points they earn and the streak."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.points import drill_day_points
from lawlab.domain.practice import Day, Given, day_of, goal_of, longest_streak, streak
from lawlab.domain.statute import CHINA_TIME
from lawlab.store.drill import holiday_names, newest_plan
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, DrillDay, DrillItem, ItemVersion, Mark, Score

PRACTICE = "drill:"


def update_day(session: Session, person_id: int, now: dt.datetime) -> DrillDay:
    """In the caller's transaction: bring the day of `now` of one person in step with his answers,
    and its points."""
    day = china_day(now)
    row = session.get(DrillDay, (person_id, day))
    if row is None:
        row = DrillDay(person_id=person_id, day=day, answered=0, right=0)
        session.add(row)
    figures = day_of(answers_of(session, person_id, day), goal(session))
    # A pool that grew in the afternoon takes nobody's day away.
    row.answered, row.right = figures.answered, figures.right
    row.done_at = row.done_at or figures.done_at
    store_score(
        session,
        person_id,
        f"drill:day/{day}",
        drill_day_points(row.right, row.done_at is not None),
        now,
        answered=row.answered,
    )
    session.flush()
    return row


def answers_of(session: Session, person_id: int, day: dt.date) -> list[Given]:
    """What somebody answered in practice on one of the town's days, each with its first mark."""
    first, last = bounds(day)
    rows = session.execute(
        select(Answer.id, Answer.received_at, ItemVersion.item, Mark.points, Mark.max_points)
        .join(ItemVersion, ItemVersion.id == Answer.item_version_id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(
            Answer.person_id == person_id,
            Answer.received_at >= first,
            Answer.received_at < last,
            Answer.place.startswith(PRACTICE),
        )
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


def recompute_day(session: Session, person_id: int, day: dt.date) -> Day:
    """The figures of one day from answers alone; what `drill_days` must equal."""
    return day_of(answers_of(session, person_id, day), goal(session))


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
