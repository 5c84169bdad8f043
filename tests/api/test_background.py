"""Threads of cancelled tasks: waited for, so that nothing of theirs outlives the engine."""

from __future__ import annotations

import asyncio
import threading

import pytest

from lawlab.api.background import to_the_end


def test_a_cancelled_caller_waits_for_its_thread() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(5)
        ended.set()

    async def scene() -> None:
        caller = asyncio.create_task(to_the_end(work))
        await asyncio.to_thread(begun.wait, 5)
        caller.cancel()
        await asyncio.sleep(0)
        assert not caller.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert ended.is_set()

    asyncio.run(scene())


def test_a_result_and_a_failure_come_back() -> None:
    def fail() -> None:
        raise ValueError("no")

    async def scene() -> None:
        assert await to_the_end(divmod, 7, 2) == (3, 1)
        with pytest.raises(ValueError, match="no"):
            await to_the_end(fail)

    asyncio.run(scene())
