"""What the server answers: pages, calm notices, a person's own kernels, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import struct
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyterhub.singleuser.extension import JupyterHubOAuthCallbackHandler
from tornado import web
from tornado.iostream import StreamClosedError
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from lawlab.learn import notices
from lawlab.learn.identity import DisabledError, HubAwayError
from lawlab.learn.kernels import OwnedKernels, Place
from lawlab.learn.notebooks import ONCE, Notebook
from lawlab.learn.once import PageError
from lawlab.learn.render import PageRenderer
from lawlab.learn.shelf import Shelf

if TYPE_CHECKING:
    from lawlab.learn.server import LearnVoila

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
NO_MESSAGE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, struct.error)
"""What jupyter_server's reading of a message raises, depending on where it is not one."""
YEAR = "public, max-age=31536000, immutable"
_SCRIPT = re.compile(r"<script(?=[\s>])")
_HOST = re.compile(r"[A-Za-z0-9.\-_:\[\]]+")
_BROKEN = '<div id="lawlab-broken" hidden></div></body></html>'


def page_policy(host: str) -> str:
    """Content-Security-Policy of pages that carry nothing inline."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src {_connect(host)}; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    )


def live_policy(host: str, nonce: str) -> str:
    """Content-Security-Policy of live pages: no eval, inline scripts only by nonce."""
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src {_connect(host)}; form-action 'self'; base-uri 'none'; object-src 'none'; "
        "frame-ancestors 'self'"
    )


def _connect(host: str) -> str:
    # Older Safari does not count sockets as 'self'; a strange Host header adds nothing.
    return f"'self' ws://{host} wss://{host}" if _HOST.fullmatch(host) else "'self'"


def with_nonce(html: str, nonce: str) -> str:
    """The same HTML, its script tags marked as ours. Outputs of cells are escaped JSON there."""
    return _SCRIPT.sub(f'<script nonce="{nonce}"', html)


class CalmErrors:
    """Mixin: errors become a notice in Chinese, under the strict policy."""

    why = ""
    """Why a request was refused; the line of the request in the log ends with it."""

    def log_exception(self: Any, kind: Any, error: Any, trace: Any) -> None:
        """Refusals are told by `why`, in one line and without the query; the rest as usual."""
        if isinstance(error, web.HTTPError):
            self.why = str(error.log_message or "") % error.args
        else:
            super().log_exception(kind, error, trace)  # type: ignore[misc]

    def write_error(self: Any, status_code: int, **kwargs: Any) -> None:
        """Say one sentence; the log already has the rest."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        notice = notices.notice_for(status_code)
        if isinstance(error, DisabledError):
            notice = notices.DISABLED
        elif isinstance(error, HubAwayError):
            notice = notices.HUB_AWAY
        elif isinstance(self, CallbackHandler):
            notice = notices.SIGN_IN_AGAIN
        if notice.again:
            self.set_header("Retry-After", str(notice.again))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", page_policy(self.request.host))
        self.set_header("Cache-Control", "no-store")
        signed_in = getattr(self, "_jupyter_current_user", None) is not None
        learn = self.settings["learn"]
        self.finish(notices.notice_page(notice, learn.ui, signed_in, learn.trial))


class LearnHandler(CalmErrors, JupyterHandler):
    """Base of everything a signed-in person opens."""

    @property
    def learn(self) -> LearnVoila:
        """The server."""
        server: LearnVoila = self.settings["learn"]
        return server

    @property
    def content_security_policy(self) -> str:
        """Strict unless a page needs more."""
        return page_policy(self.request.host)

    def compute_etag(self) -> None:
        """Pages set their own; hashing a body that is known by its hash is a waste."""


class PageHandler(LearnHandler):
    """A page: a file for everyone, or a notebook with a kernel of one's own."""

    @web.authenticated
    async def get(self, address: str) -> None:
        """Answer with the page, a 304, or a notice."""
        notebook = self.learn.notebooks.find(address)
        if notebook is None:
            raise web.HTTPError(404)
        own, found = self.learn.prefix, self.learn.prefix_for(notebook, self.current_user.username)
        if found != own:
            self.redirect(self.request.uri.replace(own, found, 1))
            return
        if notebook.kind == ONCE:
            await self._once(notebook)
        else:
            await self._live(notebook)

    async def _once(self, notebook: Notebook) -> None:
        try:
            page = await self.learn.once.page(notebook)
        except PageError as error:
            raise web.HTTPError(500, "page failed: %s", error) from None
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Etag", f'W/"{page.etag}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        packed = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if packed:
            self.set_header("Content-Encoding", "gzip")
        await self.finish(page.packed if packed else page.html)

    async def _live(self, notebook: Notebook) -> None:
        renderer = self.learn.live_renderer(notebook)
        await renderer.initialize()
        kernels: OwnedKernels = self.learn.kernel_manager
        async with kernels.place(self.current_user.username) as place:
            nonce = secrets.token_urlsafe(16)
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.set_header("Cache-Control", "no-store")
            self.set_header("Content-Security-Policy", live_policy(self.request.host, nonce))
            try:
                await self._stream(renderer, place, nonce)
            except StreamClosedError:
                await kernels.end(place.kernel, "the visitor left while it opened")
            except Exception:
                log.exception("%s broke while it opened", notebook.path)
                await kernels.end(place.kernel, "its page broke")
                self.write(_BROKEN)
            finally:
                await renderer.close()

    async def _stream(self, renderer: PageRenderer, place: Place, nonce: str) -> None:
        """Send the head at once, and the rest when the kernel has had its turn. A turn is not held
        while a slow network takes the page."""
        async with AsyncExitStack() as turn:

            async def kernel() -> tuple[str, Any]:
                await self.flush()
                await turn.enter_async_context(self.learn.turns)
                self._require_visitor()
                kernel = await self.learn.open_kernel(place)
                return kernel, self.learn.kernel_manager.get_kernel(kernel)

            async for html, _ in renderer.generate_content_generator(None, kernel):
                self.write(with_nonce(html, nonce))
        await self.flush()

    def _require_visitor(self) -> None:
        """Nobody starts a kernel for somebody who left while he waited."""
        connection: Any = self.request.connection
        if connection.stream.closed():
            raise StreamClosedError


class FormerShard(LearnHandler):
    """A page of a shard that is there no longer, in somebody's open window."""

    @web.authenticated
    def get(self, shard: str) -> None:
        """Go where the page is now."""
        gone = f"{self.learn.prefix}{shard}/"
        self.redirect(self.request.uri.replace(gone, self.learn.prefix, 1))


class HomeHandler(LearnHandler):
    """The bare prefix."""

    @web.authenticated
    def get(self) -> None:
        """Go to the home page."""
        self.redirect(notices.HOME)


class NothingHere(LearnHandler):
    """Every other address."""

    @web.authenticated
    async def get(self, *_: str) -> None:
        """There is no such page."""
        raise web.HTTPError(404)

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse other methods before the base asks for a session or a token."""
        if self.request.method != "GET":
            raise web.HTTPError(404)
        await super().prepare()


class CallbackHandler(CalmErrors, JupyterHubOAuthCallbackHandler):
    """The end of signing in. When the server restarted in between, it offers another try."""


class ShutdownHandler(APIHandler):
    """A page that is left ends its kernel. Voila's own handler lets anyone end anyone's."""

    @web.authenticated
    async def post(self, kernel_id: str) -> None:
        """End one's own kernel; one that is gone needs nothing."""
        kernels: Any = self.kernel_manager
        if kernels.owner(kernel_id) not in (None, self.current_user.username):
            raise web.HTTPError(403)
        await kernels.end(kernel_id, "its page was left")
        self.set_status(204)
        await self.finish()


class KernelSocket(VoilaKernelWebsocketHandler):
    """The channel between a page and its kernel; the server keeps count of the open ones."""

    async def open(self, kernel_id: str) -> None:
        """Count it, then connect."""
        self.settings["learn"].sockets.add(self)
        await super().open(kernel_id)

    def on_message(self, message: str | bytes) -> None:
        """Pass on what a page may say. What is no message at all ends the socket in one log line,
        instead of a traceback for each."""
        try:
            super().on_message(message)
        except NO_MESSAGE as error:
            log.warning("a socket of %s sent no message (%r)", self.current_user.username, error)
            self.close(1003)

    def write_message(self, message: Any, binary: bool = False) -> asyncio.Future[None]:
        """As ever; that a page has gone meanwhile is noted by nobody and needs no traceback."""
        writing: asyncio.Future[None] = super().write_message(message, binary)
        writing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return writing

    def on_close(self) -> None:
        """Count it out, then disconnect."""
        self.settings["learn"].sockets.discard(self)
        super().on_close()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A bare status: the base's error page needs files that Voila does not have."""
        self.finish()


class ShelfHandler(web.RequestHandler):
    """Public files under a versioned address; another version is sent to the current one."""

    def initialize(self, shelf: Shelf, version: str, base: str) -> None:
        """Take the shelf and the version that counts."""
        self._shelf, self._version, self._base = shelf, version, base

    def get(self, version: str, address: str) -> None:
        """The file, compressed if the browser likes."""
        if address not in self._shelf:
            raise web.HTTPError(404)
        if version != self._version:
            self.set_header("Cache-Control", "no-cache")
            self.redirect(f"{self._base}/{self._version}/{address}")
            return
        packed = "gzip" in self.request.headers.get("Accept-Encoding", "")
        item = self._shelf.item(address, packed)
        assert item is not None  # it is on the shelf
        self.set_header("Content-Type", item.kind)
        self.set_header("Cache-Control", YEAR)
        self.set_header("Vary", "Accept-Encoding")
        if item.packed:
            self.set_header("Content-Encoding", "gzip")
        self.finish(item.content)

    def set_default_headers(self) -> None:
        """Files are never guessed into something else."""
        self.set_header("X-Content-Type-Options", "nosniff")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A bare status: nobody reads it."""
        self.finish()


class HealthHandler(web.RequestHandler):
    """For the supervisor."""

    def get(self) -> None:
        """The server answers."""
        self.finish("ok")
