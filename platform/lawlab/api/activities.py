"""Activities for everybody: the calendar, leave, and the rooms of online ones."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Word
from lawlab.api.caller import CallerOf, Database, Now, state_of
from lawlab.api.routing import Route
from lawlab.errors import Conflict
from lawlab.services import leave, presence
from lawlab.services.activity_cards import activity_page, calendar
from lawlab.services.sessions import Caller
from lawlab.store.attendance import find_activity

router = APIRouter(route_class=Route, prefix="/activities")

ActivityId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Year = Annotated[int | None, Query(ge=2000, le=2199)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
PICTURE = 900_000
"""Characters of a picture as a data URL; the smaller limit in bytes is the services'."""


class Personal(BaseModel):
    """Whose request it is; on a shared phone a waiting one may be somebody else's."""

    model_config = ConfigDict(extra="forbid")
    person: Word = Field(max_length=40)

    def check(self, caller: Caller) -> None:
        """Raises Conflict `other_person`."""
        if self.person != caller.login:
            raise Conflict(
                "other_person",
                "这是另一位的请求，没有处理。请那一位登录后再试。",
                person=self.person,
            )


class LeaveIn(Personal):
    key: Key
    reason: Word = Field(max_length=1000)
    proof: str | None = Field(None, max_length=PICTURE)


class ProofIn(Personal):
    key: Key
    proof: str = Field(max_length=PICTURE)


class AnswerIn(Personal):
    card: int = Field(ge=1, le=1000)
    response: dict[str, list[Annotated[Word, Field(max_length=8)]]] = Field(max_length=4)


@router.get("")
def activities(
    request: Request, session: Database, caller: CallerOf, now: Now, year: Year = None
) -> dict[str, Any]:
    zone = state_of(request).settings.zone
    return calendar(session, caller, year or now.astimezone(zone).year, now, zone)


@router.get("/{activity}")
def activity(
    request: Request, session: Database, caller: CallerOf, now: Now, activity: ActivityId
) -> dict[str, Any]:
    found = find_activity(session, activity)
    return activity_page(session, found, caller, now, state_of(request).settings.zone)


@router.post("/{activity}/leave")
def ask_leave(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    activity: ActivityId,
    given: LeaveIn,
) -> dict[str, Any]:
    given.check(caller)
    leave.ask_leave(session, activity, caller, given.reason, given.proof, given.key, now)
    return _changed(request, session, caller, now, activity)


@router.post("/{activity}/leave/proof")
def give_proof(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    activity: ActivityId,
    given: ProofIn,
) -> dict[str, Any]:
    given.check(caller)
    leave.give_proof(session, activity, caller, given.proof, now)
    return _changed(request, session, caller, now, activity)


@router.post("/{activity}/leave/withdraw")
def withdraw_leave(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    activity: ActivityId,
    given: Personal,
) -> dict[str, Any]:
    given.check(caller)
    leave.withdraw_leave(session, activity, caller, now)
    return _changed(request, session, caller, now, activity)


@router.get("/{activity}/room")
def room(session: Database, caller: CallerOf, now: Now, activity: ActivityId) -> dict[str, Any]:
    return presence.room(session, activity, caller, now)


@router.post("/{activity}/room/enter")
def enter(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    activity: ActivityId,
    given: Personal,
) -> dict[str, Any]:
    given.check(caller)
    presence.enter(session, activity, caller, now)
    state_of(request).live.nudge()
    return presence.room(session, activity, caller, now)


@router.post("/{activity}/room/answer")
def answer(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    activity: ActivityId,
    given: AnswerIn,
) -> dict[str, Any]:
    given.check(caller)
    presence.answer_card(session, activity, caller, given.card, dict(given.response), now)
    state_of(request).live.nudge()
    return presence.room(session, activity, caller, now)


def _changed(
    request: Request, session: Database, caller: Caller, now: Now, activity: int
) -> dict[str, Any]:
    state_of(request).live.nudge()
    found = find_activity(session, activity)
    return activity_page(session, found, caller, now, state_of(request).settings.zone)
