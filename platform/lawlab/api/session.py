"""Entering by the Hub's OAuth, and who one is. The only routes that redirect."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.concurrency import run_in_threadpool

from lawlab.api.caller import (
    HUB_SESSION_COOKIE,
    SESSION_COOKIE,
    CallerOf,
    Database,
    Now,
    browser_caller,
    comes_by_https,
    state_of,
)
from lawlab.api.routing import Route
from lawlab.errors import LawlabError
from lawlab.services.people import person_card
from lawlab.services.sessions import begin_session

router = APIRouter(route_class=Route)
HOME = "/services/learn/home"
COOKIE_PATH = "/services/api/"
CLIENT_ID = "service-api"
CALLBACK = "/services/api/oauth_callback"
STATE_SECONDS = 600


def own_address(next: str = HOME) -> str:
    """`next` when it is a path of this site, else the home page."""
    plain = next.startswith("/") and not next.startswith("//")
    return next if plain and "\\" not in next and next.isprintable() else HOME


NextAddress = Annotated[str, Depends(own_address)]


@router.get("/enter")
def enter(request: Request, session: Database, next_address: NextAddress) -> RedirectResponse:
    """Go on to `next`, through the Hub's sign-in when there is no session."""
    if browser_caller(request, session) is not None:
        return RedirectResponse(next_address, 302)
    state = state_of(request)
    state_id, verifier = secrets.token_urlsafe(12), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    query = urlencode(
        {
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "state": state_id,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
    )
    reply = RedirectResponse(f"/hub/api/oauth2/authorize?{query}", 302)
    # One cookie per state: several pages that renew at once do not overwrite each other's.
    reply.set_cookie(
        _state_cookie(state_id),
        _signer(state.settings.secrets["cookie"]).dumps([verifier, next_address]),
        max_age=STATE_SECONDS,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=comes_by_https(request),
    )
    return reply


@router.get("/oauth_callback")
async def oauth_callback(
    request: Request, session: Database, now: Now, code: str = "", state: str = ""
) -> RedirectResponse:
    """The Hub sends the browser back here with a code; it becomes a session of our own."""
    shared = state_of(request)
    cookie = request.cookies.get(_state_cookie(state), "")
    hub_session = request.cookies.get(HUB_SESSION_COOKIE, "")
    try:
        verifier, next_address = _signer(shared.settings.secrets["cookie"]).loads(
            cookie, max_age=STATE_SECONDS
        )
    except BadData:
        # Back button or an old tab: begin again instead of showing an error.
        return RedirectResponse(f"/services/api/enter?{urlencode({'next': HOME})}", 302)
    login = await _hub_login(request, code, verifier)
    token = await run_in_threadpool(begin_session, session, login, hub_session, now)
    reply = RedirectResponse(own_address(next_address), 302)
    reply.delete_cookie(_state_cookie(state), path=COOKIE_PATH)
    reply.set_cookie(
        SESSION_COOKIE,
        token,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=comes_by_https(request),
    )
    return reply


@router.get("/me")
def me(request: Request, session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """The person behind this session, and the server's clock."""
    settings = state_of(request).settings
    card = person_card(session, caller.login, now.astimezone(settings.zone).date())
    return {
        "login": card.login,
        "full_name": card.full_name,
        "roles": sorted(card.roles),
        "cohorts": sorted(card.cohorts),
        "unit": card.unit,
        "demo": settings.demo,
        "town": settings.town,
        "server_time": now.isoformat(),
    }


async def _hub_login(request: Request, code: str, verifier: str) -> str:
    state = state_of(request)
    reply = await state.hub.post(
        "/oauth2/token",
        data={
            "client_id": CLIENT_ID,
            "client_secret": state.settings.secrets["service-api"],
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
        },
    )
    if reply.status_code != 200:
        raise LawlabError("bad_code", "登录没有完成，请返回首页再试一次。")
    token = reply.json()["access_token"]
    user = await state.hub.get("/user", headers={"Authorization": f"Bearer {token}"})
    user.raise_for_status()
    name = user.json()["name"]
    assert isinstance(name, str)
    return name


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="oauth state")


def _state_cookie(state_id: str) -> str:
    return f"lawlab-state-{hashlib.sha256(state_id.encode()).hexdigest()[:16]}"
