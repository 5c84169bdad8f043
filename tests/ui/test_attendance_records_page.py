"""The pages of records and files in a browser: the year, the sheet for the printer, a list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from real_site import RealSite, serving
from study_town import Town, at

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.store.engine import make_engine, make_sessions, migrate

NOW = at(12, 5)


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSite]:
    settings = Settings(data=tmp_path_factory.mktemp("town"))
    migrate(settings.database)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    town = Town(sessions)
    for month in range(3, 9):
        town.hold(at(month, 8), {"s001": "present", "v001": "late"}, f"{month}月学法会")
    town.hold(at(12, 5), {"s001": "present"}, "宪法日学习", close=False)
    with serving(RealSite(browser, sessions, NOW), make_app(settings, lambda: NOW)) as served:
        yield served
    engine.dispose()


def pick(page: Page, text: str) -> None:
    file = {"name": "名单.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("#list-file", files=[file])


def test_the_year_begins_with_who_falls_behind_and_leads_to_records(site: RealSite) -> None:
    page = site.open("attendance/year/2022", width=390)
    behind = page.get_by_label("落后名单")
    expect(behind).to_contain_text("落后名单：4 人")
    expect(behind).to_contain_text("出勤率低于 70%，已有 5 场")
    page.get_by_label("查找").fill("河口")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("tab", name="单位").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("tab", name="活动").click()
    expect(page.locator("tbody tr").first).to_contain_text("未结束")
    page.reload()
    expect(page.get_by_role("tab", name="活动")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="人员").click()
    page.get_by_role("link", name="明白人001").first.click()
    expect(page.locator("h1")).to_contain_text("明白人001")
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_role("link", name="河口村").click()
    expect(page.locator("h1")).to_have_text("河口村")
    page.get_by_role("link", name="2022 年考勤").click()
    expect(page.get_by_role("tab", name="单位")).to_have_attribute("aria-selected", "true")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_what_is_found_is_said_in_a_line_and_only_when_it_is_another_number(
    site: RealSite,
) -> None:
    page = site.open("attendance/year/2022", width=390)
    page.get_by_label("查找").fill("河")
    found = page.locator(".rec-found[role=status]")
    expect(found).to_have_text("找到 3 人")
    assert page.locator("[role=status] table").count() == 0
    page.evaluate(
        "window.said = 0; new MutationObserver(() => { window.said += 1 }).observe("
        "document.querySelector('.rec-found'), { childList: true, subtree: true })"
    )
    page.get_by_label("查找").fill("河口")
    expect(found).to_have_text("找到 3 人")
    assert page.evaluate("window.said") == 0
    page.get_by_label("查找").fill("没有这个人")
    expect(found).to_have_text("找到 0 人")
    expect(page.locator("#rec-panel .empty")).to_contain_text("没有符合条件的人")


def test_of_who_has_no_unit_the_records_say_nothing_about_one(site: RealSite) -> None:
    page = site.open("home")

    def without(route: Route) -> None:
        reply = route.fetch()
        body = reply.json()
        for one in [*body.get("people", []), *filter(None, [body.get("person")])]:
            one["unit"] = None
        route.fulfill(response=reply, json=body)

    page.route("**/services/api/desk/attendance/**", without)
    page.goto("/services/learn/attendance/year/2022")
    expect(page.get_by_label("落后名单")).to_contain_text("v002")
    expect(page.locator("tbody tr").first).to_contain_text("s001")
    expect(page.locator("main")).not_to_contain_text("没有单位")
    page.goto("/services/learn/attendance/person/s001?year=2022")
    expect(page.locator("h1 + p, .desk-head + p")).to_have_text("s001")


def test_the_sheet_prints_alone_on_white(site: RealSite) -> None:
    page = site.open("attendance/sheet/7")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("lawlab-bar header", ".desk-nav", ".sheet-tools"):
        expect(page.locator(hidden).first).to_be_hidden()
    sheet = page.locator(".sign-sheet")
    expect(sheet).to_contain_text("2022年12月5日 09:00")
    colours = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
    assert sheet.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    head = sheet.locator("thead")
    assert head.evaluate("node => getComputedStyle(node).display") == "table-header-group"


def test_a_list_is_imported_once_nothing_is_wrong_with_it(site: RealSite) -> None:
    page = site.open("attendance/import/7", width=390)
    pick(page, "姓名,签到时间\n干部002,9:20\n干部009,9:20\n")
    expect(page.locator(".rec-faults li")).to_have_count(1)
    expect(page.locator(".rec-faults")).to_contain_text("第 3 行")
    expect(page.get_by_role("button", name="导入 1 人")).to_have_count(0)
    pick(page, "姓名,签到时间,状态\n干部001,,出勤\n干部002,9:20,\n")
    change = page.locator(".rec-change")
    expect(change).to_have_count(1)
    expect(change).to_contain_text("未签到 →")
    page.get_by_role("button", name="导入 1 人").click()
    expect(page.get_by_role("heading", name="已导入 1 人")).to_be_focused()
    pick(page, "姓名,签到时间,状态\n干部001,,出勤\n干部002,9:20,\n")
    expect(page.get_by_text("没有要改动的")).to_be_visible()
    pick(page, "不是名单")
    expect(page.get_by_text("没有找到表头")).to_be_visible()


def test_a_learner_is_told_whose_page_it_is(site: RealSite) -> None:
    page = site.open("attendance/year/2022", "s001")
    expect(page.get_by_text("这一页给教员用")).to_be_visible()
