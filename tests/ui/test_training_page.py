"""The trainers' page of practice in a browser: the plan, reports and answers, made questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from drill_site import LEARNER, TRAINER, DrillSite, answer, drill_site
from meeting_site import fits
from playwright.sync_api import Browser, expect

from lawlab.store.drill import newest_plan


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[DrillSite]:
    with drill_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        yield site


def test_a_plan_says_what_is_wrong_beside_each_field_and_keeps_what_was_written(
    site: DrillSite,
) -> None:
    page = site.open("training/plan", TRAINER)
    page.get_by_label("大比武的日期").fill("2020-01-01")
    page.get_by_role("button", name="加一个假期").click()
    page.get_by_role("button", name="保存安排").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有保存")
    expect(page.get_by_text("应在今天以后、两年以内")).to_be_visible()
    expect(page.get_by_text("请写假期的名称")).to_be_visible()
    page.get_by_label("大比武的日期").fill("2027-01-20")
    page.reload()
    expect(page.get_by_text("找回了上次没有保存的内容。")).to_be_visible()
    expect(page.get_by_label("大比武的日期")).to_have_value("2027-01-20")
    page.get_by_label("名称").fill("元旦")
    page.get_by_label("第一天").fill("2027-01-01")
    page.get_by_label("最后一天").fill("2027-01-03")
    page.get_by_role("button", name="保存安排").click()
    expect(page.get_by_text("保存了。每个人的复习已经重新安排。")).to_be_visible()
    expect(page.get_by_text("教员01 在")).to_be_visible()
    with site.sessions() as session:
        plan = newest_plan(session)
        assert plan is not None
        assert plan.holidays == [{"from": "2027-01-01", "to": "2027-01-03", "name": "元旦"}]
    page.goto("/services/learn/training")
    expect(page.get_by_text("大比武：2027-01-20")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)


def test_a_report_is_answered_and_the_learner_reads_it(site: DrillSite) -> None:
    learner = site.open("drill/practise", LEARNER, 390)
    answer(learner)
    learner.get_by_role("button", name="这道题有问题").click()
    expect(learner.get_by_text("已告诉教员")).to_be_visible()
    page = site.open("training", TRAINER)
    page.get_by_role("link", name="题目反馈 1 条").click()
    page.get_by_role("button", name="回复").click()
    page.get_by_role("button", name="发送回复").click()
    expect(page.get_by_text("应有 2 到 500 个字")).to_be_visible()
    page.get_by_label("写给学员的话").fill("题目没有错，请看第二款。")
    page.get_by_role("button", name="发送回复").click()
    expect(page.get_by_text("没有等回复的反馈。")).to_be_visible()
    learner.goto("/services/learn/drill")
    with learner.expect_response("**/item-reports/seen"):
        learner.get_by_role("link", name="去看看").click()
    expect(learner.get_by_text("题目没有错，请看第二款。")).to_be_visible()
    learner.goto("/services/learn/drill")
    expect(learner.locator(".drill-tiles")).to_be_visible()
    expect(learner.get_by_text("教员回复了")).to_have_count(0)


def test_a_made_question_is_switched_off_and_back(site: DrillSite) -> None:
    page = site.open("training/made", TRAINER)
    first = page.get_by_role("button", name="停用", exact=True).first
    first.click()
    page.get_by_label("为什么").fill("说不清")
    page.locator("dialog").get_by_role("button", name="停用").click()
    expect(page.get_by_text("停用的 1")).to_be_visible()
    page.get_by_role("link", name="停用的 1").click()
    expect(page.get_by_text("停用：说不清")).to_be_visible()
    page.get_by_role("button", name="恢复使用").click()
    expect(page.get_by_text("这里没有题。")).to_be_visible()


def test_it_is_for_trainers(site: DrillSite) -> None:
    page = site.open("training", LEARNER)
    expect(page.get_by_role("heading", name="这一页给教员用")).to_be_visible()
