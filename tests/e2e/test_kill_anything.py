"""Kill -9 of whatever the platform consists of, while people use it: the rest goes on, it is back
by itself, open pages recover, and what was acknowledged is there."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from drill_site import answer, go_on
from faulting import answers_stored, assert_nothing_lost, back_within, sitting
from playwright.sync_api import Page, expect

from lawlab.demo import QUIZ
from lawlab.testing import Running, alive, running

if TYPE_CHECKING:
    from conftest import Visitors

PROGRAMS = ["hub", "proxy", "learn", "api", "grader"]
LESSON = "/services/learn/lesson/anti-telecom-fraud/02_cards-and-accounts"
CARDS = 4
SITTERS = [f"s{n:03}" for n in range(20, 40)]
HAMMER_S = 30.0


@pytest.fixture(scope="module")
def platform(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One of its own: what is killed again and again is started later and later."""
    data = tmp_path_factory.mktemp("killed")
    shutil.copytree(demo_data, data, dirs_exist_ok=True)
    with running(data) as platform:
        yield platform


class Lesson:
    """An open lesson; each `act` answers its next card."""

    def __init__(self, page: Page) -> None:
        self.page, self.answered = page, 0
        page.goto(LESSON)
        expect(page.locator("lawlab-question label.option").first).to_be_visible()

    def act(self) -> None:
        if self.answered == CARDS:
            return
        card = self.page.locator("lawlab-question").nth(self.answered)
        self.answered += 1
        card.locator("label.option").first.click()
        card.get_by_role("button", name="确定").click()

    def done(self) -> None:
        card = self.page.locator("lawlab-question").nth(self.answered - 1)
        expect(card).to_contain_text("已保存", timeout=20_000)


class Quiz:
    """A quiz in the middle; each `act` answers its next question."""

    def __init__(self, page: Page) -> None:
        self.page, self.answered = page, 0
        page.goto(f"/services/learn/quiz/{QUIZ}")
        page.get_by_role("button", name="开始答题").click()
        expect(page.locator("label.option").first).to_be_visible()

    def act(self) -> None:
        if self.answered:
            self.page.get_by_role("button", name="下一题").click()
        self.answered += 1
        expect(self.page.get_by_role("heading", name=f"第 {self.answered} 题")).to_be_visible()
        self.page.locator("label.option").first.click()

    def done(self) -> None:
        state = self.page.locator(".quiz-head .save-state")
        expect(state).to_contain_text("已保存", timeout=20_000)


class Drill:
    """Practice; each `act` answers the question at hand, marked or not."""

    def __init__(self, page: Page) -> None:
        self.page, self.answered = page, 0
        page.goto("/services/learn/drill/practise")
        expect(page.locator(".question fieldset").first).to_be_enabled()

    def act(self) -> None:
        if self.answered:
            go_on(self.page)
        self.answered += 1
        answer(self.page)

    def done(self) -> None:
        expect(self.page.locator(".drill-next")).to_be_visible(timeout=20_000)


def kernels_of(platform: Running) -> set[int]:
    """Whatever `learn` has started."""
    return {one.pid for one in psutil.Process(platform.pid("learn")).children(recursive=True)}


def opened(board: Page) -> None:
    expect(board.locator(".board-live table")).to_be_visible(timeout=30_000)


def test_every_program_may_die_while_people_learn(platform: Running, visitors: Visitors) -> None:
    """Twenty answer a quiz without a pause, another has a lesson, a quiz and the live leaderboard
    open, a third one practises; each program is killed in turn, the pages act while it is dead."""
    desk, phone = visitors.desk(), visitors.phone()
    visitors.sign_in(desk, "s010")
    visitors.sign_in(phone, "s011")
    pages = [Lesson(desk), Quiz(desk.context.new_page()), Drill(phone)]
    board = desk.context.new_page()
    board.goto("/services/learn/leaderboard")
    opened(board)
    back: dict[str, float] = {}
    bounds: dict[str, float] = {}
    with sitting(platform, QUIZ, SITTERS) as sitters, ThreadPoolExecutor(1) as watching:
        for name in random.Random(8).sample(PROGRAMS, len(PROGRAMS)):
            before = platform.pids()
            platform.kill(name)
            waiting = watching.submit(platform.wait_for, name, after=before[name], within=60)
            for page in pages:
                page.act()
            back[name], bounds[name] = waiting.result(), back_within()
            others = {other: pid for other, pid in before.items() if other != name}
            assert others.items() <= platform.pids().items()
            for page in pages:
                page.done()
    stored = assert_nothing_lost(platform, QUIZ, sitters)
    print(f"back after {back}, {stored} answers", {one for s in sitters for one in s.refused})
    assert all(back[name] < bounds[name] for name in PROGRAMS), (back, bounds)
    # The board's kernel went with `learn`; the page opened again by itself.
    board.bring_to_front()
    opened(board)
    assert len(answers_stored(platform, "s010", place="lesson:")) == pages[0].answered == CARDS
    assert len(answers_stored(platform, "s010", place="quiz:")) == pages[1].answered
    assert len(answers_stored(platform, "s011", place="drill:")) == pages[2].answered


def test_programs_killed_at_random_lose_no_answer(platform: Running) -> None:
    """Half a minute, without waiting for anything to be back."""
    chance = random.Random(31)
    killed = 0
    with sitting(platform, QUIZ, SITTERS, pause=0.3) as sitters:
        ends = time.monotonic() + HAMMER_S
        while time.monotonic() < ends:
            time.sleep(chance.uniform(1.5, 4.0))
            with suppress(ProcessLookupError):  # it may be dead still
                platform.kill(chance.choice(PROGRAMS))
                killed += 1
    stored = assert_nothing_lost(platform, QUIZ, sitters)
    print(f"{killed} kills, {stored} answers, { ({one for s in sitters for one in s.refused}) }")
    assert killed >= 6
    assert min(len(one.acknowledged) for one in sitters) >= 3
    for name in PROGRAMS:
        platform.wait_for(name, within=60)


def test_a_page_whose_kernel_is_killed_opens_again_by_itself(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "s012")
    before = platform.pids()
    earlier = kernels_of(platform)
    page.goto("/services/learn/leaderboard")
    opened(page)
    kernels = kernels_of(platform) - earlier
    assert kernels
    for kernel in kernels:
        with suppress(ProcessLookupError):  # one that draws a lesson ahead ends by itself
            os.kill(kernel, signal.SIGKILL)
    expect(page.get_by_text("这一页休息了")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("这一页休息了")).to_be_hidden(timeout=30_000)
    opened(page)
    assert platform.pids() == before


def parent_of_kernels(platform: Running) -> int:
    """The process of which the kernels of live pages are forked."""
    (found,) = (
        one.pid
        for one in psutil.Process(platform.pid("learn")).children()
        if "lawlab.kernels.parent" in one.cmdline()
    )
    return found


def test_live_pages_outlive_the_parent_of_their_kernels(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "s013")
    page.goto("/services/learn/leaderboard")
    opened(page)
    before, parent = platform.pids(), parent_of_kernels(platform)
    os.kill(parent, signal.SIGKILL)
    began = time.monotonic()
    other = page.context.new_page()
    other.goto("/services/learn/leaderboard")
    opened(other)
    took = time.monotonic() - began
    print(f"a new page after {took:.1f} s")
    assert took < back_within()
    page.bring_to_front()
    page.get_by_role("button", name="法律明白人").click()
    expect(page.get_by_role("button", name="法律明白人")).to_have_class(re.compile("mod-active"))
    expect(page.locator(".board-live")).to_contain_text(re.compile("明白人0|还没有成绩"))
    assert platform.pids() == before
    assert parent_of_kernels(platform) != parent


def labs(platform: Running) -> list[int]:
    return [one.pid for one in platform.processes() if "jupyterhub.singleuser" in one.cmdline()]


def test_a_trainers_server_is_started_again_and_outlives_the_hub(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "t01")
    page.goto("/hub/spawn")
    page.wait_for_url("**/user/t01/lab**", timeout=60_000)
    (lab,) = labs(platform)
    hub = platform.kill("hub")
    platform.wait_for("hub", after=hub, within=60)
    assert labs(platform) == [lab]
    before = platform.pids()
    os.kill(lab, signal.SIGKILL)
    began = time.monotonic()
    while page.goto("/hub/spawn").status == 503:  # type: ignore[union-attr]
        page.wait_for_timeout(100)
    assert time.monotonic() - began < back_within()  # its end has been noticed
    page.wait_for_url("**/user/t01/lab**", timeout=60_000)
    assert labs(platform) not in ([lab], [])
    assert platform.pids() == before


def test_after_the_death_of_the_supervisor_nothing_is_left_and_nothing_lost(
    platform: Running,
) -> None:
    tree = platform.processes()
    with ExitStack() as started, sitting(platform, QUIZ, SITTERS, pause=0.2) as sitters:
        while len(sitters) < len(SITTERS) or not all(one.acknowledged for one in sitters):
            time.sleep(0.05)
        os.kill(platform.state().pid, signal.SIGKILL)
        assert platform.process.wait(20) == 1
        assert [one for one in tree if alive(one)] == []
        # What systemd does then. It stays until all that is on its way has arrived.
        started.enter_context(running(platform.settings.data, platform.settings.port))
    assert assert_nothing_lost(platform, QUIZ, sitters) > len(SITTERS)
