"""The real platform in a real browser: one demo program served for the whole folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from lawlab.demo import DEMO_PASSWORD
from lawlab.testing import Running, demo_program, running

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}

KNOWN_NOISE = (
    # Voila 0.5 bundles Lab 4.2 and says so once for each shared module.
    re.compile(r"Unsatisfied version .* of shared singleton module"),
    # Chromium reports a refused request of ours (401 before renewal, API killed) as an error.
    re.compile(r"Failed to load resource"),
    # The same for a socket: of a person who was disabled, or of a killed process.
    re.compile(r"WebSocket connection to '\S+' failed"),
)


@dataclass
class Witness:
    """What a page did that it should not: foreign requests, console errors, crashes."""

    own: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._request(request.url))
        context.on("console", lambda message: self._say(message.type, message.text))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.own:
            self.foreign.append(url)

    def _say(self, kind: str, text: str) -> None:
        if kind == "error" and not any(noise.search(text) for noise in KNOWN_NOISE):
            self.errors.append(text)


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo program, to be copied: making it takes longer than anything else here."""
    data = tmp_path_factory.mktemp("demo")
    demo_program(data)
    return data


@pytest.fixture(scope="session")
def platform(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("platform")
    shutil.copytree(demo_data, data, dirs_exist_ok=True)
    with running(data) as platform:
        yield platform


@pytest.fixture(scope="module")
def enter(platform: Running) -> Iterator[Callable[..., httpx.Client]]:
    """Opens a client without a browser: of a person by sign-in name, or of nobody."""
    clients: list[httpx.Client] = []

    def open_client(login: str = "") -> httpx.Client:
        client = httpx.Client(base_url=platform.url, timeout=60, follow_redirects=True)
        clients.append(client)
        if login:
            form = client.get("/")
            field = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', form.text)
            assert field
            data = {"username": login, "password": DEMO_PASSWORD, "_xsrf": field[1]}
            assert client.post(form.url, data=data).url.path == "/services/learn/home"
        return client

    yield open_client
    for client in clients:
        client.close()


@pytest.fixture
def witness(platform: Running) -> Iterator[Witness]:
    """Fails the test when any page of it asked a foreign host or logged an error."""
    witness = Witness(urlsplit(platform.url).netloc)
    yield witness
    assert witness.foreign == []
    assert witness.errors == []


@dataclass
class Visitors:
    """Opens windows: a phone with touch, a desk."""

    browser: Browser
    url: str
    witness: Witness
    contexts: list[BrowserContext] = field(default_factory=list)

    def phone(self) -> Page:
        return self._open(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)

    def desk(self) -> Page:
        return self._open(viewport=DESK)

    def sign_in(self, page: Page, login: str, password: str = DEMO_PASSWORD) -> None:
        """From the bare address to the home page."""
        page.goto("/")
        page.fill("input[name=username]", login)
        page.fill("input[name=password]", password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/services/learn/home")

    def _open(self, **options: object) -> Page:
        context = self.browser.new_context(base_url=self.url, locale="zh-CN", **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        self.witness.watch(context)
        self.contexts.append(context)
        return context.new_page()


@pytest.fixture
def visitors(browser: Browser, platform: Running, witness: Witness) -> Iterator[Visitors]:
    visitors = Visitors(browser, platform.url, witness)
    yield visitors
    for context in visitors.contexts:
        context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go; kept out of git, looked at by people."""
    folder = Path(__file__).parents[2] / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder
