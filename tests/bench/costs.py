"""What one of each costs: processor time of the whole platform for a sign-in, a page, a live page,
an answer, a check-in and a seat in a contest, everything through the proxy, on SQLite and on
PostgreSQL; the memory of a live page and of a platform that nobody uses; the room that an answer
takes. docs/scale.md multiplies these figures.

Processor time and not time: it does not depend on what else the machine does. PostgreSQL's own is
counted too. Each is done by the 124 people of the demo program, 20 at a time.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import contest
import httpx
import pages
import pages_live
import psutil
from checkin import _hall, _meeting, _sign_in
from signin import all_arrive, logins
from sqlalchemy import text

sys.path.append(str(Path(__file__).parents[1] / "support"))

from guessing import respond

from lawlab.demo import DEMO_PASSWORD
from lawlab.store.engine import make_engine, make_sessions
from lawlab.testing import Running, demo_program, postgres_server, running

AT_ONCE = 20
ANSWERS = 5
LIVE = 40
LEAST_MS = 0.5
"""Of a program's share: less is not told."""
LESSON = "/services/learn/lesson/anti-telecom-fraud/02_cards-and-accounts"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        measure("sqlite", Path(folder) / "sqlite")
        url = stack.enter_context(postgres_server())
        measure("postgresql", Path(folder) / "postgresql", url)


def measure(kind: str, data: Path, url: str = "") -> None:
    options = {"database_url": url} if url else {}
    demo_program(data, **options)
    with running(data, **options) as platform:
        meter = Meter(platform, kind)
        tell(f"idle-memory-{kind}", 1024 * pages.memory(platform.process.pid), "MiB")
        people = logins()
        with meter.of("sign-in", len(people)):
            arrivals = asyncio.run(all_arrive(platform.url, people, DEMO_PASSWORD))
        cookies = {
            one.login: "; ".join(f"{found.name}={found.value}" for found in one.cookies.jar)
            for one in arrivals
        }
        learn = [pages.learn_cookies(one.cookies.jar) for one in arrivals]
        asyncio.run(each(platform, cookies, open_page))
        with meter.of("page", len(people)):
            asyncio.run(each(platform, cookies, open_page))
        before = stored(platform) if url else 0
        with meter.of("answer", ANSWERS * len(people)):
            asyncio.run(each(platform, cookies, practise))
        if url:
            more = stored(platform) - before
            tell(f"answer-stored-{kind}", more / 1024 / ANSWERS / len(people), "KiB")
        live(platform, meter, learn[:LIVE])
        check_in(platform, meter, people)
        seat(platform, meter, people)


class Meter:
    """Processor time of the platform's programs, and of PostgreSQL, spent in a block."""

    def __init__(self, platform: Running, kind: str) -> None:
        self._platform, self.kind = platform, kind

    @contextmanager
    def of(self, what: str, count: int) -> Iterator[None]:
        """Print what one of `count` cost, in milliseconds: all of it, and by program."""
        before = self.used()
        yield
        spent = self.used()
        spent.subtract(before)
        tell(f"{what}-{self.kind}", 1000 * spent.total() / count, "ms")
        for program, seconds in spent.most_common():
            if (share := 1000 * seconds / count) >= LEAST_MS:
                tell(f"{what}-{self.kind}-{program}", share, "ms")

    def used(self) -> Counter[str]:
        """Program → seconds of processor time until now."""
        names = {pid: name for name, pid in self._platform.pids().items()}
        found: Counter[str] = Counter()
        for one in self._platform.processes():
            with suppress(psutil.NoSuchProcess):
                kernel = "kernels" if "lawlab.kernels.parent" in one.cmdline() else "others"
                found[names.get(one.pid, kernel)] += seconds_of(one)
        if self.kind == "postgresql":
            for one in psutil.process_iter(["name"]):
                if one.info["name"] == "postgres":
                    with suppress(psutil.NoSuchProcess):
                        found["database"] += seconds_of(one)
        return found


def seconds_of(process: psutil.Process) -> float:
    """Its processor time, and that of its children that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


Act = Callable[[httpx.AsyncClient, dict[str, str], str], Awaitable[None]]


async def each(platform: Running, cookies: dict[str, str], act: Act) -> None:
    """Everybody once, AT_ONCE at a time."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=platform.url, trust_env=False, timeout=60) as http:

        async def one(login: str) -> None:
            async with gate:
                await act(http, {"Cookie": cookies[login], "X-Lawlab": "1"}, login)

        await asyncio.gather(*map(one, cookies))


async def open_page(http: httpx.AsyncClient, headers: dict[str, str], login: str) -> None:
    """A lesson as a page of its own, and who is reading it."""
    page = await http.get(LESSON, headers=headers)
    assert "lawlab-lesson-end" in page.text, (page.status_code, page.text[:300])
    me = await http.get("/services/api/me", headers=headers)
    assert me.json()["login"] == login, me.text


async def practise(http: httpx.AsyncClient, headers: dict[str, str], login: str) -> None:
    """The questions of the day, asked for together and answered one after the other."""
    coming = await http.get(f"/services/api/drill/next?count={ANSWERS}", headers=headers)
    items, chance = coming.json()["items"], random.Random(login)
    assert len(items) == ANSWERS, coming.text[:300]
    for number, item in enumerate(items):
        body = {
            "key": f"cost-{login}-{number:08}",
            "person": login,
            "item": item["id"],
            "version": item["version"],
            "place": "drill:daily",
            "response": respond(item, chance),
        }
        reply = await http.post("/services/api/answers", json=body, headers=headers)
        assert reply.status_code == 201, reply.text


def stored(platform: Running) -> int:
    """Bytes of a PostgreSQL database, with everything that goes with an answer: indices, what is
    due next, points, boards. A file of SQLite has free pages, and does not tell."""
    engine = make_engine(platform.settings.database)
    with engine.connect() as connection:
        size = text("SELECT pg_database_size(current_database())")
        found = int(connection.execute(size).scalar_one())
    engine.dispose()
    return found


def live(platform: Running, meter: Meter, sessions: list[str]) -> None:
    """Live pages with a kernel each: what they cost to open, and hold while they are open."""
    empty = pages.memory(platform.process.pid)
    with meter.of("live-page", len(sessions)):
        opened = asyncio.run(pages_live.open_all(platform.url + pages_live.PAGE, sessions))
    held = 1024 * (pages.memory(platform.process.pid) - empty) / len(sessions)
    tell(f"live-page-memory-{meter.kind}", held, "MiB")
    asyncio.run(pages_live.close_all(platform, sessions, opened[2]))


def check_in(platform: Running, meter: Meter, people: list[str]) -> None:
    """A hall that scans the code within a second."""
    sessions = make_sessions(make_engine(platform.settings.database))
    with sessions() as session:
        cookies = _sign_in(session, people)
        activity = _meeting(session)
    with meter.of("check-in", len(people)):
        asyncio.run(_hall(platform, activity, cookies))


def seat(platform: Running, meter: Meter, people: list[str]) -> None:
    """A seat in a contest of ten questions: joining, receiving and answering all of them."""
    sessions = make_sessions(make_engine(platform.settings.database))
    cookies = asyncio.run(contest.sign_in(platform, [contest.HOST, *people]))
    with contest.echo() as echo:
        _, facts, _, _ = asyncio.run(contest.play(platform, sessions, cookies, people, echo))
    tell(f"contest-seat-{meter.kind}", 1000 * facts["cpu"] / len(people), "ms")


def tell(metric: str, ours: float, unit: str) -> None:
    """One line of JSON."""
    line = {"bench": "costs", "metric": f"costs-{metric}", "ours": round(ours, 1)}
    print(json.dumps({**line, "theirs": None, "ratio": None, "unit": unit}), flush=True)


if __name__ == "__main__":
    main()
