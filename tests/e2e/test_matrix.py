"""Who may reach what: two learners and nobody, at every door of the running platform."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import websockets
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from websockets import InvalidStatus, Origin, Subprotocol

from lawlab.demo import DEMO_PASSWORD
from lawlab.services.people import reset_password
from lawlab.store.engine import make_engine, make_sessions

if TYPE_CHECKING:
    from lawlab.testing import Running

    Enter = Callable[..., httpx.Client]

LEARN, API = "/services/learn", "/services/api"
LESSON = "anti-telecom-fraud/03_first-ten-minutes"
EVIL = "http://evil.example"
V1 = Subprotocol("v1.kernel.websocket.jupyter.org")


@pytest.fixture(scope="module")
def first(enter: Enter) -> httpx.Client:
    return enter("s020")


@pytest.fixture(scope="module")
def second(enter: Enter) -> httpx.Client:
    return enter("s021")


@pytest.fixture(scope="module")
def nobody(enter: Enter) -> httpx.Client:
    client = enter()
    client.follow_redirects = False
    return client


@pytest.fixture
def kernel(first: httpx.Client) -> str:
    """A kernel of the first person, as the source of his live page names it."""
    page = first.get(f"{LEARN}/leaderboard")
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page.text)
    assert found, page.text[:300]
    return found[1]


def cookie(client: httpx.Client, name: str, path: str) -> str:
    """A cookie's value; the Hub and `learn` both have one called `_xsrf`."""
    return next(one.value for one in client.cookies.jar if (one.name, one.path) == (name, path))  # type: ignore[return-value]


def xsrf(client: httpx.Client, path: str = f"{LEARN}/") -> dict[str, str]:
    return {"X-XSRFToken": cookie(client, "_xsrf", path)}


def closed(reply: httpx.Response) -> bool:
    """Refused, not there, or sent to the sign-in page."""
    to_sign_in = reply.url.path == "/hub/login" or "oauth2/authorize" in str(
        reply.headers.get("location", "")
    )
    return reply.status_code in {401, 403, 404, 405} or to_sign_in


def socket(
    client: httpx.Client, address: str, origin: str | None = None, **options: Any
) -> websockets.connect:
    url = str(client.base_url).rstrip("/")
    request = client.build_request("GET", address)
    headers = {"Cookie": request.headers["cookie"]} if "cookie" in request.headers else {}
    return websockets.connect(
        url.replace("http", "ws") + address,
        additional_headers=headers,
        origin=Origin(origin or url),
        **options,
    )


def handshake(client: httpx.Client, address: str, origin: str | None = None) -> int:
    """101 when a socket opens, else the refusal."""

    async def knock() -> int:
        try:
            async with socket(client, address, origin):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    return asyncio.run(knock())


# ---- kernels ------------------------------------------------------------------------------------


def test_a_kernel_answers_its_owner_only(
    first: httpx.Client, second: httpx.Client, nobody: httpx.Client, kernel: str
) -> None:
    address = f"{LEARN}/api/kernels/{kernel}"
    assert first.get(address).status_code == 200
    assert second.get(address).status_code == 403
    assert closed(nobody.get(address))
    assert second.delete(address, headers=xsrf(second)).status_code == 403
    assert closed(nobody.delete(address))
    for path in (f"{LEARN}/api/kernels", f"{LEARN}/api/kernels/"):
        for client in (first, second, nobody):
            assert closed(client.get(path))
            assert closed(client.post(path, headers=xsrf(client) if client != nobody else {}))


def test_a_kernels_socket_opens_for_its_owner_on_our_pages_only(
    first: httpx.Client, second: httpx.Client, nobody: httpx.Client, kernel: str
) -> None:
    address = f"{LEARN}/api/kernels/{kernel}/channels?session_id=abc"
    assert handshake(first, address) == 101
    assert handshake(second, address) == 403
    assert handshake(nobody, address) == 403
    assert handshake(first, address, EVIL) == 403


def test_code_and_completion_over_the_socket_have_no_effect(
    first: httpx.Client, kernel: str, tmp_path: Path
) -> None:
    proof = tmp_path / "ran"

    def message(kind: str, channel: str = "shell", **content: object) -> str:
        header = {"msg_id": kind, "msg_type": kind, "session": "abc", "username": "", "date": ""}
        whole = {"header": header | {"version": "5.3"}, "parent_header": {}, "metadata": {}}
        return json.dumps(whole | {"content": content, "channel": channel})

    async def talk() -> set[str]:
        address = f"{LEARN}/api/kernels/{kernel}/channels?session_id=abc"
        async with socket(first, address) as line:
            code = f"open({str(proof)!r}, 'w')"
            await line.send(message("execute_request", code=code, silent=False))
            await line.send(message("execute_request", "control", code=code, silent=False))
            await line.send(message("complete_request", code="imp", cursor_pos=3))
            await line.send(message("inspect_request", code="open", cursor_pos=3))
            await line.send(message("history_request", hist_access_type="tail", n=9))
            await line.send(message("debug_request", "control", type="request", command="attach"))
            await line.send(message("input_reply", "stdin", value=code))
            await line.send(message("kernel_info_request"))
            kinds: set[str] = set()
            while "kernel_info_reply" not in kinds:
                kinds.add(json.loads(await asyncio.wait_for(line.recv(), 20))["msg_type"])
            return kinds

    kinds = asyncio.run(talk())
    assert {kind for kind in kinds if kind.endswith("_reply")} == {"kernel_info_reply"}
    assert not proof.exists()


def test_code_in_the_protocol_of_voilas_own_pages_has_no_effect_either(
    first: httpx.Client, kernel: str, tmp_path: Path
) -> None:
    proof = tmp_path / "ran"

    def message(kind: str, channel: str = "shell", **content: object) -> bytes:
        header = {"msg_id": kind, "msg_type": kind, "session": "abc", "username": "", "date": ""}
        parts = [header | {"version": "5.3"}, {}, {}, content]
        packed = [json.dumps(part).encode() for part in parts]
        whole: bytes = serialize_msg_to_ws_v1(packed, channel)
        return whole

    async def talk() -> set[str]:
        address = f"{LEARN}/api/kernels/{kernel}/channels?session_id=abc"
        async with socket(first, address, subprotocols=[V1]) as line:
            assert line.subprotocol == V1
            code = f"open({str(proof)!r}, 'w')"
            await line.send(message("execute_request", code=code, silent=False))
            await line.send(message("execute_request", "control", code=code, silent=False))
            await line.send(message("complete_request", code="imp", cursor_pos=3))
            await line.send(message("kernel_info_request"))
            kinds: set[str] = set()
            while "kernel_info_reply" not in kinds:
                _, parts = deserialize_msg_from_ws_v1(await asyncio.wait_for(line.recv(), 20))
                kinds.add(json.loads(parts[0])["msg_type"])
            return kinds

    kinds = asyncio.run(talk())
    assert {kind for kind in kinds if kind.endswith("_reply")} == {"kernel_info_reply"}
    assert not proof.exists()


def test_what_is_no_message_ends_its_socket_and_nothing_else(
    platform: Running, first: httpx.Client, kernel: str
) -> None:
    address = f"{LEARN}/api/kernels/{kernel}/channels?session_id=abc"
    before = platform.log().count("Traceback")

    async def closed_after(said: str | bytes) -> int:
        async with socket(first, address) as line:
            await line.send(said)
            async with asyncio.timeout(10):
                await line.wait_closed()
        return line.close_code or 0

    for junk in ("", "no message", "[]", "1", '{"header": 1}', '{"channel": "shell"}', b"\0\1\xff"):
        assert asyncio.run(closed_after(junk)) == 1003, junk
    assert asyncio.run(closed_after(b"x" * 2_000_000)) in {1006, 1009}
    assert first.get(f"{LEARN}/api/kernels/{kernel}").status_code == 200
    assert platform.log().count("Traceback") == before


def test_nobody_ends_another_persons_kernel(
    first: httpx.Client, second: httpx.Client, nobody: httpx.Client, kernel: str
) -> None:
    alive = f"{LEARN}/api/kernels/{kernel}"
    shutdown = f"{LEARN}/voila/api/shutdown/{kernel}"
    assert second.post(shutdown, headers=xsrf(second)).status_code == 403
    assert first.post(shutdown, headers=xsrf(second)).status_code == 403
    assert first.post(shutdown).status_code == 403
    assert nobody.post(shutdown).status_code == 403
    assert first.get(alive).status_code == 200
    assert first.post(shutdown, headers=xsrf(first)).status_code == 204
    assert first.get(alive).status_code in {403, 404}


NOT_THERE = [
    "voila/files/leaderboard.ipynb",
    "voila/files/x.png",
    "voila/tree",
    "voila/render/home.ipynb",
    "voila/api/contents",
    "voila/query/{0}",
    "voila/execution/{0}",
    "voila/static/voila.js",
    "voila/templates/lab/static/x.css",
    "api/contents",
    "api/contents/home.ipynb",
    "api/sessions",
    "api/terminals",
    "api/kernelspecs",
    "api/config/x",
    "api/status",
    "api/kernels/{0}/restart",
    "api/kernels/{0}/interrupt",
    "files/home.ipynb",
    "tree",
    "notebooks/home.ipynb",
    "home.ipynb",
    "voila_apps/home.ipynb",
    "lesson/anti-telecom-fraud/01_what-it-is.ipynb",
    "metrics",
    "logout",
    "lab",
    "terminals/1",
    "nbconvert/html/home.ipynb",
]


def test_files_trees_contents_query_and_execution_are_there_for_nobody(
    first: httpx.Client, second: httpx.Client, nobody: httpx.Client, kernel: str
) -> None:
    for place in NOT_THERE:
        address = f"{LEARN}/{place.format(kernel)}"
        for client in (first, second, nobody):
            assert closed(client.get(address)), f"GET {address}"
            headers = {} if client is nobody else xsrf(client)
            assert closed(client.post(address, headers=headers)), f"POST {address}"
    for place in ("query", "execution"):
        for client in (first, second, nobody):
            assert handshake(client, f"{LEARN}/voila/{place}/{kernel}") != 101


def test_an_address_cannot_choose_template_or_theme(first: httpx.Client) -> None:
    words = "template=reveal&theme=dark&voila-template=lab&voila-theme=dark&voila=1&X-Person=s021"
    for page in ("home", f"lesson/{LESSON}"):
        plain, bent = (first.get(f"{LEARN}/{page}{query}") for query in ("", f"?{words}"))
        assert plain.text == bent.text
    live = first.get(f"{LEARN}/leaderboard?{words}")
    assert "/learn/live.js" in live.text
    assert "theme-light" in live.text
    assert "reveal" not in live.text.replace(words, "")


# ---- the Hub ------------------------------------------------------------------------------------


def test_a_learner_gets_no_server_and_reaches_no_other(
    first: httpx.Client, nobody: httpx.Client
) -> None:
    mine = xsrf(first, "/hub/")
    for address in ("/hub/spawn", "/hub/spawn/s020", "/hub/spawn/t01", "/hub/spawn-pending/t01"):
        assert first.get(address).status_code == 403
        assert first.post(address, headers=mine).status_code in {403, 404, 405}
        assert closed(nobody.get(address, follow_redirects=True))
    for address in ("/user/t01/lab", "/user/t01/api/contents", "/user/s020/", "/user/s021/"):
        assert first.get(address).status_code in {403, 404}
        assert closed(nobody.get(address, follow_redirects=True))
    for address in ("/hub/admin", "/hub/token", "/hub/metrics", "/hub/accept-share"):
        assert first.get(address).status_code in {403, 404}
        assert closed(nobody.get(address))


HUB_CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/users", None),
    ("GET", "/users/s021", None),
    ("GET", "/groups", None),
    ("GET", "/services", None),
    ("GET", "/proxy", None),
    ("GET", "/info", None),
    ("GET", "/users/s020/tokens", None),
    ("POST", "/users/s020/tokens", {}),
    ("POST", "/users/s020/tokens", {"scopes": ["access:services!service=api"]}),
    ("POST", "/users/s020/server", {}),
    ("POST", "/users/s020/servers/second", {}),
    ("POST", "/users/t01/server", {}),
    ("PATCH", "/users/s020", {"admin": True}),
    ("POST", "/users/s099", {}),
    ("DELETE", "/users/s021", None),
    ("POST", "/groups/trainers/users", {"users": ["s020"]}),
    ("POST", "/shutdown", {}),
    ("POST", "/authorizations/token", {"username": "s021", "password": DEMO_PASSWORD}),
]


def test_no_credential_of_a_learner_does_more_at_the_hub_than_name_him(
    first: httpx.Client, nobody: httpx.Client, enter: Enter
) -> None:
    # The one token a learner can lay hands on: signed, but readable, in the cookie of the pages.
    signed = cookie(first, "service-learn", f"{LEARN}/").strip('"').split("|")[4]
    token = base64.b64decode(signed.partition(":")[2]).decode()
    by_token = {"Authorization": f"token {token}"}
    by_cookie = xsrf(first, "/hub/") | {"Referer": str(first.base_url.join("/hub/home"))}
    for client, headers in ((first, by_cookie), (nobody, by_token)):
        assert client.get("/hub/api/user", headers=headers).json()["name"] == "s020"
        for method, path, body in HUB_CALLS:
            reply = client.request(method, f"/hub/api{path}", json=body, headers=headers)
            assert reply.status_code in {403, 404}, f"{method} {path}: {reply.text}"
    for method, path, body in HUB_CALLS:
        assert nobody.request(method, f"/hub/api{path}", json=body).status_code in {403, 404}


def test_a_token_taken_from_a_cookie_dies_with_the_session(
    nobody: httpx.Client, enter: Enter
) -> None:
    leaving = enter("s022")
    signed = cookie(leaving, "service-learn", f"{LEARN}/").strip('"').split("|")[4]
    token = base64.b64decode(signed.partition(":")[2]).decode()
    headers = {"Authorization": f"token {token}"}
    assert nobody.get(f"{API}/me", headers=headers).json()["login"] == "s022"
    leaving.get("/hub/logout")
    assert nobody.get(f"{API}/me", headers=headers).status_code == 401


def test_a_token_taken_from_a_cookie_dies_with_a_reset_password(
    platform: Running, nobody: httpx.Client, enter: Enter
) -> None:
    signed = cookie(enter("s024"), "service-learn", f"{LEARN}/").strip('"').split("|")[4]
    token = base64.b64decode(signed.partition(":")[2]).decode()
    headers = {"Authorization": f"token {token}"}
    assert nobody.get(f"{API}/me", headers=headers).json()["login"] == "s024"
    engine = make_engine(platform.settings.database)
    with make_sessions(engine)() as session:
        reset_password(session, "s024", now=dt.datetime.now(dt.UTC))
    engine.dispose()
    time.sleep(5.5)  # the Hub believes what it heard of somebody for five seconds
    assert nobody.get(f"{API}/me", headers=headers).status_code == 401
