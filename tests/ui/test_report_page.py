"""年度报告 in a real browser before a scripted API: figures, both files, what keeps them away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lawlab.ui.assets import STATIC

HOST = "http://lab.test"
REPORT = "/services/learn/attendance/report"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
PAGE = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<link rel="stylesheet" href="/static/lawlab.css">'
    '<main class="page"><div id="here"></div></main>'
    '<script type="module" src="/static/begin.js"></script>'
)
BEGIN = (
    'import { AnnualReport } from "./desk-report.js";'
    'new AnnualReport(document.getElementById("here"), location.pathname.split("/report/")[1]);'
)
FIGURES = [
    {"label": "干部职工", "text": "74人", "how": "名册里的干部职工。", "sheet": "人员"},
    {"label": "学习活动", "text": "12场", "how": "已经结束的活动。", "sheet": "活动"},
]
EMPTY = {"code": "empty_year", "message": "这一年没有记录。", "years": [2021, 2022]}


class Site:
    """What the API says; tests change it."""

    def __init__(self) -> None:
        self.report: dict[str, Any] = {"year": 2022, "years": [2021, 2022], "figures": FIGURES}
        self.report |= {"notes": ["还有 1 场活动没有结束登记。"], "faults": []}
        self.held: list[Route] = []

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/static/begin.js":
            route.fulfill(body=BEGIN, content_type="text/javascript")
        elif path.startswith("/static/"):
            kind = "text/css" if path.endswith(".css") else "text/javascript"
            route.fulfill(body=(STATIC / path[8:]).read_bytes(), content_type=kind)
        elif path == "/services/api/me":
            route.fulfill(json={"login": "t01", "name": "教员01", "roles": ["trainer"]})
        elif path.endswith((".docx", ".xlsx")):
            self.held.append(route)
        elif path == "/services/api/desk/report/2022":
            route.fulfill(json=self.report)
        elif path.startswith("/services/api/"):
            route.fulfill(status=404, json=EMPTY)
        else:
            headers = {"Content-Security-Policy": CSP}
            route.fulfill(body=PAGE, content_type="text/html", headers=headers)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 700})
    context.route("**/*", site.answer)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def test_every_figure_stands_with_how_it_is_counted(page: Page) -> None:
    page.goto(f"{HOST}{REPORT}/2022")
    expect(page.get_by_role("heading", level=1)).to_have_text("2022 年度报告")
    expect(page.get_by_role("row", name="干部职工")).to_contain_text("74人")
    expect(page.get_by_role("row", name="学习活动")).to_contain_text("已经结束的活动。")
    expect(page.locator(".notice")).to_contain_text("还有 1 场活动没有结束登记。")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert wide is False


def test_a_file_is_said_to_be_made_and_then_comes(page: Page, site: Site) -> None:
    page.goto(f"{HOST}{REPORT}/2022")
    report = page.get_by_role("button", name="下载报告")
    report.click()
    expect(page.get_by_role("status").first).to_contain_text("正在生成报告")
    expect(report).to_be_disabled()
    named = f"attachment; filename*=UTF-8''{quote('大河镇报告.docx')}"
    with page.expect_download() as got:
        site.held.pop().fulfill(body=b"docx", headers={"Content-Disposition": named})
    assert got.value.suggested_filename == "大河镇报告.docx"
    expect(page.get_by_role("status").first).to_contain_text("已生成“大河镇报告.docx”")
    expect(report).to_be_enabled()


def test_what_keeps_a_file_away_is_said(page: Page, site: Site) -> None:
    page.goto(f"{HOST}{REPORT}/2022")
    page.get_by_role("button", name="下载附件").click()
    expect(page.get_by_role("status").first).to_contain_text("正在生成附件")
    site.held.pop().fulfill(status=400, json={"code": "no_font", "message": "没有中文字体。"})
    expect(page.locator(".notice-bad")).to_contain_text("没有中文字体。")
    page.get_by_role("button", name="下载附件").click()
    expect(page.get_by_role("status").first).to_contain_text("正在生成附件")
    site.held.pop().abort()
    expect(page.locator(".notice-bad")).to_contain_text("网络不稳，没有生成，请再试一次。")


BROKEN_BODY = """() => {
  const real = window.fetch;
  window.fetch = async (address, options) => (String(address).endsWith(".docx")
    ? new Response(new ReadableStream({ start: (flow) => flow.error(new TypeError("cut off")) }))
    : real(address, options));
}"""


def test_a_file_that_breaks_off_half_way_is_said_and_may_be_tried_again(page: Page) -> None:
    page.goto(f"{HOST}{REPORT}/2022")
    report = page.get_by_role("button", name="下载报告")
    expect(report).to_be_visible()
    page.evaluate(BROKEN_BODY)
    report.click()
    expect(page.locator(".notice-bad")).to_contain_text("网络不稳，没有生成，请再试一次。")
    expect(report).to_be_enabled()


def test_who_is_signed_out_is_led_to_sign_in(page: Page, site: Site) -> None:
    page.goto(f"{HOST}{REPORT}/2022")
    page.get_by_role("button", name="下载报告").click()
    expect(page.get_by_role("status").first).to_contain_text("正在生成报告")
    site.held.pop().fulfill(status=401, json={"code": "signed_out", "message": "请重新登录。"})
    way = page.get_by_role("link", name="重新登录")
    expect(way).to_have_attribute("href", "/services/api/enter?next=" + quote(f"{REPORT}/2022", ""))
    expect(page.locator(".notice-bad")).to_have_count(0)
    expect(page.get_by_role("button", name="下载报告")).to_be_enabled()


def test_with_a_broken_template_nothing_can_be_downloaded(page: Page, site: Site) -> None:
    site.report["faults"] = ["报告模板不能用。\n请改好。"]
    page.goto(f"{HOST}{REPORT}/2022")
    expect(page.locator(".notice-bad")).to_contain_text("报告模板不能用。")
    for name in ("下载报告", "下载附件"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()


def test_an_empty_year_leads_to_those_that_are_not(page: Page) -> None:
    page.goto(f"{HOST}{REPORT}/2020")
    expect(page.get_by_text("这一年没有记录。")).to_be_visible()
    page.get_by_role("link", name="2022 年").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2022 年度报告")
    page.goto(HOST + REPORT)  # no year asked for: the newest that has anything
    expect(page.get_by_role("heading", level=1)).to_have_text("2022 年度报告")
