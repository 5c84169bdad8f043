"""The real application on a seeded database, asked in process as a browser would ask it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.services.content import seed
from lawlab.services.drill_pool import bring_pool_in_step
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_papers import open_quiz
from lawlab.services.sessions import begin_session
from lawlab.store.statutes import statutes_of
from lawlab.store.tables import CohortMembership, Person, Role, Unit, UnitMembership

LESSON = "anti-telecom-fraud/01_what-it-is"
QUIZ = "atf-quiz-1"
HUB_SESSION = "hub-session"
CONTENT_DAY = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)
"""Content is checked against the law as it stands now, whatever year a test plays in."""


@dataclass
class Clock:
    """The server's clock in the test's hand."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, **span: int) -> None:
        self.now += dt.timedelta(**span)


@dataclass
class Office:
    """The application, its clock and database, and a browser for each person."""

    app: TestClient
    sessions: sessionmaker[Session]
    settings: Settings
    clock: Clock
    keys: Iterator[str] = field(default_factory=lambda: (f"key-{n:016}" for n in range(10_000)))

    def browser(self, login: str, hub_session: str = HUB_SESSION) -> Browser:
        with self.sessions() as session:
            token = begin_session(session, login, hub_session, self.clock.now)
        return Browser(self, login, {"lawlab-session": token, "jupyterhub-session-id": hub_session})


@dataclass
class Browser:
    """One person's browser: cookies, and the header that pages of this site send."""

    office: Office
    login: str
    cookies: dict[str, str]

    def get(self, path: str, **headers: str) -> Any:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return self._ask("POST", path, body, {"X-Lawlab": "1"} | headers)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self.office.app.request(
            method, f"/services/api{path}", json=body, headers={"Cookie": cookie} | headers
        )

    def answer(self, item: str, chosen: str, **changes: Any) -> Any:
        """Answer a card of LESSON (or what `changes` says) with the letters of `chosen`."""
        letters = [chosen] if chosen in {"对", "错"} else list(chosen)
        body = {
            "key": next(self.office.keys),
            "person": self.login,
            "item": item,
            "version": 1,
            "place": f"lesson:{LESSON}",
            "response": {"chosen": letters},
        }
        return self.post("/answers", body | changes)


@pytest.fixture
def office(
    sessions: sessionmaker[Session],
    database_url: str,
    small_repository: Path,
    tmp_path: Path,
    now: dt.datetime,
) -> Iterator[Office]:
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    with sessions() as session:
        seed(session, small_repository, settings, CONTENT_DAY)
        units = {
            "s": Unit(name="党政综合办公室", kind="department"),
            "v": Unit(name="甲村", kind="village"),
        }
        for login, name in [("s001", "干部001"), ("s002", "干部002"), ("v001", "明白人001")]:
            session.add(make_person(login, name, units[login[0]], now))
        session.commit()
        build_quiz(session, small_repository / "assessments" / "papers" / f"{QUIZ}.toml", now)
        open_quiz(session, QUIZ, now)
    clock = Clock(now)
    with TestClient(make_app(settings, clock), raise_server_exceptions=False) as app:
        yield Office(app, sessions, settings, clock)


def make_person(login: str, name: str, unit: Unit, now: dt.datetime) -> Person:
    since = now.date() - dt.timedelta(days=100)
    person = Person(login=login, full_name=name, created_at=now, password_hash="x")
    person.roles = [Role(role="learner")]
    person.units = [UnitMembership(unit=unit, since=since)]
    cohort = "staff" if login.startswith("s") else "villager"
    person.cohorts = [CohortMembership(cohort=cohort, since=since)]
    return person


@pytest.fixture
def hall(office: Office) -> Office:
    """The office with a pool of questions to practise."""
    with office.sessions() as session:
        bring_pool_in_step(session, statutes_of(session), office.clock.now)
    return office
