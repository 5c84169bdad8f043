"""The boards as JSON."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from lawlab.api.caller import CallerOf, Database, Now, state_of
from lawlab.domain.board import UnitRow
from lawlab.services.boards import board as read_board

router = APIRouter()


@router.get("/board")
def board(
    request: Request, session: Database, _caller: CallerOf, now: Now, group: str = "staff"
) -> Response:
    """One board; 304 for a client whose revision (If-None-Match) is the current one."""
    day = now.astimezone(state_of(request).settings.zone).date()
    found = read_board(session, group, day, now)
    etag = f'"{group}-{found.revision}-{day}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    rows = [
        asdict(row) | ({"participation": row.participation} if isinstance(row, UnitRow) else {})
        for row in found.rows
    ]
    body = {"group": group, "revision": found.revision, "as_of": now.isoformat(), "rows": rows}
    return JSONResponse(body, headers={"ETag": etag})
