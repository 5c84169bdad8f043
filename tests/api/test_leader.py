"""Work that only one of several processes does, and who does it when that one is gone."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from lawlab.api.leader import LOCK, lead
from lawlab.store.listening import connect


class Worker:
    """One process: notes when it begins its work and when it was made to end it."""

    def __init__(self, url: str) -> None:
        self.working = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.task = asyncio.create_task(lead(url, {"work": self._work}))

    async def _work(self) -> None:
        self.working.set()
        self.idle.clear()
        try:
            await asyncio.Event().wait()
        finally:
            self.working.clear()
            self.idle.set()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def _alone(url: str) -> None:
    worker = Worker(url)
    await asyncio.wait_for(worker.working.wait(), 5)
    await worker.stop()
    assert worker.idle.is_set()


def test_who_is_alone_does_the_work(database_url: str) -> None:
    asyncio.run(_alone(database_url))


async def _take_over(url: str) -> float:
    first = Worker(url)
    await asyncio.wait_for(first.working.wait(), 5)
    second = Worker(url)
    async with connect(url) as admin:
        row = await (await admin.execute(LOCK)).fetchone()
        assert row == (False,)
        assert not second.working.is_set()
        # As when the process of the first dies: the database sees its connection end.
        began = time.monotonic()
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        )
    await asyncio.wait_for(second.working.wait(), 5)
    took = time.monotonic() - began
    await asyncio.wait_for(first.idle.wait(), 5)
    assert second.working.is_set()
    await first.stop()
    await second.stop()
    return took


def test_when_the_leading_process_dies_another_takes_over_within_two_seconds(
    migrated_postgres: str,
) -> None:
    assert asyncio.run(_take_over(migrated_postgres)) < 2


def test_a_database_that_is_not_there_is_an_error_of_the_driver() -> None:
    async def ask() -> None:
        async with connect("postgresql+psycopg://lawlab@/lawlab?host=/nowhere"):
            pass

    with pytest.raises(psycopg.Error):
        asyncio.run(ask())
