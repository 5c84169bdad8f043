"""Marking: a table for each type, the boundaries, and what holds for any response."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.marking import (
    BLANK_LIMIT,
    TEXT_LIMIT,
    BadResponse,
    Marked,
    check_response,
    mark,
    same_blank,
)
from lawlab.domain.question import Question, QuestionType

LETTERS = "ABCDE"


STEPS = dict(zip("ABCD", ("立案", "调查", "决定", "执行"), strict=True))
BLANKS = (("三十日", "30日"), ("Wi-Fi",), ("50%",))


def make_question(type: str = "single", answer: str = "B", **changes: Any) -> Question:
    options = (
        {letter: f"选项{letter}" for letter in LETTERS} if type in ("single", "multiple") else {}
    )
    if type == "order":
        options, answer = STEPS, "BDAC"
    if type == "fill":
        changes = {"blanks": BLANKS} | changes
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
    for type in ("case", "short"):
        case = make_question(type, "示例答案")
        assert mark(case, {"text": "先报警。"}, 20) == Marked(None, None)
        assert mark(case, None, 20) == Marked(0.0, False)


@pytest.mark.parametrize(
    ("filled", "points"),
    [
        (["三十日", "Wi-Fi", "50%"], 6.0),
        ([" ３０ 日。", "“ｗｉ－ｆｉ”", "５０％"], 6.0),
        (["三十日", "", "50%"], 4.0),
        (["三十天", "wifi", "50%"], 4.0),
        (["三十年", "wifi", "50%"], 2.0),
        (["三十日", "Wi-Fi", "50"], 4.0),
        (["Wi-Fi", "三十日", "50%"], 2.0),
        (["三十日", "Wi-Fi"], 0.0),
        (["三十日", "Wi-Fi", "50%", ""], 0.0),
        ([7, None, "50%"], 2.0),
        ("三十日", 0.0),
    ],
)
def test_each_blank_earns_its_share(filled: Any, points: float) -> None:
    given = mark(make_question("fill"), {"filled": filled}, 6)
    assert given == Marked(pytest.approx(points), points == 6)


@pytest.mark.parametrize(
    ("chosen", "right"),
    [(list("BDAC"), True), (list("ABCD"), False), (list("BDA"), False), ("BDAC", False)],
)
def test_an_order_is_all_or_nothing(chosen: Any, right: bool) -> None:
    for partial in (False, True):
        given = mark(make_question("order"), {"chosen": chosen}, 4, partial=partial)
        assert given == Marked(4.0 if right else 0.0, right)


SPELLED = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1).filter(
    lambda text: same_blank(text, text)
)


@given(SPELLED, st.sampled_from(["", " ", "\u3000", "。", "《", "\u200b"]))
def test_full_and_half_width_are_the_same_answer(text: str, around: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    question = make_question("fill", blanks=((text,),))
    for written in (text, wide, text.swapcase(), f"{around}{wide}{around}"):
        assert mark(question, {"filled": [written]}, 3) == Marked(3.0, True)
        assert mark(make_question("fill", blanks=((wide,),)), {"filled": [written]}, 3).right


@given(
    st.lists(st.lists(st.text(max_size=4), min_size=1, max_size=3), min_size=1, max_size=7),
    st.data(),
    st.floats(0.1, 100),
)
def test_marks_of_blanks_stay_in_range_and_are_full_only_when_all_are_right(
    blanks: list[list[str]], data: st.DataObject, most: float
) -> None:
    question = make_question("fill", blanks=tuple(map(tuple, blanks)))
    filled = [data.draw(st.sampled_from(one) | st.text(max_size=4)) for one in blanks]
    given_mark = mark(question, {"filled": filled}, most)
    assert given_mark.points is not None
    assert 0 <= given_mark.points <= most
    assert (given_mark.points == most) is given_mark.right


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
            | st.dictionaries(st.sampled_from(["chosen", "text", "filled", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from([type.value for type in QuestionType]),
)
def test_any_response_is_accepted_or_refused_and_marks_without_failing(
    response: Any, type: str
) -> None:
    question = make_question(type, {"judge": "对", "multiple": "AB"}.get(type, "B"))
    with contextlib.suppress(BadResponse):
        check_response(question, response)
    points = mark(question, response, 1).points
    assert points is None or 0 <= points <= 1


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
        ("short", {"text": ""}, "还没有写"),
        ("fill", {"filled": ["", " ", ""]}, "还没有填"),
        ("fill", {"filled": ["三十日", "", "", ""]}, "有 3 个空，送来了 4 个"),
        ("fill", {"filled": ["三十日", 7, ""]}, "格式不对"),
        ("fill", {"filled": "三十日"}, "格式不对"),
        ("fill", {"chosen": ["三十日"]}, "格式不对"),
        ("fill", {"filled": ["", "字" * (BLANK_LIMIT + 1), ""]}, "第 2 空有 201 个字"),
        ("fill", {"filled": ["\0", "", ""]}, "无法保存"),
        ("fill", {"filled": ["\udfff", "", ""]}, "无法保存"),
        ("order", {"chosen": ["A", "B", "C"]}, "各排一次"),
        ("order", {"chosen": ["A", "B", "C", "C"]}, "各排一次"),
        ("order", {"chosen": ["A", "B", "C", "E"]}, "各排一次"),
        ("order", {"chosen": "ABCD"}, "格式不对"),
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
    check_response(make_question("fill"), {"filled": ["字" * BLANK_LIMIT, "", ""]})
    check_response(make_question("order"), {"chosen": list("DCBA")})
    for judgement in "对错":
        check_response(make_question("judge"), {"chosen": [judgement]})
