"""The figures of a bank."""

from __future__ import annotations

from typing import Any

from lawlab.domain.bank_stats import bank_figures, kind_of
from lawlab.domain.question import Question, QuestionType


def make_question(name: str, kind: str = "single", **changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": name,
        "type": QuestionType(kind),
        "stem": "问",
        "options": {},
        "answer": "A",
        "explanation": "",
        "articles": ("试验法#1",),
        "evidence": "",
        "difficulty": 2,
    }
    return Question(**{**fields, **changes})


QUESTIONS = [
    make_question("a-1"),
    make_question("a-2", tags=("桥", "情景"), difficulty=3),
    make_question("a-3", "multiple", tags=("情景",), articles=("试验法#1", "试验法#2之1")),
    make_question("a-4", "multiple", unconfirmed="某说法"),
    make_question("a-5", "judge", tags=("情景",), articles=("别的法#1",)),
    make_question("a-6", "case", tags=("情景",), difficulty=5),
]
LATER = [make_question(f"b-{n}", kind) for n, kind in enumerate(("fill", "order", "short"), 1)]


def test_scenarios_are_counted_apart_from_single_and_multiple() -> None:
    assert [kind_of(question) for question in [*QUESTIONS, *LATER]] == [
        "单选",
        "情景",
        "情景",
        "多选",
        "判断",
        "案例",
        "填空",
        "排序",
        "简答",
    ]


def test_the_figures_of_a_bank() -> None:
    figures = bank_figures("a", "试验法", QUESTIONS, 50)
    assert figures.items == 6
    written = {"案例": 1, "填空": 0, "排序": 0, "简答": 0}
    assert figures.kinds == {"单选": 1, "多选": 1, "判断": 1, "情景": 2} | written
    assert figures.difficulty == (0, 4, 1, 0, 1)
    assert (figures.cited, figures.total, figures.unconfirmed) == (2, 50, 1)
    assert (figures.withdrawn, figures.stale) == (None, None)


def test_an_installation_tells_what_is_not_in_use() -> None:
    out = {"a-1": "stale", "a-2": "stale", "a-3": "withdrawn", "b-9": "stale"}
    figures = bank_figures("a", "试验法", QUESTIONS, None, out)
    assert (figures.withdrawn, figures.stale, figures.total) == (1, 2, None)
