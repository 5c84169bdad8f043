"""Whatever is said of people in whatever order, what is kept equals what the events give."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from meetings import at, caller, make_town, meet
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.attendance import Kind, Status, Way
from lawlab.services.attendance_events import (
    Saying,
    close_activity,
    recompute_attendance,
    say,
    score_source,
)
from lawlab.store.attendance import find_activity
from lawlab.store.engine import writing
from lawlab.store.tables import Attendance, Score

START = at("2022-12-05 09:00:00")
LOGINS = ("s001", "s002", "v001", "t01")


def kept(session: Session) -> dict[tuple[int, int], tuple[str, bool, float]]:
    points = {
        (score.source, score.person_id): score.points for score in session.scalars(select(Score))
    }
    rows = session.scalars(select(Attendance)).all()
    # Nobody has points without standing.
    assert {key for key, value in points.items() if value} <= {
        (score_source(row.activity_id), row.person_id) for row in rows
    }
    return {
        (row.activity_id, row.person_id): (
            row.status,
            row.expected,
            points.get((score_source(row.activity_id), row.person_id), 0.0),
        )
        for row in rows
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_what_the_events_say(sessions: sessionmaker[Session], seed: int) -> None:
    chance = random.Random(seed)
    with sessions() as session:
        make_town(session, START - dt.timedelta(days=30))
        people = {login: caller(session, login).person_id for login in LOGINS}
        activity = meet(session, START)
        for step in range(25):
            now = START + dt.timedelta(minutes=step)
            if step == chance.choice((9, 14, 20)):
                close_activity(session, activity, now, "t01")
                continue
            kind = chance.choice([Kind.CHECK_IN, Kind.MARK, Kind.UNMARK, Kind.LEAVE])
            status: str | None = chance.choice(list(Status)).value
            if kind is Kind.UNMARK or (kind is Kind.LEAVE and chance.random() < 0.5):
                status = None
            writing(session)
            found = find_activity(session, activity, lock=True)
            person = people[chance.choice(LOGINS)]
            key = f"key:{step if chance.random() < 0.8 else step - 1}"
            say(session, found, Saying(person, key, kind, status, Way.LIST, now, "t01"), now)
            session.commit()
        assert kept(session) == recompute_attendance(session)
        session.rollback()
