"""Requests that no page of ours makes: each gets a refusal in one Chinese sentence, never a crash.

On both databases, because they choke on different things.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from starlette.websockets import WebSocketDisconnect

if TYPE_CHECKING:
    from conftest import Browser, Office

LESSON = "lesson:anti-telecom-fraud/01_what-it-is"
QUIZ = "atf-quiz-1"
CHINESE = re.compile(r"[\u4e00-\u9fff].*。$", re.S)
BODIES = {
    "nothing": b"",
    "half an object": b"{",
    "a list": b"[]",
    "null": b"null",
    "a string": b'"x"',
    "another encoding": b"\xff\xfe{",
    "broken UTF-8": b'{"person": "\xc3\x28"}',
    "200,000 brackets": b"[" * 200_000,
    "200,000 braces": b'{"a":' * 200_000,
    "not a number": b'{"version": NaN}',
    "a number of 5,000 digits": b'{"version": ' + b"9" * 5000 + b"}",
    "two megabytes": b'{"person": "' + b"x" * 2_000_000 + b'"}',
}
VALUES = [
    "\0",
    "a\0b",
    "\ud800",
    "\x1b[31m",
    "<script>alert(1)</script>",
    "x" * 70_000,
    -1,
    2**31,
    2**63,
    2**70,
    1e300,
    None,
    [],
    ["\0"],
    ["\ud800"],
    {},
]
ADDRESSES = [
    "/quizzes/%00",
    "/quizzes/a%00",
    "/lessons/%00/%00",
    "/lessons/a/%ff",
    "/statutes/%00/articles/1",
    "/statutes/x/articles/" + "9" * 5000,
    "/statutes/反电信网络诈骗法/articles/" + "9" * 5000,
    "/statutes/反电信网络诈骗法/articles/²",
    "/statutes/反电信网络诈骗法/articles/-1",
    "/board?group=%00",
    "/board?group=%ff",
    "/quizzes/" + "x" * 9000,
    "/" + "a/" * 2000,
    "/%2e%2e/%2e%2e/etc/passwd",
]
POSTS = ["/answers", f"/quizzes/{QUIZ}/start", f"/quizzes/{QUIZ}/hand-in", "/internal/standing"]


def refused(reply: Any) -> bool:
    """Whether a reply is a calm refusal: 4xx, a code, a sentence, the headers of every reply."""
    body = reply.json()
    return (
        400 <= reply.status_code < 500
        and bool(body["code"])
        and CHINESE.search(body["message"]) is not None
        and "Traceback" not in reply.text
        and reply.headers["cache-control"] == "no-store"
        and reply.headers["x-content-type-options"] == "nosniff"
    )


def ask(office: Office, browser: Browser | None, method: str, path: str, **options: Any) -> Any:
    headers = {b"X-Lawlab": b"1", b"Content-Type": b"application/json"}
    if browser is not None:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        headers[b"Cookie"] = cookies.encode()
    headers |= options.pop("headers", {})
    address = f"/services/api{path}"
    return office.app.request(method, address, headers=headers, follow_redirects=False, **options)


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.browser("s001")


@pytest.fixture
def answer(office: Office) -> Callable[..., dict[str, Any]]:
    def make(**changes: Any) -> dict[str, Any]:
        whole = {
            "key": next(office.keys),
            "person": "s001",
            "item": "atf-001",
            "version": 1,
            "place": LESSON,
            "response": {"chosen": ["A"]},
        }
        return whole | changes

    return make


def test_a_body_that_is_no_request_is_refused(office: Office, browser: Browser) -> None:
    secret = f"Bearer {office.settings.secrets['service-learn']}".encode()
    for path in POSTS:
        headers = {b"Authorization": secret} if "internal" in path else {}
        for name, body in BODIES.items():
            reply = ask(office, browser, "POST", path, content=body, headers=headers)
            assert refused(reply), f"{name} at {path}: {reply.status_code} {reply.text[:200]}"


def test_a_strange_value_in_any_field_is_refused(
    office: Office, browser: Browser, answer: Callable[..., dict[str, Any]]
) -> None:
    def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
        for value in VALUES:
            for field in ("key", "person", "item", "version", "place", "response"):
                yield "/answers", answer(**{field: value})
            yield "/answers", answer(response={"chosen": value})
            yield "/answers", answer(response={"chosen": [value]})
            yield "/answers", answer(response={"text": value})
            for place in (f"lesson:{value}/{value}", f"quiz:{value}", f"{value}:{value}"):
                yield "/answers", answer(place=place[:120])
            yield f"/quizzes/{QUIZ}/start", {"person": value}
            yield f"/quizzes/{QUIZ}/hand-in", {"person": value}

    for path, body in bodies():
        reply = ask(office, browser, "POST", path, content=json.dumps(body).encode())
        assert refused(reply), f"{path} {body!r:.300}: {reply.status_code} {reply.text[:200]}"


def test_a_case_answer_with_what_no_database_takes_is_refused(
    office: Office, browser: Browser, answer: Callable[..., dict[str, Any]]
) -> None:
    ask(office, browser, "POST", f"/quizzes/{QUIZ}/start", json={"person": "s001"})
    state = ask(office, browser, "GET", f"/quizzes/{QUIZ}").json()
    case = next(s["question"] for s in state["slots"] if s["question"]["type"] == "case")
    mine = {"item": case["id"], "version": case["version"], "place": f"quiz:{QUIZ}"}
    for text in ("a\0b", "\ud800", "x" * 4001, "x" * 19_999, " \n", ""):
        body = json.dumps(answer(**mine, response={"text": text})).encode()
        assert refused(ask(office, browser, "POST", "/answers", content=body)), repr(text[:20])
    kept = answer(**mine, response={"text": "\x1b\u2028\ufffe\x0b</script>"})
    assert ask(office, browser, "POST", "/answers", json=kept).status_code == 201


def test_an_address_that_means_nothing_is_refused(office: Office, browser: Browser) -> None:
    for path in ADDRESSES:
        reply = ask(office, browser, "GET", path)
        assert refused(reply), f"{path[:80]}: {reply.status_code} {reply.text[:200]}"


def test_other_methods_are_refused_in_a_sentence(office: Office, browser: Browser) -> None:
    for method, path in (("PUT", "/answers"), ("DELETE", "/me"), ("GET", "/answers")):
        reply = ask(office, browser, method, path)
        assert reply.status_code == 405
        assert refused(reply)


def test_a_strange_token_is_nobodys(office: Office) -> None:
    for given in ("Bearer é", "Bearer ", "token é", "token ", "token", "token a b", "Digest é"):
        headers = {b"Authorization": given.encode()}
        for method, path in (("GET", "/me"), ("POST", "/internal/standing")):
            body: Any = {"logins": []} if method == "POST" else None
            reply = ask(office, None, method, path, json=body, headers=headers)
            assert reply.status_code == 401, f"{given}: {reply.text}"
            assert refused(reply)


def test_a_hub_that_is_away_is_said_so(office: Office) -> None:
    reply = ask(office, None, "GET", "/me", headers={b"Authorization": b"token abc"})
    assert reply.status_code == 503
    assert reply.json()["code"] == "hub_away"


def test_a_body_of_unknown_length_is_not_read(office: Office, browser: Browser) -> None:
    def endless() -> Iterator[bytes]:
        yield b"{"

    reply = ask(office, browser, "POST", "/answers", content=endless())
    assert reply.status_code == 411
    assert refused(reply)


def test_a_foreign_page_cannot_pass_by_naming_credentials(
    office: Office, browser: Browser, answer: Callable[..., dict[str, Any]]
) -> None:
    foreign = {b"Origin": b"http://evil.example"}
    for given in (b"Basic eDp5", b"Digest x", b"x"):
        headers = foreign | {b"Authorization": given}
        reply = ask(office, browser, "POST", "/answers", json=answer(), headers=headers)
        assert reply.status_code == 403
        assert reply.json()["code"] == "bad_origin"
        assert refused(reply)
    # A token speaks for itself: the cookies beside it do not.
    headers = foreign | {b"Authorization": b"Bearer x"}
    reply = ask(office, browser, "POST", "/answers", json=answer(), headers=headers)
    assert reply.status_code == 401


def test_a_socket_may_say_anything_and_goes_on_listening(office: Office, browser: Browser) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    with office.app.websocket_connect("/services/api/live", headers={"Cookie": cookies}) as socket:
        assert socket.receive_json()["type"] == "board"
        socket.send_bytes(b"\xff\x00")
        socket.send_text("{")
        browser.answer("atf-001", "A")
        assert socket.receive_json()["type"] == "board"


def test_a_foreign_or_unknown_socket_is_closed(office: Office, browser: Browser) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    for headers, code in (
        ({"Cookie": cookies, "Origin": "http://evil.example"}, 4403),
        ({"Cookie": cookies, "Origin": "null"}, 4403),
        ({}, 4401),
    ):
        with (
            office.app.websocket_connect("/services/api/live", headers=headers) as socket,
            pytest.raises(WebSocketDisconnect) as closed,
        ):
            socket.receive_json()
        assert closed.value.code == code
