"""重新评分 from 试题分析, in a real browser in front of the real API and a real database."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from real_site import RealSite, serving
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import ItemVersion, Quiz, Regrade

ITEM = "brg-002"
STATISTICS = "desk/quiz/quiz-1?tab=statistics"
TITLE = "答案有误，重新评分"
GAINING = ("干部001", "干部002", "干部003", "干部004", "明白人002", "明白人004")
"""Those who got `brg-002` wrong, or left it out: 干部004 at the first attempt."""
GAIN = [f"{name}\t0 分\t30 分\t+30" for name in GAINING]
LOSS = [f"{name}\t30 分\t0 分\t−30" for name in GAINING]


@pytest.fixture
def site(
    browser: Browser,
    migrated_sqlite: Path,
    tmp_path: Path,
    now: dt.datetime,
    take_quiz: Callable[[Session, dt.datetime], None],
) -> Iterator[RealSite]:
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    settings = Settings(data=tmp_path)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        take_quiz(session, now)
    api = make_app(settings, lambda: now + dt.timedelta(minutes=12))
    with serving(RealSite(browser, sessions, now), api) as site:
        yield site
    engine.dispose()


def corrections(site: RealSite) -> tuple[Any, list[tuple[Any, str, str]]]:
    """What the quiz is marked by now, and all that was noted."""
    with site.sessions() as session:
        rows = session.scalars(select(Regrade).order_by(Regrade.id))
        noted = [(row.correction, row.reason, row.by) for row in rows]
        return session.get_one(Quiz, "quiz-1").corrections, noted


def publish_another_key(site: RealSite) -> None:
    """A second version of the question, whose right answer is 行."""
    with site.sessions() as session:
        first = session.scalars(select(ItemVersion).where(ItemVersion.item == ITEM)).one()
        facts = {"bank": first.bank, "type": first.type, "sha256": "2", "article_prints": {}}
        body = first.body | {"answer": "B"}
        second = ItemVersion(item=ITEM, version=2, body=body, published_at=site.now, **facts)
        session.add(second)
        session.commit()


def regrading(page: Page) -> Locator:
    """The dialog, opened at the question."""
    detail = page.locator(f"#detail-{ITEM}")
    opener = page.get_by_role("button", name=ITEM)
    if opener.get_attribute("aria-expanded") == "false":
        opener.click()
    detail.get_by_role("button", name=TITLE).click()
    dialog = page.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_visible()
    return dialog


def save(dialog: Locator) -> None:
    dialog.get_by_role("button", name="保存并重新评分").click()


def test_a_key_is_corrected_and_put_back(site: RealSite) -> None:
    page = site.open(STATISTICS)
    dialog = regrading(page)
    expect(dialog).to_contain_text("第 2 题：村民甲想把一车石料卸在桥上过夜")
    expect(dialog).to_contain_text("现在的答案：A。已交的答卷里有")
    expect(dialog.locator("option")).to_have_count(1)
    expect(dialog).not_to_contain_text("以前的更正")
    assert dialog.locator("tbody tr").all_inner_texts() == GAIN
    expect(dialog).to_contain_text("6 人的分数会变，这道题的得分一共从 0 分变成 180 分")

    save(dialog)
    expect(dialog.get_by_role("alert")).to_contain_text("请写明为什么要重新评分")
    dialog.get_by_label("原因").fill("   ")
    save(dialog)
    expect(dialog.get_by_role("alert")).to_contain_text("请写明为什么要重新评分")
    assert corrections(site) == ({}, [])
    dialog.get_by_label("原因").fill(" 题干有歧义 ")
    save(dialog)
    expect(dialog).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text(f"已经更正，{len(GAIN)} 人的分数会变")
    full = ({"full": True}, "题干有歧义", "t01")
    assert corrections(site) == ({ITEM: {"full": True}}, [full])

    dialog = regrading(page)
    expect(dialog).to_contain_text("现在：有这道题的人都得满分")
    expect(dialog).to_contain_text(f"教员01：都得满分，{len(GAIN)} 人的分数变了。原因：题干有歧义")
    dialog.get_by_label("更正成").select_option(label="恢复原来的答案")
    assert dialog.locator("tbody tr").all_inner_texts() == LOSS
    dialog.get_by_label("原因").fill("题干没有问题")
    save(dialog)
    expect(dialog).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text(f"已经更正，{len(LOSS)} 人的分数会变")
    assert corrections(site) == ({}, [full, ({}, "题干没有问题", "t01")])
    dialog = regrading(page)
    expect(dialog).to_contain_text("现在的答案：A。")
    past = dialog.locator("li")
    expect(past).to_have_count(2)
    expect(past.first).to_contain_text("教员01：恢复原来的答案")
    expect(past.first).to_contain_text("原因：题干没有问题")


def test_each_choice_says_whose_points_it_changes(site: RealSite) -> None:
    publish_another_key(site)
    dialog = regrading(site.open(STATISTICS))
    expect(dialog).to_contain_text("更正后的答案：B")
    expect(dialog.locator("tbody tr", has_text="干部001")).to_contain_text("+30")
    expect(dialog.locator("tbody tr", has_text="明白人001")).to_contain_text("−30")
    dialog.get_by_label("更正成").select_option(index=1)
    expect(dialog.locator("tbody tr", has_text="明白人001")).to_have_count(0)
    expect(dialog.locator("tbody tr", has_text="干部001")).to_contain_text("+30")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    assert corrections(site) == ({}, [])


def test_a_question_that_people_mark_has_no_such_button(site: RealSite) -> None:
    page = site.open(STATISTICS)
    page.get_by_role("button", name="brg-004").click()
    detail = page.locator("#detail-brg-004")
    expect(detail.get_by_role("link", name="在题库里打开这道题")).to_be_visible()
    expect(detail.get_by_role("button", name=TITLE)).to_have_count(0)


def test_on_a_phone_nothing_runs_off_the_side(site: RealSite) -> None:
    publish_another_key(site)
    page = site.open(STATISTICS, width=390)
    dialog = regrading(page)
    expect(dialog.get_by_role("region", name="分数会变的人")).to_be_visible()
    for node in ("document.documentElement", "document.querySelector('dialog')"):
        assert page.evaluate(f"{node}.scrollWidth - {node}.clientWidth") <= 0
    dialog.get_by_label("原因").fill("题干有歧义")
    save(dialog)
    expect(page.locator(".toast")).to_contain_text("已经更正")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
