"""The real API and the shell of its pages, served as one: for a browser, and for notebooks."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy.orm import Session, sessionmaker

from lawlab.services.sessions import begin_session
from lawlab.ui import pages
from lawlab.ui.assets import STATIC

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'"
)
ELEMENTS = {
    "attendance": pages.attendance,
    "bank": pages.bank,
    "board": pages.board,
    "bigscreen": pages.bigscreen,
    "calendar": pages.calendar,
    "checkin": pages.checkin,
    "contest": pages.contest,
    "desk": pages.desk,
    "drill": pages.drill,
    "home": pages.home,
    "host": pages.host,
    "laws": pages.laws,
    "mine": pages.mine,
    "quiz": pages.quiz,
    "training": pages.training,
}
HEAD = (
    '<meta charset="utf-8"><link rel="icon" href="data:,">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="stylesheet" href="/ui/lawlab.css">'
    '<script type="module" src="/ui/lawlab.js"></script>'
)


class RealSite:
    """`open` gives a page of somebody who is signed in. While `down` is set, whatever `breaks` says
    of an ASGI scope is answered as by a server that is away."""

    def __init__(self, browser: Browser, sessions: sessionmaker[Session], now: dt.datetime) -> None:
        self.browser, self.sessions, self.now = browser, sessions, now
        self.url = ""
        self.down = threading.Event()
        self.complaints: list[str] = []
        self.opened: list[Page] = []

    def open(self, path: str, login: str = "t01", width: int = 1440) -> Page:
        phone = width < 600
        context = self.browser.new_context(
            base_url=self.url,
            locale="zh-CN",
            viewport={"width": width, "height": 844 if phone else 900},
            has_touch=phone,
        )
        with self.sessions() as session:
            token = begin_session(session, login, "hub", self.now)
        cookies = {"lawlab-session": token, "jupyterhub-session-id": "hub"}
        context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.opened.append(page)
        page.goto(f"/services/learn/{path}")
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@contextmanager
def serving(
    site: RealSite, api: FastAPI, breaks: Callable[[Any], bool] = lambda _scope: False
) -> Iterator[RealSite]:
    """Serves `site` while the block runs; at its end nothing was complained about on any page."""
    shell = _shell()

    async def both(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and site.down.is_set() and breaks(scope):
            await HTMLResponse("<h1>503</h1>", 503)(scope, receive, send)
            return
        own = scope["type"] == "lifespan" or scope["path"].startswith("/services/api")
        await (api if own else shell)(scope, receive, send)

    with listening(both) as site.url:
        yield site
        for page in site.opened:
            page.context.close()
    assert site.complaints == []


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Serves an ASGI application on a port of its own; gives its address."""
    config = uvicorn.Config(app, port=0, log_level="critical", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)


def _shell() -> FastAPI:
    app = FastAPI()
    app.mount("/ui", StaticFiles(directory=STATIC))

    @app.get("/services/learn/{path:path}")
    def page(path: str) -> HTMLResponse:
        element = ELEMENTS.get(path.partition("/")[0])
        body = element().html if element else f"<h1>{path}</h1>"
        html = f"<body><lawlab-bar></lawlab-bar><main class=page>{body}</main></body>"
        return HTMLResponse(
            f"<!doctype html><html lang=zh-CN><head>{HEAD}</head>{html}</html>",
            headers={"Content-Security-Policy": CSP},
        )

    return app
