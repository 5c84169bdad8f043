"""What a paper earns without a person's marks, by the keys that count now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.marking import mark
from lawlab.store.quizzes import Slots, paper_questions
from lawlab.store.tables import Quiz


def auto_marks(
    session: Session,
    quiz: Quiz,
    paper: Slots,
    responses: Mapping[str, Any],
    corrections: Mapping[str, Any] | None = None,
) -> dict[str, float | None]:
    """Slot → points; None where a person has to mark. `corrections` stand for the quiz's own."""
    corrected = quiz.corrections if corrections is None else corrections
    questions = paper_questions(session, paper, corrected)
    partial = bool(quiz.blueprint.get("partial", False))
    return {
        slot["slot"]: mark(
            questions[slot["slot"]],
            responses.get(slot["slot"]),
            slot["points"],
            partial=partial,
            full=bool(corrected.get(slot["item"], {}).get("full")),
        ).points
        for slot in paper
    }


def sum_of(marks: Mapping[str, float | None]) -> float:
    """What is marked already."""
    return float(sum(points for points in marks.values() if points is not None))
