"""124 different people open one lesson in the same second: ours, and stock Voila with the same
notebook in the same run, both through the proxy.

Stock Voila gets its pages one after another, without any sign-in: together they hang it. Its memory
is what its process tree holds then, carried on to 124 pages. A ratio says how many times better
ours is; every page is counted as the whole HTML, received and checked.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import psutil

from lawlab.config import Settings

STOCK_PAGES = 10
BURSTS = 3
FORGOTTEN = 6
"""Seconds until our server has forgotten the Hub's answers, so that each burst asks again."""


async def fetch(http: aiohttp.ClientSession, url: str, cookie: str, words: str) -> float:
    """Seconds for one whole page; fails unless it is the page."""
    start = time.monotonic()
    async with http.get(url, headers={"Cookie": cookie}, allow_redirects=False) as reply:
        text = await reply.text()
    assert reply.status == 200, (reply.status, text[:300])
    assert words in text, text[:300]
    return time.monotonic() - start


async def burst(url: str, sessions: Sequence[str], words: str) -> tuple[float, list[float]]:
    """Everybody at once, each on a connection of his own: pages a second, and each one's time."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as http:
        start = time.monotonic()
        times = await asyncio.gather(*(fetch(http, url, one, words) for one in sessions))
        return len(sessions) / (time.monotonic() - start), sorted(times)


async def one_by_one(url: str, pages: int, words: str) -> list[float]:
    """The times of pages that wait for each other."""
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        return [await fetch(http, url, "", words) for _ in range(pages)]


def memory(pid: int) -> float:
    """GiB that a process and its children hold, shared parts divided among them."""
    total = 0
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            total += process.memory_full_info().pss
    return total / 2**30


@contextmanager
def stock_voila(notebook: Path) -> Iterator[tuple[int, int]]:
    """Voila as it is installed, with this notebook, at /stock/: its port and its process."""
    port = _free_port()
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}"]
    command.append("--base_url=/stock/")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        _wait_for(f"http://127.0.0.1:{port}/stock/voila/static/voila.js")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(60)


def main(
    base_url: str,
    sessions: Sequence[str],
    notebook: Path,
    *,
    page: str,
    words: str,
    server: int,
    add_route: Callable[[str, str], None],
) -> None:
    """Print the three lines.

    `sessions` are the Cookie headers of people who are signed in, `page` is the address of the
    lesson made from `notebook` and `words` something in it, `server` the process of `learn`, and
    `add_route(prefix, target)` tells the proxy.
    """
    rates, times = [], []
    for _ in range(BURSTS):
        time.sleep(FORGOTTEN)
        rate, waits = asyncio.run(burst(base_url + page, sessions, words))
        rates.append(rate)
        times.append(waits[int(0.99 * len(waits))])
    ours = memory(server)
    with stock_voila(notebook) as (port, process):
        add_route("/stock", f"http://127.0.0.1:{port}")
        empty = memory(process)
        stock = asyncio.run(one_by_one(f"{base_url}/stock/", STOCK_PAGES, words))
        full = memory(process)
    theirs = empty + (full - empty) / STOCK_PAGES * len(sessions)
    rate = statistics.median(rates)
    tell("pages", rate, len(stock) / sum(stock), rate * sum(stock) / len(stock), "pages/s")
    p99 = statistics.median(times)
    tell("pages-p99", p99, max(stock), max(stock) / p99, "s")
    tell("pages-memory", ours, theirs, theirs / ours, "GiB")


def tell(
    metric: str, ours: float, theirs: float, ratio: float, unit: str, bench: str = "pages"
) -> None:
    """One line of JSON."""
    line: dict[str, Any] = {"bench": bench, "metric": metric, "ours": round(ours, 3)}
    print(json.dumps({**line, "theirs": round(theirs, 3), "ratio": round(ratio, 1), "unit": unit}))


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def on_platform() -> None:
    """Measure on the whole platform with its demo program and its first lesson."""
    import signin

    from lawlab.demo import DEMO_PASSWORD
    from lawlab.testing import demo_program, running

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        demo_program(data)
        lesson = sorted(data.glob("pages/*/*.ipynb"))[0]
        with running(data) as platform:
            arrivals = asyncio.run(signin.all_arrive(platform.url, signin.logins(), DEMO_PASSWORD))
            main(
                platform.url,
                [learn_cookies(arrival.cookies.jar) for arrival in arrivals],
                lesson,
                page=f"/services/learn/lesson/{lesson.parent.name}/{lesson.stem}",
                words="lawlab-lesson-end",
                server=platform.pid("learn"),
                add_route=partial(add_route, platform.settings),
            )


def learn_cookies(jar: Iterable[Any]) -> str:
    """The Cookie header that a browser would send to `learn`."""
    mine = [cookie for cookie in jar if "/services/learn/".startswith(cookie.path)]
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in mine)


def add_route(settings: Settings, prefix: str, target: str) -> None:
    """Send a prefix of the site's address elsewhere."""
    httpx.post(
        f"http://127.0.0.1:{settings.proxy_api_port}/api/routes{prefix}",
        json={"target": target},
        headers={"Authorization": f"token {settings.secrets['proxy']}"},
    ).raise_for_status()


if __name__ == "__main__":
    on_platform()
