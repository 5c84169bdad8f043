"""Home, lessons, and the one way in for answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import CallerOf, Database, Now
from lawlab.api.routing import Route
from lawlab.services.answers import Receipt, Submission, record_answer
from lawlab.services.confirmations import confirmed_day, item_digest
from lawlab.services.home import home as read_home
from lawlab.services.lessons import Card, lesson_state, reply
from lawlab.services.progress import course_address

router = APIRouter(route_class=Route)


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
        "course_url": course_address(state.course),
        "lesson": state.lesson,
        "number": state.number,
        "title": state.title,
        "cards": [_card(card, state.confirmed) for card in state.cards],
        "resting": state.resting,
        "confirmed": state.confirmed,
        "answered": state.progress.answered,
        "total": state.progress.total,
        "complete": state.progress.complete,
        "next": {"title": state.next.title, "url": state.next.url} if state.next else None,
    }


def _card(card: Card, confirmed: Mapping[str, str]) -> dict[str, Any]:
    body = card.question.public() | {"version": card.version, "since": card.since, "answered": None}
    if card.given:
        answer, mark = card.given.answer, card.given.mark
        body["answered"] = reply(
            answer.key,
            answer.received_at,
            answer.response,
            (mark.points, mark.max_points),
            card.question,
            confirmed.get(item_digest(card.question) or "", ""),
        )
    return body


class ResponseIn(BaseModel):
    """What was chosen, filled in or written; exactly one of the three."""

    chosen: list[str] | None = Field(None, max_length=12)
    filled: list[str] | None = Field(None, max_length=12)
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
    attempt: int | None = Field(None, ge=1, le=2**31 - 1)
    """Of a quiz: for which attempt it was given."""


@router.post("/answers", status_code=201)
def answers(
    session: Database, caller: CallerOf, now: Now, given: AnswerIn, response: Response
) -> dict[str, Any]:
    """Store an answer. 201 the first time; 200 with the first reply for a repeat of its key."""
    submission = Submission(
        given.key,
        given.person,
        given.item,
        given.version,
        given.place,
        given.response.plain(),
        given.attempt,
    )
    receipt = record_answer(session, caller, submission, now)
    response.status_code = 201 if receipt.first else 200
    shown = receipt.question if receipt.mark else None
    return _receipt(receipt, confirmed_day(session, shown) if shown else "")


def _receipt(receipt: Receipt, confirmed: str) -> dict[str, Any]:
    mark = (receipt.mark.points, receipt.mark.max_points) if receipt.mark else None
    facts = (receipt.key, receipt.stored_at, receipt.response)
    body = reply(*facts, mark, receipt.question, confirmed)
    if receipt.progress:
        body["progress"] = {
            "answered": receipt.progress.answered,
            "total": receipt.progress.total,
            "complete": receipt.progress.complete,
        }
    if receipt.practice:
        body |= {name: receipt.practice[name] for name in ("drill", "game")}
        body["revealed"] |= {"lessons": receipt.practice["lessons"]}
    return body
