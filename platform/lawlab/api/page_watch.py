"""Keeps the pages of lessons in step with what is published, also when their folder could not be
written at that moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.services.pages import try_pages

EVERY = 30.0
"""Seconds between two comparisons."""


async def watch(sessions: sessionmaker[Session], pages: Path) -> None:
    """Compare until cancelled. `make_app` compared before the first request."""
    while True:
        await asyncio.sleep(EVERY)
        await to_the_end(step, sessions, pages)


def step(sessions: sessionmaker[Session], pages: Path) -> None:
    """One comparison, and what it finds wanting is written."""
    with sessions() as session:
        try_pages(session, pages)
