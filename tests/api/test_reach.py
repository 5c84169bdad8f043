"""How people come to the API: encrypted or not, by which name; and what every reply carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.headers import TRIAL

ADDRESS = "https://fazhi.example.cn"
OURS = {"X-Lawlab": "1", "Host": "fazhi.example.cn"}


@pytest.fixture
def database(migrated_sqlite: Path) -> str:
    return f"sqlite:///{migrated_sqlite}"


@pytest.fixture
def encrypted(database: str, tmp_path: Path) -> Iterator[TestClient]:
    yield from _app(Settings(data=tmp_path, database_url=database, address=ADDRESS))


@pytest.fixture
def plain(database: str, tmp_path: Path) -> Iterator[TestClient]:
    yield from _app(Settings(data=tmp_path, database_url=database))


@pytest.fixture
def trial(database: str, tmp_path: Path) -> Iterator[TestClient]:
    yield from _app(Settings(data=tmp_path, database_url=database, lan_trial=True))


def _app(settings: Settings) -> Iterator[TestClient]:
    def clock() -> dt.datetime:
        return dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)

    made = make_app(settings, clock)

    @made.get("/services/api/broken")
    def broken() -> None:
        raise RuntimeError("a fault of ours")

    with TestClient(made, raise_server_exceptions=False, follow_redirects=False) as app:
        yield app


def test_cookies_are_for_https_only_where_people_come_by_https(
    encrypted: TestClient, plain: TestClient
) -> None:
    for path in ("/services/api/enter", "/services/api/c/unknown"):
        cookies = encrypted.get(path).headers.get_list("set-cookie")
        assert cookies or "enter" not in path
        for cookie in cookies:
            words = {word.strip().lower() for word in cookie.split(";")}
            assert {"secure", "httponly", "samesite=lax", "path=/services/api/"} <= words
    (cookie,) = plain.get("/services/api/enter").headers.get_list("set-cookie")
    assert "secure" not in cookie.lower()


def test_what_a_request_says_of_its_encryption_is_not_believed(
    encrypted: TestClient, plain: TestClient
) -> None:
    lies = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    (cookie,) = plain.get("/services/api/enter", headers=lies).headers.get_list("set-cookie")
    assert "secure" not in cookie.lower()
    lies["X-Forwarded-Proto"] = "http"
    (cookie,) = encrypted.get("/services/api/enter", headers=lies).headers.get_list("set-cookie")
    assert "secure" in cookie.lower()


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (ADDRESS, 401),
        (None, 401),
        ("http://fazhi.example.cn", 403),
        ("https://evil.example", 403),
        ("https://fazhi.example.cn:444", 403),
        ("https://fazhi.example.cn.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_write_comes_from_a_page_of_ours_in_the_way_people_come_here(
    encrypted: TestClient, origin: str | None, status: int
) -> None:
    headers = OURS | ({} if origin is None else {"Origin": origin})
    reply = encrypted.post("/services/api/answers", json={}, headers=headers)
    assert reply.status_code == status
    if origin is None:
        return
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        encrypted.websocket_connect("/services/api/live", headers=headers) as socket,
    ):
        socket.receive_json()
    assert closed.value.code == (4401 if status == 401 else 4403)


def test_the_admin_s_own_browser_on_this_machine_is_let_in_beside_a_front(
    encrypted: TestClient,
) -> None:
    headers = OURS | {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}
    assert encrypted.post("/services/api/answers", json={}, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/services/api/health", 200),
        ("GET", "/services/api/verify", 200),
        ("GET", "/services/api/walk-in", 200),
        ("GET", "/services/api/me", 401),
        ("GET", "/services/api/nothing", 404),
        ("POST", "/services/api/answers", 403),
        ("GET", "/services/api/broken", 500),
    ],
)
def test_every_reply_carries_what_protects_its_reader(
    encrypted: TestClient, plain: TestClient, method: str, path: str, status: int
) -> None:
    reply = encrypted.request(method, path, headers={"Accept": "text/html"})
    assert reply.status_code == status
    _protected(reply)
    assert reply.headers["strict-transport-security"] == "max-age=31536000"
    unencrypted = plain.request(method, path, headers={"Accept": "text/html"})
    _protected(unencrypted)
    assert "strict-transport-security" not in unencrypted.headers


def _protected(reply: Any) -> None:
    headers = reply.headers
    assert headers["server"] == "lawlab"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["verify", "verify?code=x", "walk-in", "me", "nothing", "broken"])
def test_every_page_of_a_trial_says_so(trial: TestClient, plain: TestClient, path: str) -> None:
    browser = {"Accept": "text/html"}
    page = trial.get(f"/services/api/{path}", headers=browser).text
    assert page.count(TRIAL) == 1
    assert page.index(TRIAL) < page.index("<h1>")
    assert TRIAL not in plain.get(f"/services/api/{path}", headers=browser).text
