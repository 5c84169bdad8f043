"""Queries for the boards: their lines, and what these are made of."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import Weights
from lawlab.store.tables import (
    BoardChange,
    BoardGroup,
    BoardRow,
    BoardRules,
    CohortMembership,
    DerivedState,
    Person,
    Unit,
    UnitMembership,
)

STATE = "boards"
Expected = dict[int, tuple[tuple[str, ...], int | None]]
"""Person → his cohorts, and his unit."""


def board_rules(session: Session) -> BoardRules | None:
    """What the town decided last; None before it decided anything."""
    return session.scalars(select(BoardRules).order_by(BoardRules.id.desc()).limit(1)).first()


def weights_of(rules: BoardRules | None) -> Weights:
    return Weights(rules.learn, rules.drill, rules.compete) if rules else Weights()


def made_for(day: dt.date, rules: BoardRules | None) -> str:
    """When this differs, all lines are made anew."""
    return f"{day}/{rules.id if rules else 0}"


def is_made_for(session: Session, day: dt.date) -> bool:
    """Whether the lines are those of a day, by the rules that hold."""
    state = session.get(DerivedState, STATE)
    made = state.fingerprint.rpartition("#")[0] if state else ""
    return made == made_for(day, board_rules(session))


def pending_changes(session: Session) -> list[tuple[int, int]]:
    """Notes that are not worked off, each with its person."""
    return [
        (row, person)
        for row, person in session.execute(select(BoardChange.id, BoardChange.person_id))
    ]


def expected_on(session: Session, day: dt.date, people: Iterable[int] | None = None) -> Expected:
    """Active people who are in a cohort on a day; of these `people`, or all."""
    members = (
        select(CohortMembership.person_id, CohortMembership.cohort)
        .join(Person, Person.id == CohortMembership.person_id)
        .where(Person.active, _holds(CohortMembership, day))
    )
    units = (
        select(UnitMembership.person_id, UnitMembership.unit_id)
        .where(_holds(UnitMembership, day))
        .order_by(UnitMembership.since, UnitMembership.id)
    )
    if people is not None:
        wanted = list(people)
        members = members.where(CohortMembership.person_id.in_(wanted))
        units = units.where(UnitMembership.person_id.in_(wanted))
    cohorts: dict[int, set[str]] = defaultdict(set)
    for person, cohort in session.execute(members):
        cohorts[person].add(cohort)
    unit = dict(iter(session.execute(units)))
    return {person: (tuple(sorted(own)), unit.get(person)) for person, own in cohorts.items()}


def scores_revision(session: Session) -> str:
    """A short text that changes whenever a score does."""
    count, newest = session.execute(select(func.count(), func.max(BoardChange.id))).one()
    state = session.get(DerivedState, STATE, populate_existing=True)
    return f"{state.fingerprint if state else 0}-{count}-{newest or 0}"


def top_lines(session: Session, span: str, cohort: str, phase: str, most: int) -> list[Any]:
    """The best lines with their people: (BoardRow, sign-in name, name, unit), best first."""
    points = getattr(BoardRow, phase)
    query = (
        _lines()
        .where(BoardRow.span == span, BoardRow.cohort == cohort, points > 0)
        .order_by(points.desc(), BoardRow.person_id.desc())
        .limit(most)
    )
    return list(session.execute(query))


def own_line(session: Session, span: str, cohort: str, person_id: int) -> Any | None:
    """One person's line, as `top_lines` gives it."""
    where = (BoardRow.span == span, BoardRow.cohort == cohort, BoardRow.person_id == person_id)
    return session.execute(_lines().where(*where)).first()


def rank_of(session: Session, span: str, cohort: str, phase: str, points: float) -> int:
    """One more than the number of better lines."""
    better = select(func.count()).where(
        BoardRow.span == span, BoardRow.cohort == cohort, getattr(BoardRow, phase) > points
    )
    return (session.scalar(better) or 0) + 1


def group_sums(session: Session, span: str, kind: str) -> list[tuple[BoardGroup, int, str]]:
    """Sums of units or cohorts in a span, with how many are expected, and the unit's name."""
    names = {str(row): name for row, name in session.execute(select(Unit.id, Unit.name))}
    rows = session.scalars(
        select(BoardGroup).where(BoardGroup.span.in_([span, "all"]), BoardGroup.kind == kind)
    ).all()
    members = {row.key: row.members for row in rows if row.span == "all"}
    sums = {row.key: row for row in rows if row.span == span}
    nothing = {"participants": 0, "learn": 0.0, "drill": 0.0, "compete": 0.0, "total": 0.0}
    return [
        (
            sums.get(key) or BoardGroup(span=span, kind=kind, key=key, members=0, **nothing),
            expected,
            names.get(key, key),
        )
        for key, expected in members.items()
        if expected > 0
    ]


def _lines() -> Any:
    return (
        select(BoardRow, Person.login, Person.full_name, Unit.name)
        .join(Person, Person.id == BoardRow.person_id)
        .outerjoin(Unit, Unit.id == BoardRow.unit_id)
    )


def _holds(
    table: type[CohortMembership] | type[UnitMembership], day: dt.date
) -> ColumnElement[bool]:
    return and_(table.since <= day, or_(table.until.is_(None), table.until > day))
