"""测验 on the trainers' desk in a real browser, in front of the real API and a real database."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from real_site import RealSite, serving
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Answer, Grade, ItemBank, Job, Quiz, Sitting

QUIZ = "desk/quiz/quiz-1"
PHONE = 390


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


def quiz_of(site: RealSite) -> Quiz:
    with site.sessions() as session:
        return session.get_one(Quiz, "quiz-1")


def no_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def settle(site: RealSite) -> None:
    """Nobody is answering, and all is graded and marked."""
    with site.sessions() as session:
        for sitting in session.scalars(select(Sitting)):
            if session.get(Grade, sitting.id) is None:
                sitting.handed_in_at, sitting.responses = site.now, {}
                grade = Grade(sitting_id=sitting.id, score=0.0, max_score=100.0, slots={})
                grade.needs_manual, grade.read_at = False, site.now
                session.add(grade)
        for grade in session.scalars(select(Grade)):
            grade.needs_manual = False
        session.execute(delete(Job))
        session.commit()


def test_the_list_leads_to_a_quiz_and_says_what_it_needs(site: RealSite) -> None:
    page = site.open("desk")
    expect(page.get_by_role("link", name="测验“爱桥测验”有 1 份答卷等着评分")).to_be_visible()
    expect(page.get_by_text("有 1 份答卷判分出错")).to_be_visible()
    page.get_by_role("link", name="测验", exact=True).click()
    expect(page.get_by_role("heading", name="测验")).to_be_visible()
    expect(page.locator(".desk-nav a[aria-current]")).to_have_text("测验")
    row = page.get_by_role("link", name="爱桥测验")
    expect(row).to_contain_text("答题中")
    expect(row).to_contain_text("1 人正在答")
    expect(row).to_contain_text("1 份等着评分")
    row.click()
    expect(page.get_by_role("heading", name="爱桥测验")).to_be_visible()
    expect(page.locator(".quiz-people tbody tr")).to_have_count(10)
    expect(page.get_by_role("link", name="去评分")).to_have_attribute(
        "href", f"/services/learn/{QUIZ}/mark"
    )


def test_an_empty_list_says_how_to_build_one_and_builds_it(site: RealSite) -> None:
    with site.sessions() as session:
        for table in (Job, Grade, Answer, Sitting, Quiz):
            session.execute(delete(table))
        session.add(ItemBank(slug="brg", law="某镇爱护桥梁条例", prefix="brg", awaits=[]))
        session.add(ItemBank(slug="dock", law="某镇码头条例", prefix="dck", awaits=[]))
        session.commit()
    page = site.open("desk/quizzes")
    expect(page.locator(".empty")).to_contain_text("点“新建测验”，选题库")
    expect(page.get_by_text("lawlab quiz")).to_have_count(0)
    page.get_by_role("button", name="新建测验").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("会换掉原来的卷子；想抽到别的题，请改 seed 后面的数")
    text = dialog.get_by_label("组卷说明")
    banks = dialog.get_by_label("题库", exact=True)
    for slug, law in (("dock", "某镇码头条例"), ("brg", "某镇爱护桥梁条例")):
        banks.select_option(slug)
        expect(text).to_have_value(re.compile(f'title = "{law}测验"\nbank = "{slug}"'))
    dialog.get_by_role("button", name="组卷").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请写编号")
    dialog.get_by_label("编号").fill("brg-quiz-1")
    dialog.get_by_role("button", name="组卷").click()
    # The bank has two single choice questions, the template asks for eight.
    expect(dialog.get_by_role("alert")).to_contain_text("brg-quiz-1.toml")
    expect(dialog.get_by_role("alert")).to_contain_text("没有保存任何内容")
    blueprint = 'title = "过桥"\nbank = "brg"\nminutes = 9\npass_mark = 60\nseed = 1\n'
    for kind, count, points in (("single", 2, 30), ("judge", 1, 40)):
        blueprint += f'[[section]]\ntype = "{kind}"\ncount = {count}\npoints = {points}\n'
    text.fill(blueprint)
    dialog.get_by_role("button", name="组卷").click()
    page.wait_for_url("**/desk/quiz/brg-quiz-1")
    expect(page.get_by_text("3 题，100 分")).to_be_visible()
    page.get_by_role("button", name="开放").click()
    page.get_by_role("dialog").get_by_role("button", name="开放").click()
    expect(page.get_by_text("正在开放，一般要几秒钟")).to_be_visible()
    expect(page.locator(".quiz-facts .tag")).to_have_text("正在开放")
    expect(page.get_by_role("button", name="开放")).to_be_disabled()
    with site.sessions() as session:
        (job,) = session.scalars(select(Job))
        assert (job.kind, job.subject, job.state) == ("open", "brg-quiz-1", "waiting")


def test_people_are_found_by_state_and_by_name(site: RealSite) -> None:
    page = site.open(QUIZ)
    sitting = page.locator(".quiz-people tr", has_text="明白人003")
    expect(sitting).to_contain_text("正在答题")
    expect(sitting).to_contain_text("1/4")
    expect(sitting).to_contain_text("3 次")
    expect(page.get_by_text("来电话、弹出通知也会算一次")).to_be_visible()
    expect(page.get_by_text("平台不会因为它扣分")).to_be_visible()
    expect(page.locator(".quiz-people tr", has_text="干部004")).to_contain_text("第 2 次答")
    expect(page.locator(".quiz-people tr", has_text="教员01")).to_contain_text("不计入")
    expect(page.get_by_role("alert")).to_contain_text("明白人004：成绩册打不开。")
    page.get_by_role("button", name="等着评分").click()
    expect(page.locator(".quiz-people tbody tr")).to_have_count(1)
    page.get_by_role("button", name="全部 10").click()
    expect(page.locator(".quiz-people tbody tr")).to_have_count(10)
    page.get_by_label("找人").fill("司法所")
    expect(page.locator(".quiz-people tbody tr")).to_have_count(4)


def test_what_people_do_is_seen_without_touching_the_page(site: RealSite) -> None:
    page = site.open(QUIZ)
    expect(page.locator(".quiz-people tr", has_text="明白人003")).to_contain_text("正在答题")
    settle(site)
    expect(page.locator(".quiz-people tr", has_text="明白人003")).to_contain_text("不及格")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_changed_counts_leave_the_focus_and_the_notice_where_they_are(site: RealSite) -> None:
    page = site.open(QUIZ)
    release = page.get_by_role("button", name="公布成绩")
    to_mark = page.locator(".quiz-numbers li", has_text="等着评分")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("明白人004：成绩册打不开。")
    said = alert.evaluate_handle("node => node.firstChild")
    expect(to_mark).to_have_text("1等着评分")
    expect(release).to_have_class(re.compile("button-quiet"))
    release.focus()
    with site.sessions() as session:
        for grade in session.scalars(select(Grade)):
            grade.needs_manual = False
        session.commit()
    expect(to_mark).to_have_text("0等着评分")
    expect(page.get_by_role("link", name="去评分")).to_have_count(0)
    expect(release).to_be_focused()
    assert said.evaluate("node => node.isConnected")
    settle(site)
    expect(alert).to_have_count(0)
    expect(release).not_to_have_class(re.compile("button-quiet"))
    expect(release).to_be_focused()


def test_a_failed_grading_is_tried_again(site: RealSite) -> None:
    page = site.open(QUIZ)
    page.get_by_role("button", name="再判一次").click()
    expect(page.get_by_text("已经交给平台判分")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    with site.sessions() as session:
        states = session.scalars(select(Job.state).where(Job.kind == "hand_in")).all()
    assert set(states) == {"waiting"}


def test_a_release_that_comes_too_early_needs_a_second_word(site: RealSite) -> None:
    page = site.open(QUIZ)
    page.get_by_role("button", name="公布成绩").click()
    page.get_by_role("dialog").get_by_role("button", name="公布", exact=True).click()
    second = page.get_by_role("dialog", name="现在还不该公布")
    expect(second).to_contain_text("还有 1 人正在答题")
    expect(second).to_contain_text("还有 1 份答卷的案例题没有评分")
    second.get_by_role("button", name="取消").click()
    assert quiz_of(site).state == "open"
    page.get_by_role("button", name="公布成绩").click()
    page.get_by_role("dialog").get_by_role("button", name="公布", exact=True).click()
    second.get_by_role("button", name="仍然现在公布").click()
    expect(page.locator(".quiz-facts")).to_contain_text("成绩已公布")
    expect(page.get_by_role("button", name="公布成绩")).to_have_count(0)
    assert quiz_of(site).state == "released"


def test_a_release_in_time_needs_one_word(site: RealSite) -> None:
    settle(site)
    page = site.open(QUIZ)
    page.get_by_role("button", name="公布成绩").click()
    page.get_by_role("dialog").get_by_role("button", name="公布", exact=True).click()
    expect(page.locator(".quiz-facts")).to_contain_text("成绩已公布")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_statistics_are_sorted_by_click_and_by_key(site: RealSite) -> None:
    page = site.open(QUIZ)
    page.get_by_role("tab", name="试题分析").click()
    expect(page.get_by_text("信度（Cronbach α）")).to_be_visible()
    rows = page.locator(".quiz-items > tbody > tr:not(.quiz-detail)")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("brg-001")
    expect(page.locator("tr", has_text="brg-002").first).to_contain_text("区分度为负")
    page.get_by_role("button", name="得分率").click()
    expect(rows.first).to_contain_text("brg-002")
    head = page.locator("th", has=page.get_by_role("button", name="得分率"))
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="得分率").press("Enter")
    expect(rows.first).to_contain_text("brg-003")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="提示").press("Space")
    expect(rows.nth(0)).to_contain_text("区分度为负")
    expect(rows.nth(1)).to_contain_text("区分度为负")
    expect(rows.nth(2)).not_to_contain_text("区分度为负")


def test_a_question_opens_and_shows_who_chose_what(site: RealSite) -> None:
    page = site.open(f"{QUIZ}?tab=statistics")
    opener = page.get_by_role("button", name="brg-002")
    opener.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    detail = page.locator("#detail-brg-002")
    expect(detail).to_contain_text("会的人反而容易答错，请先核对答案")
    expect(detail.locator("tr", has_text="不行")).to_contain_text("正确")
    expect(detail.locator("tr", has_text="不行")).to_contain_text("3 人")
    expect(detail.get_by_role("link", name="在题库里打开")).to_have_attribute(
        "href", "/services/learn/bank/brg-002"
    )


def test_the_report_is_a_table_and_a_file_that_agree(site: RealSite) -> None:
    page = site.open(QUIZ)
    page.get_by_role("tab", name="成绩汇总").click()
    total = page.locator(".quiz-report .is-total")
    expect(total).to_contain_text("合计")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载表格").click()
    assert waiting.value.suggested_filename == "爱桥测验-成绩.xlsx"
    sheet = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))["汇总"]
    last = [cell.value for cell in list(sheet.rows)[-1]]
    shown = total.locator("th, td").all_inner_texts()
    assert [_figure(text) for text in shown] == [_figure(str(value)) for value in last]


def test_without_results_the_page_says_so(site: RealSite) -> None:
    with site.sessions() as session:
        for table in (Job, Grade, Answer, Sitting):
            session.execute(delete(table))
        session.commit()
    page = site.open(f"{QUIZ}?tab=statistics")
    expect(page.get_by_text("还没有人判完。")).to_be_visible()
    page.get_by_role("tab", name="成绩汇总").click()
    expect(page.get_by_text("还没有人交卷")).to_be_visible()


@pytest.mark.parametrize("tab", ["people", "report", "statistics"])
def test_nothing_runs_off_a_phone(site: RealSite, tab: str) -> None:
    page = site.open(f"{QUIZ}?tab={tab}", width=PHONE)
    shown = {"people": ".quiz-people", "report": ".quiz-report", "statistics": ".quiz-items"}[tab]
    expect(page.locator(shown).first).to_be_visible()
    if tab == "statistics":
        page.get_by_role("button", name="brg-001").click()
        expect(page.locator("#detail-brg-001")).to_be_visible()
    assert no_sideways(page)
    page.goto(f"{site.url}/services/learn/desk/quizzes")
    expect(page.get_by_role("link", name="爱桥测验")).to_be_visible()
    assert no_sideways(page)


def test_the_page_is_for_trainers(site: RealSite) -> None:
    for path in ("desk/quizzes", QUIZ):
        page = site.open(path, "s001")
        expect(page.get_by_text("这一页给教员用")).to_be_visible()


def _figure(text: str) -> float | str:
    """A cell as a number where it is one: a page writes 62.0, a sheet 62."""
    return float(text) if text.replace(".", "", 1).isdigit() else text
