"""On the day on which a new text of a law begins, what it no longer bears out leaves the papers."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.freshness import mark_stale
from lawlab.store.statutes import Statutes, china_day

EVERY = 60.0
"""Seconds between two looks at the calendar."""
log = logging.getLogger("lawlab.api")


async def watch(
    sessions: sessionmaker[Session],
    statutes: Statutes,
    clock: Callable[[], dt.datetime],
    day: dt.date,
) -> None:
    """Compare once on each day after `day` until cancelled. `lawlab serve` compared before it
    started."""
    while True:
        await asyncio.sleep(EVERY)
        today = china_day(clock())
        if today == day:
            continue
        try:
            gone = await to_the_end(step, sessions, statutes, clock())
        except SQLAlchemyError as error:
            log.warning("the items were not compared with the law: %s", error)
            continue
        day = today
        if gone:
            log.warning("%d items are stale since today: %s", len(gone), ", ".join(gone))


def step(sessions: sessionmaker[Session], statutes: Statutes, now: dt.datetime) -> list[str]:
    """The items that left the papers now."""
    with sessions() as session:
        return mark_stale(session, statutes, now)
