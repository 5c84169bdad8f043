"""The whole loop in people's steps: learn, sit a quiz, get graded, see result and board."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Response, expect

from lawlab.demo import QUIZ

if TYPE_CHECKING:
    from conftest import Visitors

    from lawlab.testing import Running

LESSON = "/services/learn/lesson/anti-telecom-fraud/01_what-it-is"
BEFORE_RELEASE = ("explanation", "why_wrong", "rubric", "evidence", '"answer"')
"""Words that only a reply with a key in it contains."""


class Replies:
    """Everything the API and the pages sent to one window."""

    def __init__(self, page: Page) -> None:
        self.texts: list[tuple[str, str]] = []
        page.on("response", self._keep)

    def _keep(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if "json" in kind or "html" in kind:
            try:
                self.texts.append((response.url, response.text()))
            except Exception:
                return  # a redirect has no body

    def telling(self) -> list[str]:
        return [url for url, text in self.texts for word in BEFORE_RELEASE if word in text]


def answer_question(page: Page) -> None:
    """Answer what is on the screen, whatever its type: the first option, or a sentence."""
    if page.locator("textarea").count():
        page.locator("textarea").fill("先报警，再联系银行，保留聊天记录和转账凭证。")
    else:
        page.locator("label.option").first.click()


def take_quiz(page: Page, *, reload_at: int | None = None) -> str:
    """Sit the open quiz to the end; returns the receipt."""
    page.goto(f"/services/learn/quiz/{QUIZ}")
    page.get_by_role("button", name="开始答题").click()
    heading = page.locator("h2.quiz-n").first
    for number in range(1, 19):
        expect(heading).to_have_text(f"第 {number} 题")
        answer_question(page)
        expect(page.locator(".save-state")).to_contain_text("已保存")
        if number == reload_at:
            page.reload()
            expect(heading).to_have_text(f"第 {number} 题")
            expect(page.locator("label.option input").first).to_be_checked()
        if number < 18:
            page.get_by_role("button", name="下一题").click()
    page.get_by_role("button", name="去交卷").click()
    page.get_by_role("button", name="确定交卷").click()
    receipt = page.get_by_text(re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")).first
    expect(receipt).to_be_visible()
    found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", receipt.inner_text())
    assert found
    return found[0]


def lawlab(platform: Running, *words: str) -> str:
    """A command as the trainer's office types it."""
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", *words],
        env={
            "LAWLAB_DATA": str(platform.settings.data),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_learn_sit_a_quiz_get_graded_and_see_the_result(
    platform: Running, visitors: Visitors, pictures: Path
) -> None:
    phone, desk = visitors.phone(), visitors.desk()
    watching, replies = visitors.desk(), Replies(phone)

    visitors.sign_in(watching, "s003")
    watching.goto("/services/learn/leaderboard")
    expect(watching.locator(".board-live")).to_be_visible(timeout=30_000)
    watching.get_by_role("button", name="法律明白人").click()
    expect(watching.locator(".board-live")).not_to_contain_text("明白人001")

    visitors.sign_in(phone, "v001")
    phone.screenshot(path=pictures / "home-phone.png", full_page=True)
    visitors.sign_in(desk, "s001")
    desk.screenshot(path=pictures / "home-desk.png", full_page=True)

    open_lesson_from_home(phone, pictures)
    phone.get_by_role("button", name=re.compile("看法条")).first.click()
    expect(phone.get_by_text("本法所称电信网络诈骗")).to_be_visible()
    for number in range(4):
        card = phone.locator("lawlab-question").nth(number)
        card.locator("label.option").first.click()
        card.get_by_role("button", name="确定").click()
        expect(card.get_by_text(re.compile("已保存"))).to_be_visible()
    expect(phone.locator("lawlab-lesson-end")).to_contain_text(re.compile("学完"))
    phone.screenshot(path=pictures / "lesson-phone.png", full_page=True)

    # The board that was open all the time shows the villager's points without a reload.
    expect(watching.locator(".board-table")).to_contain_text("明白人001", timeout=15_000)

    replies.texts.clear()
    receipts = {take_quiz(phone, reload_at=7), take_quiz(desk)}
    assert len(receipts) == 2
    assert replies.telling() == []
    phone.screenshot(path=pictures / "receipt-phone.png")

    grade_cases_in_formgrader(visitors, pictures)
    expect_release(platform)
    phone.reload()
    expect(phone.locator("lawlab-quiz")).to_contain_text("正确答案")
    expect(phone.locator("lawlab-quiz")).to_contain_text("13")
    phone.screenshot(path=pictures / "result-phone.png", full_page=True)

    for picture, page in {"leaderboard-desk": watching, "board-phone": phone}.items():
        if page is phone:
            page.goto("/services/learn/board")
        expect(page.get_by_text("明白人001").first).to_be_visible()
        page.screenshot(path=pictures / f"{picture}.png", full_page=True)


def open_lesson_from_home(phone: Page, pictures: Path) -> None:
    """Home, the course, its map, an article of the law, the lesson that treats it."""
    phone.locator("a.row[href$='/course/anti-telecom-fraud']").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("反电信网络诈骗法")
    expect(phone.get_by_role("link", name="第 1 课").first).to_be_visible()
    phone.screenshot(path=pictures / "course-phone.png", full_page=True)
    phone.locator(".map").get_by_text("第一章 总则").click()
    phone.get_by_role("link", name="第2条", exact=True).click()
    phone.wait_for_url("**/law/**#2")
    article = phone.locator("#a2")
    expect(article).to_contain_text("本法所称电信网络诈骗")
    expect(article).to_be_in_viewport()
    phone.screenshot(path=pictures / "law-phone.png")
    phone.go_back()
    expect(phone.get_by_role("link", name="第2条", exact=True)).to_be_visible()
    phone.get_by_role("link", name="第 1 课").first.click()
    phone.wait_for_url(f"**{LESSON}")
    expect(phone.locator(".reader-course")).to_contain_text("第 1 课")


def grade_cases_in_formgrader(visitors: Visitors, pictures: Path) -> None:
    """A trainer opens JupyterLab (Chinese), then formgrader; each case answer gets 13 points."""
    page = visitors.desk()
    visitors.sign_in(page, "t01")
    page.goto("/hub/spawn")
    page.wait_for_url("**/user/t01/lab**", timeout=60_000)
    expect(page.get_by_text("文件", exact=True).first).to_be_visible(timeout=60_000)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0, timeout=60_000)
    page.screenshot(path=pictures / "lab-desk.png")
    table = f"/user/t01/formgrader/gradebook/{QUIZ}/{QUIZ}"
    links = page.locator("table tbody tr a.name-hidden")
    for _ in range(60):
        page.goto(table)
        page.wait_for_load_state("networkidle")
        if links.count() >= 2:  # the grader has collected and marked both
            break
    for number in range(2):
        page.goto(table)
        expect(links.nth(number)).to_be_visible()
        with page.expect_response(lambda reply: "/api/comments" in reply.url):
            links.nth(number).click()
        page.wait_for_load_state("networkidle")
        score = page.locator("input.score").last
        expect(score).to_be_visible()
        with page.expect_response(lambda reply: "/api/grade/" in reply.url and reply.ok):
            score.fill("13")
            score.press("Tab")
    page.wait_for_timeout(1000)  # formgrader scrolls by itself after each mark
    page.get_by_text("评分要点").last.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "formgrader-desk.png")


def expect_release(platform: Running) -> None:
    """The marks come back from the gradebook, then the quiz can be released."""
    import time

    for _ in range(60):
        listing = lawlab(platform, "quiz", "list")
        done = subprocess.run(
            [sys.executable, "-m", "lawlab.cli", "quiz", "release", QUIZ],
            env={"LAWLAB_DATA": str(platform.settings.data), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return
        time.sleep(1)
    pytest.fail(f"not released: {done.stdout}{done.stderr}\n{listing}")


def test_a_learner_who_asks_for_a_server_is_refused(visitors: Visitors) -> None:
    page = visitors.phone()
    visitors.sign_in(page, "s004")
    reply = page.goto("/hub/spawn")
    assert reply is not None
    assert reply.status == 403
    expect(page.locator("body")).not_to_contain_text("Traceback")
    expect(page.get_by_role("link").first).to_be_visible()
