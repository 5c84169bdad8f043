"""Work that one of several API processes does: who holds a lock of the database does it, and when
he dies the database gives the lock to the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from lawlab.store.listening import connect

Work = Mapping[str, Callable[[], Coroutine[Any, Any, None]]]
LOCK = "select pg_try_advisory_lock(hashtext('lawlab leader'))"
EVERY_S = 1.0
"""Between two tries, and between two looks whether the connection that holds the lock is there."""
PATIENCE_S = 5.0
"""A database that does not answer for so long may have given the lock to somebody else."""
log = logging.getLogger("lawlab.api")


async def lead(url: str, work: Work) -> None:
    """Do `work`, by name, while this process is the one; for ever. On SQLite it always is."""
    if url.startswith("sqlite"):
        async with _at_work(work):
            await asyncio.Event().wait()
    while True:
        try:
            async with connect(url) as connection:
                while not await _holds(connection, LOCK):
                    await asyncio.sleep(EVERY_S)
                log.info("this process does what only one may do")
                async with _at_work(work):
                    while True:
                        await asyncio.sleep(EVERY_S)
                        await _holds(connection, "select true")
        except (psycopg.Error, TimeoutError) as error:
            log.warning("the lock of the leading process is out of reach: %s", error)
            await asyncio.sleep(EVERY_S)


async def _holds(connection: psycopg.AsyncConnection[Any], query: str) -> bool:
    async with asyncio.timeout(PATIENCE_S):
        row = await (await connection.execute(query)).fetchone()
    return bool(row and row[0])


@asynccontextmanager
async def _at_work(work: Work) -> AsyncIterator[None]:
    """What has begun is brought to an end before this returns."""
    tasks = [asyncio.create_task(start(), name=name) for name, start in work.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
