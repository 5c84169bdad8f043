"""Home, lessons, articles, and the one way in for answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import CallerOf, Database, Now, state_of
from lawlab.services.answers import Receipt, Submission, record_answer
from lawlab.services.home import home as read_home
from lawlab.services.lessons import Card, lesson_state, reply

router = APIRouter()
ONE_DAY = "private, max-age=86400"


@router.get("/home")
def home(session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """Courses with progress, quizzes, what is due, points."""
    return read_home(session, caller, now)


@router.get("/lessons/{course}/{lesson}")
def lesson(
    session: Database, caller: CallerOf, now: Now, course: str, lesson: str
) -> dict[str, Any]:
    """All cards of a lesson in one reply; a key is in it only where the caller has answered."""
    state = lesson_state(session, caller, course, lesson, now)
    return {
        "course": state.course,
        "course_title": state.course_title,
        "lesson": state.lesson,
        "title": state.title,
        "cards": [_card(card) for card in state.cards],
        "answered": state.progress.answered,
        "total": state.progress.total,
        "complete": state.progress.complete,
        "next": {"title": state.next.title, "url": state.next.url} if state.next else None,
    }


def _card(card: Card) -> dict[str, Any]:
    body = card.question.public() | {"version": card.version, "answered": None}
    if card.given:
        answer, mark = card.given.answer, card.given.mark
        body["answered"] = reply(
            answer.key,
            answer.received_at,
            answer.response,
            (mark.points, mark.max_points),
            card.question,
        )
    return body


class ResponseIn(BaseModel):
    """What was chosen or written; exactly one of the two."""

    chosen: list[str] | None = Field(None, max_length=12)
    text: str | None = Field(None, max_length=20_000)

    def plain(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class AnswerIn(BaseModel):
    key: Word = Field(max_length=64)
    person: Word = Field(max_length=40)
    item: Word = Field(max_length=60)
    version: Version
    place: Word = Field(max_length=120)
    response: ResponseIn


@router.post("/answers", status_code=201)
def answers(
    session: Database, caller: CallerOf, now: Now, given: AnswerIn, response: Response
) -> dict[str, Any]:
    """Store an answer. 201 the first time; 200 with the first reply for a repeat of its key."""
    submission = Submission(
        given.key, given.person, given.item, given.version, given.place, given.response.plain()
    )
    receipt = record_answer(session, caller, submission, now)
    response.status_code = 201 if receipt.first else 200
    return _receipt(receipt)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    mark = (receipt.mark.points, receipt.mark.max_points) if receipt.mark else None
    body = reply(receipt.key, receipt.stored_at, receipt.response, mark, receipt.question)
    if receipt.progress:
        body["progress"] = {
            "answered": receipt.progress.answered,
            "total": receipt.progress.total,
            "complete": receipt.progress.complete,
        }
    return body


@router.get("/statutes/{law}/articles/{number}")
def article(
    request: Request, response: Response, _caller: CallerOf, law: str, number: str
) -> dict[str, Any]:
    """The official text of one article, such as `31` or `31之1`."""
    found = state_of(request).statutes.article(law, number)
    response.headers["Cache-Control"] = ONE_DAY
    return asdict(found)
