"""Requests that arrive together are done together.

While one batch is at work, all that arrive meanwhile wait and become the next. A lone request waits
for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from lawlab.api.background import to_the_end

Asked = TypeVar("Asked")
Reply = TypeVar("Reply")


class Batcher(Generic[Asked, Reply]):
    """`work` takes the requests of a batch, at most `most`, and gives a reply for each, or the
    error to raise to who asked it. What it raises itself is raised to all of the batch. `done` is
    told of each reply before anybody who waits for it."""

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Reply | Exception]],
        most: int = 200,
        done: Callable[[Asked, Reply | Exception], None] | None = None,
    ) -> None:
        self._work = work
        self._most = most
        self._done = done
        self._waiting: list[tuple[Asked, asyncio.Future[Reply]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Reply:
        """The reply of `work`. Who gives up waiting does not stop the work."""
        return await self.put(asked)

    def put(self, asked: Asked) -> asyncio.Future[Reply]:
        """`ask` for several who wait for the same: a future of the reply."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="batch")
        return future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                replies = await to_the_end(self._work, [asked for asked, _ in batch])
            except Exception as error:  # noqa: BLE001 - whoever asked hears of it
                replies = [error] * len(batch)
            for (asked, future), reply in zip(batch, replies, strict=True):
                if self._done is not None:
                    self._done(asked, reply)
                if future.done():
                    continue
                if isinstance(reply, Exception):
                    future.set_exception(reply)
                else:
                    future.set_result(reply)
