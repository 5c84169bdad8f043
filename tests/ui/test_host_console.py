"""The host's console on the real API: a whole contest from its buttons, with the projector beside
it; another page takes over; nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from contest_site import BLUE, RED, ContestSite, contest_site
from meeting_site import LARGE, fits
from playwright.sync_api import Browser, Locator, Page, Route, expect

from lawlab.domain.contest_script import Format, Kind

Serve = Callable[..., ContestSite]


@pytest.fixture
def serve(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[Serve]:
    """Serves a contest of these rounds, after these commands."""
    with ExitStack() as stack:

        def begin(
            *rounds: dict[str, Any], done: tuple[str, ...] = (), **script: Any
        ) -> ContestSite:
            site = stack.enter_context(
                contest_site(
                    browser, migrated_sqlite, small_repository, tmp_path, rounds or ({},), **script
                )
            )
            site.do(*done)
            return site

        yield begin


def console(site: ContestSite, width: int = 1440) -> Page:
    return site.open(f"host/{site.contest}", width=width)


def main_button(page: Page) -> Locator:
    return page.locator(".host-main")


def press(page: Page, words: str) -> None:
    """The main button, which has to say this before."""
    expect(main_button(page)).to_have_text(words)
    expect(main_button(page)).to_be_enabled()
    main_button(page).click()


def other(page: Page, words: str) -> Locator:
    return page.locator(".host-seconds").get_by_role("button", name=words, exact=True)


def confirm(page: Page, words: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=words, exact=True).click()


def figures(page: Page, *values: int) -> None:
    """Answered, present, expected."""
    expect(page.locator(".host-figures b")).to_have_text([str(value) for value in values])


def choose(page: Page, letter: str) -> None:
    option = page.locator("label.option").filter(has=page.get_by_text(letter, exact=True))
    option.click()
    page.get_by_role("button", name="确定").click()


def log(site: ContestSite) -> list[str]:
    """What happened, oldest first."""
    return [line["text"] for line in reversed(site.view()["log"])]


def test_a_whole_contest_from_one_button_with_the_projector_beside_it(serve: Serve) -> None:
    site = serve({"count": 1})
    page = console(site)
    screen = site.open(f"bigscreen/{site.contest}", width=1920)
    expect(page.get_by_role("link", name="打开大屏幕")).to_have_attribute(
        "href", f"/services/learn/bigscreen/{site.contest}"
    )
    expect(screen.get_by_text("比武还没有开放")).to_be_visible()
    press(page, "开放入场")
    expect(page.locator(".stage-qr")).to_be_visible()
    phone = site.seat()
    figures_of_hall = screen.locator(".big-count")
    expect(figures_of_hall).to_contain_text("1 / 3 人")
    expect(screen.locator(".big-names li")).to_have_text(["明白人001"])
    expect(page.get_by_text("已入场 1 人")).to_be_visible()

    press(page, "开始比赛")
    expect(page.get_by_role("dialog")).to_contain_text("现在到了 1 人，应到 3 人")
    confirm(page, "再等一等")
    assert site.view()["phase"] == "lobby"
    press(page, "开始比赛")
    confirm(page, "开始比赛")
    expect(screen.get_by_text("比赛开始了")).to_be_visible()
    expect(screen.locator(".big-rules")).to_contain_text("不倒扣")
    press(page, "出第 1 题")
    expect(page.locator(".host-key")).to_contain_text("C，")
    expect(screen.locator(".big-options li")).to_have_count(4)
    expect(screen.locator(".is-right")).to_have_count(0)
    choose(phone, "C")
    expect(screen.locator(".big-answered")).to_have_text("已答 1 / 1")
    expect(page.locator(".host-figures b").first).to_have_text("1")
    expect(page.locator(".host-time .timer")).to_contain_text("还剩")

    press(page, "停止答题")
    expect(screen.locator(".big-time .timer")).to_have_text("答题结束")
    press(page, "公布答案")
    expect(page.locator(".host-outcome")).to_have_text("1 人答，1 人答对：C 1 人")
    expect(page.locator(".host-spread")).to_have_text("最快和最慢的手机相差 0.0 秒（1 部）")
    expect(page.locator(".article-panel").first).to_be_visible()
    expect(screen.locator(".big-options .is-right")).to_contain_text("正确1 人")
    press(page, "看排名")
    expect(screen.locator(".big-board li")).to_contain_text("明白人001")
    press(page, "结束比赛，宣布结果")
    confirm(page, "结束比赛")
    expect(main_button(page)).to_have_text("比赛已经结束")
    expect(screen.locator(".is-place-1")).to_contain_text("明白人001")
    result = page.get_by_role("link", name="赛事记录和证书")
    expect(result).to_have_attribute("href", f"/services/learn/contest/{site.contest}/result")


def test_another_page_takes_over_in_mid_question(serve: Serve) -> None:
    site = serve(done=("open", "start"))
    first = console(site)
    press(first, "出第 1 题")
    expect(main_button(first)).to_have_text("停止答题")
    first.context.close()
    site.clock.move(seconds=5)
    second = console(site)
    expect(second.locator(".host-last")).to_contain_text(
        re.compile(r"刚才：出第 1 题（09:00:\d\d，t01）")
    )
    expect(second.locator(".host-time .timer")).to_contain_text(re.compile("还剩 1[0-6] 秒"))
    press(second, "停止答题")
    press(second, "公布答案")
    expect(second.locator(".host-outcome")).to_contain_text("0 人答")
    assert log(site)[2:] == ["出第 1 题", "停止答题", "公布第 1 题的答案"]


def test_a_double_click_or_a_key_held_down_does_one_step(serve: Serve) -> None:
    site = serve(done=("open", "start"))
    page = console(site)
    sent: list[Any] = []
    page.on("request", lambda one: one.method == "POST" and sent.append(one.post_data_json))
    expect(main_button(page)).to_have_text("出第 1 题")
    main_button(page).dblclick()
    expect(main_button(page)).to_have_text("停止答题")
    expect(main_button(page)).to_be_enabled()
    assert [one["command"] for one in sent] == ["show"]
    main_button(page).focus()
    page.keyboard.down("Enter")
    expect(main_button(page)).to_have_text("公布答案")
    expect(main_button(page)).to_be_enabled()
    page.keyboard.down("Enter")  # repeated, as by a hand that stays on the key
    page.keyboard.up("Enter")
    expect(main_button(page)).to_be_focused()
    assert [one["command"] for one in sent] == ["show", "close"]
    page.keyboard.press("Space")
    expect(main_button(page)).to_have_text("看排名")
    assert [one["command"] for one in sent] == ["show", "close", "reveal"]


def test_whoever_was_slower_sees_what_the_other_did(serve: Serve) -> None:
    site = serve(done=("open", "start", "show"))
    page = console(site)

    def first_another(route: Route) -> None:
        site.do("close")
        route.continue_()

    page.route("**/commands", first_another)
    other(page, "加时 30 秒").click()
    expect(page.get_by_role("alert")).to_contain_text("您刚才点的没有做")
    expect(page.get_by_role("alert")).to_contain_text("停止答题")
    expect(main_button(page)).to_have_text("公布答案")
    page.unroute("**/commands")
    other(page, "加时 30 秒").click()
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.locator(".host-time .timer")).to_contain_text(re.compile("还剩 (30|2[5-9]) 秒"))
    assert log(site)[3:] == ["停止答题", "加时 30 秒"]


def test_a_lost_reply_is_asked_for_again_and_nothing_is_done_twice(serve: Serve) -> None:
    site = serve(done=("open", "start", "show"))
    page = console(site)
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.post_data_json["key"])
        if len(keys) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    page.route("**/commands", lose_the_first)
    other(page, "加时 10 秒").click()
    expect(page.locator(".host-last")).to_contain_text("加时 10 秒")
    expect(other(page, "加时 10 秒")).to_be_enabled()
    expect(page.get_by_role("alert")).to_be_empty()
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert log(site).count("加时 10 秒") == 1


def test_without_a_network_the_page_says_so_and_is_current_again_after(serve: Serve) -> None:
    site = serve(done=("open", "start", "show"))
    page = console(site)
    expect(page.locator(".host-link")).to_have_text(" 已连接")
    page.context.set_offline(True)
    expect(page.locator(".host-link")).to_have_text(" 正在重连，比赛照常进行，计时以服务器为准")
    expect(page.locator(".host-stage .stem")).to_be_visible()
    site.do("close", "reveal")
    page.context.set_offline(False)
    expect(main_button(page)).to_have_text("看排名")
    expect(page.locator(".host-link")).to_have_text(" 已连接")


def test_what_cannot_be_pressed_now_stays_in_its_place(serve: Serve) -> None:
    site = serve(done=("open", "start"))
    page = console(site)
    words = ["暂停", "停止答题", "加时 10 秒", "加时 30 秒", "看排名", "直接出下一题"]
    for word in words:
        expect(other(page, word)).to_be_disabled()
    press(page, "出第 1 题")
    for word in words[:4]:
        expect(other(page, word)).to_be_enabled()
    other(page, "暂停").click()
    expect(main_button(page)).to_have_text("继续")
    expect(page.locator(".host-time .timer")).to_contain_text("暂停")
    other(page, "继续").click()
    other(page, "撤回：继续").click()
    confirm(page, "撤回")
    expect(main_button(page)).to_have_text("继续")


def test_voiding_excluding_and_adding_want_a_reason_and_can_be_taken_back(serve: Serve) -> None:
    site = serve(done=("open", "start", "show", "close", "reveal"))
    page = console(site)
    other(page, "作废第 1 题").click()
    confirm(page, "作废")
    expect(page.get_by_role("dialog")).to_contain_text("请写明原因")
    page.get_by_role("dialog").get_by_role("button", name="题目有错").click()
    confirm(page, "作废")
    expect(page.locator(".host-stage .notice")).to_contain_text("谁都不得分。原因：题目有错")

    page.get_by_placeholder("查找姓名").fill("明白人002")
    expect(page.locator(".host-panel .host-line")).to_have_count(1)
    page.get_by_role("button", name="取消资格：明白人002").click()
    page.get_by_label("原因").fill("请人代答")
    confirm(page, "取消资格")
    expect(page.locator(".host-panel .host-line")).to_contain_text("取消资格：请人代答")
    expect(page.get_by_role("button", name="取消资格 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="恢复：明白人002").click()
    page.get_by_label("原因").fill("点错了")
    confirm(page, "恢复")
    expect(page.get_by_role("button", name="取消资格：明白人002")).to_be_visible()

    page.get_by_role("button", name="加入迟到的人").click()
    page.get_by_label("他的登录名").fill("nobody")
    confirm(page, "加入")
    expect(page.get_by_role("dialog")).to_contain_text("没有登录名是“nobody”的人")
    page.get_by_label("他的登录名").fill("t01")
    confirm(page, "加入")
    expect(page.get_by_role("dialog")).to_be_hidden()
    figures(page, 0, 0, 4)

    site.do("finish")
    page.get_by_role("button", name="题目", exact=True).click()
    page.get_by_role("button", name="恢复第 1 题").last.click()
    page.get_by_label("原因").fill("复核后题目没有错")
    confirm(page, "恢复")
    expect(page.get_by_role("button", name="作废第 1 题").last).to_be_visible()
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".host-log li").first).to_contain_text(
        "恢复第 1 题，原因：复核后题目没有错"
    )


def test_a_risk_question_is_shown_for_a_chosen_team_and_stake_only(serve: Serve) -> None:
    site = serve({"kind": Kind.RISK}, done=("open", "start"), format=Format.SEATED)
    page = console(site)
    expect(main_button(page)).to_have_text(f"请先选{RED}要答多少分的题")
    expect(main_button(page)).to_be_disabled()
    page.get_by_role("button", name=BLUE, exact=True).click()
    expect(page.get_by_role("button", name=BLUE, exact=True)).to_be_focused()
    page.get_by_role("button", name="30 分").click()
    press(page, "出第 1 题")
    expect(page.locator(".host-stage")).to_contain_text(f"{BLUE}，30 分题")
    press(page, "公布答案")
    expect(page.get_by_role("dialog")).to_contain_text(f"{BLUE}还没有答，时间也没有到。")
    confirm(page, "公布答案")
    expect(page.locator(".host-stage .verdict")).to_contain_text(f"{BLUE}没有答，扣 30 分")
    expect(other(page, "直接出下一题")).to_be_disabled()


def test_the_buzzer_says_who_was_first_and_may_be_opened_again(serve: Serve) -> None:
    site = serve({"kind": Kind.BUZZER}, done=("open", "start", "show"), format=Format.SEATED)
    page = console(site)
    red = site.seat("v001")
    expect(red.get_by_role("button", name="抢答")).to_be_visible()
    press(page, "开始抢答")
    expect(page.locator(".host-buzzer")).to_contain_text("正在抢答")
    red.get_by_role("button", name="抢答").click()
    expect(page.locator(".host-buzzer")).to_contain_text(f"{RED}抢到了")
    expect(page.locator(".host-last")).to_contain_text("按的是明白人001")
    site.clock.move(milliseconds=600)
    choose(red, "A")
    expect(other(page, "让别的队再抢")).to_be_disabled()
    site.clock.move(seconds=30)
    site.do("extend", seconds=1)
    other(page, "让别的队再抢").click()
    expect(page.locator(".host-buzzer")).to_contain_text(f"这道题不能再抢：{RED}")


def test_it_fits_a_phone_with_the_button_in_reach_and_is_for_hosts_only(serve: Serve) -> None:
    site = serve(done=("open", "start", "show"))
    page = console(site, 390)
    page.evaluate(LARGE)
    page.reload()
    expect(main_button(page)).to_be_in_viewport(ratio=1)
    assert fits(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert fits(page)
    desk = console(site)
    for part in (main_button(desk), other(desk, "撤回：出第 1 题"), desk.locator(".host-key")):
        expect(part).to_be_in_viewport(ratio=1)
    learner = site.open(f"host/{site.contest}", "v001", 390)
    expect(learner.get_by_role("heading", name="这一页给主持人用")).to_be_visible()
    expect(learner.locator(".host-main")).to_have_count(0)
