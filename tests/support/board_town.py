"""A town of two units for tests of the boards, and what its people earn."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.services.boards import board
from lawlab.services.sessions import Caller
from lawlab.store.tables import (
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


def board_town(sessions: sessionmaker[Session]) -> None:
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
