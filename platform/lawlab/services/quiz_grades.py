"""Bringing nbgrader's marks back into the platform, and what a learner sees of them later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.blueprint import FULL_MARKS
from lawlab.domain.points import quiz_points
from lawlab.services import jobs
from lawlab.services.confirmations import confirmed_day
from lawlab.services.jobs import Claim
from lawlab.services.quiz_marks import auto_marks
from lawlab.store.engine import writing
from lawlab.store.quizzes import paper_of_sitting, paper_questions
from lawlab.store.tables import Grade, Job, Person, Quiz, Score, Sitting


@dataclass(frozen=True)
class Reading:
    """One submission as the gradebook has it. `slots`: slot → points (None: a person's mark is
    missing), max_points, comment. `late_penalty` is taken off `score` already."""

    assignment: str
    login: str
    score: float
    max_score: float
    slots: dict[str, dict[str, Any]]
    late_penalty: float = 0.0

    @property
    def needs_manual(self) -> bool:
        return any(slot["points"] is None for slot in self.slots.values())


def bring_back(
    session: Session,
    readings: Iterable[Reading],
    now: datetime,
    done: Iterable[Claim] = (),
    outdated: Callable[[Session], Iterable[Claim]] = lambda _session: (),
    *,
    anew: bool = False,
) -> int:
    """Store what the gradebook says where it differs and, after the release, the points, in one
    transaction; returns how many sittings changed.

    Submissions that are not ours are left alone, and those whose grading is under way too, except
    those that the jobs in `done` have just graded; these are finished in the same transaction,
    except those that `outdated` names in it: they run again. Points are earned now, or, `anew`, on
    the day on which the marks came out.
    """
    writing(session)
    for claim in sorted(done, key=lambda one: one.id):
        jobs.note_done(session, claim, now)
    for claim in outdated(session):
        jobs.put_back(session, claim)
    sittings = _settled_sittings(session)
    grades = {grade.sitting_id: grade for grade in session.scalars(select(Grade))}
    changed = 0
    for reading in readings:
        sitting = sittings.get((reading.assignment, reading.login))
        if sitting is not None:
            grade = grades.get(sitting.id)
            at = _out_at(session, sitting, now) if anew and grade is None else now
            changed += _store(session, sitting, grade, reading, now, at)
    session.commit()
    return changed


def _settled_sittings(session: Session) -> dict[tuple[str, str], Sitting]:
    """(assignment, sign-in name) → the counting sitting, where its marks in the gradebook are
    whole."""
    rows = session.execute(
        select(Sitting, Person.login)
        .join(Person, Person.id == Sitting.person_id)
        .outerjoin(Job, (Job.kind == "hand_in") & (Job.subject == cast(Sitting.id, String)))
        .where(
            Sitting.handed_in_at.is_not(None),
            Sitting.counts.is_(True),
            or_(Job.id.is_(None), Job.state == "done"),
        )
    )
    return {(sitting.assignment, login): sitting for sitting, login in rows}


def _store(
    session: Session,
    sitting: Sitting,
    grade: Grade | None,
    reading: Reading,
    now: datetime,
    earned_at: datetime,
) -> bool:
    facts = {
        "score": reading.score,
        "max_score": reading.max_score,
        "needs_manual": reading.needs_manual,
        "slots": reading.slots,
        "late_penalty": reading.late_penalty,
    }
    if grade is None:
        grade = Grade(sitting_id=sitting.id, read_at=now, **facts)
        session.add(grade)
    elif any(getattr(grade, name) != value for name, value in facts.items()):
        for name, value in facts.items():
            setattr(grade, name, value)
        grade.read_at = now
    else:
        return False
    if session.get_one(Quiz, sitting.assignment).state == "released":
        _score(session, sitting, grade, earned_at)
    return True


def _out_at(session: Session, sitting: Sitting, now: datetime) -> datetime:
    """When somebody knew his marks first: from the release, or from his handing in after it."""
    quiz = session.get_one(Quiz, sitting.assignment)
    known = [at for at in (quiz.released_at, sitting.handed_in_at) if at is not None]
    return max(known, default=now)


def score_released(session: Session, assignment: str, now: datetime) -> None:
    """Put a quiz's grades on the boards: part of its release, because a board is for all to see."""
    rows = session.execute(
        select(Sitting, Grade)
        .join(Grade, Grade.sitting_id == Sitting.id)
        .where(Sitting.assignment == assignment, Sitting.counts.is_(True))
    )
    for sitting, grade in rows.all():
        _score(session, sitting, grade, now)


def scores_of(session: Session, assignment: str) -> dict[str, list[float]]:
    """Number of a sitting that counts → what it earned and could have, as it is released."""
    rows = session.execute(
        select(Grade.sitting_id, Grade.score, Grade.max_score)
        .join(Sitting, Sitting.id == Grade.sitting_id)
        .where(Sitting.assignment == assignment, Sitting.counts.is_(True))
        .order_by(Grade.sitting_id)
    )
    return {str(sitting): [score, most] for sitting, score, most in rows}


def score_again(session: Session, quiz: Quiz, sitting: Sitting, now: datetime) -> None:
    """Put an attempt on the boards that counts again, where its grade is known and out."""
    grade = session.get(Grade, sitting.id) if quiz.state == "released" else None
    if grade is not None:
        _score(session, sitting, grade, now)


def recompute_quiz_scores(session: Session, now: datetime) -> None:
    """In the caller's transaction: make the points of all released quizzes anew from grades; those
    that were wrong are earned on the day on which they came out."""
    rows = session.execute(
        select(Sitting, Grade)
        .join(Grade, Grade.sitting_id == Sitting.id)
        .join(Quiz, Quiz.assignment == Sitting.assignment)
        .where(Quiz.state == "released", Sitting.counts.is_(True))
    )
    wanted = {
        (sitting.person_id, f"quiz:{sitting.assignment}"): (sitting, grade)
        for sitting, grade in rows
    }
    known = {
        (score.person_id, score.source): score
        for score in session.scalars(select(Score).where(Score.source.startswith("quiz:")))
    }
    for key in known.keys() - wanted.keys():
        session.delete(known[key])
    for key, (sitting, grade) in wanted.items():
        score = known.get(key)
        points = quiz_points(grade.score, grade.max_score)
        answered = len(sitting.responses or {})
        if score is None or (score.points, score.answered, score.completed) != (
            points,
            answered,
            True,
        ):
            _score(session, sitting, grade, _out_at(session, sitting, now))
    session.flush()


def _score(session: Session, sitting: Sitting, grade: Grade, now: datetime) -> None:
    source = f"quiz:{sitting.assignment}"
    score = session.get(Score, (sitting.person_id, source))
    if score is None:
        score = Score(person_id=sitting.person_id, source=source, phase="learn")
        session.add(score)
    score.points = quiz_points(grade.score, grade.max_score)
    score.answered, score.completed = len(sitting.responses or {}), True
    score.changed_at = now


def ungraded(session: Session, assignment: str) -> int:
    """How many counting sittings were handed in and have no grade yet."""
    return session.scalars(
        select(func.count(Sitting.id))
        .outerjoin(Grade, Grade.sitting_id == Sitting.id)
        .where(
            Sitting.assignment == assignment,
            Sitting.handed_in_at.is_not(None),
            Sitting.counts.is_(True),
            Grade.sitting_id.is_(None),
        )
    ).one()


def missing_marks(session: Session, assignment: str) -> int:
    """How many graded sittings wait for a person's mark."""
    return session.scalars(
        select(func.count(Sitting.id))
        .join(Grade, Grade.sitting_id == Sitting.id)
        .where(
            Sitting.assignment == assignment,
            Sitting.counts.is_(True),
            Grade.needs_manual.is_(True),
        )
    ).one()


def passed(quiz: Quiz, grade: Grade) -> bool | None:
    """Whether the pass mark is reached; None while a person's mark is missing."""
    if grade.needs_manual:
        return None
    # Partial credit is a sum of thirds: a hair below the pass mark is the pass mark.
    return grade.score * FULL_MARKS >= quiz.pass_mark * grade.max_score - 1e-6


def result_of(session: Session, quiz: Quiz, sitting: Sitting | None) -> dict[str, Any] | None:
    """Marks, right answers and reasons of one sitting; None before the release or without marks."""
    if quiz.state != "released" or sitting is None:
        return None
    grade = session.get(Grade, sitting.id)
    if grade is None:
        return None
    return {
        "score": grade.score,
        "max_score": grade.max_score,
        "passed": passed(quiz, grade),
        "needs_manual": grade.needs_manual,
        "late_penalty": grade.late_penalty,
        "slots": _result_slots(session, quiz, sitting, grade.slots),
    }


def mock_result(session: Session, quiz: Quiz, sitting: Sitting) -> dict[str, Any]:
    """The same of an attempt at a mock exam, which no gradebook knows: what a person would have to
    mark has no points, and the rest is out of what it can earn."""
    paper = paper_of_sitting(quiz, sitting)
    marks = auto_marks(session, quiz, paper, sitting.responses or {})
    questions = paper_questions(session, paper)
    judged = [slot for slot in paper if not questions[slot["slot"]].manual]
    full = sum(slot["points"] for slot in judged)
    score = sum(marks[slot["slot"]] or 0.0 for slot in judged)
    given = {slot["slot"]: {"points": marks[slot["slot"]]} for slot in judged}
    return {
        "score": score,
        "max_score": full,
        "passed": score * FULL_MARKS >= quiz.pass_mark * full - 1e-6,
        "needs_manual": False,
        "late_penalty": 0.0,
        "slots": _result_slots(session, quiz, sitting, given),
    }


def _result_slots(
    session: Session, quiz: Quiz, sitting: Sitting, given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    paper = paper_of_sitting(quiz, sitting)
    questions = paper_questions(session, paper, quiz.corrections)
    responses: Mapping[str, Any] = sitting.responses or {}
    slots = []
    for slot in paper:
        name, question = slot["slot"], questions[slot["slot"]]
        mark = given.get(name, {})
        shown = question.public(slot.get("options", "")) | {"version": slot["version"]}
        slots.append(
            {
                "slot": name,
                "points": mark.get("points"),
                "max_points": slot["points"],
                "comment": mark.get("comment"),
                "question": shown,
                "response": responses.get(name),
                "revealed": question.revealed() | {"confirmed": confirmed_day(session, question)},
                "corrected": quiz.corrections.get(slot["item"]),
            }
        )
    return slots
