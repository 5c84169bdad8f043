"""The quiz page: the server's timer, autosave, reload in the middle, handing in, the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Page, Route, expect

# The fixtures' classes stand in conftest.py, which no module can import.
Phones: TypeAlias = Any
Site: TypeAlias = Any

QUIZ = "/services/learn/quiz/atf-1"
WRONG_CLOCK = "const real = Date.now; Date.now = () => real() + 86400000;"


def begin(page: Page) -> Page:
    page.get_by_role("button", name="开始答题").tap()
    page.locator(".option").first.wait_for()
    return page


def wait_for(page: Page, true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen within five seconds")


def choose(page: Page, option: str) -> None:
    page.locator(".option", has_text=option).tap()
    expect(page.locator(".quiz-head .save-state")).to_contain_text("已保存")


def test_the_rules_stand_before_the_start(phones: Phones, site: Site) -> None:
    page = phones.open(QUIZ)
    expect(page.locator("lawlab-quiz")).to_contain_text("共 4 题，满分 20 分，得分达到 60% 为合格")
    expect(page.locator("lawlab-quiz")).to_contain_text("时间 20 分钟")
    assert site.sitting is None


def test_answers_place_and_marks_survive_a_reload(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    choose(page, "挂断")
    page.get_by_role("button", name="下一题").tap()
    choose(page, "电话卡")
    page.get_by_role("button", name="标记").tap()
    page.reload()
    expect(page.get_by_role("heading", name="第 2 题")).to_be_visible()
    expect(page.locator(".option.is-chosen")).to_have_text("A电话卡")
    page.get_by_role("button", name="答题卡 2/4").tap()
    expect(page.locator(".quiz-overview")).to_contain_text("已答 2 题，未答 2 题，标记 1 题")
    assert set(site.given("quiz:atf-1")) == {"atf-001", "atf-002"}


def test_an_unsent_answer_survives_a_reload(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    site.down = True
    page.locator(".option", has_text="挂断").tap()
    expect(page.locator(".quiz-head .save-state")).to_contain_text("正在重试")
    page.reload()
    site.down = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".option.is-chosen")).to_have_text("B挂断，打 110 核实")
    expect(page.locator(".quiz-head .save-state")).not_to_contain_text("正在重试")
    wait_for(page, lambda: len(site.stored) == 1)


def test_an_answer_stored_while_the_quiz_loads_is_shown(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    before = page.evaluate("fetch('/services/api/quizzes/atf-1').then((reply) => reply.text())")
    site.down = True
    page.locator(".option", has_text="挂断").tap()
    expect(page.locator(".quiz-head .save-state")).to_contain_text("正在重试")
    held: list[Route] = []
    page.route("**/api/quizzes/atf-1", lambda r: r.continue_() if held else held.append(r))
    site.down = False
    page.reload()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    wait_for(page, lambda: bool(held and site.stored))
    page.wait_for_timeout(100)  # the reply to the answer reaches the page
    held[0].fulfill(body=before, content_type="application/json")
    expect(page.locator(".option.is-chosen")).to_have_text("B挂断，打 110 核实")


def test_text_is_saved_by_itself_when_the_hand_rests(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    page.get_by_role("button", name="答题卡").tap()
    page.get_by_role("button", name="第 4 题").tap()
    page.locator("textarea").press_sequentially("停止转账", delay=20)
    expect(page.locator(".quiz-head .save-state")).to_contain_text("已保存")
    assert [one["response"] for one in site.stored.values()] == [{"text": "停止转账"}]


def test_the_last_of_quick_changes_counts(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    for option in ("先转一点", "报验证码", "挂断"):
        page.locator(".option", has_text=option).tap()
    expect(page.locator(".quiz-head .save-state")).to_contain_text("已保存")
    assert site.given("quiz:atf-1")["atf-001"]["response"] == {"chosen": ["B"]}


@pytest.mark.parametrize("script", ["", WRONG_CLOCK], ids=["right clock", "a day ahead"])
def test_the_timer_is_the_servers(phones: Phones, script: str) -> None:
    page = begin(phones.open(QUIZ, script=script))
    expect(page.get_by_role("timer")).to_contain_text("还剩 19:5")


def test_handing_in_lists_what_is_unanswered_and_gives_a_receipt(
    phones: Phones, site: Site
) -> None:
    page = begin(phones.open(QUIZ))
    choose(page, "挂断")
    page.get_by_role("button", name="答题卡").tap()
    page.get_by_role("button", name="交卷").tap()
    main = page.locator(".quiz-main")
    expect(main).to_contain_text("还有 3 题没有作答")
    assert [cell.inner_text()[0] for cell in main.locator(".cell").all()] == ["2", "3", "4"]
    main.get_by_role("button", name="确定交卷").tap()
    expect(page.locator("lawlab-quiz")).to_contain_text("7K2M-QX9D")
    expect(page.locator("lawlab-quiz")).to_contain_text("等待批改")


def test_handing_in_waits_for_answers_that_are_still_on_the_phone(
    phones: Phones, site: Site
) -> None:
    page = begin(phones.open(QUIZ))
    site.down = True
    page.locator(".option", has_text="挂断").tap()
    page.get_by_role("button", name="答题卡").tap()
    page.get_by_role("button", name="交卷").tap()
    page.get_by_role("button", name="确定交卷").tap()
    expect(page.get_by_text("还有答案留在手机上没有送到")).to_be_visible()
    assert site.sitting
    assert site.sitting["handed_in_at"] is None
    site.down = False
    page.get_by_role("button", name="确定交卷").tap()
    expect(page.get_by_text("7K2M-QX9D")).to_be_visible()
    assert len(site.stored) == 1


def test_the_quiz_ends_by_itself_at_the_deadline(phones: Phones, site: Site) -> None:
    site.seconds = 2.5
    page = begin(phones.open(QUIZ))
    choose(page, "挂断")
    expect(page.get_by_role("heading", name="时间到，已自动交卷")).to_be_visible()
    assert site.sitting
    assert site.sitting["handed_in_at"]


def test_the_last_choice_of_a_question_cannot_be_taken_back(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    page.get_by_role("button", name="下一题").tap()
    choose(page, "电话卡")
    page.locator(".option", has_text="电话卡").tap()
    expect(page.locator(".quiz-head .save-state")).to_have_text("至少选一项。现在记的还是 A。")
    assert len(site.stored) == 1


def test_the_result_shows_marks_right_answers_and_reasons(phones: Phones, site: Site) -> None:
    question = {"id": "atf-001", "type": "single", "type_name": "单选题", "stem": "怎么做？"}
    revealed = {"answer": "B", "explanation": "挂断最稳妥。", "articles": ["反电信网络诈骗法#31"]}
    slot = {"slot": "q1", "points": 0, "max_points": 5, "comment": None, "revealed": revealed}
    slot |= {"question": {**question, "options": {"A": "转", "B": "挂断"}}}
    slots = [{**slot, "response": {"chosen": ["A"]}}]
    site.sitting = {"deadline": "2022-12-05T02:20:00+00:00", "handed_in_at": "x", "receipt": "x"}
    site.result = {"score": 62.5, "max_score": 100, "passed": True, "needs_manual": False}
    site.result |= {"slots": slots}
    page = phones.open(QUIZ)
    quiz = page.locator("lawlab-quiz")
    expect(quiz.locator(".score-line")).to_have_text("62.5/ 100 分合格")
    expect(quiz.locator(".is-wrong")).to_contain_text("您选的")
    expect(quiz.locator(".is-right")).to_contain_text("正确答案")
    expect(quiz).to_contain_text("解析：挂断最稳妥。")
    quiz.get_by_role("button", name="看法条：《反电信网络诈骗法》第三十一条").tap()
    expect(quiz.locator(".article-panel")).to_contain_text("2022年12月1日起施行")


def test_leaving_the_page_is_counted_and_survives_a_reload(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    told: list[Any] = []

    def keep(route: Route) -> None:
        told.append(route.request.post_data_json)
        route.fulfill(json={"times": 0})

    page.route("**/api/quizzes/atf-1/left", keep)
    leave = """(state) => {
      Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    for state in ("hidden", "visible"):
        page.evaluate(leave, state)
    wait_for(page, lambda: len(told) == 2)
    page.reload()
    page.locator(".option").first.wait_for()
    page.evaluate(leave, "hidden")
    wait_for(page, lambda: len(told) == 3)
    assert [one["times"] for one in told] == [1, 1, 2]
    page.evaluate(leave, "visible")


def test_a_question_can_be_read_aloud(phones: Phones, site: Site) -> None:
    page = begin(phones.open(QUIZ))
    page.get_by_role("button", name="读题").tap()
    expect(page.locator(".player")).to_be_visible()
    page.get_by_role("button", name="下一题").tap()
    expect(page.locator(".player")).to_have_count(0)
