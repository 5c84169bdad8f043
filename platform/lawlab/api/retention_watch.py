"""Deletes personal data whose time is over, once a day."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.retention import apply_rules

FIRST, EVERY = 300.0, 86_400.0
"""Seconds until the first look, when the start is over, and between two."""
log = logging.getLogger("lawlab.api")


async def watch(
    sessions: sessionmaker[Session], clock: Callable[[], dt.datetime], keep_signins_days: int
) -> None:
    """Look until cancelled. Trouble is logged and tried again the next day."""
    await asyncio.sleep(FIRST)
    while True:
        try:
            await to_the_end(step, sessions, clock(), keep_signins_days)
        except SQLAlchemyError as error:
            log.warning("personal data that is over was not deleted: %s", error)
        await asyncio.sleep(EVERY)


def step(sessions: sessionmaker[Session], now: dt.datetime, keep_signins_days: int) -> None:
    """One look; cheap when nothing is over."""
    with sessions() as session:
        counts = apply_rules(session, now, keep_signins_days)
    if any(counts.values()):
        log.info("personal data whose time was over was deleted: %s", counts)
