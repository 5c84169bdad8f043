"""`lawlab serve` is stopped and started again while people sit a quiz and answer in a contest: what
was answered is there, what was not sent is sent, deadlines hold, and all ends as usual."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from contesting import add_contest, one_round
from faulting import answers_stored, cookies_of
from phones import Phone
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lawlab.demo import QUIZ
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.tables import ContestResult, Person, Sitting
from lawlab.testing import STOPPED_WITHIN, Running, running

if TYPE_CHECKING:
    from conftest import Visitors

SITTERS = ["s010", "s011", "v010"]
CONTESTANTS = [f"s{n:03}" for n in range(20, 40)]
HOST = "t01"
LIMIT_S = 90
"""Of the contest's question: a start takes some 5 s, on a busy machine some more."""


@pytest.fixture(scope="module")
def platform(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("restarted")
    shutil.copytree(demo_data, data, dirs_exist_ok=True)
    with running(data) as platform:
        yield platform


class Quiz:
    """Somebody's phone in the middle of a quiz."""

    def __init__(self, page: Page) -> None:
        self.page, self.answered = page, 0
        page.goto(f"/services/learn/quiz/{QUIZ}")
        page.get_by_role("button", name="开始答题").click()
        expect(page.locator("label.option").first).to_be_visible()
        self.state = page.locator(".quiz-head .save-state")

    def act(self) -> None:
        if self.answered:
            self.page.get_by_role("button", name="下一题").click()
        self.answered += 1
        expect(self.page.get_by_role("heading", name=f"第 {self.answered} 题")).to_be_visible()
        self.page.locator("label.option").first.click()

    def hand_in(self) -> None:
        self.page.get_by_role("button", name="答题卡").click()
        self.page.get_by_role("button", name="交卷", exact=True).click()
        self.page.get_by_role("button", name="确定交卷").click()
        expect(self.page.locator(".receipt")).to_be_visible()


class Contest:
    """A contest of twenty phones without browsers, in a thread of its own."""

    def __init__(self, platform: Running) -> None:
        engine = make_engine(platform.settings.database)
        with make_sessions(engine)() as session:
            rounds = [one_round(session, 1, seconds=LIMIT_S)]
            self.id = add_contest(writing(session), dt.datetime.now(dt.UTC), rounds)
        engine.dispose()
        self.cookies = cookies_of(platform, HOST, *CONTESTANTS)
        self.base = f"{platform.url}/services/api/contests/{self.id}"
        address = f"{self.base.replace('http', 'ws', 1)}/socket"
        self.phones = [
            Phone(address, login, self.cookies[login], False, random.Random(n))
            for n, login in enumerate(CONTESTANTS)
        ]
        self.over = threading.Event()

    async def live(self) -> None:
        lives = [asyncio.create_task(phone.live()) for phone in self.phones]
        while not self.over.is_set():
            await asyncio.sleep(0.05)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    def do(self, *commands: str) -> None:
        """The host's commands."""
        headers = {"Cookie": self.cookies[HOST], "X-Lawlab": "1"}
        with httpx.Client(headers=headers, timeout=30, trust_env=False) as http:
            for command in commands:
                seq = http.get(f"{self.base}/host").json()["seq"]
                body = {"person": HOST, "key": secrets.token_urlsafe(16), "seq": seq}
                reply = http.post(f"{self.base}/commands", json=body | {"command": command})
                assert reply.status_code == 200, reply.text

    def acknowledged(self) -> int:
        return sum(1 in phone.acknowledged for phone in self.phones)


def until(holds: Callable[[], object], within: float) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within
        time.sleep(0.05)
    return time.monotonic() - began


def ask(platform: Running, query: Any) -> list[Any]:
    engine = make_engine(platform.settings.database)
    with make_sessions(engine)() as session:
        found = [tuple(row) for row in session.execute(query)]
    engine.dispose()
    return found


def test_a_restart_in_the_middle_of_a_quiz_and_of_a_question(
    platform: Running, visitors: Visitors
) -> None:
    quizzes = []
    for login in SITTERS:
        page = visitors.phone()
        visitors.sign_in(page, login)
        quizzes.append(Quiz(page))
    for one in quizzes:
        one.act()
        expect(one.state).to_contain_text("已保存")
    deadlines = ask(platform, select(Sitting.person_id, Sitting.deadline))
    contest = Contest(platform)
    with ThreadPoolExecutor(1) as thread:
        living = thread.submit(asyncio.run, contest.live())
        try:
            contest.do("open", "start")
            until(lambda: all(phone.shown for phone in contest.phones), 20)
            contest.do("show")
            until(lambda: contest.acknowledged() >= 3, 20)  # the others are still thinking
            early = {p.login: dict(p.acknowledged) for p in contest.phones}
            platform.process.send_signal(signal.SIGTERM)
            assert platform.process.wait(STOPPED_WITHIN) == 0
            for one in quizzes:
                one.act()  # while nothing is there
            with running(platform.settings.data, platform.settings.port) as again:
                back = time.monotonic()
                for one in quizzes:
                    expect(one.state).to_contain_text("已保存", timeout=40_000)
                until(lambda: contest.acknowledged() == len(CONTESTANTS), LIMIT_S)
                print(f"all acknowledged {time.monotonic() - back:.1f} s after the start")
                for phone in contest.phones:
                    assert early[phone.login].items() <= phone.acknowledged.items()
                contest.do("close", "reveal", "board", "finish")
                until(lambda: all(p.shown["phase"] == "finished" for p in contest.phones), 20)
                assert ask(again, select(Sitting.person_id, Sitting.deadline)) == deadlines
                for one in quizzes:
                    one.act()
                    expect(one.state).to_contain_text("已保存")
                    one.hand_in()
                results = dict(
                    ask(
                        again,
                        select(Person.login, ContestResult.points)
                        .join(Person, Person.id == ContestResult.person_id)
                        .where(ContestResult.contest_id == contest.id),
                    )
                )
        finally:
            contest.over.set()
            living.result()
    assert results == {phone.login: phone.shown["me"]["points"] for phone in contest.phones}
    assert len(answers_stored(platform, *CONTESTANTS, place="contest:")) == len(CONTESTANTS)
    assert len(answers_stored(platform, *SITTERS, place="quiz:")) == 3 * len(SITTERS)
    assert len(ask(platform, select(Sitting.id).where(Sitting.handed_in_at.is_not(None)))) == 3
