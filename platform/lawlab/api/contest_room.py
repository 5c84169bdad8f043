"""The rooms in which contests run: what the host does, one thing after another.

The database holds everything that was acknowledged; a room is read from it (`api.contest_memory`),
and read again whenever somebody else (a second process, a restart) was quicker. Rooms of the same
contest in other processes say at once when they stored something (`api.fanout`), and what no table
holds. Answers that arrive together are stored together (`api.contest_answers`). Arrival is when a
message is read here; what a batch takes to store costs nobody his time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import Tasks
from lawlab.api.contest_answers import Answers
from lawlab.api.contest_buzzes import Buzzes
from lawlab.api.contest_crowd import Crowd
from lawlab.api.contest_memory import SERVER, Memory
from lawlab.api.contest_telling import Say, Telling
from lawlab.domain.contest_events import Did, Event
from lawlab.domain.contest_script import Format
from lawlab.errors import Conflict
from lawlab.services.contest import Loaded, Raced
from lawlab.services.contest_news import News
from lawlab.services.contest_views import Views
from lawlab.services.sessions import Caller

log = logging.getLogger("lawlab.api")
TRIES = 3


class Room:
    """One contest that somebody looks at. `say` tells the rooms of other processes; None where
    there are none."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Callable[[], datetime],
        views: Views,
        say: Say | None = None,
    ) -> None:
        self.clock = clock
        self.crowd = Crowd()
        self.memory = Memory(sessions, clock, views)
        self._tasks = Tasks()
        self.telling = Telling(self.memory, self.crowd, self._tasks, say)
        self.answers = Answers(self.memory, self.crowd, self.telling)
        self.buzzes = Buzzes(self.memory, self._tasks, self.command, say)
        self._shared = say is not None
        self._lock = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self.telling.set_end()

    @property
    def loaded(self) -> Loaded:
        return self.memory.loaded

    async def meet(self, caller: Caller) -> None:
        """Somebody looks at his seat; know him before he is shown."""
        self.crowd.asked(caller.person_id, self.clock())
        self.telling.count_soon()
        await self.memory.meet(caller.person_id)

    # ---- what the host does ----

    async def command(
        self, kind: Did, by: str, data: Mapping[str, Any], key: str | None = None, seq: int = -1
    ) -> None:
        """Decide, store, take, tell everybody. `seq`: what the host saw (-1: whatever there is).
        Raises what `domain.contest` refuses with; Conflict `host_moved`."""
        async with self._lock:
            if self._shared:
                await self._catch_up()
            for _ in range(TRIES):
                if key is not None and await self.memory.knows(key):
                    return
                if kind is Did.REVEAL:
                    # What arrived in time is counted, however long it takes to store.
                    await self.answers.all_stored()
                if seq != -1 and self._moved_since(seq):
                    raise Conflict("host_moved", "另一位主持人已经点了下一步，请看现在的画面。")
                event = self._decide(kind, by, data)
                try:
                    await self.memory.store(event, key)
                except Raced:
                    await self._read_again()
                    await self.telling.tell_everybody()
                    continue
                self.loaded.contest.apply(event)
                self._after(event, self.clock())
                if self.loaded.script.window and self.loaded.row.state == "finished":
                    await self._read_again()  # what was answered never came through here
                await self.telling.tell_everybody()
                return
        raise Raced

    def _moved_since(self, seq: int) -> bool:
        # What the server itself decided, such as who pressed first, overtakes no host.
        return any(one.seq > seq and one.by != SERVER for one in self.loaded.contest.events)

    def _decide(self, kind: Did, by: str, data: Mapping[str, Any]) -> Event:
        if kind is Did.START:
            data = {"entered": self._entered()}
        if kind is Did.REVEAL:
            data = {"spread": self.telling.spread()}
        return self.loaded.contest.decide(kind, self.clock(), by, data)

    def _entered(self) -> dict[str, list[int]]:
        entered: dict[str, list[int]] = {}
        if self.loaded.script.format is Format.TEAM:
            for one in sorted(self.loaded.expected):
                if unit := self.loaded.people[one].unit:
                    entered.setdefault(unit, []).append(one)
        return entered

    def _after(self, event: Event, at: datetime) -> None:
        if event.kind is Did.OPEN:
            self.loaded.row.state, self.loaded.row.opened_at = "open", event.at
        if event.kind is Did.FINISH:
            self.loaded.row.state = "finished"
        if event.kind is Did.SHOW:
            self.telling.sent(event.data["turn"], at)
        self.telling.set_end()

    # ---- what somebody else stored ----

    async def look(self) -> bool:
        """Notice what another process stored, or that the contest was changed or cancelled. False:
        it was deleted."""
        async with self._lock:
            return await self._catch_up()

    async def _catch_up(self) -> bool:
        news = await self.memory.news()
        if news is None:
            return False
        changed = self._take_news(news)
        row, contest = self.loaded.row, self.loaded.contest
        given = sum(len(answers) for answers in contest.given.values()) + self.answers.on_their_way
        behind = self._shared and not self.loaded.script.window and news.stored > given
        over = bool(news.events) and self.loaded.script.window and row.state == "finished"
        if news.standing != (contest.seq, row.state, row.revision) or behind or over:
            await self._read_again()
            changed = True
        if changed:
            await self.telling.tell_everybody()
        return True

    def _take_news(self, news: News) -> bool:
        """Take what is new; True when every page has to show something else. Answers come first:
        whoever sees a reveal sees everything that was stored before it."""
        self.loaded.people.update(news.cards)
        contest = self.loaded.contest
        new = [one for one in news.answers if one.person not in contest.given.get(one.turn, {})]
        for one in new:
            if not self.loaded.script.window:
                self.answers.take(one)
                self.telling.tell_phones(one.person)
        following = [one for one in news.events if one.seq == contest.seq + 1]
        for event in news.events if following else ():
            contest.apply(event)
            self._after(event, event.at)
        late = bool(new) and contest.phase != "question"
        if late:
            self.memory.views = Views(self.loaded)  # made before these answers were known
        return late or bool(news.events)

    async def _read_again(self) -> None:
        await self.memory.read_again()
        self.telling.set_end()

    # ---- other processes ----

    def hear(self, word: Mapping[str, Any]) -> None:
        """The room of another process says something; nothing but that it stored something when
        `word` is empty."""
        if self.telling.hear(word):
            return
        if word.get("kind") == "press":
            self.buzzes.hear(word["turn"], word["press"])
        else:
            self._look_soon()

    def _look_soon(self) -> None:
        """Look at once; what is said while a look waits for its turn needs none of its own."""
        if self._looking is None or self._looking.done():
            self._looking = self._tasks.spawn(self._look())

    async def _look(self) -> None:
        try:
            async with self._lock:
                self._looking = None  # what is said from now on needs another look
                await self._catch_up()
        except SQLAlchemyError:
            log.exception("contest %s: the database did not answer", self.loaded.row.id)

    async def end(self) -> None:
        """Bring to an end what goes on here by itself."""
        self.telling.end()
        await self._tasks.end()
