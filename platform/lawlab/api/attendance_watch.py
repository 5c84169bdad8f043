"""What happens at an activity by the clock alone: it closes, and the cards of an online one are
dealt."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.api.live import Live
from lawlab.services.attendance_events import close_activity, overdue
from lawlab.services.presence import deal_cards, undealt

EVERY = 1.0
"""Seconds between two looks."""
CHANCE = random.SystemRandom()
log = logging.getLogger("lawlab.api")


async def watch(sessions: sessionmaker[Session], clock: Callable[[], datetime], live: Live) -> None:
    """Look until cancelled."""
    while True:
        try:
            if await to_the_end(step, sessions, clock()):
                live.nudge()
        except SQLAlchemyError:
            log.exception("activities: the database did not answer; trying again")
        await asyncio.sleep(EVERY)


def step(sessions: sessionmaker[Session], now: datetime) -> bool:
    """Close what is over and deal what has begun; True when something was done."""
    with sessions() as session:
        over, begun = overdue(session, now), undealt(session, now)
        for activity_id in over:
            close_activity(session, activity_id, now)
        dealt = deal_cards(session, now, CHANCE) if begun else []
        return bool(over or dealt)
