"""What every request must be before a route sees it, and what every reply carries."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from html import escape
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import Field
from starlette.requests import ClientDisconnect, HTTPConnection

from lawlab.api.caller import state_of
from lawlab.api.pace import SENTENCE, Pace
from lawlab.config import LOOPBACK
from lawlab.headers import security_headers, trial_bar
from lawlab.ui import assets

MOST_BYTES = 1_000_000
"""Of a request's body. The longest answer has some 25 kB."""

FILE_BYTES = 7_200_000
"""Where trainers bring a statute or a list: a file of 5 MiB in base64."""
FILE_PATHS = re.compile(
    r"/services/api/desk/(?:laws(?:/preview|/diff)?|attendance/import/[0-9]{1,10})"
)

FORM_PATHS = ("/services/api/walk-in",)
"""Where a plain form of ours posts to: it sends no header of its own, but browsers name the origin,
and the cookie it needs is kept from other sites' forms."""

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Of every reply; only the notice and the form for walk-ins use a stylesheet."""

NOTICE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>法治练兵场</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/services/learn/ui/{version}/lawlab.css">
</head>
<body>
{trial}<main class="page page-narrow">
<section class="card"><h1>这一步没有完成</h1><p>{text}</p>
<p><a class="button" href="/services/learn/home">回到首页</a></p></section>
</main>
</body>
</html>
"""
"""What a person sees who opened an address of the API, or came back from a sign-in that failed."""

OWN_SCHEMES = ("bearer", "token")
"""Of `Authorization`: with these two `caller` looks at no cookie."""

Word = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""A string of a request that a database is asked about: PostgreSQL takes no NUL."""

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A number of a request that a database is asked about."""


async def check_and_dress(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Refuse what no page of ours sends; keep personal replies out of caches."""
    refused = refusal(request)
    if refused is None:
        refused = _too_fast(request)
    if refused is None:
        return dressed(request, await call_next(request))
    with suppress(ClientDisconnect):
        # Read away, else the proxy is cut off while it writes and never sees the refusal.
        async for _ in request.stream():
            pass
    return dressed(request, refused)


def _too_fast(request: Request) -> Response | None:
    pace: Pace = request.app.state.pace
    if not (wait := pace.wait(request)):
        return None
    reply = failure(request, 429, "too_fast", SENTENCE.format(wait), retry_after=wait)
    reply.headers["Retry-After"] = str(wait)
    return reply


def dressed(request: Request, response: Response) -> Response:
    """A reply with the headers that all have."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.update(security_headers(state_of(request).settings))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def page_of(request: Request, template: str, **words: str) -> str:
    """A page of the API's own, with the stylesheet's version and what stands on top of all."""
    trial = trial_bar(state_of(request).settings)
    return template.format(version=assets.version(), trial=trial, **words)


def refusal(request: Request) -> Response | None:
    """The reply to a request that no route shall see; None for all others."""
    if "\0" in request.scope["path"]:
        return failure(request, 404, "no_route", "没有这个地址。")
    if request.method in {"GET", "HEAD"}:
        return None
    if request.scope["path"] in FORM_PATHS:
        own = request.headers.get("origin") is not None and own_origin(request)
    else:
        own = own_request(request)
    if not own:
        return failure(request, 403, "bad_origin", "这个请求不是从本站页面发出的，没有处理。")
    if "transfer-encoding" in request.headers:
        # Browsers always say how much they send; without it nothing could be refused in time.
        return failure(request, 411, "no_length", "请求没有说明长度，没有处理。请刷新页面再试。")
    most = FILE_BYTES if FILE_PATHS.fullmatch(request.scope["path"]) else MOST_BYTES
    if int(request.headers.get("content-length", 0)) > most:
        return failure(request, 413, "too_large", "内容太长，没有保存。请删减后再提交。")
    return None


def own_request(request: Request) -> bool:
    """True when a write comes from a page of this site or from a client with its own token.

    A foreign page can neither add the header without a preflight, which we never answer, nor forge
    Origin. Cookie-less clients carry a token, which no browser adds by itself.
    """
    if request.headers.get("authorization", "").partition(" ")[0].lower() in OWN_SCHEMES:
        return True
    return "x-lawlab" in request.headers and own_origin(request)


def own_origin(connection: HTTPConnection) -> bool:
    """True when Origin is absent (not a browser) or names the host that was asked, in the way in
    which people come here: an unencrypted page of the same name may be somebody else's."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    scheme, _, host = origin.partition("://")
    if host != connection.headers.get("host"):
        return False
    return scheme == state_of(connection).settings.scheme or urlsplit(origin).hostname in LOOPBACK


def failure(request: Request, status: int, code: str, message: str, **facts: object) -> Response:
    """An error as whoever asked reads it: JSON, or a page for a browser that navigated here."""
    # A lone surrogate of a request may come back in its refusal and could not be sent.
    text = message.encode(errors="replace").decode()
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(page_of(request, NOTICE, text=escape(text)), status)
    return JSONResponse({"code": code, "message": text, **facts}, status)
