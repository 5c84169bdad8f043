"""PostgreSQL dies in the middle of everything and stays away: nobody is thrown out, whoever says
something is told so and says it again, sockets stay, and soon after its return all is there.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from faulting import answers_stored, assert_nothing_lost, back_within, sitting
from playwright.sync_api import expect

from lawlab.demo import DEMO_PASSWORD, QUIZ
from lawlab.testing import POSTGRES_BIN, Running, demo_program, postgres_server, running

if TYPE_CHECKING:
    from conftest import Visitors

AWAY_S = 30.0
LESSON = "/services/learn/lesson/anti-telecom-fraud/02_cards-and-accounts"
SITTERS = [f"s{n:03}" for n in range(20, 30)]
SENTENCE = "数据库暂时连不上"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """One that may be stopped."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def platform(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("gone")
    demo_program(data, database_url=server)
    with running(data, database_url=server) as platform:
        yield platform


def control(server: str, *words: str) -> None:
    folder = Path(server.partition("host=")[2])
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_user, str(POSTGRES_BIN / "pg_ctl"), "-D", str(folder / "data"), "-w", *words]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


def sign_in(platform: Running, login: str) -> httpx.Response:
    """What the sign-in page replies; its own form is fetched first."""
    with httpx.Client(base_url=platform.url, timeout=30) as client:
        form = client.get("/hub/login")
        field = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', form.text)
        assert field
        data = {"username": login, "password": DEMO_PASSWORD, "_xsrf": field[1]}
        return client.post(form.url, data=data)


def test_half_a_minute_without_a_database(
    server: str, platform: Running, visitors: Visitors
) -> None:
    page = visitors.phone()
    visitors.sign_in(page, "s010")
    page.goto(LESSON)
    card = page.locator("lawlab-question").first
    expect(card.locator("label.option").first).to_be_visible()
    reading = visitors.phone()
    visitors.sign_in(reading, "s012")
    closes: list[float] = []
    board = page.context.new_page()
    board.on("websocket", lambda socket: socket.on("close", lambda _: closes.append(time.time())))
    board.goto("/services/learn/board")
    expect(board.locator("lawlab-board")).to_be_visible()
    page.bring_to_front()
    pids = platform.pids()
    with sitting(platform, QUIZ, SITTERS) as sitters:
        while len(sitters) < len(SITTERS) or not all(one.acknowledged for one in sitters):
            time.sleep(0.05)
        control(server, "stop", "-m", "immediate")
        gone = time.monotonic()
        card.locator("label.option").first.click()
        card.get_by_role("button", name="确定").click()
        expect(card).to_contain_text(f"{SENTENCE}，答案已留在手机上，正在重试")
        refused = sign_in(platform, "s011")
        assert refused.status_code == 503
        assert SENTENCE in refused.text
        assert 'value="s011"' in refused.text  # he need not type it again
        reading.goto(LESSON)  # whoever is in stays in: text needs no database
        expect(reading.locator("h1").first).to_be_visible()
        expect(reading.get_by_text(f"{SENTENCE}，练习还没有打开，正在重试").first).to_be_visible()
        time.sleep(max(0.0, AWAY_S - (time.monotonic() - gone)))
        folder = server.partition("host=")[2]
        options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=60"
        control(server, "start", "-l", os.devnull, "-o", options)
        back = time.monotonic()
        expect(card).to_contain_text("已保存", timeout=20_000)
        stored_after = time.monotonic() - back
        while sign_in(platform, "s011").status_code != 303:
            assert time.monotonic() - back < back_within()
        in_after = time.monotonic() - back
        expect(reading.locator("lawlab-question label.option").first).to_be_visible()
    print(f"stored {stored_after:.1f} s, signed in {in_after:.1f} s after its return")
    assert stored_after < back_within()
    assert {status for one in sitters for status, _ in one.refused} == {503}
    assert "database_away" in {code for one in sitters for _, code in one.refused}
    assert max(one.slowest for one in sitters) < 15  # a browser's patience
    assert assert_nothing_lost(platform, QUIZ, sitters) > len(SITTERS)
    assert len(answers_stored(platform, "s010", place="lesson:")) == 1
    assert closes == []
    assert platform.pids() == pids
    said = [line for line in platform.log().splitlines() if "Traceback" in line]
    assert said == []
