"""Keeps the search index and the pool of practice in step with what other processes publish,
withdraw and import."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.domain.search import Everyday
from lawlab.services.drill_pool import bring_pool_in_step
from lawlab.services.search import content_mark, refresh_index
from lawlab.store.statutes import Statutes

EVERY = 3.0
"""Seconds between two looks."""
log = logging.getLogger("lawlab.api")


class Indexer:
    """One per process. `ready` tells whether the index has been in step at least once, so that a
    search right after a start can say that it may not have found everything."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        statutes: Statutes,
        clock: Callable[[], dt.datetime],
        everyday: tuple[Everyday, ...],
    ) -> None:
        self._sessions = sessions
        self._statutes = statutes
        self._clock = clock
        self._everyday = everyday
        self._seen = ""

    @property
    def ready(self) -> bool:
        return self._seen != ""

    async def watch(self) -> None:
        """Look and refresh until cancelled. Trouble is logged and tried again: search may be a few
        seconds behind, it must not take the API with it."""
        while True:
            # Whoever signs in right after a start comes first.
            await asyncio.sleep(EVERY)
            for work, trouble in (
                (self.look, "the search index was not refreshed"),
                (self.fill_pool, "the pool of practice was not brought in step"),
            ):
                # Neither has to wait for what hinders the other.
                try:
                    await to_the_end(work)
                except Exception:
                    log.exception(trouble)

    def look(self) -> None:
        """One look, and the work if something has changed since the last."""
        with self._sessions() as session:
            mark = content_mark(session, self._clock())
            if mark != self._seen:
                changed = refresh_index(session, self._statutes, self._clock(), self._everyday)
                log.info("search index: %d documents changed", changed)
        self._seen = mark

    def fill_pool(self) -> None:
        """Make the pool of practice anew if something has changed since it was made."""
        with self._sessions() as session:
            if bring_pool_in_step(session, self._statutes, self._clock()):
                log.info("the pool of practice was made anew")
