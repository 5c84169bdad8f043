"""Every few seconds: whose kernels and sockets must end, because he was disabled or signed out."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

from tornado.httpclient import AsyncHTTPClient
from tornado.httpclient import HTTPError as FetchError
from tornado.web import HTTPError

from lawlab.learn.handlers import SIGNED_OUT

if TYPE_CHECKING:
    from lawlab.learn.server import LearnVoila

log = logging.getLogger(__name__)

EVERY = 2.5
SESSIONS_EVERY = 6
"""Rounds between two questions to the Hub about each open socket."""


class Standing:
    """Asks the API about everybody who is here, and acts on the answer."""

    def __init__(self, server: LearnVoila) -> None:
        self._server = server
        self._silent = False
        self._round = 0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.check()
            except Exception:
                log.exception("standing: a round failed")
            await asyncio.sleep(EVERY)

    async def check(self) -> None:
        """One round."""
        self._round += 1
        identity = self._server.identity_provider
        logins = identity.recent() | self._server.kernel_manager.people()
        logins |= {socket.current_user.username for socket in self._server.sockets}
        ended = await self._ended(logins) if logins else set()
        if ended is not None:
            # Pages are refused first, so that nothing new opens while the old is closed.
            new, identity.ended = ended - identity.ended, ended
            for person in new:
                await self._end(person)
        if self._round % SESSIONS_EVERY == 0:
            await self._check_sessions()

    async def _ended(self, logins: set[str]) -> set[str] | None:
        settings = self._server.settings
        try:
            reply = await AsyncHTTPClient().fetch(
                f"{settings.api_url}/internal/standing",
                method="POST",
                headers={
                    "Authorization": f"Bearer {settings.secrets['service-learn']}",
                    "Content-Type": "application/json",
                    "X-Lawlab": "1",
                },
                body=json.dumps({"logins": sorted(logins)}),
                request_timeout=5,
            )
            ended = {str(login) for login in json.loads(reply.body)["ended"]}
        except (OSError, FetchError, ValueError, KeyError, TypeError) as error:
            if not self._silent:
                log.warning("standing: the API does not answer, going on without it (%s)", error)
            self._silent = True
            return None
        if self._silent:
            log.info("standing: the API answers again")
        self._silent = False
        return ended

    async def _end(self, person: str) -> None:
        log.info("%s may no longer take part: kernels and sockets end", person)
        self._server.identity_provider.forget(person)
        for socket in list(self._server.sockets):
            if socket.current_user.username == person:
                socket.close(SIGNED_OUT, "disabled")
        await self._server.kernel_manager.end_person(person, "its owner is disabled")

    async def _check_sessions(self) -> None:
        for socket in list(self._server.sockets):
            try:
                here = await self._server.identity_provider.still_signed_in(socket)
            except HTTPError as error:
                log.warning("standing: the Hub does not answer (%s)", error)
                return
            if not here:
                socket.close(SIGNED_OUT, "signed out")
                await self._server.kernel_manager.end(socket.kernel_id, "its owner signed out")
