"""A real Hub behind the real proxy, with the real API, on free ports; one site for all tests."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.services.signin import hash_password
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import Person, Role
from lawlab.supervise.ports import is_free
from lawlab.supervise.programs import Program, programs

PASSWORD = "qinglian-7788"
"""Everybody's in these tests; one hash, because a hash costs 30 ms."""


@dataclass
class Site:
    """A running installation."""

    settings: Settings
    sessions: sessionmaker[Session]
    hashed: str
    password: str = PASSWORD

    @property
    def url(self) -> str:
        return self.settings.public_url

    def add(self, login: str, *roles: str, must_change: bool = False) -> str:
        """A person who can sign in with PASSWORD."""
        with self.sessions() as session:
            session.add(
                Person(
                    login=login,
                    full_name=f"村民{login}",
                    password_hash=self.hashed,
                    must_change_password=must_change,
                    created_at=dt.datetime(2022, 12, 5, tzinfo=dt.UTC),
                    roles=[Role(role=role) for role in roles or ("learner",)],
                )
            )
            session.commit()
        return login

    def lab_of(self, login: str) -> psutil.Process:
        """The process behind a trainer's server, among what this test's Hub has started."""
        home = str(self.settings.data / "homes" / login)
        for process in psutil.process_iter(["cmdline"]):
            is_lab = "jupyterhub.singleuser" in (process.info["cmdline"] or [])
            if is_lab and process.environ().get("HOME") == home:
                return process
        raise AssertionError("no server process")

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        with Browser(base_url=self.url, follow_redirects=True, timeout=30) as browser:
            yield browser


class Browser(httpx.Client):
    """Keeps cookies and follows redirects, as a browser does; knows the forms of the Hub."""

    def sign_in(self, login: str, password: str = PASSWORD, next: str = "") -> httpx.Response:
        page = self.get("/hub/login", params={"next": next} if next else None)
        return self.post_form(page, username=login, password=password)

    def post_form(self, page: httpx.Response, **fields: str) -> httpx.Response:
        form = re.search(r'<form[^>]*action="([^"]*)"', page.text)
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert form, page.text
        assert xsrf, page.text
        return self.post(
            form[1].replace("&amp;", "&"),
            data={"_xsrf": xsrf[1], **fields},
            headers={"Sec-Fetch-Mode": "navigate"},
        )

    def open_lab(self, login: str) -> httpx.Response:
        """Wait until this trainer's JupyterLab is open; its page."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            page = self.get("/hub/spawn")
            if page.url.path == f"/user/{login}/lab" and page.status_code == 200:
                return page
            time.sleep(0.3)
        raise AssertionError(f"no Lab: {page.url} {page.status_code}")

    def lab_headers(self, login: str) -> dict[str, str]:
        """What Lab's own pages send along with a write."""
        token = self.cookies.get("_xsrf", path=f"/user/{login}/")
        assert token
        return {"X-XSRFToken": token, "Origin": str(self.base_url).rstrip("/")}

    def new_kernel(self, login: str) -> str:
        """Its number."""
        address, headers = f"/user/{login}/api/kernels", self.lab_headers(login)
        reply = self.post(address, json={}, headers=headers)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    @property
    def me(self) -> str | None:
        """Who the API says this browser is."""
        reply = self.get("/services/api/me")
        return reply.json()["login"] if reply.status_code == 200 else None


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(Settings(data=tmp_path_factory.mktemp("site"))) as site:
        yield site


@pytest.fixture(scope="session")
def opening() -> Callable[[Settings], AbstractContextManager[Site]]:
    """Opens a further site, with settings of its own, until the block ends."""
    return open_site


@contextmanager
def open_site(settings: Settings) -> Iterator[Site]:
    """The installation of `settings` with tables and nobody in it, on free ports."""
    settings = replace(settings, port=_free_ports())
    migrate(settings.database)
    engine = make_engine(settings.database)
    with running(settings, "hub", "proxy", "api"):
        yield Site(settings, make_sessions(engine), hash_password(PASSWORD))
    engine.dispose()


@contextmanager
def running(settings: Settings, *names: str) -> Iterator[None]:
    """Some of the platform's processes, until the block ends; their logs lie in the data folder."""
    logs = settings.data / "logs"
    logs.mkdir(exist_ok=True)
    chosen = [program for program in programs(settings) if program.name in names]
    started = [_start(program, logs / f"{program.name}.log") for program in chosen]
    try:
        for program, process in zip(chosen, started, strict=True):
            if program.health:
                _await(program.health, process, logs / f"{program.name}.log")
        # The Hub answers before it has given the proxy its routes.
        _await(f"{settings.public_url}/services/api/health", started[0], logs / "hub.log")
        yield
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _start(program: Program, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )


def _await(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{address} does not answer:\n{log.read_text('utf-8')[-4000:]}")


def _free_ports() -> int:
    while True:
        port = random.randrange(20000, 60000, 10)
        if all(is_free(port + offset) for offset in range(6)):
            return port
