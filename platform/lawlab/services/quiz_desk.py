"""Quizzes as trainers watch them: all with their counts, and one with everybody who takes it.

Only reads; what trainers do with a quiz stands in `quiz_papers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from lawlab.services.quiz_grades import missing_marks, passed
from lawlab.services.quiz_papers import quiz_lines, to_grade
from lawlab.services.quiz_results import expected_people, grade_of
from lawlab.store.quizzes import find_quiz
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, Grade, Job, Person, Quiz, Sitting, Unit, UnitMembership

RULES: dict[str, Any] = {
    "mode": "fixed",
    "attempts": 1,
    "opens_at": None,
    "closes_at": None,
    "mock": False,
    "makeup_of": "",
}
"""What a trainer sees of a quiz's rules, and what holds for quizzes from before there were any."""

SITTING_JOBS = ("hand_in", "mark")
"""Kinds of jobs whose subject is a sitting."""


@dataclass(frozen=True)
class Taker:
    """One person of a quiz. `state`: `new`, `sitting`, `grading`, `failed` (the grading), `marking`
    (a trainer's mark is missing), `passed` or `not_passed`. `expected` is False for those who tried
    it and do not count: trainers, and people who were in no cohort on the day of the opening.

    Times, `answered`, `left_page` and `receipt` are those of the attempt under way, or else of the
    one that counts; `score` and `passed` always belong to the one that counts.
    """

    login: str
    name: str
    unit: str
    expected: bool
    state: str
    attempts: int = 0
    started_at: str | None = None
    deadline: str | None = None
    handed_in_at: str | None = None
    answered: int = 0
    left_page: int = 0
    receipt: str | None = None
    score: float | None = None
    passed: bool | None = None
    error: str | None = None


def desk_quizzes(session: Session) -> list[dict[str, Any]]:
    """All quizzes with their state and counts, the newest first."""
    quizzes = {quiz.assignment: quiz for quiz in session.scalars(select(Quiz))}
    broken = session.execute(
        select(Sitting.assignment, func.count(Sitting.id.distinct()))
        .join(Job, Job.subject == cast(Sitting.id, String))
        .where(Sitting.counts, Job.kind.in_(SITTING_JOBS), Job.state == "failed")
        .group_by(Sitting.assignment)
    )
    failed = {row[0]: row[1] for row in broken}
    opening = _opening(session)
    return [
        asdict(line)
        | _times(quizzes[line.assignment])
        | {"failed": failed.get(line.assignment, 0)}
        | opening.get(line.assignment, NOT_OPENING)
        for line in quiz_lines(session)
    ]


def desk_quiz(session: Session, assignment: str, now: datetime) -> dict[str, Any]:
    """One quiz: its facts, counts and people. Raises NotFound `no_quiz`."""
    quiz = find_quiz(session, assignment)
    takers = _takers(session, quiz, now)
    states = [taker.state for taker in takers]
    return {
        "assignment": quiz.assignment,
        "title": quiz.title,
        "state": quiz.state,
        "minutes": quiz.minutes,
        "pass_mark": quiz.pass_mark,
        "questions": len(quiz.paper),
        "points": float(sum(slot["points"] for slot in quiz.paper)),
        **_times(quiz),
        **_opening(session).get(assignment, NOT_OPENING),
        "rules": {name: quiz.blueprint.get(name, usual) for name, usual in RULES.items()},
        "counts": {
            "expected": sum(taker.expected for taker in takers),
            "new": states.count("new"),
            "sitting": states.count("sitting"),
            "handed_in": _handed_in(session, assignment),
            "ungraded": to_grade(session, quiz),
            "missing_marks": missing_marks(session, assignment),
            "failed": sum(taker.error is not None for taker in takers),
        },
        "people": [asdict(taker) for taker in takers],
        "server_time": now.isoformat(),
    }


def waiting_quizzes(session: Session) -> list[dict[str, Any]]:
    """Quizzes for which a trainer should do something now: `mark` written answers, look why grading
    `failed`, or `release` what is graded. Those in which somebody answers still, or that are out,
    wait for marks and repairs only."""
    return [
        {"assignment": line["assignment"], "title": line["title"]}
        | {
            "marks": line["missing_marks"],
            "failed": line["failed"],
            "ready": line["state"] == "open"
            and line["handed_in"] > 0
            and not any(line[name] for name in ("sitting", "ungraded", "missing_marks", "failed")),
        }
        for line in desk_quizzes(session)
    ]


NOT_OPENING: dict[str, Any] = {"opening": False, "open_error": None}


def _opening(session: Session) -> dict[str, dict[str, Any]]:
    """Assignment → whether the grader is opening it, or why it could not."""
    jobs = session.execute(
        select(Job.subject, Job.state, Job.error).where(Job.kind == "open", Job.state != "done")
    )
    return {
        subject: {"opening": state != "failed", "open_error": error if state == "failed" else None}
        for subject, state, error in jobs
    }


def _times(quiz: Quiz) -> dict[str, str | None]:
    return {
        name: at.isoformat() if (at := getattr(quiz, name)) else None
        for name in ("built_at", "opened_at", "released_at")
    }


def _handed_in(session: Session, assignment: str) -> int:
    return session.scalars(
        select(func.count(Sitting.id)).where(
            Sitting.assignment == assignment,
            Sitting.counts,
            Sitting.handed_in_at.is_not(None),
        )
    ).one()


def _takers(session: Session, quiz: Quiz, now: datetime) -> list[Taker]:
    """Everybody who was expected or came: by unit, then by sign-in name."""
    expected = expected_people(session, quiz) if quiz.opened_at else ()
    names = {person.login: (person.name, person.unit or "") for person in expected}
    attempts: dict[str, list[tuple[Sitting, Grade | None]]] = {}
    rows = session.execute(
        select(Sitting, Grade, Person.login, Person.full_name)
        .join(Person, Person.id == Sitting.person_id)
        .outerjoin(Grade, Grade.sitting_id == Sitting.id)
        .where(Sitting.assignment == quiz.assignment)
        .order_by(Sitting.attempt)
    ).all()
    units = _units(session, quiz, now)
    guests: dict[str, tuple[str, str]] = {}
    for sitting, grade, login, name in rows:
        known = grade_of(quiz, sitting, grade) if sitting.handed_in_at else None
        attempts.setdefault(login, []).append((sitting, known))
        if login not in names:
            guests[login] = (name, units.get(sitting.person_id, ""))
    answered, errors = _answered(session, quiz), _errors(session, quiz)
    takers = [
        _taker(quiz, (login, *facts, login in names), attempts.get(login, []), answered, errors)
        for login, facts in {**names, **guests}.items()
    ]
    return sorted(takers, key=lambda one: (not one.expected, not one.unit, one.unit, one.login))


def _taker(
    quiz: Quiz,
    who: tuple[str, str, str, bool],
    attempts: list[tuple[Sitting, Grade | None]],
    answered: Mapping[int, int],
    errors: Mapping[int, str],
) -> Taker:
    if not attempts:
        return Taker(*who, state="new")
    counting = [one for one in attempts if one[0].counts and one[0].handed_in_at]
    under_way = [one for one in attempts if one[0].handed_in_at is None]
    sitting, grade = (under_way or counting or attempts)[-1]
    result = counting[-1][1] if counting else None
    error = next((errors[one.id] for one, _ in attempts if one.id in errors), None)
    return Taker(
        *who,
        state=_state(quiz, sitting, grade, error),
        attempts=len(attempts),
        started_at=sitting.started_at.isoformat(),
        deadline=sitting.deadline.isoformat(),
        handed_in_at=sitting.handed_in_at.isoformat() if sitting.handed_in_at else None,
        answered=answered.get(sitting.id, 0)
        if sitting.handed_in_at is None
        else len(sitting.responses or {}),
        left_page=sitting.left_page,
        receipt=sitting.receipt,
        score=result.score if result else None,
        passed=passed(quiz, result) if result else None,
        error=error,
    )


def _state(quiz: Quiz, sitting: Sitting, grade: Grade | None, error: str | None) -> str:
    if sitting.handed_in_at is None:
        return "sitting"
    if error is not None:
        return "failed"
    if grade is None:
        return "grading"
    return {None: "marking", True: "passed", False: "not_passed"}[passed(quiz, grade)]


def _answered(session: Session, quiz: Quiz) -> dict[int, int]:
    """Sitting under way → how many of its questions have an answer by now."""
    rows = session.execute(
        select(Sitting.id, func.count(Answer.item_version_id.distinct()))
        .join(Answer, Answer.person_id == Sitting.person_id)
        .where(
            Sitting.assignment == quiz.assignment,
            Sitting.handed_in_at.is_(None),
            Answer.place == f"quiz:{quiz.assignment}",
            Answer.received_at >= Sitting.started_at,
        )
        .group_by(Sitting.id)
    )
    return {row[0]: row[1] for row in rows}


def _errors(session: Session, quiz: Quiz) -> dict[int, str]:
    """Sitting → why its grading was given up."""
    rows = session.execute(
        select(Sitting.id, Job.error)
        .join(Job, Job.subject == cast(Sitting.id, String))
        .where(
            Sitting.assignment == quiz.assignment,
            Sitting.counts,
            Job.kind.in_(SITTING_JOBS),
            Job.state == "failed",
        )
    )
    return {sitting: error or "没有写明原因。" for sitting, error in rows}


def _units(session: Session, quiz: Quiz, now: datetime) -> dict[int, str]:
    """Person → unit on the day of the opening, of those who came."""
    day = china_day(quiz.opened_at or now)
    rows = session.execute(
        select(UnitMembership.person_id, Unit.name)
        .join(Unit, Unit.id == UnitMembership.unit_id)
        .where(
            UnitMembership.person_id.in_(
                select(Sitting.person_id).where(Sitting.assignment == quiz.assignment)
            ),
            UnitMembership.since <= day,
            (UnitMembership.until.is_(None)) | (UnitMembership.until > day),
        )
        .order_by(UnitMembership.id)
    )
    return {row[0]: row[1] for row in rows}
