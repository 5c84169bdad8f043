"""Sitting a quiz: its state, the start, handing in. Answers come in through `POST /answers`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lawlab.api.border import Word
from lawlab.api.caller import CallerOf, Database, Now
from lawlab.api.routing import Route
from lawlab.errors import Conflict
from lawlab.services.quiz_pages import quiz_state
from lawlab.services.quizzes import hand_in, note_leaving, start_sitting
from lawlab.services.sessions import Caller

router = APIRouter(route_class=Route, prefix="/quizzes/{assignment}")


class ForPerson(BaseModel):
    """Whose request it is; on a shared phone a waiting one may be somebody else's."""

    person: Word = Field(max_length=40)
    attempt: int | None = Field(None, ge=1, le=2**31 - 1)
    """Which attempt the page means; a page that was left open may mean an earlier one."""

    def check(self, caller: Caller) -> None:
        if self.person != caller.login:
            raise Conflict(
                "other_person",
                "这是另一位的请求，没有处理。请那一位登录后再试。",
                person=self.person,
            )


@router.get("")
def state(session: Database, caller: CallerOf, now: Now, assignment: str) -> dict[str, Any]:
    """The quiz as the caller may see it now: no key before the release."""
    return quiz_state(session, caller.person_id, assignment, now)


@router.post("/start")
def start(
    session: Database, caller: CallerOf, now: Now, assignment: str, asked: ForPerson
) -> dict[str, Any]:
    """Begin an attempt; the server's clock runs from the first call, repeats change nothing."""
    asked.check(caller)
    start_sitting(session, caller.person_id, assignment, now, asked.attempt)
    return quiz_state(session, caller.person_id, assignment, now)


@router.post("/hand-in")
def hand_in_now(
    session: Database, caller: CallerOf, now: Now, assignment: str, asked: ForPerson
) -> dict[str, Any]:
    """Hand in; a repeat gets the same receipt."""
    asked.check(caller)
    return hand_in(session, caller.person_id, assignment, now, asked.attempt)


class Left(ForPerson):
    """How often the page was left, by its own count."""

    times: int = Field(ge=0, le=2**31 - 1)


@router.post("/left")
def left_page(
    session: Database, caller: CallerOf, now: Now, assignment: str, asked: Left
) -> dict[str, Any]:
    """Note that the page was left; trainers see the count, nothing else follows from it."""
    asked.check(caller)
    note_leaving(session, caller.person_id, assignment, asked.times, now, asked.attempt)
    return {"times": asked.times}
