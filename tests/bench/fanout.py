"""How long a question takes from the host's click to every phone in the hall, with one API process
and with two on the same PostgreSQL database: half of the phones hear of it from the other process
then. One run makes both; the ratio is two to one.

Fails when a phone does not get a question, or when with two processes all phones are at one.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path

from checkin import people
from contest import HOST, QUESTIONS, Hall, let_sign_in, make_contest, open_pages, quantile, sign_in

from lawlab.store.engine import make_engine, make_sessions
from lawlab.testing import Running, demo_program, postgres_server, running

PEOPLE = 124
ROUNDS = 3
"""Contests of QUESTIONS questions each."""


def main() -> None:
    found = {processes: measure(processes) for processes in (1, 2)}
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        one, two = (quantile(found[processes], share) for processes in (1, 2))
        tell(f"fanout-{name}", two, one)


def measure(processes: int) -> list[float]:
    """Seconds from the click to each phone, of all questions."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres_server())
        demo_program(folder, database_url=url)
        platform = stack.enter_context(
            running(folder, database_url=url, api_processes=str(processes))
        )
        return asyncio.run(play(platform, processes))


async def play(platform: Running, processes: int) -> list[float]:
    sessions = make_sessions(make_engine(platform.settings.database))
    with sessions() as session:
        logins = people(session, PEOPLE)
        let_sign_in(session)
    cookies = await sign_in(platform, [HOST, *logins])
    times: list[float] = []
    for _ in range(ROUNDS):
        with sessions() as session:
            contest = make_contest(session)
        await open_pages(platform, contest, cookies, logins)
        async with Hall(platform, contest, cookies, logins) as hall:
            shares = [platform.connections(name) for name in ("api", "api-2")[:processes]]
            assert min(shares) >= PEOPLE / processes / 2, f"not shared out: {shares}"
            for command in ("open", "start"):
                await hall.do(command)
            for _ in range(QUESTIONS):
                view = await hall.do("show")
                await hall.answer_all(view["question"])  # waits until everybody has it
                times += [at - hall.asked_at for at in hall.seen_at]
                for command in ("close", "reveal", "board"):
                    await hall.do(command)
            await hall.do("finish")
    assert len(times) == ROUNDS * QUESTIONS * PEOPLE
    return times


def tell(metric: str, two: float, one: float) -> None:
    line = {"bench": "fanout", "metric": metric, "ours": round(two, 4), "theirs": round(one, 4)}
    print(json.dumps({**line, "ratio": round(two / one, 2), "unit": "s"}), flush=True)


if __name__ == "__main__":
    main()
