"""What a lesson page shows one person: cards without keys, his answers with them, what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.services.quizzes import items_being_answered
from lawlab.services.scoring import CardAnswer, LessonProgress, card_answers
from lawlab.services.sessions import Caller
from lawlab.store.content import courses, current_items, lesson


@dataclass(frozen=True)
class Card:
    """One check card; `given` and with it the key are there only after an answer, and not while the
    person has the same question in a quiz."""

    question: Question
    version: int
    given: CardAnswer | None


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
    cards: list[Card]
    progress: LessonProgress
    next: LessonLink | None


def lesson_state(
    session: Session, caller: Caller, course: str, stem: str, now: datetime
) -> LessonState:
    """One lesson for one person. Raises NotFound `no_lesson`."""
    current = lesson(session, course, stem)
    items = current_items(session, current.cards)
    given = card_answers(session, caller.person_id, f"lesson:{course}/{stem}", newest=True)
    shown = [card for card in current.cards if card in items]
    answered = [given[card] for card in shown if card in given]
    progress = LessonProgress(len(answered), sum(card.right for card in answered), len(shown))
    closed = items_being_answered(session, caller.person_id, now)
    cards = [
        Card(items[card][2], items[card][1], None if card in closed else given.get(card))
        for card in shown
    ]
    home = next(found for found in courses(session) if found.slug == course)
    following = [row for row in home.lessons if row.position > current.position]
    return LessonState(
        course,
        home.title,
        stem,
        current.title,
        cards,
        progress,
        LessonLink(following[0].title, course, following[0].lesson) if following else None,
    )


def reply(
    key: str,
    stored_at: datetime,
    response: dict[str, Any],
    mark: tuple[float, float] | None,
    question: Question | None,
) -> dict[str, Any]:
    """The reply to one answer: the same when first, when repeated, and on a reloaded page."""
    body: dict[str, Any] = {"key": key, "stored_at": stored_at.isoformat()}
    if mark is None or question is None:
        return body
    points, max_points = mark
    return body | {
        "response": response,
        "right": None if question.manual else points >= max_points,
        "points": points,
        "max_points": max_points,
        "revealed": question.revealed(),
    }
