"""What a learner does with a quiz: start an attempt, answer, hand it in. The server's clock alone
says when time is over; what the page shows is `services.quiz_pages`' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain import sitting as clock
from lawlab.domain.blueprint import Blueprint
from lawlab.domain.sitting import counting_attempt, refusal
from lawlab.errors import Conflict, NotFound
from lawlab.services import jobs
from lawlab.services.memory import remember_sitting
from lawlab.services.own_papers import paper_for
from lawlab.services.quiz_grades import score_again
from lawlab.services.quiz_marks import auto_marks, sum_of
from lawlab.store.contests import items_in_contests
from lawlab.store.engine import writing
from lawlab.store.quizzes import (
    attempts_of,
    newest_responses,
    paper_of_sitting,
)
from lawlab.store.tables import Person, Quiz, Sitting

MOST_LEAVES = 9999


def start_sitting(
    session: Session, person_id: int, assignment: str, now: datetime, attempt: int | None = None
) -> None:
    """Start the clock for this person's next attempt; while one is open a repeat never moves it,
    and asking for an `attempt` that there has been changes nothing.

    Raises NotFound `no_quiz`; Conflict `quiz_closed` when the quiz takes nobody any more, or
    `not_expected`, `too_early`, `too_late`, `no_attempt_left`, `paper_too_few`.
    """
    writing(session)
    _lock(session, person_id)
    quiz = visible(session, assignment)
    attempts = attempts_of(session, assignment, person_id)
    begun = bool(attempts) and (
        attempts[-1].handed_in_at is None or len(attempts) >= (attempt or 0) > 0
    )
    if not begun:
        reason = why_not_start(quiz, attempts, person_id, now)
        if reason:
            raise Conflict(reason, START_REFUSALS[reason].format(quiz.title))
        blueprint = Blueprint.from_json(quiz.blueprint)
        number = len(attempts) + 1
        session.add(
            Sitting(
                assignment=assignment,
                person_id=person_id,
                attempt=number,
                paper=paper_for(session, quiz, blueprint, person_id, number),
                counts=not attempts,
                started_at=now,
                deadline=clock.deadline(now, quiz.minutes, clock.closing(blueprint)),
            )
        )
    session.commit()


def _has_begun(attempts: Sequence[Sitting], attempt: int | None) -> bool:
    under_way = bool(attempts) and attempts[-1].handed_in_at is None
    return under_way or (attempt is not None and attempt <= len(attempts))


def why_not_start(quiz: Quiz, attempts: Sequence[Sitting], person_id: int, now: datetime) -> str:
    """Why this person cannot begin an attempt now, as a key of START_REFUSALS; "" when he can, or
    is in the midst of one."""
    if attempts and attempts[-1].handed_in_at is None:
        return ""
    if quiz.state != "open":
        return "quiz_closed"
    return refusal(
        Blueprint.from_json(quiz.blueprint),
        attempts=len(attempts),
        may_take=quiz.expected is None or person_id in quiz.expected,
        now=now,
    )


START_REFUSALS = {
    "quiz_closed": "“{}”已经结束，不能再开始答题。",
    "not_expected": "“{}”是补考，只给上次没有合格或没有参加的人考，您不用参加。",
    "too_early": "“{}”还没有到开考的时间。",
    "too_late": "“{}”已经过了截止时间，不能再开始答题。",
    "no_attempt_left": "“{}”的答题次数已经用完。",
}


def quiz_open_for(
    session: Session,
    person_id: int,
    assignment: str,
    item: str,
    version: int,
    now: datetime,
    attempt: int | None = None,
) -> str:
    """The slot that an answer to this item fills, in the caller's transaction, which has locked the
    person.

    Raises NotFound `no_quiz`, `no_item`; Conflict `quiz_closed` before the start, after the
    deadline and after the hand-in of the `attempt` (None: of the latest).
    """
    quiz = visible(session, assignment)
    sitting = current_sitting(session, assignment, person_id, attempt)
    if sitting is None:
        raise Conflict("quiz_closed", f"“{quiz.title}”还没有开始答题，答案没有保存。")
    if sitting.handed_in_at is not None:
        raise Conflict("quiz_closed", f"“{quiz.title}”已经交卷，答案没有保存。")
    if not is_answering(quiz, sitting, now):
        raise Conflict("quiz_closed", f"“{quiz.title}”的答题时间已到，答案没有保存。")
    for slot in paper_of_sitting(quiz, sitting):
        if (slot["item"], slot["version"]) == (item, version):
            return str(slot["slot"])
    raise NotFound("no_item", f"这份试卷里没有编号为“{item}”第 {version} 版的题，请刷新页面。")


def items_being_answered(session: Session, person_id: int, now: datetime) -> set[str]:
    """Items on papers that this person is answering now, or that a contest asks which is under way.
    Many are check cards too, or stand on papers marked before, whose keys he must not look up
    meanwhile."""
    rows = session.execute(
        select(Quiz, Sitting)
        .join(Sitting, Sitting.assignment == Quiz.assignment)
        .where(Sitting.person_id == person_id, Sitting.handed_in_at.is_(None))
    )
    papers = {
        str(slot["item"])
        for quiz, sitting in rows
        if is_answering(quiz, sitting, now)
        for slot in paper_of_sitting(quiz, sitting)
    }
    return papers | items_in_contests(session, now)


def note_leaving(
    session: Session,
    person_id: int,
    assignment: str,
    times: int,
    now: datetime,
    attempt: int | None = None,
) -> None:
    """Note that the page was left `times` times in an attempt (None: the latest) under way. The
    count is the page's own: a repeat is harmless, and what got lost comes with the next one.

    Raises NotFound `no_quiz`.
    """
    writing(session)
    _lock(session, person_id)
    quiz = visible(session, assignment)
    sitting = current_sitting(session, assignment, person_id, attempt)
    if sitting is not None and is_answering(quiz, sitting, now):
        sitting.left_page = max(sitting.left_page, min(times, MOST_LEAVES))
    session.commit()


def hand_in(
    session: Session, person_id: int, assignment: str, now: datetime, attempt: int | None = None
) -> dict[str, Any]:
    """Freeze the answers received in time to an attempt (None: the latest) and queue the marking,
    in one transaction; returns the receipt. A repeat returns the same one.

    Raises NotFound `no_quiz`, Conflict `quiz_closed` when there is no such attempt.
    """
    writing(session)
    _lock(session, person_id)
    quiz = visible(session, assignment)
    sitting = current_sitting(session, assignment, person_id, attempt)
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
    """In the caller's transaction: fix the responses, the time and the receipt, decide which
    attempt counts, and queue the job if it is this one. False when that was done before."""
    _lock(session, sitting.person_id)
    session.refresh(sitting)
    if sitting.handed_in_at is not None:
        return False
    session.refresh(quiz, ["corrections"])  # a key may have been corrected while this waited
    at = clock.handed_in_time(sitting.deadline, now)
    paper = paper_of_sitting(quiz, sitting)
    # Whatever was acknowledged counts, also what another device sent a moment after this hand-in
    # and was stored before it.
    responses = newest_responses(session, sitting, paper, sitting.deadline)
    sitting.responses, sitting.handed_in_at = responses, at
    login = session.get_one(Person, sitting.person_id).login
    sitting.receipt = clock.receipt(quiz.assignment, login, at, responses)
    sitting.auto_points = sum_of(auto_marks(session, quiz, paper, responses))
    settle_attempts(session, quiz, sitting.person_id, now, fresh=sitting)
    session.flush()
    remember_sitting(session, quiz, sitting)
    return True


def settle_attempts(
    session: Session, quiz: Quiz, person_id: int, now: datetime, fresh: Sitting | None = None
) -> None:
    """In the caller's transaction: let the right one of a person's attempts count, and have it
    handed in to the gradebook when it did not count before or is `fresh`."""
    blueprint = Blueprint.from_json(quiz.blueprint)
    done = [
        one
        for one in attempts_of(session, quiz.assignment, person_id)
        if one.handed_in_at is not None
    ]
    best = counting_attempt(
        blueprint.counting,
        {one.attempt: _after_penalty(blueprint, one) for one in done},
    )
    for one in done:
        counted, one.counts = one.counts, one.attempt == best
        if one.counts and (one is fresh or not counted) and not blueprint.mock:
            jobs.ask(session, "hand_in", str(one.id), now)
            # The gradebook may say again what it said before: then nothing is brought back.
            score_again(session, quiz, one, now)


def _after_penalty(blueprint: Blueprint, sitting: Sitting) -> float:
    points, closes = sitting.auto_points or 0.0, blueprint.closes_at
    late = closes is not None and sitting.handed_in_at is not None and sitting.handed_in_at > closes
    return max(0.0, points - blueprint.late_points) if late else points


def visible(session: Session, assignment: str) -> Quiz:
    """A quiz that learners see. Raises NotFound `no_quiz`."""
    quiz = session.get(Quiz, assignment)
    if quiz is None or quiz.state == "built":
        raise NotFound("no_quiz", "没有这个测验，或者它还没有开放。")
    return quiz


def current_sitting(
    session: Session, assignment: str, person_id: int, attempt: int | None = None
) -> Sitting | None:
    """A person's attempt of this number, or the latest."""
    attempts = attempts_of(session, assignment, person_id)
    if attempt is not None:
        attempts = [one for one in attempts if one.attempt == attempt]
    return attempts[-1] if attempts else None


def is_answering(quiz: Quiz, sitting: Sitting, now: datetime) -> bool:
    """True while answers to this attempt count."""
    return quiz.state == "open" and clock.is_open(sitting.deadline, sitting.handed_in_at, now)


def _lock(session: Session, person_id: int) -> None:
    # Answers lock the same row, so that one of them is either frozen or refused, never lost.
    session.get(Person, person_id, with_for_update=True)
