"""The whole platform with two API processes and two shards of pages on PostgreSQL: nobody notices
which one he is at, and one of them may be killed in mid-question."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from contesting import add_contest, one_round
from phones import Phone
from sqlalchemy import select
from websockets.asyncio.client import connect

from lawlab.config import learn_prefix
from lawlab.demo import DEMO_PASSWORD
from lawlab.services.contest import load
from lawlab.services.sessions import begin_session
from lawlab.store.contests import answers_of_contest, events_of_contest
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import Contest, ContestResult
from lawlab.testing import Running, demo_program, running

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

HOST = "t01"
LEARNERS = [f"s{n:03}" for n in range(1, 25)]
QUESTIONS = 3
LIVE = "leaderboard"
OF_FIRST, OF_SECOND = "s004", "s003"
"""People of either shard, as tests/learn/test_shards.py knows them."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Running]:
    socket = postgres_url.partition("host=")[2]
    with psycopg.connect(f"host={socket} user=lawlab dbname=postgres", autocommit=True) as admin:
        admin.execute("create database many")
    url = postgres_url.replace("/postgres?", "/many?")
    data = tmp_path_factory.mktemp("many-processes")
    demo_program(data, database_url=url)
    with running(data, database_url=url, api_processes="2", learn_shards="2") as platform:
        yield platform


@pytest.fixture
def stored(platform: Running) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(platform.settings.database)
    yield make_sessions(engine)
    engine.dispose()


def test_a_killed_process_in_mid_question_loses_nothing(
    platform: Running, stored: sessionmaker[Session]
) -> None:
    with stored() as session:
        now = dt.datetime.now(dt.UTC)
        rounds = [one_round(session, QUESTIONS, seconds=30)]
        contest = add_contest(writing(session), now, rounds)
        cookies = {login: _cookie(session, login) for login in (HOST, *LEARNERS)}
    phones = asyncio.run(_play(platform, contest, cookies))
    with stored() as session:
        loaded = load(session, contest, dt.datetime.now(dt.UTC))
        kept = {
            (one.turn, one.person): one.response for one in answers_of_contest(session, contest)
        }
        ids = {login: _person(session, login) for login in LEARNERS}
        numbers = [event.seq for event in events_of_contest(session, contest)]
        results = {
            row.person_id: (row.points, row.rank)
            for row in session.scalars(
                select(ContestResult).where(ContestResult.contest_id == contest)
            )
        }
    acknowledged = {
        (turn, ids[phone.login]): response
        for phone in phones
        for turn, response in phone.acknowledged.items()
    }
    assert acknowledged.items() <= kept.items()
    assert len(kept) == QUESTIONS * len(LEARNERS)
    assert numbers == list(range(1, len(numbers) + 1))
    # What follows from what is stored, what was kept, and what each phone shows are one.
    again = {row.person: (row.points, row.rank) for row in loaded.contest.people()}
    assert again == results
    shown = {ids[one.login]: (one.shown["me"]["points"], one.shown["me"]["rank"]) for one in phones}
    assert shown == results
    # What only one process does goes on too.
    _until_settled(stored, contest)


async def _play(platform: Running, contest: int, cookies: dict[str, str]) -> list[Phone]:
    chance = random.Random(7)
    address = f"{platform.url.replace('http', 'ws')}/services/api/contests/{contest}/socket"
    phones = [Phone(address, login, cookies[login], False, chance) for login in LEARNERS]
    lives = [asyncio.create_task(phone.live()) for phone in phones]
    base = f"{platform.url}/services/api/contests/{contest}"
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        http.headers.update({"Cookie": cookies[HOST], "X-Lawlab": "1"})
        for command in ("open", "start"):
            await _do(http, base, command)
        await _until(lambda: all(phone.shown for phone in phones))
        assert min(platform.connections(name) for name in ("api", "api-2")) > 0
        await _until_present(http, base, len(LEARNERS))
        for number in range(1, QUESTIONS + 1):
            await _do(http, base, "show")
            if number == 2:
                await _until(lambda: any(2 in phone.acknowledged for phone in phones))
                platform.kill("api")
            await _until(partial(_all_answered, phones, number))
            if number == 2:
                await _until_present(http, base, len(LEARNERS))
            for command in ("close", "reveal", "board"):
                await _do(http, base, command)
            await _until(lambda: all(phone.shown["phase"] == "board" for phone in phones))
        await _do(http, base, "finish")
        await _until(lambda: all(phone.shown["phase"] == "finished" for phone in phones))
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    return phones


def _all_answered(phones: list[Phone], turn: int) -> bool:
    return all(
        turn in phone.acknowledged or (phone.shown["me"]["answered"] is not None)
        for phone in phones
        if phone.shown["question"] and phone.shown["question"]["turn"] == turn
    ) and all(
        phone.shown["question"] and phone.shown["question"]["turn"] == turn for phone in phones
    )


async def _do(http: httpx.AsyncClient, base: str, command: str) -> None:
    """As the console does: the same key again until it is heard."""
    key, seq = secrets.token_urlsafe(16), None
    async with asyncio.timeout(30):
        while True:
            try:
                if seq is None:
                    view = (await http.get(f"{base}/host")).raise_for_status()
                    seq = view.json()["seq"]
                body = {"person": HOST, "key": key, "seq": seq, "command": command}
                (await http.post(f"{base}/commands", json=body)).raise_for_status()
                return
            except httpx.TransportError:
                pass
            except httpx.HTTPStatusError as error:
                if error.response.status_code < 500:
                    raise
            await asyncio.sleep(0.1)


async def _until_present(http: httpx.AsyncClient, base: str, count: int) -> None:
    """All phones, wherever they are; nobody is counted whose process died."""
    async with asyncio.timeout(15):
        while True:
            found = set()
            for _ in range(6):  # of both processes, as the kernel deals them out
                reply = await http.get(f"{base}/host")
                found.add(reply.json()["present"] if reply.is_success else None)
            if found == {count}:
                return
            await asyncio.sleep(0.1)


async def _until(holds: Callable[[], bool], within: float = 30.0) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.05)


def _until_settled(stored: sessionmaker[Session], contest: int) -> None:
    async def settled() -> None:
        def look() -> bool:
            with stored() as session:
                row = session.get(Contest, contest)
                return row is not None and row.settled_at is not None

        await _until(look)

    asyncio.run(settled())


def test_the_boards_of_both_processes_hear_of_a_change(
    platform: Running, stored: sessionmaker[Session]
) -> None:
    platform.wait_for("api")
    with stored() as session:
        cookie = _cookie(session, "s001")

    async def listen() -> None:
        ports = platform.settings.api_own_ports
        sockets = [
            await connect(
                f"ws://127.0.0.1:{port}/services/api/live",
                additional_headers={"Cookie": cookie},
                proxy=None,
            )
            for port in ports
        ]
        before = [json.loads(await socket.recv())["revision"] for socket in sockets]
        assert len(before) == 2
        async with httpx.AsyncClient(
            base_url=platform.url, headers={"Cookie": cookie, "X-Lawlab": "1"}
        ) as client:
            await _answer_a_card(client)
        async with asyncio.timeout(10):
            for socket, revision in zip(sockets, before, strict=True):
                while json.loads(await socket.recv())["revision"] == revision:
                    pass
        for socket in sockets:
            await socket.close()

    asyncio.run(listen())


async def _answer_a_card(client: httpx.AsyncClient) -> None:
    lesson = "anti-telecom-fraud/01_what-it-is"
    card = (await client.get(f"/services/api/lessons/{lesson}")).json()["cards"][0]
    answer = {
        "person": "s001",
        "item": card["id"],
        "version": card["version"],
        "key": secrets.token_urlsafe(16),
        "place": f"lesson:{lesson}",
        "response": {"chosen": ["A"] if card["options"] else ["对"]},
    }
    (await client.post("/services/api/answers", json=answer)).raise_for_status()


def test_live_pages_of_two_people_are_at_different_servers(platform: Running) -> None:
    with (
        closing(_browser(platform, OF_FIRST)) as first,
        closing(_browser(platform, OF_SECOND)) as second,
    ):
        kernels = []
        for client, shard in ((first, 0), (second, 1)):
            page = client.get(f"/services/learn/{LIVE}")
            assert urlsplit(str(page.url)).path == f"{learn_prefix(shard)}{LIVE}"
            found = re.search(r'"kernelId": ?"([^"]+)"', page.text)
            assert found, page.text[:500]
            kernels.append(f"{learn_prefix(shard)}api/kernels/{found[1]}")
        assert [first.get(kernels[0]).status_code, second.get(kernels[1]).status_code] == [200] * 2
        assert first.get(kernels[1]).status_code in (403, 404)
        assert second.get(kernels[0]).status_code in (403, 404)
        # The routes of both are there again when the proxy was killed; the Hub knows of one.
        platform.wait_for("proxy", after=platform.kill("proxy"))
        assert second.get(kernels[1]).status_code == 200
        # A killed server takes only the kernels of its own people with it.
        platform.wait_for("learn-2", after=platform.kill("learn-2"))
        assert first.get(kernels[0]).status_code == 200
        assert second.get(kernels[1]).status_code in (403, 404)
        page = second.get(f"/services/learn/{LIVE}")
        assert urlsplit(str(page.url)).path == f"{learn_prefix(1)}{LIVE}"


def _browser(platform: Running, login: str) -> httpx.Client:
    client = httpx.Client(base_url=platform.url, timeout=60, follow_redirects=True)
    form = client.get("/")
    field = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', form.text)
    assert field
    data: dict[str, Any] = {"username": login, "password": DEMO_PASSWORD, "_xsrf": field[1]}
    assert client.post(form.url, data=data).url.path == "/services/learn/home"
    return client


def _cookie(session: Session, login: str) -> str:
    token = begin_session(session, login, "hub", dt.datetime.now(dt.UTC))
    return f"lawlab-session={token}; jupyterhub-session-id=hub"


def _person(session: Session, login: str) -> int:
    person = person_by_login(session, login)
    assert person is not None
    return person.id
