"""Recording an answer: once, marked and counted in one transaction, acknowledged after commit.

The client makes a key for each answer. A repeat with the same key gets the first reply, however
often the network made it ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.domain.marking import check_response, mark
from lawlab.domain.question import Question
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services import drill_answers
from lawlab.services.memory import Review, remember
from lawlab.services.quizzes import items_being_answered, quiz_open_for
from lawlab.services.scoring import LessonProgress, lesson_progress, update_lesson_score
from lawlab.services.sessions import Caller
from lawlab.store.content import item_version, lesson
from lawlab.store.contests import items_in_contests
from lawlab.store.drill import REVEALING
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, Mark

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
CARD_POINTS = 1.0
"""What one check card of a lesson is marked out of; board points are `domain.points`' business."""


@dataclass(frozen=True)
class Submission:
    """An answer as a client sends it. `person` is whose answer it is, by sign-in name."""

    key: str
    person: str
    item: str
    version: int
    place: str
    response: dict[str, Any]
    attempt: int | None = None
    """Of a quiz: for which attempt; None: the one under way."""


@dataclass(frozen=True)
class Receipt:
    """The reply to one answer. Mark and revelation only where the place reveals at once."""

    first: bool
    key: str
    stored_at: datetime
    response: dict[str, Any]
    mark: Mark | None = None
    question: Question | None = None
    progress: LessonProgress | None = None
    practice: dict[str, Any] | None = None
    """What practice says besides, as `drill_answers.told` returns it."""


def record_answer(
    session: Session, caller: Caller, submission: Submission, now: datetime
) -> Receipt:
    """Store one answer and, in a lesson or in practice, mark it.

    Raises Conflict `other_person`, `key_reused`, `quiz_closed`, `in_quiz`, `not_now`; NotFound
    `no_item`, `no_place`;
    LawlabError `bad_key`, `bad_response`.
    """
    if submission.person != caller.login:
        raise Conflict(
            "other_person",
            "这条答案是另一位的，没有保存。请那一位登录后再提交。",
            person=submission.person,
        )
    if not KEY.fullmatch(submission.key):
        raise LawlabError("bad_key", "答案编号不对，请刷新页面后再答。")
    try:
        return _record(session, caller, submission, now)
    except IntegrityError:
        # The same key arrived twice at once; the other one has committed.
        session.rollback()
        return _record(session, caller, submission, now)


def _record(session: Session, caller: Caller, submission: Submission, now: datetime) -> Receipt:
    writing(session)
    drill_answers.take_turn(session, caller.person_id, submission.place)
    if submission.place.startswith(REVEALING):
        _refuse_in_quiz(session, caller, submission, now)
    earlier = session.scalar(
        select(Answer).where(Answer.person_id == caller.person_id, Answer.key == submission.key)
    )
    if earlier is not None:
        return _repeat(session, earlier, submission)
    version_id, question = _item_of(session, submission)
    check_response(question, submission.response)
    place, _, name = submission.place.partition(":")
    answer = Answer(
        key=submission.key,
        person_id=caller.person_id,
        item_version_id=version_id,
        place=submission.place,
        response=submission.response,
        received_at=now,
    )
    if place == "lesson":
        receipt = _record_in_lesson(session, answer, question, name)
    elif place == "drill":
        receipt = _record_in_practice(session, answer, question, name)
    elif place == "quiz":
        item = (submission.item, submission.version)
        quiz_open_for(session, caller.person_id, name, *item, now, submission.attempt)
        session.add(answer)
        receipt = Receipt(True, answer.key, now, answer.response)
    else:
        raise NotFound("no_place", f"没有“{submission.place}”这个地方，答案没有保存。")
    session.commit()
    return receipt


def _refuse_in_quiz(
    session: Session, caller: Caller, submission: Submission, now: datetime
) -> None:
    # The reply would hold the key, a repeat's too.
    if submission.item not in items_being_answered(session, caller.person_id, now):
        return
    if submission.item in items_in_contests(session, now):
        raise Conflict("in_contest", "这道题在正在进行的比武里，比武结束后再来练。")
    raise Conflict("in_quiz", "这道题在您正在做的测验里。请先交卷，再回来做这道练习。")


def _record_in_lesson(session: Session, answer: Answer, question: Question, name: str) -> Receipt:
    course, _, stem = name.partition("/")
    version = lesson(session, course, stem)
    if question.id not in version.cards:
        raise NotFound("no_item", f"这一课没有编号为“{question.id}”的题，请刷新页面。")
    session.add(answer)
    session.flush()
    given = _mark(session, answer, question)
    if not question.manual:
        right = given.points >= given.max_points
        remember(session, answer.person_id, Review(question.id, right, answer.received_at))
    progress = update_lesson_score(
        session, answer.person_id, answer.place, version.cards, answer.received_at
    )
    return Receipt(True, answer.key, answer.received_at, answer.response, given, question, progress)


def _record_in_practice(session: Session, answer: Answer, question: Question, name: str) -> Receipt:
    drill_answers.check(session, answer, question, name)
    session.add(answer)
    session.flush()
    given = _mark(session, answer, question)
    told = drill_answers.told(session, answer, question, given.points >= given.max_points, name)
    facts = (answer.key, answer.received_at, answer.response, given, question)
    return Receipt(True, *facts, practice=told)


def _mark(session: Session, answer: Answer, question: Question) -> Mark:
    marked = mark(question, answer.response, CARD_POINTS)
    given = Mark(
        answer_id=answer.id,
        key_version=1,
        marker="auto",
        points=marked.points or 0.0,
        max_points=CARD_POINTS,
        marked_at=answer.received_at,
    )
    session.add(given)
    session.flush()
    return given


def _repeat(session: Session, earlier: Answer, submission: Submission) -> Receipt:
    version = earlier.item_version
    same = (version.item, version.version, earlier.place, earlier.response) == (
        submission.item,
        submission.version,
        submission.place,
        submission.response,
    )
    if not same:
        raise Conflict("key_reused", "这个答案编号已经用过，请刷新页面后再答。")
    if not earlier.place.startswith(REVEALING):
        return Receipt(False, earlier.key, earlier.received_at, earlier.response)
    given = session.scalars(
        select(Mark).where(Mark.answer_id == earlier.id).order_by(Mark.id)
    ).first()
    assert given is not None  # stored in the answer's own transaction
    question = Question.from_json(version.body)
    if earlier.place.startswith("drill:"):
        facts = (earlier.key, earlier.received_at, earlier.response, given, question)
        name = earlier.place.removeprefix("drill:")
        return Receipt(False, *facts, practice=drill_answers.told_again(session, earlier, name))
    course, _, stem = earlier.place.removeprefix("lesson:").partition("/")
    cards = lesson(session, course, stem).cards
    return Receipt(
        False,
        earlier.key,
        earlier.received_at,
        earlier.response,
        given,
        question,
        lesson_progress(session, earlier.person_id, earlier.place, cards),
    )


def _item_of(session: Session, submission: Submission) -> tuple[int, Question]:
    found = item_version(session, submission.item, submission.version)
    if found is None:
        raise NotFound(
            "no_item", f"没有编号为“{submission.item}”第 {submission.version} 版的题，请刷新页面。"
        )
    return found
