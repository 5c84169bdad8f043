"""Commands of a host in any order, about anything, while phones answer and press: nothing breaks a
contest, and what is shown is what is stored. Nobody takes part in what is another's."""

from __future__ import annotations

import io
from typing import Any

from contest_table import HOST, Table
from contesting import add_contest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import func, select
from tests.api.conftest import Office
from tests.api.test_hostile import CHINESE

from lawlab.domain.contest_script import FOR_TEAMS, Format, Kind, Script, Team
from lawlab.services.contest import load
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import Answer, Contest

RED, BLUE = "红队", "蓝队"
COMMANDS = (
    *("open", "start", "show", "arm", "pause", "resume", "extend", "close", "reveal", "board"),
    *("void", "unvoid", "exclude", "include", "add", "undo", "finish"),
)
details = st.fixed_dictionaries(
    {},
    optional={
        "turn": st.integers(1, 3),
        "seconds": st.integers(1, 700),
        "reason": st.sampled_from(("题目有错", " ", "字" * 300)),
        "login": st.sampled_from(("s001", "v001", HOST, "nobody")),
        "team": st.sampled_from((RED, BLUE, "别的队")),
        "stake": st.sampled_from((0, 10, 25)),
    },
)
steps = st.tuples(
    st.just("") | st.sampled_from(COMMANDS), details, st.sampled_from((0, 600, 21_000))
)
"""A command, "" for the one that comes next; what it is about; milliseconds after it."""


def test_no_order_of_commands_breaks_a_contest(hall: Office) -> None:
    table = seated(hall)
    phones = [hall.browser(login) for login in ("s001", "s002", "v001")]

    def phones_try(view: dict[str, Any]) -> None:
        turn = view["question"]["turn"] if view["question"] else 1
        for who in phones:
            word = {"person": who.login, "turn": turn, "response": {"chosen": ["A"]}}
            for path in ("answers", "buzz"):
                assert who.post(f"/contests/{table.id}/{path}", word).status_code < 500

    @settings(max_examples=4, deadline=None)
    @given(st.lists(steps, min_size=8, max_size=12))
    def run(plan: list[tuple[str, dict[str, Any], int]]) -> None:
        begin_anew(table)
        for command, facts, pause in plan:
            view = look(table)
            following = (view["next"] or {"command": "undo"})["command"]
            reply = table.do(command or following, **facts)
            assert reply.status_code < 500, (command, facts, reply.text)
            assert reply.status_code == 200 or CHINESE.search(reply.json()["message"]), reply.text
            hall.clock.pass_(milliseconds=pause)
            phones_try(look(table))
        view = look(table)
        with hall.sessions() as session:
            again = load(session, table.id, hall.clock.now)
        assert (view["seq"], view["phase"]) == (again.contest.seq, again.contest.phase)
        shown = {one["login"]: one["points"] for one in view["people"]}
        for one in again.contest.people():
            assert shown[again.people[one.person].login] == one.points

    run()


def test_another_teams_question_and_another_persons_word_are_refused(hall: Office) -> None:
    table = seated(hall)
    table.run("open", "start")
    table.show(team=RED)
    path = f"/contests/{table.id}"
    for login in ("s002", "v001"):
        who = hall.browser(login)
        body = {"person": login, "response": {"chosen": ["A"]}}
        told = {
            turn: who.post(f"{path}/answers", body | {"turn": turn}).json()["code"]
            for turn in (1, 2, 2**31 - 1)
        }
        assert told == {1: "not_your_team", 2: "not_this_question", 2**31 - 1: "not_this_question"}
        assert who.post(f"{path}/buzz", body | {"turn": 1}).json()["code"] == "no_buzzer"
        for route in ("answers", "buzz"):
            reply = who.post(f"{path}/{route}", body | {"person": "s001", "turn": 1})
            assert (reply.status_code, reply.json()["code"]) == (409, "other_person")
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 0


def test_who_was_disabled_since_stays_in_the_protocol(hall: Office) -> None:
    table = Table(hall, {"count": 1}, format=Format.TEAM)
    table.run("open", "start")
    table.show()
    table.run("close", "reveal", "board", "finish")
    with hall.sessions() as session:
        person = person_by_login(writing(session), "s002")
        assert person is not None
        person.active = False
        session.commit()
    sheet = table.host.get(f"/contests/{table.id}/protocol.xlsx")
    assert sheet.status_code == 200
    rows = load_workbook(io.BytesIO(sheet.content))["总成绩"].iter_rows(values_only=True)
    assert "s002" in {row[1] for row in rows}


def look(table: Table) -> dict[str, Any]:
    view: dict[str, Any] = table.host.get(f"/contests/{table.id}/host").json()
    return view


def seated(hall: Office) -> Table:
    """A contest of two teams with a question of each kind."""
    with hall.sessions() as session:
        people = [person_by_login(session, login) for login in ("s001", "s002")]
    teams = [Team(name, (one.id,)) for name, one in zip((RED, BLUE), people, strict=True) if one]
    kinds = (*FOR_TEAMS, *(kind for kind in Kind if kind not in FOR_TEAMS))
    rounds = [{"kind": kind, "count": 1} for kind in kinds]
    return Table(hall, *rounds, format=Format.SEATED, teams=teams)


def begin_anew(table: Table) -> None:
    """Another contest with the same script."""
    with table.hall.sessions() as session:
        script = Script.from_json(session.get_one(Contest, table.id).script)
        table.id = add_contest(
            writing(session),
            table.hall.clock.now,
            script.rounds,
            format=script.format,
            teams=script.teams,
        )
