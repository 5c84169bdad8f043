"""A town with a study meeting: people of two units, trainers who serve one each, and the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.activity_plan import Plan
from lawlab.domain.attendance import Rules
from lawlab.services.activities import plan_activity
from lawlab.services.sessions import Caller
from lawlab.store.people import person_by_login, roles_of
from lawlab.store.tables import (
    CohortMembership,
    Person,
    Role,
    TrainerUnit,
    Unit,
    UnitMembership,
)

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE, VILLAGE = "司法所", "河口村"
SECRET = "only for tests"
RULES = Rules()


def at(text: str) -> dt.datetime:
    """ "2022-12-05 09:15:00", as the clock in the hall shows it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def make_town(session: Session, now: dt.datetime, staff: int = 4, villagers: int = 3) -> None:
    """s001…, v001…; t01 serves the whole town, t02 the office, t03 the village; admin."""
    units = {
        "s": Unit(name=OFFICE, kind="department"),
        "v": Unit(name=VILLAGE, kind="village"),
    }
    session.add_all(units.values())
    logins = [f"s{n:03}" for n in range(1, staff + 1)] + [
        f"v{n:03}" for n in range(1, villagers + 1)
    ]
    for login in logins:
        word, cohort = {"s": ("干部", "staff"), "v": ("明白人", "villager")}[login[0]]
        person = _person(login, word + login[1:], "learner", now)
        person.phone = f"1390000{int(login[1:]):04}"
        since = dt.date(2022, 1, 1)
        person.units = [UnitMembership(unit=units[login[0]], since=since)]
        person.cohorts = [CohortMembership(cohort=cohort, since=since)]
        session.add(person)
    trainers = {
        login: _person(login, f"教员{login[1:]}", "trainer", now) for login in ("t01", "t02", "t03")
    }
    session.add_all([*trainers.values(), _person("admin", "管理员", "admin", now)])
    session.flush()
    for login, unit in (("t02", units["s"]), ("t03", units["v"])):
        session.add(TrainerUnit(person_id=trainers[login].id, unit_id=unit.id))
    session.commit()


def caller(session: Session, login: str) -> Caller:
    person = person_by_login(session, login)
    assert person is not None
    return Caller(person.id, login, person.full_name, roles_of(person))


def unit_ids(session: Session, *names: str) -> tuple[int, ...]:
    found = {unit.name: unit.id for unit in session.scalars(select(Unit))}
    return tuple(found[name] for name in names)


def meet(
    session: Session,
    starts: dt.datetime,
    *,
    units: Sequence[str] = (OFFICE, VILLAGE),
    minutes: int = 120,
    planned: dt.datetime | None = None,
    by: str = "t01",
    **facts: Any,
) -> int:
    """A meeting in the hall that starts at `starts`; its number."""
    plan = Plan(
        title=facts.pop("title", "反诈学习会"),
        phase=facts.pop("phase", "learn"),
        place=facts.pop("place", "三楼会议室"),
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=minutes),
        units=unit_ids(session, *units),
        trainers=facts.pop("trainers", ("t01",)),
        **facts,
    )
    planned = planned or starts - dt.timedelta(days=1)
    [made] = plan_activity(session, plan, caller(session, by), planned, ZONE)
    return made


def _person(login: str, name: str, role: str, now: dt.datetime) -> Person:
    person = Person(login=login, full_name=name, created_at=now, password_hash="x")
    person.roles = [Role(role=role)]
    return person
