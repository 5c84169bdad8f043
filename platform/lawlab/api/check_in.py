"""Signing in at an activity: what the QR code opens, and the check-in by scan or six digits."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.activities import Personal
from lawlab.api.border import Word
from lawlab.api.brake import CodeBrake
from lawlab.api.caller import (
    HUB_SESSION_COOKIE,
    SESSION_COOKIE,
    comes_by_https,
    require_same,
    state_of,
)
from lawlab.api.routing import Route
from lawlab.domain.checkin import RECEIPT_SECONDS
from lawlab.errors import LawlabError
from lawlab.services.check_in import CheckedIn, Try, check_in_all
from lawlab.services.checkin_tokens import scan
from lawlab.services.sessions import Caller, SignedOut, callers_of_sessions

router = APIRouter(route_class=Route)

PHONE_COOKIE = "lawlab-phone"
SCAN_COOKIE = "lawlab-scan"
COOKIE_PATH = "/services/api/"
PHONE_DAYS = 400
DEVICE = re.compile(r"[A-Za-z0-9_-]{22}")
CHECKIN_PAGE = "/services/learn/checkin"

Receipt = Annotated[Word, Field(min_length=1, max_length=300)]


def phone(request: Request) -> str | None:
    """This browser, by the cookie it got when it first scanned."""
    value = request.cookies.get(PHONE_COOKIE, "")
    return value if DEVICE.fullmatch(value) else None


async def signed_in(request: Request) -> Caller:
    """The person calling, by his browser's cookies, looked up together with all who ask in the same
    moment. No database session is kept: a request that waits for its batch must not hold a
    connection that the batch needs. Raises SignedOut."""
    token = request.cookies.get(SESSION_COOKIE)
    hub_session = request.cookies.get(HUB_SESSION_COOKIE)
    if not token or not hub_session:
        raise SignedOut
    caller = await state_of(request).callers.ask((token, hub_session))
    request.app.state.pace.know(request, caller.person_id)
    require_same(request, caller)
    return caller


SignedIn = Annotated[Caller, Depends(signed_in)]


class CheckInIn(Personal):
    receipt: Receipt
    guest: bool = False


class CodeIn(Personal):
    code: str = Field(pattern=r"^[0-9]{6}$")
    guest: bool = False


def sign_in_together(
    sessions: sessionmaker[Session], secret: str, clock: Callable[[], datetime]
) -> Callable[[Sequence[Try]], Sequence[CheckedIn | Exception]]:
    """What the batcher of check-ins does with a batch."""

    def work(tries: Sequence[Try]) -> Sequence[CheckedIn | Exception]:
        with sessions() as session:
            return check_in_all(session, secret, tries, clock())

    return work


def know_together(
    sessions: sessionmaker[Session], clock: Callable[[], datetime]
) -> Callable[[Sequence[tuple[str, str]]], Sequence[Caller | Exception]]:
    """What the batcher of callers does with a batch."""

    def work(cookies: Sequence[tuple[str, str]]) -> Sequence[Caller | Exception]:
        with sessions() as session:
            found = callers_of_sessions(session, cookies, clock())
        return [found.get(pair) or SignedOut() for pair in cookies]

    return work


@router.get("/c/{token}")
async def scanned(request: Request, token: str) -> Response:
    """What the QR code opens: on to the check-in, through sign-in for whoever is signed out. Asks
    no database, and so takes no thread, of which a hall would need a hundred."""
    own = phone(request) or secrets.token_urlsafe(16)
    state = state_of(request)
    receipt = scan(state.settings.secrets["check-in"], token, own, state.clock())
    page = quote(f"{CHECKIN_PAGE}/{receipt}", safe="")
    reply = RedirectResponse(f"/services/api/enter?next={page}", 302)
    _keep_phone(request, reply, own)
    # Read by the sign-in page and by the one for people who have no account.
    reply.set_cookie(
        SCAN_COOKIE,
        receipt,
        max_age=RECEIPT_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=comes_by_https(request),
    )
    return reply


@router.post("/check-in")
async def check_in(request: Request, caller: SignedIn, given: CheckInIn) -> Any:
    """Sign in with a receipt; a repeat is harmless."""
    given.check(caller)
    one = Try(
        caller.person_id,
        caller.login,
        phone(request) or "",
        receipt=given.receipt,
        guest=given.guest,
    )
    return await _checked_in(request, one)


@router.post("/check-in/code")
async def check_in_by_code(
    request: Request, response: Response, caller: SignedIn, given: CodeIn
) -> Any:
    """Sign in with the six digits; a repeat is harmless."""
    given.check(caller)
    brake: CodeBrake = state_of(request).code_brake
    now = state_of(request).clock()
    left = brake.take(caller.person_id, now)
    own = phone(request) or secrets.token_urlsafe(16)
    one = Try(caller.person_id, caller.login, own, code=given.code, guest=given.guest)
    try:
        found = await _checked_in(request, one)
    except Exception as error:
        if isinstance(error, LawlabError) and error.code == "bad_code":
            error.facts["left"] = left
        else:
            brake.give_back(caller.person_id)
        raise
    brake.give_back(caller.person_id)
    _keep_phone(request, response, own)
    return found


async def _checked_in(request: Request, one: Try) -> dict[str, Any]:
    state = state_of(request)
    found: CheckedIn = await state.check_ins.ask(one)
    state.live.nudge()
    return asdict(found) | {"at": found.at.isoformat()}


def _keep_phone(request: Request, reply: Response, device: str) -> None:
    reply.set_cookie(
        PHONE_COOKIE,
        device,
        max_age=PHONE_DAYS * 86400,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=comes_by_https(request),
    )
