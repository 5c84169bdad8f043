"""活动 for learners in a real browser, in front of the real API: the year, leave, rooms."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from meeting_site import HALL, LARGE, RETURN, ROOM, MeetingSite, fits, meeting_site
from meetings import OFFICE, VILLAGE, caller, meet
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.question import Question, QuestionType
from lawlab.services.leave import decide_leave
from lawlab.services.presence import show_card_now
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Activity,
    Attachment,
    AttendanceEvent,
    ItemBank,
    ItemVersion,
    LeaveRequest,
    PresenceAnswer,
)

PHONE, DESK = 390, 1440
CALENDAR = "/services/learn/calendar"
PIXELS = 3000
# A photo as a phone takes it: large, and so noisy that it does not shrink by itself.
PHOTO = """async (edge) => {
  const canvas = document.createElement("canvas");
  canvas.width = edge; canvas.height = edge / 2;
  const pen = canvas.getContext("2d");
  const noise = pen.createImageData(canvas.width, canvas.height);
  for (let n = 0; n < noise.data.length; n += 1) noise.data[n] = (n * 2654435761) >>> 13;
  pen.putImageData(noise, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  const box = new DataTransfer();
  box.items.add(new File([blob], "病历.jpg", { type: "image/jpeg" }));
  const input = document.querySelector("#leave-proof");
  input.files = box.files;
  input.dispatchEvent(new Event("change"));
}"""


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, tmp_path: Path, now: dt.datetime
) -> Iterator[MeetingSite]:
    with meeting_site(browser, migrated_sqlite, tmp_path, now) as site:
        yield site


def plan(site: MeetingSite, days: float, *units: str, title: str) -> int:
    with site.sessions() as session:
        begins = site.now + dt.timedelta(days=days)
        planned = min(site.now, begins) - dt.timedelta(days=1)
        return meet(session, begins, units=units, title=title, planned=planned)


def newest_leave(session: Session) -> LeaveRequest:
    found = session.scalars(select(LeaveRequest).order_by(LeaveRequest.id.desc())).first()
    assert found is not None
    return found


def light(page: Page) -> bool:
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/ui/'))"
        ".map((one) => one.decodedBodySize)"
    )
    return sum(sizes) < 80 * 1024


def test_the_year_shows_what_comes_and_how_one_stood(site: MeetingSite) -> None:
    plan(site, 2, OFFICE, VILLAGE, title="后天的学习")
    gone = plan(site, 5, OFFICE, title="夜校")
    plan(site, 40, VILLAGE, title="明年的大会")
    with site.sessions() as session:
        writing(session)
        activity = session.get_one(Activity, gone)
        activity.cancelled_at, activity.cancel_reason = site.now, "下大雨，另定时间"
        session.commit()
    page = site.open("home", "s001", PHONE)
    page.get_by_role("link", name="去签到").wait_for()
    page.get_by_role("link", name="全部活动").tap()
    events = page.locator(".event")
    expect(events).to_have_count(4)
    expect(page.locator(".section-title").first).to_have_text("12 月")
    expect(events.nth(0)).to_contain_text("反诈学习会")
    expect(events.nth(0)).to_contain_text("今天 09:55—11:55")
    expect(events.nth(0)).to_contain_text("正在签到请您参加")
    expect(events.nth(0).get_by_role("link", name="去签到")).to_be_visible()
    expect(events.nth(1)).not_to_contain_text("请您参加")
    expect(events.nth(2)).to_contain_text("12月7日 周三 10:00—12:00")
    expect(events.nth(3)).to_contain_text("取消的原因：下大雨，另定时间")
    assert light(page)
    page.get_by_role("button", name="只看我的").tap()
    expect(events).to_have_count(3)
    expect(page.get_by_role("button", name="只看我的")).to_be_focused()
    page.get_by_role("link", name="2023 年").tap()
    expect(page.get_by_text("这一年没有要您参加的活动。")).to_be_visible()
    page.get_by_role("button", name="全部", exact=True).tap()
    expect(events).to_contain_text("明年的大会")
    site.clock.move(hours=3)
    page.goto(CALENDAR)
    expect(page.get_by_role("heading", name="已经过去的")).to_be_visible()
    past = page.locator(".event.is-over", has_text="反诈学习会")
    # The server closes what is over by itself, a little later.
    expect(past).to_contain_text("未签到")
    expect(page.locator(".record")).to_have_text("我到了 0 场，应到 1 场。")


def test_one_activity_leads_to_what_is_studied(site: MeetingSite) -> None:
    with site.sessions() as session:
        writing(session)
        activity = session.get_one(Activity, HALL)
        activity.topics = [{"kind": "article", "ref": "民法典#1043"}]
        activity.topics += [{"kind": "text", "ref": "案例讨论"}]
        activity.materials = [{"title": "讲义", "url": "/services/learn/home"}]
        activity.note = "请带笔记本。"
        session.commit()
    page = site.open(f"calendar/{HALL}", "s001", PHONE)
    expect(page.locator(".activity-when")).to_have_text("今天 09:55—11:55")
    expect(page.get_by_role("link", name="《民法典》第一千零四十三条")).to_be_visible()
    material = page.get_by_role("link", name="讲义")
    expect(material).not_to_have_attribute("target", "_blank")
    facts = page.locator(".activity-facts")
    for text in ("镇里", OFFICE, "教员01", "10:10 以前算出勤，10:25 以前算迟到", "请带笔记本。"):
        expect(facts).to_contain_text(text)
    assert light(page)
    page.get_by_role("link", name="去签到").tap()
    expect(page.locator("#six-digits")).to_be_visible()


def test_leave_is_asked_for_through_a_bad_network_and_proved_later(site: MeetingSite) -> None:
    later = plan(site, 2, OFFICE, title="后天的学习")
    page = site.open(f"calendar/{later}", "s001", PHONE)
    page.get_by_role("button", name="我要请假").tap()
    reason = page.get_by_label("请假的原因")
    expect(reason).to_be_focused()
    page.get_by_role("button", name="交请假条").tap()
    expect(page.get_by_role("alert")).to_contain_text("请写请假的原因")
    reason.fill("家里老人住院")
    page.reload()
    expect(reason).to_have_value("家里老人住院")
    site.down.set()
    page.get_by_role("button", name="交请假条").tap()
    expect(page.locator(".notice")).to_contain_text("写好的留在手机上，正在重试")
    # The page is closed before the network is back; the next one sends it.
    site.down.clear()
    page.goto(f"{CALENDAR}/{later}")
    expect(page.locator(".notice-good")).to_contain_text("请假条已交，等教员批准")
    expect(page.locator(".leave")).to_contain_text("等待批准")
    with site.sessions() as session:
        assert newest_leave(session).reason == "家里老人住院"
        assert newest_leave(session).proof_id is None
    page.evaluate(PHOTO, PIXELS)
    expect(page.locator(".proof-preview img")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="交证明").tap()
    expect(page.locator(".leave")).to_contain_text("证明已交")
    with site.sessions() as session:
        picture = session.get_one(Attachment, newest_leave(session).proof_id)
        assert picture.media_type == "image/jpeg"
        assert 10_000 < len(picture.content) <= 400_000
        decide_leave(
            session,
            later,
            newest_leave(session).id,
            caller(session, "t01"),
            approve=False,
            note="请让家人陪护。",
            now=site.clock(),
        )
    page.evaluate(RETURN)
    expect(page.locator(".leave")).to_contain_text("没有批准")
    expect(page.locator(".leave")).to_contain_text("教员说：请让家人陪护。")
    page.get_by_role("button", name="再请一次假").tap()
    reason.fill("找不到人陪护")
    page.get_by_role("button", name="交请假条").tap()
    page.get_by_role("button", name="撤回请假").tap()
    page.get_by_role("button", name="是，撤回").tap()
    expect(page.locator(".leave")).to_contain_text("已撤回")
    with site.sessions() as session:
        assert newest_leave(session).state == "withdrawn"


def test_a_file_that_is_no_picture_is_not_taken(site: MeetingSite) -> None:
    later = plan(site, 2, OFFICE, title="后天的学习")
    page = site.open(f"calendar/{later}", "s001", PHONE)
    page.get_by_role("button", name="我要请假").tap()
    page.locator("#leave-proof").set_input_files(
        {"name": "病历.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    )
    expect(page.locator(".proof-preview")).to_contain_text("这张照片打不开")


def test_in_a_room_a_card_is_answered_even_when_the_network_goes(site: MeetingSite) -> None:
    _ask_in_rooms(site)
    page = site.open(f"calendar/{ROOM}", "v001", PHONE)
    page.get_by_role("link", name="进入线上会场").tap()
    expect(page.get_by_role("heading", name="您在会场里")).to_be_visible()
    expect(page.locator(".room-state")).to_contain_text("不定时出几张答题卡")
    assert light(page)
    with site.sessions() as session:
        assert session.scalars(select(AttendanceEvent.way)).all() == ["online"]
    _show_card(site)
    page.evaluate(RETURN)
    card = page.locator(".room-card")
    expect(card.get_by_role("heading", name="有答题卡了")).to_be_focused()
    assert page.title().startswith("有答题卡了")
    expect(card.get_by_role("timer")).to_contain_text("还剩 2:5")
    card.get_by_role("button", name="确定").tap()
    expect(card.get_by_role("alert")).to_contain_text("请先选一个答案")
    card.get_by_text("对", exact=True).tap()
    site.down.set()
    card.get_by_role("button", name="确定").tap()
    expect(page.locator(".notice")).to_contain_text("答案已留在手机上，正在重试")
    expect(card).to_have_count(0)
    page.reload(wait_until="commit")
    site.down.clear()
    expect(page.locator(".room-state")).to_contain_text("已答 1/1 张")
    with site.sessions() as session:
        assert session.scalars(select(PresenceAnswer.response)).all() == [{"chosen": ["对"]}]


def test_a_card_that_is_missed_and_the_end_are_said(site: MeetingSite) -> None:
    _ask_in_rooms(site)
    page = site.open(f"calendar/{ROOM}/room", "v001", PHONE)
    expect(page.get_by_role("heading", name="您在会场里")).to_be_visible()
    _show_card(site)
    page.evaluate(RETURN)
    expect(page.locator(".room-card")).to_be_visible()
    site.clock.move(minutes=3)
    page.evaluate(RETURN)
    expect(page.locator(".room-card")).to_have_count(0)
    expect(page.locator(".room-state")).to_contain_text("已答 0/1 张，至少要答 1 张")
    site.clock.move(hours=2)
    page.evaluate(RETURN)
    expect(page.get_by_role("heading", name="活动结束了")).to_be_visible()


def test_a_room_that_is_not_open_yet_lets_in_by_itself(site: MeetingSite) -> None:
    with site.sessions() as session:
        begins = site.now + dt.timedelta(minutes=31)
        later = meet(session, begins, units=(VILLAGE,), planned=site.now, online=True)
    page = site.open(f"calendar/{later}/room", "v001", PHONE)
    expect(page.get_by_role("heading", name="会场还没有开放")).to_be_visible()
    site.clock.move(minutes=2)
    page.evaluate(RETURN)
    expect(page.get_by_role("heading", name="您在会场里")).to_be_visible()


def test_every_page_fits_a_small_phone_with_large_type(site: MeetingSite) -> None:
    long = "村居法律明白人骨干培训暨土地管理法专题学习会"
    later = plan(site, 2, OFFICE, VILLAGE, title=long)
    _ask_in_rooms(site)
    page = site.open("home", "v001", 320)
    page.add_init_script(LARGE)
    for path, ready in (
        ("home", ".next-all"),
        ("calendar", ".event"),
        (f"calendar/{later}", ".leave"),
        (f"calendar/{ROOM}/room", ".room-state"),
    ):
        page.goto(f"/services/learn/{path}")
        page.locator(ready).first.wait_for()
        if ready == ".leave":
            page.get_by_role("button", name="我要请假").tap()
        assert fits(page), path
    _show_card(site)
    page.evaluate(RETURN)
    expect(page.locator(".room-card")).to_be_visible()
    assert fits(page)
    small = page.evaluate(
        "[...document.querySelectorAll('main :is(button, label.option, a.button)')]"
        ".filter((node) => node.getBoundingClientRect().height < 48).map((node) => node.outerHTML)"
    )
    assert small == []


def _ask_in_rooms(site: MeetingSite) -> None:
    """A question that a card may show."""
    question = Question(
        id="law-001",
        type=QuestionType.JUDGE,
        stem="出借银行卡，收了钱才违法。",
        options={},
        answer="错",
        explanation="不收钱也违法。",
        articles=(),
        evidence="",
        difficulty=1,
    )
    with site.sessions() as session:
        writing(session)
        session.add(ItemBank(slug="law", law="某法", prefix="law", awaits=[]))
        session.add(
            ItemVersion(
                item=question.id,
                version=1,
                bank="law",
                type=question.type.value,
                body=question.to_json(),
                sha256="",
                article_prints={},
                published_at=site.now,
            )
        )
        session.commit()


def _show_card(site: MeetingSite) -> None:
    with site.sessions() as session:
        show_card_now(session, ROOM, site.clock(), random.Random(1))
