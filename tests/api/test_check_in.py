"""Signing in over HTTP: the way through the scan, who may do what, and what nobody may."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from meetings import ZONE, at, caller, make_town, meet
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.websockets import WebSocketDisconnect

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.services.check_in import Try, check_in_all
from lawlab.services.checkin_tokens import qr_token
from lawlab.services.sessions import begin_session
from lawlab.store.tables import Activity, Attendance, Person, WalkIn

START = at("2022-12-05 09:00:00")
ROOT = "/services/api"


@dataclass
class Hall:
    """The application, its clock in the test's hand, and phones with their own cookies."""

    app: TestClient
    sessions: sessionmaker[Session]
    settings: Settings
    now: dt.datetime
    phones: dict[str, dict[str, str]] = field(default_factory=dict)

    def clock(self) -> dt.datetime:
        return self.now

    def phone(self, name: str, login: str | None = None) -> dict[str, str]:
        """A phone's cookies; signed in as `login` if given."""
        cookies = self.phones.setdefault(name, {})
        if login is not None:
            with self.sessions() as session:
                token = begin_session(session, login, "hub", self.now)
            cookies |= {"lawlab-session": token, "jupyterhub-session-id": "hub"}
        return cookies

    def ask(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        cookies = self.phone(name)
        own = {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}
        reply = self.app.request(
            method,
            f"{ROOT}{path}",
            json=body,
            headers=own | {"X-Lawlab": "1"} | headers,
            follow_redirects=False,
        )
        cookies |= {key: value.strip('"') for key, value in reply.cookies.items()}
        return reply

    def scan(self, name: str, activity: int) -> str:
        """Scan what the screen shows now; the receipt."""
        token = qr_token(self.settings.secrets["check-in"], activity, self.now)
        reply = self.ask(name, "GET", f"/c/{token}")
        assert reply.status_code == 302, reply.text
        found = re.fullmatch(
            r"/services/api/enter\?next=%2Fservices%2Flearn%2Fcheckin%2F(.+)",
            reply.headers["location"],
        )
        assert found
        return found[1]

    def standing(self, activity: int) -> dict[str, str]:
        with self.sessions() as session:
            rows = session.execute(
                select(Person.login, Attendance.status)
                .join(Attendance, Attendance.person_id == Person.id)
                .where(Attendance.activity_id == activity)
            )
            return {row[0]: row[1] for row in rows}


@pytest.fixture
def hall(
    sessions: sessionmaker[Session], database_url: str, tmp_path: Path
) -> Iterator[tuple[Hall, int]]:
    settings = Settings(data=tmp_path / "data", database_url=database_url)
    with sessions() as session:
        make_town(session, START - dt.timedelta(days=30))
        activity = meet(session, START)
    place = Hall(None, sessions, settings, START)  # type: ignore[arg-type]
    with TestClient(make_app(settings, place.clock), raise_server_exceptions=False) as app:
        place.app = app
        yield place, activity


def test_a_scan_leads_to_the_check_in_and_a_repeat_is_harmless(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    place.phone("phone", "s001")
    receipt = place.scan("phone", activity)
    body = {"person": "s001", "receipt": receipt}
    first = place.ask("phone", "POST", "/check-in", body)
    assert first.status_code == 200, first.text
    assert (first.json()["status"], first.json()["again"]) == ("present", False)
    assert place.ask("phone", "POST", "/check-in", body).json()["again"] is True
    assert place.standing(activity) == {"s001": "present"}


def test_signing_in_between_scan_and_check_in_keeps_the_time_of_the_scan(
    hall: tuple[Hall, int],
) -> None:
    place, activity = hall
    place.now = at("2022-12-05 09:14:55")
    receipt = place.scan("phone", activity)
    refused = place.ask("phone", "POST", "/check-in", {"person": "s001", "receipt": receipt})
    assert refused.status_code == 401
    place.now = at("2022-12-05 09:17:00")
    place.phone("phone", "s001")
    reply = place.ask("phone", "POST", "/check-in", {"person": "s001", "receipt": receipt})
    assert reply.json()["status"] == "present"
    assert dt.datetime.fromisoformat(reply.json()["at"]) == at("2022-12-05 09:14:55")


def test_nobody_signs_in_another_and_no_other_phone_uses_a_scan(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    place.phone("phone", "s001")
    place.phone("other", "s002")
    receipt = place.scan("phone", activity)
    for name, person, code in [("phone", "s002", "other_person"), ("other", "s002", "other_phone")]:
        reply = place.ask(name, "POST", "/check-in", {"person": person, "receipt": receipt})
        assert reply.json()["code"] == code
    assert place.standing(activity) == {}


def test_a_page_of_one_trainer_says_nothing_in_the_name_of_the_next(
    hall: tuple[Hall, int],
) -> None:
    place, activity = hall
    place.phone("desk", "t01")
    path, body = f"/desk/activities/{activity}/mark", {"people": ["s001"], "status": "present"}
    own = {"X-Lawlab-Person": "t02"}
    reply = place.ask("desk", "POST", path, body | {"key": "k" * 16}, **own)
    assert (reply.status_code, reply.json()["code"]) == (409, "other_person")
    assert place.standing(activity) == {}
    own = {"X-Lawlab-Person": "t01"}
    assert place.ask("desk", "POST", path, body | {"key": "k" * 16}, **own).status_code == 200


def test_one_phone_may_sign_in_many_and_the_trainer_sees_it(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    for login in ("s001", "s002", "s003"):
        place.phone("phone", login)
        receipt = place.scan("phone", activity)
        reply = place.ask("phone", "POST", "/check-in", {"person": login, "receipt": receipt})
        assert reply.status_code == 200
    place.phone("desk", "t01")
    board = place.ask("desk", "GET", f"/desk/activities/{activity}/board").json()
    shared = {one["login"]: one["shared"] for one in board["people"]}
    assert shared == {"s001": 3, "s002": 3, "s003": 3, "s004": 0, "v001": 0, "v002": 0, "v003": 0}
    assert board["counts"]["present"] == 3


def test_a_hall_behind_one_address_is_never_held_back_but_a_guesser_is(
    hall: tuple[Hall, int],
) -> None:
    place, activity = hall
    place.phone("desk", "t01")
    code = place.ask("desk", "GET", f"/desk/activities/{activity}/sign").json()["code"]
    place.phone("guesser", "s001")
    wrong = {"person": "s001", "code": f"{(int(code) + 7) % 1_000_000:06}"}
    left = [place.ask("guesser", "POST", "/check-in/code", wrong).json()["left"] for _ in range(6)]
    assert left == [5, 4, 3, 2, 1, 0]
    held = place.ask("guesser", "POST", "/check-in/code", {"person": "s001", "code": code})
    assert (held.status_code, held.json()["code"]) == (429, "too_many")
    assert held.json()["retry_after"] == 60
    for login in ("s002", "v001"):
        place.phone(login, login)
        body = {"person": login, "code": code}
        assert place.ask(login, "POST", "/check-in/code", body).status_code == 200
    place.now += dt.timedelta(seconds=60)
    code = place.ask("desk", "GET", f"/desk/activities/{activity}/sign").json()["code"]
    again = place.ask("guesser", "POST", "/check-in/code", {"person": "s001", "code": code})
    assert again.status_code == 200


def test_an_old_code_is_a_page_that_says_what_to_do(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    token = qr_token(place.settings.secrets["check-in"], activity, place.now)
    place.now += dt.timedelta(seconds=20)
    page = place.ask("phone", "GET", f"/c/{token}", Accept="text/html")
    assert page.status_code == 410
    assert "请对准屏幕上最新的那个再扫" in page.text
    forged = place.ask("phone", "GET", f"/c/{token[:-2]}xx")
    assert (forged.status_code, forged.json()["code"]) == (403, "bad_token")


def test_somebody_without_an_account_writes_his_name_and_a_trainer_says_who_it_was(
    hall: tuple[Hall, int],
) -> None:
    place, activity = hall
    assert "请先扫会场屏幕上的二维码" in place.ask("visitor", "GET", "/walk-in").text
    place.scan("visitor", activity)
    assert "手机号最后四位" in place.ask("visitor", "GET", "/walk-in").text
    cookies = "; ".join(f"{one}={value}" for one, value in place.phone("visitor").items())

    def send(name: str, tail: str, **headers: str) -> Any:
        return place.app.post(
            f"{ROOT}/walk-in",
            data={"full_name": name, "phone_tail": tail},
            headers={"Cookie": cookies, "Origin": "http://testserver"} | headers,
        )

    assert send("明白人003", "0003", Origin="http://evil.example").status_code == 403
    bad = send("<b>", "12")
    assert bad.status_code == 400
    assert "<b>" not in bad.text
    for _ in range(2):
        done = send("明白人003", "0003")
        assert done.status_code == 200, done.text
        assert "登记好了（出勤）" in done.text
    # The next one writes on the same phone, also after going back.
    assert "明白人009，登记好了" in send("明白人009", "0009").text
    assert send("明白人009\0", "0009").status_code == 200
    place.phone("desk", "t03")
    board = place.ask("desk", "GET", f"/desk/activities/{activity}/board").json()
    note, other = board["walk_ins"]
    assert (other["full_name"], other["phone_tail"]) == ("明白人009", "0009")
    dropped = place.ask(
        "desk", "POST", f"/desk/activities/{activity}/walk-in/{other['id']}/drop", {}
    )
    assert [one["id"] for one in dropped.json()["walk_ins"]] == [note["id"]]
    assert send("明白人009", "0009").status_code == 200
    assert note["candidates"][0] == {"login": "v003", "name": "明白人003", "unit": "河口村"}
    path = f"/desk/activities/{activity}/walk-in/{note['id']}"
    assert place.ask("desk", "POST", f"{path}/merge", {"person": "v003"}).status_code == 200
    assert place.standing(activity) == {"v003": "present"}
    again = place.ask("desk", "POST", f"{path}/merge", {"person": "v003"})
    assert again.json()["code"] == "settled"
    place.ask("desk", "POST", f"{path}/undo", {})
    assert place.standing(activity) == {}
    with place.sessions() as session:
        settled = session.get_one(WalkIn, note["id"]).settled_at
    assert settled is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {}),
        ("/mark", {"people": ["s001"], "status": "present", "key": "k" * 16}),
        ("/mark-all", {"key": "k" * 16}),
        ("/close", {}),
        ("/cancel", {"reason": "不开了"}),
        ("/sign", None),
        ("/board", None),
        ("/events", None),
    ],
)
def test_a_learner_marks_nobody_and_sees_no_code(
    hall: tuple[Hall, int], path: str, body: dict[str, Any] | None
) -> None:
    place, activity = hall
    place.phone("phone", "s001")
    method = "GET" if body is None else "POST"
    reply = place.ask("phone", method, f"/desk/activities/{activity}{path}", body)
    assert (reply.status_code, reply.json()["code"]) == (403, "trainers_only")
    assert place.standing(activity) == {}


def test_leave_is_asked_for_approved_and_proved_late(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    place.now = START - dt.timedelta(days=2)
    place.phone("phone", "s001")
    asked = place.ask(
        "phone",
        "POST",
        f"/activities/{activity}/leave",
        {"person": "s001", "key": "k" * 16, "reason": "下乡走访", "proof": None},
    ).json()
    assert asked["leave"]["state"] == "asked"
    waiting = {"id": activity, "title": "反诈学习会", "leaves": 1, "walk_ins": 0}
    place.phone("desk", "t01")
    assert place.ask("desk", "GET", "/desk/overview").json()["activities"] == [waiting]
    for login, allowed in (("t03", False), ("t02", True)):
        place.phone(login, login)
        reply = place.ask(
            login,
            "POST",
            f"/desk/activities/{activity}/leave/{asked['leave']['id']}",
            {"approve": True, "note": "同意"},
        )
        assert (reply.status_code == 200) is allowed
    assert place.standing(activity) == {"s001": "excused"}
    assert place.ask("desk", "GET", "/desk/overview").json()["activities"] == []
    place.now = START + dt.timedelta(days=3)
    place.phone("phone", "s001")
    proof = "data:image/jpeg;base64,/9j/2Q=="
    body = {"person": "s001", "key": "l" * 16, "proof": proof}
    late = place.ask("phone", "POST", f"/activities/{activity}/leave/proof", body).json()
    assert late["leave"]["proof"] is True
    assert late["may_give_proof"] is False


def test_the_clock_alone_closes_what_is_over(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    place.now = START + dt.timedelta(hours=2)
    for _ in range(60):
        with place.sessions() as session:
            closed = session.get_one(Activity, activity).closed_at
        if closed is not None:
            break
        time.sleep(0.1)
    assert closed == place.now.astimezone(dt.UTC)
    assert set(place.standing(activity).values()) == {"absent"}


def test_the_calendar_tells_each_what_is_his(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    place.phone("phone", "s001")
    shown = place.ask("phone", "GET", "/activities?year=2022").json()
    [card] = shown["activities"]
    assert (card["id"], card["state"], card["expected"]) == (activity, "open", True)
    assert START.astimezone(ZONE).year in shown["years"]
    assert place.ask("phone", "GET", "/home").json()["activity"]["id"] == activity
    place.phone("desk", "t01")
    assert place.ask("desk", "GET", "/home").json()["activity"] is None


def test_who_listens_already_hears_what_happens_while_another_begins_to_listen(
    hall: tuple[Hall, int],
) -> None:
    place, activity = hall
    place.phone("desk", "t01")
    place.phone("phone", "s001")
    cookie = "; ".join(f"{key}={value}" for key, value in place.phone("desk").items())
    address = f"{ROOT}/live?topic=activity:{activity}"
    with place.app.websocket_connect(address, headers={"Cookie": cookie}) as first:
        before = first.receive_json()
        assert (before["type"], before["id"]) == ("activity", activity)
        receipt = place.scan("phone", activity)
        with place.sessions() as session:
            one = Try(1, "s001", place.phone("phone")["lawlab-phone"], receipt=receipt)
            one = replace(one, person_id=caller(session, "s001").person_id)
            check_in_all(session, place.settings.secrets["check-in"], [one], place.now)
        with place.app.websocket_connect(address, headers={"Cookie": cookie}):
            assert first.receive_json()["revision"] != before["revision"]


def test_a_learner_hears_nothing_of_an_activitys_board(hall: tuple[Hall, int]) -> None:
    place, activity = hall
    place.phone("phone", "s001")
    cookie = "; ".join(f"{key}={value}" for key, value in place.phone("phone").items())
    for topic in (f"activity:{activity}", "activity:x", "else"):
        with (
            place.app.websocket_connect(
                f"{ROOT}/live?topic={topic}", headers={"Cookie": cookie}
            ) as socket,
            pytest.raises(WebSocketDisconnect) as closed,
        ):
            socket.receive_json()
        assert closed.value.code == 4404
