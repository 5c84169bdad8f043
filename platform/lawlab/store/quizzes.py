"""Queries about quizzes, papers and what people answered on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.errors import NotFound
from lawlab.store.tables import Answer, ItemVersion, Quiz, Sitting

Slots = Sequence[Mapping[str, Any]]


def find_quiz(session: Session, assignment: str) -> Quiz:
    """A quiz in any state. Raises NotFound `no_quiz`."""
    quiz = session.get(Quiz, assignment)
    if quiz is None:
        raise NotFound("no_quiz", f"没有编号为“{assignment}”的测验。")
    return quiz


def paper_of_sitting(quiz: Quiz, sitting: Sitting) -> list[dict[str, Any]]:
    """The slots that this person answers, in the order shown."""
    return list(quiz.paper if sitting.paper is None else sitting.paper)


def attempts_of(session: Session, assignment: str, person_id: int) -> list[Sitting]:
    """A person's attempts at a quiz, the first one first."""
    return list(
        session.scalars(
            select(Sitting)
            .where(Sitting.assignment == assignment, Sitting.person_id == person_id)
            .order_by(Sitting.attempt)
        )
    )


def paper_questions(
    session: Session, paper: Slots, corrections: Mapping[str, Any] | None = None
) -> dict[str, Question]:
    """Slot → the question in the version that was drawn, or in the one that corrects it, in one
    query."""
    corrected = corrections or {}
    wanted = {
        slot["slot"]: (
            slot["item"],
            corrected.get(slot["item"], {}).get("version", slot["version"]),
        )
        for slot in paper
    }
    found = _questions(session, wanted.values())
    return {slot: found[key] for slot, key in wanted.items()}


def item_questions(
    session: Session, items: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], Question]:
    """(item, version) → the question, of those that exist."""
    return _questions(session, items)


def newest_responses(
    session: Session, sitting: Sitting, paper: Slots, until: datetime
) -> dict[str, Any]:
    """Slot → the newest response of this attempt received by `until`; slots without one are
    absent."""
    slots = {(slot["item"], slot["version"]): slot["slot"] for slot in paper}
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.version, Answer.response)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .where(
            Answer.person_id == sitting.person_id,
            Answer.place == f"quiz:{sitting.assignment}",
            Answer.received_at >= sitting.started_at,
            Answer.received_at <= until,
        )
        .order_by(Answer.id)
    )
    given = {slots[key[0], key[1]]: key[2] for key in rows if (key[0], key[1]) in slots}
    return {slot: given[slot] for slot in sorted(given)}


def _questions(
    session: Session, items: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], Question]:
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.version, ItemVersion.body).where(
            tuple_(ItemVersion.item, ItemVersion.version).in_(list(set(items)))
        )
    )
    return {(item, version): Question.from_json(body) for item, version, body in rows}
