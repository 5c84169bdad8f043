"""Queries for contests: the row, what happened in it, who is expected, what was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.contest_events import Did, Event
from lawlab.domain.contest_script import Script
from lawlab.errors import NotFound
from lawlab.store.tables import (
    Answer,
    CohortMembership,
    Contest,
    ContestEvent,
    Person,
    Unit,
    UnitMembership,
)

A_DAY = dt.timedelta(days=1)


MOST_ID = 2**31 - 1
"""An address may name any number; PostgreSQL refuses to be asked for a greater one."""


@dataclass(frozen=True)
class Card:
    """Somebody in a contest, with his unit on its day."""

    id: int
    login: str
    name: str
    unit: str


@dataclass(frozen=True)
class StoredAnswer:
    """An answer as it was given. `turn` is the number behind the `/` of its place."""

    turn: int
    person: int
    version_id: int
    response: dict[str, Any]
    at: dt.datetime


def find_contest(session: Session, contest_id: int, *, lock: bool = False) -> Contest:
    """Raises NotFound `no_contest`."""
    known = 1 <= contest_id <= MOST_ID
    row = session.get(Contest, contest_id, with_for_update=lock or None) if known else None
    if row is None:
        raise NotFound("no_contest", "没有这场比武，请从“比武”里重新打开。")
    return row


def open_contests(session: Session) -> list[Contest]:
    """Contests that are under way, the newest first."""
    query = select(Contest).where(Contest.state == "open").order_by(Contest.id.desc())
    return list(session.scalars(query))


def items_in_contests(session: Session, now: dt.datetime) -> set[str]:
    """The questions of contests that are under way, whose keys nobody should look up meanwhile: of
    a window contest until the window closes, of another for a day, though nobody end it. What a
    rehearsal asks is asked nowhere else."""
    query = select(Contest.script, Contest.opened_at).where(
        Contest.state == "open", Contest.rehearsal.is_(False)
    )
    return {
        str(slot["item"])
        for script, opened_at in session.execute(query)
        if now < _over_at(script, opened_at)
        for one in script["rounds"]
        for slot in one["slots"]
    }


def _over_at(script: dict[str, Any], opened_at: dt.datetime) -> dt.datetime:
    window = script["window"]
    return dt.datetime.fromisoformat(window["closes_at"]) if window else opened_at + A_DAY


def events_of_contest(session: Session, contest_id: int, after: int = 0) -> list[Event]:
    """Everything that happened after an event, in order."""
    rows = session.scalars(
        select(ContestEvent)
        .where(ContestEvent.contest_id == contest_id, ContestEvent.seq > after)
        .order_by(ContestEvent.seq)
        .execution_options(populate_existing=True)
    )
    return [Event(row.seq, Did(row.kind), row.at, row.by, row.data) for row in rows]


def contest_standing(session: Session, contest_id: int) -> tuple[int, str, int] | None:
    """Number of the newest event, state and revision: whether a contest was changed elsewhere. None
    for a draft that was deleted."""
    newest = select(func.max(ContestEvent.seq)).where(ContestEvent.contest_id == contest_id)
    row = session.execute(
        select(newest.scalar_subquery(), Contest.state, Contest.revision).where(
            Contest.id == contest_id
        )
    ).one_or_none()
    return (row[0] or 0, row[1], row[2]) if row else None


def answers_of_contest(
    session: Session, contest_id: int, person: int | None = None
) -> list[StoredAnswer]:
    """Every answer of a contest or rehearsal, or one person's, in the order stored."""
    whose = [Answer.person_id == person] if person is not None else []
    return _answers(session, Answer.contest_id == contest_id, *whose)


def answers_of_turns(
    session: Session, contest_id: int, turns: Iterable[int], people: Collection[int] | None = None
) -> list[StoredAnswer]:
    """Everybody's answers in these turns, or those of some people, in the order stored."""
    keys = [answer_key(contest_id, turn) for turn in turns]
    whose = [Answer.person_id.in_(people)] if people is not None else []
    return _answers(session, Answer.contest_id == contest_id, Answer.key.in_(keys), *whose)


def _answers(session: Session, *which: ColumnElement[bool]) -> list[StoredAnswer]:
    rows = session.execute(
        select(
            Answer.place,
            Answer.person_id,
            Answer.item_version_id,
            Answer.response,
            Answer.received_at,
        )
        .where(*which)
        .order_by(Answer.id)
    )
    return [
        StoredAnswer(turn_of(place), person, version, response, at)
        for place, person, version, response, at in rows
    ]


def place_of(row_id: int, rehearsal: bool, turn: int) -> str:
    """Where the answers of a turn stand."""
    return f"{'rehearsal' if rehearsal else 'contest'}:{row_id}/{turn}"


def turn_of(place: str) -> int:
    return int(place.rpartition("/")[2])


def answer_key(contest_id: int, turn: int) -> str:
    """The key of everybody's answer in a turn: with the person it is unique, so nobody has two. No
    client can have made it: theirs have no such signs."""
    return f"contest:{contest_id}/{turn}"


def expected_in_contest(session: Session, script: Script, day: dt.date) -> dict[int, Card]:
    """Person → who is expected: active learners of the script's cohorts and units on a day (none
    named: of all), and the members of its teams."""
    return _cards(session, day, _expected(script, day))


def is_expected(session: Session, script: Script, day: dt.date, person: int) -> bool:
    """Whether somebody is expected; asks about nobody else."""
    query = select(Person.id).where(Person.id == person, _expected(script, day))
    return session.scalar(query) is not None


def _expected(script: Script, day: dt.date) -> ColumnElement[bool]:
    members = select(CohortMembership.person_id).where(_holds(CohortMembership, day))
    if script.cohorts:
        members = members.where(CohortMembership.cohort.in_(script.cohorts))
    wanted: ColumnElement[bool] = Person.id.in_(members)
    if script.units:
        of_units = select(UnitMembership.person_id).where(
            _holds(UnitMembership, day), UnitMembership.unit_id.in_(script.units)
        )
        wanted &= Person.id.in_(of_units)
    seated = [one for team in script.teams for one in team.members]
    return Person.active & or_(wanted, Person.id.in_(seated))


def cards_of(session: Session, people: Iterable[int], day: dt.date) -> dict[int, Card]:
    """These people with their units on a day, whoever they are."""
    return _cards(session, day, Person.id.in_(set(people)))


def people_by_logins(session: Session, logins: Collection[str]) -> dict[str, int]:
    """Sign-in name → id, of active people."""
    query = select(Person.login, Person.id).where(Person.login.in_(logins), Person.active)
    return dict(iter(session.execute(query)))


def _cards(session: Session, day: dt.date, wanted: ColumnElement[bool]) -> dict[int, Card]:
    rows = session.execute(
        select(Person.id, Person.login, Person.full_name, Unit.name)
        .outerjoin(
            UnitMembership,
            and_(UnitMembership.person_id == Person.id, _holds(UnitMembership, day)),
        )
        .outerjoin(Unit, Unit.id == UnitMembership.unit_id)
        .where(wanted)
        .order_by(Person.id, UnitMembership.since)
    )
    return {row: Card(row, login, name, unit or "") for row, login, name, unit in rows}


def _holds(
    table: type[CohortMembership] | type[UnitMembership], day: dt.date
) -> ColumnElement[bool]:
    return and_(table.since <= day, or_(table.until.is_(None), table.until > day))
