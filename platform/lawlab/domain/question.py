"""A question of the bank, and what a person may see of it before and after answering.

The key (`answer`, `explanation`, `rubric`) never leaves the server through `Question.public`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class QuestionType(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGE = "judge"
    CASE = "case"
    FILL = "fill"
    ORDER = "order"
    SHORT = "short"


TYPE_NAMES = {
    QuestionType.SINGLE: "单选题",
    QuestionType.MULTIPLE: "多选题",
    QuestionType.JUDGE: "判断题",
    QuestionType.CASE: "案例分析题",
    QuestionType.FILL: "填空题",
    QuestionType.ORDER: "排序题",
    QuestionType.SHORT: "简答题",
}
LETTERED = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.ORDER)
"""The types that have options."""
MANUAL = (QuestionType.CASE, QuestionType.SHORT)
"""The types that a person marks by a rubric."""
GAP = re.compile("_{4,}")
"""A blank in the stem of a fill question."""


@dataclass(frozen=True)
class RubricPoint:
    """One thing a good written answer says, and what it is worth."""

    text: str
    points: float


@dataclass(frozen=True)
class Question:
    """One question in one version. `options` maps letters to texts (only for LETTERED types).

    `answer`: letters such as "B" or "ABD", for order in the right order; "对" or "错" for judge; a
    model answer for case and short; for fill `joined(blanks)`.
    `articles`: references such as "反电信网络诈骗法#31".
    `evidence`: a short phrase that stands in one of the articles and carries the answer.
    """

    id: str
    type: QuestionType
    stem: str
    options: dict[str, str]
    answer: str
    explanation: str
    articles: tuple[str, ...]
    evidence: str
    difficulty: int
    tags: tuple[str, ...] = ()
    rubric: tuple[RubricPoint, ...] = ()
    derived: str = ""
    unconfirmed: str = ""
    """What no installed text supports, with its source; shown as 待核 until a trainer confirms."""
    why_wrong: dict[str, str] = field(default_factory=dict)
    """Letter of a wrong option → why it is wrong."""
    blanks: tuple[tuple[str, ...], ...] = ()
    """The accepted spellings of each blank of a fill question, in order; the first is shown."""

    @property
    def manual(self) -> bool:
        """True when a person has to mark it."""
        return self.type in MANUAL

    @property
    def rubric_points(self) -> float:
        return sum(point.points for point in self.rubric)

    def public(self, order: str = "") -> dict[str, Any]:
        """What may be shown before the answer: no key, no reasons, no article (it would tell).
        `blanks` is only their number, and only there for fill. `order`: the letters of the options
        in the order in which they are shown; each keeps its letter."""
        counted = {"blanks": len(self.blanks)} if self.type is QuestionType.FILL else {}
        return {
            "id": self.id,
            "type": self.type.value,
            "type_name": TYPE_NAMES[self.type],
            "stem": self.stem,
            "options": {letter: self.options[letter] for letter in order or self.options},
            **counted,
        }

    def revealed(self) -> dict[str, Any]:
        """What is shown after the answer counts: key, reasons, articles, rubric."""
        spelled = {"blanks": _lists(self.blanks)} if self.type is QuestionType.FILL else {}
        return {
            "answer": self.answer,
            "explanation": self.explanation,
            "why_wrong": self.why_wrong,
            "articles": list(self.articles),
            "rubric": [asdict(point) for point in self.rubric],
            "unconfirmed": self.unconfirmed,
            **spelled,
        }

    def to_json(self) -> dict[str, Any]:
        """As stored. `blanks` is left out when there are none: the digests of versions published
        before there were fill questions stay what they are."""
        data = asdict(self)
        if not self.blanks:
            del data["blanks"]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Question:
        return cls(
            **{
                **data,
                "type": QuestionType(data["type"]),
                "articles": tuple(data["articles"]),
                "tags": tuple(data.get("tags", ())),
                "rubric": tuple(RubricPoint(**point) for point in data.get("rubric", ())),
                "blanks": tuple(map(tuple, data.get("blanks", ()))),
            }
        )


def joined(blanks: Sequence[Sequence[str]]) -> str:
    """The answer of a fill question in a line: the first spelling of each blank."""
    return "；".join(spellings[0] for spellings in blanks if spellings)


def _lists(blanks: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(spellings) for spellings in blanks]
