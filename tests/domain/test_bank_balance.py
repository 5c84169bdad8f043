"""Banks in which a guesser would do well."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

import pytest

from lawlab.domain.bank_balance import balance_faults, is_far_off
from lawlab.domain.question import Question, QuestionType


def make_single(number: int, answer: str, **changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": f"tst-{number:03}",
        "type": QuestionType.SINGLE,
        "stem": "问",
        "options": dict.fromkeys("ABCD", "四个字样"),
        "answer": answer,
        "explanation": "",
        "articles": (),
        "evidence": "",
        "difficulty": 1,
    }
    return Question(**{**fields, **changes})


def singles(answers: str) -> list[Question]:
    return [make_single(number, answer) for number, answer in enumerate(answers)]


def judges(answers: str) -> list[Question]:
    return [
        make_single(number, answer, type=QuestionType.JUDGE, options={})
        for number, answer in enumerate(answers)
    ]


def longest_right(hits: int, of: int) -> list[Question]:
    found = []
    for number, answer in enumerate(islice(cycle("ABCD"), of)):
        options = dict.fromkeys("ABCD", "四个字样") | (
            {answer: "写得最长"} if number < hits else {}
        )
        options[answer] += "的一项" if number < hits else ""
        found.append(make_single(number, answer, options=options))
    return found


def test_even_answers_have_no_fault() -> None:
    assert balance_faults(singles("ABCD" * 5) + judges("对错" * 5)) == []


def test_a_letter_that_is_right_too_often_is_named() -> None:
    (fault,) = balance_faults(singles("B" * 13 + "ACD" * 4))
    assert "25 道单选题里有 13 道的答案是 B，应接近 6 道" in fault


def test_a_letter_that_is_never_right_is_named() -> None:
    (fault,) = balance_faults(singles("ABC" * 10))
    assert "有 0 道的答案是 D" in fault


def test_uneven_as_chance_makes_it_is_no_fault() -> None:
    assert balance_faults(singles("A" * 9 + "B" * 6 + "C" * 3 + "D" * 6)) == []


def test_judge_items_that_are_nearly_all_right_are_named() -> None:
    (fault,) = balance_faults(judges("对" * 14 + "错" * 1))
    assert "15 道判断题里有 14 道的答案是“对”" in fault
    assert balance_faults(judges("对" * 10 + "错" * 5)) == []


def test_the_right_option_may_not_usually_be_the_longest() -> None:
    (fault,) = balance_faults(longest_right(9, of=20))
    assert "20 道单选题里有 9 道的正确选项是唯一最长的，最多 8 道" in fault
    assert "tst-000、tst-001" in fault
    assert balance_faults(longest_right(8, of=20)) == []


def test_a_tie_does_not_tell() -> None:
    items = [
        make_single(n, a, options={"A": "一样长的", "B": "一样长的", "C": "短", "D": "短"})
        for n, a in enumerate(islice(cycle("ABCD"), 20))
    ]
    assert balance_faults(items) == []


def test_a_small_bank_is_not_judged() -> None:
    assert balance_faults(singles("B" * 19) + judges("对" * 9)) == []


def test_options_of_different_numbers_have_their_own_chance() -> None:
    two = [make_single(n, a, options={"A": "是的", "B": "不是"}) for n, a in enumerate("AB" * 10)]
    assert balance_faults(two) == []


@pytest.mark.parametrize(
    ("hits", "tries", "chance", "far"),
    [
        (0, 20, 0.25, True),
        (1, 20, 0.25, False),
        (10, 20, 0.25, False),
        (11, 20, 0.25, True),
        (6, 60, 0.25, True),
        (7, 60, 0.25, False),
        (24, 60, 0.25, False),
        (25, 60, 0.25, True),
        (0, 10, 0.5, True),
        (1, 10, 0.5, False),
    ],
)
def test_the_bounds_that_the_module_tells(hits: int, tries: int, chance: float, far: bool) -> None:
    assert is_far_off(hits, tries, chance) is far
