"""Builds the FastAPI application: shared state, error translation, the checks of every request."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api import board, content, internal, live, offboard, quizzes, session
from lawlab.api.live import LiveBoard
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import Statutes, open_statutes

PREFIX = "/services/api"
log = logging.getLogger("lawlab.api")


@dataclass
class State:
    """What routes share; one per process."""

    settings: Settings
    sessions: sessionmaker[Session]
    statutes: Statutes
    hub: httpx.AsyncClient
    live: LiveBoard
    clock: Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def make_app(settings: Settings, clock: Callable[[], dt.datetime] = utc_now) -> FastAPI:
    """The API as an ASGI application. `clock` is replaced only by tests."""
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient(base_url=settings.hub_api_url, timeout=30) as hub:
            live_board = LiveBoard(sessions)
            app.state.lawlab = State(settings, sessions, open_statutes(), hub, live_board, clock)
            tasks = [
                asyncio.create_task(live_board.watch(), name="live board"),
                asyncio.create_task(
                    offboard.watch(sessions, hub, settings.secrets["service-api"]), name="offboard"
                ),
            ]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        engine.dispose()

    app = FastAPI(
        title="lawlab",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    for module in (session, content, quizzes, board, live, internal):
        app.include_router(module.router, prefix=PREFIX)
    app.middleware("http")(check_and_dress)
    app.add_exception_handler(LawlabError, answer_error)
    app.add_exception_handler(RequestValidationError, answer_malformed)
    app.add_exception_handler(404, answer_unknown)
    app.add_exception_handler(Exception, answer_crash)
    return app


async def check_and_dress(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Refuse a POST that a foreign page could have sent; keep personal replies out of caches."""
    if request.method not in {"GET", "HEAD"} and not own_request(request):
        return _error(403, "bad_origin", "这个请求不是从本站页面发出的,没有处理。")
    response = await call_next(request)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def own_request(request: Request) -> bool:
    """True when a write comes from a page of this site or from a client with its own token.

    A foreign page can neither add the header without a preflight, which we never answer, nor forge
    Origin. Cookie-less clients carry Authorization, which no browser adds by itself.
    """
    if "authorization" in request.headers:
        return True
    return "x-lawlab" in request.headers and own_origin(
        request.headers.get("origin"), request.headers.get("host")
    )


def own_origin(origin: str | None, host: str | None) -> bool:
    """True when Origin is absent (not a browser) or names the host that was asked."""
    return origin is None or origin.partition("://")[2] == host


def _error(status: int, code: str, message: str, **facts: object) -> JSONResponse:
    return JSONResponse({"code": code, "message": message, **facts}, status_code=status)


async def answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LawlabError)
    return _error(error.status, error.code, error.sentence, **error.facts)


async def answer_malformed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = ["/".join(str(part) for part in fault["loc"]) for fault in error.errors()]
    return _error(422, "malformed", "请求的内容不完整,请刷新页面再试。", places=places)


async def answer_unknown(request: Request, error: Exception) -> Response:
    return _error(404, "no_route", "没有这个地址。", path=request.url.path)


async def answer_crash(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _error(500, "crash", "系统出了点问题,您的内容没有保存。请稍后再试。")
