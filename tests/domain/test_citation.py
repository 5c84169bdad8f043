"""Each claim that a question makes about the law, with a question whose claim is false."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lawlab.domain.citation import law_faults
from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statute import Article, Law, LawInfo, number_title
from lawlab.errors import NotFound

DAY = dt.date(2020, 1, 1)
TEXTS = {
    1: "为了试验，制定本法。违反规定的依法处理。",
    2: "不得非法出租账户。违反规定的依法处理。",
    3: "出租账户的，处三十日以下拘留，并处二万元以下罚款。违反规定的依法处理。",
    4: "违反规定的依法处理。",
}


def find_law(name: str) -> Law:
    if name != "试验法":
        raise NotFound("law_repealed", f"{name}已经废止。")
    info = LawInfo("x", name, "法律", "某机关", "现行有效", DAY, DAY, DAY)
    keys = {n: (n, 0) for n in TEXTS}
    return Law(info, tuple(Article(keys[n], number_title(keys[n]), TEXTS[n]) for n in TEXTS))


def make_question(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": "tst-001",
        "type": QuestionType.SINGLE,
        "stem": "出租账户会怎样？",
        "options": {"A": "拘留30天以下，罚款2万元以下", "B": "拘留90天"},
        "answer": "A",
        "explanation": "见第三条。",
        "articles": ("试验法#3",),
        "evidence": "处三十日以下拘留",
        "difficulty": 2,
    }
    return Question(**{**fields, **changes})


def test_a_question_that_the_law_bears_out_has_no_fault() -> None:
    assert law_faults(make_question(), find_law) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"articles": ("试验法#9",)},
            "tst-001：引用的 试验法#9 不可用：试验法共 4 条，没有第 9 条。",
        ),
        ({"articles": ("旧法#1",)}, "旧法已经废止"),
        ({"evidence": "三十日以下。"}, "不足 6 个字"),
        ({"evidence": "不得非法出租账户"}, "不在所引条文（第三条）里"),
        ({"evidence": "违反规定的依法处理"}, "在试验法的 4 条里都有，最多 3 条"),
        ({"options": {"A": "拘留60天以下", "B": "无"}}, "正确答案里的 60日 不在所引条文里"),
        ({"options": {"A": "罚款2万5千元以下", "B": "无"}}, "不在所引条文里"),
        (
            {"type": QuestionType.JUDGE, "options": {}, "answer": "对", "stem": "可以拘留三十年。"},
            "正确答案里的 30年",
        ),
        ({"type": QuestionType.CASE, "options": {}, "answer": "应打96110。"}, "正确答案里的 96110"),
    ],
)
def test_a_false_claim_is_found(changes: dict[str, Any], fault: str) -> None:
    faults = law_faults(make_question(**changes), find_law)
    assert len(faults) == 1, faults
    assert fault in faults[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"articles": ("试验法#2", "试验法#3")},
        {"evidence": "处三十日以下拘留 并处二万元"},
        {"options": {"A": "拘留60天以下", "B": "无"}, "derived": "两次各三十日。"},
        {"type": QuestionType.JUDGE, "options": {}, "answer": "错", "stem": "可以拘留三十年。"},
        {"type": QuestionType.CASE, "options": {}, "answer": "（1）拘留三十日以下；（2）罚款。"},
    ],
)
def test_a_true_claim_is_not_suspected(changes: dict[str, Any]) -> None:
    assert law_faults(make_question(**changes), find_law) == []


def test_all_unusable_references_are_named() -> None:
    assert len(law_faults(make_question(articles=("旧法#1", "试验法#9")), find_law)) == 2
