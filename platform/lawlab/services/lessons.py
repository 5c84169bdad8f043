"""What a lesson page shows one person: cards without keys, his answers with them, what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.errors import NotFound
from lawlab.services.confirmations import confirmed_days, item_digest, lesson_digests
from lawlab.services.quizzes import items_being_answered
from lawlab.services.scoring import CardAnswer, LessonProgress, card_answers
from lawlab.services.sessions import Caller
from lawlab.store.content import courses, current_items, item_versions, lesson, out_of_use


@dataclass(frozen=True)
class Card:
    """One check card; `given` and with it the key are there only after an answer, and not while the
    person has the same question in a quiz. An answered card keeps the version that was answered;
    `since` says what became of the question: `withdrawn`, `updated` or nothing."""

    question: Question
    version: int
    given: CardAnswer | None
    since: str = ""


@dataclass(frozen=True)
class LessonLink:
    title: str
    course: str
    lesson: str

    @property
    def url(self) -> str:
        return f"/services/learn/lesson/{self.course}/{self.lesson}"


@dataclass(frozen=True)
class LessonState:
    course: str
    course_title: str
    lesson: str
    title: str
    number: int | None
    """Which lesson of its course it is; none when the course no longer shows it."""
    cards: list[Card]
    resting: list[str]
    """Cards of the lesson that are out of use; they are neither shown nor missed."""
    progress: LessonProgress
    next: LessonLink | None
    confirmed: dict[str, str]
    """Digest of a statement of the lesson or its cards → the day when a trainer confirmed it."""


def lesson_state(
    session: Session, caller: Caller, course: str, stem: str, now: datetime
) -> LessonState:
    """One lesson for one person. Raises NotFound `no_lesson`, `lesson_withdrawn`."""
    current = lesson(session, course, stem)
    if f"{course}/{stem}" in out_of_use(session, "lesson"):
        raise NotFound("lesson_withdrawn", "这一课已经撤下。您做过的练习和得到的积分都还在。")
    items = current_items(session, current.cards)
    given = card_answers(session, caller.person_id, f"lesson:{course}/{stem}", newest=True)
    shown = [card for card in current.cards if card in items or card in given]
    answered = [given[card] for card in shown if card in given]
    progress = LessonProgress(len(answered), sum(card.right for card in answered), len(shown))
    closed = items_being_answered(session, caller.person_id, now)
    old = item_versions(session, {card.answer.item_version_id for card in answered})
    cards = []
    for card in shown:
        if card not in given or (card in closed and card in items):
            cards.append(Card(items[card][2], items[card][1], None))
            continue
        version, question = old[given[card].answer.item_version_id]
        newest = items[card][1] if card in items else None
        since = "withdrawn" if newest is None else "updated" if newest > version else ""
        cards.append(Card(question, version, None if card in closed else given[card], since))
    home = next(found for found in courses(session) if found.slug == course)
    stems = [row.lesson for row in home.lessons]
    following = [row for row in home.lessons if row.position > current.position]
    return LessonState(
        course,
        home.title,
        stem,
        current.title,
        stems.index(stem) + 1 if stem in stems else None,
        cards,
        [card for card in current.cards if card not in shown],
        progress,
        LessonLink(following[0].title, course, following[0].lesson) if following else None,
        confirmed_days(
            session,
            [
                *lesson_digests(session, current),
                *filter(None, (item_digest(card.question) for card in cards)),
            ],
        ),
    )


def reply(
    key: str,
    stored_at: datetime,
    response: dict[str, Any],
    mark: tuple[float, float] | None,
    question: Question | None,
    confirmed: str = "",
) -> dict[str, Any]:
    """The reply to one answer: the same when first, when repeated, and on a reloaded page.
    `confirmed` is the day when somebody confirmed what the question says beyond the law."""
    body: dict[str, Any] = {"key": key, "stored_at": stored_at.isoformat()}
    if mark is None or question is None:
        return body
    points, max_points = mark
    return body | {
        "response": response,
        "right": None if question.manual else points >= max_points,
        "points": points,
        "max_points": max_points,
        "revealed": question.revealed() | {"confirmed": confirmed},
    }
