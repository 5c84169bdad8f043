"""For tests of faults: how soon something is back, and people who answer a quiz without a pause and
keep what is not acknowledged, as the pages do."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
from sqlalchemy import select

from lawlab.services.sessions import begin_session
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Answer, Person
from lawlab.testing import Running

BACK_S = 5.0
"""What is killed is back within so many seconds on a machine that does nothing else."""


def back_within() -> float:
    """BACK_S, longer by as much as this machine has more to do than processors to do it with."""
    return BACK_S * max(1.0, os.getloadavg()[0] / (psutil.cpu_count() or 1))


def cookies_of(platform: Running, *logins: str) -> dict[str, str]:
    """Sessions of the API, by sign-in name, as headers; the Hub is not asked."""
    engine = make_engine(platform.settings.database)
    now = dt.datetime.now(dt.UTC)
    with make_sessions(engine)() as session:
        tokens = {login: begin_session(session, login, "hub", now) for login in logins}
    engine.dispose()
    return {
        login: f"lawlab-session={token}; jupyterhub-session-id=hub"
        for login, token in tokens.items()
    }


def answers_stored(platform: Running, *logins: str, place: str = "") -> list[tuple[str, str, Any]]:
    """Sign-in name, key and response of each answer of these people, oldest first."""
    engine = make_engine(platform.settings.database)
    with make_sessions(engine)() as session:
        query = (
            select(Person.login, Answer.key, Answer.response)
            .join(Person, Person.id == Answer.person_id)
            .where(Person.login.in_(logins), Answer.place.startswith(place))
            .order_by(Answer.id)
        )
        found = [(login, key, response) for login, key, response in session.execute(query)]
    engine.dispose()
    return found


@dataclass
class Sitter:
    """Somebody in the middle of a quiz who changes one answer after the other."""

    http: httpx.AsyncClient
    login: str
    quiz: str
    cookie: str
    chance: random.Random
    before: int
    """So many answers he had given before."""
    acknowledged: list[tuple[str, Any]] = field(default_factory=list)
    """Key and response, in the order of their acknowledgements."""
    refused: set[tuple[int, str]] = field(default_factory=set)
    """Status and code of whatever was not acknowledged at once."""
    slowest: float = 0.0
    """The longest that one request took."""

    async def sit(self, until: threading.Event, pause: float) -> None:
        """Begin the paper, and answer until told to stop; what is on its way then still arrives."""
        paper = await self.say(f"/quizzes/{self.quiz}/start", {"person": self.login})
        slots = [one for one in paper["slots"] if one["question"]["type"] != "case"]
        while not until.is_set():
            question = self.chance.choice(slots)["question"]
            options = ["对", "错"] if question["type"] == "judge" else list(question["options"])
            response = {"chosen": [self.chance.choice(options)]}
            body = {"key": secrets.token_urlsafe(16), "person": self.login, "response": response}
            body |= {"item": question["id"], "version": question["version"]}
            await self.say("/answers", body | {"place": f"quiz:{self.quiz}"})
            self.acknowledged.append((body["key"], response))
            await asyncio.sleep(pause * (0.5 + self.chance.random()))

    async def say(self, path: str, body: dict[str, Any]) -> Any:
        """Say something until it is acknowledged."""
        while True:
            began = time.monotonic()
            try:
                reply = await self.http.post(path, json=body, headers={"Cookie": self.cookie})
                if reply.is_success:
                    return reply.json()
                # What is not our own JSON comes from a proxy, or from a Hub that it fell back to.
                ours = "json" in reply.headers.get("content-type", "")
                if ours and reply.status_code < 500:
                    raise AssertionError(f"{path}: {reply.status_code} {reply.text}")
                code = reply.json()["code"] if ours else ""
                self.refused.add((reply.status_code, code))
            except httpx.TransportError:
                self.refused.add((0, ""))
            finally:
                self.slowest = max(self.slowest, time.monotonic() - began)
            await asyncio.sleep(0.3)


@contextmanager
def sitting(
    platform: Running, quiz: str, logins: list[str], pause: float = 0.5
) -> Iterator[list[Sitter]]:
    """These people answer a quiz while the block runs; afterwards all of it has arrived."""
    cookies = cookies_of(platform, *logins)
    given = Counter(login for login, *_ in answers_stored(platform, *logins, place=f"quiz:{quiz}"))
    over = threading.Event()
    sitters: list[Sitter] = []
    trouble: list[BaseException] = []

    async def all_sit() -> None:
        base = f"{platform.url}/services/api"
        async with httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as http:
            http.headers["X-Lawlab"] = "1"
            for n, login in enumerate(logins):
                chance = random.Random(n)
                sitters.append(Sitter(http, login, quiz, cookies[login], chance, given[login]))
            async with asyncio.timeout(120):
                await asyncio.gather(*(one.sit(over, pause) for one in sitters))

    def run() -> None:
        try:
            asyncio.run(all_sit())
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield sitters
    finally:
        over.set()
        thread.join()
    if trouble:
        raise trouble[0]


def assert_nothing_lost(platform: Running, quiz: str, sitters: list[Sitter]) -> int:
    """Whatever was acknowledged is stored once, as it was said, in its order, and nothing else is
    since these sat down; returns how many."""
    stored = answers_stored(platform, *(one.login for one in sitters), place=f"quiz:{quiz}")
    for one in sitters:
        mine = [(key, response) for login, key, response in stored if login == one.login]
        assert mine[len(mine) - len(one.acknowledged) :] == one.acknowledged, one.login
        assert len(mine) == one.before + len(one.acknowledged), one.login
    return sum(len(one.acknowledged) for one in sitters)
