"""The WebSocket on which pages hear that something changed; they then fetch what they show.

One task per process asks the database once a second, and only while somebody listens, so changes by
other processes (the grader, a second API) are heard too.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from lawlab.api.background import to_the_end
from lawlab.api.border import own_origin
from lawlab.api.caller import browser_caller, state_of
from lawlab.services.sessions import Caller, session_standing
from lawlab.store.boards import scores_revision

router = APIRouter()
log = logging.getLogger("lawlab.api")
SIGNED_OUT = 4401
FOREIGN = 4403
PERIOD_S = 1.0
STANDING_PERIODS = 3
"""Sockets whose person signed out or was disabled end within this many periods."""


class LiveBoard:
    """Open sockets and the newest board revision."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], dt.datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._sockets: dict[WebSocket, Caller] = {}
        self._revision = ""

    async def serve(self, socket: WebSocket, caller: Caller) -> None:
        """Keep one socket until it leaves or its session ends."""
        await self._refresh()
        self._sockets[socket] = caller
        try:
            await self._tell(socket)
            # Clients have nothing to say, in whatever form; this waits for the close.
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.pop(socket, None)

    async def watch(self) -> None:
        """Tell everybody of changes, for ever."""
        turn = 0
        while True:
            await asyncio.sleep(PERIOD_S)
            if not self._sockets:
                continue
            turn += 1
            try:
                changed = await self._refresh()
                if turn % STANDING_PERIODS == 0:
                    await self._end_signed_out()
            except SQLAlchemyError:
                log.exception("live board: the database did not answer; trying again")
                continue
            if changed:
                await asyncio.gather(*(self._tell(socket) for socket in list(self._sockets)))

    async def _refresh(self) -> bool:
        revision = await to_the_end(self._read_revision)
        changed, self._revision = revision != self._revision, revision
        return changed

    def _read_revision(self) -> str:
        with self._sessions() as session:
            return scores_revision(session)

    async def _tell(self, socket: WebSocket) -> None:
        try:
            await socket.send_json({"type": "board", "revision": self._revision})
        except (WebSocketDisconnect, RuntimeError):
            self._sockets.pop(socket, None)

    async def _end_signed_out(self) -> None:
        callers = dict(self._sockets)
        for socket in await to_the_end(self._ended, callers):
            self._sockets.pop(socket, None)
            await socket.close(SIGNED_OUT)

    def _ended(self, callers: dict[WebSocket, Caller]) -> list[WebSocket]:
        now = self._clock()
        with self._sessions() as session:
            return [
                socket
                for socket, caller in callers.items()
                if caller.session is None or session_standing(session, caller.session, now) is None
            ]


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Board changes for a signed-in browser."""
    await socket.accept()
    if not own_origin(socket.headers.get("origin"), socket.headers.get("host")):
        await socket.close(FOREIGN)
        return
    state = state_of(socket)

    def find() -> Caller | None:
        with state.sessions() as session:
            return browser_caller(socket, session)

    caller = await run_in_threadpool(find)
    if caller is None:
        await socket.close(SIGNED_OUT)
        return
    await state.live.serve(socket, caller)
