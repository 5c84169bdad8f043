"""Queries for daily practice: the plan, what falls due, and everything that tells what somebody
remembers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.drill import Plan
from lawlab.domain.question import Question
from lawlab.store.tables import Answer, DrillPlan, ItemVersion, Mark, Memory, Quiz, Sitting

REVEALING = ("lesson:", "drill:")
"""Places whose answers are marked and explained at once, as their places begin."""
TOLD = (*REVEALING, "contest:")
"""The same, and contests: their answers are marked when they are settled."""


@dataclass(frozen=True)
class MarkedAnswer:
    """One answer that was marked when it came."""

    id: int
    place: str
    at: dt.datetime
    item: str
    version_id: int
    right: bool


def newest_plan(session: Session) -> DrillPlan | None:
    """What the town decided last; None before it decided anything."""
    return session.scalars(select(DrillPlan).order_by(DrillPlan.id.desc()).limit(1)).first()


def drill_plan(session: Session) -> Plan:
    """The rules by which questions fall due now."""
    row = newest_plan(session)
    if row is None:
        return Plan()
    return Plan(contest=row.contest, holidays=frozenset(holiday_names(row)))


def holiday_names(row: DrillPlan | None) -> dict[dt.date, str]:
    """Every holiday of the plan with its name."""
    named: dict[dt.date, str] = {}
    for one in row.holidays if row else ():
        first, last = dt.date.fromisoformat(one["from"]), dt.date.fromisoformat(one["to"])
        for ahead in range((last - first).days + 1):
            named[first + dt.timedelta(days=ahead)] = str(one["name"])
    return named


def due_counts(session: Session, person_id: int) -> Counter[dt.date]:
    """How many questions fall due for somebody on each day."""
    query = (
        select(Memory.due, func.count()).where(Memory.person_id == person_id).group_by(Memory.due)
    )
    return Counter(dict(iter(session.execute(query))))


def marked_answers(session: Session, person_id: int) -> Iterator[MarkedAnswer]:
    """Everything that one person answered and learned the key of at once, in the order stored, each
    with its first mark. Written answers, which a person has to judge, are not among them."""
    first = (
        select(Mark.answer_id, func.min(Mark.id).label("id")).group_by(Mark.answer_id).subquery()
    )
    rows = session.execute(
        select(Answer, ItemVersion.item, ItemVersion.type, Mark.points, Mark.max_points)
        .join(ItemVersion, ItemVersion.id == Answer.item_version_id)
        .join(first, first.c.answer_id == Answer.id)
        .join(Mark, Mark.id == first.c.id)
        .where(Answer.person_id == person_id)
        .order_by(Answer.id)
    )
    for answer, item, kind, points, most in rows:
        if answer.place.startswith(TOLD) and kind not in ("case", "short"):
            yield MarkedAnswer(
                answer.id,
                answer.place,
                answer.received_at,
                item,
                answer.item_version_id,
                points >= most,
            )


def told_sittings(session: Session, person_id: int) -> list[tuple[Quiz, Sitting, dt.datetime]]:
    """The attempts at quizzes whose keys a person knows, each with the time since when: the release
    of the quiz, or the hand-in when that came later; of a mock exam the hand-in."""
    rows = session.execute(
        select(Quiz, Sitting)
        .join(Sitting, Sitting.assignment == Quiz.assignment)
        .where(Sitting.person_id == person_id, Sitting.handed_in_at.is_not(None))
        .order_by(Sitting.id)
    )
    told: list[tuple[Quiz, Sitting, dt.datetime]] = []
    for quiz, sitting in rows:
        at = told_at(quiz, sitting)
        if at is not None:
            told.append((quiz, sitting, at))
    return told


def quiz_since(session: Session, person_id: int, at: dt.datetime, but: str = "") -> bool:
    """Whether a quiz other than `but` was handed in by somebody, or released to him, at this time
    or later: then its keys may have been told since."""
    query = (
        select(Sitting.id)
        .join(Quiz, Quiz.assignment == Sitting.assignment)
        .where(Sitting.person_id == person_id, Sitting.assignment != but)
        .where(Sitting.handed_in_at.is_not(None))
        .where(or_(Sitting.handed_in_at >= at, Quiz.released_at >= at))
    )
    return session.scalar(query.limit(1)) is not None


def told_at(quiz: Quiz, sitting: Sitting) -> dt.datetime | None:
    """Since when a person knows the keys of what he handed in; None: not yet."""
    if quiz.blueprint.get("mock"):
        return sitting.handed_in_at
    if quiz.released_at is None or sitting.handed_in_at is None:
        return None
    return max(quiz.released_at, sitting.handed_in_at)


def version_lengths(session: Session, ids: set[int]) -> dict[int, int]:
    """Id of a version → how many characters one reads before answering."""
    rows = session.execute(select(ItemVersion.id, ItemVersion.body).where(ItemVersion.id.in_(ids)))
    return {row: characters(Question.from_json(body)) for row, body in rows}


def characters(question: Question) -> int:
    """How many characters one reads of a question before answering."""
    return len(question.stem) + sum(map(len, question.options.values()))


def memories_of(
    session: Session, person_id: int, items: Collection[str] | None = None
) -> dict[str, Memory]:
    """Item → what one person remembers of it; of these `items`, or of everything."""
    query = select(Memory).where(Memory.person_id == person_id)
    if items is not None:
        query = query.where(Memory.item.in_(items))
    return {row.item: row for row in session.scalars(query)}


FACTS = tuple(
    column.name for column in Memory.__table__.columns if column.name not in ("person_id", "item")
)
"""Everything that a memory says, besides whose and of what it is."""


def facts_of(row: Memory) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FACTS}
