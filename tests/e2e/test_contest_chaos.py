"""A contest in which everything goes wrong: phones drop out and come back, the API is killed three
times, the database is locked. Nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from contesting import add_contest, one_round
from phones import Phone
from sqlalchemy import select

from lawlab.services.contest import load
from lawlab.services.sessions import begin_session
from lawlab.store.contests import answers_of_contest
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import ContestResult, Person
from lawlab.testing import Running, demo_program, running

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

LEARNERS = [f"s{n:03}" for n in range(1, 75)] + [f"v{n:03}" for n in range(1, 51)]
QUESTIONS = 5
DROPPING = 0.3
HOST = "t01"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Running]:
    """One of its own: what is killed again and again is started again later and later, and the
    tests after this one would wait for it."""
    demo_program(tmp_path)
    with running(tmp_path) as platform:
        yield platform


@pytest.fixture
def stored(platform: Running) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(platform.settings.database)
    yield make_sessions(engine)
    engine.dispose()


def test_every_acknowledged_answer_is_in_the_result(
    platform: Running, stored: sessionmaker[Session]
) -> None:
    with stored() as session:
        now = dt.datetime.now(dt.UTC)
        rounds = [one_round(session, QUESTIONS, seconds=25)]
        contest = add_contest(writing(session), now, rounds)
        cookies = {login: _cookie(session, login) for login in (HOST, *LEARNERS)}
    phones = asyncio.run(_play(platform, contest, cookies))
    with stored() as session:
        loaded = load(session, contest, dt.datetime.now(dt.UTC))
        answers = answers_of_contest(session, contest)
        ids = {login: _person(session, login) for login in LEARNERS}
        results = {
            row.person_id: row
            for row in session.scalars(
                select(ContestResult).where(ContestResult.contest_id == contest)
            )
        }
    kept = {(one.turn, one.person): one.response for one in answers}
    assert len(kept) == len(answers)  # nobody has two
    acknowledged = {
        (turn, ids[phone.login]): response
        for phone in phones
        for turn, response in phone.acknowledged.items()
    }
    assert acknowledged.items() <= kept.items()
    assert len(acknowledged) > 0.9 * QUESTIONS * len(LEARNERS)
    # What was shown, what was stored, and what follows from the answers are one.
    again = {row.person: row for row in loaded.contest.people()}
    assert again.keys() == results.keys() == {person for _, person in kept}
    for phone in phones:
        person = ids[phone.login]
        shown = phone.shown["me"]
        facts = [(row.points, row.rank) for row in (again[person], results[person])]
        assert facts == [(shown["points"], shown["rank"])] * 2, phone.login
    back = sorted(one for phone in phones if phone.drops for one in phone.back)
    assert back[len(back) // 2] < 1.0  # the question is there again within a second


async def _play(platform: Running, contest: int, cookies: dict[str, str]) -> list[Phone]:
    chance = random.Random(7)
    address = f"{platform.url.replace('http', 'ws')}/services/api/contests/{contest}/socket"
    phones = [
        Phone(address, login, cookies[login], chance.random() < DROPPING, random.Random(n))
        for n, login in enumerate(LEARNERS)
    ]
    lives = [asyncio.create_task(phone.live()) for phone in phones]
    base = f"{platform.url}/services/api/contests/{contest}"
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        http.headers.update({"Cookie": cookies[HOST], "X-Lawlab": "1"})
        host = _Host(http, base)
        for command in ("open", "start"):
            await host.do(command)
        await _until(lambda: all(phone.shown for phone in phones))
        for number in range(1, QUESTIONS + 1):
            await host.do("show")
            await _trouble(platform, number)
            await _until(partial(_all_settled, phones, number))
            await host.do("close")
            if number == QUESTIONS - 1:
                platform.kill("api")  # between the end of a question and its answer
            for command in ("reveal", "board"):
                await host.do(command)
        await host.do("finish")
        await _until(lambda: all(phone.shown["phase"] == "finished" for phone in phones))
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    return phones


async def _trouble(platform: Running, number: int) -> None:
    if number == 1:
        await asyncio.sleep(1.4)
        platform.kill("api")  # while answers are coming in
    if number == 2:
        platform.kill("api")  # before anybody has answered
    if number == 3:
        await asyncio.sleep(1.0)
        await asyncio.to_thread(_lock, platform.settings.data / "lawlab.sqlite")


def _lock(file: Any) -> None:
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
        connection.execute("begin immediate")
        time.sleep(2)
        connection.execute("rollback")


def _all_settled(phones: list[Phone], turn: int) -> bool:
    return all(turn in phone.acknowledged or _has_answered(phone, turn) for phone in phones)


def _has_answered(phone: Phone, turn: int) -> bool:
    question = phone.shown.get("question")
    return bool(question and question["turn"] == turn and phone.shown["me"]["answered"])


class _Host:
    """The host's console: it asks again with the same key until it is heard."""

    def __init__(self, http: httpx.AsyncClient, base: str) -> None:
        self.http, self.base = http, base

    async def do(self, command: str) -> None:
        key = secrets.token_urlsafe(16)
        seq: int | None = None
        while True:
            try:
                if seq is None:
                    view = await self.http.get(f"{self.base}/host")
                    view.raise_for_status()
                    seq = view.json()["seq"]
                body = {"person": HOST, "key": key, "seq": seq, "command": command}
                reply = await self.http.post(f"{self.base}/commands", json=body)
                reply.raise_for_status()
                return
            except httpx.TransportError:
                pass
            except httpx.HTTPStatusError as error:
                if error.response.status_code < 500:
                    raise
            await asyncio.sleep(0.2)


async def _until(holds: Callable[[], bool], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.05)


def _cookie(session: Session, login: str) -> str:
    token = begin_session(session, login, "hub", dt.datetime.now(dt.UTC))
    return f"lawlab-session={token}; jupyterhub-session-id=hub"


def _person(session: Session, login: str) -> int:
    person: Person | None = person_by_login(session, login)
    assert person is not None
    return person.id
