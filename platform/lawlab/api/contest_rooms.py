"""The rooms of this process, and what happens in them without anybody asking."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.api.contest_room import Room
from lawlab.api.fanout import Fanout
from lawlab.api.live import NOT_YOURS, SIGNED_OUT
from lawlab.api.steady import Steady
from lawlab.services.contest import Loaded, load
from lawlab.services.contest_views import Views
from lawlab.services.sessions import standing_sessions
from lawlab.store.notify import CONTEST

log = logging.getLogger("lawlab.api")
PERIOD_S = 1.0
STANDING = 3
"""So many periods pass between two looks at who signed out or was disabled."""


class Rooms:
    """The rooms of this process. With `ticks`, the seconds of a clock that nobody sets, the time of
    an open question is counted by them."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Callable[[], datetime],
        fanout: Fanout,
        ticks: Callable[[], float] | None = None,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ticks = ticks
        self._fanout = fanout
        self._rooms: dict[int, asyncio.Task[Room]] = {}

    async def get(self, contest_id: int) -> Room:
        """The room of a contest. Raises NotFound `no_contest`."""
        task = self._rooms.get(contest_id)
        if task is None:
            task = self._rooms[contest_id] = asyncio.create_task(self._make(contest_id))
            task.add_done_callback(partial(self._made, contest_id))
        return await asyncio.shield(task)

    def now(self, contest_id: int) -> datetime:
        """The time that counts in a contest, also before its room has been read."""
        room = self._ready().get(contest_id)
        return room.clock() if room else self._clock()

    def _ready(self) -> dict[int, Room]:
        """The rooms that have been read."""
        return {
            number: task.result()
            for number, task in self._rooms.items()
            if task.done() and not task.cancelled() and task.exception() is None
        }

    def _made(self, contest_id: int, task: asyncio.Task[Room]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._rooms.pop(contest_id, None)  # the next one tries again

    async def _make(self, contest_id: int) -> Room:
        def read() -> Loaded:
            with self._sessions() as session:
                return load(session, contest_id, self._clock())

        loaded = await to_the_end(read)
        say = partial(self._fanout.say, f"{CONTEST}{contest_id}") if self._fanout.shared else None
        if self._ticks is None:
            return Room(self._sessions, self._clock, Views(loaded), say)
        clock = Steady(self._clock, self._ticks)
        room = Room(self._sessions, clock, Views(loaded), say)
        clock.holds = lambda: room.loaded.contest.phase == "question"
        return room

    def hear(self, topic: str, word: Mapping[str, Any]) -> None:
        """Another process says something; "" when words may have been missed."""
        for number, room in self._ready().items():
            if topic in ("", f"{CONTEST}{number}"):
                room.hear(word)

    async def watch(self) -> None:
        """Every second: what other processes stored, and who signed out. Rooms that nobody needs
        any more are closed. At the end, what rooms have begun is brought to an end."""
        try:
            await self._watch()
        finally:
            await asyncio.gather(*(room.end() for room in self._ready().values()))

    async def _watch(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(PERIOD_S)
            turn += 1
            for number, room in self._ready().items():
                if not room.crowd.seats and not room.crowd.present(room.clock()):
                    room.telling.tell_others()
                    del self._rooms[number]
                    continue
                room.telling.tell_others()
                try:
                    if not await room.look():
                        del self._rooms[number]
                        seats = room.crowd.seats
                        await asyncio.gather(*(room.crowd.close(one, NOT_YOURS) for one in seats))
                        continue
                    if turn % STANDING == 0:
                        await self._end_signed_out(room)
                except SQLAlchemyError:
                    log.exception("contest %s: the database did not answer", number)

    async def _end_signed_out(self, room: Room) -> None:
        seats = {seat.caller.session: seat for seat in room.crowd.seats}
        standing = await to_the_end(self._standing, {one for one in seats if one is not None})
        ended = [seat for session, seat in seats.items() if session not in standing]
        await asyncio.gather(*(room.crowd.close(seat, SIGNED_OUT) for seat in ended))

    def _standing(self, hashes: set[str]) -> set[str]:
        with self._sessions() as session:
            return standing_sessions(session, hashes, self._clock())
