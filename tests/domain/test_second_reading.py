"""The answers of a second reader beside the key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lawlab.domain.question import Question, QuestionType
from lawlab.domain.second_reading import (
    Comparison,
    Disagreement,
    compare,
    read_answers,
    shuffled,
)


def make_question(number: int, answer: str, kind: str = "single") -> Question:
    fields: dict[str, Any] = {"stem": "问", "explanation": "", "articles": (), "evidence": ""}
    return Question(
        id=f"tst-{number}",
        type=QuestionType(kind),
        options={} if kind in ("judge", "case") else dict.fromkeys("ABCD", "字"),
        answer=answer,
        difficulty=1,
        **fields,
    )


QUESTIONS = [
    make_question(1, "B"),
    make_question(2, "ABD", "multiple"),
    make_question(3, "对", "judge"),
    make_question(4, "依法处理。", "case"),
]


def test_an_order_depends_on_the_seed_alone() -> None:
    many = [make_question(n, "A") for n in range(30)]
    assert shuffled(many, 1) == shuffled(many[::-1], 1)
    assert shuffled(many, 1) != shuffled(many, 2)
    assert sorted(q.id for q in shuffled(many, 1)) == sorted(q.id for q in many)


def test_answers_are_read_however_letters_are_written() -> None:
    text = "# 复核人甲\n\ntst-1 b\ntst-2 D、B A  # 想了很久\ntst-3\t对\n"
    assert read_answers(text, QUESTIONS) == ({"tst-1": "B", "tst-2": "ABD", "tst-3": "对"}, [])


def test_steps_keep_their_order_and_blanks_are_compared_as_they_are_marked() -> None:
    questions = [
        make_question(5, "BDAC", "order"),
        make_question(6, "BDAC", "order"),
        replace(make_question(7, "", "fill"), options={}, blanks=(("三十日", "30日"), ("乙",))),
        make_question(8, "", "short"),
    ]
    answers, faults = read_answers("tst-5 b,d,a,c\ntst-6 ABCD\ntst-7 ３０日; 乙", questions)
    assert (answers["tst-5"], faults) == ("BDAC", [])
    found = compare(questions, answers)
    assert [row.item for row in found.disagreements] == ["tst-6"]
    assert (found.agreed, found.cases) == (2, ("tst-8",))


def test_every_faulty_line_is_named() -> None:
    _, faults = read_answers("tst-1\ntst-9 A\ntst-2 A\ntst-2 B", QUESTIONS)
    assert [fault.partition("：")[0] for fault in faults] == ["第 1 行", "第 2 行", "第 4 行"]


def test_disagreements_and_gaps_are_told() -> None:
    assert compare(QUESTIONS, {"tst-1": "B", "tst-2": "AB"}) == Comparison(
        agreed=1,
        disagreements=(Disagreement("tst-2", "ABD", "AB"),),
        unread=("tst-3",),
        cases=("tst-4",),
    )
