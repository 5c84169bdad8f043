"""Marking over HTTP: for trainers only, whoever wrote the answers stays unsaid, and nothing that is
sent brings it down.
"""

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
from lawlab.store.tables import (
    Grade,
    ItemVersion,
    Job,
    ManualMark,
    MarkingLease,
    Person,
    Role,
    Sitting,
)

ITEM = "brg-004"
MARKS = "/quiz-1/marking"
RUBRIC = [{"text": "桥上不能堆放石料", "points": 12}, {"text": "卸在路边的空地", "points": 8}]


class Desk(DeskCalls):
    def next(self, login: str = "t01", after: str | None = None) -> Any:
        return self.post(f"{MARKS}/{ITEM}/next", {"after": after}, login).json()["answer"]

    def rows(self) -> tuple[int, ...]:
        with self.sessions() as session:
            return tuple(session.query(one).count() for one in (ManualMark, MarkingLease, Job))


@pytest.fixture
def desk(
    sessions: sessionmaker[Session],
    database_url: str,
    tmp_path: Path,
    now: datetime,
    take_quiz: Callable[[Session, datetime], None],
) -> Iterator[Desk]:
    """`quiz-1`, where nobody's case is marked: one did not write it, one is answering still."""
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    with sessions() as session:
        take_quiz(session, now)
        version = session.scalars(select(ItemVersion).where(ItemVersion.item == ITEM)).one()
        version.body = version.body | {"rubric": RUBRIC}
        for sitting in session.scalars(select(Sitting).where(Sitting.counts.is_(True))):
            if sitting.responses:
                sitting.responses = sitting.responses | {"q04": {"text": "不行，会压坏桥。"}}
        for grade in session.scalars(select(Grade)):
            grade.slots = grade.slots | {"q04": grade.slots["q04"] | {"points": None}}
        other = Person(login="t02", full_name="教员02", created_at=now, password_hash="x")
        other.roles = [Role(role="trainer")]
        session.add(other)
        session.commit()
    app = TestClient(make_app(settings, lambda: now), raise_server_exceptions=False)
    with app as client:
        yield Desk(client, sessions, now, ("t01", "t02", "s001"))


def test_answers_are_marked_one_after_the_other(desk: Desk) -> None:
    overview = desk.get(MARKS).json()
    [line] = overview["questions"]
    assert (line["item"], line["points"], line["type_name"]) == (ITEM, 20, "案例分析题")
    assert (line["waiting"], line["marked"], line["blank"]) == (7, 0, 1)
    answer = desk.next()
    assert (answer["text"], answer["question"]["rubric"]) == ("不行，会压坏桥。", RUBRIC)
    assert answer["question"]["articles"] == ["某镇爱护桥梁条例#3"]
    path = f"{MARKS}/{ITEM}/answers/{answer['code']}"
    saved = desk.post(path, {"revision": 0, "rubric": [12, 4], "comment": "可以"})
    assert saved.status_code == 200
    assert (saved.json()["mark"]["points"], saved.json()["mark"]["by"]) == (16, "教员01")
    following = desk.next(after=answer["code"])
    assert following["code"] > answer["code"]
    looked = desk.post(f"{path}/look", {}).json()
    assert (looked["answer"]["revision"], looked["holder"]) == (1, None)
    listed = desk.get(f"{MARKS}/{ITEM}").json()["answers"]
    assert [one["code"] for one in listed if one["state"] == "marked"] == [answer["code"]]


def test_a_learner_and_a_stranger_get_nothing(desk: Desk) -> None:
    code = desk.next()["code"]
    before = desk.rows()
    mark = {"revision": 0, "rubric": [12, 8], "comment": ""}
    writes = {"next": {}, f"answers/{code}/look": {}, f"answers/{code}": mark}
    for path in (MARKS, f"{MARKS}/{ITEM}"):
        assert desk.get(path, "s001").json()["code"] == "trainers_only"
        assert (desk.get(path, "s001").status_code, desk.get(path, "x").status_code) == (403, 401)
    for end, body in writes.items():
        path = f"{MARKS}/{ITEM}/{end}"
        assert desk.post(path, body, "s001").status_code == 403, path
        assert desk.post(path, body, "nobody").status_code == 401, path
        assert desk.post(path, body, Origin="http://elsewhere.example").status_code == 403, path
    assert desk.rows() == before


def test_no_reply_says_whose_an_answer_is(desk: Desk) -> None:
    with desk.sessions() as session:
        people = session.scalars(select(Person).where(Person.login.not_in(["t01", "t02"]))).all()
        names = [word for person in people for word in (person.login, person.full_name)]
        receipts = {one.receipt for one in session.scalars(select(Sitting)) if one.receipt}
    answer = desk.next()
    path = f"{MARKS}/{ITEM}/answers/{answer['code']}"
    mark = {"revision": 0, "rubric": [12, 8], "comment": "好"}
    replies = [
        desk.get(MARKS),
        desk.get(f"{MARKS}/{ITEM}"),
        desk.post(f"{MARKS}/{ITEM}/next", {}),
        desk.post(f"{path}/look", {}),
        desk.post(path, mark),
        desk.post(path, mark | {"comment": "不好"}, "t02"),
        desk.post(path, mark | {"revision": 7}),
    ]
    assert [reply.status_code for reply in replies] == [200] * 5 + [409] * 2
    for reply in replies:
        assert not [word for word in (*names, *receipts) if word in reply.text], reply.text
        assert not {"sitting", "person", "login", "person_id"} & _keys(reply.json())


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys, value))
    if not isinstance(value, dict):
        return set()
    return set(value) | set().union(*map(_keys, value.values()))


def test_another_trainer_is_never_written_over(desk: Desk) -> None:
    mine, yours = desk.next(), desk.next("t02")
    assert mine["code"] != yours["code"]
    path = f"{MARKS}/{ITEM}/answers/{yours['code']}"
    mark = {"revision": 0, "rubric": [0, 8], "comment": "只说了一半"}
    early = desk.post(path, mark)
    assert (early.status_code, early.json()["code"]) == (409, "being_marked")
    assert desk.post(path, mark, "t02").status_code == 200
    late = desk.post(path, mark | {"rubric": [12, 8]})
    assert (late.status_code, late.json()["code"]) == (409, "marked_meanwhile")
    assert late.json()["message"].startswith("教员02先评了这一份：8 分，评语“只说了一半”。")
    assert late.json()["answer"]["mark"]["points"] == 8


STRANGE = ["\0", "\ud800", "x" * 70_000, -1, 2**31, 2**70, 1e300, None, [], ["\0"], {}, True]


def test_no_field_of_any_request_brings_it_down(desk: Desk) -> None:
    code = desk.next()["code"]
    mark = {"revision": 0, "rubric": [12, 8], "comment": "好"}
    for path, whole in {f"answers/{code}": mark, "next": {"after": code}}.items():
        for key in whole:
            for value in STRANGE:
                reply = desk.post(f"{MARKS}/{ITEM}/{path}", whole | {key: value})
                assert reply.status_code < 500, (path, key, value)
                if reply.status_code >= 400:
                    assert reply.json()["message"].endswith("。"), (path, key, value)
        assert desk.post(f"{MARKS}/{ITEM}/{path}", whole | {"by": "t02"}).status_code == 422
    for points in ([12], [13, 8], [0.3, 8], [float("nan"), 8]):
        reply = desk.post(f"{MARKS}/{ITEM}/answers/{code}", mark | {"rubric": points})
        assert reply.status_code == 422, points
    long = desk.post(f"{MARKS}/{ITEM}/answers/{code}", mark | {"comment": "字" * 501})
    assert (long.status_code, long.json()["code"]) == (422, "bad_mark")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing/marking", 404),
        (f"{MARKS}/nothing", 200),
        ("/%00/marking", 404),
        ("/" + "x" * 61 + "/marking", 422),
        (f"{MARKS}/%ff", 200),
    ],
)
def test_a_strange_address_is_answered_calmly(desk: Desk, path: str, status: int) -> None:
    assert desk.get(path).status_code == status


@pytest.mark.parametrize("code", ["f" * 12, "x", "F" * 12, "0" * 13, "%00"])
def test_an_answer_that_is_not_there_is_refused(desk: Desk, code: str) -> None:
    reply = desk.post(f"{MARKS}/{ITEM}/answers/{code}/look", {})
    assert reply.status_code in {404, 422}
    assert reply.json()["message"].endswith("。")
