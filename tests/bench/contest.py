"""A hall plays: everybody signs in, opens the contest's page, joins by WebSocket, and answers ten
questions, all in the same instant, through the proxy, against the running platform. With 124 people
and with 1,000. Beside it, in the same run, a bare echo: as many sockets through a proxy of the same
kind, each sends one line in the same instant and gets it back.

Prints JSON lines: p99 of the acknowledgements, which come after the commit; what was lost; the
ratio to the echo; delivery spread, processor time and memory. Fails when an answer is lost or
doubled.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from checkin import people
from signin import all_arrive
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from websockets.asyncio.client import ClientConnection, connect

from lawlab.demo import DEMO_PASSWORD
from lawlab.domain.contest_script import Format, Kind, Round, Script, Slot
from lawlab.services.contest import load
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import (
    Answer,
    Contest,
    ContestResult,
    ItemVersion,
    Person,
)
from lawlab.supervise.programs import PROXY_COMMAND, node
from lawlab.testing import Running, demo_program, free_ports, running

SIZES = (124, 1000)
QUESTIONS = 10
BURSTS = 10
HOST = "t01"
PAGES_AT_ONCE = 40
ARRIVALS = 50
"""Sign-ins at once: setting the scene, not what is measured."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo_program(Path(folder))
        with running(Path(folder)) as platform, echo() as echo_url:
            sessions = make_sessions(make_engine(platform.settings.database))
            with sessions() as session:
                logins = people(session, max(SIZES))
                let_sign_in(session)
            cookies = asyncio.run(sign_in(platform, [HOST, *logins]))
            for size in SIZES:
                report(*asyncio.run(play(platform, sessions, cookies, logins[:size], echo_url)))


async def sign_in(platform: Running, logins: list[str]) -> dict[str, str]:
    """Everybody by the Hub's form; the cookies of each as a header."""
    cookies = {}
    for start in range(0, len(logins), ARRIVALS):
        group = logins[start : start + ARRIVALS]
        for one in await all_arrive(platform.url, group, DEMO_PASSWORD):
            pairs = (f"{found.name}={found.value}" for found in one.cookies.jar)
            cookies[one.login] = "; ".join(pairs)
    return cookies


async def play(
    platform: Running,
    sessions: sessionmaker[Session],
    cookies: dict[str, str],
    logins: list[str],
    echo_url: str,
) -> tuple[int, dict[str, float], list[float], list[float]]:
    """One contest, and the echo with as many sockets; the times of both in seconds."""
    size = len(logins)
    with sessions() as session:
        contest = make_contest(session)
    pages = await open_pages(platform, contest, cookies, logins)
    echoes = await burst_echo(echo_url, size)
    before = used(platform)
    began = time.monotonic()
    async with Hall(platform, contest, cookies, logins) as hall:
        joined = time.monotonic() - began
        for command in ("open", "start"):
            await hall.do(command)
        times: list[float] = []
        spreads: list[float] = []
        for _ in range(QUESTIONS):
            view = await hall.do("show")
            times += await hall.answer_all(view["question"])
            await hall.do("close")
            revealed = await hall.do("reveal")
            spreads.append(revealed["spread"]["slowest_ms"] - revealed["spread"]["fastest_ms"])
            await hall.do("board")
        memory = sum(one.memory_info().rss for one in platform.processes()) / 2**30
        await hall.do("finish")
    spent = used(platform) - before
    echoes += await burst_echo(echo_url, size)
    lost, doubled = compare(sessions, contest, size)
    facts = {
        "lost": lost,
        "doubled": doubled,
        "pages": pages,
        "join": joined,
        "spread": sorted(spreads)[len(spreads) // 2],
        "cpu": spent,
        "memory": memory,
    }
    return size, facts, times, echoes


class Hall:
    """Everybody's open sockets, and the host."""

    def __init__(
        self, platform: Running, contest: int, cookies: dict[str, str], logins: list[str]
    ) -> None:
        self.url = platform.url
        self.contest, self.cookies, self.logins = contest, cookies, logins
        self.sockets: dict[str, ClientConnection] = {}
        self.acks: dict[str, asyncio.Future[float]] = {}
        self.shown = asyncio.Event()
        self.asked_at, self.seen_at = 0.0, list[float]()
        """When the host asked for the newest question, and when each had it."""
        self.readers: list[asyncio.Task[None]] = []
        self.seq = 0

    async def __aenter__(self) -> Hall:
        self.http = httpx.AsyncClient(
            base_url=self.url, headers={"Cookie": self.cookies[HOST]}, trust_env=False, timeout=60
        )
        await asyncio.gather(*(self.join(login) for login in self.logins))
        return self

    async def __aexit__(self, *_: object) -> None:
        for reader in self.readers:
            reader.cancel()
        await asyncio.gather(*(one.close() for one in self.sockets.values()))
        await self.http.aclose()

    async def join(self, login: str) -> None:
        address = f"{self.url.replace('http', 'ws')}/services/api/contests/{self.contest}/socket"
        self.sockets[login] = await connect(
            address,
            additional_headers={"Cookie": self.cookies[login]},
            open_timeout=60,
            proxy=None,
            compression=None,
        )
        first = json.loads(await self.sockets[login].recv())
        assert first["type"] == "state", first
        self.readers.append(asyncio.create_task(self.read(login)))

    async def read(self, login: str) -> None:
        turn = 0
        async for text in self.sockets[login]:
            if text.startswith('{"type": "ack"'):
                self.acks[login].set_result(time.monotonic())
                continue
            word = json.loads(text)
            assert word["type"] == "state", word
            question = word["question"]
            if word["phase"] == "question" and question["turn"] > turn:
                turn = question["turn"]
                await self.sockets[login].send(json.dumps({"type": "got", "turn": turn}))
                self.seen_at.append(time.monotonic())
                if len(self.seen_at) == len(self.logins):
                    self.shown.set()

    async def do(self, command: str) -> dict[str, Any]:
        if command == "show":
            self.seen_at = []
            self.shown.clear()
            self.asked_at = time.monotonic()
        body = {
            "person": HOST,
            "key": secrets.token_urlsafe(16),
            "seq": self.seq,
            "command": command,
        }
        reply = await self.http.post(
            f"/services/api/contests/{self.contest}/commands", json=body, headers={"X-Lawlab": "1"}
        )
        assert reply.status_code == 200, reply.text
        view: dict[str, Any] = reply.json()
        self.seq = view["seq"]
        return view

    async def answer_all(self, question: dict[str, Any]) -> list[float]:
        """Everybody answers in the same instant; the times from sending to acknowledgement."""
        await asyncio.wait_for(self.shown.wait(), 30)
        await asyncio.sleep(1.0)  # its time has begun, and the hall is quiet
        loop = asyncio.get_running_loop()
        judge = question["type"] == "judge"
        chosen = ["对"] if judge else list(question["options"])[:1]
        line = json.dumps(
            {"type": "answer", "turn": question["turn"], "response": {"chosen": chosen}}
        )
        self.acks = {login: loop.create_future() for login in self.logins}
        sent = time.monotonic()
        await asyncio.gather(*(self.sockets[login].send(line) for login in self.logins))
        done = await asyncio.wait_for(asyncio.gather(*self.acks.values()), 60)
        return [at - sent for at in done]


async def open_pages(
    platform: Running, contest: int, cookies: dict[str, str], logins: list[str]
) -> float:
    """Everybody opens the page as a browser would; seconds until the last has it."""
    gate = asyncio.Semaphore(PAGES_AT_ONCE)
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=platform.url, trust_env=False, timeout=60) as http:

        async def one(login: str) -> None:
            async with gate:
                headers = {"Cookie": cookies[login]}
                page = await http.get(f"/services/learn/contest/{contest}", headers=headers)
                assert "<lawlab-contest" in page.text, (page.status_code, page.text[:300])
                me = await http.get("/services/api/me", headers=headers)
                assert me.json()["login"] == login, me.text

        await asyncio.gather(*map(one, logins))
    return time.monotonic() - began


async def burst_echo(url: str, size: int) -> list[float]:
    """As many sockets as there are people, each with one line in the same instant, BURSTS times."""
    sockets = await asyncio.gather(
        *(connect(url, proxy=None, compression=None, open_timeout=60) for _ in range(size))
    )
    line = json.dumps({"type": "answer", "turn": 1, "response": {"chosen": ["A"]}})
    times: list[float] = []

    async def back(socket: ClientConnection) -> float:
        await socket.recv()
        return time.monotonic()

    for _ in range(BURSTS // 2):
        await asyncio.sleep(0.3)
        waiting = [asyncio.create_task(back(socket)) for socket in sockets]
        await asyncio.sleep(0)
        sent = time.monotonic()
        await asyncio.gather(*(socket.send(line) for socket in sockets))
        times += [at - sent for at in await asyncio.gather(*waiting)]
    await asyncio.gather(*(socket.close() for socket in sockets))
    return times


ECHO = """
import uvicorn
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive(); await send({"type": "lifespan.startup.complete"}); await receive()
        await send({"type": "lifespan.shutdown.complete"}); return
    await receive(); await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="critical")
"""


@contextmanager
def echo() -> Iterator[str]:
    """A server that sends back what it gets, behind a proxy like the platform's; its address."""
    port = free_ports(3)
    proxy = [
        *(str(node()), str(PROXY_COMMAND), "--ip", "127.0.0.1", "--port", str(port)),
        *("--api-ip", "127.0.0.1", "--api-port", str(port + 1), "--log-level", "error"),
        *("--default-target", f"http://127.0.0.1:{port + 2}"),
    ]
    server = [sys.executable, "-c", ECHO.replace("PORT", str(port + 2))]
    programs = [subprocess.Popen(proxy), subprocess.Popen(server)]
    try:
        time.sleep(2)
        yield f"ws://127.0.0.1:{port}/"
    finally:
        for program in programs:
            program.terminate()
            program.wait(10)


def make_contest(session: Session) -> int:
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.version, ItemVersion.id)
        .where(ItemVersion.type == "single")
        .order_by(ItemVersion.id)
        .limit(QUESTIONS)
    ).all()
    slots = tuple(Slot(*row) for row in rows)
    script = Script(Format.PERSON, (Round(Kind.ALL, "第一轮", 60, 100, slots),), speed=True)
    row = Contest(
        key=secrets.token_urlsafe(16),
        title="全镇法律知识比武",
        script=script.to_json(),
        state="draft",
        made_by=HOST,
        made_at=dt.datetime.now(dt.UTC),
    )
    session.add(row)
    session.commit()
    return row.id


def let_sign_in(session: Session) -> None:
    """Everybody has the demo's password."""
    password = session.scalars(select(Person.password_hash).where(Person.login == "s001")).one()
    now = dt.datetime.now(dt.UTC)
    ready = {"password_hash": password, "must_change_password": False, "privacy_seen_at": now}
    session.execute(update(Person).where(Person.password_hash.is_(None)).values(ready))
    session.commit()


def used(platform: Running) -> float:
    """Seconds of processor time that the platform has used."""
    times = [one.cpu_times() for one in platform.processes() if psutil.pid_exists(one.pid)]
    return sum(one.user + one.system for one in times)


def compare(sessions: sessionmaker[Session], contest: int, size: int) -> tuple[int, int]:
    """Answers lost and doubled; what is stored, shown and recomputed must agree."""
    with sessions() as session:
        stored = session.scalar(
            select(func.count()).select_from(Answer).where(Answer.contest_id == contest)
        )
        pairs = select(Answer.person_id, Answer.place).where(Answer.contest_id == contest)
        different = session.scalar(select(func.count()).select_from(pairs.distinct().subquery()))
        results = session.scalars(
            select(ContestResult).where(ContestResult.contest_id == contest)
        ).all()
        assert sum(row.answered for row in results) == different
        again = load(session, contest, dt.datetime.now(dt.UTC)).contest.people()
        assert {(row.person, row.points) for row in again} == {
            (row.person_id, row.points) for row in results
        }
    assert stored is not None
    assert different is not None
    lost, doubled = size * QUESTIONS - different, stored - different
    assert (lost, doubled) == (0, 0)
    return lost, doubled


def report(size: int, facts: dict[str, float], times: list[float], echoes: list[float]) -> None:
    name = f"contest-{size}"
    ours, theirs = quantile(times, 0.99), quantile(echoes, 0.99)
    tell(f"{name}-p50", quantile(times, 0.5), theirs=quantile(echoes, 0.5))
    tell(f"{name}-p99", ours, theirs=theirs)
    tell(f"{name}-lost", facts["lost"], unit="answers")
    tell(f"{name}-doubled", facts["doubled"], unit="answers")
    # Of each burst alone, and then the median: one stall of the machine is no property of either.
    typical = statistics.median(bursts(times, size)) / statistics.median(bursts(echoes, size))
    tell(f"{name}-echo", typical, unit="ratio")
    tell(f"{name}-spread", facts["spread"], unit="ms")
    tell(f"{name}-join", facts["join"])
    tell(f"{name}-pages", facts["pages"])
    tell(f"{name}-cpu", facts["cpu"])
    tell(f"{name}-memory", facts["memory"], unit="GiB")


def tell(metric: str, ours: float, *, theirs: float | None = None, unit: str = "s") -> None:
    line = {
        "bench": "contest",
        "metric": metric,
        "ours": round(ours, 3),
        "theirs": theirs and round(theirs, 3),
        "ratio": round(ours / theirs, 2) if theirs else None,
        "unit": unit,
    }
    print(json.dumps(line), flush=True)


def bursts(times: list[float], size: int) -> list[float]:
    """The p99 of each burst."""
    return [quantile(times[at : at + size], 0.99) for at in range(0, len(times), size)]


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[max(0, int(len(values) * share) - 1)]


if __name__ == "__main__":
    main()
