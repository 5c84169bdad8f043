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
DEAL_EVERY = 5
CHANCE = random.SystemRandom()
log = logging.getLogger("lawlab.api")


async def watch(sessions: sessionmaker[Session], clock: Callable[[], datetime], live: Live) -> None:
    """Look until cancelled. What fails is logged and tried again, and keeps nothing else back."""
    while True:
        if await to_the_end(step, sessions, clock()):
            live.nudge()
        await asyncio.sleep(EVERY)


def step(sessions: sessionmaker[Session], now: datetime) -> bool:
    """Close what is over and deal what has begun; True when something was done."""
    done = False
    try:
        with sessions() as session:
            over, begun = overdue(session, now), undealt(session, now)
    except SQLAlchemyError:
        log.exception("activities: the database did not answer; trying again")
        return False
    for activity_id in over:
        done |= _tried(sessions, f"closing {activity_id}", close_activity, activity_id, now)
    # A bank without short questions is asked again, but not every second.
    if begun and now.second % DEAL_EVERY == 0:
        done |= _tried(sessions, "dealing cards", deal_cards, now, CHANCE)
    return done


def _tried(
    sessions: sessionmaker[Session], what: str, work: Callable[..., object], *args: object
) -> bool:
    try:
        with sessions() as session:
            return bool(work(session, *args))
    except Exception:  # one activity must not keep the others from closing
        log.exception("activities: %s failed; trying again", what)
        return False
