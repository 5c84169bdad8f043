"""The boards as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from lawlab.api.border import Word
from lawlab.api.caller import CallerOf, Database, Now, Trainer, caller, hub_person, state_of
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.domain.board_spans import Weights
from lawlab.services.board_keeping import bring_boards_in_step, change_rules
from lawlab.services.board_points import points_of
from lawlab.services.boards import board as read_board
from lawlab.services.boards import is_trusted
from lawlab.store.boards import board_rules, scores_revision, weights_of
from lawlab.store.notify import BOARD
from lawlab.store.statutes import china_day

router = APIRouter(route_class=Route, prefix="/board")
PATIENCE_S = 20.0
"""Seconds until somebody who waits for news is told that there are none. Proxies wait longer."""
Choice = Annotated[Word, Query(max_length=20)]


@router.get("")
def board(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    group: Choice = "staff",
    span: Choice = "all",
    phase: Choice = "total",
) -> Response:
    """One board; 304 for a client whose revision (If-None-Match) is the current one."""
    bring_boards_in_step(session, now)
    known = f"{group}-{span}-{phase}-{is_trusted(caller)}-{scores_revision(session)}"
    etag = f'"{known}-{caller.person_id}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return JSONResponse(
        read_board(session, caller, now, group, span, phase), headers={"ETag": etag}
    )


@router.get("/news")
async def news(
    request: Request,
    hub_login: Annotated[str | None, Depends(hub_person)],
    after: Annotated[Word, Query(max_length=80)] = "",
) -> dict[str, str]:
    """The revision of the boards, as soon as it is another than `after`: a live page waits here
    instead of asking every other second."""
    state = state_of(request)

    def know() -> None:
        with state.sessions() as session:  # given back before the waiting begins
            caller(request, session, hub_login)

    await run_in_threadpool(know)
    return {"revision": await state.live.news(BOARD, after, PATIENCE_S)}


@router.get("/points")
def points(
    session: Database,
    caller: CallerOf,
    now: Now,
    person: Annotated[int, Query(ge=1, le=2**31 - 1)],
    span: Choice = "all",
) -> dict[str, Any]:
    """What earned somebody's points: of oneself, and for trainers of everybody, each source."""
    return points_of(session, caller, person, span, now)


class Rules(ForPerson):
    learn: float = Field(allow_inf_nan=False)
    drill: float = Field(allow_inf_nan=False)
    compete: float = Field(allow_inf_nan=False)
    masked: bool


@router.get("/rules")
def rules(session: Database, _caller: Trainer) -> dict[str, Any]:
    """How the town counts, and whether it masks names."""
    row = board_rules(session)
    return vars(weights_of(row)) | {
        "masked": bool(row and row.masked),
        "by": row.by if row else None,
        "at": row.at.isoformat() if row else None,
        "day": row and china_day(row.at).isoformat(),
    }


@router.post("/rules")
def new_rules(session: Database, caller: Trainer, now: Now, asked: Rules) -> dict[str, Any]:
    """Change how the town counts."""
    asked.check(caller)
    weights = Weights(asked.learn, asked.drill, asked.compete)
    change_rules(session, weights, asked.masked, caller.login, now)
    bring_boards_in_step(session, now)
    return rules(session, caller)
