"""A question of the bank, and what a person may see of it before and after answering.

The key (`answer`, `explanation`, `rubric`) never leaves the server through `Question.public`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class QuestionType(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGE = "judge"
    CASE = "case"


TYPE_NAMES = {
    QuestionType.SINGLE: "单选题",
    QuestionType.MULTIPLE: "多选题",
    QuestionType.JUDGE: "判断题",
    QuestionType.CASE: "案例分析题",
}


@dataclass(frozen=True)
class RubricPoint:
    """One thing a good case answer says, and what it is worth."""

    text: str
    points: float


@dataclass(frozen=True)
class Question:
    """One question in one version. `options` maps letters to texts (empty for judge and case).

    `answer`: letters such as "B" or "ABD"; "对" or "错" for judge; a model answer for case.
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

    @property
    def manual(self) -> bool:
        """True when a person has to mark it."""
        return self.type is QuestionType.CASE

    @property
    def rubric_points(self) -> float:
        return sum(point.points for point in self.rubric)

    def public(self) -> dict[str, Any]:
        """What may be shown before the answer: no key, no reasons, no article (it would tell)."""
        return {
            "id": self.id,
            "type": self.type.value,
            "type_name": TYPE_NAMES[self.type],
            "stem": self.stem,
            "options": self.options,
        }

    def revealed(self) -> dict[str, Any]:
        """What is shown after the answer counts: key, reasons, articles, rubric."""
        return {
            "answer": self.answer,
            "explanation": self.explanation,
            "why_wrong": self.why_wrong,
            "articles": list(self.articles),
            "rubric": [asdict(point) for point in self.rubric],
            "unconfirmed": self.unconfirmed,
        }

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Question:
        return cls(
            **{
                **data,
                "type": QuestionType(data["type"]),
                "articles": tuple(data["articles"]),
                "tags": tuple(data.get("tags", ())),
                "rubric": tuple(RubricPoint(**point) for point in data.get("rubric", ())),
            }
        )
