"""The written answers of a quiz as trainers mark them: without names, in an order that tells
nothing, with the newest mark and what the gradebook says of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from lawlab.domain.manual_marking import code, place, rubric_of
from lawlab.domain.question import TYPE_NAMES, Question
from lawlab.store.items import full_names
from lawlab.store.quizzes import item_questions, paper_of_sitting
from lawlab.store.tables import Grade, Job, ManualMark, Quiz, Sitting

WAITING, MARKED, BLANK = "waiting", "marked", "blank"


@dataclass(frozen=True)
class Written:
    """One answer. `most`: what the question counts on this paper; `text` is empty when nothing was
    written; `graded`: points in the gradebook, None while it waits for a mark or knows nothing;
    `busy`: the grader has still to write or read this sitting."""

    sitting: int
    slot: str
    code: str
    question: Question
    most: float
    text: str
    mark: ManualMark | None
    graded: float | None
    busy: bool

    @property
    def state(self) -> str:
        if not self.text:
            return BLANK
        known = self.mark is not None or self.graded is not None
        return MARKED if known else WAITING

    @property
    def elsewhere(self) -> float | None:
        """What somebody gave in formgrader, where that is not what was given here."""
        if self.busy or self.graded is None or not self.text:
            return None
        here = self.mark and self.mark.points
        return None if here == self.graded else self.graded


def is_mock(quiz: Quiz) -> bool:
    """True for a quiz that no gradebook knows, so that nobody marks it."""
    return bool(quiz.blueprint.get("mock"))


def written_answers(
    session: Session, quiz: Quiz, item: str | None = None, sitting: int | None = None
) -> list[Written]:
    """The answers of counting, handed-in sittings to written questions: all, to one item, or of
    one sitting. A question that turned out faulty (送分) is nobody's to mark."""
    if is_mock(quiz):
        return []
    wanted = [Sitting.assignment == quiz.assignment, Sitting.counts.is_(True)]
    wanted.append(Sitting.handed_in_at.is_not(None))
    if sitting is not None:
        wanted.append(Sitting.id == sitting)
    sittings = session.scalars(select(Sitting).where(*wanted)).all()
    slots = [
        (one, slot, _version(quiz, slot))
        for one in sittings
        for slot in paper_of_sitting(quiz, one)
        if item is None or slot["item"] == item
    ]
    questions = item_questions(session, {(slot["item"], version) for _, slot, version in slots})
    marks = session.scalars(
        select(ManualMark).join(Sitting).where(*wanted).order_by(ManualMark.revision)
    )
    newest = {(mark.sitting_id, mark.slot): mark for mark in marks}
    grades = session.execute(select(Grade.sitting_id, Grade.slots).join(Sitting).where(*wanted))
    graded: dict[int, dict[str, Any]] = dict(list(grades))
    busy = set(
        session.scalars(
            select(Sitting.id)
            .join(Job, Job.subject == cast(Sitting.id, String))
            .where(*wanted, Job.kind.in_(("hand_in", "mark")), Job.state != "done")
        )
    )
    found = [
        Written(
            one.id,
            slot["slot"],
            code(quiz.assignment, slot["item"], one.id),
            questions[slot["item"], version],
            slot["points"],
            _text(one, slot["slot"]),
            newest.get((one.id, slot["slot"])),
            graded.get(one.id, {}).get(slot["slot"], {}).get("points"),
            one.id in busy,
        )
        for one, slot, version in slots
        if questions[slot["item"], version].manual and not _given(quiz, slot)
    ]
    return sorted(found, key=lambda one: place(quiz.assignment, one.question.id, one.sitting))


def find_sitting(session: Session, quiz: Quiz, item: str, wanted: str) -> int | None:
    """The sitting whose answer to an item has this code."""
    ids = session.scalars(
        select(Sitting.id).where(
            Sitting.assignment == quiz.assignment,
            Sitting.handed_in_at.is_not(None),
            Sitting.counts.is_(True),
        )
    )
    return next((one for one in ids if code(quiz.assignment, item, one) == wanted), None)


def shown(session: Session, one: Written, among: list[Written]) -> dict[str, Any]:
    """An answer with its question, as the marking page shows it. Nothing of it says whose it is."""
    question = one.question
    return {
        "code": one.code,
        "number": [each.code for each in among].index(one.code) + 1,
        "state": one.state,
        "text": one.text,
        "points": one.most,
        "question": {
            "item": question.id,
            "type_name": TYPE_NAMES[question.type],
            "stem": question.stem,
            "answer": question.answer,
            "explanation": question.explanation,
            "articles": list(question.articles),
            "unconfirmed": question.unconfirmed,
            "rubric": [
                {"text": point.text, "points": point.points}
                for point in rubric_of(question, one.most)
            ],
        },
        **mark_facts(session, one),
    }


def mark_facts(session: Session, one: Written) -> dict[str, Any]:
    """The newest mark of an answer: `revision` is 0 while there is none."""
    mark = one.mark
    facts: dict[str, Any] = {"revision": 0, "mark": None, "elsewhere": one.elsewhere}
    if mark is not None:
        facts["revision"] = mark.revision
        facts["mark"] = {
            "rubric": list(mark.rubric),
            "points": mark.points,
            "comment": mark.comment,
            "by": full_names(session, [mark.marker]).get(mark.marker, mark.marker),
            "at": mark.marked_at.isoformat(),
        }
    return facts


def _version(quiz: Quiz, slot: dict[str, Any]) -> int:
    version: int = quiz.corrections.get(slot["item"], {}).get("version", slot["version"])
    return version


def _given(quiz: Quiz, slot: dict[str, Any]) -> bool:
    return bool(quiz.corrections.get(slot["item"], {}).get("full"))


def _text(sitting: Sitting, slot: str) -> str:
    response = (sitting.responses or {}).get(slot) or {}
    text = response.get("text")
    return text if isinstance(text, str) else ""
