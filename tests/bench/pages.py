"""124 different people open one lesson in the same second: ours, and stock Voila with the same
notebook in the same run, both through the proxy.

Stock Voila gets its pages one after another, without any sign-in: together they hang it. Its memory
is what its process tree holds then, carried on to 124 pages. A ratio says how many times better
ours is; every page is counted as the whole HTML, received and checked.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil

PEOPLE = 124
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
    tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return float(sum(process.memory_full_info().pss for process in tree)) / 2**30


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


def tell(metric: str, ours: float, theirs: float, ratio: float, unit: str) -> None:
    """One line of JSON."""
    line: dict[str, Any] = {"bench": "pages", "metric": metric, "ours": round(ours, 3)}
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


def on_small_site() -> None:
    """Measure on the small site of `tests/learn`."""
    path = Path(__file__).parents[1] / "learn" / "harness.py"
    spec = importlib.util.spec_from_file_location("learn_harness", path)
    assert spec is not None
    assert spec.loader is not None
    harness = sys.modules["learn_harness"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(harness)
    with tempfile.TemporaryDirectory() as folder, harness.running(Path(folder)) as site:
        lesson = site.settings.pages / "course" / "01_lesson.ipynb"
        html = "from IPython.display import HTML\nHTML('<lawlab-question></lawlab-question>')"
        prose = ["# 课\n\n" + "一段正文。" * 100] * 5
        harness.write_notebook(lesson, *prose, *[html] * 5, page="once", title="课")
        with ThreadPoolExecutor(8) as threads:
            clients = list(threads.map(lambda n: site.sign_in(f"s{n:03}"), range(PEOPLE)))
        main(
            site.url,
            [site.cookies(client) for client in clients],
            lesson,
            page="/services/learn/lesson/course/01_lesson",
            words="一段正文",
            server=site.process("learn").pid,
            add_route=site.add_route,
        )


if __name__ == "__main__":
    on_small_site()
