"""Two API processes on one PostgreSQL database: what one stores, the pages of the other show at
once. The looks at the database are so seldom here that only the words between the two can do it."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import anyio
import pytest
from contest_table import Table
from contesting import add_contest, one_round
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from tests.api.conftest import Browser, Office

from lawlab.api import contest_buzzes, contest_rooms, live
from lawlab.api.app import make_app
from lawlab.api.contest_elsewhere import SILENT_S, SOME, Elsewhere
from lawlab.domain.contest_events import Did
from lawlab.domain.contest_script import Format, Kind, Team
from lawlab.errors import Conflict
from lawlab.services.contest import NewAnswer, load, store_answers
from lawlab.store.contests import answers_of_contest, events_of_contest
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import Activity, ContestEvent

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
SELDOM = 30.0
AT_ONCE = 8.0
"""Seconds, on a machine that does much else; a look at the database would take up to SELDOM."""


class Two:
    """The same office twice: `here` is asked by the host, `there` by phones."""

    def __init__(self, here: Office, there: Office) -> None:
        self.here, self.there = here, there
        self.table = Table(here)

    def socket(self, office: Office, who: Browser, kind: str = "seat") -> Any:
        return office.app.websocket_connect(
            f"/services/api/contests/{self.table.id}/socket?as={kind}",
            headers={"Cookie": "; ".join(f"{name}={value}" for name, value in who.cookies.items())},
        )


@pytest.fixture
def two(hall: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    with TestClient(make_app(hall.settings, hall.clock), raise_server_exceptions=False) as app:
        two = Two(hall, replace(hall, app=app))
        _until_both_listen(hall)
        for module in (contest_rooms, live):
            monkeypatch.setattr(module, "PERIOD_S", SELDOM)
        yield two


def _until_both_listen(office: Office) -> None:
    """Two connections each: one hears, one tells."""
    query = text("select count(*) from pg_stat_activity where query ilike '%synchronous_commit%'")
    deadline = time.monotonic() + 10
    with office.sessions() as session:
        while (session.scalar(query) or 0) < 3:  # this one is among them
            assert time.monotonic() < deadline
            session.rollback()


def hear(socket: Any, holds: Callable[[dict[str, Any]], Any], within: float = AT_ONCE) -> Any:
    """The first word of which something holds."""

    async def listen() -> dict[str, Any]:
        with anyio.fail_after(within):
            while not holds(word := json.loads((await socket._send_rx.receive())["text"])):
                pass
        return word

    return socket.portal.call(listen)


def choose(state: dict[str, Any], number: int = 0) -> dict[str, Any]:
    judge = state["question"]["type"] == "judge"
    return {
        "chosen": [["对", "错"][number] if judge else list(state["question"]["options"])[number]]
    }


def test_phones_of_another_process_are_in_the_same_contest(two: Two) -> None:
    table, who = two.table, two.here.browser("s001")
    table.run("open", "start")
    with (
        two.socket(two.there, who) as phone,
        two.socket(two.here, table.host, "screen") as screen,
    ):
        assert phone.receive_json()["phase"] == "started"
        hear(screen, lambda word: word["type"] == "count" and word["present"] == 1)
        view = table.show()
        assert view["present"] == 1
        state = hear(phone, lambda word: word.get("phase") == "question")
        phone.send_json({"type": "got", "turn": 1})
        phone.send_json({"type": "answer", "turn": 1, "response": choose(state)})
        hear(phone, lambda word: word["type"] == "ack")
        hear(screen, lambda word: word["type"] == "count" and word["answered"] == 1)
        view = table.run("close", "reveal")
        assert (view["reveal"]["answered"], view["spread"]["people"]) == (1, 1)
        shown = hear(phone, lambda word: word.get("phase") == "revealed")
        assert (
            shown["reveal"] == hear(screen, lambda word: word.get("phase") == "revealed")["reveal"]
        )
        assert shown["me"]["rank"] == 1
        board = table.run("board")["board"]
        assert hear(phone, lambda word: word.get("phase") == "board")["board"]["people"] == [
            line | {"mine": True} for line in board["people"]
        ]


def test_the_first_answer_counts_wherever_it_arrived(two: Two) -> None:
    table, who = two.table, two.here.browser("s001")
    table.run("open", "start")
    state = table.show()
    with two.socket(two.there, who) as phone, two.socket(two.here, who) as other:
        hear(phone, lambda word: word["type"] == "state")
        hear(other, lambda word: word["type"] == "state")
        first, second = choose(state), choose(state, 1)
        phone.send_json({"type": "answer", "turn": 1, "response": first})
        hear(phone, lambda word: word["type"] == "ack")
        # His other phone shows it, though it is another process's.
        told = hear(other, lambda word: word["type"] == "state" and word["me"]["answered"])
        assert told["me"]["answered"]["response"] == first
        other.send_json({"type": "answer", "turn": 1, "response": second})
        assert hear(other, lambda word: word["type"] == "ack")["response"] == first


def test_two_hosts_at_two_processes_number_their_events_in_one_row(two: Two) -> None:
    table = two.table
    table.run("open")
    there = Table.__new__(Table)
    there.hall, there.id, there.host = two.there, table.id, two.there.browser("t01")
    commands = ["start", *("show", "close", "reveal", "board") * 3, "finish"]
    for number, command in enumerate(commands, 1):
        at = (there, table)[number % 2]
        while at.host.get(f"/contests/{table.id}/host").json()["seq"] < number:
            pass  # the other's event is on its way
        at.run(command)
    with two.here.sessions() as session:
        numbers = session.scalars(select(ContestEvent.seq).order_by(ContestEvent.seq)).all()
    assert list(numbers) == list(range(1, len(commands) + 2))


def _seated(two: Two) -> None:
    with two.here.sessions() as session:
        teams = [
            Team(name, (_person(session, login),))
            for name, login in (("红队", "s001"), ("蓝队", "s002"))
        ]
        rounds = [one_round(session, kind=Kind.BUZZER)]
        two.table.id = add_contest(
            writing(session), two.here.clock.now, rounds, format=Format.SEATED, teams=teams
        )


def test_who_pressed_first_at_whichever_process_has_the_question(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest_buzzes, "TIE_WAIT_S", 0.6)
    _seated(two)
    table = two.table
    red, blue = two.here.browser("s001"), two.here.browser("s002")
    table.run("open", "start")
    table.show()
    with two.socket(two.there, red) as phone, two.socket(two.here, blue) as other:
        hear(phone, lambda word: word["type"] == "state")
        hear(other, lambda word: word["type"] == "state")
        table.run("arm")
        hear(phone, lambda word: word["type"] == "state" and word["question"]["buzzer"]["armed"])
        two.here.clock.pass_(milliseconds=400)
        phone.send_json({"type": "buzz", "turn": 1})
        hear(phone, lambda word: word["type"] == "buzz")
        two.here.clock.pass_(milliseconds=300)
        other.send_json({"type": "buzz", "turn": 1})
        hear(other, lambda word: word["type"] == "buzz")
        won = [
            hear(
                one,
                lambda word: word["type"] == "state" and word["question"]["buzzer"]["team"],
                within=AT_ONCE,
            )["question"]["buzzer"]["team"]
            for one in (phone, other)
        ]
    assert won == ["红队", "红队"]
    with two.here.sessions() as session:
        [buzz] = [one for one in events_of_contest(session, table.id) if one.kind is Did.BUZZ]
    assert len(buzz.data["candidates"]) == 2


def test_an_answer_that_came_after_the_end_is_refused_though_its_process_knew_nothing_of_it(
    two: Two,
) -> None:
    table, clock = two.table, two.here.clock
    table.run("open", "start")
    table.show()
    with two.here.sessions() as session:
        loaded = load(session, table.id, clock.now)
        version = loaded.script.steps[0].slot.version_id
        one, other = _person(session, "s001"), _person(session, "s002")
        began = clock.now
        clock.pass_(seconds=5)
        seq = table.run("close", "reveal")["seq"] - 2

        def answer(person: int, seconds: int) -> NewAnswer:
            at = began + dt.timedelta(seconds=seconds)
            response = {"chosen": ["A"]}
            return NewAnswer(table.id, False, 1, person, version, response, at, seq)

        in_time, late = answer(one, 4), answer(other, 5)
        stored = store_answers(session, [in_time, late])
        assert stored[0] == in_time
        assert isinstance(stored[1], Conflict)
        assert stored[1].code == "late"
        again = store_answers(session, [replace(in_time, response={"chosen": ["B"]})])
        assert again == [in_time]
        assert [row.person for row in answers_of_contest(session, table.id)] == [one]
    # It was acknowledged, so it counts, also where the answer was known already.
    with two.socket(two.there, table.host, "host") as console:
        hear(console, lambda word: word["type"] == "state")
        assert table.run("board")["progress"]["number"] == 1
        assert hear(console, lambda word: word.get("phase") == "board")
    assert table.seat(two.here.browser("s001"))["me"]["rank"] == 1


def test_the_boards_of_all_processes_hear_of_a_change(two: Two) -> None:
    host = two.there.browser("t01")
    cookie = "; ".join(f"{name}={value}" for name, value in host.cookies.items())
    app: Any = two.here.app.app
    sessions, now = app.state.lawlab.sessions, two.here.clock.now
    with sessions() as session:
        activity = Activity(
            title="学习会",
            phase="learn",
            place="会议室",
            topics=[],
            materials=[],
            rules={},
            starts_at=now,
            ends_at=now + dt.timedelta(hours=1),
            created_by="t01",
            created_at=now,
            changed_at=now,
        )
        session.add(activity)
        session.commit()
        address = f"/services/api/live?topic=activity:{activity.id}"
        with two.there.app.websocket_connect(address, headers={"Cookie": cookie}) as board:
            before = board.receive_json()["revision"]
            activity.changed_at = now + dt.timedelta(minutes=1)
            session.commit()
            hear(board, lambda word: word["revision"] != before)


def _person(session: Session, login: str) -> int:
    person = person_by_login(session, login)
    assert person is not None
    return person.id


class Line:
    """What one process tells the other, and the time between them."""

    def __init__(self) -> None:
        self.now = 100.0
        self.words: list[dict[str, Any]] = []
        self.here = Elsewhere(lambda word: self.words.append({"from": "a", **word}), self.clock)
        self.there = Elsewhere(lambda _word: None, self.clock)

    def clock(self) -> float:
        return self.now

    def tell(self, people: frozenset[int], *, anyway: bool = False) -> int:
        """Returns how many words it took."""
        self.words.clear()
        self.here.tell_present(people, anyway=anyway)
        for word in self.words:
            self.there.hear_present(word)
        return len(self.words)


def test_who_is_at_a_process_that_died_is_forgotten(database_url: str) -> None:
    line = Line()
    assert line.words == [{"from": "a", "kind": "who"}]
    assert line.tell(frozenset({1, 2})) == 1
    assert line.there.present() == {1, 2}
    assert line.tell(frozenset({1, 2})) == 0  # nothing new
    assert line.tell(frozenset({1, 2}), anyway=True) == 1
    line.now += SILENT_S - 1
    assert line.tell(frozenset({1, 2})) == 1  # though nothing changed
    line.now += SILENT_S - 1
    assert line.there.present() == {1, 2}
    line.now += 1
    assert line.there.present() == set()


def test_a_list_of_thousands_comes_in_pieces_and_replaces_the_one_before(database_url: str) -> None:
    line = Line()
    many = frozenset(range(10**8, 10**8 + 2 * SOME + 1))
    assert line.tell(many) == 3
    assert max(len(str(word)) for word in line.words) < 8000
    assert line.there.present() == many
    line.tell(frozenset({7}))
    assert line.there.present() == {7}
    assert line.tell(frozenset()) == 1
    assert line.there.present() == set()
