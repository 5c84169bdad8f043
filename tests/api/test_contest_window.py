"""限时答题赛 over the API: what the page gets at each step, and what never leaves."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from contest_table import Table
from contesting import add_contest, one_round
from fastapi import FastAPI, Request
from openpyxl import load_workbook
from sqlalchemy.orm import Session
from tests.api.conftest import Browser, Office

from lawlab.api.caller import database
from lawlab.domain.contest_events import Did, Event
from lawlab.domain.contest_script import Format, Window
from lawlab.services.contest import store_event
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login

SECRET = ("answer", "explanation", "why_wrong", "articles", "revealed", "right")


def table_of(hall: Office) -> Table:
    now = hall.clock.now
    opens = now + dt.timedelta(minutes=5)
    window = Window(opens, opens + dt.timedelta(hours=2), 10, 3)
    round_ = {"count": 6, "points": 10}
    return Table(hall, round_, format=Format.WINDOW, speed=False, window=window)


def see(table: Table, who: Browser) -> dict[str, Any]:
    view: dict[str, Any] = who.get(f"/contests/{table.id}/window").json()
    return view


def post(table: Table, who: Browser, step: str, **data: Any) -> Any:
    body = {"person": who.login} | data
    return who.post(f"/contests/{table.id}/window/{step}", body)


def choice(question: dict[str, Any]) -> dict[str, Any]:
    return {"chosen": ["对"] if question["type"] == "judge" else [next(iter(question["options"]))]}


def test_from_the_rules_to_the_review(hall: Office) -> None:
    table = table_of(hall)
    who = hall.browser("s001")
    assert see(table, who)["state"] == "not_open"
    table.run("open")
    assert see(table, who)["state"] == "not_open"
    assert post(table, who, "begin").json()["code"] == "not_open"
    hall.clock.pass_(minutes=5)
    view = see(table, who)
    assert (view["state"], view["questions"]) == ("ready", [])
    assert any("每人只能参加一次" in rule for rule in view["rules"])
    begun = post(table, who, "begin").json()
    assert (begun["state"], begun["left_ms"]) == ("running", 600_000)
    assert [question["place"] for question in begun["questions"]] == [1, 2, 3]
    hall.clock.pass_(minutes=1)
    assert post(table, who, "begin").json()["left_ms"] == 540_000
    first = begun["questions"][0]
    ack = post(table, who, "answers", place=1, response=choice(first))
    assert ack.json()["first"] is True
    assert post(table, who, "answers", place=1, response=choice(first)).json()["first"] is False
    view = see(table, who)
    assert view["questions"][0]["answered"]["response"] == choice(first)
    for told in (begun, ack.json(), view):
        assert not {f'"{name}"' for name in SECRET if f'"{name}"' in json.dumps(told)}
    panel = table.host.get(f"/contests/{table.id}/window/host").json()
    assert (panel["began"], panel["running"], panel["finished"]) == (1, 1, 0)
    assert panel["people"][0]["left_ms"] == 540_000
    assert panel["people"][0]["answered"] == 1
    assert who.get(f"/contests/{table.id}/window/host").json()["code"] == "hosts_only"
    done = post(table, who, "finish").json()
    assert (done["state"], done["handed_in"], done["questions"]) == ("done", True, [])
    assert (done["result"], done["review"]) == (None, [])
    late = post(table, who, "answers", place=2, response=choice(begun["questions"][1]))
    assert (late.status_code, late.json()["code"]) == (409, "handed_in")

    table.run("finish")
    view = see(table, who)
    assert (view["state"], view["result"]["answered"], view["result"]["most"]) == ("closed", 1, 30)
    assert view["result"]["points"] == sum(one["earned"] for one in view["review"])
    assert view["result"]["seconds"] == 60
    assert view["review"][0]["response"] == choice(first)
    assert view["review"][0]["revealed"]["answer"]
    # Console and projector show what is shown on the phones.
    screen = table.host.get(f"/contests/{table.id}/screen").json()
    assert [row["name"] for row in screen["podium"]["people"]] == ["干部001"]
    protocol = who.get(f"/contests/{table.id}/protocol").json()
    assert [row["points"] for row in protocol["people"]] == [view["result"]["points"]]


def test_the_keys_of_what_is_asked_elsewhere_are_withheld(hall: Office) -> None:
    table = table_of(hall)
    table.run("open")
    hall.clock.pass_(minutes=5)
    who = hall.browser("s001")
    post(table, who, "begin")
    table.run("finish")
    view = see(table, who)
    assert (len(view["review"]), view["withheld"]) == (3, 0)
    with hall.sessions() as session:
        elsewhere = add_contest(writing(session), hall.clock.now, [one_round(session, count=6)])
        store_event(session, elsewhere, Event(1, Did.OPEN, hall.clock.now), hall.clock.now)
    view = see(table, who)
    assert (view["review"], view["withheld"]) == ([], 3)
    assert view["result"]["points"] == 0


def test_time_over_is_handed_in_and_others_requests_are_refused(hall: Office) -> None:
    table = table_of(hall)
    table.run("open")
    hall.clock.pass_(minutes=5)
    who = hall.browser("s001")
    begun = post(table, who, "begin").json()
    other = post(table, who, "answers", person="s002", place=1, response={"chosen": ["A"]})
    assert (other.status_code, other.json()["code"]) == (409, "other_person")
    hall.clock.pass_(minutes=10, seconds=1)
    view = see(table, who)
    assert (view["state"], view["handed_in"], view["left_ms"]) == ("done", False, 0)
    late = post(table, who, "answers", place=1, response=choice(begun["questions"][0]))
    assert (late.status_code, late.json()["code"]) == (409, "late")
    assert table.do("start").json()["code"] == "not_now"
    stranger = see(table, table.host)
    assert stranger["me"]["why"] == "not_expected"
    assert table.host.get("/contests/99/window").json()["code"] == "no_contest"
    assert table.host.get(f"/contests/{2**40}/window").json()["code"] == "no_contest"


def test_an_answer_that_was_here_in_time_counts_however_long_it_waits(hall: Office) -> None:
    table = table_of(hall)
    table.run("open")
    hall.clock.pass_(minutes=5)
    who = hall.browser("s001")
    begun = post(table, who, "begin").json()
    hall.clock.pass_(minutes=9, seconds=59)

    async def waits(request: Request) -> AsyncIterator[Session]:
        hall.clock.pass_(seconds=5)
        async with asynccontextmanager(database)(request) as session:
            yield session

    assert isinstance(hall.app.app, FastAPI)
    hall.app.app.dependency_overrides[database] = waits
    first = post(table, who, "answers", place=1, response=choice(begun["questions"][0]))
    assert first.json()["first"] is True
    late = post(table, who, "answers", place=2, response=choice(begun["questions"][1]))
    assert late.json()["code"] == "late"


def test_the_protocol_holds_every_answer_and_everybody_sees_his_own_paper(hall: Office) -> None:
    table = table_of(hall)
    table.run("open")
    hall.clock.pass_(minutes=5)
    one, other, third = (hall.browser(login) for login in ("s001", "v001", "s002"))
    mine = post(table, one, "begin").json()["questions"]
    theirs = post(table, other, "begin").json()["questions"]
    post(table, third, "begin")
    for place in (1, 2):
        hall.clock.pass_(seconds=30)
        post(table, one, "answers", place=place, response=choice(mine[place - 1]))
    post(table, other, "answers", place=3, response=choice(theirs[2]))
    hall.clock.pass_(hours=2)
    table.run("finish")
    with hall.sessions() as session:
        # Who was sent away since, and had answered nothing, is still in the sheet.
        person = person_by_login(writing(session), "s002")
        assert person is not None
        person.active = False
        session.commit()
    path = f"/contests/{table.id}/protocol"
    own = one.get(path).json()["questions"]
    assert [line["number"] for line in own] == [1, 2, 3]
    assert [line["question"]["id"] for line in own] == [line["id"] for line in mine]
    assert [bool(line["mine"]) for line in own] == [True, True, False]
    assert [line["mine"]["seconds"] for line in own[:2]] == [30, 60]
    pool = table.host.get(path).json()["questions"]
    assert len(pool) == 6
    assert sum(line["asked"] for line in pool) == 9
    assert sum(line["answered"] for line in pool) == 3
    asked = next(line for line in pool if line["question"]["id"] == mine[1]["id"])
    lines = table.host.get(f"{path}/{asked['turn']}").json()["answers"]
    assert ("s001", 60_000) in {(line["login"], line["milliseconds"]) for line in lines}
    assert table.host.get(f"{path}/7").json()["code"] == "no_turn"
    book = load_workbook(io.BytesIO(table.host.get(f"{path}.xlsx").content))
    rows = list(book["每人每题"].iter_rows(min_row=2, values_only=True))
    assert sorted(row[1] for row in rows) == ["s001", "s001", "v001"]
    assert len(list(book["每题"].iter_rows(min_row=2))) == 6
    people = [row[1] for row in book["总成绩"].iter_rows(min_row=2, values_only=True)]
    assert sorted(people) == ["s001", "s002", "v001"]
    assert sum(row[6] for row in rows) == sum(
        row["points"] for row in table.host.get(path).json()["people"]
    )
