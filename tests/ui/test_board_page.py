"""The leaderboard in a browser, on the real API: by time and phase, and what earned the points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from contest_site import ContestSite, contest_site
from meeting_site import fits
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from lawlab.store.engine import writing
from lawlab.store.tables import Person, Score


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[ContestSite]:
    """v001 learnt today, v002 won a contest nine days ago, v003 learnt a year before."""
    with contest_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        with site.sessions() as session:
            writing(session)
            now = site.clock()
            earned = {
                "v001": ("learn", "lesson:anti-telecom-fraud/01_what-it-is", 14.0, 0),
                "v002": ("compete", "contest:1", 80.0, 9),
                "v003": ("learn", "lesson:anti-telecom-fraud/01_what-it-is", 3.0, 365),
            }
            for login, (phase, source, points, ago) in earned.items():
                person = session.scalars(select(Person).where(Person.login == login)).one()
                row = Score(person_id=person.id, phase=phase, source=source, points=points)
                row.changed_at = now - dt.timedelta(days=ago)
                session.add(row)
            session.commit()
        yield site


def test_a_board_by_time_and_phase_and_where_points_come_from(site: ContestSite) -> None:
    page = site.open("board", "v001", 390)
    rows = page.locator(".board-row")
    expect(rows).to_contain_text(["明白人002", "明白人001"])
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="今天").click()
    expect(rows).to_contain_text(["明白人001"])
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="大比武").click()
    expect(page.get_by_text("今天还没有人得分。")).to_be_visible()
    page.get_by_role("button", name="看全部时间的").click()
    expect(page.get_by_role("button", name="全部", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="总分").click()
    expect(rows).to_contain_text(["明白人002", "明白人001", "明白人003"])
    # One's own points are told with everything that earned them, others' as sums.
    page.get_by_role("button", name="明白人001的积分从哪里来").click()
    expect(page.locator(".board-sources li")).to_have_count(1)
    expect(page.locator(".board-sources")).to_contain_text("14")
    rows.first.click()
    expect(page.get_by_text("大比武 80").last).to_be_visible()
    expect(page.locator(".board-sources li")).to_have_count(1)
    assert fits(page)
    expect(page.get_by_text("本镇怎样算总分")).to_have_count(0)
    trainer = site.open("board", "t01")
    trainer.get_by_text("本镇怎样算总分").click()
    trainer.get_by_label("大比武").fill("")
    trainer.get_by_role("button", name="保存").click()
    expect(trainer.get_by_text("“大比武”的权重没有填")).to_be_visible()
    trainer.get_by_label("大比武").fill("99")
    trainer.get_by_role("button", name="保存").click()
    expect(trainer.get_by_text("应在 0 到 10 之间")).to_be_visible()
    trainer.get_by_label("大比武").fill("0.1")
    trainer.get_by_label("别人的姓名只显示姓").check()
    trainer.get_by_role("button", name="保存").click()
    expect(trainer.get_by_text("由 t01 定")).to_be_visible()
    page.reload()
    expect(rows).to_contain_text(["明白人001", "明＊＊"])
    # A masked line tells its sums without anybody being asked for.
    page.get_by_role("button", name="明＊＊的积分从哪里来").click()
    expect(page.get_by_text("大比武 80").last).to_be_visible()
    expect(page.get_by_text("总分 = 大学习 × 1 + 大练兵 × 1 + 大比武 × 0.1")).to_be_visible()
    page.get_by_role("tab", name="两类人员").click()
    expect(rows).to_contain_text(["法律明白人"])


def test_what_is_open_stays_open_while_the_board_changes(site: ContestSite) -> None:
    page = site.open("board", "v001", 390)
    opener = page.get_by_role("button", name="明白人001的积分从哪里来")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".board-sources li")).to_have_count(1)
    with site.sessions() as session:
        me = select(Person.id).where(Person.login == "v001")
        row = Score(person_id=writing(session).scalars(me).one(), phase="drill")
        row.source, row.points, row.changed_at = "drill:chain/2026-12-04", 90.0, site.clock()
        session.add(row)
        session.commit()
    # Its line rises to the top, and tells the new source without another tap.
    expect(page.locator(".board-row").first).to_contain_text("104")
    expect(page.locator(".board-sources li")).to_have_count(2)
    expect(page.locator(".board-sources")).to_contain_text("挑战答题")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".board-sources")).to_be_hidden()
