"""One contest in real browsers: the host's console, the projector and four phones, one of which is
refreshed, one loses its network, one comes late. Pictures of all of it are kept to be looked at."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from contesting import add_contest, one_round
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lawlab.domain.contest_script import Kind
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.tables import ContestResult, Person, Score

if TYPE_CHECKING:
    from conftest import Visitors
    from sqlalchemy.orm import Session, sessionmaker

    from lawlab.testing import Running

HALL = {"width": 1920, "height": 1080}
LEARNERS = ("v041", "v042", "v043", "v044")
QUESTIONS = 2


@pytest.fixture
def stored(platform: Running) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(platform.settings.database)
    yield make_sessions(engine)
    engine.dispose()


def test_a_contest_in_the_hall(
    platform: Running,
    visitors: Visitors,
    stored: sessionmaker[Session],
    pictures: Path,
) -> None:
    with stored() as session:
        rounds = [
            one_round(session, 1, seconds=60),
            one_round(session, 1, kind=Kind.ELIMINATION, seconds=60, skip=1),
        ]
        contest = add_contest(writing(session), dt.datetime.now(dt.UTC), rounds)
    seat = f"/services/learn/contest/{contest}"
    host = visitors.desk()
    visitors.sign_in(host, "t01")
    host.goto(f"/services/learn/host/{contest}")
    hall = host.context.new_page()
    hall.set_viewport_size(HALL)
    hall.goto(f"/services/learn/bigscreen/{contest}")

    def snap(name: str, *pages: tuple[str, Page]) -> None:
        for kind, page in pages:
            page.screenshot(path=pictures / f"contest-{name}-{kind}.png")

    press(host, "开放入场")
    phones = []
    for login in LEARNERS[:3]:
        phone = visitors.phone()
        visitors.sign_in(phone, login)
        phone.goto(seat)
        expect(phone.get_by_role("heading", name="还没有开始")).to_be_visible()
        phones.append(phone)
    refreshed, offline, elsewhere = phones
    expect(hall.get_by_text(re.compile("明白人043"))).to_be_visible()
    snap("lobby", ("host", host), ("hall", hall), ("phone", refreshed))
    press(host, "开始比赛")
    host.get_by_role("dialog").get_by_role("button", name=re.compile("^开始")).click()
    press(host, "出第 1 题")

    # One is refreshed in mid-question and goes on.
    answer(refreshed)
    refreshed.reload()
    expect(refreshed.get_by_text(re.compile("已收到"))).to_be_visible()
    # One loses its network, answers all the same, and comes back.
    offline.context.set_offline(True)
    answer(offline)
    expect(offline.get_by_text(re.compile("留在手机上"))).to_be_visible()
    snap("question", ("host", host), ("hall", hall), ("phone", elsewhere), ("offline", offline))
    # The host's browser dies: another page of his goes on.
    again = host.context.new_page()
    host.close()
    host = again
    host.goto(f"/services/learn/host/{contest}")
    offline.context.set_offline(False)
    expect(offline.get_by_text(re.compile("已收到"))).to_be_visible()
    press(host, "停止答题")
    press(host, "公布答案")
    expect(elsewhere.get_by_text(re.compile("没有作答|没有答"))).to_be_visible()
    snap("reveal", ("host", host), ("hall", hall), ("phone", refreshed))

    # One comes late, and is there for the next question.
    late = visitors.phone()
    visitors.sign_in(late, LEARNERS[3])
    late.goto(seat)
    press(host, "看排名")
    expect(hall.get_by_text(re.compile("明白人041"))).to_be_visible()
    snap("board", ("host", host), ("hall", hall), ("phone", late))
    press(host, "出第 2 题")
    answer(late)
    answer(elsewhere)
    expect(late.get_by_text(re.compile("已收到"))).to_be_visible()
    expect(elsewhere.get_by_text(re.compile("已收到"))).to_be_visible()
    press(host, "停止答题")
    press(host, "公布答案")
    press(host, "看排名")
    press(host, "结束比赛")
    host.get_by_role("dialog").get_by_role("button", name="结束比赛").click()
    expect(late.get_by_text(re.compile("比赛结束"))).to_be_visible()
    snap("end", ("host", host), ("hall", hall), ("phone", late))

    # Whoever doubts a score finds every answer, and the best get a certificate.
    late.get_by_role("link", name="赛事记录和证书").click()
    expect(late.get_by_role("heading", name="我的成绩")).to_be_visible()
    host.goto(f"{seat}/result")
    host.get_by_role("button", name=re.compile("做证书")).click()
    expect(host.get_by_role("link", name="全部下载（.zip）")).to_be_visible()
    host.locator("details.question").first.locator("summary").first.click()
    host.get_by_text("每个人的答案").first.click()
    expect(host.get_by_role("columnheader", name="到达时间")).to_be_visible()
    snap("result", ("host", host), ("phone", late))
    with host.expect_download() as file:
        host.get_by_role("link", name="下载", exact=True).first.click()
    file.value.save_as(pictures / "certificate.pdf")
    late.goto("/services/api/verify?code=AAAA-BBBB-CCCC")
    expect(late.get_by_text("没有这个编号的证书")).to_be_visible()

    with stored() as session:
        rows = session.execute(
            select(Person.login, ContestResult.answered, ContestResult.points)
            .join(Person, Person.id == ContestResult.person_id)
            .where(ContestResult.contest_id == contest)
        ).all()
        answered = {login: count for login, count, _ in rows}
        assert answered == {"v041": 1, "v042": 1, "v043": 1, "v044": 1}
        scores = session.scalars(select(Score).where(Score.source == f"contest:{contest}")).all()
        assert sorted(row.points > 0 for row in scores) == sorted(p > 0 for *_, p in rows)


def press(host: Page, words: str) -> None:
    """The one big button, once it says these words."""
    main = host.locator(".host-main")
    expect(main).to_contain_text(words)
    expect(main).not_to_have_attribute("aria-disabled", "true")
    main.click()


def answer(phone: Page) -> None:
    phone.locator("label.option").first.click()
    phone.get_by_role("button", name="确定").click()
