"""What API processes on the same PostgreSQL database tell each other: what a commit changed
(`store.notify`), and what is in no table, such as who has a contest open.

Everything that counts is in the database, and is looked at once a second besides: whoever misses a
word is late by that much, and nothing is wrong.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from lawlab.store.listening import connect
from lawlab.store.notify import CHANNEL

log = logging.getLogger("lawlab.api")
AGAIN_S = 1.0
KEPT = 1000
"""Words that wait for a database that is away; older ones are of no use any more."""
Hear = Callable[[str, Mapping[str, Any]], None]
"""Called with a topic, and what was said of it and by whom (`from`): nothing of a commit."""


class Fanout:
    """One per process. `name` is what the others know it by."""

    def __init__(self, url: str) -> None:
        self.name = secrets.token_hex(4)
        self.shared = not url.startswith("sqlite")
        """Whether there may be others."""
        self._url = url
        self._hear: list[Hear] = []
        self._waiting: asyncio.Queue[str] = asyncio.Queue(KEPT)

    def on_word(self, hear: Hear) -> None:
        """Have `hear` called, in the loop, for each word of another process. After words may have
        been missed it is called with the topic ""."""
        self._hear.append(hear)

    def say(self, topic: str, word: Mapping[str, Any]) -> None:
        """Tell the others; at most 8,000 bytes as JSON."""
        if not self.shared:
            return
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(f"{self.name} {topic} {json.dumps(word, separators=(',', ':'))}")

    async def run(self) -> None:
        """Listen and tell, for ever; a lost connection is made again."""
        while self.shared:
            try:
                async with connect(self._url) as ears, connect(self._url) as mouth:
                    await ears.execute(f"listen {CHANNEL}")
                    # What is said here is worth nothing after a crash.
                    await mouth.execute("set synchronous_commit to off")
                    self._pass_on("", {})
                    await self._both(ears, mouth)
            except psycopg.Error as error:
                log.warning("other API processes are out of hearing: %s", error)
            await asyncio.sleep(AGAIN_S)

    async def _both(
        self, ears: psycopg.AsyncConnection[Any], mouth: psycopg.AsyncConnection[Any]
    ) -> None:
        tasks = [asyncio.create_task(self._listen(ears)), asyncio.create_task(self._tell(mouth))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, ears: psycopg.AsyncConnection[Any]) -> None:
        async for heard in ears.notifies():
            teller, _, said = heard.payload.partition(" ")
            topic, _, word = said.partition(" ")
            if teller != self.name:
                self._pass_on(topic, {"from": teller} | json.loads(word) if word else {})

    async def _tell(self, mouth: psycopg.AsyncConnection[Any]) -> None:
        while True:
            payload = await self._waiting.get()
            await mouth.execute("select pg_notify(%s, %s)", (CHANNEL, payload))

    def _pass_on(self, topic: str, word: Mapping[str, Any]) -> None:
        for hear in self._hear:
            try:
                hear(topic, word)
            except Exception:
                log.exception("a word about %s was not understood", topic)
