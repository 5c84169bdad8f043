"""Keeps the search index in step with what other processes publish, withdraw and import."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.search import content_mark, refresh_index
from lawlab.store.statutes import Statutes

EVERY = 3.0
"""Seconds between two looks."""
log = logging.getLogger("lawlab.api")


async def watch(
    sessions: sessionmaker[Session], statutes: Statutes, clock: Callable[[], dt.datetime]
) -> None:
    """Look and refresh until cancelled. Trouble is logged and tried again: search may be a few
    seconds behind, it must not take the API with it."""
    seen = ""
    while True:
        # Whoever signs in right after a start comes first.
        await asyncio.sleep(EVERY)
        try:
            seen = await to_the_end(step, sessions, statutes, clock, seen)
        except SQLAlchemyError as error:
            log.warning("the search index was not refreshed: %s", error)


def step(
    sessions: sessionmaker[Session],
    statutes: Statutes,
    clock: Callable[[], dt.datetime],
    seen: str,
) -> str:
    """One look; returns the mark of what the index now holds."""
    with sessions() as session:
        mark = content_mark(session, clock())
        if mark != seen:
            changed = refresh_index(session, statutes, clock())
            log.info("search index: %d documents changed", changed)
    return mark
