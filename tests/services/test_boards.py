"""The leaderboards' kept lines: in step with whatever happens, and the same when made anew."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.board_spans import Weights, masked, spans_of, spans_on
from lawlab.errors import LawlabError, NotFound
from lawlab.services.board_keeping import bring_boards_in_step, change_rules, make_boards
from lawlab.services.board_points import points_of
from lawlab.services.boards import board
from lawlab.services.sessions import Caller
from lawlab.store.engine import writing
from lawlab.store.tables import (
    BoardChange,
    BoardGroup,
    BoardRow,
    CohortMembership,
    Person,
    Role,
    Score,
    Unit,
    UnitMembership,
)

NOW = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)  # a Thursday at noon in the town
SINCE = dt.date(2026, 1, 1)
PHASES = ("learn", "drill", "compete")
TABLES = (BoardRow, BoardGroup)


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Two units; three of the staff, two villagers, of whom one is staff too."""
    with sessions() as session:
        units = [Unit(name="党政办", kind="department"), Unit(name="甲村", kind="village")]
        who = {"s001": ("staff",), "s002": ("staff",), "v001": ("villager",)}
        who |= {"v002": ("villager", "staff")}
        for login, cohorts in who.items():
            person = Person(login=login, full_name=f"学员{login[1:]}", created_at=NOW)
            person.roles = [Role(role="learner")]
            person.units = [UnitMembership(unit=units[login[0] == "v"], since=SINCE)]
            person.cohorts = [CohortMembership(cohort=one, since=SINCE) for one in cohorts]
            session.add(person)
        session.commit()
    return sessions


def caller(session: Session, login: str, *roles: str) -> Caller:
    person = session.scalars(select(Person).where(Person.login == login)).one()
    return Caller(person.id, login, person.full_name, frozenset(roles or ("learner",)))


def earn(
    session: Session, login: str, points: float, *, source: str = "lesson:a/b",
    phase: str = "learn", at: dt.datetime = NOW,
) -> None:  # fmt: skip
    person = caller(session, login).person_id
    row = session.get(Score, (person, source))
    if row is None:
        row = Score(person_id=person, source=source, phase=phase)
        session.add(row)
    row.points, row.changed_at = points, at
    session.commit()


def lines(session: Session) -> list[tuple[object, ...]]:
    """Every kept line and sum."""
    return sorted(
        tuple(str(getattr(row, column.name)) for column in table.__table__.columns)
        for table in TABLES
        for row in session.scalars(select(table).execution_options(populate_existing=True))
    )


def shown(session: Session, group: str, span: str = "all", phase: str = "total") -> list[object]:
    rows = board(session, caller(session, "s001"), NOW, group, span, phase)["rows"]
    return [(row.get("name") or row["unit"], row["points"], row["rank"]) for row in rows]


def test_spans_are_the_towns_days_weeks_and_years() -> None:
    day = dt.date(2026, 11, 26)
    assert spans_on(day) == {"day": "2026-11-26", "week": "2026-W48", "year": "2026", "all": "all"}
    assert spans_of(dt.date(2026, 11, 23), day) == ["2026-W48", "2026", "all"]
    assert spans_of(dt.date(2026, 11, 22), day) == ["2026", "all"]
    assert spans_of(dt.date(2025, 12, 31), day) == ["all"]
    # The first days of January may belong to the last week of the year before.
    assert spans_of(dt.date(2026, 12, 31), dt.date(2027, 1, 2)) == ["2026-W53", "all"]


def test_a_board_is_of_a_span_and_a_phase(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 5)
        earn(session, "s001", 80, source="contest:1", phase="compete", at=NOW - dt.timedelta(3))
        earn(session, "s002", 7, at=NOW - dt.timedelta(days=10))
        earn(session, "v001", 9, source="drill:day/2026-11-26", phase="drill")
        assert shown(session, "staff") == [("学员001", 85.0, 1), ("学员002", 7.0, 2)]
        assert shown(session, "staff", "week") == [("学员001", 85.0, 1)]
        assert shown(session, "staff", "day") == [("学员001", 5.0, 1)]
        assert shown(session, "staff", "year", "learn") == [
            ("学员002", 7.0, 1),
            ("学员001", 5.0, 2),
        ]
        assert shown(session, "villager", "day", "drill") == [("学员001", 9.0, 1)]
        assert shown(session, "unit") == [("党政办", 46.0, 1), ("甲村", 4.5, 2)]
        assert shown(session, "cohort") == [("干部职工", 30.67, 1), ("法律明白人", 4.5, 2)]
        # A day's points are the day's only.
        later = board(session, caller(session, "s001"), NOW + dt.timedelta(days=1), "staff", "day")
        assert later["rows"] == []


def test_the_towns_weights_and_masks_hold(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 10)
        earn(session, "s002", 6, source="contest:1", phase="compete")
        assert shown(session, "staff") == [("学员001", 10.0, 1), ("学员002", 6.0, 2)]
        change_rules(session, Weights(1, 1, 2), True, "t01", NOW)
        assert shown(session, "staff") == [("学＊＊", 12.0, 1), ("学员001", 10.0, 2)]
        found = board(session, caller(session, "s001"), NOW, "staff")
        assert [row["login"] for row in found["rows"]] == [None, "s001"]
        trainer = caller(session, "s001", "trainer")
        names = [row["name"] for row in board(session, trainer, NOW, "staff")["rows"]]
        assert names == ["学员002", "学员001"]
        for wrong in (Weights(-1, 1, 1), Weights(0, 0, 0), Weights(1, 1, 99)):
            with pytest.raises(LawlabError, match="权重"):
                change_rules(session, wrong, False, "t01", NOW)
    assert masked("王") == "王＊"
    assert masked("欧阳某某") == "欧＊＊"


def test_what_earned_the_points_is_told_to_whom_it_concerns(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 10)
        earn(session, "s001", 4.7, source="drill:day/2026-11-26", phase="drill")
        me, other = caller(session, "s001"), caller(session, "s002")
        bring_boards_in_step(session, NOW)
        mine = points_of(session, me, me.person_id, "day", NOW)
        titles = [(one["title"], one["points"]) for one in mine["sources"]]
        assert titles == [("每日一练", 4.7), ("课时", 10.0)]
        told = points_of(session, other, me.person_id, "all", NOW)
        assert told["sources"] is None
        assert [one["points"] for one in told["phases"]] == [10.0, 4.7, 0.0]
        with pytest.raises(NotFound):  # whoever stands on no board is not told of
            points_of(session, me, other.person_id, "all", NOW)
        # Whoever stands on the board of one phase only is told of, whatever that phase weighs.
        change_rules(session, Weights(0, 0, 1), False, "t01", NOW)
        assert board(session, other, NOW, "staff", phase="learn")["rows"][0]["points"] == 10.0
        assert points_of(session, other, me.person_id, "all", NOW)["sources"] is None
        trainer = caller(session, "s002", "trainer")
        assert len(points_of(session, trainer, me.person_id, "all", NOW)["sources"]) == 2


@pytest.mark.parametrize("seed", range(3))
def test_kept_lines_are_those_made_anew(town: sessionmaker[Session], seed: int) -> None:
    chance = random.Random(seed)
    now = NOW
    with town() as session:
        for _ in range(40):
            now += dt.timedelta(hours=chance.choice((0, 1, 30)))
            happen(session, chance, now)
            if chance.random() < 0.6:
                bring_boards_in_step(session, now)
                assert session.scalar(select(func.count()).select_from(BoardChange)) == 0
        bring_boards_in_step(session, now)
        kept = lines(session)
        assert make_boards(session, now) == 0
        assert lines(session) == kept
        for table in TABLES:
            session.execute(delete(table))
        session.commit()
        assert make_boards(session, now) > 0
        assert lines(session) == kept


def happen(session: Session, chance: random.Random, now: dt.datetime) -> None:
    """Somebody earns or loses something, moves, comes, goes; or the town counts otherwise."""
    login = chance.choice(("s001", "s002", "v001", "v002"))
    kind = chance.choice(("earn",) * 6 + ("drop", "move", "leave", "join", "disable", "rules"))
    person = session.scalars(select(Person).where(Person.login == login)).one()
    today = now.date()
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


def test_opening_a_board_counts_no_answers_and_no_scores(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 10)
        bring_boards_in_step(session, NOW)
        said: list[str] = []
        event.listen(
            session.get_bind(), "before_cursor_execute", lambda *about: said.append(about[2])
        )
        for group in ("staff", "villager", "unit", "cohort"):
            for span in ("day", "week", "year", "all"):
                board(session, caller(session, "s001"), NOW, group, span)
        assert len(said) > 16
        for statement in said:
            assert "FROM scores" not in statement
            assert "FROM answers" not in statement
