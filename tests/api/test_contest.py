"""A contest over the API: from the lobby to the result, for phones, the host, the projector."""

from __future__ import annotations

from typing import Any

import pytest
from contest_table import HOST, Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.websockets import WebSocketDisconnect
from tests.api.conftest import Browser, Office

from lawlab.api import contest_rooms
from lawlab.domain.contest_events import Did, Event
from lawlab.domain.contest_script import Format, Kind, Team
from lawlab.services.contest import load, store_event
from lawlab.services.contest_making import delete_contest
from lawlab.services.sessions import fingerprint
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import (
    Answer,
    ApiSession,
    Contest,
    ContestEvent,
    ContestResult,
)


def test_from_the_lobby_to_the_result(hall: Office) -> None:
    table = Table(hall)
    one, other = hall.browser("s001"), hall.browser("v001")
    assert table.seat(one)["phase"] == "draft"
    assert one.get("/contests/now").json() == {"contests": []}
    view = table.run("open")
    assert view["next"] == {"command": "start", "label": "开始比赛"}
    assert [line["id"] for line in one.get("/contests/now").json()["contests"]] == [table.id]
    assert any("同分" in rule for rule in table.seat(one)["rules"])
    table.run("start")
    view = table.show()
    assert view["key"]["answer"]
    seat = table.seat(one)
    assert "key" not in seat
    assert seat["question"]["left_ms"] == 20_000
    assert not {"answer", "explanation", "articles"} & seat["question"].keys()
    hall.clock.pass_(seconds=10)
    ack = table.answer(one, seat)
    assert ack.json()["first"] is True
    assert ack.json()["left_ms"] == 10_000
    assert table.answer(one, seat).json() == ack.json() | {"first": False}
    # The first answer counts, whatever is sent later.
    assert table.answer(one, seat, right=False).json()["response"] == ack.json()["response"]
    assert table.answer(other, seat, right=False).status_code == 200
    seat = table.seat(one)
    assert seat["me"]["answered"]["response"] == ack.json()["response"]
    assert (seat["me"]["right"], seat["me"]["earned"], seat["me"]["points"]) == (None, None, 0)
    assert table.do("reveal").json()["code"] == "still_open"
    view = table.run("close", "reveal")
    assert view["reveal"]["answered"] == 2
    mine, theirs = table.seat(one)["me"], table.seat(other)["me"]
    assert (mine["right"], mine["earned"], mine["points"], mine["rank"]) == (True, 75, 75, 1)
    assert (theirs["right"], theirs["earned"], theirs["rank"], theirs["of"]) == (False, 0, 2, 2)
    view = table.run("board")
    assert [(row["rank"], row["points"]) for row in view["board"]["people"]] == [(1, 75), (2, 0)]
    table.show()
    table.run("close", "reveal", "board")
    table.show()
    view = table.run("close", "reveal", "board", "finish")
    assert view["phase"] == "finished"
    assert view["next"] is None
    with hall.sessions() as session:
        rows = session.scalars(select(ContestResult).order_by(ContestResult.rank)).all()
        assert [(row.points, row.right, row.answered, row.rank) for row in rows] == [
            (75, 1, 1, 1),
            (0, 0, 1, 2),
        ]
        # What is shown is what the stored events and answers say.
        again = load(session, table.id, hall.clock.now).contest.people()
        assert [(row.person, row.points) for row in again] == [
            (row.person_id, row.points) for row in rows
        ]


def test_what_comes_too_late_or_from_elsewhere_is_refused(hall: Office) -> None:
    table = Table(hall)
    who = hall.browser("s001")
    table.run("open", "start")
    view = table.do("show").json()
    assert table.answer(who, view).json()["code"] == "not_open"
    hall.clock.pass_(milliseconds=500)
    table.run("pause")
    assert table.answer(who, view).json()["code"] == "paused"
    hall.clock.pass_(seconds=60)
    table.run("resume")
    hall.clock.pass_(seconds=21)
    assert table.answer(who, view).json()["code"] == "late"
    assert table.do("extend", seconds=10).status_code == 200
    assert table.seat(who)["question"]["left_ms"] == 10_000
    assert table.answer(who, view).status_code == 200
    assert table.answer(table.host, view).json()["code"] == "not_expected"
    table.run("close", "reveal")
    assert table.answer(hall.browser("v001"), view).json()["code"] == "not_this_question"
    # After his time, extended by the host, a right answer still has the half.
    assert table.seat(who)["me"]["earned"] == 50


def test_two_hosts_do_not_press_twice(hall: Office) -> None:
    table = Table(hall)
    table.run("open", "start")
    seq = table.host.get(f"/contests/{table.id}/host").json()["seq"]
    body = {"person": HOST, "key": next(hall.keys), "seq": seq, "command": "show"}
    path = f"/contests/{table.id}/commands"
    assert table.host.post(path, body).json()["question"]["turn"] == 1
    assert table.host.post(path, body).json()["question"]["turn"] == 1
    late = table.host.post(path, body | {"key": next(hall.keys)})
    assert (late.status_code, late.json()["code"]) == (409, "host_moved")
    assert late.json()["view"]["question"]["turn"] == 1
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ContestEvent)) == 3


def test_undo_takes_back_the_last_step_and_its_answers(hall: Office) -> None:
    table = Table(hall)
    who = hall.browser("s001")
    table.run("open", "start")
    view = table.show()
    table.answer(who, view)
    table.run("close", "reveal")
    assert table.seat(who)["me"]["points"] > 0
    view = table.run("undo")
    assert (view["phase"], view["question"]["closed"]) == ("question", True)
    assert table.seat(who)["me"]["points"] == 0
    view = table.run("undo", "undo")
    assert view["phase"] == "started"
    view = table.show()
    assert (view["question"]["turn"], view["progress"]["number"]) == (2, 1)
    assert table.seat(who)["me"]["answered"] is None
    assert table.answer(who, view).json()["first"] is True
    table.run("close", "reveal", "board", "finish")
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 2  # both are kept
        row = session.scalars(select(ContestResult)).one()
        assert (row.answered, row.right) == (1, 1)


def test_an_objection_after_the_end_changes_the_result(hall: Office) -> None:
    table = Table(hall)
    who, other = hall.browser("s001"), hall.browser("v001")
    table.run("open", "start")
    view = table.show()
    table.answer(who, view)
    table.answer(other, view, right=False)
    table.run("close", "reveal", "board", "finish")
    assert table.do("void", turn=1).json()["code"] == "no_reason"
    assert table.do("void", turn=1, reason="题干有错字").status_code == 200
    with hall.sessions() as session:
        assert {row.points for row in session.scalars(select(ContestResult))} == {0}
    assert table.do("unvoid", turn=1, reason="复核后有效").status_code == 200
    assert table.do("exclude", login="v001", reason="代答").status_code == 200
    with hall.sessions() as session:
        assert [row.points for row in session.scalars(select(ContestResult))] == [100]


def test_a_team_that_is_not_complete_gains_nothing_by_it(hall: Office) -> None:
    table = Table(hall, format=Format.TEAM)
    who = hall.browser("s001")
    table.run("open", "start")
    table.answer(who, table.show())
    table.run("close", "reveal")
    [row] = [one for one in table.run("board")["board"]["teams"] if one["present"]]
    assert (row["members"], row["points"]) == (2, 50.0)


def test_the_buzzer_is_decided_by_arrival_and_a_false_start_locks(hall: Office) -> None:
    with hall.sessions() as session:
        ids = {login: person_id(session, login) for login in ("s001", "v001")}
    teams = [Team("红队", (ids["s001"],)), Team("蓝队", (ids["v001"],))]
    table = Table(hall, {"kind": Kind.BUZZER}, format=Format.SEATED, teams=teams)
    red, blue = hall.browser("s001"), hall.browser("v001")
    table.run("open", "start")
    view = table.show()
    press = {"turn": view["question"]["turn"]}
    path = f"/contests/{table.id}/buzz"
    seen = table.host.get(f"/contests/{table.id}/host").json()["seq"]
    early = red.post(path, press | {"person": "s001"})
    assert early.json()["state"] == "false_start"
    # The host had not seen it yet: no other host moved, so he need not press again.
    assert table.do("arm", seq=seen).status_code == 200
    assert red.post(path, press | {"person": "s001"}).json()["code"] == "locked"
    assert blue.post(path, press | {"person": "v001"}).json()["state"] == "pressed"
    for _ in range(100):
        seat = table.seat(blue)
        if seat["question"]["team"]:
            break
    assert seat["question"]["team"] == "蓝队"
    assert seat["me"]["may_answer"] is True
    assert table.seat(red)["me"]["sentence"] == "这道题由蓝队答。"
    hall.clock.pass_(seconds=1)
    assert table.answer(red, view).json()["code"] == "not_your_team"
    assert table.answer(blue, view).status_code == 200
    view = table.run("reveal", "board")
    assert [(row["team"], row["points"]) for row in view["board"]["teams"]] == [
        ("蓝队", 100.0),
        ("红队", 0.0),
    ]


def test_a_risk_question_takes_what_was_staked(hall: Office) -> None:
    with hall.sessions() as session:
        ids = {login: person_id(session, login) for login in ("s001", "v001")}
    teams = [Team("红队", (ids["s001"],)), Team("蓝队", (ids["v001"],))]
    table = Table(hall, {"kind": Kind.RISK}, format=Format.SEATED, teams=teams)
    red, blue = hall.browser("s001"), hall.browser("v001")
    table.run("open", "start")
    assert table.do("show").json()["code"] == "bad_stake"
    view = table.show(team="红队", stake=30)
    assert table.answer(blue, view).json()["code"] == "not_your_team"
    assert table.answer(red, view, right=False).status_code == 200
    told = table.run("reveal")["reveal"]["team"]
    assert told == {"team": "红队", "answered": True, "right": False, "earned": -30}
    table.run("board")
    table.show(team="蓝队", stake=10)
    view = table.run("reveal", "board")  # silence costs too
    assert [(row["team"], row["points"]) for row in view["board"]["teams"]] == [
        ("蓝队", -10.0),
        ("红队", -30.0),
    ]


def test_a_socket_carries_everything(hall: Office) -> None:
    table = Table(hall)
    table.run("open", "start")
    view = table.show()
    who = hall.browser("s001")
    with socket(hall, who, table.id) as phone, socket(hall, who, table.id) as second:
        state = phone.receive_json()
        assert (state["type"], state["phase"]) == ("state", "question")
        second.receive_json()
        phone.send_json({"type": "got", "turn": view["question"]["turn"]})
        turn = view["question"]["turn"]
        phone.send_json({"type": "answer", "turn": turn, "response": {"chosen": ["没有"]}})
        assert phone.receive_json()["code"] == "bad_response"
        foreign = {"type": "answer", "turn": turn, "response": answer_of(state), "person": "s002"}
        phone.send_json(foreign)
        assert phone.receive_json()["code"] == "other_person"
        phone.send_json({"type": "answer", "turn": turn, "response": answer_of(state)})
        # His other phone shows it too.
        assert second.receive_json()["me"]["answered"]["response"] == answer_of(state)
        words = [phone.receive_json(), phone.receive_json()]
        assert sorted(word["type"] for word in words) == ["ack", "state"]
        table.run("close")
        assert phone.receive_json()["question"]["closed"] is True
        for nonsense in ("", "[", "null", '{"type":"answer"}', '{"type":"answer","turn":true}'):
            phone.send_text(nonsense)
            assert phone.receive_json()["code"] == "malformed"


def test_the_socket_of_somebody_who_signed_out_is_closed(
    hall: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest_rooms, "PERIOD_S", 0.02)
    table = Table(hall)
    who = hall.browser("s001")
    with socket(hall, who, table.id) as phone:
        phone.receive_json()
        with hall.sessions() as session:
            row = writing(session).get(ApiSession, fingerprint(who.cookies["lawlab-session"]))
            assert row is not None
            row.ended_at = hall.clock.now
            session.commit()
        with pytest.raises(WebSocketDisconnect) as closed:
            phone.receive_json()
    assert closed.value.code == 4401


def test_the_console_of_a_draft_that_was_deleted_is_closed(
    hall: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest_rooms, "PERIOD_S", 0.02)
    table = Table(hall)
    with socket(hall, table.host, table.id, "host") as console:
        console.receive_json()
        with hall.sessions() as session:
            delete_contest(session, table.id, "host", hall.clock.now)
        words = [console.receive()]
        while words[-1]["type"] != "websocket.close":
            words.append(console.receive())
    assert words[-1]["code"] == 4404
    assert table.host.get(f"/contests/{table.id}/host").json()["code"] == "no_contest"


def test_what_another_process_stored_is_shown(
    hall: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest_rooms, "PERIOD_S", 0.02)
    table = Table(hall)
    who = hall.browser("s001")
    with socket(hall, who, table.id) as phone:
        phone.receive_json()
        with hall.sessions() as session:
            store_event(session, table.id, Event(1, Did.OPEN, hall.clock.now), hall.clock.now)
        assert phone.receive_json()["phase"] == "lobby"
    # The next command of this process follows on it.
    assert table.run("start")["seq"] == 2


def test_the_console_and_the_projector_are_the_hosts(hall: Office) -> None:
    table = Table(hall)
    who = hall.browser("s001")
    for page in ("host", "screen"):
        assert who.get(f"/contests/{table.id}/{page}").json()["code"] == "hosts_only"
        with pytest.raises(WebSocketDisconnect), socket(hall, who, table.id, page) as phone:
            phone.receive_json()
    body = {"person": "s001", "key": next(hall.keys), "seq": 0, "command": "open"}
    assert who.post(f"/contests/{table.id}/commands", body).status_code == 403
    assert table.host.get("/contests/99/host").json()["code"] == "no_contest"
    screen = table.host.get(f"/contests/{table.id}/screen").json()
    assert "key" not in screen
    assert screen["qr"]["size"] > 20


def test_a_draft_that_was_changed_is_opened_as_it_is_now(hall: Office) -> None:
    table = Table(hall)
    table.host.get(f"/contests/{table.id}/host")
    with hall.sessions() as session:
        row = writing(session).get(Contest, table.id)
        assert row is not None
        row.script = row.script | {"speed": False}
        row.revision = 2
        session.commit()
    table.run("open", "start")
    assert not any("越快越多" in rule for rule in table.seat(table.host)["rules"])


def person_id(session: Session, login: str) -> int:
    person = person_by_login(session, login)
    assert person is not None
    return person.id


def answer_of(state: dict[str, Any]) -> dict[str, Any]:
    judge = state["question"]["type"] == "judge"
    return {"chosen": ["对"] if judge else list(state["question"]["options"])[:1]}


def socket(hall: Office, who: Browser, contest: int, kind: str = "seat") -> Any:
    cookie = "; ".join(f"{name}={value}" for name, value in who.cookies.items())
    return hall.app.websocket_connect(
        f"/services/api/contests/{contest}/socket?as={kind}", headers={"Cookie": cookie}
    )
