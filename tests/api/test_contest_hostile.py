"""What no page of a contest sends: each word gets a clear refusal, the line holds, nobody else's
contest is disturbed. On both databases, because they choke on different things."""

from __future__ import annotations

import json
from typing import Any, get_args

from contest_table import HOST, Table
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.api.conftest import Browser, Office
from tests.api.test_contest import socket
from tests.api.test_contest_window import post, table_of
from tests.api.test_hostile import BODIES, CHINESE, ask, refused

from lawlab.api.contest import Command
from lawlab.store.tables import Answer, ContestPaper

SAID = {"refused", "ack", "buzz", "state", "count", "pong"}
FRAMES = [
    "",
    "{",
    "null",
    "[]",
    "NaN",
    '"ping"',
    '{"type": "answer"}',
    '{"type": ["ping"]}',
    '{"type": "answer", "turn": NaN, "response": NaN}',
    '{"type": "answer", "turn": 1e400, "response": {}}',
    '{"type": "answer", "turn": true, "response": {"chosen": ["A"]}}',
    '{"type": "answer", "turn": 1, "response": {"chosen": ["\\ud800"]}}',
    '{"type": "answer", "turn": 1, "response": {"chosen": ["\\u0000"]}}',
    '{"type": "answer", "turn": 1, "response": {"chosen": [["A"]]}}',
    '{"type": "answer", "turn": 1, "response": {"chosen": ["A"]}, "person": "\\udfff"}',
    '{"type": "answer", "turn": "\\ud800", "response": 1, "person": "v001"}',
    '{"type": "answer", "turn": ' + "[" * 900 + "]" * 900 + ', "person": "v001"}',
    '{"type": "answer", "turn": ' + "9" * 4000 + ', "response": {"chosen": ["A"]}}',
    '{"type": "answer", "turn": ' + "9" * 5000 + "}",
    '{"type": "answer", "turn": -1, "response": {"chosen": ["A"]}}',
    '{"type": "buzz", "turn": 1}',
    '{"type": "buzz", "turn": ' + str(2**70) + "}",
    '{"type": "got", "turn": ' + str(2**70) + "}",
    '{"type": "open", "seq": 0}',
    "[" * 200_000,
    '{"a":' * 200_000,
    "x" * 500_000,
]

texts = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ["\0", "\ud800", "a\0b", "x" * 5000, "v001", HOST]
)
plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    plain, lambda of: st.lists(of, max_size=3) | st.dictionaries(texts, of, max_size=3)
)
responses = values | st.fixed_dictionaries({"chosen": values}) | st.just({"chosen": ["A"]})
words = st.fixed_dictionaries(
    {"type": st.sampled_from(["answer", "buzz", "got", "state", "command"]) | values},
    optional={"turn": st.sampled_from([1, 2]) | values, "response": responses, "person": values},
)


def hear(line: Any, frame: str | bytes) -> list[dict[str, Any]]:
    """What is said to a frame; fails when the line does not hold, or says what no socket could
    send."""
    if isinstance(frame, bytes):
        line.send_bytes(frame)
    else:
        line.send_text(frame)
    line.send_text('{"type": "ping"}')
    said = []
    while True:
        text = line.receive_text()
        text.encode()  # a lone surrogate would end a real connection
        word = json.loads(text)
        assert word["type"] in SAID
        if word["type"] == "pong":
            return said
        if word["type"] == "refused":
            assert word["code"]
            assert CHINESE.search(word["message"])
        said.append(word)


def calm(reply: Any) -> bool:
    """Either it worked, or it was refused as it should be."""
    return bool(reply.status_code == 200 or refused(reply))


def test_a_strange_frame_is_refused_and_the_line_holds(hall: Office) -> None:
    table = Table(hall)
    table.run("open", "start")
    view = table.show()
    browser = hall.browser("s001")

    def say(frame: str | bytes) -> list[dict[str, Any]]:
        # A line of its own for each: so many words on one come faster than people speak.
        with socket(hall, browser, table.id) as line:
            line.receive_text()
            return hear(line, frame)

    for frame in [*FRAMES, b"", b"\xff\xfe", b'{"type": "ping"}']:
        said = say(frame)
        assert all(word["type"] != "ack" for word in said), frame
        if isinstance(frame, bytes) or '"got"' not in frame:
            assert [word["type"] for word in said] == ["refused"], frame

    @settings(max_examples=120, deadline=None, database=None)
    @given(words)
    def each(word: dict[str, Any]) -> None:
        say(json.dumps(word))

    each()
    assert table.answer(hall.browser("v001"), view).status_code == 200
    table.run("close", "reveal", "finish")


def test_strange_words_of_hosts_and_phones_never_break_a_contest(hall: Office) -> None:
    table = Table(hall)
    table.run("open", "start")
    table.show()
    who = hall.browser("s001")
    commands = [one for one in get_args(Command) if one != "finish"]

    def send(browser: Browser, path: str, body: dict[str, Any]) -> Any:
        content = json.dumps({"person": browser.login} | body).encode()
        return ask(hall, browser, "POST", f"/contests/{table.id}{path}", content=content)

    numbers = st.sampled_from([0, 1, 2, 10, 2**31, 2**70, -1]) | values
    facts = st.fixed_dictionaries(
        {},
        optional={
            "turn": numbers,
            "seconds": numbers,
            "stake": numbers,
            "reason": values,
            "login": values,
            "team": values,
        },
    )

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.sampled_from(commands) | values, facts, st.booleans(), values)
    def each(command: Any, data: dict[str, Any], now: bool, seq: Any) -> None:
        if now:
            seq = table.host.get(f"/contests/{table.id}/host").json()["seq"]
        body = {"key": next(hall.keys), "seq": seq, "command": command} | data
        assert calm(send(table.host, "/commands", body))
        assert send(who, "/commands", body).status_code in (403, 422)

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.sampled_from(["/answers", "/buzz"]), numbers, responses, values)
    def phone(path: str, turn: Any, response: Any, person: Any) -> None:
        assert calm(send(who, path, {"turn": turn, "response": response}))
        other = send(who, path, {"turn": turn, "response": response, "person": person})
        assert person == who.login or refused(other)

    each()
    phone()
    for path in ("/answers", "/buzz", "/commands", "/window/begin", "/window/answers"):
        for name, content in BODIES.items():
            reply = ask(hall, who, "POST", f"/contests/{table.id}{path}", content=content)
            assert refused(reply), f"{name} at {path}"
    for kind, browser in (("seat", who), ("host", table.host), ("screen", table.host)):
        assert browser.get(f"/contests/{table.id}/{kind}").status_code == 200


def test_strange_addresses_are_refused(hall: Office) -> None:
    table = Table(hall)
    for number in ("0", "-1", "99", str(2**31), str(2**70), "9" * 5000, "1.5", "²", "%00", "x"):
        for rest in ("seat", "host", "screen", "window", "window/host"):
            reply = ask(hall, table.host, "GET", f"/contests/{number}/{rest}")
            assert refused(reply), f"{number}/{rest}"
    assert refused(ask(hall, None, "GET", f"/contests/{table.id}/window"))
    assert refused(ask(hall, hall.browser("s001"), "GET", f"/contests/{table.id}/window"))


def test_strange_answers_on_a_paper_are_refused(hall: Office) -> None:
    table = table_of(hall)
    table.run("open")
    hall.clock.pass_(minutes=5)
    who = hall.browser("s001")

    @settings(max_examples=40, deadline=None, database=None)
    @given(st.sampled_from([0, 1, 3, 4, 2**31, 2**70]) | values, responses, values)
    def each(place: Any, response: Any, person: Any) -> None:
        path = f"/contests/{table.id}/window"
        body: dict[str, Any] = {"person": who.login, "place": place, "response": response}
        content = json.dumps(body).encode()
        assert calm(ask(hall, who, "POST", f"{path}/answers", content=content))
        for step in ("begin", "answers", "finish"):
            content = json.dumps(body | {"person": person}).encode()
            reply = ask(hall, who, "POST", f"{path}/{step}", content=content)
            assert person == who.login or refused(reply)

    each()
    with hall.sessions() as session:
        assert not session.scalars(select(ContestPaper)).all()
    assert post(table, who, "begin").status_code == 200
    each()
    with hall.sessions() as session:
        places = set(session.scalars(select(Answer.place)))
    assert places <= {f"contest:{table.id}/{place}" for place in (1, 2, 3)}
    assert who.get(f"/contests/{table.id}/window").status_code == 200
