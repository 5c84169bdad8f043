"""Wordings that a question may not have, each with a question that has it."""

from __future__ import annotations

from typing import Any

import pytest

from lawlab.domain.question import Question, QuestionType
from lawlab.domain.wording import punctuation_faults, question_wording_faults


def make_question(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": "tst-001",
        "type": QuestionType.SINGLE,
        "stem": "可以出租账户吗？",
        "options": {"A": "可以出租", "B": "不得出租"},
        "answer": "B",
        "explanation": "第二条不准出租账户。",
        "articles": ("试验法#2",),
        "evidence": "不得非法出租账户",
        "difficulty": 2,
        "why_wrong": {"A": "法律没有准许。"},
    }
    return Question(**{**fields, **changes})


def test_a_plain_question_has_no_fault() -> None:
    assert question_wording_faults(make_question()) == []


@pytest.mark.parametrize(
    "option",
    [
        "以上都对",
        "以上都是。",
        "以上都不对",
        "上述说法均正确",
        "以上三项都可以",
        "都不对",
        "都是",
        "全部正确",
        "没有一项正确",
        "其他选项都对",
        "以上答案都不正确",
    ],
)
def test_an_option_that_leans_on_the_others_is_refused(option: str) -> None:
    (fault,) = question_wording_faults(make_question(options={"A": option, "B": "不得出租"}))
    assert f"选项 A“{option}”要靠别的选项" in fault


@pytest.mark.parametrize(
    "option", ["都由村民委员会决定", "全部退还彩礼", "是", "不对外公开", "其他近亲属"]
)
def test_an_option_that_stands_for_itself_is_kept(option: str) -> None:
    assert question_wording_faults(make_question(options={"A": option, "B": "不得"})) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"stem": "选项B说的对吗？"}, "stem里的"),
        ({"explanation": "所以B项正确。"}, "explanation里的"),
        ({"explanation": "应当选 B。"}, "explanation里的"),
        ({"why_wrong": {"A": "同B相反。"}}, "why_wrong A里的"),
        ({"options": {"A": "同 B 一样", "B": "不得出租"}}, "选项 A里的"),
    ],
)
def test_a_letter_of_an_option_is_refused(changes: dict[str, Any], place: str) -> None:
    (fault,) = question_wording_faults(make_question(**changes))
    assert fault.startswith(place)
    assert "提到了选项字母" in fault


def test_letters_that_name_no_option_are_kept() -> None:
    texts = "公安机关发布A级通缉令，嫌疑人开着C1驾照的车，手机装了APP和ETC。"
    assert question_wording_faults(make_question(explanation=texts)) == []
    judge = make_question(
        type=QuestionType.JUDGE, options={}, why_wrong={}, answer="对", stem="有A、B两个村。"
    )
    assert question_wording_faults(judge) == []


@pytest.mark.parametrize(
    "text",
    [
        "不可以,要报警。",
        "可以吗?",
        "分两步:先报警",
        "(一)先报警",
        '他说"不行"。',
        "先报警.",
        "报警;再止付",
    ],
)
def test_half_width_punctuation_beside_chinese_is_refused(text: str) -> None:
    (fault,) = punctuation_faults(text)
    assert "半角标点" in fault
    assert len(question_wording_faults(make_question(explanation=text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "**有人说**：不行。",
        "1. 先报警",
        "罚款 2.5 万元",
        "https://example.org/a?b=c",
        "“对。”（见下）",
    ],
)
def test_right_punctuation_is_kept(text: str) -> None:
    assert punctuation_faults(text) == []


def test_the_print_of_the_law_is_left_alone() -> None:
    assert question_wording_faults(make_question(evidence="(一)不得出租账户")) == []
