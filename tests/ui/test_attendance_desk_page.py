"""活动 on the trainers' desk in a real browser, in front of the real API and a real database."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from real_site import RealSite, serving
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.domain.attendance import Kind, Rules, Status, Way
from lawlab.services.attendance_events import Saying, say
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.tables import (
    Activity,
    Attachment,
    AttendanceEvent,
    ItemBank,
    LeaveRequest,
    Person,
    TrainerUnit,
    Unit,
    WalkIn,
)

PHONE, DESK, HALL = 390, 1440, 1920
RETURN = "document.dispatchEvent(new Event('visibilitychange'))"


class Clock:
    """The server's time: it goes on by itself, and a test may move it on."""

    def __init__(self, begin: dt.datetime) -> None:
        self.begin, self.started = begin, time.monotonic()

    def __call__(self) -> dt.datetime:
        return self.begin + dt.timedelta(seconds=time.monotonic() - self.started)

    def move(self, **how: float) -> None:
        self.begin += dt.timedelta(**how)


@pytest.fixture
def clock(now: dt.datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def site(
    browser: Browser,
    migrated_sqlite: Path,
    tmp_path: Path,
    clock: Clock,
    take_quiz: Callable[[Session, dt.datetime], None],
) -> Iterator[RealSite]:
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    settings = Settings(data=tmp_path)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        take_quiz(session, clock())
        _plan(session, clock())
    api = make_app(settings, clock)
    with serving(RealSite(browser, sessions, clock()), api, _activities) as site:
        yield site
    engine.dispose()


def _activities(scope: object) -> bool:
    assert isinstance(scope, dict)
    return "/desk/activities" in scope["path"]


def _plan(session: Session, now: dt.datetime) -> None:
    """Number 1 goes on, number 2 is next week."""
    for title, days in (("爱桥条例集中学习", 0), ("下周的学习", 7)):
        begins = now + dt.timedelta(days=days, minutes=-5)
        activity = Activity(
            title=title,
            phase="learn",
            place="镇政府三楼会议室",
            starts_at=begins,
            ends_at=begins + dt.timedelta(minutes=90),
            topics=[{"kind": "text", "ref": "案例讨论"}],
            materials=[],
            rules=Rules().to_json(),
            series="s" if days else None,
            created_by="t01",
            created_at=now,
            changed_at=now,
        )
        activity.units = list(session.scalars(select(Unit)))
        session.add(activity)
    session.commit()


def no_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def person(page: Page, login: str) -> Locator:
    return page.locator(f'.person-row[data-login="{login}"]')


def status_of(site: RealSite, login: str) -> str | None:
    """What the newest event says."""
    with site.sessions() as session:
        newest = select(AttendanceEvent).join(Person).where(Person.login == login)
        found = session.scalars(newest.order_by(AttendanceEvent.id.desc())).first()
        return found and found.status


def sign_in(site: RealSite, login: str, at: dt.datetime, device: str | None = None) -> None:
    """As if somebody had scanned the code."""
    with site.sessions() as session:
        writing(session)
        who = session.scalars(select(Person).where(Person.login == login)).one()
        key, by = f"test:{login}", who.login
        saying = Saying(who.id, key, Kind.CHECK_IN, Status.PRESENT, Way.QR, at, by, device=device)
        say(session, session.get_one(Activity, 1), saying, at)
        session.commit()


def draw(page: Page) -> None:
    """Sign on the pad with the mouse."""
    box = page.locator(".pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 7):
        page.mouse.move(box["x"] + 60 + 30 * step, box["y"] + 60 + 40 * (step % 2))
    page.mouse.up()


def test_the_list_shows_what_comes_and_what_waits(site: RealSite) -> None:
    with site.sessions() as session:
        who = session.scalars(select(Person).where(Person.login == "v001")).one()
        leave = LeaveRequest(activity_id=1, person_id=who.id, key="k" * 16, state="asked")
        leave.reason, leave.asked_at = "家里有事", site.now
        session.add(leave)
        session.commit()
    page = site.open("attendance")
    expect(page.get_by_role("heading", name="2022 年的活动")).to_be_visible()
    expect(page.locator(".desk-nav a[aria-current]")).to_have_text("活动")
    rows = page.locator(".activity-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("签到中")
    expect(rows.first).to_contain_text("已到 0/9")
    expect(rows.first).to_contain_text("1 人请假等待批准")
    expect(rows.last).to_contain_text("应到 9 人")
    expect(page.get_by_role("link", name="全年考勤")).to_have_attribute(
        "href", re.compile("/year/")
    )
    rows.first.click()
    expect(page.get_by_role("heading", name="爱桥条例集中学习")).to_be_visible()


def test_a_series_is_planned_with_all_faults_said_at_once(site: RealSite) -> None:
    page = site.open("attendance/new", width=PHONE)
    page.get_by_role("button", name="保存活动").click()
    expect(page.get_by_role("alert")).to_contain_text("有 6 处要改")
    expect(page.locator(".wrong-text", has_text="请选日期")).to_be_visible()
    expect(page.locator(".wrong-text", has_text="请选应参加的单位")).to_be_attached()
    page.get_by_label("活动名称").fill("夜校")
    page.get_by_label("日期").fill("2022-12-08")
    page.get_by_label("开始", exact=True).fill("19:00")
    page.get_by_label("结束", exact=True).fill("20:30")
    page.get_by_label("地点").fill("河口村村委会")
    page.get_by_role("button", name="全选村（社区）").click()
    expect(page.get_by_text("选了 1 个单位，共 5 人")).to_be_visible()
    page.get_by_label("另外参加的人").fill("干部003")
    page.get_by_role("button", name="干部003（司法所）").click()
    page.get_by_role("button", name="＋ 法条").click()
    page.get_by_label("第 1 项学习内容").fill("民法典第一千零四十三条")
    page.get_by_role("button", name="＋ 材料").click()
    page.get_by_label("第 1 份材料的名称").fill("讲义")
    page.get_by_label("第 1 份材料的网址").fill("讲义.pdf")
    page.get_by_label("重复").select_option("two_weeks")
    page.get_by_label("一共几场").fill("3")
    expect(page.get_by_text("最后一场在 2023 年 1 月 5 日")).to_be_visible()
    # What is typed is still there after the page was left.
    page.reload()
    expect(page.get_by_text("找回了上次没有保存的内容")).to_be_visible()
    page.get_by_role("button", name="保存活动").click()
    # This one only the server sees.
    expect(page.locator(".wrong-text", has_text="不是网址")).to_be_visible()
    expect(page.get_by_label("活动名称")).to_have_value("夜校")
    page.get_by_label("第 1 份材料的网址").fill("")
    assert no_sideways(page)
    page.get_by_role("button", name="保存活动").click()
    expect(page.get_by_role("heading", name="夜校")).to_be_visible()
    with site.sessions() as session:
        made = session.scalars(select(Activity).where(Activity.title == "夜校")).all()
        assert [one.starts_at.isoformat()[:16] for one in made] == [
            "2022-12-08T11:00",
            "2022-12-22T11:00",
            "2023-01-05T11:00",
        ]
        assert made[0].topics == [{"kind": "article", "ref": "民法典#1043"}]
        assert [person.login for person in made[0].people] == ["s003"]
    page.goto(f"{site.url}/services/learn/attendance/new")
    expect(page.get_by_label("活动名称")).to_have_value("")


def test_an_activity_is_changed_and_copied(site: RealSite) -> None:
    page = site.open("attendance/edit/2")
    expect(page.get_by_label("日期")).to_have_value("2022-12-12")
    expect(page.get_by_label("开始", exact=True)).to_have_value("09:55")
    page.get_by_label("地点").fill("大礼堂")
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("大礼堂")).to_be_visible()
    page.get_by_role("link", name="复制").click()
    expect(page.get_by_role("heading", name="照样再办一场")).to_be_visible()
    expect(page.get_by_label("地点")).to_have_value("大礼堂")
    expect(page.get_by_label("日期")).to_have_value("")


def test_the_screen_in_the_hall_changes_its_code_and_hides_an_old_one(
    site: RealSite, clock: Clock
) -> None:
    page = site.open("attendance/sign/1", width=HALL)
    digits, code = page.locator(".sign-digits"), page.locator(".sign-qr [role=img] path")
    expect(digits).to_have_text(re.compile(r"\d{3} \d{3}"))
    expect(page.get_by_text("手机打不开这个网址")).to_be_visible()
    before, said = code.get_attribute("d"), digits.inner_text()
    clock.move(seconds=61)
    page.evaluate(RETURN)
    expect(digits).not_to_have_text(said)
    assert code.get_attribute("d") != before
    page.get_by_role("button", name="投影", exact=True).click()
    expect(page.get_by_role("button", name="名单点名")).to_be_hidden()
    fits = "document.querySelector('.sign-screen').scrollHeight <= window.innerHeight"
    assert page.evaluate(fits)
    size = page.locator(".sign-digits").evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    assert size > 64
    sign_in(site, "s001", clock())
    expect(page.locator(".sign-big")).to_contain_text("1/9")
    expect(page.locator(".sign-missing")).not_to_contain_text("干部001")
    # The network goes; what is on the screen runs out and is not shown a second longer.
    site.down.set()
    page.evaluate(
        "performance.now = ((real) => () => real() + 70000)(performance.now.bind(performance))"
    )
    expect(page.get_by_text("网络不稳，正在取新的二维码")).to_be_visible()
    expect(code).to_have_count(0)
    expect(digits).to_be_hidden()
    site.down.clear()
    page.evaluate(RETURN)
    expect(code).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="名单点名")).to_be_visible()


def test_before_the_time_the_screen_says_when(site: RealSite, clock: Clock) -> None:
    page = site.open("attendance/sign/2")
    expect(page.get_by_text("12月12日 09:25 起签到")).to_be_visible()
    expect(page.locator(".sign-qr [role=img] path")).to_have_count(0)


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_one_tap_marks_and_can_be_undone(site: RealSite, clock: Clock, width: int) -> None:
    sign_in(site, "v001", clock(), "phone-1")
    sign_in(site, "v002", clock(), "phone-1")
    page = site.open("attendance/activity/1", width=width)
    expect(person(page, "v001")).to_contain_text("同一部手机签了 2 人")
    page.get_by_role("button", name="干部001 出勤").click()
    expect(person(page, "s001")).to_contain_text("教员点名")
    assert status_of(site, "s001") == "present"
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(person(page, "s001")).to_contain_text("未签到")
    page.get_by_role("button", name=re.compile("^干部002 迟到")).click()
    page.get_by_role("dialog").get_by_role("button", name="迟到").click()
    expect(person(page, "s002")).to_contain_text("迟到")
    page.get_by_role("button", name=re.compile("^明白人001 迟到")).click()
    page.get_by_role("dialog").get_by_role("button", name="缺勤").click()
    expect(person(page, "v001")).to_contain_text("本人签过到，教员另有登记")
    page.get_by_role("button", name=re.compile("^要看一看")).click()
    expect(page.locator(".person-row")).to_have_count(2)
    page.get_by_role("button", name=re.compile("^全部")).click()
    page.get_by_role("button", name="其余的都记出勤").click()
    page.get_by_role("dialog").get_by_role("button", name="都记出勤").click()
    expect(page.locator(".toast")).to_contain_text("6 人记了出勤")
    expect(page.locator(".activity-numbers")).to_contain_text("8已到")
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(page.locator(".activity-numbers")).to_contain_text("2已到")
    assert no_sideways(page)


def test_a_mark_without_a_network_waits_and_arrives(site: RealSite) -> None:
    page = site.open("attendance/activity/1")
    expect(person(page, "s001")).to_be_visible()
    site.down.set()
    page.get_by_role("button", name="干部001 出勤").click()
    expect(page.get_by_text("1 人的登记还没有送到")).to_be_visible()
    expect(person(page, "s001")).to_contain_text("正在登记")
    site.down.clear()
    expect(person(page, "s001")).to_contain_text("教员点名")
    expect(page.get_by_text("还没有送到")).to_have_count(0)


def test_after_the_close_a_correction_says_why(site: RealSite) -> None:
    page = site.open("attendance/activity/1")
    page.get_by_role("button", name="结束签到").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还有 9 人没有签到，会记缺勤")
    dialog.get_by_role("button", name="结束签到").click()
    expect(person(page, "s001")).to_contain_text("缺勤")
    expect(page.get_by_role("button", name="其余的都记出勤")).to_be_hidden()
    page.get_by_role("button", name="干部001 出勤").click()
    dialog.get_by_role("button", name="更正").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请写原因")
    dialog.get_by_label("原因").fill("手机没电，当时在场")
    dialog.get_by_role("button", name="更正").click()
    expect(person(page, "s001")).to_contain_text("教员点名")
    page.get_by_role("button", name="记录").click()
    expect(dialog.locator("li").first).to_contain_text("手机没电，当时在场")
    expect(dialog.locator("li").last).to_contain_text("教员01 结束签到：缺勤")
    dialog.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="重新打开签到").click()
    dialog.get_by_label("原因").fill("点早了")
    dialog.get_by_role("button", name="重新打开").click()
    expect(person(page, "s002")).to_contain_text("未签到")


def test_leave_is_decided(site: RealSite) -> None:
    with site.sessions() as session:
        for login in ("v001", "v002"):
            who = session.scalars(select(Person).where(Person.login == login)).one()
            leave = LeaveRequest(activity_id=1, person_id=who.id, key=login * 4, state="asked")
            leave.reason, leave.asked_at = "家里有事", site.now
            session.add(leave)
        session.commit()
    page = site.open("attendance/activity/1", width=PHONE)
    page.get_by_role("button", name="批准 明白人001 请假", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="批准", exact=True).click()
    expect(person(page, "v001")).to_contain_text("请假")
    page.get_by_role("button", name="不批准 明白人002 请假").click()
    dialog.get_by_role("button", name="不批准").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请写为什么")
    dialog.get_by_label("给本人的话").fill("当天请参加")
    dialog.get_by_role("button", name="不批准").click()
    expect(person(page, "v002")).to_contain_text("请假没有批准")
    with site.sessions() as session:
        states = session.execute(select(LeaveRequest.state, LeaveRequest.note)).all()
    assert [tuple(one) for one in states] == [("approved", ""), ("refused", "当天请参加")]


def test_a_walk_in_is_written_down_and_merged(site: RealSite) -> None:
    page = site.open("attendance/sign/1")
    page.get_by_role("button", name="现场登记").click()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("应是 4 个数字")
    page.get_by_label("姓名").fill("明白人004")
    page.get_by_label("手机号最后四位").fill("1234")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("button", name="就是 明白人004（河口村）").click()
    expect(page.locator(".toast")).to_contain_text("归到了 明白人004 名下")
    expect(page.locator(".sign-big")).to_contain_text("1/9")
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="就是 明白人004（河口村）")).to_be_visible()
    page.get_by_role("button", name="明白人004 的登记作废").click()
    expect(page.get_by_role("button", name="就是 明白人004（河口村）")).to_have_count(0)
    with site.sessions() as session:
        note = session.scalars(select(WalkIn)).one()
        assert (note.person_id, note.settled_by) == (None, "t01")


def test_a_phone_goes_round_for_signatures(site: RealSite) -> None:
    page = site.open("attendance/signature/1", width=PHONE)
    page.get_by_role("button", name="司法所").click()
    expect(page.get_by_role("heading", name="干部001")).to_be_visible()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有签名")
    draw(page)
    page.get_by_role("button", name="清除").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有签名")
    site.down.set()
    draw(page)
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("heading", name="干部002")).to_be_visible()
    expect(page.get_by_text("还没有送到")).to_be_visible()
    page.get_by_role("button", name="跳过").click()
    expect(page.get_by_role("heading", name="干部003")).to_be_visible()
    assert no_sideways(page)
    # The page is closed while the signature is still on the phone; nothing is lost.
    page.on("dialog", lambda dialog: dialog.accept())
    site.down.clear()
    page.goto(f"{site.url}/services/learn/attendance/activity/1")
    expect(person(page, "s001")).to_contain_text("10:00 签名 教员01")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('sign'))") == []
    with site.sessions() as session:
        picture = session.scalars(select(Attachment)).one()
        assert picture.content.startswith(b"\x89PNG")
        width, height = (int.from_bytes(picture.content[n : n + 4], "big") for n in (16, 20))
        assert width <= 600
        assert height <= 240
        assert len(picture.content) <= 60_000
    assert status_of(site, "s001") == "present"


def test_a_cancelled_series_comes_back_with_one_tap(site: RealSite) -> None:
    page = site.open("attendance/activity/2")
    page.get_by_role("button", name="取消活动").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="取消活动").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请写取消的原因")
    dialog.get_by_label("原因").fill("下大雨")
    dialog.get_by_label("以后的也取消").check()
    dialog.get_by_role("button", name="取消活动").click()
    expect(page.get_by_text("已取消：下大雨")).to_be_visible()
    expect(page.get_by_role("link", name="开始签到")).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="撤销").click()
    expect(page.get_by_role("link", name="开始签到")).to_be_visible()
    with site.sessions() as session:
        assert session.get_one(Activity, 2).cancelled_at is None


@pytest.mark.parametrize(
    "path", ["attendance", "attendance/activity/1", "attendance/sign/1", "attendance/new"]
)
def test_the_pages_are_for_trainers(site: RealSite, path: str) -> None:
    page = site.open(path, "s001")
    expect(page.get_by_text("这一页给教员用")).to_be_visible()


def test_a_trainer_of_some_units_marks_only_their_people(site: RealSite) -> None:
    with site.sessions() as session:
        unit = session.scalars(select(Unit).where(Unit.name == "司法所")).one()
        who = session.scalars(select(Person).where(Person.login == "t01")).one()
        session.add(TrainerUnit(person_id=who.id, unit_id=unit.id))
        session.get_one(Activity, 1).created_by = "admin"
        session.commit()
    page = site.open("attendance/activity/1")
    expect(page.get_by_role("button", name="干部001 出勤")).to_be_visible()
    expect(page.get_by_role("button", name="明白人001 出勤")).to_have_count(0)
    expect(page.get_by_role("button", name="取消活动")).to_have_count(0)
    page.get_by_role("button", name="其余的都记出勤").click()
    page.get_by_role("dialog").get_by_role("button", name="都记出勤").click()
    expect(page.locator(".toast")).to_contain_text("4 人记了出勤")
    page.goto(f"{site.url}/services/learn/attendance/new")
    expect(page.get_by_label("河口村")).to_be_disabled()
    expect(page.get_by_label(re.compile("司法所"))).to_be_enabled()


def test_an_online_activity_shows_cards_instead_of_a_code(site: RealSite) -> None:
    with site.sessions() as session:
        session.get_one(Activity, 1).online = True
        session.add(ItemBank(slug="brg", law="某镇爱护桥梁条例", prefix="brg", awaits=[]))
        session.commit()
    page = site.open("attendance/sign/1")
    page.get_by_role("button", name="现在出一张答题卡").click()
    expect(page.get_by_text("大家手机上正有一张答题卡")).to_be_visible()
    expect(page.locator(".sign-cards-count")).to_contain_text("1")
    expect(page.get_by_role("button", name="现在出一张答题卡")).to_be_disabled()
    expect(page.locator(".sign-qr")).to_have_count(0)
