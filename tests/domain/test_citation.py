"""Each claim that a question makes about the law, with a question whose claim is false."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lawlab.domain.citation import claim, law_faults
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
            {"options": {"A": "依法处理", "B": "拘留30天以下"}},
            "错误选项 B 里的 30日 在所引条文里也有",
        ),
        ({"options": {"A": "依法处理", "B": "罚2万元"}}, "错误选项 B 里的 20000元"),
        (
            {"explanation": "第三条说，出租账户的处三十日以下拘留并处二万元以下罚款。"},
            "“出租账户的处三十日以下拘留并处二万元以下罚款”有 22 个字和《试验法》的条文一样",
        ),
        (
            {"options": {"A": "依法处理", "B": "30"}},
            "错误选项 B 里的 30 在所引条文里也有",
        ),
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
        {"evidence": "出租账户的，处三十日以下拘留，并处二万元以下罚款"},
        {"options": {"A": "依法处理", "B": "拘留30天"}, "derived": "三十日是最高的。"},
        {"options": {"A": "依法处理", "B": "拘留三十年"}},
        {"options": {"A": "拘留60天以下", "B": "无"}, "derived": "两次各三十日。"},
        {"type": QuestionType.JUDGE, "options": {}, "answer": "错", "stem": "可以拘留三十年。"},
        {"type": QuestionType.CASE, "options": {}, "answer": "（1）拘留三十日以下；（2）罚款。"},
    ],
)
def test_a_true_claim_is_not_suspected(changes: dict[str, Any]) -> None:
    assert law_faults(make_question(**changes), find_law) == []


def test_all_unusable_references_are_named() -> None:
    assert len(law_faults(make_question(articles=("旧法#1", "试验法#9")), find_law)) == 2


def test_a_law_that_the_town_has_yet_to_import_is_no_fault() -> None:
    def absent(name: str) -> Law:
        raise NotFound("no_law", f"没有找到“{name}”。")

    question = make_question(options={"A": "拘留60天", "B": "拘留30天"}, evidence="还没有条文可对")
    assert law_faults(question, absent, ["试验法"]) == []
    (fault,) = law_faults(question, absent, ["别的条例"])
    assert "没有找到“试验法”" in fault


def test_a_law_that_came_is_checked_although_it_was_awaited() -> None:
    question = make_question(options={"A": "拘留60天", "B": "拘留90天"})
    (fault,) = law_faults(question, find_law, ["试验法"])
    assert "正确答案里的 60日" in fault


def test_beside_an_awaited_law_the_others_are_checked() -> None:
    def only_one(name: str) -> Law:
        if name != "试验法":
            raise NotFound("no_law", f"没有找到“{name}”。")
        return find_law(name)

    refs = ("某条例#1", "试验法#9")
    (fault,) = law_faults(make_question(articles=refs), only_one, ["某条例"])
    assert "引用的 试验法#9 不可用" in fault


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"evidence": "三十日以下"}, "不足 6 个字"),
        ({"evidence": "违反规定的依法处理"}, "的 4 条里都有"),
        ({"options": {"A": "拘留7天", "B": "拘留30天"}}, "错误选项 B 里的 30日"),
    ],
)
def test_beside_an_awaited_law_what_the_others_show_is_a_fault(
    changes: dict[str, Any], fault: str
) -> None:
    def only_one(name: str) -> Law:
        if name != "试验法":
            raise NotFound("no_law", f"没有找到“{name}”。")
        return find_law(name)

    question = make_question(articles=("某条例#1", "试验法#3"), **changes)
    (found,) = law_faults(question, only_one, ["某条例"])
    assert fault in found


def test_an_awaited_law_that_was_repealed_is_a_fault() -> None:
    (fault,) = law_faults(make_question(articles=("旧法#1",)), find_law, ["旧法"])
    assert "旧法已经废止" in fault


def test_a_fill_question_claims_its_stem_with_the_first_spelling_in_each_blank() -> None:
    fields: dict[str, Any] = {"type": QuestionType.FILL, "options": {}, "answer": ""}
    stem = "出租账户的，拘留____以下，罚款____以下。"
    fill = make_question(stem=stem, blanks=(("三十日", "90日"), ("二万元",)), **fields)
    assert claim(fill) == "出租账户的，拘留三十日以下，罚款二万元以下。"
    assert law_faults(fill, find_law) == []
    wrong = make_question(stem=stem, blanks=(("九十日",), ("二万元",)), **fields)
    assert "正确答案里的 90日 不在所引条文里" in law_faults(wrong, find_law)[0]


def test_no_step_of_an_order_question_is_a_wrong_option() -> None:
    steps = {"A": "罚款二万元", "B": "拘留三十日", "C": "结案"}
    order = make_question(type=QuestionType.ORDER, options=steps, answer="BAC")
    assert law_faults(order, find_law) == []
    assert claim(order).splitlines() == ["拘留三十日", "罚款二万元", "结案"]
