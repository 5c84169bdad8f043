"""Making a contest in a browser: drawing, changing, saving, coming back, two who save at once."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from meeting_site import LARGE, fits
from meetings import make_town
from playwright.sync_api import Browser, Locator, Page, expect
from real_site import RealSite, serving

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.domain.contest_script import Kind, Script, Window
from lawlab.services.content import seed
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Contest

NOW = dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)
SAVED = re.compile(r"已保存 \d\d:\d\d")


@pytest.fixture(scope="module")
def site(
    browser: Browser,
    migrated_sqlite: Path,
    small_repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RealSite]:
    """One for all tests here: filling it takes as long as a test. Each makes its own contest."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(migrated_sqlite, folder / "lawlab.sqlite")
    settings = Settings(data=folder)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        seed(session, small_repository, settings, NOW)
        make_town(session, NOW)
    site = RealSite(browser, sessions, NOW)
    with serving(site, make_app(settings, lambda: NOW)):
        yield site
    engine.dispose()


def stored(site: RealSite, page: Page) -> tuple[str, Script]:
    """Title and script of the contest that a page edits."""
    with site.sessions() as session:
        row = session.get_one(Contest, int(page.url.split("/")[-2]))
        return row.title, Script.from_json(row.script)


def press(where: Page | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def state(page: Page) -> Locator:
    return page.locator(".save-state[role=status]").last


def new_contest(site: RealSite) -> Page:
    page = site.open("host")
    press(page, "新建比武")
    page.get_by_label("比武名称").fill("宪法宣传周法律知识比武")
    press(page, "建立")
    expect(page).to_have_url(re.compile(r"/host/\d+/edit$"))
    expect(page.locator(".host-questions > li")).to_have_count(10)
    return page


def test_a_contest_is_drawn_changed_saved_and_found_again(site: RealSite) -> None:
    page = new_contest(site)
    press(page, "＋ 加一轮")
    second = page.locator(".host-round").nth(1)
    second.get_by_label("抽几题").fill("3")
    second.get_by_text("只抽某些课程、题型、难度").click()
    second.get_by_label("判断题").check()
    press(second, "抽题")
    expect(second.locator(".host-questions > li")).to_have_count(3)
    second.get_by_label("怎样答").select_option("elimination")
    second.get_by_label("每题时间（秒）").fill("30")
    expect(page.locator(".host-sum")).to_contain_text("2 轮 13 题")
    expect(state(page)).to_have_text("有改动，还没有保存。")

    first = page.locator(".host-round").first
    items = first.locator(".host-questions > li")
    before = items.locator(".host-stem").all_inner_texts()
    press(items.nth(0), "下移：第一轮第 1 题")
    expect(items.nth(1).locator(".host-stem")).to_have_text(before[0])
    press(items.nth(9), "换一题：第一轮第 10 题")
    expect(items.nth(9).locator(".host-stem")).not_to_have_text(before[9])
    press(items.nth(2), "去掉：第一轮第 3 题")
    expect(items).to_have_count(9)
    press(page, "撤销")
    expect(items).to_have_count(10)

    page.get_by_label("法律明白人").check()
    expect(page.get_by_label("答得快得分多")).not_to_be_checked()
    expect(page.locator(".host-rules")).to_contain_text("快慢一样")
    expect(page.locator(".host-sum")).to_contain_text("应参加 3 人")
    page.get_by_label("比武名称").fill("")
    press(page, "保存")
    expect(page.get_by_text("还没有保存：有 1 处要改")).to_be_visible()
    page.get_by_label("比武名称").fill("改了名称")
    expect(page.get_by_text("还没有保存：有 1 处要改")).to_have_count(0)
    press(page, "保存")
    expect(state(page)).to_have_text(SAVED)

    title, script = stored(site, page)
    assert title == "改了名称"
    assert [one.kind for one in script.rounds] == [Kind.ALL, Kind.ELIMINATION]
    assert [(len(one.slots), one.seconds) for one in script.rounds] == [(10, 20), (3, 30)]
    assert (script.cohorts, script.speed) == (("villager",), False)
    shown = page.locator(".host-stem").all_inner_texts()
    page.reload()
    expect(page.locator(".host-stem")).to_have_text(shown)
    expect(state(page)).to_have_text("没有改动。")


def test_nothing_unsaved_is_lost_and_nobody_is_overwritten(site: RealSite) -> None:
    page = new_contest(site)
    page.get_by_label("这一轮叫什么").fill("热身")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.get_by_text("找回了上次没有保存的内容。")).to_be_visible()
    expect(page.get_by_label("这一轮叫什么")).to_have_value("热身")

    other = site.open(page.url.partition("/learn/")[2], "admin")
    other.get_by_label("比武名称").fill("另一位改的名称")
    press(other, "保存")
    expect(state(other)).to_have_text(SAVED)
    press(page, "保存")
    press(page, "用我写的")
    press(page, "保存")
    expect(state(page)).to_have_text(SAVED)
    assert stored(site, page)[0] == "宪法宣传周法律知识比武"
    assert stored(site, page)[1].rounds[0].title == "热身"


def test_teams_are_suggested_and_the_editor_fits_a_phone(site: RealSite) -> None:
    made = new_contest(site)
    page = site.open(made.url.partition("/learn/")[2], "t01", 320)
    page.get_by_label("形式").select_option("seated")
    press(page, "按单位分队")
    expect(page.locator(".host-team")).to_have_count(2)
    expect(page.locator(".host-team .chip")).to_have_count(6)
    page.get_by_label("怎样答").select_option("buzzer")
    press(page, "保存")
    expect(state(page)).to_have_text(SAVED)
    assert [len(team.members) for team in stored(site, page)[1].teams] == [3, 3]
    assert fits(page)
    page.evaluate(LARGE)
    page.reload()
    expect(page.locator(".host-team")).to_have_count(2)
    assert fits(page)


def test_a_learner_reads_that_the_page_is_for_hosts(site: RealSite) -> None:
    page = site.open("host", "s001", 390)
    expect(page.get_by_text("这一页给主持人用")).to_be_visible()


def test_a_window_contest_is_set_for_a_week_and_for_the_questions_there_are(site: RealSite) -> None:
    page = new_contest(site)
    page.get_by_label("形式").select_option("window")
    expect(page.get_by_label("从哪天")).to_have_value("2026-12-01")
    expect(page.get_by_text("答得快得分多")).to_be_hidden()
    expect(page.get_by_role("button", name="＋ 加一轮")).to_be_hidden()
    page.get_by_label("每人抽几题").fill("11")
    press(page, "保存")
    expect(page.get_by_text("每人抽的题数应为 1 到 10")).to_be_visible()
    page.get_by_label("每人抽几题").fill("6")
    press(page, "保存")
    expect(state(page)).to_have_text(SAVED)
    _, script = stored(site, page)
    assert script.window == Window(
        dt.datetime(2026, 12, 1, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 8, 14, tzinfo=dt.UTC),
        20,
        6,
    )
    assert script.speed is False
    page.reload()
    expect(page.get_by_label("到哪天")).to_have_value("2026-12-08")
    expect(state(page)).to_have_text("没有改动。")
