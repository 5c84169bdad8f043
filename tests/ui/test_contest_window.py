"""限时答题赛 on a phone: the one chance, question by question, no network, a refresh, the end."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from contest_site import FIRST, HOST, ContestSite, contest_site
from meeting_site import LARGE, RETURN, fits
from playwright.sync_api import Browser, Page, expect

from lawlab.domain.contest_script import Format, Window

OPENS = FIRST + dt.timedelta(minutes=2)
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('lawlab.window.')).length"


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[ContestSite]:
    window = Window(OPENS, OPENS + dt.timedelta(hours=8), 10, 3)
    with contest_site(
        browser,
        migrated_sqlite,
        small_repository,
        tmp_path,
        [{"count": 6, "points": 10}],
        format=Format.WINDOW,
        speed=False,
        window=window,
    ) as site:
        yield site


def phone(site: ContestSite) -> Page:
    page = site.seat()
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def choose(page: Page) -> None:
    page.locator("label.option").first.click()
    page.get_by_role("button", name="确定，答完就不能改").click()


def saved(page: Page) -> None:
    expect(page.locator(".quiz-head .save-state")).to_have_text(re.compile(r"^已保存 09:0\d:\d\d$"))


def test_once_question_by_question_to_the_review(site: ContestSite) -> None:
    page = phone(site)
    expect(page.get_by_role("heading", name="比武还没有开放")).to_be_visible()
    site.do("open")
    page.reload()
    expect(page.get_by_role("heading", name="还没有到时间")).to_be_visible()
    site.clock.move(minutes=2)
    page.evaluate(RETURN)
    expect(page.get_by_text("只有一次机会。")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="开始答题").click()
    expect(page.get_by_role("heading", name="第 1 题")).to_be_focused()
    expect(page.locator(".timer")).to_have_text(re.compile("还剩 (10:00|09:5)"))
    page.get_by_role("button", name="确定，答完就不能改").click()
    expect(page.get_by_text("请先选一个答案，再点确定。")).to_be_visible()
    choose(page)
    saved(page)
    expect(page.get_by_text("这题已经答了，不能再改。")).to_be_visible()
    expect(page.locator("label.option input").first).to_be_disabled()
    page.evaluate(LARGE)
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    expect(page.get_by_role("heading", name="第 2 题")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="上一题").click()
    expect(page.get_by_text("这题已经答了，不能再改。")).to_be_visible()
    assert fits(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.locator(".is-right.option, .is-wrong.option").count()
    page.get_by_role("button", name="下一题").click()
    page.locator("label.option").nth(1).click()

    page.reload()  # a choice that was not given is still there, and the time went on
    expect(page.get_by_role("heading", name="第 2 题")).to_be_visible()
    expect(page.locator("label.option input").nth(1)).to_be_checked()
    assert site.stored() == 1
    page.context.set_offline(True)
    page.get_by_role("button", name="确定，答完就不能改").click()
    expect(page.get_by_text("答案已留在手机上")).to_be_visible()
    expect(page.get_by_role("button", name="答题卡")).to_contain_text("2/3")
    page.get_by_role("button", name="答题卡").click()
    expect(page.get_by_role("button", name="第 2 题，待送")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="交卷", exact=True).click()
    page.get_by_role("button", name="确定交卷").click()
    expect(page.get_by_text("有答案还没有送到")).to_be_visible()
    assert (site.stored(), page.evaluate(KEPT)) == (1, 1)
    page.context.set_offline(False)
    saved(page)
    expect(page.get_by_text("有答案还没有送到")).to_be_hidden()
    assert (site.stored(), page.evaluate(KEPT)) == (2, 0)

    console = site.open(f"host/{site.contest}", HOST)
    expect(console.locator(".window-people li")).to_contain_text(["明白人001"])
    expect(console.locator(".window-people li")).to_contain_text(["2/3 题，还剩"])
    for word in ("暂停", "看排名", "作废这道题", re.compile("^没答这道题")):
        expect(console.get_by_role("button", name=word)).to_have_count(0)
    console.get_by_role("button", name="结束比赛").click()
    expect(console.get_by_text("大家马上不能再答：")).to_be_visible()
    console.get_by_role("button", name="不结束").click()
    page.get_by_role("button", name="确定交卷").click()
    expect(page.get_by_role("heading", name="已经交卷")).to_be_focused()
    expect(page.get_by_text("您答了 2 题，共 3 题。")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="已经交卷")).to_be_visible()
    site.do("finish")
    page.evaluate(RETURN)
    expect(page.get_by_text("第 1 名", exact=True)).to_be_visible()
    expect(page.locator(".verdict")).to_have_count(3)
    expect(page.locator(".verdict").last).to_have_text("没有作答")
    assert fits(page)


def test_time_over_is_handed_in_and_what_comes_later_does_not_count(site: ContestSite) -> None:
    site.do("open")
    site.clock.move(minutes=2)
    page = phone(site)
    page.get_by_role("button", name="开始答题").click()
    choose(page)
    saved(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="下一题").click()
    choose(page)
    expect(page.get_by_text("答案已留在手机上")).to_be_visible()
    site.clock.move(minutes=10)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="时间到，已自动交卷")).to_be_visible()
    expect(page.get_by_text("有 1 个答案在时间到之后才送到，没有计入。")).to_be_visible()
    expect(page.get_by_text("您答了 1 题，共 3 题。")).to_be_visible()
    assert (site.stored(), page.evaluate(KEPT)) == (1, 0)


def test_another_person_s_answers_on_the_phone_are_left_alone(site: ContestSite) -> None:
    site.do("open")
    site.clock.move(minutes=2)
    page = phone(site)
    expect(page.get_by_role("button", name="开始答题")).to_be_visible()
    key = f"lawlab.window.{site.contest}.v002.1"
    page.evaluate(
        """(key) => localStorage.setItem(key, '{"response": {"chosen": ["B"]}, "sent": true}')""",
        key,
    )
    page.get_by_role("button", name="开始答题").click()
    expect(page.get_by_role("heading", name="第 1 题")).to_be_visible()
    assert page.locator("label.option input:checked").count() == 0
    choose(page)
    saved(page)
    assert site.stored() == 1
    assert page.evaluate("(key) => localStorage.getItem(key) !== null", key)
