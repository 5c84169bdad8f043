"""Signs people in against our own table. Nothing here blocks the Hub's event loop.

A person who must still change his password gets no session of the Hub at all, so there is nothing
to enforce at the services: `handlers.PasswordHandler` lets him choose one, and then he is in.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from jupyterhub.auth import Authenticator
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from traitlets import Bool, Dict, Float, Instance, Integer, Unicode, default

from lawlab.domain.signin import Brake
from lawlab.hub import handlers
from lawlab.services import signin
from lawlab.services.signin import SignIn, State, Try
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.faults import DatabaseFault, database_fault

P = ParamSpec("P")
T = TypeVar("T")

TRAINERS = "trainers"
"""The Hub group whose people have a server."""

PATIENCE_S = 12.0
"""A try that only has to wait for its turn is kept waiting so long before it is put off."""
MOST_WAITING = 200
BELIEVED_S = 2.0
"""So long after a fault of the database nobody's standing is asked again: where a server does not
even refuse, each question takes seconds, and the whole town asks."""


class LawlabAuthenticator(Authenticator):
    """Hub users are people by sign-in name; their groups follow from their roles."""

    database_url = Unicode(help="SQLAlchemy URL of lawlab's database").tag(config=True)
    role_groups = Dict(help="role → names of Hub groups").tag(config=True)
    manage_groups = Bool(True).tag(config=True)
    allow_all = Bool(True).tag(config=True)
    auth_refresh_age = Integer(5).tag(config=True)
    refresh_pre_spawn = Bool(True).tag(config=True)
    # Also by token: whoever took one from a phone is out with the password.
    auth_refresh_strict = Bool(True).tag(config=True)

    sessions = Instance(sessionmaker)
    hashing = Instance(ThreadPoolExecutor)
    reading = Instance(ThreadPoolExecutor)
    waiting = Integer(0)
    fault_at = Float(-BELIEVED_S)

    @default("sessions")
    def _make_sessions(self) -> sessionmaker[Session]:
        return make_sessions(make_engine(self.database_url))

    @default("hashing")
    def _make_hashing(self) -> ThreadPoolExecutor:
        # Two threads, as many as a small server has processors: a hall that signs in at once
        # queues here, while the loop goes on serving pages.
        return ThreadPoolExecutor(2, "hashing")

    @default("reading")
    def _make_reading(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(2, "reading")

    def get_handlers(self, app: Any) -> list[tuple[Any, ...]]:
        return handlers.routes()

    async def authenticate(self, handler: Any, data: Any) -> dict[str, Any] | None:
        """Only our sign-in page signs in: the Hub's API would take a password past the brakes."""
        if not isinstance(handler, handlers.SigninHandler):
            return None
        result = await self.check(handler.attempt(data.get("username", "")), data["password"])
        handler.outcome = result
        return self.user_model(result) if result.state is State.IN else None

    async def refresh_user(self, user: Any, handler: Any = None) -> bool | dict[str, Any]:
        """Called for a session older than `auth_refresh_age`: ends it for the disabled, and for
        those whose password was reset; carries changed roles over to groups. While the database
        cannot be asked, sessions stay."""
        if handler is not None and not hasattr(handler, "_token_authenticated"):
            # JupyterHub 6.1.1 reads this after a refusal and sets it only for tokens.
            handler._token_authenticated = False
        if time.monotonic() - self.fault_at < BELIEVED_S:
            return True
        try:
            found = await self._read(signin.standing, user.name)
        except DatabaseFault:
            # Nobody is sent away because the database is: it is asked again with the next request.
            return True
        if found is None or not found.may_have_session:
            return False
        groups = self.groups_of(found.roles)
        if groups == {group.name for group in user.groups}:
            return True
        return {"name": user.name, "groups": sorted(groups), "admin": False}

    async def may_have_server(self, login: str) -> bool:
        """Whether somebody's JupyterLab may go on: that of a trainer who may have a session. While
        the database cannot be asked, it does."""
        if time.monotonic() - self.fault_at < BELIEVED_S:
            return True
        try:
            found = await self._read(signin.standing, login)
        except DatabaseFault:
            return True
        return (
            found is not None and found.may_have_session and TRAINERS in self.groups_of(found.roles)
        )

    async def check(self, attempt: Try, password: str) -> SignIn:
        """Check a password, waiting a little where only the order of tries demands it."""
        patience = PATIENCE_S
        while True:
            result = await self._hash(signin.sign_in, attempt, password, datetime.now(UTC))
            verdict = result.verdict
            if verdict is None or verdict.brake is Brake.PAIR:
                return result
            # A random part, so that of several who wait it is not always the same who is next.
            wait = verdict.wait + random.random()  # noqa: S311 - no secret
            if wait > patience or self.waiting >= MOST_WAITING:
                return result
            patience -= wait
            self.waiting += 1
            try:
                await asyncio.sleep(wait)
            finally:
                self.waiting -= 1

    async def choose_password(self, login: str, stamp: str, new: str) -> dict[str, Any]:
        """Replace a password and return what the Hub needs to sign the person in."""
        now = datetime.now(UTC)
        roles = await self._hash(signin.choose_password, login, stamp, new, now)
        return self.user_model(SignIn(State.IN, login, roles=roles))

    async def end_api_sessions(self, hub_session_hash: str) -> None:
        """End what the API knows of one session of the Hub."""
        await self._read(signin.end_hub_session, hub_session_hash, now=datetime.now(UTC))

    def user_model(self, result: SignIn) -> dict[str, Any]:
        return {
            "name": result.login,
            "groups": sorted(self.groups_of(result.roles)),
            "admin": False,  # people are managed by our own commands, not on the Hub's pages
        }

    def groups_of(self, roles: frozenset[str]) -> set[str]:
        return {group for role in roles for group in self.role_groups.get(role, ())}

    async def _hash(
        self,
        work: Callable[Concatenate[sessionmaker[Session], P], T],
        *args: P.args,
        **kw: P.kwargs,
    ) -> T:
        """Run something that hashes, with the sessionmaker."""
        run = partial(work, self.sessions, *args, **kw)
        return await self._run(self.hashing, run)

    async def _read(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kw: P.kwargs
    ) -> T:
        """Run one quick use case with a session of its own; never behind a queue of hashing."""

        def run() -> T:
            with self.sessions() as session:
                return work(session, *args, **kw)

        return await self._run(self.reading, run)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        """Raises DatabaseFault, with a line in the log, when the database cannot answer now."""
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except (SQLAlchemyError, OSError) as error:
            fault = database_fault(error)
            if fault is None:
                raise
            if time.monotonic() - self.fault_at > BELIEVED_S:
                cause = getattr(error, "orig", None) or error
                self.log.warning("The database cannot answer: %s (%s)", fault.code, cause)
            self.fault_at = time.monotonic()
            raise fault from error
