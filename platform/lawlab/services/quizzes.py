"""What a learner does with a quiz: see it, start it, answer, hand it in. No key leaves before the
release; the server's clock alone says when time is over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain import sitting as clock
from lawlab.errors import Conflict, NotFound
from lawlab.services import jobs
from lawlab.services.quiz_grades import passed, result_of
from lawlab.store.engine import writing
from lawlab.store.quizzes import newest_responses, paper_questions
from lawlab.store.tables import Grade, Person, Quiz, Sitting


def quiz_list(session: Session, person_id: int, now: datetime) -> list[dict[str, Any]]:
    """Open and released quizzes with how far this person is; the newest first."""
    rows = session.execute(
        select(Quiz, Sitting, Grade)
        .outerjoin(
            Sitting, (Sitting.assignment == Quiz.assignment) & (Sitting.person_id == person_id)
        )
        .outerjoin(Grade, Grade.sitting_id == Sitting.id)
        .where(Quiz.state.in_(("open", "released")))
        .order_by(Quiz.opened_at.desc(), Quiz.assignment)
    )
    return [_line(quiz, sitting, grade, now) for quiz, sitting, grade in rows]


def quiz_state(session: Session, person_id: int, assignment: str, now: datetime) -> dict[str, Any]:
    """All that the quiz page shows this person. Questions come without keys while the sitting is
    open; the result with keys comes only after the release. Raises NotFound `no_quiz`."""
    quiz = _visible(session, assignment)
    sitting = _sitting(session, assignment, person_id)
    answering = sitting is not None and _answering(quiz, sitting, now)
    return {
        "assignment": quiz.assignment,
        "title": quiz.title,
        "minutes": quiz.minutes,
        "points": _points(quiz),
        "pass_mark": quiz.pass_mark,
        "questions": len(quiz.paper),
        "state": quiz.state,
        "server_time": now.isoformat(),
        "sitting": _sitting_facts(sitting, now) if sitting else None,
        "slots": _slots(session, quiz, person_id, now) if answering else [],
        "result": result_of(session, quiz, sitting),
    }


def start_sitting(session: Session, person_id: int, assignment: str, now: datetime) -> None:
    """Start the clock for this person; a repeat never moves it.

    Raises NotFound `no_quiz`, Conflict `quiz_closed` when the quiz takes nobody any more.
    """
    writing(session)
    _lock(session, person_id)
    quiz = _visible(session, assignment)
    if _sitting(session, assignment, person_id) is None:
        if quiz.state != "open":
            raise Conflict("quiz_closed", f"“{quiz.title}”已经结束，不能再开始答题。")
        session.add(
            Sitting(
                assignment=assignment,
                person_id=person_id,
                started_at=now,
                deadline=clock.deadline(now, quiz.minutes),
            )
        )
    session.commit()


def quiz_open_for(
    session: Session, person_id: int, assignment: str, item: str, version: int, now: datetime
) -> str:
    """The slot that an answer to this item fills, in the caller's transaction, which has locked the
    person.

    Raises NotFound `no_quiz`, `no_item`; Conflict `quiz_closed` before the start, after the
    deadline and after the hand-in.
    """
    quiz = _visible(session, assignment)
    sitting = _sitting(session, assignment, person_id)
    if sitting is None:
        raise Conflict("quiz_closed", f"“{quiz.title}”还没有开始答题，答案没有保存。")
    if sitting.handed_in_at is not None:
        raise Conflict("quiz_closed", f"“{quiz.title}”已经交卷，答案没有保存。")
    if not _answering(quiz, sitting, now):
        raise Conflict("quiz_closed", f"“{quiz.title}”的答题时间已到，答案没有保存。")
    for slot in quiz.paper:
        if (slot["item"], slot["version"]) == (item, version):
            return str(slot["slot"])
    raise NotFound("no_item", f"这份试卷里没有编号为“{item}”第 {version} 版的题，请刷新页面。")


def items_being_answered(session: Session, person_id: int, now: datetime) -> set[str]:
    """Items on papers that this person is answering now. Many are check cards too, whose keys he
    must not look up meanwhile."""
    rows = session.execute(
        select(Quiz, Sitting)
        .join(Sitting, Sitting.assignment == Quiz.assignment)
        .where(Sitting.person_id == person_id, Sitting.handed_in_at.is_(None))
    )
    return {
        str(slot["item"])
        for quiz, sitting in rows
        if _answering(quiz, sitting, now)
        for slot in quiz.paper
    }


def hand_in(session: Session, person_id: int, assignment: str, now: datetime) -> dict[str, Any]:
    """Freeze the answers received in time and queue the marking, in one transaction; returns the
    receipt. A repeat returns the same one. Raises NotFound `no_quiz`, Conflict `quiz_closed` when
    nothing was started."""
    writing(session)
    _lock(session, person_id)
    quiz = _visible(session, assignment)
    sitting = _sitting(session, assignment, person_id)
    if sitting is None:
        raise Conflict("quiz_closed", f"“{quiz.title}”还没有开始答题，不能交卷。")
    freeze(session, quiz, sitting, now)
    session.commit()
    assert sitting.handed_in_at is not None
    return {"receipt": sitting.receipt, "handed_in_at": sitting.handed_in_at.isoformat()}


def close_due_sittings(session: Session, now: datetime) -> int:
    """Hand in for everybody whose time is over, browser open or not; returns how many."""
    # Only a read until there is something to do: this is asked every second.
    due = select(Sitting.id).where(
        Sitting.handed_in_at.is_(None), Sitting.deadline < now - clock.CLOSING_GRACE
    )
    waiting = session.scalars(due.order_by(Sitting.person_id)).all()
    session.rollback()
    if not waiting:
        return 0
    writing(session)
    closed = 0
    for sitting_id in waiting:
        sitting = session.get_one(Sitting, sitting_id)
        quiz = session.get_one(Quiz, sitting.assignment)
        closed += freeze(session, quiz, sitting, now)
    session.commit()
    return closed


def freeze(session: Session, quiz: Quiz, sitting: Sitting, now: datetime) -> bool:
    """In the caller's transaction: fix the responses, the time and the receipt, and queue the job.
    False when that was done before."""
    _lock(session, sitting.person_id)
    session.refresh(sitting)
    if sitting.handed_in_at is not None:
        return False
    at = clock.handed_in_time(sitting.deadline, now)
    responses = newest_responses(session, sitting.person_id, quiz.assignment, quiz.paper, at)
    sitting.responses, sitting.handed_in_at = responses, at
    login = session.get_one(Person, sitting.person_id).login
    sitting.receipt = clock.receipt(quiz.assignment, login, at, responses)
    jobs.ask(session, "hand_in", str(sitting.id), now)
    return True


def _visible(session: Session, assignment: str) -> Quiz:
    quiz = session.get(Quiz, assignment)
    if quiz is None or quiz.state == "built":
        raise NotFound("no_quiz", "没有这个测验，或者它还没有开放。")
    return quiz


def _sitting(session: Session, assignment: str, person_id: int) -> Sitting | None:
    return session.scalar(
        select(Sitting).where(Sitting.assignment == assignment, Sitting.person_id == person_id)
    )


def _lock(session: Session, person_id: int) -> None:
    # Answers lock the same row, so that one of them is either frozen or refused, never lost.
    session.get(Person, person_id, with_for_update=True)


def _answering(quiz: Quiz, sitting: Sitting, now: datetime) -> bool:
    return quiz.state == "open" and clock.is_open(sitting.deadline, sitting.handed_in_at, now)


def _points(quiz: Quiz) -> float:
    return float(sum(slot["points"] for slot in quiz.paper))


def _sitting_facts(sitting: Sitting, now: datetime) -> dict[str, Any]:
    handed_in_at = sitting.handed_in_at
    return {
        "started_at": sitting.started_at.isoformat(),
        "deadline": sitting.deadline.isoformat(),
        "seconds_left": 0 if handed_in_at else clock.seconds_left(sitting.deadline, now),
        "handed_in_at": handed_in_at.isoformat() if handed_in_at else None,
        "receipt": sitting.receipt,
    }


def _slots(session: Session, quiz: Quiz, person_id: int, now: datetime) -> list[dict[str, Any]]:
    questions = paper_questions(session, quiz.paper)
    given = newest_responses(session, person_id, quiz.assignment, quiz.paper, now)
    return [
        {
            "slot": slot["slot"],
            "points": slot["points"],
            "question": {**questions[slot["slot"]].public(), "version": slot["version"]},
            "response": given.get(slot["slot"]),
        }
        for slot in quiz.paper
    ]


def _line(
    quiz: Quiz, sitting: Sitting | None, grade: Grade | None, now: datetime
) -> dict[str, Any]:
    shown = grade if quiz.state == "released" else None
    return {
        "assignment": quiz.assignment,
        "title": quiz.title,
        "url": f"/services/learn/quiz/{quiz.assignment}",
        "state": quiz.state,
        "minutes": quiz.minutes,
        "questions": len(quiz.paper),
        "points": _points(quiz),
        "my": _standing(quiz, sitting, shown, now),
        "deadline": sitting.deadline.isoformat() if sitting else None,
        "score": shown.score if shown else None,
        "max_score": shown.max_score if shown else None,
        "passed": passed(quiz, shown) if shown else None,
    }


def _standing(quiz: Quiz, sitting: Sitting | None, shown: Grade | None, now: datetime) -> str:
    if sitting is None:
        return "new"
    if _answering(quiz, sitting, now):
        return "sitting"
    return "released" if shown else "handed_in"
