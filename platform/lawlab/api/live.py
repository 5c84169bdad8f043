"""The WebSocket on which pages hear that something changed; they then fetch what they show.

One task per process asks the database once a second, and only while somebody listens, so changes by
other processes (the grader, a second API) are heard too; what this process changes, and what an API
on the same PostgreSQL tells of, it hears of at once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.concurrency import run_in_threadpool

from lawlab.api.background import to_the_end
from lawlab.api.border import own_origin
from lawlab.api.caller import browser_caller, state_of
from lawlab.api.pace import TOO_FAST, Words
from lawlab.api.routing import Route
from lawlab.services.sessions import Caller, session_standing
from lawlab.store.attendance import activity_revision
from lawlab.store.boards import scores_revision
from lawlab.store.notify import ACTIVITY, BOARD

router = APIRouter(route_class=Route)
log = logging.getLogger("lawlab.api")
SIGNED_OUT = 4401
FOREIGN = 4403
NOT_YOURS = 4404
PERIOD_S = 1.0
GAP_S = 0.2
"""Between two looks at the database, however often something changes."""
STANDING_S = 3.0
"""Sockets whose person signed out or was disabled end within this time."""
TOPIC = re.compile(r"activity:[1-9]\d{0,8}", re.ASCII)


class Live:
    """Open sockets by topic, and the newest revision of each: `board`, and `activity:<id>`."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], dt.datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._sockets: dict[WebSocket, tuple[str, Caller]] = {}
        self._revisions: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudged = asyncio.Event()
        self._board_told = 0.0
        self._waiting: Counter[str] = Counter()
        self._change = asyncio.Event()

    async def news(self, topic: str, known: str, patience: float) -> str:
        """The revision of a topic as soon as it is another than `known`; after `patience` seconds
        as it is."""
        if topic not in self._revisions:
            await self._refresh({topic})
        self._waiting[topic] += 1
        try:
            async with asyncio.timeout(patience):
                while self._revisions[topic] == known:
                    await self._change.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting[topic] -= 1
        return self._revisions[topic]

    async def serve(self, socket: WebSocket, caller: Caller, topic: str) -> None:
        """Keep one socket until it leaves or its session ends."""
        if topic not in self._revisions:
            # Else it is the watch's to find: who listens already must hear of a change too.
            await self._refresh({topic})
        self._sockets[socket] = topic, caller
        try:
            await self._tell(socket)
            # Clients have nothing to say, in whatever form; this waits for the close.
            words = Words()
            while (await socket.receive())["type"] != "websocket.disconnect":
                if words.too_many():
                    await socket.close(TOO_FAST)
                    break
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.pop(socket, None)

    def nudge(self) -> None:
        """Look for changes now instead of within a period; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._nudged.set)

    def hear(self, topic: str, _word: Mapping[str, Any]) -> None:
        """Another process says what it changed. Of a board that changes all the time everybody
        hears no oftener than by the looks at the database."""
        if topic not in self._topics() or self._loop is None:
            return
        if topic != BOARD or self._loop.time() - self._board_told > PERIOD_S:
            self._nudged.set()

    async def watch(self) -> None:
        """Tell everybody of changes, for ever."""
        self._loop = asyncio.get_running_loop()
        looked = standing = self._loop.time()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), PERIOD_S)
            # A hall that signs in nudges a hundred times a second.
            await asyncio.sleep(max(0.0, looked + GAP_S - self._loop.time()))
            self._nudged.clear()
            looked = self._loop.time()
            topics = self._topics()
            if not topics:
                continue
            try:
                changed = await self._refresh(topics)
                if looked - standing >= STANDING_S:
                    standing = looked
                    await self._end_signed_out()
            except SQLAlchemyError:
                log.exception("live: the database did not answer; trying again")
                continue
            if BOARD in changed:
                self._board_told = looked
            if changed:
                self._change.set()
                self._change = asyncio.Event()
            heard = [one for one, (topic, _) in self._sockets.items() if topic in changed]
            await asyncio.gather(*(self._tell(socket) for socket in heard))

    def _topics(self) -> set[str]:
        """What anybody listens to or waits for."""
        listening = {topic for topic, _ in self._sockets.values()}
        return listening | {topic for topic, count in self._waiting.items() if count}

    async def _refresh(self, topics: set[str]) -> set[str]:
        """Read the revisions of these topics; returns those that have changed."""
        new = await to_the_end(self._read, topics)
        changed = {topic for topic in topics if self._revisions.get(topic) != new[topic]}
        self._revisions.update(new)
        return changed

    def _read(self, topics: set[str]) -> dict[str, str]:
        with self._sessions() as session:
            return {
                topic: scores_revision(session)
                if topic == BOARD
                else activity_revision(session, int(topic.removeprefix(ACTIVITY)))
                for topic in topics
            }

    async def _tell(self, socket: WebSocket) -> None:
        topic = self._sockets[socket][0] if socket in self._sockets else BOARD
        kind, _, number = topic.partition(":")
        word = {"type": kind, "revision": self._revisions.get(topic, "")}
        try:
            await socket.send_json(word | ({"id": int(number)} if number else {}))
        except (WebSocketDisconnect, RuntimeError):
            self._sockets.pop(socket, None)

    async def _end_signed_out(self) -> None:
        callers = {socket: caller for socket, (_, caller) in self._sockets.items()}
        for socket in await to_the_end(self._ended, callers):
            self._sockets.pop(socket, None)
            with suppress(WebSocketDisconnect, RuntimeError):  # it may be gone by itself
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
async def live(socket: WebSocket, topic: str = BOARD) -> None:
    """Changes of a board for a signed-in browser; of an activity's board, for a trainer's."""
    await socket.accept()
    if not own_origin(socket):
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
    known = topic == BOARD or (TOPIC.fullmatch(topic) and caller.roles & {"trainer", "admin"})
    if not known:
        await socket.close(NOT_YOURS)
        return
    await state.live.serve(socket, caller, topic)
