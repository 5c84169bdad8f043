"""What a bank holds, in figures: kinds, difficulty, how much of its law it cites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statute import ArticleRef

SCENARIO = "情景"
"""The tag of a single or multiple item that tells a story; such items are counted apart."""
KINDS = ("单选", "多选", "判断", SCENARIO, "案例", "填空", "排序", "简答")
_KIND = {
    QuestionType.SINGLE: "单选",
    QuestionType.MULTIPLE: "多选",
    QuestionType.JUDGE: "判断",
    QuestionType.CASE: "案例",
    QuestionType.FILL: "填空",
    QuestionType.ORDER: "排序",
    QuestionType.SHORT: "简答",
}
_CHOICE = (QuestionType.SINGLE, QuestionType.MULTIPLE)


@dataclass(frozen=True)
class BankFigures:
    """One bank, or all banks of one law. `total` is None for a law that is not there; `withdrawn`
    and `stale` are None when nobody looked into an installation."""

    name: str
    law: str
    items: int
    kinds: dict[str, int]
    difficulty: tuple[int, ...]
    cited: int
    total: int | None
    unconfirmed: int
    withdrawn: int | None = None
    stale: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def kind_of(question: Question) -> str:
    """Its kind among KINDS."""
    if question.type in _CHOICE and SCENARIO in question.tags:
        return SCENARIO
    return _KIND[question.type]


def bank_figures(
    name: str,
    law: str,
    questions: Sequence[Question],
    total: int | None,
    states: Mapping[str, str] | None = None,
) -> BankFigures:
    """The figures of questions. `total` counts the articles of `law`; `states` says why items are
    not in use (`withdrawn` or `stale`)."""
    kinds = Counter(map(kind_of, questions))
    levels = Counter(question.difficulty for question in questions)
    lost = (
        Counter(states[q.id] for q in questions if q.id in states) if states is not None else None
    )
    return BankFigures(
        name=name,
        law=law,
        items=len(questions),
        kinds={kind: kinds[kind] for kind in KINDS},
        difficulty=tuple(levels[level] for level in range(1, 6)),
        cited=len(cited_articles(questions, law)),
        total=total,
        unconfirmed=sum(bool(question.unconfirmed) for question in questions),
        withdrawn=None if lost is None else lost["withdrawn"],
        stale=None if lost is None else lost["stale"],
    )


def cited_articles(questions: Iterable[Question], law: str) -> set[ArticleRef]:
    """The articles of one law that any of the questions cites."""
    refs = {ArticleRef.parse(text) for question in questions for text in question.articles}
    return {ref for ref in refs if ref.law == law}
