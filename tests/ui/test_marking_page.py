"""评分 in a real browser against the real API: by keys, by touch, and two trainers at once."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from real_site import RealSite, serving
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import Statutes
from lawlab.store.tables import (
    Grade,
    ItemVersion,
    Job,
    ManualMark,
    MarkingLease,
    Person,
    Quiz,
    Role,
    Sitting,
)

LAW = "某镇爱护桥梁条例"
TEXT = "任何人不得在桥面上堆放石料、木料和其他重物。"
RUBRIC = [
    {"text": "说明桥面上不能堆放石料，村民甲的做法不行", "points": 12},
    {"text": "说出另找空地堆放，或者分几次运走", "points": 8},
]
STEM = "村民甲拉来一车石料，天黑了，想先卸在村口的桥上，第二天一早再搬。您怎么劝他？"
MARK = "desk/quiz/quiz-1/mark"
CASE = f"{MARK}/brg-004"


class Site(RealSite):
    def marks(self) -> list[tuple[list[float], float, str, str]]:
        """All marks in the order given: rubric points, sum, comment, marker."""
        with self.sessions() as session:
            rows = session.scalars(select(ManualMark).order_by(ManualMark.id))
            return [(row.rubric, row.points, row.comment, row.marker) for row in rows]

    def forget(self) -> None:
        """As if ten minutes had passed: nobody is looking at any answer."""
        with self.sessions() as session:
            session.query(MarkingLease).delete()
            session.commit()


def saves_a_mark(scope: Any) -> bool:
    return "/answers/" in scope["path"] and scope["method"] == "POST"


def fill(session: Session, now: dt.datetime, take_quiz: Callable[..., None]) -> None:
    """`quiz-1` with seven written answers and one empty one, none of them marked."""
    take_quiz(session, now)
    version = session.scalars(select(ItemVersion).where(ItemVersion.item == "brg-004")).one()
    version.body = version.body | {"rubric": RUBRIC, "stem": STEM}
    counting = select(Sitting).where(Sitting.counts.is_(True)).order_by(Sitting.id)
    for n, sitting in enumerate(one for one in session.scalars(counting) if one.responses):
        text = f"不行。\n桥是大家走的，压坏了谁都过不去（第 {n} 种说法）。" + "可以先卸在路边。" * n
        sitting.responses = (sitting.responses or {}) | {"q04": {"text": text}}
    for grade in session.scalars(select(Grade)):
        grade.slots = grade.slots | {"q04": grade.slots["q04"] | {"points": None}}
    for login, name in (("t02", "教员02"),):
        other = Person(login=login, full_name=name, created_at=now, password_hash="x")
        other.roles = [Role(role="trainer")]
        session.add(other)
    empty = Quiz(assignment="quiz-2", title="第二次测验", minutes=30, pass_mark=60, state="open")
    empty.blueprint, empty.paper, empty.built_at = {"sections": []}, [], now
    session.add(empty)
    session.commit()


@pytest.fixture
def site(
    browser: Browser,
    migrated_sqlite: Path,
    tmp_path: Path,
    make_statutes: Callable[..., Statutes],
    take_quiz: Callable[..., None],
) -> Iterator[Site]:
    now = dt.datetime.now(dt.UTC)
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    url = f"sqlite:///{tmp_path / 'lawlab.sqlite'}"
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with sessions() as session:
        fill(session, now, take_quiz)
    api = make_app(Settings(data=tmp_path / "data", database_url=url, demo=True))
    with serving(Site(browser, sessions, now), api, saves_a_mark) as site:
        api.state.lawlab.statutes = make_statutes({LAW: {3: TEXT}})
        assert isinstance(site, Site)
        yield site
    engine.dispose()


def number_of(page: Page) -> str:
    """Which answer is open."""
    return page.locator(".marking-number").inner_text()


def next_shown(page: Page, before: str) -> str:
    expect(page.locator(".marking-number")).not_to_have_text(before)
    return number_of(page)


def no_sideways(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_from_the_list_of_questions_to_the_last_answer_by_keys(site: Site) -> None:
    page = site.open(MARK)
    expect(page.locator(".marking-row")).to_contain_text("还有 7 份没有评")
    expect(page.locator(".marking-row")).to_contain_text("1 份没有作答")
    page.locator(".marking-row").click()
    page.wait_for_url(f"**/{CASE}")
    expect(page.locator(".marking-question")).to_contain_text(STEM)
    expect(page.locator(".marking-question")).to_contain_text("不行，桥上不能堆放石料。")
    shown = number_of(page)
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("还没有给分")
    page.get_by_role("button", name=f"看法条：《{LAW}》").click()
    expect(page.locator(".article-panel")).to_contain_text(TEXT)
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Shift+2")
    expect(page.locator(".marking-sum")).to_contain_text("16 / 20 分")
    page.keyboard.press("c")
    page.keyboard.type("1a0 说得对，再说说怎么办。")
    expect(page.locator(".marking-sum")).to_contain_text("16 / 20 分")
    page.keyboard.press("Control+Enter")
    shown = next_shown(page, shown)
    expect(page.locator(".toast")).to_contain_text("已保存，16 分")
    expect(page.locator(".marking-head")).to_contain_text("还有 6 份没有评，已评 1 份")
    assert site.marks() == [([12, 4], 16, "1a0 说得对，再说说怎么办。", "t01")]

    for keys in ("a", "0", "12", "a1", "2", "1"):
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        if keys != "1":
            shown = next_shown(page, shown)
    expect(page.get_by_role("heading", name="这道题都评完了")).to_be_visible()
    assert [points for _, points, _, _ in site.marks()] == [16, 20, 0, 20, 8, 8, 12]
    page.get_by_role("link", name="看别的题").click()
    expect(page.locator(".notice-good")).to_contain_text("都评完了")
    expect(page.locator(".marking-row")).to_contain_text("已评 7 份")
    with site.sessions() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "mark")).all()
        assert len(jobs) == 7


def test_back_to_an_earlier_answer_and_undo(site: Site) -> None:
    page = site.open(CASE)
    first = number_of(page)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    second = next_shown(page, first)
    page.keyboard.press("1")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".marking-number")).to_have_text(first)
    expect(page.locator(".marking-main")).to_contain_text("已评 20 分")
    expect(page.locator(".marking-sum")).to_contain_text("20 / 20 分")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    # What was begun there and not saved is still there.
    expect(page.locator(".marking-number")).to_have_text(second)
    expect(page.locator(".marking-sum")).to_contain_text("12 / 20 分")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".toast")).to_contain_text("已恢复成 20 分")
    expect(page.locator(".marking-number")).to_have_text(first)
    assert [points for _, points, _, _ in site.marks()] == [20, 12, 20]

    page.get_by_role("button", name="全部回答").click()
    rows = page.get_by_role("dialog").locator(".row")
    expect(rows).to_have_count(7)
    expect(page.get_by_role("dialog")).to_contain_text("另有 1 份没有作答")
    page.keyboard.press("1")  # no command while a dialog is open
    rows.filter(has_text=second).click()
    expect(page.locator(".marking-number")).to_have_text(second)
    page.get_by_role("button", name="保存并看下一份").click()
    next_shown(page, second)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".marking-number")).to_have_text(second)
    expect(page.locator(".toast")).to_contain_text("改好以后再保存一次")


def test_two_trainers_get_different_answers_and_hear_of_each_other(site: Site) -> None:
    mine, yours = site.open(CASE), site.open(CASE, "t02")
    first = number_of(mine)
    assert first != number_of(yours)
    site.forget()
    yours.reload()
    expect(yours.locator(".marking-number")).to_have_text(first)
    mine.keyboard.press("1")
    mine.keyboard.press("Enter")
    expect(mine.locator(".notice-bad")).to_contain_text("教员02正在评这一份，您的分没有保存")
    yours.keyboard.press("2")
    yours.keyboard.press("Enter")
    next_shown(yours, first)
    mine.get_by_role("button", name="保存并看下一份").click()
    expect(mine.locator(".notice-bad")).to_contain_text("教员02先评了这一份：8 分")
    expect(mine.locator(".marking-sum")).to_contain_text("12 / 20 分")
    assert len(site.marks()) == 1
    mine.get_by_role("button", name="改成我给的分").click()
    second = next_shown(mine, first)
    assert [(points, by) for _, points, _, by in site.marks()] == [(8, "t02"), (12, "t01")]
    assert second != number_of(yours)
    # What another has open can be looked at, and no more.
    mine.get_by_role("button", name="全部回答").click()
    mine.get_by_role("dialog").locator(".row").filter(has_text="别人正在评").click()
    expect(mine.locator(".notice")).to_contain_text("教员02正在评这一份，您现在只能看")
    expect(mine.get_by_role("button", name="保存并看下一份")).to_be_disabled()


def test_points_changed_after_a_refusal_replace_anothers_and_undo_brings_theirs_back(
    site: Site,
) -> None:
    mine, yours = site.open(CASE), site.open(CASE, "t02")
    first = number_of(mine)
    site.forget()
    yours.reload()
    expect(yours.locator(".marking-number")).to_have_text(first)
    yours.keyboard.press("2")
    yours.get_by_label("评语").fill("再看看。")
    yours.get_by_role("button", name="保存并看下一份").click()
    next_shown(yours, first)
    mine.keyboard.press("1")
    mine.keyboard.press("Enter")
    expect(mine.locator(".notice-bad")).to_contain_text("教员02先评了这一份：8 分，评语“再看看。”")
    mine.get_by_label("要点 2 的得分").fill("2.5")
    mine.get_by_label("评语").fill("两边都有道理")
    expect(mine.locator(".marking-sum")).to_contain_text("14.5 / 20 分")
    mine.get_by_role("button", name="改成我给的分").click()
    next_shown(mine, first)
    expect(mine.locator(".toast")).to_contain_text("已保存，14.5 分")
    given = [([0, 8], 8, "再看看。", "t02"), ([12, 2.5], 14.5, "两边都有道理", "t01")]
    assert site.marks() == given
    mine.get_by_role("button", name="撤销").click()
    expect(mine.locator(".toast")).to_contain_text("已恢复成 8 分")
    expect(mine.locator(".marking-number")).to_have_text(first)
    expect(mine.locator(".marking-sum")).to_contain_text("8 / 20 分")
    assert site.marks() == [*given, ([0, 8], 8, "再看看。", "t01")]


def test_a_mark_that_could_not_be_saved_stays_on_the_page(site: Site) -> None:
    page = site.open(CASE)
    shown = number_of(page)
    site.down.set()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".marking-news")).to_contain_text("还没有保存")
    site.down.clear()
    page.keyboard.press("Enter")
    next_shown(page, shown)
    assert [points for _, points, _, _ in site.marks()] == [12]


def test_on_a_phone_everything_is_in_reach_of_a_thumb(site: Site) -> None:
    page = site.open(CASE, width=390)
    shown = number_of(page)
    no_sideways(page)
    expect(page.locator(".marking-keys")).to_be_hidden()
    expect(page.locator(".marking-model")).to_be_hidden()
    page.get_by_text("参考答案和法条").tap()
    expect(page.locator(".marking-model")).to_be_visible()
    page.locator(".point-press").first.tap()
    page.get_by_label("要点 2 的得分").fill("2.5")
    page.get_by_label("评语").fill("可以")
    expect(page.locator(".marking-sum")).to_contain_text("14.5 / 20 分")
    low = page.evaluate(
        """() => [...document.querySelectorAll(".desk-page button, .desk-page input, summary")]
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
            .map((one) => one.textContent || one.ariaLabel)"""
    )
    assert low == []
    no_sideways(page)
    page.get_by_role("button", name="保存并看下一份").tap()
    next_shown(page, shown)
    no_sideways(page)
    assert site.marks() == [([12, 2.5], 14.5, "可以", "t01")]
    page.goto(f"/services/learn/{MARK}")
    expect(page.locator(".marking-row")).to_contain_text("还有 6 份没有评")
    no_sideways(page)


def test_a_mark_changed_in_formgrader_is_said(site: Site) -> None:
    page = site.open(CASE)
    shown = number_of(page)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    next_shown(page, shown)
    with site.sessions() as session:
        mark = session.scalars(select(ManualMark)).one()
        session.scalars(select(Job).where(Job.kind == "mark")).one().state = "done"
        grade = session.get_one(Grade, mark.sitting_id)
        grade.slots = grade.slots | {"q04": grade.slots["q04"] | {"points": 7.0}}
        session.commit()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".marking-main")).to_contain_text("在 formgrader 里改过：7 分")


def test_nothing_to_mark_is_said_in_words(site: Site) -> None:
    page = site.open("desk/quiz/quiz-2/mark")
    expect(page.locator(".empty")).to_contain_text("还没有人交卷")
    page = site.open("desk/quiz/quiz-1/mark/brg-001")
    expect(page.locator(".empty")).to_contain_text("这道题还没有人答")
    page = site.open("desk/quiz/nothing/mark")
    expect(page.locator(".notice-bad")).to_contain_text("没有编号为“nothing”的测验")


@pytest.mark.parametrize("path", [MARK, CASE])
def test_a_learner_is_told_whose_page_this_is(site: Site, path: str) -> None:
    page = site.open(path, "s001")
    expect(page.locator(".trainers-only")).to_contain_text("这一页给教员用")
