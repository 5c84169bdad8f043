"""A town with two units and study activities that people come to, for tests of attendance."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.attendance import Kind, Rules, Way
from lawlab.services.attendance_events import Saying, close_activity, say_all
from lawlab.services.sessions import Caller
from lawlab.store.attendance import find_activity
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Activity,
    CohortMembership,
    Person,
    Role,
    TrainerUnit,
    Unit,
    UnitMembership,
)

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE, VILLAGE = "司法所", "河口村"
SINCE = dt.date(2021, 1, 1)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A moment of 2022 in the town."""
    return dt.datetime(2022, month, day, hour, minute, tzinfo=ZONE)


@dataclass
class Town:
    """s001 to s003 of the office, v001 to v003 of the village; t01 serves the whole town, t02 the
    village only."""

    sessions: sessionmaker[Session]
    keys: itertools.count[int] = field(default_factory=itertools.count)
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.sessions() as session:
            units = {
                "s": Unit(name=OFFICE, kind="department"),
                "v": Unit(name=VILLAGE, kind="village"),
            }
            for number, letter in enumerate("sssvvv"):
                login = f"{letter}00{number % 3 + 1}"
                name = {"s": "干部", "v": "明白人"}[letter] + login[1:]
                person = _person(login, name, f"1390000000{number + 1}")
                cohort = {"s": "staff", "v": "villager"}[letter]
                person.units = [UnitMembership(unit=units[letter], since=SINCE)]
                person.cohorts = [CohortMembership(cohort=cohort, since=SINCE)]
                person.roles = [Role(role="learner")]
                session.add(person)
            for login in ("t01", "t02"):
                person = _person(login, f"教员{login[1:]}", None)
                person.roles = [Role(role="trainer")]
                session.add(person)
            session.flush()
            t02 = session.scalars(select(Person).where(Person.login == "t02")).one()
            session.add(TrainerUnit(person_id=t02.id, unit_id=units["v"].id))
            session.commit()

    def person(self, login: str) -> int:
        if login not in self.ids:
            with self.sessions() as session:
                found = session.execute(select(Person.login, Person.id))
                self.ids.update((name, number) for name, number in found)
        return self.ids[login]

    def caller(self, login: str = "t01") -> Caller:
        return Caller(self.person(login), login, login, frozenset({"trainer"}))

    def hold(
        self,
        starts: dt.datetime,
        said: Mapping[str, str],
        title: str = "学法会",
        *,
        close: bool = True,
        online: bool = False,
        points: tuple[float, float, float, float] = (2, 1, 1, 0),
    ) -> int:
        """An activity for both units at which these people were marked so; returns its id."""
        with self.sessions() as session:
            activity = Activity(
                title=title,
                phase="learn",
                place="三楼会议室",
                online=online,
                starts_at=starts,
                ends_at=starts + dt.timedelta(hours=2),
                topics=[],
                materials=[],
                rules=Rules(points=points).to_json(),
                created_by="t01",
                created_at=starts,
                changed_at=starts,
                units=list(session.scalars(select(Unit))),
            )
            session.add(activity)
            session.commit()
        self.mark(activity.id, said, starts)
        if close:
            with self.sessions() as session:
                close_activity(session, activity.id, starts + dt.timedelta(hours=2))
        return activity.id

    def mark(self, activity: int, said: Mapping[str, str], when: dt.datetime) -> None:
        """What t01 says of people."""
        sayings = [
            Saying(
                self.person(login),
                f"mark-{next(self.keys):016}",
                Kind.MARK,
                status,
                Way.LIST,
                when,
                "t01",
            )
            for login, status in said.items()
        ]
        with self.sessions() as session:
            writing(session)
            say_all(session, find_activity(session, activity, lock=True), sayings, when)
            session.commit()

    def cancel(self, activity: int, when: dt.datetime) -> None:
        with self.sessions() as session:
            writing(session)
            find_activity(session, activity).cancelled_at = when
            session.commit()


def _person(login: str, name: str, phone: str | None) -> Person:
    made = dt.datetime(2021, 1, 1, tzinfo=ZONE)
    return Person(login=login, full_name=name, phone=phone, created_at=made, password_hash="x")
