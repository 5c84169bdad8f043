"""People come by HTTPS: through a real nginx in front, with the shipped configuration, and through
the proxy that encrypts by itself."""

from __future__ import annotations

import datetime as dt
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import select
from tls import make_certificate
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from lawlab.api.live import FOREIGN
from lawlab.config import LOOPBACK, REPOSITORY, Settings
from lawlab.services.signin import hash_password
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import Person, Role, SigninFailure
from lawlab.testing import Running, free_ports, running

PASSWORD = "qinglian-7788"
NGINX = Path("/usr/sbin/nginx")
"""Debian's; `make test` installs it. That it is missing is a failure, never a skip."""
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr warn;
{user}
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lawlab.conf;
}}
"""


def _own_address() -> str:
    """An address of this machine that is not its loopback, when it has one."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET and not one.address.startswith("127."):
                return one.address
    return "127.0.0.1"


HERE = _own_address()
"""Where people go: what they come from is then no loopback either."""


@dataclass
class Front:
    """An installation as people see it: its address, and whom they believe."""

    platform: Running
    address: str
    trust: ssl.SSLContext
    seen: list[httpx.Headers] = field(default_factory=list)

    def browser(self, **options: object) -> httpx.Client:
        return httpx.Client(
            base_url=self.address,
            verify=self.trust,
            follow_redirects=True,
            timeout=30,
            event_hooks={"response": [lambda reply: self.seen.append(reply.headers)]},
            **options,  # type: ignore[arg-type]
        )

    def sign_in(self, browser: httpx.Client, login: str, password: str = PASSWORD) -> str:
        form = browser.get("/")
        found = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', form.text)
        assert found, form.text
        data = {"username": login, "password": password, "_xsrf": found[1]}
        return browser.post(form.url, data=data).url.path

    def hears_of_the_board(self, browser: httpx.Client, origin: str) -> bool:
        """Whether a socket to the API is served with this browser's cookies."""
        cookies = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
        address = f"{self.address.replace('https', 'wss')}/services/api/live"
        headers = {"Cookie": cookies}
        with connect(address, ssl=self.trust, origin=origin, additional_headers=headers) as line:  # type: ignore[arg-type]
            try:
                return '"board"' in str(line.recv(10))
            except ConnectionClosedError as closed:
                return not closed.rcvd or closed.rcvd.code != FOREIGN


@pytest.fixture(scope="session")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, hashed: str) -> Callable[[], Path]:
    """Makes the data folder of an installation with two people and no content."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("front")
        settings = Settings(data=folder)
        migrate(settings.database)
        engine = make_engine(settings.database)
        with make_sessions(engine)() as session:
            for login, name in (("s001", "干部001"), ("s002", "干部002")):
                person = Person(login=login, full_name=name, password_hash=hashed)
                person.must_change_password = False
                person.created_at = dt.datetime.now(dt.UTC)
                person.roles = [Role(role="learner")]
                session.add(person)
            session.commit()
        engine.dispose()
        return folder

    return make


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), dt.datetime.now(dt.UTC), host=HERE)


@pytest.fixture(scope="module")
def trust(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


@pytest.fixture(scope="module")
def front(
    installation: Callable[[], Path],
    certificate: tuple[Path, Path],
    trust: ssl.SSLContext,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    ports = free_ports(2)
    address = f"https://{HERE}:{ports + 1}"
    with (
        running(installation(), address=address) as platform,
        nginx(folder, (ports, ports + 1), platform.settings.port, certificate),
    ):
        yield Front(platform, address, trust)


@contextmanager
def nginx(
    folder: Path, ports: tuple[int, int], platform: int, files: tuple[Path, Path]
) -> Iterator[None]:
    """The shipped configuration with other ports, names and places; nothing else is changed."""
    text = (REPOSITORY / "platform" / "deploy" / "nginx.conf").read_text("utf-8")
    for shipped, here in (
        ("listen 80;", f"listen {ports[0]};"),
        ("listen 443 ssl;", f"listen {ports[1]} ssl;"),
        ("fazhi.example.cn", HERE),
        ("/etc/lawlab/certificate.pem", str(files[0])),
        ("/etc/lawlab/key.pem", str(files[1])),
        ("127.0.0.1:8000", f"127.0.0.1:{platform}"),
        ("/opt/lawlab/", f"{REPOSITORY}/"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "lawlab.conf").write_text(text, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # it reads below this folder, which is private
    (folder / "main.conf").write_text(MAIN.format(folder=folder, user=user), "utf-8")
    command = [str(NGINX), "-p", str(folder), "-c", "main.conf", "-e", "stderr"]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until = time.monotonic() + 20
        while not _answers(ports[1]):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_signing_in_and_reading_through_nginx(front: Front) -> None:
    with front.browser() as browser:
        assert front.sign_in(browser, "s001") == "/services/learn/home"
        assert browser.get("/services/api/me").json()["login"] == "s001"
        _every_cookie_is_for_https_only(front.seen)
        assert front.hears_of_the_board(browser, front.address)
        assert not front.hears_of_the_board(browser, front.address.replace("https", "http"))
        ours = {"X-Lawlab": "1", "Origin": front.address}
        assert browser.post("/services/api/answers", json={}, headers=ours).status_code == 422
        theirs = ours | {"Origin": front.address.replace("https", "http")}
        assert browser.post("/services/api/answers", json={}, headers=theirs).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/hub/login", 200),
        ("/hub/nothing", 404),
        ("/hub/ui/0000/nothing.css", 404),
        ("/services/learn/health", 200),
        ("/services/learn/voila/nothing", 404),
        ("/services/api/health", 200),
        ("/services/api/nothing", 404),
    ],
)
def test_every_reply_through_nginx_protects_its_reader(
    front: Front, path: str, status: int
) -> None:
    with front.browser() as browser:
        front.sign_in(browser, "s002")
        reply = browser.get(path)
    assert reply.status_code == status
    assert reply.headers.get_list("strict-transport-security") == ["max-age=31536000"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in reply.headers["permissions-policy"]
    if reply.headers.get("content-type", "").startswith("text/html"):
        assert "frame-ancestors" in reply.headers["content-security-policy"]
    for name, value in reply.headers.items():
        assert not re.search(r"(?i)(nginx|tornado\w*|uvicorn|jupyterhub)/?\s*\d", value), name


def test_http_leads_to_https_and_a_page_is_compressed(front: Front) -> None:
    plain = f"http://{HERE}:{int(front.address.rpartition(':')[2]) - 1}/services/learn/board"
    moved = httpx.get(plain)
    assert moved.status_code == 308
    assert moved.headers["location"] == f"https://{HERE}/services/learn/board"
    with front.browser() as browser:
        assert browser.get("/hub/privacy").headers["content-encoding"] == "gzip"


def test_a_file_of_five_mebibytes_passes_and_more_does_not(front: Front) -> None:
    address = "/services/api/desk/laws"
    ours = {"X-Lawlab": "1", "Content-Type": "application/json"}
    with front.browser() as browser:
        assert browser.post(address, content=b" " * 7_100_000, headers=ours).status_code == 401
        assert browser.post(address, content=b" " * 7_400_000, headers=ours).status_code == 413


def test_the_brake_on_signing_in_counts_the_address_that_nginx_saw(front: Front) -> None:
    lies = {"X-Forwarded-For": "198.51.100.7", "X-Real-Ip": "198.51.100.8"}
    with front.browser(headers=lies) as browser:
        assert front.sign_in(browser, "s002", "wrong-password") == "/hub/login"
    engine = make_engine(front.platform.settings.database)
    with make_sessions(engine)() as session:
        found = session.scalars(
            select(SigninFailure.address).where(SigninFailure.login == "s002")
        ).all()
    engine.dispose()
    assert found == [HERE]


def test_a_platform_that_is_away_is_a_calm_page_and_not_nginx_s(
    certificate: tuple[Path, Path], trust: ssl.SSLContext, tmp_path: Path
) -> None:
    ports = free_ports(3)
    with nginx(tmp_path, (ports, ports + 1), ports + 2, certificate):
        reply = httpx.get(f"https://{HERE}:{ports + 1}/", verify=trust)
    assert reply.status_code == 502
    assert "正在恢复" in reply.text
    assert reply.headers["strict-transport-security"] == "max-age=31536000"


def test_the_proxy_encrypts_by_itself(
    installation: Callable[[], Path], certificate: tuple[Path, Path], trust: ssl.SSLContext
) -> None:
    port = free_ports(5)
    address = f"https://{HERE}:{port}"
    files = {"tls_certificate": str(certificate[0]), "tls_key": str(certificate[1])}
    with running(installation(), port, host=HERE, address=address, **files) as platform:
        own = Front(platform, address, trust)
        with own.browser() as browser:
            assert own.sign_in(browser, "s001") == "/services/learn/home"
            _every_cookie_is_for_https_only(own.seen)
            assert own.hears_of_the_board(browser, address)
            for path in ("/hub/login", "/services/learn/home", "/services/api/me"):
                assert browser.get(path).headers["strict-transport-security"]
            assert _facing_the_network(platform) == {port}
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://{HERE}:{port}/hub/login")


def _facing_the_network(platform: Running) -> set[int]:
    """The ports on which any program of the platform listens for more than this machine."""
    listening: list[tuple[str, int]] = []
    for process in platform.processes():
        with suppress(psutil.NoSuchProcess):
            lines = process.net_connections("inet")
            listening += [(*line.laddr,) for line in lines if line.status == psutil.CONN_LISTEN]
    assert len(listening) >= 4  # hub, learn, api, the proxy's own door
    return {port for host, port in listening if host not in LOOPBACK}


def _every_cookie_is_for_https_only(seen: list[httpx.Headers]) -> None:
    names = set()
    for cookie in (cookie for headers in seen for cookie in headers.get_list("set-cookie")):
        name, _, rest = cookie.partition("=")
        if rest.startswith('"";'):  # taken away
            continue
        words = {word.strip().lower() for word in rest.split(";")[1:]}
        names.add(name)
        assert "secure" in words, cookie
        assert {"samesite=lax", "samesite=strict"} & words, cookie
        assert any(word.startswith("path=/") for word in words), cookie
        # Pages read the token against forgery; it opens nothing by itself.
        assert "httponly" in words or name == "_xsrf", cookie
    wanted = {"lawlab-session", "lawlab-device", "jupyterhub-session-id", "service-learn"}
    assert wanted <= names, names
