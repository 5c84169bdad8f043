"""Keeps the boards in step while nobody looks: with the day, the rules, and whatever was earned."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.board_keeping import bring_boards_in_step

EVERY_S = 2.0
log = logging.getLogger("lawlab.api")


async def watch(sessions: sessionmaker[Session], clock: Callable[[], dt.datetime]) -> None:
    """Look until cancelled. Trouble is logged and tried again."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await to_the_end(step, sessions, clock())
        except SQLAlchemyError as error:
            log.warning("the boards were not brought in step: %s", error)


def step(sessions: sessionmaker[Session], now: dt.datetime) -> None:
    """One look: cheap when nothing changed."""
    with sessions() as session:
        bring_boards_in_step(session, now)
