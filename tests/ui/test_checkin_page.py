"""签到 in a real browser, in front of the real API: scans, six digits, networks that fail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from held_requests import hold, the_one
from meeting_site import HALL, LARGE, RETURN, MeetingSite, fits, meeting_site
from meetings import OFFICE, meet
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from lawlab.domain.attendance import Kind
from lawlab.services.sessions import begin_session
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, AttendanceEvent, Person

PHONE = 390
AWAY = "网络不稳，签到还没有送到，正在重试，请不要关掉这一页"
CHECK_IN = "**/services/api/check-in**"


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, tmp_path: Path, now: dt.datetime
) -> Iterator[MeetingSite]:
    with meeting_site(browser, migrated_sqlite, tmp_path, now) as site:
        yield site


def signed_in(site: MeetingSite, activity: int = HALL) -> list[str]:
    """Who has signed in himself, in the order of the events."""
    with site.sessions() as session:
        events = select(Person.login).join(AttendanceEvent).order_by(AttendanceEvent.id)
        mine = (AttendanceEvent.activity_id == activity, AttendanceEvent.kind == Kind.CHECK_IN)
        return list(session.scalars(events.where(*mine)))


def refuse(page: Page, status: int, code: str, message: str, **facts: Any) -> None:
    """The server answers the next check-ins so."""
    body = json.dumps({"code": code, "message": message, **facts})
    page.route(
        CHECK_IN,
        lambda route: route.fulfill(status=status, body=body, content_type="application/json"),
    )


def become(site: MeetingSite, page: Page, login: str) -> None:
    """Somebody else signs in on this phone."""
    with site.sessions() as session:
        token = begin_session(session, login, "hub", site.clock())
    page.context.add_cookies([{"name": "lawlab-session", "value": token, "url": site.url}])


def test_a_scan_signs_in_and_a_second_one_says_so(site: MeetingSite) -> None:
    page = site.open("home", "s001", PHONE)
    site.scan(page)
    done = page.locator(".checkin-done")
    expect(done.get_by_role("heading", name="签到成功")).to_be_focused()
    for text in ("出勤", "干部001", "反诈学习会", "三楼会议室", "12月5日 09:55—11:55"):
        expect(done).to_contain_text(text)
    expect(page.locator("[aria-live]")).to_have_text("干部001，签到成功，出勤")
    expect(page.locator("#six-digits")).to_be_hidden()
    expect(page.locator(".row", has_text="反诈学习会")).to_contain_text("出勤")
    site.scan(page)
    expect(done).to_contain_text("已登记，不用再扫")
    assert signed_in(site) == ["s001"]
    # The same page, opened again when the scan is old, still knows.
    site.clock.move(minutes=11)
    page.reload()
    expect(done).to_contain_text("已登记，不用再扫")


def test_who_comes_late_or_as_a_guest_is_told(site: MeetingSite) -> None:
    with site.sessions() as session:
        writing(session)
        session.get_one(Activity, 2).cancelled_at = site.now
        session.commit()
    site.clock.move(minutes=12)
    page = site.open("home", "v001", PHONE)
    site.scan(page)
    expect(page.locator(".checkin-status")).to_contain_text("迟到旁听")
    expect(page.locator(".checkin-done")).to_contain_text("登记为旁听")


def test_a_network_cut_between_scan_and_answer_is_survived(site: MeetingSite) -> None:
    page = site.open("home", "s001", PHONE)

    def lose(route: Route) -> None:
        """The server has it; its answer does not arrive."""
        route.fetch()
        route.abort()

    page.route(CHECK_IN, lose)
    site.scan(page)
    expect(page.locator(".checkin-wait")).to_contain_text(AWAY)
    expect(page.locator("#six-digits")).to_be_hidden()
    page.reload()
    expect(page.locator(".checkin-wait")).to_contain_text(AWAY)
    # Opened again without the address of the scan.
    page.goto("/services/learn/checkin")
    expect(page.locator(".checkin-wait")).to_contain_text(AWAY)
    page.unroute(CHECK_IN)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    assert signed_in(site) == ["s001"]


def test_signed_out_after_the_scan_the_way_back_signs_in(site: MeetingSite) -> None:
    page = site.open("home", "s001", PHONE)
    site.scan(page)
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    out = '{"code": "signed_out", "message": "请重新登录。"}'
    page.route("**/services/api/enter*", lambda route: route.fulfill(body="<h1>登录</h1>"))
    page.route(
        CHECK_IN,
        lambda route: route.fulfill(status=401, body=out, content_type="application/json"),
    )
    page.reload()
    notice = page.locator("main .notice")
    expect(notice).to_contain_text("扫码已留在手机上，登录以后自动签到")
    way = notice.get_by_role("link", name="重新登录").get_attribute("href")
    assert way
    assert way.startswith("/services/api/enter?next=%2Fservices%2Flearn%2Fcheckin%2F")
    page.unroute(CHECK_IN)
    page.evaluate(RETURN)
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()


def test_the_next_one_on_a_phone_is_signed_in_only_when_it_was_handed_over(
    site: MeetingSite,
) -> None:
    page = site.open("home", "s001", PHONE)
    site.scan(page)
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    address = page.url
    become(site, page, "s002")
    page.goto(address)
    expect(page.locator("main .card").first).to_contain_text("这个码是上一位扫的")
    assert signed_in(site) == ["s001"]
    become(site, page, "s001")
    page.reload()
    page.route("**/hub/logout", lambda route: route.fulfill(body="已退出"))
    page.get_by_role("link", name="换人", exact=True).tap()
    page.wait_for_url("**/hub/logout")
    page.unroute("**/hub/logout")
    become(site, page, "s002")
    # Signing in leads to the home page.
    page.goto("/services/learn/home")
    expect(page.locator(".checkin-who")).to_have_text("干部002")
    assert signed_in(site) == ["s001", "s002"]
    page.goto("/services/learn/home")
    expect(page.locator(".next-all")).to_be_visible()


def test_six_digits_sign_in_by_themselves(site: MeetingSite) -> None:
    page = site.open("checkin", "s001", PHONE)
    field = page.get_by_label("屏幕上的六位数字")
    expect(field).to_have_attribute("inputmode", "numeric")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    wrong = f"{(int(site.code()) + 1) % 1_000_000:06}"
    field.press_sequentially(wrong)
    expect(page.locator(".six-digits-news")).to_contain_text("数字不对")
    expect(page.locator(".six-digits-news")).to_contain_text("还可以试 5 次。")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    code = site.code()
    # As a keyboard puts it in: wide digits, a blank in the middle.
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    field.fill(f"{code[:3].translate(wide)} {code[3:]}")
    expect(page.get_by_role("heading", name="签到成功")).to_be_focused()
    assert signed_in(site) == ["s001"]


def test_who_guesses_too_often_waits(site: MeetingSite) -> None:
    page = site.open("checkin", "s001", PHONE)
    refuse(page, 429, "too_many", "数字输错的次数多了。", retry_after=2)
    page.get_by_label("屏幕上的六位数字").fill("123456")
    expect(page.locator(".six-digits-news")).to_contain_text("请过 2 秒再试")
    expect(page.locator(".six-digits-news")).to_contain_text("现在可以再输一次")


def test_digits_wait_for_the_network_too(site: MeetingSite) -> None:
    page = site.open("checkin", "s001", PHONE)
    page.route(CHECK_IN, lambda route: route.abort())
    page.get_by_label("屏幕上的六位数字").fill(site.code())
    expect(page.locator(".checkin-wait")).to_contain_text(AWAY)
    page.unroute(CHECK_IN)
    page.get_by_role("button", name="马上重试").tap()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()


def test_who_is_in_the_wrong_room_learns_the_right_one_and_may_stay(site: MeetingSite) -> None:
    page = site.open("home", "v001", PHONE)
    site.scan(page)
    card = page.locator(".checkin-refused")
    expect(card.get_by_role("heading", name="这不是您要参加的活动")).to_be_focused()
    expect(card).to_contain_text("线上学习会")
    expect(card).to_contain_text("12月5日 09:55—11:55")
    expect(card.get_by_role("link", name="看我该去哪里")).to_have_attribute(
        "href", "/services/learn/calendar/2"
    )
    card.get_by_role("button", name="我就是来参加这一场").tap()
    assert signed_in(site) == []
    card.get_by_role("button", name="是，登记为旁听").tap()
    expect(page.locator(".checkin-status")).to_contain_text("旁听")
    assert signed_in(site) == ["v001"]


def test_a_guest_by_digits_sees_that_it_is_on_its_way_through_a_bad_network(
    site: MeetingSite,
) -> None:
    page = site.open("checkin", "v001", PHONE)
    page.get_by_label("屏幕上的六位数字").fill(site.code())
    page.get_by_role("button", name="我就是来参加这一场").tap()
    held = hold(page, CHECK_IN)
    page.get_by_role("button", name="是，登记为旁听").tap()
    wait = page.locator(".checkin-wait")
    expect(wait.get_by_role("heading")).to_have_text("正在签到…")
    expect(page.locator(".checkin-refused")).to_have_count(0)
    the_one(page, held).abort()
    expect(wait).to_contain_text(AWAY)
    # It is tried again by itself.
    page.unroute(CHECK_IN)
    expect(page.locator(".checkin-status")).to_contain_text("旁听")
    assert signed_in(site) == ["v001"]


def test_who_is_signed_out_after_typing_may_type_again_and_sees_it_on_its_way(
    site: MeetingSite,
) -> None:
    page = site.open("checkin", "s001", PHONE)
    out = '{"code": "signed_out", "message": "请重新登录。"}'
    page.route("**/services/api/enter*", lambda route: route.fulfill(body="<h1>登录</h1>"))
    page.route(
        CHECK_IN,
        lambda route: route.fulfill(status=401, body=out, content_type="application/json"),
    )
    digits = page.get_by_label("屏幕上的六位数字")
    digits.fill(site.code())
    notice = page.locator("main .notice")
    expect(notice).to_contain_text("登录以后，请再输一次屏幕上的数字")
    expect(page.locator(".six-digits-news")).to_be_empty()
    expect(digits).to_be_editable()
    page.unroute(CHECK_IN)
    held = hold(page, CHECK_IN)
    digits.fill(site.code())
    expect(page.locator(".six-digits-news")).to_have_text("正在签到…")
    expect(notice).to_have_count(0)
    the_one(page, held).continue_()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()


def test_a_scan_sent_again_after_signing_in_says_that_it_is_on_its_way(site: MeetingSite) -> None:
    page = site.open("home", "s001", PHONE)
    out = '{"code": "signed_out", "message": "请重新登录。"}'
    page.route(
        CHECK_IN,
        lambda route: route.fulfill(status=401, body=out, content_type="application/json"),
    )
    site.scan(page)
    notice = page.locator("main .notice")
    expect(notice).to_contain_text("登录以后自动签到")
    page.unroute(CHECK_IN)
    held = hold(page, CHECK_IN)
    page.evaluate(RETURN)
    expect(page.locator(".checkin-wait")).to_contain_text("正在签到…")
    expect(notice).to_have_count(0)
    the_one(page, held).continue_()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()


def test_the_activities_of_today_say_of_when_they_are(site: MeetingSite) -> None:
    page = site.open("checkin", "s001", PHONE)
    expect(page.locator(".row")).to_contain_text("请您参加")
    site.down.set()
    page.evaluate(RETURN)
    expect(page.locator("main .notice")).to_contain_text("这是 10:00 的内容")
    site.down.clear()
    page.evaluate(RETURN)
    expect(page.locator("main .notice")).to_have_count(0)


def test_too_early_counts_down_and_asks_for_another_scan(site: MeetingSite) -> None:
    begins = site.now + dt.timedelta(minutes=30, seconds=4)
    with site.sessions() as session:
        later = meet(session, begins, units=(OFFICE,), title="下一场", planned=site.now)
    page = site.open("home", "s001", PHONE)
    site.scan(page, later)
    card = page.locator(".checkin-refused")
    expect(card).to_contain_text("还没到签到时间")
    expect(card).to_contain_text("10:00 开始签到，还有")
    expect(card.get_by_role("heading", name="现在可以签到了")).to_be_visible()
    expect(card).to_contain_text("请再扫一次屏幕上的二维码")
    page.get_by_label("屏幕上的六位数字").fill(site.code(later))
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()


def test_every_refusal_is_said_with_what_to_do(site: MeetingSite) -> None:
    page = site.open("home", "s001", PHONE)
    for status, code, title, hint in (
        (410, "old_token", "请再扫一次", "请对准屏幕上最新的那个再扫"),
        (403, "bad_token", "请再扫一次", "请对准屏幕上最新的那个再扫"),
        (403, "other_phone", "请用您自己的手机扫", ""),
        (409, "over", "签到已经结束", "看全部活动"),
        (409, "cancelled", "这场活动取消了", "看全部活动"),
        (409, "online_activity", "这场活动在线上", "进入线上会场"),
        (404, "no_activity", "没有签到成功", ""),
    ):
        refuse(page, status, code, "服务器的话。", activity={"id": 2})
        site.scan(page)
        card = page.locator(".checkin-refused")
        expect(card.get_by_role("heading", name=title)).to_be_focused()
        expect(card).to_contain_text("服务器的话。")
        expect(card).to_contain_text(hint)
        expect(page.locator("[aria-live]")).to_have_text(f"{title}。服务器的话。")
        page.unroute(CHECK_IN)
    # It is an answer for good: nothing is tried again.
    page.goto("/services/learn/checkin")
    expect(page.get_by_role("heading", name="签到", exact=True)).to_be_visible()
    expect(page.locator("#six-digits")).to_be_visible()
    assert signed_in(site) == []


def test_it_fits_a_small_phone_with_large_type_and_is_light(site: MeetingSite) -> None:
    page = site.open("home", "v001", 320)
    page.add_init_script(LARGE)
    site.scan(page)
    expect(page.locator(".checkin-refused")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="我就是来参加这一场").tap()
    page.get_by_role("button", name="是，登记为旁听").tap()
    expect(page.locator(".checkin-done")).to_be_visible()
    assert fits(page)
    page.goto("/services/learn/checkin")
    expect(page.locator("#six-digits")).to_be_visible()
    assert fits(page)
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/ui/'))"
        ".map((one) => one.decodedBodySize)"
    )
    assert sum(sizes) < 80 * 1024
