"""Phones of a contest without a browser: they keep what is not acknowledged, send it again, drop
out and come back, as the seat page does."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

AGAIN_S = 0.3


@dataclass
class Phone:
    """One person's phone. `drops`: it loses its network again and again."""

    address: str
    login: str
    cookie: str
    drops: bool
    chance: random.Random
    acknowledged: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Turn → the response that the server said it has."""
    refused: dict[int, str] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    """The newest state."""
    back: list[float] = field(default_factory=list)
    """Seconds from each connection to the question on the screen."""
    _waiting: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def live(self) -> None:
        """Stay in the contest until cancelled."""
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                began = asyncio.get_running_loop().time()
                headers = {"Cookie": self.cookie}
                async with connect(
                    self.address, additional_headers=headers, proxy=None, open_timeout=10
                ) as socket:
                    await self._be(socket, began)
            await asyncio.sleep(AGAIN_S)

    async def _be(self, socket: ClientConnection, began: float) -> None:
        first = True
        for turn in list(self._waiting):
            await self._send(socket, turn)
        async for text in socket:
            word = json.loads(text)
            if first:
                self.back.append(asyncio.get_running_loop().time() - began)
                first = False
            if word["type"] == "ack":
                self.acknowledged[word["turn"]] = word["response"]
                self._waiting.pop(word["turn"], None)
            elif word["type"] == "refused":
                self.refused[word["turn"]] = word["code"]
                if word["code"] != "not_open":
                    self._waiting.pop(word["turn"], None)
            elif word["type"] == "state":
                await self._see(socket, word)

    async def _see(self, socket: ClientConnection, state: dict[str, Any]) -> None:
        if state["seq"] < self.shown.get("seq", 0):
            return
        self.shown = state
        question = state["question"]
        if state["phase"] != "question" or question["over"]:
            return
        turn = question["turn"]
        if turn in self._waiting or turn in self.acknowledged or state["me"]["answered"]:
            return
        options = ["对", "错"] if question["type"] == "judge" else list(question["options"])
        self._waiting[turn] = {"chosen": [self.chance.choice(options)]}
        await asyncio.sleep(0.5 + self.chance.random() * 1.5)
        lost = self.drops and self.chance.random()
        if lost and lost < 0.3:
            socket.transport.abort()  # before it was sent
        await self._send(socket, turn)
        if lost and lost > 0.7:
            socket.transport.abort()  # it may have arrived or not

    async def _send(self, socket: ClientConnection, turn: int) -> None:
        line = {"type": "answer", "turn": turn, "response": self._waiting[turn]}
        await socket.send(json.dumps(line))
