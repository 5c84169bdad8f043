"""Who hammers is told to wait; a hall behind the same address never is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from lawlab.api.app import make_app
from lawlab.api.pace import BURST, RATE, TOO_FAST, WORDS_BURST, Pace, Words
from lawlab.config import Settings


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def asking(method: str, path: str, session: str = "", address: str = "10.1.1.1") -> HTTPConnection:
    headers = [(b"cookie", f"lawlab-session={session}".encode())] if session else []
    return HTTPConnection(
        {
            "type": "http",
            "method": method,
            "path": f"/services/api{path}",
            "headers": headers,
            "client": (address, 1),
        }
    )


def test_one_who_hammers_waits_and_124_others_of_his_address_at_drill_speed_never_do() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    people = {f"session-{number}": number for number in range(125)}
    for session, person in people.items():
        pace.know(asking("GET", "/me", session), person)
    told: Counter[str] = Counter()
    hammered = refused = 0
    for tick in range(600):  # a minute, ten times a second
        seconds.now = tick / 10
        for number, session in enumerate(people):
            if number == 0:
                for _ in range(50):
                    hammered += 1
                    refused += pace.wait(asking("POST", "/answers", session)) > 0
            elif (tick + number) % 20 == 0:  # a question every two seconds is faster than reading
                for method, path in (
                    ("GET", "/drill/next"), ("POST", "/answers"), ("GET", "/me"), ("GET", "/drill")
                ):  # fmt: skip
                    told[session] += pace.wait(asking(method, path, session)) > 0
    assert sum(told.values()) == 0
    assert hammered - refused <= BURST + 60 * RATE
    assert refused > 0.9 * (hammered - BURST - 60 * RATE)


def test_an_evening_s_answers_that_come_when_the_network_is_back_do_not_wait() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    pace.know(asking("GET", "/me", "s"), 1)
    for number in range(200):
        seconds.now = number / 25
        assert pace.wait(asking("POST", "/answers", "s")) == 0


def test_a_contest_of_a_thousand_seats_behind_one_address_is_not_held_up() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    sessions = [f"session-{number}" for number in range(1000)]
    for session in sessions:  # all scan, sign in and enter within the same ten seconds
        seconds.now += 0.01
        for path in ("/c/abc", "/enter", "/oauth_callback"):
            assert pace.wait(asking("GET", path)) == 0
        for _ in range(3):  # what the page asks for before anybody knows whose it is
            assert pace.wait(asking("GET", "/contests/1/seat", session)) == 0
        pace.know(asking("GET", "/me", session), hash(session))
    for tick in range(60):  # and answer, and ask every two seconds where no socket goes through
        seconds.now += 1
        for session in sessions:
            if tick % 2 == 0:
                assert pace.wait(asking("GET", "/contests/1/seat", session)) == 0
            if tick % 20 == 0:
                assert pace.wait(asking("POST", "/contests/1/answer", session)) == 0


def test_made_up_sessions_count_as_strangers_of_their_address() -> None:
    pace = Pace(Seconds())
    waits = [pace.wait(asking("POST", "/answers", f"made-up-{n}")) for n in range(20_000)]
    assert sum(wait > 0 for wait in waits) == 8_000
    assert pace.wait(asking("GET", "/verify", address="10.1.1.2")) == 0
    assert pace.wait(asking("GET", "/health")) == 0
    assert pace.wait(asking("POST", "/internal/standing")) == 0


def test_documents_cost_more_than_pages() -> None:
    pace = Pace(Seconds())
    pace.know(asking("GET", "/me", "t"), 1)
    documents = [pace.wait(asking("GET", "/desk/report/2022.docx", "t")) for _ in range(100)]
    assert documents.count(0) == BURST / 5


def test_a_hammering_browser_reads_in_chinese_when_to_come_again(office: Any) -> None:
    office.app.app.state.pace = Pace(clock=lambda: 0.0)  # however slow this machine is
    hammering, other = office.browser("s001"), office.browser("s002")
    assert hammering.get("/me").status_code == 200
    replies = [hammering.post("/answers", {}) for _ in range(int(BURST) + 60)]
    by_status = Counter(reply.status_code for reply in replies)
    assert by_status[422] >= BURST - 1
    assert by_status[429] > 0
    refused = next(reply for reply in replies if reply.status_code == 429)
    assert refused.json()["code"] == "too_fast"
    assert "操作太快了，请过" in refused.json()["message"]
    assert refused.json()["retry_after"] == int(refused.headers["retry-after"]) >= 1
    assert refused.headers["content-security-policy"]
    assert other.get("/me").status_code == 200
    assert other.post("/answers", {}).status_code == 422


def test_a_socket_that_says_more_than_any_page_is_closed(office: Any) -> None:
    cookies = "; ".join(f"{k}={v}" for k, v in office.browser("s001").cookies.items())
    with office.app.websocket_connect("/services/api/live", headers={"Cookie": cookies}) as socket:
        assert socket.receive_json()["type"] == "board"
        for _ in range(int(WORDS_BURST) + 30):
            socket.send_text("你好")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == TOO_FAST


def test_a_seat_of_a_lively_contest_never_says_too_much() -> None:
    seconds = Seconds()
    words = Words(seconds)
    for question in range(100):
        for _ in range(6):  # got it, answered, changed it, pressed twice, still here
            seconds.now = question * 5
            assert not words.too_many()


def test_what_the_supervisor_and_learn_ask_is_never_held_up(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=f"sqlite:///{migrated_sqlite}")
    made = make_app(settings)
    with TestClient(made) as app:
        made.state.pace = Pace(Seconds())
        for number in range(12_000):
            made.state.pace.wait(asking("GET", f"/{number}", address="testclient"))
        assert app.get("/services/api/verify").status_code == 429
        assert app.get("/services/api/health").status_code == 200
