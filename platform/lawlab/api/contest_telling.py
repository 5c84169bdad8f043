"""What the pages of a contest show and are told, and what the rooms of other processes are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lawlab.api.background import Tasks
from lawlab.api.contest_crowd import Crowd
from lawlab.api.contest_delivery import Delivery
from lawlab.api.contest_elsewhere import Elsewhere
from lawlab.api.contest_memory import Memory
from lawlab.services.contest_host_view import Around, host_view, screen_view
from lawlab.services.sessions import Caller

COUNT_S = 0.25

Say = Callable[[Mapping[str, Any]], None]


class Telling:
    """Of one contest. `say` tells the rooms of other processes; None where there are none."""

    def __init__(self, memory: Memory, crowd: Crowd, tasks: Tasks, say: Say | None) -> None:
        self._memory = memory
        self._crowd = crowd
        self._tasks = tasks
        self._shared = say is not None
        self._delivery = Delivery()
        self._elsewhere = Elsewhere(say or (lambda _word: None))
        self._count_timer: asyncio.TimerHandle | None = None
        self._end_timer: asyncio.TimerHandle | None = None

    # ---- looking ----

    def present(self) -> frozenset[int]:
        """Who has the seat page open, at any process."""
        return self._crowd.present(self._memory.clock()) | self._elsewhere.present()

    def spread(self) -> dict[str, Any] | None:
        """How long the question that is shown took to the phones."""
        turn = self._memory.loaded.contest.turn
        return self._delivery.spread(turn.number) if turn else None

    def view(self, caller: Caller, kind: str, origin: str = "") -> dict[str, Any]:
        """What a page of this kind shows now."""
        now = self._memory.clock()
        if kind == "seat":
            return self._memory.views.seat(caller.person_id, now)
        around = Around(self.present(), self.spread(), origin)
        return (host_view if kind == "host" else screen_view)(self._memory.views, around, now)

    # ---- the pages ----

    async def tell_everybody(self) -> None:
        """Every page shows what holds now. All is written before the first is sent, so that nobody
        has it much earlier than others."""
        phones = list(self._crowd.phones)
        people = [seat.person for seat in phones]
        texts = self._memory.views.seat_texts(people, self._memory.clock())
        telling = self._crowd.send_all(zip(phones, texts, strict=True))
        await asyncio.gather(telling, self.tell_stage())

    async def tell_stage(self) -> None:
        """Consoles and projectors show what holds now."""
        stage = list(self._crowd.stage)
        views = [self.view(seat.caller, seat.kind, seat.origin) for seat in stage]
        await asyncio.gather(*map(self._crowd.send, stage, views))

    def tell_phones(self, person: int) -> None:
        """All phones of somebody show what holds now."""
        for seat in self._crowd.phones_of(person):
            self._tasks.spawn(self._crowd.send(seat, self.view(seat.caller, "seat")))

    def count_soon(self) -> None:
        """Tell host and projector, within COUNT_S, how many are here and have answered."""
        if self._count_timer is None and (self._crowd.stage or self._shared):
            loop = asyncio.get_running_loop()
            self._count_timer = loop.call_later(COUNT_S, self._spawn_count)

    def _spawn_count(self) -> None:
        self._count_timer = None
        if self._shared:
            self.tell_others()
        self._tasks.spawn(self._tell_count())

    async def _tell_count(self) -> None:
        contest = self._memory.loaded.contest
        turn = contest.turn
        answered = contest.given[turn.number].keys() if turn else ()
        word = {
            "type": "count",
            "turn": turn.number if turn else 0,
            "answered": len(answered),
            "present": len(self.present()),
        }
        await asyncio.gather(*(self._crowd.send(seat, word) for seat in self._crowd.stage))

    # ---- a question's time ----

    def sent(self, turn: int, at: datetime) -> None:
        """A question goes out now."""
        self._delivery.sent(turn, at)

    def got(self, turn: int, person: int) -> None:
        """A phone has a question on its screen."""
        took = self._delivery.got(turn, person, self._memory.clock())
        if took is not None:
            self._elsewhere.took(person, took)
            self.count_soon()

    def set_end(self) -> None:
        """The host and the projector are told when the time is over; phones count by themselves."""
        if self._end_timer is not None:
            self._end_timer.cancel()
            self._end_timer = None
        contest = self._memory.loaded.contest
        turn = contest.turn
        if contest.phase != "question" or turn is None or turn.paused:
            return
        now = self._memory.clock()
        if left := turn.left(now):
            wait = left / 1000 + max(0.0, (turn.opens_at - now).total_seconds()) + 0.02
            loop = asyncio.get_running_loop()
            self._end_timer = loop.call_later(wait, self._spawn_end)

    def _spawn_end(self) -> None:
        self._tasks.spawn(self.tell_stage())

    # ---- other processes ----

    def tell_others(self) -> None:
        """Say who is here, so that the others count him; they forget whoever is silent."""
        self._elsewhere.tell_present(self._crowd.present(self._memory.clock()))
        self._elsewhere.tell_took(self._delivery.turn)

    def hear(self, word: Mapping[str, Any]) -> bool:
        """The room of another process says who is there, asks for it, or says how long a question
        took; False for every other word."""
        match word.get("kind"):
            case "who":
                here = self._crowd.present(self._memory.clock())
                self._elsewhere.tell_present(here, anyway=True)
            case "here":
                self._elsewhere.hear_present(word)
                self.count_soon()
            case "got":
                self._delivery.heard(word["turn"], word["took"])
            case _:
                return False
        return True

    def end(self) -> None:
        """Nothing is told by the clock any more."""
        for timer in (self._count_timer, self._end_timer):
            if timer is not None:
                timer.cancel()
