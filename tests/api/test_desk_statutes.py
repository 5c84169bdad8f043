"""The page for importing statutes as its requests see it: what it shows, what it stores, and what
strange requests get.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api import law_days
from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.services.sessions import begin_session
from lawlab.store.statutes import statutes_with
from lawlab.store.tables import ContentState, ImportedLaw, ItemVersion, Person, Role

BRIDGES = "某镇爱护桥梁条例"
LOADS = "三吨以上的车辆不得通过木桥。"
NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)


def make_text(loads: str = LOADS, day: str = "2020年7月31日") -> str:
    return (
        f"{BRIDGES}\n（{day}某镇第三届人民代表大会第二次会议通过）\n"
        "第一章 总则\n第一条 为了爱护桥梁，制定本条例。\n"
        f"第二章 通行\n第二条 {loads}\n第二条之一 行人可以通过木桥。\n"
        f"第三条 本条例自{day}起施行。\n附件 桥梁名录\n东桥\n"
    )


def make_file(text: str | bytes = make_text(), name: str = "bridges.txt") -> dict[str, str]:
    content = text.encode() if isinstance(text, str) else text
    return {"name": name, "content": base64.b64encode(content).decode()}


class Desk:
    """One browser at the trainers' page."""

    def __init__(self, app: TestClient, cookie: str) -> None:
        self.app, self.cookie = app, cookie

    def get(self, path: str = "", **query: str) -> Any:
        return self.app.get(
            f"/services/api/desk/laws{path}", params=query, headers={"Cookie": self.cookie}
        )

    def post(self, path: str, body: Any, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.app.post(
            f"/services/api/desk/laws{path}",
            content=content,
            headers={"Cookie": self.cookie, "X-Lawlab": "1", "Content-Type": "application/json"}
            | headers,
        )

    def save(self, text: str = make_text(), **given: Any) -> Any:
        return self.post("", {"file": make_file(text), "given": given})


class Office:
    """The application with one trainer and one learner."""

    def __init__(self, app: TestClient, sessions: sessionmaker[Session]) -> None:
        self.app, self.sessions = app, sessions

    def desk(self, login: str = "t01") -> Desk:
        with self.sessions() as session:
            token = begin_session(session, login, "hub", NOW)
        return Desk(self.app, f"lawlab-session={token}; jupyterhub-session-id=hub")


@pytest.fixture
def office(sessions: sessionmaker[Session], database_url: str, tmp_path: Path) -> Iterator[Office]:
    with sessions() as session:
        for login, role in (("t01", "trainer"), ("s001", "learner"), ("admin", "admin")):
            person = Person(login=login, full_name=login, created_at=NOW, password_hash="x")
            person.roles = [Role(role=role)]
            session.add(person)
        session.commit()
    settings = Settings(data=tmp_path / "data", database_url=database_url)
    with TestClient(make_app(settings, lambda: NOW), raise_server_exceptions=False) as app:
        yield Office(app, sessions)


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk()


def add_item(office: Office, article: str, text: str) -> None:
    """An item that cites an article as it reads in the law in force."""
    statutes = statutes_with(office.sessions)
    law, _, number = article.partition("#")
    prints = {article: statutes.law(law).article(number).fingerprint}
    body = {"id": "brg-001", "type": "judge", "stem": "木桥能走货车吗？", "options": {}}
    body |= {"answer": "错", "explanation": "不能。", "articles": [article], "evidence": text}
    body |= {"difficulty": 1}
    row = ItemVersion(item="brg-001", version=1, bank="bridges", type="judge", body=body)
    row.sha256, row.article_prints, row.published_at = "x", prints, NOW
    with office.sessions() as session:
        session.add(row)
        session.commit()


# ---- what it does --------------------------------------------------------------------------------


def test_a_preview_tells_everything_and_stores_nothing(office: Office, desk: Desk) -> None:
    reply = desk.post("/preview", {"file": make_file()})
    assert reply.status_code == 200
    found = reply.json()
    assert found["fields"] == {
        "name": BRIDGES,
        "issuer": "某镇人民代表大会",
        "kind": "地方性法规",
        "published": "2020-07-31",
        "effective": "2020-07-31",
        "version": "2020-07-31",
    }
    assert found["counts"] == {"编": 0, "分编": 0, "章": 2, "节": 0, "条": 4}
    assert found["outline"][1] == {"title": "第二章 通行", "depth": 0, "span": "第二条 至 第三条"}
    assert [one["title"] for one in found["ends"]] == ["第一条", "第三条"]
    assert (found["insertions"], found["appendices"]) == (["第二条之一"], ["附件 桥梁名录"])
    assert (found["faults"], found["known"]) == ([], "")
    with office.sessions() as session:
        assert session.scalars(select(ImportedLaw)).all() == []


def test_every_fault_comes_with_its_line_and_its_field(desk: Desk) -> None:
    found = desk.post("/preview", {"file": make_file("第一条\n第三条 丙。")}).json()
    assert [(one["line"], one["field"]) for one in found["faults"]] == [
        (0, "name"),
        (0, "published"),
        (0, "effective"),
        (1, ""),
        (2, ""),
    ]
    assert found["said"][-1] == "第 2 行“第三条 丙。”：缺第二条，前一条是第一条。"
    given = {"name": "桥梁条例", "published": "2020-01-01", "effective": "2020-01-01"}
    again = desk.post("/preview", {"file": make_file("第一条\n第三条 丙。"), "given": given})
    assert [one["line"] for one in again.json()["faults"]] == [1, 2]


def test_saving_makes_the_law_readable_at_once(office: Office, desk: Desk) -> None:
    reply = desk.save()
    assert reply.status_code == 201
    assert reply.json() == {
        "law": BRIDGES,
        "name": BRIDGES,
        "version": "2020-07-31",
        "first": True,
        "stale": [],
        "banks": {},
    }
    article = office.app.get(
        f"/services/api/statutes/{BRIDGES}/articles/2", headers={"Cookie": desk.cookie}
    )
    assert article.json()["paragraphs"] == [LOADS]
    again = desk.save()
    assert (again.status_code, again.json()["first"]) == (200, False)
    (row,) = desk.get().json()["imported"]
    assert (row["law"], row["in_force"], row["by"], row["reading"]) == (BRIDGES, True, "t01", None)


def test_what_is_wrong_is_refused_and_not_stored(office: Office, desk: Desk) -> None:
    reply = desk.post("", {"file": make_file("第二条 乙。")})
    assert (reply.status_code, reply.json()["code"]) == (422, "file_faults")
    assert len(reply.json()["faults"]) == 4
    desk.save()
    reply = desk.save(make_text(LOADS.replace("三吨", "五吨")))
    assert (reply.status_code, reply.json()["code"]) == (409, "other_text")
    assert reply.json()["differs"] == ["第二条"]
    with office.sessions() as session:
        assert len(session.scalars(select(ImportedLaw)).all()) == 1


def test_a_new_version_takes_its_items_out_of_use(office: Office, desk: Desk) -> None:
    desk.save()
    add_item(office, f"{BRIDGES}#2", LOADS)
    changed = make_text(LOADS.replace("三吨", "五吨"), "2024年5月1日")
    file = make_file(changed)
    found = desk.post("/diff", {"old": f"{BRIDGES}@2020-07-31", "file": file}).json()
    assert found["counts"] == {"same": 2, "changed": 2}
    change = next(one for one in found["changes"] if one["title"] == "第二条")
    assert change["pieces"] == [
        ["gone", "三"],
        ["new", "五"],
        ["same", "吨以上的车辆不得通过木桥。"],
    ]
    assert [one["item"] for one in found["items"]] == ["brg-001"]
    reply = desk.save(changed)
    assert (reply.json()["stale"], reply.json()["banks"]) == (["brg-001"], {"bridges": 1})
    with office.sessions() as session:
        assert [row.name for row in session.scalars(select(ContentState))] == ["brg-001"]
    found = desk.post("/diff", {"old": f"{BRIDGES}@2020-07-31", "new": BRIDGES}).json()
    assert (found["old"]["version"], found["new"]["version"]) == ("2020-07-31", "2024-05-01")
    assert found["items"][0]["state"] == "stale"
    versions = desk.get("/versions", law=BRIDGES).json()["versions"]
    assert [one["version"] for one in versions] == ["2024-05-01", "2020-07-31"]


def test_laws_of_the_package_are_found_by_name(desk: Desk) -> None:
    found = desk.get(words="禁毒").json()
    assert found["total"] > 300
    assert found["found"][0]["law"] == "禁毒法"
    assert desk.get().json()["found"] == []


def test_a_law_becomes_a_reading_course_and_stops_being_one(desk: Desk) -> None:
    desk.save()
    slug = desk.post("/reading", {"law": BRIDGES, "show": True}).json()["reading"]
    assert desk.post("/reading", {"law": BRIDGES, "show": True}).json()["reading"] == slug
    assert desk.get().json()["imported"][0]["reading"] == slug
    assert desk.post("/reading", {"law": BRIDGES, "show": False}).json() == {"reading": None}
    assert desk.get().json()["imported"][0]["reading"] is None
    assert desk.post("/reading", {"law": BRIDGES, "show": False}).status_code == 404


def test_a_new_day_is_noticed_without_a_start(office: Office, desk: Desk) -> None:
    desk.save()
    add_item(office, f"{BRIDGES}#2", LOADS)
    changed = make_text(LOADS.replace("三吨", "五吨"), "2026年12月1日")
    assert desk.save(changed).json()["stale"] == []
    statutes = statutes_with(office.sessions)
    assert law_days.step(office.sessions, statutes, NOW) == []
    later = NOW + dt.timedelta(days=7)
    assert law_days.step(office.sessions, statutes, later) == ["brg-001"]


# ---- what nobody should send ---------------------------------------------------------------------


def refused(reply: Any) -> bool:
    body = reply.json()
    sentence = body["message"]
    return (
        400 <= reply.status_code < 500
        and bool(body["code"])
        and sentence.endswith("。")
        and "Traceback" not in reply.text
        and reply.headers["cache-control"] == "no-store"
    )


@pytest.mark.parametrize("login", ["s001", ""])
def test_only_trainers_and_admins_may(office: Office, login: str) -> None:
    visitor = office.desk(login) if login else Desk(office.app, "")
    status = 403 if login else 401
    for reply in (
        visitor.get(),
        visitor.get("/versions", law="宪法"),
        visitor.post("/preview", {"file": make_file()}),
        visitor.post("", {"file": make_file()}),
        visitor.post("/diff", {"old": "宪法", "new": "宪法"}),
        visitor.post("/reading", {"law": "宪法", "show": True}),
        # Not even looked at.
        visitor.post("/preview", b"{"),
    ):
        assert reply.status_code == status
        assert refused(reply)
    assert office.desk("admin").get().status_code == 200


@pytest.mark.parametrize("path", ["/preview", "", "/diff", "/reading"])
def test_a_body_that_is_no_request_is_refused(desk: Desk, path: str) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{",
        b'{"file": ' + b"[" * 100_000,
        b'{"file": {"name": "a.txt", "content": "\xc3\x28"}}',
        b"x" * 7_300_000,
    ):
        reply = desk.post(path, body)
        assert refused(reply), f"{body[:40]!r}: {reply.status_code} {reply.text[:200]}"


VALUES = [
    "\0",
    "a\0b.txt",
    "\ud800",
    "x" * 70_000,
    "",
    -1,
    2**70,
    1e300,
    [],
    {},
    True,
    "0000-00-00",
    "../../etc/passwd",
]


def test_a_strange_value_in_any_field_is_refused(desk: Desk) -> None:
    good = make_file()
    for value in VALUES:
        bodies: list[tuple[str, Any]] = [
            ("/preview", {"file": value}),
            ("/preview", {"file": good | {"name": value}}),
            ("/preview", {"file": good | {"content": value}}),
            ("/preview", {"file": good, "given": value} if value != {} else {}),
            ("/preview", {"file": good, "more": value}),
            ("/diff", {"old": value, "new": "宪法"}),
            ("/diff", {"old": "宪法", "new": value}),
            ("/diff", {"old": "宪法", "file": value}),
            ("/diff", {"old": "宪法@" + str(value), "new": "宪法"}),
            ("/reading", {"law": value, "show": True}),
            ("/reading", {"law": value, "show": False}),
        ]
        for field in ("kind", "published", "effective", "version"):
            # An empty kind is none.
            if (field, value) != ("kind", ""):
                bodies.append(("", {"file": good, "given": {field: value}}))
        for path, body in bodies:
            reply = desk.post(path, body)
            assert refused(reply), f"{path} {body!r:.200}: {reply.status_code} {reply.text[:200]}"


def test_strange_files_are_refused(desk: Desk) -> None:
    files: list[tuple[bytes, str]] = [
        (b"\xff\xff", "a.txt"),
        (b"PK\x03\x04", "a.docx"),
        (b"%PDF", "a.pdf"),
        (b"\x00" * 100, "a.txt"),
        (b" ", "a.md"),
        (b"x", "a.exe"),
        (b"x" * (5 * 1024 * 1024 + 1), "a.txt"),
    ]
    for content, name in files:
        for path in ("/preview", ""):
            reply = desk.post(path, {"file": make_file(content, name)})
            assert refused(reply), f"{name}: {reply.status_code} {reply.text[:200]}"


def test_five_megabytes_are_taken(desk: Desk) -> None:
    text = make_text() + "东桥、西桥。\n" * 20_000
    text += "桥" * ((5 * 1024 * 1024 - len(text.encode())) // 3)
    reply = desk.post("/preview", {"file": make_file(text)})
    assert reply.status_code == 200
    assert reply.json()["faults"] == []


def test_a_name_no_database_or_address_takes_is_refused_and_a_strange_one_kept(desk: Desk) -> None:
    for name in ("\0", "\ud800", "a/b条例", "a#b条例", "a?b条例", "<b>条例", ".", "桥" * 81):
        assert refused(desk.save(name=name)), repr(name)
    name = "某镇';$(id){桥}条例"
    assert desk.save(name=name).json()["name"] == name


def test_a_foreign_page_cannot_import(desk: Desk) -> None:
    reply = desk.post("", {"file": make_file()}, Origin="http://evil.example")
    assert (reply.status_code, reply.json()["code"]) == (403, "bad_origin")
