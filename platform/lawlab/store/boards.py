"""Queries for the boards: their lines, and what these are made of."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lawlab.domain.board_spans import Weights, earned_on
from lawlab.domain.statute import CHINA_TIME
from lawlab.store.notify import BOARD, tell
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    BoardChange,
    BoardGroup,
    BoardRow,
    BoardRules,
    CohortMembership,
    DerivedState,
    Person,
    Score,
    ScoreDay,
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


@dataclass(frozen=True)
class Made:
    """For what all lines were made: the day, and which rules (0: none)."""

    day: dt.date
    rules: int


def made_for(session: Session, *, lock: bool = False) -> Made | None:
    """None before lines were made at all. `lock` holds off whoever else brings them in step."""
    state = session.get(DerivedState, STATE, populate_existing=True, with_for_update=lock or None)
    if state is None:
        return None
    day, _, rules = state.fingerprint.partition("#")[0].partition("/")
    return Made(dt.date.fromisoformat(day), int(rules))


def mark_made(session: Session, now: dt.datetime, made: Made) -> None:
    """In the caller's transaction: for what the lines are made; the revision is another one."""
    state = session.get(DerivedState, STATE) or DerivedState(name=STATE, fingerprint="#0")
    count = int(state.fingerprint.rpartition("#")[2]) + 1
    state.fingerprint, state.at = f"{made.day}/{made.rules}#{count}", now
    session.add(state)
    tell(session, BOARD)


def pending_changes(session: Session, most: int | None = None) -> list[tuple[int, int]]:
    """Notes that are not worked off, each with its person; the oldest, at `most` so many."""
    query = select(BoardChange.id, BoardChange.person_id).order_by(BoardChange.id).limit(most)
    return [(row, person) for row, person in session.execute(query)]


def come_or_go(session: Session, before: dt.date, day: dt.date) -> set[int]:
    """Whose memberships of a cohort or a unit begin or end after `before`, up to `day`."""
    found: set[int] = set()
    for table in (CohortMembership, UnitMembership):
        turns = (and_(edge > before, edge <= day) for edge in (table.since, table.until))
        found |= set(session.scalars(select(table.person_id).where(or_(*turns))))
    return found


def earned_since(session: Session, day: dt.date) -> set[int]:
    """Who has earned something on a day or later."""
    begin = dt.datetime.combine(day, dt.time(), CHINA_TIME)
    return set(session.scalars(select(Score.person_id).where(Score.changed_at >= begin)))


@dataclass(frozen=True)
class Earned:
    """What somebody earned from one source, by day."""

    person_id: int
    source: str
    phase: str
    days: dict[dt.date, float]


def earned_by(session: Session, people: Iterable[int]) -> list[Earned]:
    """What these people earned."""
    wanted = list(people)
    parts = (ScoreDay.person_id, ScoreDay.source, ScoreDay.day, ScoreDay.points)
    earlier: dict[tuple[int, str], dict[dt.date, float]] = defaultdict(dict)
    for person, source, day, points in session.execute(
        select(*parts).where(ScoreDay.person_id.in_(wanted))
    ):
        earlier[person, source][day] = points
    whole = (Score.person_id, Score.source, Score.phase, Score.points, Score.changed_at)
    return [
        Earned(
            person,
            source,
            phase,
            earned_on(points, china_day(at), earlier.get((person, source), {})),
        )
        for person, source, phase, points, at in session.execute(
            select(*whole).where(Score.person_id.in_(wanted))
        )
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


def is_on_a_board(session: Session, person_id: int) -> bool:
    """Whether somebody has a line that others see."""
    # A phase that weighs nothing in the total has a board all the same.
    earned = or_(BoardRow.learn > 0, BoardRow.drill > 0, BoardRow.compete > 0)
    query = select(BoardRow.person_id).where(BoardRow.person_id == person_id, earned)
    return session.scalar(query.limit(1)) is not None


def rank_of(session: Session, span: str, cohort: str, phase: str, points: float) -> int:
    """One more than the number of better lines."""
    better = select(func.count()).where(
        BoardRow.span == span, BoardRow.cohort == cohort, getattr(BoardRow, phase) > points
    )
    return (session.scalar(better) or 0) + 1


@dataclass(frozen=True)
class GroupSum:
    """What a unit or cohort earned in a span and a phase, with how many are expected in it."""

    key: str
    members: int
    participants: int
    points: float


def group_sums(session: Session, span: str, kind: str, phase: str) -> list[GroupSum]:
    """All units, or both cohorts, of which somebody is expected."""
    whole = aliased(BoardGroup)
    query = (
        select(whole.key, whole.members, BoardGroup.participants, getattr(BoardGroup, phase))
        .outerjoin(
            BoardGroup,
            (BoardGroup.span == span)
            & (BoardGroup.kind == whole.kind)
            & (BoardGroup.key == whole.key),
        )
        .where(whole.span == "all", whole.kind == kind, whole.members > 0)
    )
    return [
        GroupSum(key, members, participants or 0, points or 0.0)
        for key, members, participants, points in session.execute(query)
    ]


def unit_key_of(session: Session, person_id: int, day: dt.date) -> str | None:
    """Key of the sums of somebody's unit."""
    found = expected_on(session, day, [person_id]).get(person_id)
    return str(found[1]) if found and found[1] is not None else None


def unit_names(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """Key of a unit's sums → its name."""
    ids = [int(key) for key in keys]
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids)))
    return {str(number): name for number, name in rows}


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
