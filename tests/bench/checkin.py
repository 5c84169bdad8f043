"""Everybody in the hall signs in within the same second: each phone opens what the QR code holds
and posts its check-in, through the proxy, against the running platform. With 124 people, and with
1,000. Prints a JSON line each: p99, in seconds, from the scan to the acknowledgement.

Fails when one is not stored, or stored twice.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import ssl
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.activity_plan import Plan
from lawlab.services.activities import plan_activity
from lawlab.services.checkin_tokens import qr_token
from lawlab.services.sessions import Caller, begin_session
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.people import person_by_login, roles_of
from lawlab.store.tables import (
    Attendance,
    AttendanceEvent,
    CohortMembership,
    Person,
    Role,
    Unit,
    UnitMembership,
)
from lawlab.testing import Running, demo_program, running

SIZES = (124, 1000)
SPREAD_S = 1.0
"""All scan within it, evenly."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo_program(Path(folder))
        with running(Path(folder)) as platform:
            sessions = make_sessions(make_engine(platform.settings.database))
            with sessions() as session:
                logins = people(session, max(SIZES))
            for size in SIZES:
                with sessions() as session:
                    cookies = _sign_in(session, logins[:size])
                    activity = _meeting(session)
                times = asyncio.run(_hall(platform, activity, cookies))
                with sessions() as session:
                    _compare(session, activity, size)
                p99 = sorted(times)[int(len(times) * 0.99) - 1]
                line = {"bench": "checkin", "metric": f"checkin-{size}-p99", "ours": round(p99, 3)}
                print(json.dumps({**line, "theirs": None, "ratio": None, "unit": "s"}), flush=True)


async def _hall(
    platform: Running, activity: int, cookies: dict[str, dict[str, str]]
) -> list[float]:
    tls = ssl.create_default_context()
    secret = platform.settings.secrets["check-in"]
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    phones = {
        login: httpx.AsyncClient(
            base_url=platform.url,
            cookies=own,
            verify=tls,
            trust_env=False,
            timeout=60,
            limits=limits,
        )
        for login, own in cookies.items()
    }
    start = time.monotonic() + 0.5

    async def phone(place: int, login: str, http: httpx.AsyncClient) -> float:
        await asyncio.sleep(start + SPREAD_S * place / len(phones) - time.monotonic())
        began = time.monotonic()
        token = qr_token(secret, activity, dt.datetime.now(dt.UTC))
        scanned = await http.get(f"/services/api/c/{token}")
        assert scanned.status_code == 302, scanned.text
        receipt = scanned.headers["location"].rpartition("%2F")[2]
        reply = await http.post(
            "/services/api/check-in",
            json={"person": login, "receipt": receipt},
            headers={"X-Lawlab": "1"},
        )
        assert reply.status_code == 200, reply.text
        assert reply.json()["again"] is False
        return time.monotonic() - began

    try:
        return await asyncio.gather(
            *(phone(place, *one) for place, one in enumerate(phones.items()))
        )
    finally:
        await asyncio.gather(*(http.aclose() for http in phones.values()))


def people(session: Session, count: int) -> list[str]:
    """The demo's learners, and more of the same until there are `count`."""
    unit = session.scalars(select(Unit)).first()
    logins = [f"s{n:03}" for n in range(1, 75)] + [f"v{n:03}" for n in range(1, 51)]
    since, now = dt.date(2022, 1, 1), dt.datetime.now(dt.UTC)
    for number in range(len(logins), count):
        person = Person(login=f"x{number:04}", full_name=f"学员{number:04}", created_at=now)
        person.roles = [Role(role="learner")]
        person.units = [UnitMembership(unit=unit, since=since)]
        person.cohorts = [CohortMembership(cohort="staff", since=since)]
        session.add(person)
        logins.append(person.login)
    session.commit()
    return logins


def _sign_in(session: Session, logins: list[str]) -> dict[str, dict[str, str]]:
    now = dt.datetime.now(dt.UTC)
    return {
        login: {
            "lawlab-session": begin_session(session, login, "hub", now),
            "jupyterhub-session-id": "hub",
        }
        for login in logins
    }


def _meeting(session: Session) -> int:
    now = dt.datetime.now(dt.UTC)
    trainer = person_by_login(session, "t01")
    assert trainer is not None
    by = Caller(trainer.id, "t01", trainer.full_name, roles_of(trainer))
    units = tuple(session.scalars(select(Unit.id)))
    plan = Plan("全镇学习会", "learn", "礼堂", now, now + dt.timedelta(hours=2), units=units)
    [made] = plan_activity(session, plan, by, now, dt.UTC)  # type: ignore[arg-type]
    return made


def _compare(session: Session, activity: int, size: int) -> None:
    events = select(
        func.count(AttendanceEvent.id), func.count(AttendanceEvent.person_id.distinct())
    )
    stored, people = session.execute(events.where(AttendanceEvent.activity_id == activity)).one()
    standing = select(func.count()).where(
        Attendance.activity_id == activity, Attendance.status == "present"
    )
    assert (stored, people, session.scalars(standing).one()) == (size, size, size)


if __name__ == "__main__":
    main()
