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
from lawlab.domain.blueprint import Blueprint, Candidate, Mode
from lawlab.domain.paper import TooFew, draw_own, shuffled
from lawlab.domain.sitting import counting_attempt, refusal
from lawlab.errors import Conflict, NotFound
from lawlab.services import jobs
from lawlab.services.quiz_marks import auto_marks, sum_of
from lawlab.store.content import out_of_use
from lawlab.store.engine import writing
from lawlab.store.quizzes import (
    attempts_of,
    item_questions,
    newest_responses,
    paper_of_sitting,
    paper_questions,
)
from lawlab.store.tables import Person, Quiz, Sitting

MOST_LEAVES = 9999


def start_sitting(session: Session, person_id: int, assignment: str, now: datetime) -> None:
    """Start the clock for this person's next attempt; while one is open a repeat never moves it.

    Raises NotFound `no_quiz`; Conflict `quiz_closed` when the quiz takes nobody any more, or
    `not_expected`, `too_early`, `too_late`, `no_attempt_left`, `paper_too_few`.
    """
    writing(session)
    _lock(session, person_id)
    quiz = visible(session, assignment)
    attempts = attempts_of(session, assignment, person_id)
    if not attempts or attempts[-1].handed_in_at is not None:
        reason = why_not_start(quiz, attempts, person_id, now)
        if reason:
            raise Conflict(reason, START_REFUSALS[reason].format(quiz.title))
        blueprint = Blueprint.from_json(quiz.blueprint)
        attempt = len(attempts) + 1
        session.add(
            Sitting(
                assignment=assignment,
                person_id=person_id,
                attempt=attempt,
                paper=_own_paper(session, quiz, blueprint, person_id, attempt),
                counts=not attempts,
                started_at=now,
                deadline=clock.deadline(now, quiz.minutes, clock.closing(blueprint)),
            )
        )
    session.commit()


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
    "not_expected": "“{}”是补考，只给上次没有及格或没有参加的人考，您不用参加。",
    "too_early": "“{}”还没有到开考的时间。",
    "too_late": "“{}”已经过了截止时间，不能再开始答题。",
    "no_attempt_left": "“{}”的答题次数已经用完。",
}


def quiz_open_for(
    session: Session, person_id: int, assignment: str, item: str, version: int, now: datetime
) -> str:
    """The slot that an answer to this item fills, in the caller's transaction, which has locked the
    person.

    Raises NotFound `no_quiz`, `no_item`; Conflict `quiz_closed` before the start, after the
    deadline and after the hand-in.
    """
    quiz = visible(session, assignment)
    sitting = current_sitting(session, assignment, person_id)
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
    """Items on papers that this person is answering now. Many are check cards too, or stand on
    papers marked before, whose keys he must not look up meanwhile."""
    rows = session.execute(
        select(Quiz, Sitting)
        .join(Sitting, Sitting.assignment == Quiz.assignment)
        .where(Sitting.person_id == person_id, Sitting.handed_in_at.is_(None))
    )
    return {
        str(slot["item"])
        for quiz, sitting in rows
        if is_answering(quiz, sitting, now)
        for slot in paper_of_sitting(quiz, sitting)
    }


def note_leaving(
    session: Session, person_id: int, assignment: str, times: int, now: datetime
) -> None:
    """Note that the page was left `times` times in the attempt under way. The count of the page
    itself: a repeat is harmless, and what the network swallowed comes with the next one.

    Raises NotFound `no_quiz`.
    """
    writing(session)
    _lock(session, person_id)
    quiz = visible(session, assignment)
    sitting = current_sitting(session, assignment, person_id)
    if sitting is not None and is_answering(quiz, sitting, now):
        sitting.left_page = max(sitting.left_page, min(times, MOST_LEAVES))
    session.commit()


def hand_in(session: Session, person_id: int, assignment: str, now: datetime) -> dict[str, Any]:
    """Freeze the answers received in time and queue the marking, in one transaction; returns the
    receipt. A repeat returns the same one. Raises NotFound `no_quiz`, Conflict `quiz_closed` when
    nothing was started."""
    writing(session)
    _lock(session, person_id)
    quiz = visible(session, assignment)
    sitting = current_sitting(session, assignment, person_id)
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
    responses = newest_responses(session, sitting, paper, at)
    sitting.responses, sitting.handed_in_at = responses, at
    login = session.get_one(Person, sitting.person_id).login
    sitting.receipt = clock.receipt(quiz.assignment, login, at, responses)
    sitting.auto_points = sum_of(auto_marks(session, quiz, paper, responses))
    settle_attempts(session, quiz, sitting.person_id, now, fresh=sitting)
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
    best = counting_attempt(blueprint.counting, {one.attempt: one.auto_points for one in done})
    for one in done:
        counted, one.counts = one.counts, one.attempt == best
        if one.counts and (one is fresh or not counted) and not blueprint.mock:
            jobs.ask(session, "hand_in", str(one.id), now)


def visible(session: Session, assignment: str) -> Quiz:
    """A quiz that learners see. Raises NotFound `no_quiz`."""
    quiz = session.get(Quiz, assignment)
    if quiz is None or quiz.state == "built":
        raise NotFound("no_quiz", "没有这个测验，或者它还没有开放。")
    return quiz


def current_sitting(session: Session, assignment: str, person_id: int) -> Sitting | None:
    """A person's latest attempt."""
    attempts = attempts_of(session, assignment, person_id)
    return attempts[-1] if attempts else None


def is_answering(quiz: Quiz, sitting: Sitting, now: datetime) -> bool:
    """True while answers to this attempt count."""
    return quiz.state == "open" and clock.is_open(sitting.deadline, sitting.handed_in_at, now)


def own_paper(
    session: Session, quiz: Quiz, blueprint: Blueprint, login: str, attempt: int, without: set[str]
) -> list[dict[str, Any]] | None:
    """The paper of one attempt; None: the quiz's own as it is. `without`: items that it must not
    have where each person draws. Raises TooFew."""
    if blueprint.mode is Mode.FIXED:
        return None
    person = login if attempt == 1 else f"{login}/{attempt}"
    if blueprint.mode is Mode.SHUFFLED:
        return shuffled(blueprint, quiz.paper, paper_questions(session, quiz.paper), person)
    found = item_questions(session, {one for pool in blueprint.pools for one in pool})
    held = [
        [Candidate(found[one], one[1]) for one in pool if one in found and one[0] not in without]
        for pool in blueprint.pools
    ]
    return draw_own(blueprint, quiz.paper, held, person)


def had_before(session: Session, blueprint: Blueprint, person_id: int) -> set[str]:
    """The items that a person had in the quiz which this one repeats."""
    first = session.get(Quiz, blueprint.makeup_of)
    if first is None:
        return set()
    return {
        str(slot["item"])
        for one in attempts_of(session, first.assignment, person_id)
        for slot in paper_of_sitting(first, one)
    }


def _own_paper(
    session: Session, quiz: Quiz, blueprint: Blueprint, person_id: int, attempt: int
) -> list[dict[str, Any]] | None:
    login = session.get_one(Person, person_id).login
    without = set(out_of_use(session)) | had_before(session, blueprint, person_id)
    try:
        return own_paper(session, quiz, blueprint, login, attempt, without)
    except TooFew as error:
        raise Conflict(
            "paper_too_few",
            f"“{quiz.title}”现在组不出您的试卷，请告诉教员：{error}",
        ) from error


def _lock(session: Session, person_id: int) -> None:
    # Answers lock the same row, so that one of them is either frozen or refused, never lost.
    session.get(Person, person_id, with_for_update=True)
