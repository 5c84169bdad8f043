"""The leaderboards' kept lines: in step with whatever happens, and the same when made anew."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from board_town import NOW, PHASES, TABLES, board_town, caller, earn, lines, shown
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.board_spans import Weights
from lawlab.services import board_keeping
from lawlab.services.board_keeping import bring_boards_in_step, change_rules, make_boards
from lawlab.services.boards import board
from lawlab.store.engine import writing
from lawlab.store.tables import (
    BoardChange,
    CohortMembership,
    Person,
    Score,
    Unit,
    UnitMembership,
)


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    board_town(sessions)
    return sessions


def test_a_new_day_makes_only_those_anew_who_come_or_leave_with_it(
    town: sessionmaker[Session],
) -> None:
    tomorrow = NOW + dt.timedelta(days=1)
    with town() as session:
        for login in ("s001", "s002", "v001"):
            earn(session, login, 8)
        person = session.scalars(select(Person).where(Person.login == "s002")).one()
        person.cohorts[0].until = tomorrow.date()
        session.commit()
        assert shown(session, "staff", "week") == [("学员001", 8.0, 1), ("学员002", 8.0, 1)]
        made = len(lines(session))
        assert 0 < bring_boards_in_step(session, tomorrow) < made / 2
        # Who asked just before midnight and comes just after it undoes nothing.
        assert bring_boards_in_step(session, NOW) == 0
        earn(session, "s001", 1, source="lesson:a/c", at=tomorrow)
        bring_boards_in_step(session, NOW)
        days = [row["points"] for row in at(session, tomorrow, "day")]
        assert days == [1.0]
        assert [row["name"] for row in at(session, tomorrow, "week")] == ["学员001"]
        kept = lines(session)
        assert make_boards(session, tomorrow) == 0
        assert lines(session) == kept
        # What was earned just after midnight, and met the last look of the old day, counts.
        later = NOW + dt.timedelta(days=9)
        bring_boards_in_step(session, later - dt.timedelta(days=1))
        earn(session, "s001", 2, source="lesson:a/d", at=later)
        bring_boards_in_step(session, later - dt.timedelta(days=1))
        assert [row["points"] for row in at(session, later, "day")] == [2.0]
        # A clock that is set right again is followed.
        assert shown(session, "staff", "day") == [("学员001", 8.0, 1), ("学员002", 8.0, 1)]


def at(session: Session, now: dt.datetime, span: str) -> list[dict[str, Any]]:
    found = board(session, caller(session, "s001"), now, "staff", span)["rows"]
    return list(found)


def test_a_town_of_many_is_brought_in_step_piece_by_piece(
    town: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawlab.services.board_keeping.CHUNK", 2)
    with town() as session:
        bring_boards_in_step(session, NOW)
        for login in ("s001", "s002", "v001", "v002", "s001"):
            earn(session, login, 3, source=f"quiz:{login}")
        ended: list[object] = []
        event.listen(session, "after_commit", ended.append)
        bring_boards_in_step(session, NOW)
        assert len(ended) >= 3
        assert session.scalar(select(func.count()).select_from(BoardChange)) == 0
        assert len(shown(session, "staff")) == 3


def test_a_page_does_not_wait_for_whoever_makes_all_lines_anew(
    town: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawlab.services.board_keeping.PATIENCE_S", 0.01)
    with town() as session:
        bring_boards_in_step(session, NOW)
        earn(session, "s001", 3)
        with board_keeping._at_work:
            assert shown(session, "staff") == []
        assert shown(session, "staff") == [("学员001", 3.0, 1)]


@pytest.mark.parametrize("seed", range(3))
def test_kept_lines_are_those_made_anew(town: sessionmaker[Session], seed: int) -> None:
    chance = random.Random(seed)
    now = NOW
    with town() as session:
        seen = 0
        for step in range(40):
            now += dt.timedelta(hours=chance.choice((0, 1, 30)))
            happen(session, chance, now)
            if chance.random() < 0.6 or step % 10 == 9:
                bring_boards_in_step(session, now)
                assert session.scalar(select(func.count()).select_from(BoardChange)) == 0
            if step % 10 < 9:
                continue
            kept = lines(session)
            assert make_boards(session, now) == 0
            assert lines(session) == kept
            for table in TABLES:
                session.execute(delete(table))
            session.commit()
            make_boards(session, now)
            assert lines(session) == kept
            seen += len(kept)
        assert seen > 30


def happen(session: Session, chance: random.Random, now: dt.datetime) -> None:
    """Somebody earns or loses something, moves, comes, goes; or the town counts otherwise."""
    login = chance.choice(("s001", "s002", "v001", "v002"))
    kind = chance.choice(
        ("earn",) * 6 + ("drop", "move", "leave", *("join",) * 3, "disable", "rules")
    )
    person = session.scalars(select(Person).where(Person.login == login)).one()
    today = now.date() + dt.timedelta(days=chance.choice((0, 0, 1)))
    if kind == "earn":
        phase = chance.choice(PHASES)
        source = f"{phase}:{chance.randrange(3)}"
        earn(session, login, chance.randrange(0, 40) / 4, source=source, phase=phase, at=now)
    elif kind == "drop":
        writing(session)
        rows = session.scalars(select(Score).where(Score.person_id == person.id)).all()
        if rows:
            session.delete(chance.choice(rows))
    elif kind == "move":
        person.units[-1].until = today
        unit = chance.choice(session.scalars(select(Unit).order_by(Unit.id)).all())
        person.units.append(UnitMembership(unit=unit, since=today))
    elif kind == "leave":
        person.cohorts[-1].until = today
    elif kind == "join":
        held = {one.cohort for one in person.cohorts if one.until is None}
        if missing := sorted({"staff", "villager"} - held):
            person.cohorts.append(CohortMembership(cohort=missing[0], since=today))
    elif kind == "disable":
        person.active = not person.active
    else:
        change_rules(session, Weights(1, chance.choice((1, 2)), 1), False, "t01", now)
    session.commit()
