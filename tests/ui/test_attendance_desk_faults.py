"""What may go wrong on the trainers' pages of attendance: lost replies, second taps, somebody else
at the same browser, an activity that changed meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from meeting_site import HALL, RETURN, ROOM, MeetingSite, meeting_site
from meetings import caller
from playwright.sync_api import Browser, Dialog, Locator, Page, Route, expect
from sqlalchemy import func, select

from lawlab.services.attendance_desk import close, reopen
from lawlab.services.sessions import begin_session
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, Attachment, AttendanceEvent, Person, WalkIn
from lawlab.ui.assets import STATIC

DESK, PHONE = 1440, 390
DRAFTS = "Object.keys(localStorage).filter((key) => key.includes('lawlab.activity'))"
LEAVING = """() => addEventListener("pagehide", () => {
  sessionStorage.off = [...document.querySelectorAll("button")].at(-1).disabled;
})"""
NOW = "import('/ui/api.js').then(({ serverNow }) => serverNow())"
SIGNATURES = "Object.keys(localStorage).filter((key) => key.includes('lawlab.signatures'))"


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, tmp_path: Path, now: dt.datetime
) -> Iterator[MeetingSite]:
    with meeting_site(browser, migrated_sqlite, tmp_path, now) as site:
        yield site


def person(page: Page, login: str) -> Locator:
    return page.locator(f'.person-row[data-login="{login}"]')


class Held:
    """Requests to an address that wait until `release`; `sent` are their bodies. With `lose` the
    server gets the first, and its reply is lost."""

    def __init__(self, page: Page, address: str, *, lose: bool = False) -> None:
        self.sent: list[Any] = []
        self.routes: list[Route] = []
        self.lose, self.open = lose, lose
        page.route(re.compile(address), self._hear)

    def _hear(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.sent.append(json.loads(route.request.post_data or "null"))
        if self.lose:
            self.lose = False
            route.fetch()
            route.abort()
        elif self.open:
            route.continue_()
        else:
            self.routes.append(route)

    def release(self) -> None:
        self.open = True
        for route in self.routes:
            route.continue_()


def fill_in(page: Page) -> None:
    page.get_by_label("活动名称").fill("夜校")
    page.get_by_label("日期").fill("2022-12-08")
    page.get_by_label("开始", exact=True).fill("19:00")
    page.get_by_label("结束", exact=True).fill("20:30")
    page.get_by_label("地点").fill("河口村村委会")
    page.get_by_role("button", name="全选村（社区）").click()


def evenings(site: MeetingSite) -> list[Activity]:
    with site.sessions() as session:
        return list(session.scalars(select(Activity).where(Activity.title.startswith("夜校"))))


def edited(site: MeetingSite, place: str) -> None:
    """Somebody else changes the place."""
    with site.sessions() as session:
        writing(session)
        session.get_one(Activity, HALL).place = place
        session.commit()


def place(site: MeetingSite) -> str:
    with site.sessions() as session:
        return session.get_one(Activity, HALL).place


def test_a_plan_whose_reply_was_lost_is_planned_once(site: MeetingSite) -> None:
    page = site.open("attendance/new")
    fill_in(page)
    posts = Held(page, "/desk/activities$", lose=True)
    save = page.get_by_role("button", name="保存活动")
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("请再点一次保存")
    save.click()
    expect(page.get_by_role("heading", name="夜校")).to_be_visible()
    assert len(evenings(site)) == 1
    first, second = posts.sent
    assert first["key"] == second["key"]
    # The next one is another plan.
    page.goto("/services/learn/attendance/new")
    fill_in(page)
    page.get_by_role("button", name="保存活动").click()
    expect(page.get_by_role("heading", name="夜校")).to_be_visible()
    assert len(evenings(site)) == 2


def test_the_save_button_stays_off_after_success(site: MeetingSite) -> None:
    page = site.open("attendance/new")
    fill_in(page)
    page.evaluate(LEAVING)
    page.get_by_role("button", name="保存活动").click()
    expect(page.get_by_role("heading", name="夜校")).to_be_visible()
    assert page.evaluate("sessionStorage.off") == "true"


def test_what_was_written_after_a_lost_reply_goes_on_as_a_change(site: MeetingSite) -> None:
    page = site.open("attendance/new")
    fill_in(page)
    Held(page, "/desk/activities$", lose=True)
    page.get_by_role("button", name="保存活动").click()
    expect(page.get_by_role("alert")).to_contain_text("请再点一次保存")
    page.get_by_label("活动名称").fill("夜校第一课")
    page.get_by_role("button", name="保存活动").click()
    expect(page.get_by_role("heading", name="修改活动")).to_be_visible()
    expect(page.get_by_text("找回了上次没有保存的内容")).to_be_visible()
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_role("heading", name="夜校第一课")).to_be_visible()
    assert [one.title for one in evenings(site)] == ["夜校第一课"]


def test_leaving_without_saving_forgets_the_draft(site: MeetingSite) -> None:
    page = site.open("attendance/new")
    page.get_by_label("活动名称").fill("夜校")
    assert page.evaluate(DRAFTS)
    page.get_by_role("link", name="不保存，离开").click()
    expect(page.get_by_role("link", name="新建活动")).to_be_visible()
    assert page.evaluate(DRAFTS) == []


def test_a_draft_of_an_older_plan_asks_which_counts(site: MeetingSite) -> None:
    page = site.open(f"attendance/edit/{HALL}")
    page.get_by_label("说明").fill("带笔")
    edited(site, "大礼堂")
    page.reload()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("这场活动已经被改过：地点")
    expect(page.get_by_role("button", name="保存修改")).to_be_disabled()
    page.get_by_role("button", name="用现在的").click()
    expect(page.get_by_label("地点")).to_have_value("大礼堂")
    expect(page.get_by_label("说明")).to_have_value("")
    assert page.evaluate(DRAFTS) == []


def test_saving_over_another_ones_change_asks_first(site: MeetingSite) -> None:
    page = site.open(f"attendance/edit/{HALL}")
    page.get_by_label("地点").fill("三楼")
    edited(site, "大礼堂")
    save = page.get_by_role("button", name="保存修改")
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("这场活动已经被改过：地点")
    assert place(site) == "大礼堂"
    page.get_by_role("button", name="用我写的").click()
    save.click()
    expect(page.get_by_text("三楼")).to_be_visible()
    assert place(site) == "三楼"


def sign_on_the_pad(page: Page) -> None:
    box = page.locator(".pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="确定").click()


def test_a_signature_that_comes_after_the_close_is_kept_until_it_is_open_again(
    site: MeetingSite,
) -> None:
    page = site.open(f"attendance/signature/{HALL}", width=PHONE)
    page.get_by_role("button", name="司法所").click()
    site.down.set()
    sign_on_the_pad(page)
    with site.sessions() as session:
        close(session, HALL, caller(session, "t01"), site.clock())
    site.down.clear()
    page.evaluate(RETURN)
    alert = page.locator(".notice-bad")
    expect(alert).to_contain_text("干部001的签名还没有存上。活动已经结束")
    expect(alert).to_contain_text("重新打开签到以后，会自动补上")
    page.goto(f"/services/learn/attendance/activity/{HALL}")
    expect(alert).to_contain_text("干部001的签名还没有存上")
    assert len(page.evaluate(SIGNATURES)) == 1
    with site.sessions() as session:
        reopen(session, HALL, "点早了", caller(session, "t01"), site.clock())
    page.evaluate(RETURN)
    expect(alert).to_have_count(0)
    expect(person(page, "s001")).to_contain_text("签名")
    page.wait_for_function(f"{SIGNATURES}.length === 0")
    with site.sessions() as session:
        assert session.scalars(select(func.count(Attachment.id))).one() == 1


def test_signatures_that_are_not_taken_can_be_given_up(site: MeetingSite) -> None:
    page = site.open(f"attendance/signature/{HALL}", width=PHONE)
    page.get_by_role("button", name="司法所").click()
    site.down.set()
    sign_on_the_pad(page)
    with site.sessions() as session:
        close(session, HALL, caller(session, "t01"), site.clock())
    site.down.clear()
    page.evaluate(RETURN)
    page.get_by_role("button", name="不要这些签名了").click()
    page.get_by_role("button", name="删掉").click()
    expect(page.locator(".notice-bad")).to_have_count(0)
    assert page.evaluate(SIGNATURES) == []


def test_the_close_waits_for_marks_on_their_way(site: MeetingSite) -> None:
    page = site.open(f"attendance/activity/{HALL}")
    marks = Held(page, "/mark$")
    closes = Held(page, "/close$")
    closes.open = True
    page.get_by_role("button", name="干部001 出勤").click()
    page.get_by_role("button", name="结束签到").click()
    dialog = page.get_by_role("dialog")
    # The mark on its way counts.
    expect(dialog).to_contain_text("还有 3 人没有签到")
    expect(dialog).to_contain_text("还有1个登记正在上传")
    dialog.get_by_role("button", name="结束签到").click()
    page.wait_for_timeout(300)
    assert closes.sent == []
    marks.release()
    expect(person(page, "s002")).to_contain_text("缺勤")
    expect(person(page, "s001")).to_contain_text("教员点名")


def test_who_gives_the_close_up_while_it_waits_closes_nothing(site: MeetingSite) -> None:
    page = site.open(f"attendance/activity/{HALL}")
    marks = Held(page, "/mark$")
    page.get_by_role("button", name="干部001 出勤").click()
    page.get_by_role("button", name="结束签到").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="结束签到").click()
    dialog.get_by_role("button", name="取消", exact=True).click()
    marks.release()
    expect(person(page, "s001")).to_contain_text("教员点名")
    page.wait_for_timeout(200)
    with site.sessions() as session:
        assert session.get_one(Activity, HALL).closed_at is None


def write_down(page: Page, name: str, tail: str) -> None:
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机号最后四位").fill(tail)
    page.get_by_role("button", name="登记", exact=True).click()


def test_the_next_walk_in_is_typed_while_one_is_on_its_way(site: MeetingSite) -> None:
    page = site.open(f"attendance/sign/{HALL}")
    page.get_by_role("button", name="现场登记").click()
    posts = Held(page, "/walk-in$")
    name, alert = page.get_by_label("姓名"), page.get_by_role("alert").first
    write_down(page, "9号村民", "1234")
    expect(name).to_have_value("")
    expect(name).to_be_focused()
    name.fill("村民乙")
    # The first name is none; what is typed meanwhile stays.
    posts.release()
    expect(alert).to_contain_text("9号村民（手机尾号 1234）没有登记上：")
    expect(name).to_have_value("村民乙")
    write_down(page, "8号村民", "1234")
    expect(alert).to_contain_text("请写您的姓名")
    expect(name).to_have_value("8号村民")
    expect(page.get_by_label("手机号最后四位")).to_have_value("1234")


def test_somebody_else_at_the_browser_stops_what_is_sent(site: MeetingSite) -> None:
    page = site.open(f"attendance/activity/{HALL}")
    dialogs: list[Dialog] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog), dialog.accept()))
    marks = Held(page, "/mark$")
    page.get_by_role("button", name="干部001 出勤").click()
    page.get_by_role("button", name="干部002 出勤").click()
    with site.sessions() as session:
        token = begin_session(session, "t02", "hub", site.clock())
    page.context.add_cookies([{"name": "lawlab-session", "value": token, "url": site.url}])
    marks.release()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("现在登录的是教员02")
    expect(alert).to_contain_text("干部001、干部002的登记没有送到")
    expect(page.locator(".bar-who")).to_contain_text("教员02")
    assert [mark["people"] for mark in marks.sent] == [["s001"]]
    assert dialogs == []
    with site.sessions() as session:
        assert session.scalars(select(func.count(AttendanceEvent.id))).one() == 0
    page.reload()
    expect(person(page, "s001")).to_be_visible()
    expect(alert).to_have_count(0)


def test_names_turn_by_themselves_where_there_is_no_code(site: MeetingSite) -> None:
    page = site.open(f"attendance/sign/{ROOM}")
    expect(page.locator(".sign-missing li")).to_have_count(3)
    page.clock.install()
    with site.sessions() as session:
        online = session.get_one(Activity, ROOM)
        for number in range(30):
            one = Person(login=f"w{number:03}", full_name=f"村民{number}", password_hash="x")
            one.created_at = site.now
            session.add(one)
            online.people.append(one)
        session.commit()
    page.reload()
    missing = page.locator(".sign-missing")
    expect(missing).to_contain_text("第 1/2 组")
    page.clock.run_for(15_100)
    expect(missing).to_contain_text("第 2/2 组")


def test_escape_ends_only_a_projection_and_leaves_the_input_method_alone(
    site: MeetingSite,
) -> None:
    page = site.open(f"attendance/sign/{HALL}")
    page.get_by_role("button", name="现场登记").click()
    name = page.get_by_label("姓名")
    name.focus()
    page.keyboard.press("Escape")
    expect(name).to_be_focused()
    screen = page.locator(".sign-screen")
    page.evaluate("HTMLElement.prototype.requestFullscreen = () => Promise.resolve()")
    page.get_by_role("button", name="投影", exact=True).click()
    composing = "new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true })"
    page.evaluate(f"document.body.dispatchEvent({composing})")
    expect(screen).to_have_class(re.compile("is-projected"))
    page.keyboard.press("Escape")
    expect(screen).not_to_have_class(re.compile("is-projected"))


def walk_in(site: MeetingSite, name: str = "干部001") -> None:
    with site.sessions() as session:
        note = WalkIn(activity_id=HALL, key="k" * 16, full_name=name, phone_tail="0001")
        note.status, note.at, note.received_at = "present", site.now, site.now
        session.add(note)
        session.commit()


def test_a_walk_in_is_merged_once_also_when_the_reply_was_lost(site: MeetingSite) -> None:
    walk_in(site)
    page = site.open(f"attendance/activity/{HALL}")
    posts = Held(page, "/merge$", lose=True)
    page.get_by_role("button", name="就是 干部001（司法所）").click()
    expect(page.get_by_role("button", name="就是 干部001（司法所）")).to_be_disabled()
    expect(page.get_by_role("button", name="干部001 的登记作废")).to_be_disabled()
    expect(page.locator(".toast")).to_contain_text("归到了 干部001 名下")
    assert len(posts.sent) == 2
    with site.sessions() as session:
        assert session.scalars(select(func.count(AttendanceEvent.id))).one() == 1


def test_a_card_is_asked_for_once(site: MeetingSite) -> None:
    page = site.open(f"attendance/sign/{ROOM}")
    posts = Held(page, "/card$")
    card = page.get_by_role("button", name="现在出一张答题卡")
    card.click()
    expect(card).to_be_disabled()
    assert len(posts.sent) == 1
    posts.release()
    expect(card).to_be_enabled()


def test_the_clock_does_not_go_back_with_an_old_board(site: MeetingSite) -> None:
    page = site.open(f"attendance/activity/{HALL}")
    expect(person(page, "s001")).to_be_visible()
    page.get_by_role("button", name="取消活动").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("下大雨")
    page.route(re.compile("/desk/activities/1$"), lambda route: route.abort())
    page.wait_for_timeout(1500)
    before = page.evaluate(NOW)
    dialog.get_by_role("button", name="取消活动").click()
    expect(page.locator(".toast")).to_contain_text("活动已取消")
    assert page.evaluate(NOW) > before


def test_an_old_list_says_so(site: MeetingSite) -> None:
    page = site.open("attendance")
    expect(page.locator(".activity-row")).to_have_count(2)
    site.down.set()
    page.evaluate(RETURN)
    expect(page.get_by_text("网络不稳，下面是 10:00 的情况")).to_be_visible()
    expect(page.locator(".activity-row")).to_have_count(2)
    site.down.clear()
    page.evaluate(RETURN)
    expect(page.get_by_text("网络不稳")).to_have_count(0)


def test_people_are_told_apart_in_the_words_of_the_town(site: MeetingSite) -> None:
    with site.sessions() as session:
        activity = writing(session).get_one(Activity, HALL)
        for login, name in (("x1", "村民甲"), ("x2", "村民乙"), ("x3", "村民乙")):
            one = Person(login=login, full_name=name, password_hash="x", created_at=site.now)
            session.add(one)
            activity.people.append(one)
        session.commit()
    walk_in(site, "村民甲")
    page = site.open(f"attendance/activity/{HALL}")
    expect(page.get_by_role("heading", name="现场登记还没对上人（1 条）")).to_be_visible()
    expect(page.locator(".activity-numbers")).to_contain_text("还没对上人")
    expect(page.get_by_role("button", name="就是 村民甲", exact=True)).to_be_visible()
    expect(person(page, "x1").locator(".person-main")).to_have_text(re.compile("^村民甲 *$"))
    expect(person(page, "x2").locator(".person-main")).to_have_text(re.compile("^村民乙 x2$"))
    expect(person(page, "s001").locator(".person-main")).to_contain_text("司法所")


@pytest.mark.parametrize("script", sorted(STATIC.glob("attendance-*.js")), ids=lambda one: one.name)
def test_nothing_is_brought_in_or_given_out_that_nobody_uses(script: Path) -> None:
    text = script.read_text("utf-8")
    for names in re.findall(r"^import \{([^}]*)\}", text, re.M):
        for name in (one.strip() for one in names.split(",")):
            assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{name} is not used"
    others = "".join(one.read_text("utf-8") for one in STATIC.glob("*.js") if one != script)
    for name in re.findall(r"^export (?:async )?(?:const|function|class) (\w+)", text, re.M):
        assert re.search(rf"\b{name}\b", others), f"nobody imports {name}"


def test_the_keyboard_stays_in_the_row_when_its_button_is_gone(site: MeetingSite) -> None:
    page = site.open(f"attendance/activity/{HALL}", "t01")
    row = page.locator(".person-row").first
    row.get_by_role("button", name="出勤", exact=False).first.focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("出勤")
    expect(row.locator("[data-act=menu]")).to_be_focused()
