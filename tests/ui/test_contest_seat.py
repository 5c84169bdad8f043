"""A contestant's phone during a contest: refresh, no network, no WebSockets, a second device."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from contest_site import BLUE, RED, ContestSite, contest_site
from meeting_site import LARGE, RETURN, fits
from playwright.sync_api import Browser, Locator, Page, expect

from lawlab.domain.contest_script import Format, Kind

GOT = re.compile(r"^ ?已收到 09:0\d:\d\d，")
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('lawlab.contest.')).length"
LINES = """window.lines = []; window.WebSocket = class extends WebSocket {
  constructor(...how) { super(...how); lines.push(this); }
}"""
HOLDS = "(count) => lines.length === count && lines.at(-1).readyState === WebSocket.OPEN"
Serve = Callable[..., ContestSite]


@pytest.fixture
def serve(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[Serve]:
    """Serves a contest of these rounds, entered and started."""
    with ExitStack() as stack:

        def begin(*rounds: dict[str, Any], **script: Any) -> ContestSite:
            site = stack.enter_context(
                contest_site(
                    browser, migrated_sqlite, small_repository, tmp_path, rounds or ({},), **script
                )
            )
            site.do("open", "start")
            return site

        yield begin


def option(page: Page, letter: str) -> Locator:
    return page.locator("label.option").filter(has=page.get_by_text(letter, exact=True))


def choose(page: Page, letter: str) -> None:
    option(page, letter).click()
    page.get_by_role("button", name="确定").click()


def state(page: Page) -> Locator:
    return page.locator(".contest-state")


def test_from_the_lobby_to_the_end(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> None:
    with contest_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        page = site.open("contest", "v001", 390)
        expect(page.get_by_text("现在没有比武。")).to_be_visible()
        site.do("open")
        page.reload()
        expect(page.get_by_role("link", name="进入")).to_be_visible()
        page.goto("/services/learn/home")
        page.get_by_role("link", name="进入比武").click()
        expect(page.get_by_role("heading", name="还没有开始")).to_be_visible()
        expect(page.get_by_text("不倒扣")).to_be_visible()
        site.do("start")
        expect(page.get_by_role("heading", name="比赛开始了")).to_be_focused()
        site.do("show")
        expect(page.get_by_text("第 1 题，共 3 题")).to_be_visible()
        expect(page.locator("legend.stem")).to_be_focused()
        page.get_by_role("button", name="确定").click()
        expect(state(page)).to_have_text("请先选一个答案，再点确定。")
        option(page, "C").click()

        page.reload()
        expect(option(page, "C").locator("input")).to_be_checked()
        assert site.stored() == 0
        page.get_by_role("button", name="确定").click()
        expect(state(page)).to_have_text(GOT)
        assert site.stored() == 1
        assert page.evaluate(DRAFTS) == 0
        site.clock.move(seconds=8)
        page.reload()
        expect(state(page)).to_have_text(GOT)
        expect(option(page, "C").locator("input")).to_be_checked()
        expect(option(page, "C").locator("input")).to_be_disabled()
        left = int(page.locator(".contest-clock .timer").inner_text().split()[1])
        assert abs(left - site.view()["question"]["left_ms"] / 1000) <= 1.5
        assert left <= 12

        site.do("close", "reveal")
        expect(page.locator(".verdict")).to_have_text("答对了")
        expect(page.locator(".verdict")).to_be_focused()
        expect(page.get_by_text(re.compile(r"这道题得 \d+ 分"))).to_be_visible()
        expect(page.get_by_text("第 1 名（共 1 人）")).to_be_visible()
        expect(page.get_by_text("看法条").first).to_be_visible()
        site.do("board")
        expect(page.locator(".contest-rows .is-mine")).to_contain_text("明白人001")
        site.show()
        expect(page.get_by_text("第 2 题，共 3 题")).to_be_visible()
        site.do("close", "reveal")
        expect(page.locator(".verdict")).to_have_text("没有作答")
        site.do("finish")
        expect(page.get_by_text("第 1 名", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="错题本")).to_be_visible()
        result = page.get_by_role("link", name="赛事记录和证书")
        expect(result).to_have_attribute("href", f"/services/learn/contest/{site.contest}/result")


def test_word_about_the_same_question_takes_neither_choice_nor_focus_nor_place(
    serve: Serve,
) -> None:
    site = serve()
    site.show()
    page = site.seat()
    option(page, "B").locator("input").focus()
    page.keyboard.press("Space")
    page.evaluate("document.querySelector('label.option').here = true; scrollTo(0, 40)")
    at = page.evaluate("scrollY")
    site.do("pause")
    expect(state(page)).to_contain_text("主持人暂停了比赛")
    expect(page.get_by_role("button", name="确定")).to_be_disabled()
    expect(option(page, "B").locator("input")).to_be_disabled()
    left = page.locator(".contest-clock .timer").inner_text()
    site.clock.move(seconds=30)
    site.do("resume")
    expect(option(page, "B").locator("input")).to_be_enabled()
    site.do("extend", seconds=40)
    timer = page.locator(".contest-clock .timer")
    expect(timer).not_to_contain_text("暂停")
    assert "暂停" in left
    expect(timer).to_contain_text(re.compile("还剩 5[0-9] 秒"))
    assert page.evaluate("document.querySelector('label.option').here") is True
    assert page.evaluate("scrollY") == at
    expect(option(page, "B").locator("input")).to_be_checked()
    page.get_by_role("button", name="确定").focus()
    assert page.evaluate("scrollY") == at
    site.do("extend", seconds=30)
    expect(timer).to_contain_text("1 分")
    expect(page.get_by_role("button", name="确定")).to_be_focused()


def test_time_that_ran_out_is_said_and_an_extension_gives_the_choice_back(serve: Serve) -> None:
    site = serve()
    site.show()
    page, other = site.seat(), site.seat("v002")
    option(page, "B").click()
    expect(other.locator("label.option").first).to_be_visible()
    site.do("close")
    expect(state(page)).to_have_text("答题结束，选了没有点“确定”，没有提交")
    expect(state(other)).to_have_text("答题结束，没有答")
    expect(page.get_by_role("button", name="确定")).to_be_hidden()
    site.do("extend", seconds=30)
    page.get_by_role("button", name="确定").click()
    expect(state(page)).to_have_text(GOT)
    site.clock.move(seconds=60)
    other.reload()
    expect(state(other)).to_have_text("时间到，没有答")


def test_an_answer_given_without_a_network_leaves_by_itself(serve: Serve) -> None:
    site = serve()
    site.show()
    page = site.seat()
    expect(page.locator("label.option").first).to_be_visible()
    at = page.evaluate("scrollY")
    page.context.set_offline(True)
    expect(state(page)).to_contain_text("可以照样答")
    choose(page, "C")
    expect(state(page)).to_contain_text("网络断了，答案已留在手机上，正在重连…")
    assert page.evaluate("scrollY") == at
    assert site.stored() == 0
    page.context.set_offline(False)
    expect(state(page)).to_have_text(GOT)
    assert site.stored() == 1
    expect(page.locator(".contest-link")).to_be_empty()


def test_a_line_that_breaks_is_back_within_a_second_with_what_happened_meanwhile(
    serve: Serve,
) -> None:
    site = serve()
    page = site.seat()
    page.add_init_script(LINES)
    page.reload()
    page.wait_for_function(HOLDS, arg=1)
    expect(page.get_by_role("heading", name="比赛开始了")).to_be_visible()
    page.evaluate("lines[0].onmessage = null")  # half dead: it is open, and nothing comes
    site.show()
    page.evaluate("lines[0].close()")
    page.wait_for_function(HOLDS, arg=2, timeout=1000)
    expect(page.get_by_text("第 1 题，共 3 题")).to_be_visible()
    choose(page, "C")
    expect(state(page)).to_have_text(GOT)


def test_an_answer_that_comes_after_the_reveal_is_said_not_to_count(serve: Serve) -> None:
    site = serve()
    site.show()
    page = site.seat()
    expect(page.locator("label.option").first).to_be_visible()
    page.context.set_offline(True)
    choose(page, "C")
    site.do("close", "reveal")
    page.context.set_offline(False)
    expect(page.locator(".verdict")).to_have_text("没有作答")
    expect(page.get_by_text("没有来得及送到，没有计入")).to_be_visible()
    page.reload()
    expect(page.get_by_text("没有来得及送到，没有计入")).to_be_visible()
    site.do("board")
    expect(page.get_by_role("heading", name="排名")).to_be_visible()
    assert site.stored() == 0
    assert page.evaluate(DRAFTS) == 0


def test_where_websockets_are_forbidden_asking_carries_everything(serve: Serve) -> None:
    site = serve()
    page = site.seat()
    page.route_web_socket(re.compile("/socket"), lambda socket: socket.close())
    page.reload()
    expect(page.get_by_text("画面每两秒更新一次")).to_be_visible()
    site.show()
    choose(page, "C")
    expect(state(page)).to_have_text(GOT)
    site.do("close", "reveal")
    expect(page.locator(".verdict")).to_have_text("答对了")


def test_a_second_device_shows_what_was_answered_on_the_first(serve: Serve) -> None:
    site = serve()
    site.show()
    page, second = site.seat(), site.seat()
    option(second, "A").click()
    choose(page, "C")
    expect(state(page)).to_have_text(GOT)
    expect(state(second)).to_have_text(GOT)
    expect(option(second, "C").locator("input")).to_be_checked()
    expect(option(second, "C").locator("input")).to_be_disabled()


def test_an_answer_survives_the_end_of_a_session_and_is_sent_after_signing_in(
    serve: Serve,
) -> None:
    site = serve()
    site.show()
    page = site.seat()
    expect(page.locator("label.option").first).to_be_visible()
    cookies = page.context.cookies()
    page.context.set_offline(True)
    choose(page, "C")
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator(".contest-link")).to_contain_text("请重新登录后继续比赛")
    expect(state(page)).to_contain_text("答案已留在手机上")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.evaluate(RETURN)
    expect(state(page)).to_have_text(GOT)
    expect(page.locator(".contest-link")).to_be_empty()


def test_whoever_takes_the_phone_answers_for_himself(serve: Serve) -> None:
    site = serve()
    site.show()
    page, other = site.seat(), site.seat("v002")
    expect(page.locator("label.option").first).to_be_visible()
    page.context.set_offline(True)
    choose(page, "C")
    page.context.clear_cookies()
    page.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]
    page.context.set_offline(False)
    expect(page.locator(".bar-who")).to_contain_text("明白人002")
    expect(option(page, "C").locator("input")).not_to_be_checked()
    choose(page, "A")
    expect(state(page)).to_have_text(GOT)
    expect(state(other)).to_have_text(GOT)
    assert site.stored() == 1


def test_whoever_is_out_sees_the_questions_and_is_not_reproached(serve: Serve) -> None:
    site = serve({"kind": Kind.ELIMINATION})
    site.show()
    page, other = site.seat("v001"), site.seat("v002")
    choose(page, "A")
    choose(other, "C")
    expect(state(other)).to_have_text(GOT)
    site.do("close", "reveal")
    expect(page.locator(".verdict")).to_have_text("答错了")
    site.show()
    expect(page.get_by_text("这一轮您已经退出了")).to_be_visible()
    expect(page.locator("li.option").first).to_be_visible()
    expect(page.get_by_role("button", name="确定")).to_be_hidden()
    expect(other.get_by_role("button", name="确定")).to_be_enabled()
    site.do("close", "reveal")
    expect(page.locator(".verdict")).to_have_text("答案公布了")
    expect(page.get_by_text("这一轮您已经退出了")).to_be_visible()


def test_the_buzzer_with_a_false_start_and_an_audience(serve: Serve) -> None:
    site = serve({"kind": Kind.BUZZER}, format=Format.SEATED, rehearsal=True)
    site.show()
    red, blue, third = site.seat("v001"), site.seat("v002"), site.seat("v003")
    buzzer = blue.get_by_role("button", name="抢答")
    expect(blue.get_by_text("听到“开始抢答”再按")).to_be_visible()
    expect(third.get_by_text("这一轮由台上的队答。")).to_be_visible()
    expect(third.get_by_role("button", name="抢答")).to_be_hidden()
    size = buzzer.bounding_box()
    assert size is not None
    assert size["height"] >= 96
    red.get_by_role("button", name="抢答").click()
    expect(red.get_by_text("抢早了，这道题您的队不能再抢。")).to_be_visible()
    expect(red.get_by_role("button", name="抢答")).to_be_disabled()
    expect(blue.get_by_text("听到“开始抢答”再按")).to_be_visible()
    site.do("arm")
    expect(blue.get_by_text("现在可以抢！")).to_be_visible()
    expect(red.get_by_text("抢早了")).to_be_visible()
    buzzer.click()
    expect(blue.get_by_text("您的队抢到了！")).to_be_visible()
    expect(red.get_by_text(f"{BLUE}抢到了，由他们答。")).to_be_visible()
    choose(blue, "C")
    expect(state(blue)).to_have_text(GOT)
    site.do("reveal")
    expect(third.get_by_text(f"{BLUE}答对了，加 100 分。")).to_be_visible()
    expect(red.get_by_text("彩排，不计成绩")).to_be_visible()
    site.do("undo")
    expect(state(blue)).to_have_text(GOT)
    expect(red.get_by_text(f"{BLUE}抢到了")).to_be_visible()


def test_a_stake_and_an_exclusion_are_said_and_all_fits_a_small_phone(serve: Serve) -> None:
    site = serve({"kind": Kind.RISK}, format=Format.SEATED)
    red, blue = site.open(f"contest/{site.contest}", "v001", 320), site.seat("v002")
    red.emulate_media(color_scheme="dark")
    red.evaluate(LARGE)
    red.reload()
    site.show(team=RED, stake=20)
    expect(red.get_by_text("答错或没答扣 20 分")).to_be_visible()
    expect(red.get_by_text("轮到您的队答。")).to_be_visible()
    assert fits(red)
    expect(blue.get_by_text(f"这道题由{RED}答。")).to_be_visible()
    expect(blue.locator("li.option").first).to_be_visible()
    site.do("exclude", login="v001", reason="请人代答")
    expect(red.get_by_text("主持人取消了您的比赛资格")).to_be_visible()
    expect(red.get_by_role("button", name="确定")).to_be_hidden()
    site.do("close", "reveal")
    expect(blue.get_by_text(f"{RED}没有答，扣 20 分。")).to_be_visible()
    assert fits(red)
    site.do("finish")
    expect(red.get_by_role("heading", name="比赛结束")).to_be_visible()
    assert fits(red)
