"""Entering and leaving: own addresses only, JSON for scripts, a page for people."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from anyio import CancelScope
from fastapi.routing import iter_route_contexts
from sqlalchemy.orm import Session

from lawlab.api import caller
from lawlab.store.engine import writing
from lawlab.tokens import kernel_token

if TYPE_CHECKING:
    from conftest import Office


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/services/learn/board", "/services/learn/board"),
        ("//evil.example/x", "/services/learn/home"),
        ("/\\evil.example", "/services/learn/home"),
        ("https://evil.example", "/services/learn/home"),
        ("https:evil.example", "/services/learn/home"),
        ("javascript:alert(1)", "/services/learn/home"),
        ("/\t/evil.example", "/services/learn/home"),
        ("", "/services/learn/home"),
    ],
)
def test_entering_with_a_session_goes_to_own_addresses_only(
    office: Office, asked: str, lands: str
) -> None:
    browser = office.browser("s001")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    reply = office.app.get(
        "/services/api/enter",
        params={"next": asked},
        headers={"Cookie": cookie},
        follow_redirects=False,
    )
    assert (reply.status_code, reply.headers["location"]) == (302, lands)


def test_entering_without_a_session_asks_the_hub_with_a_state_of_its_own(office: Office) -> None:
    states = set()
    for _ in range(4):
        reply = office.app.get("/services/api/enter", follow_redirects=False)
        target = urlsplit(reply.headers["location"])
        query = parse_qs(target.query)
        assert (target.netloc, target.path) == ("", "/hub/api/oauth2/authorize")
        assert query["code_challenge_method"] == ["S256"]
        cookie = reply.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        states.add((query["state"][0], cookie.partition("=")[0]))
    assert len(states) == 4
    assert len({cookie for _, cookie in states}) == 4


def test_a_callback_with_a_state_that_is_not_ours_begins_again(office: Office) -> None:
    reply = office.app.get(
        "/services/api/oauth_callback?code=x&state=forged", follow_redirects=False
    )
    assert reply.status_code == 302
    assert reply.headers["location"].startswith("/services/api/enter?")


def test_an_error_is_a_page_for_a_person_and_json_for_a_script(office: Office) -> None:
    for path in ("/services/api/me", "/services/api/nothing"):
        person = office.app.get(path, headers={"Accept": "text/html,*/*"})
        script = office.app.get(path, headers={"Accept": "application/json"})
        assert person.status_code == script.status_code
        assert "<h1>这一步没有完成</h1>" in person.text
        assert "回到首页" in person.text
        assert script.json()["message"] in person.text


def test_who_is_known_holds_no_connection_while_he_waits_for_a_thread(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    pool = office.app.app.state.lawlab.sessions.kw["bind"].pool
    monkeypatch.setattr(caller, "require_same", lambda *_: held.append(pool.checkedout()))
    assert office.browser("s001").get("/me").status_code == 200
    assert held == [0]


def test_a_write_that_was_begun_ends_though_whoever_asked_has_hung_up(office: Office) -> None:
    request: Any = SimpleNamespace(app=office.app.app)

    async def hang_up() -> None:
        asked = caller.database(request)
        session = writing(await anext(asked))
        assert session.in_transaction()
        with CancelScope() as scope:
            scope.cancel()
            await asked.aclose()
        assert not session.in_transaction()

    asyncio.run(hang_up())


def test_a_kernels_token_is_worth_nothing_through_the_proxy(office: Office) -> None:
    token = kernel_token(office.settings.secrets["kernel"], "s001")
    headers = {"Authorization": f"Bearer {token}"}
    assert office.app.get("/services/api/me", headers=headers).status_code == 200
    headers["X-Forwarded-For"] = "10.0.0.9"
    assert office.app.get("/services/api/me", headers=headers).status_code == 401


def test_a_repeat_leaves_nobody_waiting_for_its_turn_to_write(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A route that returns has ended its transaction, before its reply needs another thread."""
    browser = office.browser("s001")
    assert browser.answer("atf-001", "A", key="k" * 20).status_code == 201
    standing = []
    close = Session.close

    def note(session: Session) -> None:
        standing.append(session.in_transaction())
        close(session)

    monkeypatch.setattr(Session, "close", note)
    assert browser.answer("atf-001", "A", key="k" * 20).status_code == 200
    assert standing
    assert not any(standing)


def test_every_route_ends_its_transaction(office: Office) -> None:
    found = [one for one in iter_route_contexts(office.app.app.routes) if one.endpoint]
    ours = [one for one in found if one.endpoint.__module__.startswith("lawlab.")]
    assert len(ours) > 150
    plain = {
        one.endpoint
        for one in ours
        if not inspect.iscoroutinefunction(one.endpoint)
        and not hasattr(one.endpoint, "__wrapped__")
    }
    assert plain == set()
