"""What a learner sees of quizzes: the list, and one from its rules to its result. No key leaves
before the release, or in a mock exam before the hand-in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain import sitting as clock
from lawlab.domain.blueprint import Blueprint
from lawlab.services.quiz_grades import mock_result, passed, result_of
from lawlab.services.quizzes import (
    START_REFUSALS,
    is_answering,
    items_being_answered,
    visible,
    why_not_start,
)
from lawlab.store.quizzes import attempts_of, newest_responses, paper_of_sitting, paper_questions
from lawlab.store.tables import Grade, Quiz, Sitting


def quiz_list(session: Session, person_id: int, now: datetime) -> list[dict[str, Any]]:
    """Open and released quizzes that are for this person, with how far he is; the newest first."""
    attempts: dict[str, list[Sitting]] = defaultdict(list)
    rows = select(Sitting).where(Sitting.person_id == person_id).order_by(Sitting.attempt)
    for sitting in session.scalars(rows):
        attempts[sitting.assignment].append(sitting)
    grades = {
        grade.sitting_id: grade
        for grade in session.scalars(
            select(Grade).join(Sitting).where(Sitting.person_id == person_id)
        )
    }
    quizzes = session.scalars(
        select(Quiz)
        .where(Quiz.state.in_(("open", "released")))
        .order_by(Quiz.opened_at.desc(), Quiz.assignment)
    )
    return [
        _line(quiz, attempts[quiz.assignment], grades, person_id, now)
        for quiz in quizzes
        if quiz.expected is None or person_id in quiz.expected or attempts[quiz.assignment]
    ]


def quiz_state(session: Session, person_id: int, assignment: str, now: datetime) -> dict[str, Any]:
    """All that the quiz page shows this person. Questions come without keys while an attempt is
    open; the result with keys comes only after the release. Raises NotFound `no_quiz`."""
    quiz = visible(session, assignment)
    blueprint = Blueprint.from_json(quiz.blueprint)
    attempts = attempts_of(session, assignment, person_id)
    sitting = attempts[-1] if attempts else None
    answering = sitting is not None and is_answering(quiz, sitting, now)
    reason = why_not_start(quiz, attempts, person_id, now)
    result = None if answering else _result(session, quiz, blueprint, attempts, now)
    return {
        "assignment": quiz.assignment,
        "title": quiz.title,
        "minutes": quiz.minutes,
        "points": points_of(quiz),
        "pass_mark": quiz.pass_mark,
        "questions": len(quiz.paper),
        "state": quiz.state,
        "server_time": now.isoformat(),
        **_rules(blueprint),
        "attempts": [_attempt(quiz, blueprint, one) for one in attempts],
        "may_start": not reason and (sitting is None or sitting.handed_in_at is not None),
        "why_not": START_REFUSALS[reason].format(quiz.title) if reason else "",
        "why_not_code": reason,
        "sitting": _sitting_facts(sitting, now) if sitting else None,
        "slots": _slots(session, quiz, sitting, now) if sitting and answering else [],
        **(result or {"result": None}),
    }


def points_of(quiz: Quiz) -> float:
    """Full marks."""
    return float(sum(slot["points"] for slot in quiz.paper))


def _rules(blueprint: Blueprint) -> dict[str, Any]:
    end = clock.closing(blueprint)
    return {
        "opens_at": blueprint.opens_at and blueprint.opens_at.isoformat(),
        "closes_at": blueprint.closes_at and blueprint.closes_at.isoformat(),
        "late_until": end.isoformat() if end and blueprint.late_minutes else None,
        "late_points": blueprint.late_points,
        "most_attempts": blueprint.attempts,
        "counting": blueprint.counting.value,
        "mode": blueprint.mode.value,
        "show_score": blueprint.show_score,
        "mock": blueprint.mock,
        "makeup": bool(blueprint.makeup_of),
    }


def _attempt(quiz: Quiz, blueprint: Blueprint, sitting: Sitting) -> dict[str, Any]:
    handed_in_at = sitting.handed_in_at
    told = blueprint.mock or blueprint.show_score
    return {
        "attempt": sitting.attempt,
        "handed_in_at": handed_in_at.isoformat() if handed_in_at else None,
        "receipt": sitting.receipt,
        "counts": sitting.counts and handed_in_at is not None,
        "points": sitting.auto_points if told and handed_in_at else None,
        "left_page": sitting.left_page,
    }


def _result(
    session: Session,
    quiz: Quiz,
    blueprint: Blueprint,
    attempts: Sequence[Sitting],
    now: datetime,
) -> dict[str, Any] | None:
    """The result, unless a question of it stands on a paper that this person answers now."""
    done = [one for one in attempts if one.handed_in_at is not None]
    if not done or (quiz.state != "released" and not blueprint.mock):
        return None
    shown = done[-1] if blueprint.mock else next(one for one in done if one.counts)
    items = {slot["item"] for slot in paper_of_sitting(quiz, shown)}
    if items & items_being_answered(session, shown.person_id, now):
        return {"result": None, "held": True}
    if blueprint.mock:
        return {"result": mock_result(session, quiz, shown)}
    return {"result": result_of(session, quiz, shown)}


def _sitting_facts(sitting: Sitting, now: datetime) -> dict[str, Any]:
    handed_in_at = sitting.handed_in_at
    return {
        "started_at": sitting.started_at.isoformat(),
        "deadline": sitting.deadline.isoformat(),
        "seconds_left": 0 if handed_in_at else clock.seconds_left(sitting.deadline, now),
        "handed_in_at": handed_in_at.isoformat() if handed_in_at else None,
        "receipt": sitting.receipt,
    }


def _slots(session: Session, quiz: Quiz, sitting: Sitting, now: datetime) -> list[dict[str, Any]]:
    paper = paper_of_sitting(quiz, sitting)
    questions = paper_questions(session, paper)
    given = newest_responses(session, sitting, paper, now)
    return [
        {
            "slot": slot["slot"],
            "points": slot["points"],
            "question": questions[slot["slot"]].public(slot.get("options", ""))
            | {"version": slot["version"]},
            "response": given.get(slot["slot"]),
        }
        for slot in paper
    ]


def _line(
    quiz: Quiz,
    attempts: Sequence[Sitting],
    grades: dict[int, Grade],
    person_id: int,
    now: datetime,
) -> dict[str, Any]:
    sitting = attempts[-1] if attempts else None
    counted = next((one for one in attempts if one.counts), None)
    grade = grades.get(counted.id) if counted else None
    shown = grade if quiz.state == "released" else None
    blueprint = Blueprint.from_json(quiz.blueprint)
    return {
        "assignment": quiz.assignment,
        "title": quiz.title,
        "url": f"/services/learn/quiz/{quiz.assignment}",
        "state": quiz.state,
        "minutes": quiz.minutes,
        "questions": len(quiz.paper),
        "points": points_of(quiz),
        "my": _standing(quiz, sitting, shown, now),
        "deadline": sitting.deadline.isoformat() if sitting else None,
        "score": shown.score if shown else None,
        "max_score": shown.max_score if shown else None,
        "passed": passed(quiz, shown) if shown else None,
        "opens_at": blueprint.opens_at and blueprint.opens_at.isoformat(),
        "closes_at": blueprint.closes_at and blueprint.closes_at.isoformat(),
        "mock": blueprint.mock,
        "makeup": bool(blueprint.makeup_of),
        "why_not": why_not_start(quiz, attempts, person_id, now),
    }


def _standing(quiz: Quiz, sitting: Sitting | None, shown: Grade | None, now: datetime) -> str:
    if sitting is None:
        return "new"
    if is_answering(quiz, sitting, now):
        return "sitting"
    return "released" if shown else "handed_in"
