"""Keeps what practice derives in step: memories with the plan, mastery with the day."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.mastery import update_everybody
from lawlab.services.memory import bring_memories_in_step

FIRST, EVERY = 20.0, 60.0
"""Seconds until the first look, when those who sign in at the start are in, and between two."""
log = logging.getLogger("lawlab.api")


async def watch(sessions: sessionmaker[Session], clock: Callable[[], dt.datetime]) -> None:
    """Look until cancelled. Trouble is logged and tried again."""
    await asyncio.sleep(FIRST)
    while True:
        try:
            await to_the_end(step, sessions, clock())
        except SQLAlchemyError as error:
            log.warning("practice was not brought in step: %s", error)
        await asyncio.sleep(EVERY)


def step(sessions: sessionmaker[Session], now: dt.datetime) -> None:
    """One look: cheap when nothing changed."""
    with sessions() as session:
        changed = bring_memories_in_step(session, now)
        if changed:
            log.info("memories: %d rows made anew", changed)
        update_everybody(session, now)
