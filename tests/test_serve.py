"""Supervision with stub programs: what is killed comes back, what is stopped leaves nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from lawlab.config import Settings
from lawlab.supervise.programs import child_environment, programs, service_routes
from lawlab.supervise.routes import Routes
from lawlab.supervise.state import ServeState, read_state
from lawlab.testing import alive, end, free_ports

DRIVER = """
import json, os, sys
from pathlib import Path
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.supervise.programs import Program, programs
from lawlab.supervise.serve import serve

data, port, host, demo, stubs = json.loads(sys.argv[1])
settings = Settings(data=Path(data), port=port, host=host, demo=demo)
chosen = [
    Program(name, (sys.executable, "-c", code), dict(os.environ), Path(data), **facts)
    for name, (code, facts) in stubs.items()
    if code
]
chosen += [one for one in programs(settings) if one.name in stubs and not stubs[one.name][0]]
try:
    raise SystemExit(serve(settings, chosen))
except LawlabError as error:
    sys.exit(error.sentence)
"""

WEB = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *words): pass
print("stub listens", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""

QUIET = "import signal; signal.pause()"

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("is deaf", flush=True)
while True: signal.pause()
"""

WITH_GRANDCHILD = """
import signal, subprocess, sys
code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\\nwhile True: signal.pause()"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
signal.pause()
"""

Stub = tuple[str, dict[str, object]]
Stubs = dict[str, Stub]


class Site:
    """A supervisor with stubs, in a process of its own."""

    def __init__(
        self, data: Path, stubs: Stubs, host: str = "127.0.0.1", demo: bool = False
    ) -> None:
        self.data = data
        self.port = free_ports(5)
        self.seen: list[psutil.Process] = []
        placed = {name: self._placed(name, *stub) for name, stub in stubs.items()}
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                DRIVER,
                json.dumps([str(data), self.port, host, demo, placed]),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _placed(self, name: str, code: str, facts: dict[str, object]) -> Stub:
        """A stub that serves gets the port that its name has in a real installation."""
        if code != WEB:
            return code, facts
        port = self.port + {"hub": 2, "learn": 3, "api": 4}[name]
        web = {"ports": [port], "health": f"http://127.0.0.1:{port}/"}
        return code.format(port=port), facts | web

    def state(self) -> ServeState | None:
        return read_state(self.data)

    def pid(self, name: str) -> int:
        state = self.state()
        assert state is not None
        return state.programs[name].pid

    def is_ready(self, name: str, after: int = 0) -> bool:
        state = self.state()
        one = state.programs.get(name) if state else None
        return one is not None and one.ready and one.pid != after

    def wait_ready(self) -> None:
        wait(lambda: (state := self.state()) is not None and state.ready, "everything is ready")

    def tree(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        self.seen = [top, *top.children(recursive=True)]
        return self.seen

    def log(self) -> str:
        file = self.data / "logs" / "lawlab.log"
        return file.read_text("utf-8") if file.exists() else ""

    def output(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.read()


Serve = Callable[..., Site]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start supervisors; whatever a failed test leaves of them is ended."""
    sites: list[Site] = []

    def start(stubs: Stubs, host: str = "127.0.0.1", demo: bool = False) -> Site:
        sites.append(Site(tmp_path, stubs, host, demo))
        return sites[-1]

    yield start
    for site in sites:
        if site.process.poll() is None:
            site.tree()
        end([one for one in site.seen if alive(one)])
        site.process.wait()
        assert site.process.stdout is not None
        site.process.stdout.close()


def wait(condition: Callable[[], bool], what: str, within: float = 15.0) -> float:
    """Seconds until `condition` holds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, f"not within {within} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - began


def stop(site: Site, sign: signal.Signals = signal.SIGINT) -> float:
    """Ask to stop, and see that nothing is left; returns the seconds."""
    tree = site.tree()
    began = time.monotonic()
    site.process.send_signal(sign)
    assert site.process.wait(10) == 0
    took = time.monotonic() - began
    assert [one for one in tree if alive(one)] == []
    return took


def test_a_killed_program_is_back_within_five_seconds_and_the_others_stay(serve: Serve) -> None:
    site = serve({"api": (WEB, {}), "learn": (WEB, {})})
    site.wait_ready()
    first, other = site.pid("api"), site.pid("learn")
    os.kill(first, signal.SIGKILL)
    assert wait(lambda: site.is_ready("api", after=first), "api is back") < 5
    answer = httpx.get(f"http://127.0.0.1:{site.port + 4}/", trust_env=False)
    assert int(answer.text) == site.pid("api") != first
    assert site.pid("learn") == other
    assert "api     被信号 SIGKILL 结束" in site.log()
    stop(site)


def test_who_dies_again_and_again_is_started_ever_more_seldom(serve: Serve) -> None:
    site = serve({"grader": ("raise SystemExit('no table')", {})})
    wait(lambda: site.log().count("退出（代码 1）") >= 3, "three deaths")
    lines = [line for line in site.log().splitlines() if "退出（代码 1）" in line]
    assert [line.rpartition("，")[2] for line in lines[:3]] == [
        "立即重启",
        "0.5 秒后重启",
        "1 秒后重启",
    ]
    assert "grader  no table" in site.log()
    stop(site)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_leaves_no_process_and_no_state(serve: Serve, sign: signal.Signals) -> None:
    site = serve({"api": (WEB, {}), "grader": (QUIET, {})})
    site.wait_ready()
    assert len(site.tree()) == 4  # warden, supervisor and the two
    assert stop(site, sign) < 3
    assert site.state() is None


def test_a_program_that_ignores_the_signal_ends_within_ten_seconds(serve: Serve) -> None:
    site = serve({"grader": (STUBBORN, {}), "api": (WEB, {})})
    site.wait_ready()
    wait(lambda: "is deaf" in site.log(), "it ignores the signal")
    assert 5 < stop(site) < 10
    assert "grader  没有按时停下，强行结束" in site.log()


def test_a_second_ctrl_c_ends_all_at_once(serve: Serve) -> None:
    site = serve({"grader": (STUBBORN, {})})
    site.wait_ready()
    wait(lambda: "is deaf" in site.log(), "it ignores the signal")
    tree = site.tree()
    site.process.send_signal(signal.SIGINT)
    wait(lambda: "正在停止" in site.log(), "the first is heard")
    began = time.monotonic()
    site.process.send_signal(signal.SIGINT)
    site.process.wait(10)
    assert time.monotonic() - began < 3
    assert [one for one in tree if alive(one)] == []


def test_a_grandchild_in_a_session_of_its_own_ends_too(serve: Serve) -> None:
    site = serve({"hub": (WITH_GRANDCHILD, {"orphans_stay": True})})
    site.wait_ready()
    wait(lambda: len(site.tree()) == 4, "the grandchild runs")
    assert stop(site) < 10


def test_what_a_killed_hub_started_goes_on_and_ends_with_the_rest(serve: Serve) -> None:
    site = serve({"hub": (WITH_GRANDCHILD, {"orphans_stay": True})})
    site.wait_ready()
    wait(lambda: len(site.tree()) == 4, "the grandchild runs")
    hub = site.pid("hub")
    (grandchild,) = psutil.Process(hub).children()
    os.kill(hub, signal.SIGKILL)
    wait(lambda: site.is_ready("hub", after=hub), "the hub is back")
    assert alive(grandchild)
    stop(site)


def test_the_kernels_of_a_killed_program_end_with_it(serve: Serve) -> None:
    site = serve({"learn": (WITH_GRANDCHILD, {}), "grader": (WITH_GRANDCHILD, {})})
    site.wait_ready()
    wait(lambda: len(site.tree()) == 6, "both grandchildren run")
    # Young ones are told apart by who was seen to start them.
    wait(lambda: len(psutil.Process(site.pid("grader")).children()) == 1, "grader's runs")
    learn, grader = site.pid("learn"), site.pid("grader")
    (ends,) = psutil.Process(learn).children()
    (stays,) = psutil.Process(grader).children()
    os.kill(learn, signal.SIGKILL)
    wait(lambda: site.is_ready("learn", after=learn), "learn is back")
    wait(lambda: not alive(ends), "its kernel is gone")
    assert alive(stays)
    stop(site)


def test_nothing_outlives_a_killed_supervisor(serve: Serve) -> None:
    site = serve({"hub": (WITH_GRANDCHILD, {"orphans_stay": True}), "api": (WEB, {})})
    site.wait_ready()
    wait(lambda: len(site.tree()) == 5, "the grandchild runs")
    tree = site.tree()
    state = site.state()
    assert state is not None
    os.kill(state.pid, signal.SIGKILL)
    assert site.process.wait(5) == 1
    assert [one for one in tree if alive(one)] == []


def test_nothing_outlives_the_killed_command(serve: Serve) -> None:
    site = serve({"hub": (WITH_GRANDCHILD, {"orphans_stay": True}), "api": (WEB, {})})
    site.wait_ready()
    wait(lambda: len(site.tree()) == 5, "the grandchild runs")
    tree = site.tree()
    site.process.kill()
    wait(lambda: not any(alive(one) for one in tree), "all have ended", within=10)


def test_a_taken_port_is_said_in_one_sentence_and_nothing_starts(
    tmp_path: Path, serve: Serve
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        site = serve({"api": (QUIET, {"ports": [port]}), "grader": (QUIET, {})})
        assert site.process.wait(10) == 1
        output = site.output().strip()
    assert output.startswith(f"端口 {port}（api）已被占用：{os.getpid()} ")
    assert output.endswith("例如 make run PORT=8010。")
    assert "\n" not in output
    assert site.state() is None
    assert not (tmp_path / "logs").exists()


def take(port: int) -> socket.socket:
    """Listen on a port; the supervisor itself holds it for an instant whenever it looks."""
    other = socket.socket()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def listening() -> bool:
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            return False
        other.listen()
        return True

    wait(listening, "the port is taken")
    return other


def test_a_port_taken_while_a_program_was_away_is_said(serve: Serve) -> None:
    port = free_ports(1)
    site = serve({"api": ("raise SystemExit(3)", {"ports": [port]})})
    wait(lambda: "退出（代码 3）" in site.log(), "it was started with its port free")
    with take(port):
        said = f"api     端口 {port} 被别的进程占着（{os.getpid()} "
        wait(lambda: said in site.log(), "it is said")
    deaths = site.log().count("退出（代码 3）")
    wait(lambda: site.log().count("退出（代码 3）") > deaths, "it starts when the port is free")
    stop(site)


SHARING = """
import http.server, os, socket, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *words): pass
class Shared(http.server.ThreadingHTTPServer):
    allow_reuse_port = True
shared = Shared(("127.0.0.1", {shared}), Handler)
threading.Thread(target=shared.serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


def sharing(shared: int, port: int) -> Stub:
    """A stub that listens on a port of its own and on one with others."""
    facts = {"ports": [port], "shared_port": shared, "health": f"http://127.0.0.1:{port}/"}
    return SHARING.format(shared=shared, port=port), facts


def test_a_killed_one_of_several_is_back_beside_those_that_hold_the_shared_port(
    serve: Serve,
) -> None:
    first = free_ports(3)
    site = serve({"api": sharing(first, first + 1), "api-2": sharing(first, first + 2)})
    site.wait_ready()
    killed, other = site.pid("api"), site.pid("api-2")
    os.kill(killed, signal.SIGKILL)
    assert wait(lambda: site.is_ready("api", after=killed), "api is back") < 5
    answer = httpx.get(f"http://127.0.0.1:{first + 1}/", trust_env=False)
    assert int(answer.text) == site.pid("api")
    assert site.pid("api-2") == other
    assert "占着" not in site.log()
    stop(site)


def test_a_stranger_on_the_shared_port_is_found_once(serve: Serve) -> None:
    first = free_ports(3)
    with take(first):
        site = serve({"api": sharing(first, first + 1), "api-2": sharing(first, first + 2)})
        assert site.process.wait(10) == 1
        output = site.output().strip()
    assert output.startswith(f"端口 {first}（api）已被占用：{os.getpid()} ")
    assert "\n" not in output


def test_one_data_folder_is_served_once(serve: Serve) -> None:
    first = serve({"grader": (QUIET, {})})
    first.wait_ready()
    second = serve({"grader": (QUIET, {})})
    assert second.process.wait(10) == 1
    assert "已经有一个 lawlab serve 在运行" in second.output()
    assert stop(first) < 3


def test_demo_data_is_not_served_to_others(serve: Serve) -> None:
    site = serve({"grader": (QUIET, {})}, host="0.0.0.0", demo=True)
    assert site.process.wait(10) == 1
    assert "演示数据的密码人人知道，只能在本机打开" in site.output()


def test_the_real_proxy_knows_the_services_before_the_hub_is_up_and_after_it_was_killed(
    serve: Serve,
) -> None:
    site = serve({"proxy": ("", {}), "api": (WEB, {}), "learn": (WEB, {})})
    site.wait_ready()
    page = f"http://127.0.0.1:{site.port}/services/api/me"
    assert int(httpx.get(page, trust_env=False).text) == site.pid("api")
    first = site.pid("proxy")
    os.kill(first, signal.SIGKILL)
    assert wait(lambda: site.is_ready("proxy", after=first), "the proxy is back") < 5
    assert int(httpx.get(page, trust_env=False).text) == site.pid("api")
    away = httpx.get(f"http://127.0.0.1:{site.port}/hub/login", trust_env=False)
    assert away.status_code == 503
    assert "正在恢复，请稍等" in away.content.decode()
    stop(site)


def test_a_proxy_that_has_no_routes_yet_shows_its_own_page_and_sends_nobody_to_the_hub(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path, port=free_ports(5))
    proxy = programs(settings)[0]
    assert proxy.name == "proxy"
    process = subprocess.Popen(proxy.command, env=dict(proxy.environment), cwd=proxy.folder)
    try:
        assert proxy.health
        wait(lambda: _answers(str(proxy.health)), "the proxy answers")
        page = httpx.get(f"{settings.own_url}/services/learn/home", trust_env=False)
        assert page.status_code == 404
        assert "正在恢复，请稍等" in page.content.decode()
    finally:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_hub_gets_what_is_left_after_all_other_routes_are_known(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, learn_shards=2)
    asked: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.removeprefix("/api/routes"))
        return httpx.Response(201)

    async def restore() -> None:
        routes = Routes(settings, service_routes(settings))
        routes.keep(service_routes(settings) | {"/user/t01": {"target": "http://127.0.0.1:9"}})
        async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as client:
            await routes.restore(client)

    asyncio.run(restore())
    assert asked[-1] == "/"
    assert {"/user/t01", "/services/learn/s1"} < set(asked)


async def _remember_and_restore(routes: Routes) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        routes.keep(await routes.table(client))
        await client.delete(f"{routes._api}/user/t01", headers=routes._headers)
        await routes.restore(client)


def test_a_trainers_route_is_remembered(serve: Serve, tmp_path: Path) -> None:
    site = serve({"proxy": ("", {})})
    site.wait_ready()
    settings = Settings(data=tmp_path, port=site.port)
    table = f"http://127.0.0.1:{settings.proxy_api_port}/api/routes"
    headers = {"Authorization": f"token {settings.secrets['proxy']}"}
    route = {"target": "http://127.0.0.1:9", "jupyterhub": True, "user": "t01", "server_name": ""}
    httpx.post(f"{table}/user/t01", json=route, headers=headers, trust_env=False)
    asyncio.run(_remember_and_restore(Routes(settings, service_routes(settings))))
    found = httpx.get(table, headers=headers, trust_env=False).json()
    assert {"/", "/services/learn", "/services/api", "/user/t01"} == set(found)
    assert route.items() <= found["/user/t01"].items()
    stop(site)


def test_children_get_an_allow_list_and_learn_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of somebody else")
    settings = Settings(data=tmp_path, port=8123, database_url="postgresql+psycopg://x:y@/z")
    environment = child_environment(settings)
    assert "AWS_SECRET_ACCESS_KEY" not in environment
    assert environment["LAWLAB_PORT"] == "8123"
    by_name = {program.name: program for program in programs(settings)}
    assert list(by_name) == ["proxy", "hub", "learn", "api", "grader", "nightly"]
    assert by_name["api"].environment["LAWLAB_DATABASE_URL"] == settings.database_url
    assert "LAWLAB_DATABASE_URL" not in by_name["learn"].environment
    assert "LAWLAB_DATABASE_URL" not in by_name["proxy"].environment
    assert "CONFIGPROXY_AUTH_TOKEN" not in by_name["learn"].environment
    assert "y@" not in repr(by_name["api"])
