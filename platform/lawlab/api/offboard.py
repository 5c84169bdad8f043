"""Ends what a disabled person still has at the Hub: his tokens, cookies and server.

Disabling writes one row; this task, in the API process, carries it to the Hub within two seconds
and repeats until the Hub has no record of him. (His people row stays: only the Hub's user goes.)
"""

from __future__ import annotations

import asyncio
import logging

import httpx
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.store.tables import Person

log = logging.getLogger("lawlab.api")
PERIOD_S = 2.0


async def watch(sessions: sessionmaker[Session], hub: httpx.AsyncClient, token: str) -> None:
    """Look for disabled people for ever; each is removed from the Hub once."""
    done: set[tuple[str, object]] = set()
    while True:
        try:
            for login, since in await to_the_end(_disabled, sessions):
                if (login, since) not in done and await _remove(hub, token, login):
                    done.add((login, since))
        except (httpx.HTTPError, SQLAlchemyError) as error:
            log.warning("cannot end a disabled person's Hub session yet: %s", error)
        await asyncio.sleep(PERIOD_S)


def _disabled(sessions: sessionmaker[Session]) -> list[tuple[str, object]]:
    with sessions() as session:
        rows = session.execute(
            select(Person.login, Person.disabled_at).where(Person.active.is_(False))
        )
        return [(login, since) for login, since in rows]


async def _remove(hub: httpx.AsyncClient, token: str, login: str) -> bool:
    reply = await hub.delete(f"/users/{login}", headers={"Authorization": f"token {token}"})
    if reply.status_code in {204, 404}:
        log.info("%s is disabled: his Hub sessions and server have ended", login)
        return True
    log.warning("the Hub did not end %s yet (%s)", login, reply.status_code)
    return False
