"""Several attempts and a mock exam on a phone, against the real API and a real database."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from real_site import RealSite, serving
from sqlalchemy import select

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.domain.question import Question, QuestionType
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.quiz_papers import open_quiz
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import ItemVersion, Person, Role, Sitting

BLUEPRINT = """
title = "桥上测验"
bank = "bridges"
minutes = 30
pass_mark = 60
seed = 4
mode = "shuffled"
{rules}
[[section]]
type = "single"
count = 2
points = 50
"""
PHONE = 390


@pytest.fixture
def site(browser: Browser, migrated_sqlite: Path, tmp_path: Path) -> Iterator[RealSite]:
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    settings, now = Settings(data=tmp_path), dt.datetime.now(dt.UTC)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        person = Person(login="v001", full_name="明白人001", created_at=now, password_hash="x")
        person.roles = [Role(role="learner")]
        session.add(person)
        for n in (1, 2):
            question = Question(
                id=f"brg-00{n}",
                type=QuestionType.SINGLE,
                stem=f"第 {n} 件事，怎么办？",
                options={"A": "照办", "B": "不理", "C": "问一问", "D": "报警"},
                answer="A",
                explanation="条例这样要求。",
                articles=("某镇爱护桥梁条例#3",),
                evidence="",
                difficulty=1,
                why_wrong={letter: f"{letter} 不合条例。" for letter in "BCD"},
            )
            session.add(
                ItemVersion(
                    item=question.id,
                    version=1,
                    bank="bridges",
                    type="single",
                    body=question.to_json(),
                    sha256="",
                    article_prints={},
                    published_at=now,
                )
            )
        session.commit()
        for name, rules in (
            ("mock", "mock = true\nattempts = 2"),
            ("best", 'attempts = 2\ncounting = "best"\nshow_score = true'),
        ):
            build_quiz_text(session, f"{name}.toml", BLUEPRINT.format(rules=rules), now)
            open_quiz(session, name, now)
    with serving(RealSite(browser, sessions, now), make_app(settings)) as site:
        yield site
    engine.dispose()


def sit(page: Page, choices: list[str]) -> None:
    """Answer each question by an option's text and hand in."""
    for n, text in enumerate(choices):
        page.locator(".option", has_text=text).tap()
        expect(page.locator(".quiz-head .save-state")).to_contain_text("已保存")
        if n < len(choices) - 1:
            page.get_by_role("button", name="下一题").tap()
            expect(page.get_by_role("heading", name=f"第 {n + 2} 题")).to_be_visible()
    page.get_by_role("button", name="去交卷").tap()
    page.get_by_role("button", name="确定交卷").tap()


def test_a_mock_exam_shows_its_result_and_can_be_tried_again(site: RealSite) -> None:
    page = site.open("quiz/mock", "v001", PHONE)
    expect(page.locator("main")).to_contain_text("可以练 2 次")
    page.get_by_role("button", name="开始答题").tap()
    sit(page, ["照办", "报警"])
    expect(page.locator(".score")).to_have_text("50")
    expect(page.locator("main")).to_contain_text("这是模拟考试，不计入成绩和积分")
    # The letter of a wrong choice is the one that stood beside it.
    wrong = page.locator("section.question", has_text="答错了")
    letter = wrong.locator(".option.is-wrong .option-letter").inner_text()
    expect(wrong).to_contain_text(f"为什么 {letter} 不对：")
    page.get_by_role("button", name="再练一次").tap()
    expect(page.locator(".quiz-head")).to_be_visible()
    expect(page.locator(".option.is-chosen")).to_have_count(0)
    sit(page, ["照办", "照办"])
    expect(page.locator(".score")).to_have_text("100")
    expect(page.get_by_role("button", name="再练一次")).to_have_count(0)


def test_each_attempt_says_its_points_and_which_one_counts(site: RealSite) -> None:
    page = site.open("quiz/best", "v001", PHONE)
    expect(page.locator("main")).to_contain_text("可以考 2 次，取最高一次的成绩")
    expect(page.locator("main")).to_contain_text("交卷就看到得分；正确答案和解析，公布以后")
    page.get_by_role("button", name="开始答题").tap()
    page.get_by_role("button", name="标记").tap()
    sit(page, ["照办", "照办"])
    expect(page.locator("main li")).to_have_text(["第 1 次，100 分（计入成绩）"])
    expect(page.locator("main")).not_to_contain_text("条例这样要求")
    page.get_by_role("button", name="再考一次").tap()
    # Nothing of the first attempt is left on the page.
    expect(page.get_by_role("button", name="标记")).to_have_attribute("aria-pressed", "false")
    sit(page, ["不理", "不理"])
    expect(page.locator("main li")).to_have_text(["第 1 次，100 分（计入成绩）", "第 2 次，0 分"])
    with site.sessions() as session:
        rows = session.scalars(select(Sitting).order_by(Sitting.attempt))
        assert [(one.attempt, one.counts) for one in rows] == [(1, True), (2, False)]


def test_a_page_left_open_hands_in_no_later_attempt(site: RealSite) -> None:
    old = site.open("quiz/best", "v001", PHONE)
    old.get_by_role("button", name="开始答题").tap()
    expect(old.get_by_role("heading", name="第 1 题")).to_be_visible()
    other = site.open("quiz/best", "v001", PHONE)
    sit(other, ["照办", "照办"])
    other.get_by_role("button", name="再考一次").tap()
    expect(other.get_by_role("heading", name="第 1 题")).to_be_visible()
    old.get_by_role("button", name="答题卡").tap()
    old.get_by_role("button", name="交卷", exact=True).tap()
    old.get_by_role("button", name="确定交卷").tap()
    # It now shows the second attempt, which goes on.
    expect(old.locator(".quiz-head")).to_be_visible()
    with site.sessions() as session:
        rows = list(session.scalars(select(Sitting).order_by(Sitting.attempt)))
        assert [one.handed_in_at is not None for one in rows] == [True, False]
