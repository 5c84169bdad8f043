"""124 different people open the live leaderboard in the same second: ours, and stock Voila with the
same notebook in the same run, both through the proxy.

Ours is measured from the first request until the last page is there with its whole HTML; every page
has a kernel of its person's own, and every kernel is asked afterwards what it shows. The memory is
that of the whole platform while all of them are open: hub, proxy, learn, api, grader and kernels.

Stock Voila gets its pages one after another, without any sign-in: together they hang it. Its
kernels are told by their environment who they are, with one person's token, and its memory is what
its process tree holds, carried on to 124 pages.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pages
import signin

from lawlab.config import REPOSITORY
from lawlab.demo import DEMO_PASSWORD
from lawlab.learn.kernels import person_env
from lawlab.testing import Running, demo_program, running

PAGE = "/services/learn/leaderboard"
BOARD = "board-live"
"""A class of the widget: it stands in the state that the kernel sends with the page."""
BURSTS = 3
STOCK_PAGES = 10
KERNEL = re.compile(r'"kernelId": ?"([0-9a-f-]{36})"')


async def open_all(url: str, sessions: Sequence[str]) -> tuple[float, list[float], list[str]]:
    """Everybody at once, each on a connection of his own: pages a second, the times in order, and
    the kernels."""
    timeout = aiohttp.ClientTimeout(total=120)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        start = time.monotonic()
        found = await asyncio.gather(*(open_one(http, url, one) for one in sessions))
        seconds = time.monotonic() - start
    times = sorted(took for took, _ in found)
    kernels = [kernel for _, kernel in found]
    assert len(set(kernels)) == len(sessions)
    return len(sessions) / seconds, times, kernels


async def open_one(http: aiohttp.ClientSession, url: str, cookie: str) -> tuple[float, str]:
    """Seconds until the whole page is there, and its kernel."""
    start = time.monotonic()
    async with http.get(url, headers={"Cookie": cookie}, allow_redirects=False) as reply:
        text = await reply.text()
    took = time.monotonic() - start
    assert reply.status == 200, (reply.status, text[:300])
    assert "jupyter.widget-view" in text, text[-600:]
    assert "lawlab-broken" not in text
    kernel = KERNEL.search(text)
    assert kernel, text[:300]
    return took, kernel[1]


async def close_all(platform: Running, sessions: Sequence[str], kernels: Sequence[str]) -> None:
    """Everybody leaves, as a browser does it."""
    base = f"{platform.url}/services/learn/voila/api/shutdown"
    async with aiohttp.ClientSession() as http:
        for cookie, kernel in zip(sessions, kernels, strict=True):
            token = re.search(r"_xsrf=([^;]+)", cookie)
            assert token
            headers = {"Cookie": cookie, "X-XSRFToken": token[1]}
            async with http.post(f"{base}/{kernel}", headers=headers) as reply:
                assert reply.status == 204, reply.status


@contextmanager
def as_person(platform: Running) -> Iterator[None]:
    """Stock Voila's kernels inherit our environment: let them be somebody."""
    words = person_env(platform.settings, "s001")
    os.environ.update(words)
    try:
        yield
    finally:
        for name in words:
            del os.environ[name]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        demo_program(data)
        with running(data) as platform:
            logins = signin.logins()
            arrivals = asyncio.run(signin.all_arrive(platform.url, logins, DEMO_PASSWORD))
            sessions = [pages.learn_cookies(arrival.cookies.jar) for arrival in arrivals]
            measure(platform, sessions)


def measure(platform: Running, sessions: Sequence[str]) -> None:
    """Print the three lines."""
    rates, worst, held = [], [], []
    for _ in range(BURSTS):
        rate, times, kernels = asyncio.run(open_all(platform.url + PAGE, sessions))
        rates.append(rate)
        worst.append(times[int(0.99 * len(times))])
        held.append(pages.memory(platform.process.pid))
        asyncio.run(close_all(platform, sessions, kernels))
    notebook = REPOSITORY / "voila_apps" / "leaderboard.ipynb"
    with as_person(platform), pages.stock_voila(notebook) as (port, process):
        pages.add_route(platform.settings, "/stock", f"http://127.0.0.1:{port}")
        empty = pages.memory(process)
        words = "jupyter.widget-view"
        stock = asyncio.run(pages.one_by_one(f"{platform.url}/stock/", STOCK_PAGES, words))
        full = pages.memory(process)
    theirs = empty + (full - empty) / STOCK_PAGES * len(sessions)
    tell = partial(pages.tell, bench="pages-live")
    rate, p99, ours = statistics.median(rates), statistics.median(worst), max(held)
    tell("pages-live", rate, len(stock) / sum(stock), rate * sum(stock) / len(stock), "pages/s")
    tell("pages-live-p99", p99, max(stock), max(stock) / p99, "s")
    tell("pages-live-memory", ours, theirs, theirs / ours, "GiB")


if __name__ == "__main__":
    main()
