"""The rooms of this process, and what happens in them without anybody asking."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.api.contest_room import Room
from lawlab.api.live import NOT_YOURS, SIGNED_OUT
from lawlab.services.contest import Loaded, load
from lawlab.services.contest_views import Views
from lawlab.services.sessions import standing_sessions

log = logging.getLogger("lawlab.api")
PERIOD_S = 1.0
STANDING = 3
"""So many periods pass between two looks at who signed out or was disabled."""


class Rooms:
    """The rooms of this process."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._rooms: dict[int, asyncio.Task[Room]] = {}

    async def get(self, contest_id: int) -> Room:
        """The room of a contest. Raises NotFound `no_contest`."""
        task = self._rooms.get(contest_id)
        if task is None:
            task = self._rooms[contest_id] = asyncio.create_task(self._make(contest_id))
            task.add_done_callback(partial(self._made, contest_id))
        return await asyncio.shield(task)

    def _made(self, contest_id: int, task: asyncio.Task[Room]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._rooms.pop(contest_id, None)  # the next one tries again

    async def _make(self, contest_id: int) -> Room:
        def read() -> Loaded:
            with self._sessions() as session:
                return load(session, contest_id, self._clock())

        return Room(self._sessions, self._clock, Views(await to_the_end(read)))

    async def watch(self) -> None:
        """Every second: what other processes stored, and who signed out. Rooms that nobody needs
        any more are closed."""
        turn = 0
        while True:
            await asyncio.sleep(PERIOD_S)
            turn += 1
            for number, task in list(self._rooms.items()):
                if not task.done() or task.cancelled() or task.exception() is not None:
                    continue
                room = task.result()
                if not room.crowd.seats and not room.present():
                    del self._rooms[number]
                    continue
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
