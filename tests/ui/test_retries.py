"""A server that cannot store now: pages say why, keep what was given, and try by themselves."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

from playwright.sync_api import Page, Route, expect

# The fixtures' classes stand in conftest.py, which no module can import.
Phones: TypeAlias = Any
Site: TypeAlias = Any

QUIZ = "/services/learn/quiz/atf-1"
SOON = 0.4


class Away:
    """Some addresses answer 503 with a code, as the API does, until `over`."""

    def __init__(self, page: Page, path: str, code: str) -> None:
        self.page, self.path, self.asked = page, re.compile(path), 0
        reply = {"code": code, "message": "这一步没有完成。请稍等再试。", "retry_after": SOON}
        self.body = json.dumps(reply)
        page.route(self.path, self._refuse)

    def _refuse(self, route: Route) -> None:
        self.asked += 1
        route.fulfill(status=503, content_type="application/json", body=self.body)

    def over(self) -> None:
        self.page.unroute(self.path)


def begin(page: Page) -> Page:
    page.get_by_role("button", name="开始答题").tap()
    page.locator(".option").first.wait_for()
    return page


def test_an_answer_waits_for_the_disk_says_so_and_goes_as_soon_as_the_server_said(
    phones: Phones, site: Site
) -> None:
    page = begin(phones.open(QUIZ))
    away = Away(page, "/services/api/answers", "disk_full")
    page.locator(".option", has_text="挂断").tap()
    state = page.locator(".quiz-head .save-state")
    expect(state).to_contain_text("服务器的磁盘满了，请告诉管理员，答案已留在手机上，正在重试")
    for _ in range(100):
        if away.asked >= 4:
            break
        page.wait_for_timeout(50)
    # With waits that double it would have asked three times in the first five seconds.
    assert away.asked >= 4
    assert site.stored == {}
    away.over()
    expect(state).to_contain_text("已保存")
    assert len(site.stored) == 1


def test_a_paper_is_handed_in_by_itself_when_the_database_is_back(
    phones: Phones, site: Site
) -> None:
    page = begin(phones.open(QUIZ))
    page.locator(".option", has_text="挂断").tap()
    expect(page.locator(".quiz-head .save-state")).to_contain_text("已保存")
    away = Away(page, "/hand-in", "database_away")
    page.get_by_role("button", name="答题卡").tap()
    page.get_by_role("button", name="交卷").tap()
    page.get_by_role("button", name="确定交卷").tap()
    expect(page.get_by_text("数据库暂时连不上，还没有交上，正在重试")).to_be_visible()
    assert site.sitting["handed_in_at"] is None
    away.over()
    expect(page.get_by_text("7K2M-QX9D")).to_be_visible()


def test_who_looks_at_the_questions_again_is_not_handed_in(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    away = Away(page, "/hand-in", "database_away")
    page.get_by_role("button", name="答题卡").tap()
    page.get_by_role("button", name="交卷").tap()
    page.get_by_role("button", name="确定交卷").tap()
    expect(page.get_by_text("还没有交上，正在重试")).to_be_visible()
    page.get_by_role("button", name="再看看").tap()
    asked = away.asked
    away.over()
    page.wait_for_timeout(int(2 * SOON * 1300))
    assert asked >= 1
    assert site.sitting["handed_in_at"] is None


def test_a_page_that_cannot_be_loaded_says_why_and_loads_by_itself(phones: Phones) -> None:
    page = phones.open("/hub/login")
    away = Away(page, "/services/api/", "database_away")
    page.goto(page.url.replace("/hub/login", QUIZ))
    expect(page.get_by_text("数据库暂时连不上，测验还没有打开，正在重试。")).to_be_visible()
    away.over()
    expect(page.get_by_role("button", name="开始答题")).to_be_visible()
