"""Who has a page of a contest open: the sockets, and whoever asks again and again instead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from lawlab.services.sessions import Caller

SEND_S = 5.0
"""A phone that takes nothing for so long is cut off; it comes back by itself."""
GONE = 1011
HERE = timedelta(seconds=10)
"""Whoever asked within this time is present."""


@dataclass(eq=False)
class Seat:
    """An open socket. `kind`: seat, host or screen. `origin`: where its browser reached us."""

    socket: WebSocket
    caller: Caller
    kind: str
    origin: str = ""

    @property
    def person(self) -> int:
        return self.caller.person_id


class Crowd:
    """Everybody who looks at one contest."""

    def __init__(self) -> None:
        self.phones: set[Seat] = set()
        self.stage: set[Seat] = set()
        """Consoles and projectors."""
        self._of: dict[int, set[Seat]] = {}
        self._asked: dict[int, datetime] = {}

    @property
    def seats(self) -> set[Seat]:
        return self.phones | self.stage

    def enter(self, seat: Seat) -> None:
        """A page was opened."""
        if seat.kind != "seat":
            self.stage.add(seat)
            return
        self.phones.add(seat)
        self._of.setdefault(seat.person, set()).add(seat)

    def leave(self, seat: Seat) -> None:
        """A page was closed, or takes nothing any more; a repeat is harmless."""
        self.stage.discard(seat)
        self.phones.discard(seat)
        if own := self._of.get(seat.person):
            own.discard(seat)
            if not own:
                del self._of[seat.person]

    def asked(self, person: int, now: datetime) -> None:
        """Somebody's page asked without a socket."""
        self._asked[person] = now

    def phones_of(self, person: int) -> frozenset[Seat]:
        return frozenset(self._of.get(person, ()))

    def present(self, now: datetime) -> frozenset[int]:
        """Who has the seat page open."""
        asked = {one for one, at in self._asked.items() if at >= now - HERE}
        return frozenset(asked | self._of.keys())

    async def send(self, seat: Seat, word: Mapping[str, Any]) -> None:
        """Send one message; who does not take it is cut off."""
        await self._send(seat, json.dumps(word, ensure_ascii=False))

    async def send_all(self, texts: Iterable[tuple[Seat, str]]) -> None:
        """Send to many at once; one that is slow holds up nobody."""
        await asyncio.gather(*(self._send(seat, text) for seat, text in texts))

    async def close(self, seat: Seat, code: int) -> None:
        self.leave(seat)
        with suppress(WebSocketDisconnect, RuntimeError):  # it may be gone by itself
            await seat.socket.close(code)

    async def _send(self, seat: Seat, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                await seat.socket.send_text(text)
        except TimeoutError:
            await self.close(seat, GONE)
        except (WebSocketDisconnect, RuntimeError):
            self.leave(seat)
