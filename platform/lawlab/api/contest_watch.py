"""Settles contests soon after their end."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.contest_settling import settle_finished

EVERY_S = 5.0
log = logging.getLogger("lawlab.api")


async def watch(sessions: sessionmaker[Session], clock: Callable[[], dt.datetime]) -> None:
    """Look until cancelled. Trouble is logged and tried again."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await to_the_end(step, sessions, clock())
        except SQLAlchemyError as error:
            log.warning("a contest was not settled: %s", error)


def step(sessions: sessionmaker[Session], now: dt.datetime) -> None:
    """One look: cheap when nothing ended."""
    with sessions() as session:
        if settled := settle_finished(session, now):
            log.info("%d contests settled", settled)
