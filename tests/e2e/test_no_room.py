"""A full disk and a locked database: what is said is refused in a sentence or waits on the phone,
what is shown goes on, and afterwards all of it is stored once."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from faulting import answers_stored, assert_nothing_lost, back_within, cookies_of, sitting
from playwright.sync_api import expect
from sqlalchemy import func, select

from lawlab.demo import QUIZ
from lawlab.store.engine import LOCK_WAIT_S, make_engine, make_sessions
from lawlab.store.tables import Answer, Mark
from lawlab.testing import Running, running

if TYPE_CHECKING:
    from conftest import Visitors

LESSON = "anti-telecom-fraud/02_cards-and-accounts"
SITTERS = [f"s{n:03}" for n in range(20, 26)]
LOCKED_S = LOCK_WAIT_S + 2.0
"""Longer than a writer waits."""
HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
held.execute("begin exclusive")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def platform(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("no-room")
    shutil.copytree(demo_data, data, dirs_exist_ok=True)
    with running(data) as platform:
        yield platform


@contextmanager
def no_room(pid: int) -> Iterator[None]:
    """No file of this process may grow or be written beyond its first page: the kernel refuses each
    write as it does on a full disk. It needs neither root nor a file system of its own."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process holds the database."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


def counts(platform: Running) -> tuple[int, int]:
    """Answers in lessons, and their marks."""
    engine = make_engine(platform.settings.database)
    with make_sessions(engine)() as session:
        answers = session.scalar(
            select(func.count(Answer.id)).where(Answer.place.startswith("lesson:"))
        )
        marks = session.scalar(
            select(func.count(Mark.id))
            .join(Answer, Answer.id == Mark.answer_id)
            .where(Answer.place.startswith("lesson:"))
        )
    engine.dispose()
    return int(answers or 0), int(marks or 0)


def test_on_a_full_disk_nothing_is_half_done_and_what_waited_is_stored(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.phone()
    visitors.sign_in(page, "s010")
    page.goto(f"/services/learn/lesson/{LESSON}")
    card = page.locator("lawlab-question").first
    expect(card.locator("label.option").first).to_be_visible()
    before, pids = counts(platform), platform.pids()
    headers = {"Cookie": cookies_of(platform, "s011")["s011"], "X-Lawlab": "1"}
    with (
        no_room(platform.pid("api")),
        httpx.Client(base_url=f"{platform.url}/services/api", headers=headers) as other,
    ):
        card.locator("label.option").first.click()
        card.get_by_role("button", name="确定").click()
        expect(card).to_contain_text("服务器的磁盘满了，请告诉管理员，答案已留在手机上，正在重试")
        shown = other.get(f"/lessons/{LESSON}")  # readers go on
        assert shown.status_code == 200
        cards = shown.json()["cards"]
        for n, one in enumerate(cards):
            chosen = next(iter(one["options"] or {"对": ""}))
            body = {"key": f"full-{n:016}", "person": "s011", "response": {"chosen": [chosen]}}
            body |= {"item": one["id"], "version": one["version"], "place": f"lesson:{LESSON}"}
            refused = other.post("/answers", json=body)
            assert (refused.status_code, refused.json()["code"]) == (503, "disk_full"), refused.text
        assert counts(platform) == before
    again = time.monotonic()
    expect(card).to_contain_text("已保存", timeout=20_000)
    assert time.monotonic() - again < back_within()
    answers, marks = counts(platform)
    assert (answers - before[0], marks - before[1]) == (1, 1)
    assert platform.pids() == pids
    check = sqlite3.connect(platform.settings.data / "lawlab.sqlite")
    assert check.execute("pragma integrity_check").fetchone() == ("ok",)
    check.close()


def test_a_database_that_is_locked_for_long_is_said_and_answers_wait(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.phone()
    visitors.sign_in(page, "s012")
    page.goto(f"/services/learn/lesson/{LESSON}")
    card = page.locator("lawlab-question").first
    expect(card.locator("label.option").first).to_be_visible()
    pids = platform.pids()
    headers = {"Cookie": cookies_of(platform, "s013")["s013"]}
    file = platform.settings.data / "lawlab.sqlite"
    with sitting(platform, QUIZ, SITTERS, pause=0.2) as sitters:
        while not all(one.acknowledged for one in sitters) or len(sitters) < len(SITTERS):
            time.sleep(0.05)
        with locked(file):
            held = time.monotonic()
            card.locator("label.option").first.click()
            card.get_by_role("button", name="确定").click()
            while time.monotonic() - held < LOCKED_S:
                began = time.monotonic()
                shown = httpx.get(f"{platform.url}/services/api/lessons/{LESSON}", headers=headers)
                assert shown.status_code == 200
                assert time.monotonic() - began < back_within()  # readers do not wait for writers
                time.sleep(0.5)
            expect(card).to_contain_text("数据库正忙，答案已留在手机上，正在重试")
        free = time.monotonic()
        expect(card).to_contain_text("已保存", timeout=20_000)
        assert time.monotonic() - free < back_within()
    assert {one for sitter in sitters for one in sitter.refused} == {(503, "database_busy")}
    assert max(one.slowest for one in sitters) < 15  # a browser's patience
    assert assert_nothing_lost(platform, QUIZ, sitters) > len(SITTERS)
    assert len(answers_stored(platform, "s012", place="lesson:")) == 1
    assert platform.pids() == pids
