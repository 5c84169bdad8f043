"""活动 for learners when replies are slow, lost or old: nothing written is lost, nothing old looks
current, nothing is sent twice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from held_requests import hold, the_one
from meeting_site import HALL, RETURN, ROOM, MeetingSite, meeting_site
from meetings import OFFICE, meet
from playwright.sync_api import Browser, Page, Route, expect

PHONE = 390
LEAVE = "**/services/api/activities/*/leave"
WITHDRAW = "**/services/api/activities/*/leave/withdraw"
ANSWER = "**/services/api/activities/*/room/answer"
QUESTION = {"id": "law-001", "type": "judge", "type_name": "判断题", "options": {}}


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, tmp_path: Path, now: dt.datetime
) -> Iterator[MeetingSite]:
    with meeting_site(browser, migrated_sqlite, tmp_path, now) as site:
        yield site


def asks_leave(site: MeetingSite) -> Page:
    """A page with a reason that is written and not handed in yet."""
    with site.sessions() as session:
        begins = site.now + dt.timedelta(days=2)
        planned = site.now - dt.timedelta(days=1)
        later = meet(session, begins, units=(OFFICE,), title="后天的学习", planned=planned)
    page = site.open(f"calendar/{later}", "s001", PHONE)
    page.get_by_role("button", name="我要请假").tap()
    page.get_by_label("请假的原因").fill("家里老人住院")
    return page


def test_what_is_on_its_way_is_not_written_on(site: MeetingSite) -> None:
    page = asks_leave(site)
    reason = page.get_by_label("请假的原因")
    held = hold(page, LEAVE)
    page.get_by_role("button", name="交请假条").tap()
    request = the_one(page, held)
    expect(reason).not_to_be_editable()
    expect(page.locator("#leave-proof")).to_be_disabled()
    request.fulfill(status=409, json={"code": "too_late", "message": "不能再补。"})
    expect(page.locator(".notice-bad")).to_contain_text("不能再补。")
    expect(reason).to_be_editable()
    expect(reason).to_have_value("家里老人住院")


def test_leave_is_taken_back_once(site: MeetingSite) -> None:
    page = asks_leave(site)
    page.get_by_role("button", name="交请假条").tap()
    held = hold(page, WITHDRAW)
    page.get_by_role("button", name="撤回请假").tap()
    back = page.get_by_role("button", name="是，撤回")
    back.evaluate("node => { node.click(); node.click(); }")
    request = the_one(page, held)
    expect(back).to_be_disabled()
    expect(page.get_by_role("button", name="不撤回")).to_be_disabled()
    request.abort()
    expect(page.locator(".notice-bad")).to_contain_text("还没有撤回，请再点一次")
    expect(back).to_be_focused()
    page.unroute(WITHDRAW)
    back.tap()
    expect(page.locator(".leave")).to_contain_text("已撤回")


def test_who_is_signed_out_is_led_to_sign_in_before_leave_is_taken_back(site: MeetingSite) -> None:
    page = asks_leave(site)
    page.get_by_role("button", name="交请假条").tap()
    out = {"code": "signed_out", "message": "请重新登录。"}
    page.route("**/services/api/enter*", lambda route: route.fulfill(body="<h1>登录</h1>"))
    page.route(WITHDRAW, lambda route: route.fulfill(status=401, json=out))
    page.get_by_role("button", name="撤回请假").tap()
    page.get_by_role("button", name="是，撤回").tap()
    expect(page.locator("main .notice").last).to_contain_text("登录已过期，还没有撤回")
    expect(page.get_by_role("link", name="重新登录")).to_be_visible()


def test_a_reply_that_was_long_on_its_way_replaces_nothing_newer(site: MeetingSite) -> None:
    page = asks_leave(site)
    held = hold(page, LEAVE)
    page.get_by_role("button", name="交请假条").tap()
    old = the_one(page, held)
    reply = old.fetch()
    newer = json.loads(reply.text())
    newer["leave"] |= {"state": "approved", "note": "好好照顾。"}
    newer["server_time"] = (site.clock() + dt.timedelta(seconds=9)).isoformat()
    page.route("**/services/api/activities/*", lambda route: route.fulfill(json=newer))
    page.evaluate(RETURN)
    expect(page.locator(".leave")).to_contain_text("教员说：好好照顾。")
    old.fulfill(response=reply)
    expect(page.locator(".notice-good")).to_contain_text("请假条已交")
    page.wait_for_timeout(200)
    expect(page.locator(".leave")).to_contain_text("教员说：好好照顾。")


@pytest.mark.parametrize(
    ("path", "ready"), [("calendar", ".event"), (f"calendar/{HALL}", ".activity-when")]
)
def test_what_could_not_be_loaded_again_says_of_when_it_is(
    site: MeetingSite, path: str, ready: str
) -> None:
    page = site.open(path, "s001", PHONE)
    page.locator(ready).first.wait_for()
    site.down.set()
    page.evaluate(f"window.kept = document.querySelector('{ready}')")
    page.evaluate(RETURN)
    notice = page.locator("main .notice")
    expect(notice).to_contain_text("网络不稳，这是 10:00 的内容，正在重试")
    # Nothing moves under a finger while it fails.
    assert page.evaluate("window.kept.isConnected")
    site.down.clear()
    page.evaluate(RETURN)
    expect(notice).to_have_count(0)


def test_who_is_signed_out_is_led_to_sign_in_above_what_is_old(site: MeetingSite) -> None:
    page = site.open("calendar", "s001", PHONE)
    page.locator(".event").first.wait_for()
    out = {"code": "signed_out", "message": "请重新登录。"}
    page.route("**/services/api/enter*", lambda route: route.fulfill(body="<h1>登录</h1>"))
    page.route("**/services/api/activities", lambda route: route.fulfill(status=401, json=out))
    page.evaluate(RETURN)
    expect(page.locator("main .notice")).to_contain_text("登录已过期，这是 10:00 的内容")
    expect(page.locator(".event")).to_have_count(2)


class Hall:
    """A room with a card; `take` is what the server does with an answer."""

    def __init__(self, page: Page, site: MeetingSite) -> None:
        self.site, self.answered, self.taken = site, 0, []
        self.lost = True
        self.until = site.clock() + dt.timedelta(minutes=3)
        page.route("**/services/api/activities/*/room", self.tell)
        page.route("**/services/api/activities/*/room/enter", self.tell)
        page.route(ANSWER, self.take)

    def tell(self, route: Route) -> None:
        begins = self.site.now - dt.timedelta(minutes=5)
        ends = begins + dt.timedelta(hours=2)
        activity: dict[str, Any] = {"id": ROOM, "title": "线上学习会", "state": "open"}
        activity |= {"online": True, "place": "腾讯会议", "cancel_reason": ""}
        activity |= {"starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
        card = {"id": 1, "number": 1, "until": self.until.isoformat()}
        card |= {"question": QUESTION | {"stem": "出借银行卡，收了钱才违法。"}}
        room = {"activity": activity, "my": None, "entered": True, "shown": 1, "needed": 1}
        room |= {"answered": self.answered, "card": None if self.answered else card}
        route.fulfill(json=room | {"server_time": self.site.clock().isoformat()})

    def take(self, route: Route) -> None:
        self.taken.append(route.request.post_data_json)
        self.answered = 1
        if self.lost:
            route.abort()
        else:
            self.tell(route)


def answers(page: Page) -> None:
    card = page.locator(".room-card")
    card.get_by_text("错", exact=True).tap()
    card.get_by_role("button", name="确定").tap()


def test_an_answer_whose_reply_was_lost_is_sent_again_and_shown(site: MeetingSite) -> None:
    page = site.open("calendar", "v001", PHONE)
    room = Hall(page, site)
    page.goto(f"/services/learn/calendar/{ROOM}/room")
    answers(page)
    expect(page.locator(".notice")).to_contain_text("答案已留在手机上，正在重试")
    # The card's time is over when the network is back; the server has had the answer all along.
    site.clock.move(minutes=4)
    room.lost = False
    page.evaluate(RETURN)
    expect(page.locator(".notice-good")).to_have_text("答题卡已送到，您答的是“错”。")
    assert len({json.dumps(one, sort_keys=True) for one in room.taken}) == 1


def test_a_card_answered_on_another_page_of_the_phone_shows_that_answer(site: MeetingSite) -> None:
    first = site.open("calendar", "v001", PHONE)
    room = Hall(first, site)
    room.lost = False
    first.goto(f"/services/learn/calendar/{ROOM}/room")
    card = first.locator(".room-card")
    card.get_by_text("对", exact=True).tap()
    # The other page of the same phone.
    kept = {"card": 1, "words": "错", "accepted": True}
    first.evaluate(
        "kept => localStorage.setItem('lawlab.room.v001.2', kept)",
        json.dumps(kept, ensure_ascii=False),
    )
    card.get_by_role("button", name="确定").tap()
    expect(first.locator(".notice-good")).to_have_text("答题卡已送到，您答的是“错”。")
    assert room.taken == []
