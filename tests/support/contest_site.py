"""The real API and the contest pages in a browser, with learners, a host, and the server's clock,
which a test may move on."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from contesting import add_contest, one_round
from meeting_site import Clock
from playwright.sync_api import Browser, Page
from real_site import RealSite, serving
from sqlalchemy import func, select

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.domain.contest_script import Format, Team
from lawlab.services.content import seed
from lawlab.services.sessions import begin_session
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.tables import Answer, CohortMembership, Person, Role

FIRST = dt.datetime(2026, 12, 4, 1, 0, tzinfo=dt.UTC)
HOST = "t01"
LEARNERS = ("v001", "v002", "v003")
RED, BLUE = "红队", "蓝队"
PHONE = 390


class ContestSite(RealSite):
    """A `RealSite` with one contest, run over HTTP by its host. `clock` is the server's."""

    clock: Clock
    contest: int
    host: httpx.Client

    def seat(self, login: str = "v001") -> Page:
        """A phone on the page of the contest."""
        return self.open(f"contest/{self.contest}", login, PHONE)

    def view(self) -> dict[str, Any]:
        """What the host sees."""
        view: dict[str, Any] = self.host.get(f"/contests/{self.contest}/host").json()
        return view

    def do(self, *commands: str, **data: Any) -> None:
        """The host's commands, one after another."""
        for command in commands:
            key = secrets.token_urlsafe(16)
            body = {"person": HOST, "key": key, "seq": self.view()["seq"], "command": command}
            reply = self.host.post(f"/contests/{self.contest}/commands", json=body | data)
            assert reply.status_code == 200, reply.text

    def show(self, **data: Any) -> None:
        """The next question, with its time running."""
        self.do("show", **data)
        self.clock.move(milliseconds=500)

    def stored(self) -> int:
        """How many answers have arrived."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(Answer)) or 0


@contextmanager
def contest_site(
    browser: Browser,
    empty: Path,
    repository: Path,
    folder: Path,
    rounds: Sequence[dict[str, Any]] = ({},),
    **script: Any,
) -> Iterator[ContestSite]:
    """Serves a contest of rounds (`one_round`) while the block runs; seated teams are v001's and
    v002's."""
    shutil.copy(empty, folder / "lawlab.sqlite")
    settings = Settings(data=folder)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    site = ContestSite(browser, sessions, FIRST)
    site.clock = Clock(FIRST)
    with sessions() as session:
        seed(session, repository, settings, FIRST)
        people = []
        for login in LEARNERS:
            person = Person(login=login, full_name=f"明白人{login[1:]}", created_at=FIRST)
            person.password_hash, person.roles = "x", [Role(role="learner")]
            person.cohorts = [CohortMembership(cohort="villager", since=FIRST.date())]
            people.append(person)
        host = Person(login=HOST, full_name="教员01", created_at=FIRST, password_hash="x")
        host.roles = [Role(role="trainer")]
        session.add_all([*people, host])
        session.commit()
        if script.get("format") is Format.SEATED:
            script["teams"] = [Team(RED, (people[0].id,)), Team(BLUE, (people[1].id,))]
        made = [one_round(session, **one) for one in rounds]
        site.contest = add_contest(writing(session), FIRST, made, **script)
        token = begin_session(session, HOST, "hub", FIRST)
    with serving(site, make_app(settings, site.clock)):
        cookies = {"lawlab-session": token, "jupyterhub-session-id": "hub"}
        headers = {"X-Lawlab": "1"}
        address = f"{site.url}/services/api"
        with httpx.Client(base_url=address, cookies=cookies, headers=headers) as site.host:
            yield site
    engine.dispose()
