"""The shared Voila server, put together: a subclass of Voila that serves our pages and mounts only
our routes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import tornado.web
from jinja2 import FileSystemBytecodeCache
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_events import EventLogger
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado.httpserver import HTTPServer
from voila.app import Voila
from voila.configuration import VoilaConfiguration
from voila.utils import get_page_config

from lawlab.config import REPOSITORY, Settings, learn_prefix
from lawlab.dressing import dressing
from lawlab.errors import LawlabError
from lawlab.headers import trial_bar
from lawlab.learn import handlers, preview
from lawlab.learn.configuration import configuration, stock_folders, warm_parent
from lawlab.learn.identity import PREFIX, HubIdentity, OwnerOnly, cookies
from lawlab.learn.kernels import ARGUMENTS, Place, kernel_env, person_env
from lawlab.learn.notebooks import ONCE, Notebook, Notebooks
from lawlab.learn.once import OncePages
from lawlab.learn.pictures import PICTURE, PictureHandler
from lawlab.learn.render import (
    LIVE_TEMPLATE,
    ONCE_TEMPLATE,
    OnceRenderer,
    PageRenderer,
    render_once,
    template_paths,
)
from lawlab.learn.shards import shard_of
from lawlab.learn.shelf import Shelf
from lawlab.learn.sockets import make_socket_folder
from lawlab.learn.stamps import page_stamp, stock_version, ui_static, ui_version
from lawlab.learn.standing import Standing

log = logging.getLogger(__name__)

KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
STOP_SECONDS = 2.0
OPENINGS = 4
"""Live pages that are made at the same time. More would all be late together: a hall that comes at
once gets its pages one after the other, at twice the processors."""
MOST_BYTES = 1_000_000
"""Of a request's body and of a socket's message; Tornado would keep 100 MB and 10 MB of them."""


class LearnVoila(Voila):
    """Voila with our identity, our kernels, our templates and only our routes."""

    # Used by jupyter_server for every kernel that starts; it would make one each time.
    event_logger = EventLogger()

    def __init__(self, settings: Settings, apps: Path, shard: int = 0, **kwargs: Any) -> None:
        self.shard = shard
        self.prefix = learn_prefix(shard)
        self.cache = settings.data / "cache"
        self.kernel_home = self.cache / "kernel-home"
        self.kernel_home.mkdir(parents=True, exist_ok=True)
        super().__init__(
            config=configuration(settings, self.kernel_home),
            log=logging.getLogger("lawlab.learn.voila"),
            config_file_paths=[],
            identity_provider_class=HubIdentity,
            authorizer_class=OwnerOnly,
            base_url=self.prefix,
            ip="127.0.0.1",
            port=settings.learn_ports[shard],
            root_dir=str(apps),
            open_browser=False,
            # Sessions outlive a restart of this server.
            cookie_secret=hashlib.sha256(f"learn {settings.secrets['cookie']}".encode()).digest(),
            **kwargs,
        )
        # There is one for the process; whoever asks for it first decides what it is told.
        KernelProvisionerFactory.instance(config=self.config)
        self.settings = settings
        self.sockets: set[handlers.KernelSocket] = set()
        self.turns = asyncio.Semaphore(OPENINGS)
        self.notebooks = Notebooks(apps, settings.pages)
        self.trial = trial_bar(settings)
        stamp = f"{page_stamp()}{self.trial}"
        self.once = OncePages(self.cache / "pages", stamp, self._render_once)
        self.ui = f"{PREFIX}ui/{ui_version()}"
        self.stock = f"{PREFIX}voila/{stock_version()}"

    def setup_template_dirs(self) -> None:
        """Our folder before the installed ones; no environment variable is needed for it."""
        self.template_paths = template_paths(LIVE_TEMPLATE)
        jinja = self.cache / "jinja"
        jinja.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.bytecode = FileSystemBytecodeCache(str(jinja))
        self.once_configuration = VoilaConfiguration(parent=self, template=ONCE_TEMPLATE)

    def init_settings(self) -> dict[str, Any]:
        """Voila's settings, with ourselves and our log line."""
        settings: dict[str, Any] = super().init_settings()
        settings["learn"] = self
        settings["log_function"] = log_request
        # Milliseconds. A phone that vanished is noticed, and its kernel counts as alone. tornado
        # reads the same figures as seconds, which is as good as never.
        settings["ws_ping_interval"] = settings["ws_ping_timeout"] = 20_000
        settings["xsrf_cookie_kwargs"] = {"path": PREFIX} | cookies(self.settings)
        settings["websocket_max_message_size"] = MOST_BYTES
        settings["default_handler_class"] = handlers.NothingHere
        settings["transforms"] = [dressing(self.settings)]
        self.page_config = get_page_config(
            self.prefix, settings, self.log, self.voila_configuration
        )
        # The bundle loads its parts from these: versioned, they may be cached for a year.
        self.page_config["fullStaticUrl"] = f"{self.stock}/static"
        self.page_config["fullLabextensionsUrl"] = f"{self.stock}/labextensions"
        return settings

    def init_handlers(self) -> list[Any]:
        """All routes. Voila's own list is not used: its files, tree, contents, query, execution and
        shutdown handlers let people reach what is not theirs."""
        ui = Shelf({"": [ui_static()]}, self.cache / "packed")
        stock = Shelf(stock_folders(), self.cache / "packed")
        hub = {"hub_auth": self.identity_provider.hub_auth}
        shelf = {"ui": (ui, ui_version()), "voila": (stock, stock_version())}
        routes: list[Any] = [
            ("health", handlers.HealthHandler),
            ("oauth_callback", handlers.CallbackHandler, hub),
            (rf"api/kernels/{KERNEL}", KernelHandler),
            (rf"api/kernels/{KERNEL}/channels", handlers.KernelSocket),
            (rf"voila/api/shutdown/{KERNEL}", handlers.ShutdownHandler),
        ]
        for name, (files, version) in shelf.items():
            known = {"shelf": files, "version": version, "base": f"{PREFIX}{name}"}
            routes.append((rf"{name}/([0-9a-f]{{12}})/(.+)", handlers.ShelfHandler, known))
        routes += [
            ("(?:api|ui|voila)(?:/.*)?", handlers.NothingHere),
            (r"(s[1-9]\d?)(?:/.*)?", handlers.FormerShard),
            (PICTURE, PictureHandler),
            (preview.SHEET, preview.PreviewHandler),
            (preview.PICTURE, preview.PreviewPictureHandler),
            ("", handlers.HomeHandler),
            ("(.+)", handlers.PageHandler),
        ]
        return [(f"{self.prefix}{route}", *rest) for route, *rest in routes]

    def prefix_for(self, notebook: Notebook, person: str) -> str:
        """Below which address somebody finds a page: his live pages at the shard that has his
        kernels, what is the same for everybody at the first."""
        live = notebook.kind != ONCE
        return learn_prefix(shard_of(person, self.settings.learn_shards) if live else 0)

    def live_renderer(self, notebook: Notebook) -> PageRenderer:
        """A renderer for one visit."""
        return PageRenderer(
            notebook,
            {"ui": self.ui, "stock": self.stock, "trial": self.trial},
            self.bytecode,
            voila_configuration=self.voila_configuration,
            template_paths=self.template_paths,
            **self._renderer_needs(),
        )

    async def start_kernel(self, person: str) -> str:
        """A kernel for one person's page; raises HTTPError 429 or 503 at the caps."""
        async with self.kernel_manager.place(person) as place:
            return await self.open_kernel(place)

    async def open_kernel(self, place: Place) -> str:
        """The kernel of this place: its id."""
        env = kernel_env(self.kernel_home) | person_env(self.settings, place.person)
        kernel: str = await self.kernel_manager.start_kernel(
            place=place, kernel_name="python3", path="", env=env, extra_arguments=ARGUMENTS
        )
        return kernel

    async def _render_once(self, notebook: Notebook) -> str:
        renderer = OnceRenderer(
            notebook,
            {"ui": self.ui, "trial": self.trial},
            self.bytecode,
            voila_configuration=self.once_configuration,
            template_paths=template_paths(ONCE_TEMPLATE),
            **self._renderer_needs(),
        )
        return await render_once(renderer, self._lone_kernel)

    async def render_preview(
        self, notebook: Notebook, source: dict[str, Any], facts: dict[str, str]
    ) -> str:
        """The page of a draft; no kernel has a part in it. Raises PageError."""
        renderer = preview.PreviewRenderer(
            notebook,
            source,
            {"ui": self.ui, "trial": self.trial} | facts,
            self.bytecode,
            voila_configuration=self.once_configuration,
            template_paths=template_paths(ONCE_TEMPLATE),
            **self._renderer_needs(),
        )
        return await render_once(renderer, nullcontext)

    def _renderer_needs(self) -> dict[str, Any]:
        return {
            "traitlet_config": self.config,
            "config_manager": self.config_manager,
            "contents_manager": self.contents_manager,
            "kernel_spec_manager": self.kernel_spec_manager,
            "base_url": self.prefix,
            "page_config": self.page_config,
        }

    @asynccontextmanager
    async def _lone_kernel(self) -> AsyncIterator[AsyncKernelManager]:
        """A kernel of nobody, for one execution."""
        manager = AsyncKernelManager(
            kernel_name="python3",
            config=self.config,
            kernel_spec_manager=self.kernel_spec_manager,
            connection_file=str(Path(self.connection_dir) / f"once-{uuid.uuid4()}.json"),
        )
        await manager.start_kernel(
            env=kernel_env(self.kernel_home), cwd=str(self.kernel_home), extra_arguments=ARGUMENTS
        )
        try:
            yield manager
        finally:
            await manager.shutdown_kernel(now=True)

    def open(self) -> HTTPServer:
        """Listen, on exactly the port that the proxy knows.

        Raises LawlabError `port_taken`.
        """
        server = HTTPServer(self.app, xheaders=True, max_body_size=MOST_BYTES)
        try:
            server.listen(self.port, self.ip, backlog=1024)
        except OSError as error:
            raise LawlabError(
                "port_taken",
                f"端口 {self.port} 已被别的程序占用，学习页面的服务没有启动。（{error}）",
            ) from error
        log.info("learn listens on %s:%d", self.ip, self.port)
        return server

    async def serve(self) -> None:
        """Serve until SIGTERM or SIGINT, then be gone within three seconds."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Also undoes an inherited "ignore SIGINT": docs/decisions/0003-voila-stop.md.
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        server = self.open()
        warm_parent().start()
        tasks = [
            asyncio.create_task(Standing(self).watch()),
            *([] if self.shard else [asyncio.create_task(self.once.warm(self.notebooks.once()))]),
        ]
        await stop.wait()
        log.info("learn stops")
        server.stop()
        for task in tasks:
            task.cancel()
        try:
            await asyncio.wait_for(self._end_everything(), STOP_SECONDS)
        except TimeoutError:
            log.warning("some kernels did not end in time")
        warm_parent().stop()
        shutil.rmtree(self.connection_dir, ignore_errors=True)

    async def _end_everything(self) -> None:
        for socket in list(self.sockets):
            socket.close(1001)
        await asyncio.gather(self.once.close(), self.kernel_manager.end_all())


QUIET = (
    handlers.ShelfHandler,
    handlers.HealthHandler,
    PictureHandler,
    preview.PreviewPictureHandler,
    KernelHandler,
)
"""Files, the supervisor, and live pages that look whether their kernel is there."""


def log_request(handler: tornado.web.RequestHandler) -> None:
    """One line for a page or a call; none for what is asked all the time."""
    status = handler.get_status()
    quiet = isinstance(handler, QUIET)
    if quiet and status < 400:
        return
    user = getattr(handler, "_jupyter_current_user", None)
    log.info(
        "%s %s %d %.0f ms %s%s",
        handler.request.method,
        handler.request.path,
        status,
        1000 * handler.request.request_time(),
        user.username if user else "-",
        f": {why}" if (why := getattr(handler, "why", "")) else "",
    )


def make_app(
    settings: Settings, apps: Path = REPOSITORY / "voila_apps", shard: int = 0
) -> LearnVoila:
    """The server, ready to `serve()`; `apps` holds the notebooks of the pages that are not lessons;
    `shard` is which of several it is.

    Must be called inside a running event loop.
    """
    server = LearnVoila(settings, apps, shard)
    server.initialize(argv=[])
    server.connection_dir = str(make_socket_folder())
    server.app = tornado.web.Application(**server.init_settings())
    server.app.add_handlers(".*$", server.init_handlers())
    return server
