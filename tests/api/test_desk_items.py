"""The desk of questions over HTTP: for trainers only, in words, and calm whatever it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.app import make_app
from lawlab.api.desk_items import FormIn
from lawlab.config import Settings
from lawlab.domain.item_limits import LONGEST, MOST_ENTRIES, limit_faults
from lawlab.services.item_drafts import new_bank
from lawlab.services.sessions import begin_session
from lawlab.store.statutes import Statutes
from lawlab.store.tables import ItemBank, ItemDraft, ItemVersion, Person, Publication, Role

LAW = "某镇爱护桥梁条例"
TEXT = "任何人不得在桥面上堆放石料、木料和其他重物。"
FORM: dict[str, Any] = {
    "type": "single",
    "stem": "村民甲想把一车石料卸在桥上过夜，行不行？",
    "blanks": [],
    "options": {"A": "可以照办", "B": "按条例办"},
    "answer": "B",
    "explanation": "条例是这样要求的。",
    "why_wrong": {"A": "条例不是这样说的。"},
    "articles": [f"{LAW}#3"],
    "evidence": "不得在桥面上堆放石料",
    "difficulty": 2,
    "tags": ["桥面"],
    "derived": "",
    "unconfirmed": "",
    "rubric": [],
}
READS = [
    "/desk/banks",
    "/desk/items",
    "/desk/items/brg-001",
    "/desk/items/brg-001/versions/1",
    "/desk/articles?bank=bridges&words=3",
]
WRITES: dict[str, dict[str, Any]] = {
    "/desk/banks": {"slug": "docks", "law": LAW, "prefix": "dck"},
    "/desk/items": {"bank": "bridges"},
    "/desk/items/brg-001/draft": {"revision": 0, "base_version": 1, "form": FORM},
    "/desk/items/brg-001/draft/discard": {"revision": 1},
    "/desk/items/brg-001/draft/restore": {
        "revision": 0,
        "base_version": 1,
        "form": FORM,
        "bank": "bridges",
    },
    "/desk/items/brg-001/publish": {"revision": 1, "reviewer": "审核人甲", "note": ""},
    "/desk/items/brg-001/confirm": {"reviewer": "审核人甲"},
    "/desk/items/brg-001/withdraw": {"reason": "有歧义"},
    "/desk/items/brg-001/restore": {},
}


@dataclass
class Desk:
    app: TestClient
    sessions: sessionmaker[Session]
    cookies: dict[str, str]

    def get(self, path: str, login: str = "t01") -> Any:
        return self.app.get(f"/services/api{path}", headers={"Cookie": self.cookies[login]})

    def post(self, path: str, body: Any, login: str = "t01", **headers: str) -> Any:
        own = {"X-Lawlab": "1", "Content-Type": "application/json"} | headers
        own["Cookie"] = self.cookies.get(login, "")
        # By json.dumps a lone surrogate arrives as a hostile client would send it.
        return self.app.post(f"/services/api{path}", content=json.dumps(body), headers=own)

    def rows(self) -> tuple[int, ...]:
        with self.sessions() as session:
            tables = (ItemBank, ItemDraft, ItemVersion, Publication)
            return tuple(session.query(table).count() for table in tables)

    def published(self) -> None:
        item = self.post("/desk/items", {"bank": "bridges"}).json()["item"]
        detail = self.get(f"/desk/items/{item}").json()
        body = {"revision": detail["draft"]["revision"], "base_version": None, "form": FORM}
        saved = self.post(f"/desk/items/{item}/draft", body).json()
        assert saved["faults"] == []
        body = {"revision": saved["revision"], "reviewer": "审核人甲"}
        assert self.post(f"/desk/items/{item}/publish", body).json() == {"version": 1}


@pytest.fixture
def desk(
    sessions: sessionmaker[Session],
    database_url: str,
    tmp_path: Path,
    now: datetime,
    make_statutes: Callable[..., Statutes],
) -> Iterator[Desk]:
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    statutes = make_statutes({LAW: {3: TEXT}})
    cookies = {}
    with sessions() as session:
        for login, role in (("t01", "trainer"), ("root", "admin"), ("s001", "learner")):
            person = Person(login=login, full_name=login, created_at=now)
            person.roles = [Role(role=role)]
            session.add(person)
        session.commit()
        new_bank(session, "bridges", LAW, "brg", statutes, now)
        for login in ("t01", "root", "s001"):
            token = begin_session(session, login, "hub", now)
            cookies[login] = f"lawlab-session={token}; jupyterhub-session-id=hub"
    app: AbstractContextManager[TestClient] = TestClient(
        make_app(settings, lambda: now), raise_server_exceptions=False
    )
    with app as client:
        client.app.state.lawlab.statutes = statutes  # type: ignore[attr-defined]
        found = Desk(client, sessions, cookies)
        found.published()
        yield found


def test_a_question_goes_from_draft_to_publication_and_back(desk: Desk) -> None:
    assert desk.get("/desk/banks").json()["banks"][0]["counts"] == {"in_use": 1}
    detail = desk.get("/desk/items/brg-001", "root").json()
    assert detail["published"]["form"] == FORM
    assert detail["reviewers"] == ["审核人甲"]
    body = {"revision": 0, "base_version": 1, "form": FORM | {"stem": FORM["stem"] + "为什么？"}}
    saved = desk.post("/desk/items/brg-001/draft", body).json()
    assert [change["field"] for change in saved["changes"]] == ["stem"]
    held = desk.post("/desk/items/brg-001/draft/discard", {"revision": saved["revision"]}).json()
    back = desk.post(
        "/desk/items/brg-001/draft/restore",
        {"revision": 0, "base_version": 1, "form": held["form"], "bank": held["bank"]},
    )
    body = {"revision": back.json()["revision"], "reviewer": "审核人乙", "note": "问得更清楚"}
    assert desk.post("/desk/items/brg-001/publish", body).json() == {"version": 2}
    assert desk.post("/desk/items/brg-001/withdraw", {"reason": "有歧义"}).status_code == 200
    assert desk.get("/desk/items?state=withdrawn").json()["found"] == 1
    assert desk.post("/desk/items/brg-001/restore", {}).json() == {"state": ""}
    assert desk.get("/desk/items/brg-001/versions/1").json()["form"] == FORM
    articles = desk.get("/desk/articles?bank=bridges&words=重物").json()["articles"]
    assert [article["ref"] for article in articles] == [f"{LAW}#3"]


def test_a_learner_and_a_stranger_get_nothing(desk: Desk) -> None:
    before = desk.rows()
    for path in READS:
        assert (desk.get(path, "s001").status_code, path) == (403, path)
        assert desk.get(path, "s001").json()["code"] == "trainers_only"
    for path, body in WRITES.items():
        assert (desk.post(path, body, "s001").status_code, path) == (403, path)
        assert (desk.post(path, body, "nobody").status_code, path) == (401, path)
    assert desk.rows() == before


def test_a_foreign_page_cannot_write(desk: Desk) -> None:
    before = desk.rows()
    for path, body in WRITES.items():
        reply = desk.post(path, body, Origin="http://elsewhere.example")
        assert (reply.status_code, reply.json()["code"]) == (403, "bad_origin")
    assert desk.rows() == before


def test_conflicts_bring_the_other_text_along(desk: Desk) -> None:
    body = {"revision": 0, "base_version": 1, "form": FORM | {"stem": "甲写的。"}}
    assert desk.post("/desk/items/brg-001/draft", body).status_code == 200
    body["form"] = FORM | {"stem": "乙写的。"}
    reply = desk.post("/desk/items/brg-001/draft", body, "root")
    assert (reply.status_code, reply.json()["code"]) == (409, "draft_conflict")
    assert reply.json()["draft"]["form"]["stem"] == "甲写的。"
    assert reply.json()["changes"][0]["label"] == "题干"


def test_faults_of_a_draft_come_with_their_fields(desk: Desk) -> None:
    item = desk.post("/desk/items", {"bank": "bridges"}).json()["item"]
    revision = desk.get(f"/desk/items/{item}").json()["draft"]["revision"]
    body = {"revision": revision, "reviewer": "审核人甲"}
    reply = desk.post(f"/desk/items/{item}/publish", body)
    assert (reply.status_code, reply.json()["code"]) == (422, "item_faults")
    assert "stem" in {fault["field"] for fault in reply.json()["faults"]}
    no_reviewer = desk.post(f"/desk/items/{item}/publish", body | {"reviewer": " "})
    assert (no_reviewer.status_code, no_reviewer.json()["code"]) == (400, "no_reviewer")


# ---- what no page of ours sends -----------------------------------------------------------------

STRANGE = [
    "\0",
    "a\0b",
    "\ud800",
    "x" * 70_000,
    -1,
    2**31,
    2**70,
    1e300,
    None,
    [],
    ["\0"],
    {},
    True,
]
FORMS: list[dict[str, Any]] = [
    {"id": "brg-009"},
    {"sha256": "x"},
    {"type": "matching"},
    {"blanks": "三十日"},
    {"stem": "x" * 2001},
    {"options": {"G": "第七个"}},
    {"options": {"A": "x" * 401}},
    {"options": ["A"]},
    {"why_wrong": {"a": "小写"}},
    {"articles": ["x"] * 13},
    {"articles": "某镇爱护桥梁条例#3"},
    {"difficulty": 6},
    {"difficulty": "难"},
    {"tags": [""]},
    {"tags": ["x" * 21]},
    {"rubric": [{"text": "要点", "points": 8, "note": ""}]},
    {"rubric": [{"text": "要点", "points": -1}]},
    {"rubric": [{"text": "要点", "points": 1e9}]},
    {"rubric": [{"points": 8}]},
    {"evidence": "\0"},
    {"explanation": "\ud800"},
]


@pytest.mark.parametrize("changed", FORMS, ids=lambda changed: str(changed)[:40])
def test_a_form_of_another_shape_is_refused_whole(desk: Desk, changed: dict[str, Any]) -> None:
    before = desk.rows()
    body = {"revision": 0, "base_version": 1, "form": FORM | changed}
    reply = desk.post("/desk/items/brg-001/draft", body)
    assert (reply.status_code, reply.json()["code"]) == (422, "malformed")
    assert desk.rows() == before


def filled_to(field: str, more: int) -> dict[str, Any]:
    """The form with one text of a field `more` characters over its limit."""
    text = "字" * (LONGEST[field] + more)
    held: dict[str, Any] = {
        "options": {"A": "甲", "B": text},
        "why_wrong": {"A": text},
        "blanks": [["甲"], ["乙", text]],
        "articles": [text],
        "tags": [text],
        "rubric": [{"text": text, "points": 1}],
    }
    return {**FORM, field: held.get(field, text)}


@pytest.mark.parametrize("field", LONGEST)
def test_the_limits_of_the_domain_are_those_of_the_editor(field: str) -> None:
    assert list(limit_faults(filled_to(field, 0))) == []
    FormIn.model_validate(filled_to(field, 0))
    assert f"有 {LONGEST[field] + 1} 个字，最多 {LONGEST[field]} 个字" in "".join(
        limit_faults(filled_to(field, 1))
    )
    with pytest.raises(ValidationError):
        FormIn.model_validate(filled_to(field, 1))


@pytest.mark.parametrize(
    ("field", "entry"),
    [
        ("blanks", ["甲"]),
        ("articles", f"{LAW}#3"),
        ("tags", "桥面"),
        ("rubric", {"text": "要点", "points": 1}),
    ],
)
def test_a_list_has_the_same_limit_for_editor_and_import(field: str, entry: Any) -> None:
    whole, over = (FORM | {field: [entry] * (MOST_ENTRIES + more)} for more in (0, 1))
    assert list(limit_faults(whole)) == []
    FormIn.model_validate(whole)
    assert f"最多 {MOST_ENTRIES} " in "".join(limit_faults(over))
    with pytest.raises(ValidationError):
        FormIn.model_validate(over)


def test_a_form_without_a_field_is_refused(desk: Desk) -> None:
    for field in FORM:
        form = {key: value for key, value in FORM.items() if key != field}
        body = {"revision": 0, "base_version": 1, "form": form}
        assert desk.post("/desk/items/brg-001/draft", body).status_code == 422, field


def test_no_field_of_any_request_brings_it_down(desk: Desk) -> None:
    for path, whole in WRITES.items():
        for key in whole:
            for value in STRANGE:
                reply = desk.post(path, whole | {key: value})
                assert reply.status_code < 500, (path, key, value)
                if reply.status_code >= 400:
                    assert reply.json()["message"].endswith("。"), (path, key, value)
        assert desk.post(path, whole | {"role": "admin"}).status_code in {200, 404, 409, 422}


@pytest.mark.parametrize(
    "path",
    [
        "/desk/items/%00",
        "/desk/items/%ff",
        "/desk/items/" + "x" * 5000,
        "/desk/items/brg-001/versions/0",
        "/desk/items/brg-001/versions/99999999999",
        "/desk/items/brg-001/versions/x",
        "/desk/items?page=0",
        "/desk/items?page=9999999",
        "/desk/items?words=" + "x" * 101,
        "/desk/items?words=%00",
        "/desk/items?sort=name",
        "/desk/items?difficulty=9",
        "/desk/articles?bank=nothing&words=1",
        "/desk/articles?bank=bridges&law=没有&words=1",
        "/desk/articles?words=1",
        "/desk/articles?bank=bridges&words=%00",
        "/desk/nothing",
    ],
)
def test_a_strange_address_is_refused_in_words(desk: Desk, path: str) -> None:
    reply = desk.get(path)
    assert reply.status_code in {404, 422}
    assert reply.json()["message"].endswith("。")


def test_words_that_look_like_code_are_only_words(desk: Desk) -> None:
    for words in ("'; drop table people; --", "<script>", "9" * 40, "²条", "%25_"):
        query = {"words": words, "bank": "bridges"}
        reply = desk.get(f"/desk/items?{urlencode(query)}")
        assert (reply.status_code, reply.json()["found"]) == (200, 0), words
        assert desk.get(f"/desk/articles?{urlencode(query)}").status_code == 200, words
