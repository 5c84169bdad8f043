"""A week of daily practice in fast time on a phone, with the real API; in the middle the network is
cut, a reply gets lost, and it comes back. Nothing is lost, nothing counts twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from drill_site import FIRST, LEARNER, DrillSite, answer, drill_site, go_on
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import func, select

from lawlab.services.memory import replay
from lawlab.store.drill import drill_plan, facts_of, memories_of
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, DrillDay, Mark


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[DrillSite]:
    with drill_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        yield site


def practise(page: Page, count: int, first: int = 1) -> None:
    """Answer `count` questions, each with its mark and its reasons on the screen."""
    for n in range(first, first + count):
        expect(page.locator(".question-head b").first).to_have_text(f"第 {n} 题")
        answer(page)
        expect(page.locator(".verdict")).to_be_visible()
        go_on(page)


def test_a_week_of_practice_on_a_phone_with_the_network_cut_in_the_middle(site: DrillSite) -> None:
    for day in range(7):
        site.now = site.clock()
        page = site.open("drill", LEARNER, 390)
        expect(page.locator(".drill-line")).to_contain_text("今天 10 题")
        page.get_by_role("link", name="开始练习").click()
        if day == 3:
            _cut_in_the_middle(site, page)
        else:
            practise(page, 10)
        expect(page.get_by_role("heading", name="今天练完了")).to_be_visible()
        page.get_by_role("link", name="回每日一练").click()
        expect(page.locator(".drill-line")).to_contain_text(
            "今天练完了" if day == 0 else f"连续 {day + 1} 天"
        )
        if day == 5:
            _more_after_the_end(page)
        page.context.close()
        site.opened.remove(page)
        site.clock.move(days=1)
    with site.sessions() as session:
        days = session.scalars(select(DrillDay).order_by(DrillDay.day)).all()
        first = china_day(FIRST)
        assert [row.day for row in days] == [first + dt.timedelta(days=n) for n in range(7)]
        assert all(row.done_at for row in days)
        # Each answer once, each with one mark; and what is remembered follows from them.
        answers = session.scalar(select(func.count()).select_from(Answer))
        assert answers == session.scalar(select(func.count()).select_from(Mark)) == 6 * 10 + 11 + 2
        assert [row.answered for row in days] == [10, 10, 10, 11, 10, 12, 10]
        played = replay(session, 1, drill_plan(session))
        kept = memories_of(session, 1)
        assert {item: facts_of(row) for item, row in kept.items()} == {
            item: one.facts() for item, one in played.items()
        }


def _more_after_the_end(page: Page) -> None:
    """Whoever wants more gets more, and is not told after each one that he is done."""
    page.get_by_role("link", name="再练几题").click()
    practise(page, 1)
    expect(page.locator(".question-head b").first).to_have_text("第 2 题")
    answer(page)
    expect(page.locator(".drill-next .button")).to_have_text("下一题")


def _cut_in_the_middle(site: DrillSite, page: Page) -> None:
    """Three answers with a network, one whose reply gets lost, six without a network."""
    practise(page, 3)
    before = site.stored()
    lost = [0]

    def lose_reply(route: Route) -> None:
        lost[0] += 1
        route.fetch()
        route.abort()

    page.route("**/services/api/answers", lose_reply)
    answer(page)
    expect(page.locator(".question .save-state").first).to_contain_text("联网后告诉您对错")
    assert lost[0] >= 1
    assert site.stored() == before + 1
    page.unroute("**/services/api/answers")
    page.context.set_offline(True)
    go_on(page)
    # What was loaded ahead goes on without a network, and no key of it was on the phone.
    held = page.evaluate("Object.entries(localStorage).filter(([k]) => k.endsWith('.items'))")
    assert held
    assert not any(word in held[0][1] for word in ("explanation", '"answer"', "why_wrong"))
    given = 0
    while page.locator(".question fieldset:enabled").count():
        answer(page)
        expect(page.locator(".question .save-state").first).to_contain_text("联网后告诉您对错")
        given += 1
        go_on(page)
    assert given == 6
    expect(page.get_by_text("手机上存的题都答完了")).to_be_visible()
    assert site.stored() == before + 1
    page.context.set_offline(False)
    expect(page.locator("summary")).to_have_count(7, timeout=20_000)
    expect(page.get_by_text("刚才没有网时答的 7 题送到了")).to_be_visible()
    assert site.stored() == before + 7
    page.get_by_role("button", name="知道了").click()
    expect(page.locator("summary")).to_have_count(0)
    # The day is done since; one more question leads to its end.
    answer(page)
    expect(page.locator(".verdict")).to_be_visible()
    go_on(page)
