"""Seals what was recorded, every minute in which something was."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.sealing import seal
from lawlab.services.written_heads import write_head

EVERY_S = 60.0
log = logging.getLogger("lawlab.api")


async def watch(
    sessions: sessionmaker[Session], clock: Callable[[], dt.datetime], head_file: str
) -> None:
    """Look until cancelled. Trouble is logged and tried again; several processes do no harm."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await to_the_end(step, sessions, clock(), head_file)
        except SQLAlchemyError as error:
            log.warning("nothing was sealed: %s", error)


def step(sessions: sessionmaker[Session], now: dt.datetime, head_file: str) -> None:
    """One look: cheap when nothing came."""
    with sessions() as session:
        link = seal(session, now)
    if link is not None:
        for fault in write_head(link, head_file):
            log.warning("link %d of the chain was not written to %s", link.number, fault)
