"""What is stored of a question, and what is shown before and after answering."""

from __future__ import annotations

import json
from typing import Any

from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.services.item_versions import digest


def make_question(type: str, **changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": "tst-001",
        "type": QuestionType(type),
        "stem": "应当在____内向____报告。",
        "options": {},
        "answer": "对",
        "explanation": "见第三条。",
        "articles": ("试验法#3",),
        "evidence": "应当在三十日内",
        "difficulty": 2,
    }
    return Question(**{**fields, **changes})


FILL = make_question("fill", answer="三十日；公安机关", blanks=(("三十日", "30日"), ("公安机关",)))


def test_the_digest_of_a_question_without_blanks_is_what_it_was_before_there_were_any() -> None:
    stored = make_question("judge").to_json()
    assert "blanks" not in stored
    assert [digest(stored)[at : at + 32] for at in (0, 32)] == [
        "b7ef638666f10b5dc9f5f3a4edc7fb26",
        "a3c94c489bb7e1436852a73bf0677490",
    ]


def test_a_question_comes_back_from_storage_as_it_was() -> None:
    rubric = (RubricPoint("要点", 5.0),)
    for question in (FILL, make_question("short", rubric=rubric), make_question("order")):
        assert Question.from_json(json.loads(json.dumps(question.to_json()))) == question


def test_before_the_answer_only_the_number_of_blanks_is_shown() -> None:
    shown = FILL.public()
    assert (shown["blanks"], shown["type_name"]) == (2, "填空题")
    assert "三十日" not in json.dumps(shown, ensure_ascii=False)
    assert "blanks" not in make_question("judge").public()


def test_after_the_answer_every_spelling_is_shown() -> None:
    assert FILL.revealed()["blanks"] == [["三十日", "30日"], ["公安机关"]]
    assert "blanks" not in make_question("judge").revealed()


def test_a_person_marks_what_is_written_freely() -> None:
    manual = {type for type in QuestionType if make_question(type).manual}
    assert manual == {QuestionType.CASE, QuestionType.SHORT}
