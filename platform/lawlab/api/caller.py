"""Who is calling: dependencies that routes name. Browsers show a cookie, kernels a token."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Depends, Request, WebSocket
from fastapi.requests import HTTPConnection
from sqlalchemy.orm import Session

from lawlab.errors import Conflict, Refused
from lawlab.services.sessions import Caller, SignedOut, caller_by_login, caller_of_session
from lawlab.tokens import kernel_token_person

if TYPE_CHECKING:
    from lawlab.api.app import State

TOKEN = re.compile(r"[!-~]{1,400}")
"""What can stand in a header that we pass on."""
SESSION_COOKIE = "lawlab-session"
HUB_SESSION_COOKIE = "jupyterhub-session-id"


def state_of(connection: HTTPConnection) -> State:
    state: State = connection.app.state.lawlab
    return state


def comes_by_https(connection: HTTPConnection) -> bool:
    """Whether people come here encrypted. Known by the settings: a request could say anything."""
    return state_of(connection).settings.scheme == "https"


def site_address(connection: HTTPConnection) -> str:
    """What codes and certificates send people to: the address that the admin named, else the one
    by which this request came."""
    settings = state_of(connection).settings
    return settings.address or f"{settings.scheme}://{connection.headers.get('host', '')}"


_CLOSING = CapacityLimiter(10)
"""Threads of their own: those of routes may all be waiting for what is to be closed."""


async def database(request: Request) -> AsyncIterator[Session]:
    """A session for one request; whatever a route did not commit is rolled back, also when whoever
    asked has hung up meanwhile: a write that stays open keeps everybody else from writing."""
    session = state_of(request).sessions()
    try:
        yield session
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(session.close, limiter=_CLOSING)


Database = Annotated[Session, Depends(database)]


async def hub_person(request: Request) -> str | None:
    """The sign-in name behind a Hub token (`Authorization: token …`), as the Hub says."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "token":
        return None
    if not TOKEN.fullmatch(token):
        return ""
    reply = await state_of(request).hub.get("/user", headers={"Authorization": f"token {token}"})
    name = reply.json().get("name") if reply.status_code == 200 else None
    return name if isinstance(name, str) else ""


def caller(
    request: Request, session: Database, hub_login: Annotated[str | None, Depends(hub_person)]
) -> Caller:
    """The person calling. Raises SignedOut."""
    found = _by_token(request, session, hub_login)
    # Gives the connection back: the route may wait for a thread, and threads for a connection.
    session.rollback()
    if found is None:
        raise SignedOut
    request.app.state.pace.know(request, found.person_id)
    require_same(request, found)
    return found


def require_same(request: Request, caller: Caller) -> None:
    """A page says whose it is: on a shared phone or PC somebody else may have signed in since.
    Raises Conflict `other_person`."""
    person = request.headers.get("x-lawlab-person")
    if person is not None and person != caller.login:
        raise Conflict(
            "other_person",
            "这一页是另一位打开的，没有处理。请刷新页面，或者请那一位登录后再试。",
            person=person,
        )


def _by_token(request: Request, session: Session, hub_login: str | None) -> Caller | None:
    if hub_login is not None:
        return caller_by_login(session, hub_login)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if "x-forwarded-for" in request.headers:
            return None  # kernels ask here directly; what comes through the proxy is none
        secret = state_of(request).settings.secrets["kernel"]
        login = kernel_token_person(secret, token)
        return caller_by_login(session, login) if login else None
    return browser_caller(request, session)


def browser_caller(connection: Request | WebSocket, session: Session) -> Caller | None:
    """The caller of a browser's cookies, or None."""
    token = connection.cookies.get(SESSION_COOKIE)
    hub_session = connection.cookies.get(HUB_SESSION_COOKIE)
    if not token or not hub_session:
        return None
    return caller_of_session(session, token, hub_session, state_of(connection).clock())


def trainer(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """The caller, when he is a trainer or an admin. Raises Refused `trainers_only`."""
    if not caller.roles & {"trainer", "admin"}:
        raise Refused("trainers_only", "这里给教员用。如果您是教员，请找管理员加上教员的角色。")
    return caller


def is_host(caller: Caller) -> bool:
    """Whether somebody may make and run contests."""
    return bool(caller.roles & {"host", "trainer", "admin"})


def require_host(caller: Caller) -> None:
    """Raises Refused `hosts_only`."""
    if not is_host(caller):
        raise Refused(
            "hosts_only", "这里给主持人用。如果您要主持比武，请找管理员加上主持人的角色。"
        )


def host(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """The caller, when he may make and run contests. Raises Refused `hosts_only`."""
    require_host(caller)
    return caller


def clock(request: Request) -> dt.datetime:
    """The server's time, the only one that counts."""
    return state_of(request).clock()


CallerOf = Annotated[Caller, Depends(caller)]
Trainer = Annotated[Caller, Depends(trainer)]
Host = Annotated[Caller, Depends(host)]
Now = Annotated[dt.datetime, Depends(clock)]
