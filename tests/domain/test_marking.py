"""Marking: a table for each type, the boundaries, and what holds for any response."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.marking import TEXT_LIMIT, BadResponse, Marked, check_response, mark
from lawlab.domain.question import Question, QuestionType

LETTERS = "ABCDE"


def make_question(type: str = "single", answer: str = "B", **changes: Any) -> Question:
    options = (
        {letter: f"选项{letter}" for letter in LETTERS} if type in ("single", "multiple") else {}
    )
    facts: dict[str, Any] = {
        "id": "t-001",
        "type": QuestionType(type),
        "stem": "题干",
        "options": options,
        "answer": answer,
        "explanation": "",
        "articles": (),
        "evidence": "",
        "difficulty": 1,
    }
    return Question(**{**facts, **changes})


@pytest.mark.parametrize(
    ("type", "answer", "chosen", "points", "right"),
    [
        ("single", "B", ["B"], 4.0, True),
        ("single", "B", ["A"], 0.0, False),
        ("judge", "对", ["对"], 4.0, True),
        ("judge", "对", ["错"], 0.0, False),
        ("judge", "错", ["错"], 4.0, True),
        ("multiple", "ABD", ["A", "B", "D"], 4.0, True),
        ("multiple", "ABD", ["D", "B", "A"], 4.0, True),
        ("multiple", "ABD", ["A", "B"], 0.0, False),
        ("multiple", "ABD", ["A", "B", "C", "D"], 0.0, False),
        ("multiple", "ABD", [], 0.0, False),
    ],
)
def test_choice_questions_are_all_or_nothing(
    type: str, answer: str, chosen: list[str], points: float, right: bool
) -> None:
    assert mark(make_question(type, answer), {"chosen": chosen}, 4) == Marked(points, right)


@pytest.mark.parametrize(
    ("chosen", "points"),
    [
        (["A", "B", "D"], 3.0),
        (["A", "B"], 2.0),
        (["A"], 1.0),
        (["A", "B", "C"], 1.0),
        (["A", "C"], 0.0),
        (["C", "E"], 0.0),
        (["A", "B", "C", "D", "E"], 1.0),
        ([], 0.0),
    ],
)
def test_partial_credit_is_right_minus_wrong_over_right(chosen: list[str], points: float) -> None:
    given = mark(make_question("multiple", "ABD"), {"chosen": chosen}, 3, partial=True)
    assert given.points == pytest.approx(points)
    assert given.right is (points == 3.0)


def test_partial_credit_leaves_single_choice_alone() -> None:
    assert mark(make_question(), {"chosen": ["A"]}, 4, partial=True).points == 0


def test_a_case_answer_waits_for_a_person_and_a_blank_one_earns_nothing() -> None:
    case = make_question("case", "示例答案")
    assert mark(case, {"text": "先报警。"}, 20) == Marked(None, None)
    assert mark(case, None, 20) == Marked(0.0, False)


def test_no_answer_earns_nothing() -> None:
    assert mark(make_question(), None, 4) == Marked(0.0, False)


@given(
    answer=st.sets(st.sampled_from(LETTERS), min_size=1),
    chosen=st.lists(st.sampled_from(LETTERS), unique=True),
    max_points=st.floats(0.5, 100),
    partial=st.booleans(),
)
def test_marks_stay_in_range_ignore_order_and_are_full_only_for_the_key(
    answer: set[str], chosen: list[str], max_points: float, partial: bool
) -> None:
    question = make_question("multiple", "".join(sorted(answer)))
    given_mark = mark(question, {"chosen": chosen}, max_points, partial=partial)
    assert given_mark.points is not None
    assert 0 <= given_mark.points <= max_points
    assert given_mark.right is (set(chosen) == answer)
    assert (given_mark.points == max_points) is given_mark.right
    assert mark(question, {"chosen": chosen[::-1]}, max_points, partial=partial) == given_mark


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["chosen", "text", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(["single", "multiple", "judge", "case"]),
)
def test_any_response_is_accepted_or_refused_and_marks_without_failing(
    response: Any, type: str
) -> None:
    question = make_question(type, {"judge": "对", "multiple": "AB"}.get(type, "B"))
    with contextlib.suppress(BadResponse):
        check_response(question, response)
    if response is None or isinstance(response, dict):
        mark(question, response, 1)


@pytest.mark.parametrize(
    ("type", "response", "says"),
    [
        ("single", {"chosen": ["A", "B"]}, "只能选一个"),
        ("single", {"chosen": ["F"]}, "没有“F”这个选项"),
        ("single", {"chosen": ["a"]}, "没有“a”这个选项"),
        ("single", {"chosen": []}, "还没有选择"),
        ("single", {"chosen": "B"}, "格式不对"),
        ("single", {"chosen": [2]}, "格式不对"),
        ("single", {"text": "B"}, "格式不对"),
        ("single", {"chosen": ["B"], "points": 100}, "格式不对"),
        ("multiple", {"chosen": ["A", "A"]}, "选了两次"),
        ("judge", {"chosen": ["A"]}, "可选：对、错"),
        ("judge", {"chosen": ["对", "错"]}, "只能选一个"),
        ("case", {"text": " \n"}, "还没有写"),
        ("case", {"text": "字" * (TEXT_LIMIT + 1)}, "最多 4000"),
        ("case", {"text": "a\0b"}, "无法保存"),
        ("case", {"text": "\ud800"}, "无法保存"),
        ("case", {"chosen": ["A"]}, "格式不对"),
        ("case", None, "格式不对"),
        ("single", ["B"], "格式不对"),
    ],
)
def test_a_malformed_response_is_refused_with_what_is_allowed(
    type: str, response: Any, says: str
) -> None:
    with pytest.raises(BadResponse) as caught:
        check_response(make_question(type), response)
    assert says in caught.value.sentence
    assert (caught.value.code, caught.value.status) == ("bad_response", 422)


def test_the_longest_text_and_every_option_are_accepted() -> None:
    check_response(make_question("case"), {"text": "字" * TEXT_LIMIT})
    check_response(make_question("multiple"), {"chosen": list(LETTERS)})
    for judgement in "对错":
        check_response(make_question("judge"), {"chosen": [judgement]})
