"""Builds the FastAPI application: shared state, and errors as replies."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.exceptions import HTTPException

from lawlab.api import (
    activities,
    attendance_watch,
    board,
    board_watch,
    check_in,
    content,
    contest,
    contest_after,
    contest_making,
    contest_watch,
    contest_window,
    desk_activities,
    desk_attendance,
    desk_items,
    desk_lessons,
    desk_marking,
    desk_marks,
    desk_preview,
    desk_quizzes,
    desk_regrading,
    desk_report,
    desk_statutes,
    desk_training,
    drill,
    drill_watch,
    internal,
    item_reports,
    law_days,
    library,
    live,
    offboard,
    own_data,
    page_watch,
    quizzes,
    retention_watch,
    seal_watch,
    search,
    session,
    verify,
    walk_in,
)
from lawlab.api.background import to_the_end
from lawlab.api.batching import Batcher
from lawlab.api.border import check_and_dress, dressed, failure
from lawlab.api.brake import VERIFY_SENTENCE, VERIFY_TRIES, CodeBrake
from lawlab.api.contest_rooms import Rooms
from lawlab.api.failures import FAILURES
from lawlab.api.fanout import Fanout
from lawlab.api.faults import WITHOUT_TRACES, FaultLog, tell_fault
from lawlab.api.indexer import Indexer
from lawlab.api.leader import Work, lead
from lawlab.api.live import Live
from lawlab.api.pace import Pace
from lawlab.config import REPOSITORY, Settings
from lawlab.domain.search import Everyday
from lawlab.errors import LawlabError
from lawlab.services.check_in import CheckedIn, Try
from lawlab.services.search import everyday_words
from lawlab.services.sessions import Caller
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.faults import database_fault
from lawlab.store.notify import TELLER, tell_of_activities
from lawlab.store.statutes import TownStatutes, china_day, statutes_with

PREFIX = "/services/api"
log = logging.getLogger("lawlab.api")


@dataclass
class State:
    """What routes share; one per process."""

    settings: Settings
    sessions: sessionmaker[Session]
    statutes: TownStatutes
    hub: httpx.AsyncClient
    live: Live
    indexer: Indexer
    clock: Callable[[], dt.datetime]
    everyday: tuple[Everyday, ...]
    check_ins: Batcher[Try, CheckedIn]
    callers: Batcher[tuple[str, str], Caller]
    code_brake: CodeBrake
    verify_brake: CodeBrake
    contests: Rooms


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def make_app(
    settings: Settings,
    clock: Callable[[], dt.datetime] = utc_now,
    ticks: Callable[[], float] | None = None,
) -> FastAPI:
    """The API as an ASGI application. `clock` is replaced only by tests; `ticks` as in `Rooms`."""
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    fanout = Fanout(settings.database)
    sessions.configure(info={TELLER: fanout.name})
    event.listen(sessions, "after_flush", tell_of_activities)
    everyday = everyday_words(REPOSITORY)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient(base_url=settings.hub_api_url, timeout=30) as hub:
            statutes = statutes_with(sessions)
            live_board = Live(sessions, clock)
            contests = Rooms(sessions, clock, fanout, ticks)
            fanout.on_word(live_board.hear)
            fanout.on_word(contests.hear)
            indexer = Indexer(sessions, statutes, clock, everyday)
            together = check_in.sign_in_together(sessions, settings.secrets["check-in"], clock)
            app.state.lawlab = State(
                settings,
                sessions,
                statutes,
                hub,
                live_board,
                indexer,
                clock,
                everyday,
                Batcher(together),
                Batcher(check_in.know_together(sessions, clock)),
                CodeBrake(),
                CodeBrake(VERIFY_TRIES, VERIFY_SENTENCE),
                contests,
            )
            await to_the_end(page_watch.step, sessions, settings.pages)
            token, today = settings.secrets["service-api"], china_day(clock())
            for_all: Work = {
                "activities": partial(attendance_watch.watch, sessions, clock, live_board),
                "offboard": partial(offboard.watch, sessions, hub, token),
                "law days": partial(law_days.watch, sessions, statutes, clock, today),
                "boards": partial(board_watch.watch, sessions, clock),
                "contest results": partial(contest_watch.watch, sessions, clock),
                "practice": partial(drill_watch.watch, sessions, clock),
                "pages": partial(page_watch.watch, sessions, settings.pages),
                "seals": partial(seal_watch.watch, sessions, clock, settings.audit_head_file),
                "retention": partial(
                    retention_watch.watch, sessions, clock, settings.keep_signins_days
                ),
            }
            tasks = [
                asyncio.create_task(live_board.watch(), name="live board"),
                asyncio.create_task(fanout.run(), name="other processes"),
                asyncio.create_task(contests.watch(), name="contests"),
                # Several who refresh the index at once do the work once between them, and each
                # must know whether it is in step.
                asyncio.create_task(indexer.watch(), name="search index"),
                asyncio.create_task(lead(settings.database, for_all), name="leading"),
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
    learning = (session, own_data, content, library, search, quizzes, drill, item_reports)
    others = (contest_after, verify, contest_window, board, live, internal, desk_training)
    # The router asks one module after the other: what a hall does at once stands first.
    meeting = (check_in, contest, activities, walk_in, desk_activities, desk_marks)
    desk = (desk_items, desk_lessons, desk_marking, desk_preview, desk_quizzes, desk_statutes)
    for module in (
        *meeting,
        *learning,
        *others,
        *desk,
        contest_making,
        desk_attendance,
        desk_regrading,
        desk_report,
    ):
        app.include_router(module.router, prefix=PREFIX, responses=FAILURES)
    app.middleware("http")(check_and_dress)
    app.state.pace = Pace()
    app.state.faults = FaultLog()
    for name in ("lawlab.api", "lawlab.pages"):
        logging.getLogger(name).addFilter(WITHOUT_TRACES)
    app.add_exception_handler(LawlabError, answer_error)
    app.add_exception_handler(RequestValidationError, answer_malformed)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(httpx.HTTPError, answer_hub_away)
    app.add_exception_handler(SQLAlchemyError, answer_storage)
    app.add_exception_handler(OSError, answer_storage)
    app.add_exception_handler(Exception, answer_crash)
    return app


async def answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LawlabError)
    return failure(request, error.status, error.code, error.sentence, **error.facts)


async def answer_malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = ["/".join(str(part) for part in fault["loc"]) for fault in error.errors()]
    return failure(request, 422, "malformed", "请求的内容不完整，请刷新页面再试。", places=places)


async def answer_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such route or method, a body that is no JSON."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return failure(request, 404, "no_route", "没有这个地址。", path=request.url.path)
    if error.status_code == 405:
        return failure(request, 405, "no_method", "这个地址不能这样打开。")
    return failure(request, error.status_code, "malformed", "请求的内容读不懂，请刷新页面再试。")


async def answer_hub_away(request: Request, error: Exception) -> Response:
    log.warning("%s %s: the Hub does not answer (%s)", request.method, request.url.path, error)
    return failure(request, 503, "hub_away", "登录服务正在启动，请稍后再试。")


async def answer_storage(request: Request, error: Exception) -> Any:
    """The database or its disk cannot do it now; everything else of theirs is a crash. No reply
    goes to a socket."""
    fault = database_fault(error)
    if fault is None:
        raise error
    return await tell_fault(request.app.state.faults, request, fault, error)


async def answer_crash(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    # Sent from outside of `check_and_dress`.
    reply = failure(request, 500, "crash", "系统出了点问题，您的内容没有保存。请稍后再试。")
    return dressed(request, reply)
