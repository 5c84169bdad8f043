"""A database that cannot answer: refused in a sentence, logged once, stored on a repeat."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from contest_table import Table
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from starlette.websockets import WebSocketDisconnect
from tests.api.conftest import Office

from lawlab.api.faults import TRY_AGAIN
from lawlab.store.tables import Answer, Mark


@contextmanager
def failing(office: Office, error: psycopg.Error, before: str = "") -> Iterator[None]:
    """Every statement of the application that begins with `before` fails."""
    engine = office.app.app.state.lawlab.sessions.kw["bind"]  # type: ignore[attr-defined]

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(before):
            raise OperationalError(statement, {}, error)

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.OperationalError("the connection is lost"), "database_away"),
        (psycopg.errors.DiskFull("could not extend file"), "disk_full"),
        (psycopg.errors.LockNotAvailable("canceling statement"), "database_busy"),
    ],
)
def test_an_answer_that_cannot_be_stored_is_refused_and_taken_on_a_repeat(
    office: Office, caplog: pytest.LogCaptureFixture, error: psycopg.Error, code: str
) -> None:
    browser = office.browser("s001")
    with failing(office, error, "INSERT"), caplog.at_level(logging.INFO, "lawlab.api"):
        replies = [browser.answer("atf-001", "A", key="k" * 20) for _ in range(5)]
    for reply in replies:
        assert reply.status_code == 503
        assert reply.json()["code"] == code
        assert reply.json()["message"].endswith("再试。")
        assert reply.headers["Retry-After"] == str(reply.json()["retry_after"])
        assert str(error) not in reply.text
        assert "INSERT" not in reply.text
    said = [line for line in caplog.records if code in line.getMessage()]
    assert len(said) == 1
    assert "Traceback" not in caplog.text
    with office.sessions() as session:
        assert session.scalars(select(Answer)).all() == []
    first = browser.answer("atf-001", "A", key="k" * 20)
    assert first.status_code == 201
    assert browser.answer("atf-001", "A", key="k" * 20).json() == first.json()
    with office.sessions() as session:
        assert (session.query(Answer).count(), session.query(Mark).count()) == (1, 1)


def test_a_mistake_of_ours_is_still_a_crash_with_its_place(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    browser = office.browser("s001")
    with failing(office, psycopg.errors.UndefinedTable("no such table"), "INSERT"):
        reply = browser.answer("atf-001", "A")
    assert (reply.status_code, reply.json()["code"]) == (500, "crash")
    assert "Traceback" in caplog.text


def test_who_navigates_reads_a_page_and_not_json(office: Office) -> None:
    browser = office.browser("s001")
    with failing(office, psycopg.OperationalError("gone")):
        reply = browser.get("/me", Accept="text/html")
    assert reply.status_code == 503
    assert "数据库暂时连不上" in reply.text


def test_a_seat_keeps_its_answer_until_it_is_stored(hall: Office) -> None:
    table = Table(hall)
    table.run("open", "start")
    table.show()
    who = hall.browser("s001")
    seat = table.seat(who)
    response = {"chosen": ["对"]}
    if seat["question"]["type"] != "judge":
        response = {"chosen": [next(iter(seat["question"]["options"]))]}
    word = json.dumps({"type": "answer", "turn": seat["question"]["turn"], "response": response})
    cookie = "; ".join(f"{name}={value}" for name, value in who.cookies.items())
    address = f"/services/api/contests/{table.id}/socket"
    with hall.app.websocket_connect(address, headers={"Cookie": cookie}) as socket:
        socket.receive_json()
        with failing(hall, psycopg.OperationalError("gone"), "INSERT"):
            socket.send_text(word)
            refused = socket.receive_json()
        assert (refused["type"], refused["code"], refused["again"]) == (
            "refused",
            "database_away",
            True,
        )
        with hall.sessions() as session:
            assert session.scalars(select(Answer)).all() == []
        socket.send_text(word)
        assert socket.receive_json()["type"] == "ack"
    with hall.sessions() as session:
        assert len(session.scalars(select(Answer)).all()) == 1


def test_a_socket_that_cannot_be_opened_now_is_told_to_come_again(hall: Office) -> None:
    table = Table(hall)
    table.run("open")
    who = hall.browser("s001")
    cookie = "; ".join(f"{name}={value}" for name, value in who.cookies.items())
    address = f"/services/api/contests/{table.id}/socket"
    with (
        failing(hall, psycopg.OperationalError("gone")),
        hall.app.websocket_connect(address, headers={"Cookie": cookie}) as socket,
        pytest.raises(WebSocketDisconnect) as closed,
    ):
        socket.receive_json()
    assert closed.value.code == TRY_AGAIN
