"""The server's clock is set an hour on, or an hour back, in the middle of everything.

What each deadline does then; times that are only shown, such as of an answer, are those of the
clock at that moment.

================================  ==============================  ================================
Deadline                          an hour on                      an hour back
================================  ==============================  ================================
an answer, its key, its repeat    stored, and found again         stored, and found again
a contest's open question         counted by ticks: nothing       counted by ticks: nothing
a session of the API (one day)    ends an hour earlier            ends an hour later
a live page's token (four hours)  ends an hour earlier            ends an hour later
a paper that is being sat         time is over; what was stored   its person has an hour more, the
                                  is handed in, and counts; a     trainer sees the deadline
                                  trainer may call for a 补考
a paper of 限时答题赛               the same                        the same
the brake on wrong passwords      is over                         at most its own length again
the code to sign in by            scan the new one                scan the new one
================================  ==============================  ================================

Nobody is sent away and nothing acknowledged is lost in any of them. Only when the API is started
again while a question is open does the new clock count for that question; the host then takes it
back or calls it void, and shows the next one.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from contest_table import Table
from fastapi.testclient import TestClient
from sqlalchemy import select
from tests.api.conftest import LESSON, QUIZ, Office

from lawlab.api.app import make_app
from lawlab.domain.signin import FIRST_WAIT_S, FREE_TRIES, Tally, judge
from lawlab.services.quizzes import close_due_sittings
from lawlab.store.tables import Answer, Sitting
from lawlab.tokens import MAX_AGE, kernel_token, kernel_token_person

HOURS = [1, -1]
LIMIT_S = 20
"""Of a question of `Table`."""


@dataclass
class Server:
    """An office whose clock can be set without time going by, and the other way round."""

    office: Office
    gone: float = 0.0

    def set_on(self, hours: int) -> None:
        self.office.clock.pass_(hours=hours)

    def pass_(self, seconds: float) -> None:
        self.gone += seconds
        self.office.clock.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def server(hall: Office) -> Iterator[Server]:
    server = Server(hall)
    app = make_app(hall.settings, hall.clock, lambda: server.gone)
    with TestClient(app, raise_server_exceptions=False) as client:
        server.office = Office(client, hall.sessions, hall.settings, hall.clock)
        yield server


@pytest.mark.parametrize("hours", HOURS)
def test_an_answer_is_stored_once_and_its_person_stays_in(server: Server, hours: int) -> None:
    browser = server.office.browser("s001")
    cards = browser.get(f"/lessons/{LESSON}").json()["cards"]
    (one, chosen), (other, after) = (
        (card["id"], "A" if card["options"] else "对") for card in cards[:2]
    )
    first = browser.answer(one, chosen, key="k" * 20)
    server.set_on(hours)
    assert browser.get("/me").status_code == 200
    again = browser.answer(one, chosen, key="k" * 20)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert browser.answer(other, after).status_code == 201
    with server.office.sessions() as session:
        assert session.query(Answer).count() == 2


def answer(table: Table, who: Any) -> Any:
    return table.answer(who, table.seat(who))


@pytest.mark.parametrize("hours", HOURS)
def test_an_open_question_goes_on_and_closes_in_its_time(server: Server, hours: int) -> None:
    table = Table(server.office)
    one, other = server.office.browser("s001"), server.office.browser("v001")
    table.run("open", "start")
    assert table.do("show").status_code == 200
    server.pass_(5)
    before = answer(table, one).json()
    server.set_on(hours)
    after = answer(table, other).json()
    assert after["left_ms"] == before["left_ms"] > 0
    assert table.seat(one)["question"]["left_ms"] == before["left_ms"]
    assert table.seat(one)["me"]["answered"]["response"] == before["response"]
    server.pass_(LIMIT_S)
    late = answer(table, server.office.browser("s002"))
    assert (late.status_code, late.json()["code"]) == (409, "late")
    view = table.run("close", "reveal")
    assert view["reveal"]["answered"] == 2
    table.run("board")
    # The next question takes the clock as it is now.
    assert table.do("show").status_code == 200
    server.pass_(1)
    assert answer(table, one).json()["left_ms"] > 0
    table.run("close", "reveal", "board")


@pytest.mark.parametrize("hours", HOURS)
def test_a_paper_keeps_what_was_given(server: Server, hours: int) -> None:
    browser = server.office.browser("s001")
    paper = browser.post(f"/quizzes/{QUIZ}/start", {"person": "s001"}).json()
    first, second = (slot["question"] for slot in paper["slots"][:2])

    def give(question: Any) -> Any:
        chosen = "对" if question["type"] == "judge" else "A"
        place = {"place": f"quiz:{QUIZ}", "version": question["version"]}
        return browser.answer(question["id"], chosen, **place)

    assert give(first).status_code == 201
    server.set_on(hours)
    late = give(second)
    with server.office.sessions() as session:
        closed = close_due_sittings(session, server.office.clock.now)
        sitting = session.scalars(select(Sitting)).one()
        assert session.query(Answer).count() == (1 if hours > 0 else 2)
        assert (sitting.handed_in_at is not None) == (hours > 0)
    if hours > 0:
        assert (late.status_code, late.json()["code"]) == (409, "quiz_closed")
        assert closed == 1
    else:
        assert (late.status_code, closed) == (201, 0)
    receipt = browser.post(f"/quizzes/{QUIZ}/hand-in", {"person": "s001"})
    assert receipt.status_code == 200
    assert receipt.json()["receipt"]


def test_a_live_pages_token_outlives_a_clock_that_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = time.time()
    made = {}
    for age in (-3600, MAX_AGE - 60, MAX_AGE + 60):
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda at=now - age: at)
        made[age] = kernel_token("a secret", "s001")
    monkeypatch.undo()
    known = {age: kernel_token_person("a secret", token) for age, token in made.items()}
    assert known == {-3600: "s001", MAX_AGE - 60: "s001", MAX_AGE + 60: None}


def test_a_clock_that_is_set_back_makes_nobody_wait_longer() -> None:
    now = dt.datetime(2026, 12, 4, 2, 0, tzinfo=dt.UTC)
    tally = Tally(pair=FREE_TRIES, pair_last=now + dt.timedelta(hours=1))
    assert judge(tally, known_device=False, now=now).wait == FIRST_WAIT_S
    assert judge(tally, known_device=False, now=now + dt.timedelta(hours=2)).go
