"""抢答: who pressed the buzzer, here or at another process, and who was first."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from lawlab.api.background import Tasks
from lawlab.api.contest_memory import SERVER, Memory
from lawlab.api.contest_telling import Say
from lawlab.domain.contest_buzzer import TIE_WAIT_S, may_press
from lawlab.domain.contest_events import Did
from lawlab.errors import Conflict

Command = Callable[[Did, str, Mapping[str, Any]], Awaitable[None]]


class Buzzes:
    """Of one contest. `command` stores a decision; `say` tells the rooms of other processes."""

    def __init__(self, memory: Memory, tasks: Tasks, command: Command, say: Say | None) -> None:
        self._memory = memory
        self._tasks = tasks
        self._command = command
        self._say = say
        self._presses: list[dict[str, Any]] = []

    async def press(self, person: int, turn: int, at: datetime) -> dict[str, Any]:
        """Somebody pressed the buzzer. Raises Conflict as `may_press`."""
        self._memory.require_seat(person)
        contest = self._memory.loaded.contest
        shown = may_press(contest, person)
        if shown.number != turn:
            raise Conflict("not_this_question", "这道题已经过去了，请看现在的题。")
        if shown.armed_at is None or at < shown.armed_at:
            await self._command(Did.FALSE_START, SERVER, {"person": person})
            return {"type": "buzz", "turn": turn, "state": "false_start"}
        press = {"team": contest.team_of(person), "person": person, "at": at.isoformat()}
        if self._say:
            self._say({"kind": "press", "turn": turn, "press": press})
        self._pressed(turn, press)
        return {"type": "buzz", "turn": turn, "state": "pressed"}

    def hear(self, turn: int, press: Mapping[str, Any]) -> None:
        """Somebody pressed at another process."""
        with suppress(Conflict):  # it was decided meanwhile
            if may_press(self._memory.loaded.contest, press["person"]).armed_at:
                self._pressed(turn, dict(press))

    def _pressed(self, turn: int, press: dict[str, Any]) -> None:
        """Somebody pressed, here or at another process: each that knows of it decides, and the
        first to store it has decided."""
        self._presses.append(press)
        if len(self._presses) == 1:
            self._tasks.spawn(self._decide(turn))

    async def _decide(self, turn: int) -> None:
        await asyncio.sleep(TIE_WAIT_S)
        presses, self._presses = self._presses, []
        draw = secrets.randbelow(1_000_000) / 1_000_000
        data = {"turn": turn, "candidates": presses, "draw": draw}
        with suppress(Conflict):  # undone or decided meanwhile
            await self._command(Did.BUZZ, SERVER, data)
