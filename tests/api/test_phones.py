"""No page and no file of the API holds a whole phone number, except one's own of oneself."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from contest_play import Hall
from fastapi.testclient import TestClient
from meetings import caller, meet
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.domain.attendance import Status
from lawlab.domain.contest_events import Did
from lawlab.services.attendance_desk import close, mark
from lawlab.services.contest_certificates import issue
from lawlab.services.leave import ask_leave
from lawlab.services.sessions import begin_session
from lawlab.services.walk_ins import write_down
from lawlab.store.tables import Certificate, LeaveRequest, Person, Role

HOUR = dt.timedelta(hours=1)
PLACES = {"login": "s001", "name": "司法所", "unit": "司法所", "assignment": "quiz-1"}
PLACES |= {"item": "brg-001", "version": "1", "turn": "1", "law": "民法典", "number": "1"}
PLACES |= {"course": "none", "slug": "none", "lesson": "none", "stem": "none", "token": "none"}
PLACES |= {"attachment": "1", "duel": "1", "code": "none", "year": "2026"}
ASKED = {"month": "2026-12", "person": "1", "bank": "bridges", "law": "民法典", "item": "brg-001"}
LEAST = 45
"""Routes that answered with something: else nothing was looked at."""


@pytest.fixture
def api(
    sessions: sessionmaker[Session], database_url: str, tmp_path: Path
) -> tuple[TestClient, dict[str, str]]:
    """A meeting, a leave, a walk-in, a contest with a certificate; t01 is everything at once."""
    with sessions() as session:
        hall = Hall(session)
        trainer = caller(session, "t01")
        person = session.scalars(select(Person).where(Person.login == "t01")).one()
        person.roles += [Role(role="host"), Role(role="admin")]
        session.commit()
        activity = meet(session, hall.now)
        mark(session, activity, ["s001"], Status.LATE, "", "key-1", trainer, hall.now)
        ask_leave(session, activity, caller(session, "s002"), "出差", None, "key-2", hall.now)
        # Exactly the name and the number of somebody who is known.
        write_down(session, activity, "干部001", "0001", "key-3", trainer, hall.now)
        assert session.scalars(select(LeaveRequest)).one()
        hall.contest(2)
        hall.ask(s001=True, s002=False, v001=True)
        hall.ask(s001=True, v001=True)
        hall.do(Did.FINISH)
        issue(session, hall.id, trainer, hall.now)
        code = session.scalars(select(Certificate.code)).first()
        number = session.scalars(select(Certificate.id)).first()
        close(session, activity, trainer, hall.now)
        clock = hall.now + 3 * HOUR
        token = begin_session(session, "t01", "hub", clock)
        places = PLACES | {"activity": str(activity), "contest": str(hall.id), "code": str(code)}
        places["number"] = str(number)
    app = make_app(Settings(data=tmp_path / "data", database_url=database_url), lambda: clock)
    cookie = f"lawlab-session={token}; jupyterhub-session-id=hub"
    return TestClient(app, headers={"Cookie": cookie}), places


def address(path: str, get: dict[str, Any], places: dict[str, str]) -> str:
    filled = re.sub(r"{(\w+)(?::path)?}", lambda found: places[found[1]], path)
    needed = [
        f"{one['name']}={ASKED[one['name']]}"
        for one in get.get("parameters", [])
        if one["in"] == "query" and one.get("required")
    ]
    return f"{filled}?{'&'.join(needed)}" if needed else filled


def text_of(content: bytes) -> str:
    """All that a reply says: of an archive, and so of a sheet or a document, every part."""
    if not content.startswith(b"PK\x03\x04"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(text_of(archive.read(name)) for name in archive.namelist())


# What a reply says does not depend on the database, and there are a hundred of them.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_reply_holds_a_phone_number(api: tuple[TestClient, dict[str, str]]) -> None:
    client, places = api
    answered = []
    with client as browser:
        paths = browser.app.openapi()["paths"]  # type: ignore[attr-defined]
        for path, methods in paths.items():
            if "get" not in methods:
                continue
            reply = browser.get(address(path, methods["get"], places), follow_redirects=False)
            assert reply.status_code < 500, path
            assert not re.search(r"1390000\d{4}", text_of(reply.content)), path
            if reply.status_code == 200:
                answered.append(path.removeprefix("/services/api"))
    assert len(answered) >= LEAST, answered
    for one in (
        *("/desk/activities/{activity}/board", "/desk/attendance/sheet/{activity}.xlsx"),
        *("/desk/attendance/person/{login}", "/contests/{contest}/protocol.xlsx", "/me/data"),
        *("/desk/attendance/year/{year}.xlsx", "/contests/{contest}/certificates.zip"),
        *("/desk/report/{year}.xlsx", "/board"),
    ):
        assert one in answered, answered


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ones_own_number_is_whole_in_ones_own_file_and_masked_on_the_page(
    api: tuple[TestClient, dict[str, str]], sessions: sessionmaker[Session]
) -> None:
    client, _ = api
    with sessions() as session:
        person = session.scalars(select(Person).where(Person.login == "t01")).one()
        person.phone = "13911112222"
        session.commit()
    with client as browser:
        assert browser.get("/services/api/me/data").json()["phone"] == "139****2222"
        assert "13911112222" in text_of(browser.get("/services/api/me/data.zip").content)
