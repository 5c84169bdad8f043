"""What goes wrong in real life: a killed API, one phone for two people, a disabled person."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Answer, Person

if TYPE_CHECKING:
    from conftest import Visitors

    from lawlab.testing import Running

LESSON = "/services/learn/lesson/anti-telecom-fraud/02_cards-and-accounts"


def stored(platform: Running, login: str) -> list[Answer]:
    engine = make_engine(platform.settings.database)
    try:
        with make_sessions(engine)() as session:
            query = select(Answer).join(Person, Person.id == Answer.person_id)
            return list(session.scalars(query.where(Person.login == login)))
    finally:
        engine.dispose()


def answer(page: Page, number: int) -> None:
    card = page.locator("lawlab-question").nth(number)
    card.locator("label.option").first.click()
    card.get_by_role("button", name="确定").click()


def test_an_answer_given_while_the_api_is_dead_waits_and_is_stored_once(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.phone()
    visitors.sign_in(page, "s010")
    page.goto(LESSON)
    expect(page.locator("lawlab-question label.option").first).to_be_visible()
    killed = platform.kill("api")
    answer(page, 0)
    expect(page.locator("lawlab-question").first).to_contain_text(re.compile("正在|留在手机上"))
    assert platform.wait_for("api", after=killed) < 10
    expect(page.locator("lawlab-question").first).to_contain_text("已保存", timeout=30_000)
    assert len(stored(platform, "s010")) == 1
    page.reload()
    expect(page.locator("lawlab-question").first).to_contain_text("已保存")
    assert len(stored(platform, "s010")) == 1


def test_two_people_in_turn_on_one_phone_keep_their_answers_apart(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.phone()
    visitors.sign_in(page, "v010")
    page.goto(LESSON)
    expect(page.locator("lawlab-question label.option").first).to_be_visible()
    # The first person's answer stays in the phone: the network is away while he hands it on.
    page.context.route("**/services/api/answers", lambda route: route.abort())
    answer(page, 0)
    expect(page.locator("lawlab-question").first).to_contain_text("留在手机上")
    page.get_by_role("link", name="换人").click()
    page.wait_for_url("**/hub/login**")
    page.context.unroute("**/services/api/answers")

    visitors.sign_in(page, "v011")
    page.goto(LESSON)
    expect(page.locator("lawlab-bar")).to_contain_text("明白人011")
    first = page.locator("lawlab-question").first
    expect(first.get_by_role("button", name="确定")).to_be_enabled()
    expect(first.locator("input:checked")).to_have_count(0)
    answer(page, 1)
    expect(page.locator("lawlab-question").nth(1)).to_contain_text("已保存")
    assert stored(platform, "v010") == []
    assert len(stored(platform, "v011")) == 1

    page.get_by_role("link", name="换人").click()
    page.wait_for_url("**/hub/login**")
    visitors.sign_in(page, "v010")
    page.goto(LESSON)
    expect(page.locator("lawlab-question").first).to_contain_text("已保存", timeout=20_000)
    assert len(stored(platform, "v010")) == 1
    assert len(stored(platform, "v011")) == 1


def test_signing_out_of_the_hub_ends_the_session_of_the_api_and_of_the_pages(
    visitors: Visitors,
) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "s011")
    kept = [one for one in page.context.cookies() if one["name"] != "jupyterhub-hub-login"]
    page.goto("/hub/logout")
    # What the services gave out is worth nothing even in a browser that kept it.
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    assert page.request.get("/services/api/me").status == 401
    # `learn` asks the Hub again after a few seconds (its cache of identities).
    ended = time.time() + 6
    while not page.request.get("/services/learn/home").url.split("?")[0].endswith("/hub/login"):
        assert time.time() < ended, "the pages still know him"
        page.wait_for_timeout(200)


def test_a_disabled_person_loses_kernel_socket_and_session_within_five_seconds(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "s012")
    others = kernels_of(platform)
    page.goto("/services/learn/leaderboard")
    expect(page.locator(".board-live")).to_be_visible(timeout=30_000)
    board = visitors.contexts[-1].new_page()
    closes: list[float] = []
    board.on("websocket", lambda socket: socket.on("close", lambda _: closes.append(time.time())))
    board.goto("/services/learn/board")
    expect(board.locator("lawlab-board")).to_be_visible()
    board.wait_for_timeout(1500)
    kernels = kernels_of(platform) - others
    assert kernels

    began = time.time()
    subprocess.run(
        [sys.executable, "-m", "lawlab.cli", "people", "disable", "s012"],
        env={"LAWLAB_DATA": str(platform.settings.data), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
    disabled = time.time()
    while (kernels & kernels_of(platform) or not closes) and time.time() - disabled < 10:
        board.wait_for_timeout(100)
    assert not kernels & kernels_of(platform), "the kernel outlived its person"
    assert closes, "the socket stayed open"
    assert time.time() - disabled < 5, f"took {time.time() - disabled:.1f} s"
    assert page.request.get("/services/api/me").status == 401
    assert began < disabled


def kernels_of(platform: Running) -> set[int]:
    """Processes of kernels under the learn server."""
    found = set()
    for process in platform.processes():
        with suppress(psutil.NoSuchProcess):  # it may end between two questions
            # A forked one has the command line of its parent, and a name of its own.
            forked = process.name() == "ipykernel"
            if forked or any("ipykernel" in word for word in process.cmdline()):
                found.add(process.pid)
    return found


def test_a_kernel_that_dies_is_said_quietly_and_the_page_comes_back(
    platform: Running, visitors: Visitors
) -> None:
    import os
    import signal

    page = visitors.desk()
    visitors.sign_in(page, "s013")
    before = kernels_of(platform)
    page.goto("/services/learn/leaderboard")
    expect(page.locator(".board-live")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1000)
    for pid in kernels_of(platform) - before:
        os.kill(pid, signal.SIGKILL)
    again = page.get_by_role("button", name="继续").or_(page.get_by_role("link", name="继续"))
    expect(again).to_be_visible(timeout=30_000)
    again.click()
    expect(page.locator(".board-live")).to_be_visible(timeout=30_000)


def test_no_secret_is_in_a_kernels_environment(platform: Running, visitors: Visitors) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "s014")
    before = kernels_of(platform)
    page.goto("/services/learn/leaderboard")
    expect(page.locator(".board-live")).to_be_visible(timeout=30_000)
    secrets = {path.read_text() for path in (platform.settings.data / "secrets").iterdir()}
    kernels = [one for one in platform.processes() if one.pid in kernels_of(platform) - before]
    people = []
    for kernel in kernels:
        try:
            # A forked one has what it began with, its parent's, and what it was given.
            environments = kernel.environ(), environment_within(kernel)
        except psutil.NoSuchProcess:  # one that draws a lesson ahead ends by itself
            continue
        for environment in environments:
            text = json.dumps(environment)
            assert not any(secret in text for secret in secrets)
            assert platform.settings.database not in text
            assert "JUPYTERHUB_API_TOKEN" not in environment
        people.append(environments[1].get("LAWLAB_PERSON"))
    assert set(people) - {None} == {"s014"}  # a kernel that draws lessons ahead serves nobody


def environment_within(kernel: psutil.Process) -> dict[str, str]:
    """What code in a kernel finds in its environment. Raises psutil.NoSuchProcess."""
    sockets = {one.laddr for one in kernel.net_connections("unix") if "-ipc-" in one.laddr}
    if not sockets:
        raise psutil.NoSuchProcess(kernel.pid)
    file = min(sockets).partition("-ipc-")[0] + ".json"
    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()
    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        said.append(message["content"].get("text", ""))

    try:
        code = "import json, os\nprint(json.dumps(dict(os.environ)))"
        client.execute_interactive(code, store_history=False, output_hook=hear, timeout=10)
    finally:
        client.stop_channels()
    found: dict[str, str] = json.loads("".join(said))
    return found
