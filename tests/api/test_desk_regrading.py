"""Regrading over HTTP: for trainers only; what is listed is what is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from desk_calls import DeskCalls
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.store.tables import Quiz, Regrade

REGRADE = "/quiz-1/regrade"
FULL = {"item": "brg-002", "correction": {"full": True}, "reason": "题干有歧义"}


class Desk(DeskCalls):
    def facts(self) -> tuple[Any, int]:
        with self.sessions() as session:
            rows = session.scalars(select(Regrade)).all()
            return session.get_one(Quiz, "quiz-1").corrections, len(rows)


@pytest.fixture
def desk(
    sessions: sessionmaker[Session],
    database_url: str,
    tmp_path: Path,
    now: datetime,
    take_quiz: Callable[[Session, datetime], None],
) -> Iterator[Desk]:
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    with sessions() as session:
        take_quiz(session, now)
    app = TestClient(make_app(settings, lambda: now), raise_server_exceptions=False)
    with app as client:
        yield Desk(client, sessions, now, ("t01", "s001"))


def test_a_learner_and_a_stranger_get_nothing(desk: Desk) -> None:
    for login, status in (("s001", 403), ("nobody", 401)):
        assert desk.get(f"{REGRADE}?item=brg-002", login).status_code == status
        assert desk.post(REGRADE, FULL, login).status_code == status
    assert desk.facts() == ({}, 0)


def test_a_trainer_sees_who_changes_saves_it_and_takes_it_back(desk: Desk) -> None:
    found = desk.get(f"{REGRADE}?item=brg-002").json()
    (offered,) = found["choices"]
    assert (found["answer"], found["history"], offered["correction"]) == ("A", [], {"full": True})
    assert "s001" in {one["login"] for one in offered["changes"]}
    saved = desk.post(REGRADE, FULL).json()
    assert saved["saved"] is True
    assert saved["changes"] == offered["changes"]
    assert desk.post(REGRADE, FULL).json()["saved"] is False
    found = desk.get(f"{REGRADE}?item=brg-002").json()
    assert found["current"] == {"full": True}
    assert [one["name"] for one in found["choices"]] == ["恢复原来的答案"]
    assert [one["reason"] for one in found["history"]] == ["题干有歧义"]
    assert desk.post(REGRADE, FULL | {"correction": {}}).json()["changes"]
    assert desk.facts() == ({}, 2)


def test_what_cannot_be_is_refused_in_words(desk: Desk) -> None:
    for item, status, code in (("brg-004", 409, "marked_by_hand"), ("brg-009", 404, "no_item")):
        for reply in (
            desk.get(f"{REGRADE}?item={item}"),
            desk.post(REGRADE, FULL | {"item": item}),
        ):
            assert (reply.status_code, reply.json()["code"]) == (status, code)
            assert reply.json()["message"].endswith("。")
    for body, code in (
        (FULL | {"reason": " "}, "bad_reason"),
        (FULL | {"correction": {"version": 7}}, "bad_correction"),
        (FULL | {"correction": {"full": False}}, "malformed"),
        (FULL | {"more": 1}, "malformed"),
        ([], "malformed"),
    ):
        reply = desk.post(REGRADE, body)
        assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert desk.get(f"{REGRADE}?item=%00").status_code == 422
    assert desk.facts() == ({}, 0)
