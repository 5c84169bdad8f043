"""限时答题赛: what a contestant's page asks for and does, and what its host looks at."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from lawlab.api.caller import CallerOf, Database, Host, Now, state_of
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.services.contest_window import answer, begin, finish_own
from lawlab.services.contest_window_views import host_panel, window_view

router = APIRouter(route_class=Route, prefix="/contests/{contest}/window")


async def arrival(request: Request) -> dt.datetime:
    """When a request was here. Not in a thread, and before everything else: what waits for a thread
    or the database costs nobody his time."""
    return state_of(request).clock()


Arrived = Annotated[dt.datetime, Depends(arrival)]


class Answering(ForPerson):
    """`place`: on the caller's own paper, from 1."""

    place: int = Field(ge=1, le=2**31 - 1)
    response: Any


@router.get("")
def view(session: Database, caller: CallerOf, now: Now, contest: int) -> dict[str, Any]:
    """The contest as the caller may see it now: no key before its end."""
    return window_view(session, caller, contest, now)


@router.post("/begin")
def begin_now(
    session: Database, caller: CallerOf, now: Now, contest: int, asked: ForPerson
) -> dict[str, Any]:
    """Begin; the server's clock runs from the first call, repeats change nothing."""
    asked.check(caller)
    begin(session, caller, contest, now)
    return window_view(session, caller, contest, now)


@router.post("/answers")
def answer_one(
    at: Arrived, session: Database, caller: CallerOf, contest: int, asked: Answering
) -> dict[str, Any]:
    """Answer one question for good; a repeat gets the first reply."""
    asked.check(caller)
    return answer(session, caller, contest, asked.place, asked.response, at)


@router.post("/finish")
def finish_now(
    session: Database, caller: CallerOf, now: Now, contest: int, asked: ForPerson
) -> dict[str, Any]:
    """Hand in early; a repeat changes nothing."""
    asked.check(caller)
    finish_own(session, caller, contest, now)
    return window_view(session, caller, contest, now)


@router.get("/host")
def panel(session: Database, _host: Host, now: Now, contest: int) -> dict[str, Any]:
    """How far everybody is."""
    return host_panel(session, contest, now)
