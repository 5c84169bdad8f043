"""The desk of lessons over HTTP: for trainers only, confined to 备课, calm whatever it is sent."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from lawlab.api import page_watch
from lawlab.api.app import make_app
from lawlab.services.draft_files import drafts_of
from lawlab.store.tables import Answer, Person, Role

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Browser, Office

SLUG, FIRST = "anti-telecom-fraud", "01_what-it-is"
CONTENT_DAY = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)
CHINESE = re.compile(r"[\u4e00-\u9fff].*。$", re.S)
ABOUT: dict[str, Any] = {
    "stamp": "",
    "title": "课",
    "law": "宪法",
    "order": [FIRST],
    "sources": ["法律"],
    "checked": "2026-11-24",
    "audience": ["干部职工"],
    "awaits": [],
    "position": None,
}
READS = [
    "/desk/overview",
    f"/desk/courses/{SLUG}",
    f"/desk/courses/{SLUG}/lessons/{FIRST}",
    f"/desk/preview/{SLUG}/{FIRST}",
    f"/desk/preview/{SLUG}/{FIRST}/stamp",
    "/desk/unconfirmed",
]
WRITES: dict[str, dict[str, Any]] = {
    "/desk/courses": {"slug": "new-one", "title": "新课", "law": "宪法"},
    f"/desk/courses/{SLUG}/draft": {},
    f"/desk/courses/{SLUG}/about": ABOUT,
    f"/desk/courses/{SLUG}/lessons": {"lesson": "04_new", "title": "新的一课"},
    f"/desk/courses/{SLUG}/publish": {
        "lessons": [{"lesson": FIRST, "stamp": "x", "version": 1}],
        "about": "",
        "reviewer": "审核人甲",
        "note": "",
    },
    f"/desk/courses/{SLUG}/lessons/{FIRST}/draft": {"version": 1},
    f"/desk/courses/{SLUG}/lessons/{FIRST}/discard": {},
    f"/desk/courses/{SLUG}/lessons/{FIRST}/bring-back": {"name": f"{FIRST}-1.ipynb"},
    f"/desk/courses/{SLUG}/lessons/{FIRST}/withdraw": {"reason": "重写"},
    f"/desk/courses/{SLUG}/lessons/{FIRST}/restore": {},
    "/desk/preview/try": {"item": "atf-001", "response": {"chosen": ["A"]}},
    "/desk/unconfirmed/confirm": {"digest": "0" * 64, "note": "核对过"},
    "/desk/unconfirmed/take-back": {"digest": "0" * 64},
}
VALUES = ["\0", "a\0b", "\ud800", "../x", "x" * 70_000, -1, 2**70, 1e300, None, [], ["\0"], {}]
NAMES = ["%2e%2e", "%00", "a%00b", "x" * 300, "A", "%ff", "..%2f..%2fetc", "a.ipynb", "备课"]


@pytest.fixture
def trainer(office: Office) -> Browser:
    office.clock.now = CONTENT_DAY
    with office.sessions() as session:
        person = Person(login="t01", full_name="教员01", created_at=CONTENT_DAY)
        person.roles = [Role(role="learner"), Role(role="trainer")]
        session.add(person)
        session.commit()
    return office.browser("t01")


@pytest.fixture
def folder(office: Office) -> Path:
    return drafts_of(office.settings).folder


def send(office: Office, browser: Browser, path: str, body: Any) -> Any:
    headers = {"X-Lawlab": "1", "Content-Type": "application/json"}
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    # By json.dumps a lone surrogate arrives as a hostile client would send it.
    content = json.dumps(body)
    return office.app.post(f"/services/api{path}", content=content, headers=headers)


def calm(reply: Any) -> bool:
    body = reply.json()
    return (
        400 <= reply.status_code < 500
        and CHINESE.search(body["message"]) is not None
        and "Traceback" not in reply.text
        and reply.headers["cache-control"] == "no-store"
    )


def test_learners_and_strangers_get_nothing_and_leave_nothing(
    office: Office, trainer: Browser, folder: Path
) -> None:
    learner = office.browser("s001")
    for path in READS:
        reply = learner.get(path)
        assert (reply.status_code, reply.json()["code"]) == (403, "trainers_only"), path
    for path, body in WRITES.items():
        reply = learner.post(path, body)
        assert (reply.status_code, reply.json()["code"]) == (403, "trainers_only"), path
        assert office.app.post(f"/services/api{path}", json=body).status_code == 403
    assert not folder.exists()
    assert trainer.get("/desk/overview").status_code == 200


def test_an_admin_may_do_what_a_trainer_may(office: Office) -> None:
    office.clock.now = CONTENT_DAY
    with office.sessions() as session:
        person = Person(login="admin", full_name="管理员", created_at=CONTENT_DAY)
        person.roles = [Role(role="admin")]
        session.add(person)
        session.commit()
    assert office.browser("admin").get("/desk/overview").status_code == 200


def test_from_draft_to_published_and_withdrawn(
    office: Office, trainer: Browser, folder: Path
) -> None:
    begun = trainer.post(f"/desk/courses/{SLUG}/draft", {}).json()
    assert f"{FIRST}.ipynb" in begun["written"]
    path = folder / SLUG / f"{FIRST}.ipynb"
    path.write_text(path.read_text("utf-8").replace("先猜一猜", "猜一猜"), "utf-8")
    course = trainer.get(f"/desk/courses/{SLUG}").json()
    line = course["lessons"][0]
    assert (line["draft"]["relation"], line["faults"]) == ("changed", [])
    detail = trainer.get(f"/desk/courses/{SLUG}/lessons/{FIRST}").json()
    assert [c["state"] for c in detail["changes"]].count("changed") == 1
    chosen = {"lesson": FIRST, "stamp": line["draft"]["stamp"], "version": 1}
    wanted = {"lessons": [chosen], "about": course["about_stamp"], "reviewer": "审核人甲"}
    refused = trainer.post(f"/desk/courses/{SLUG}/publish", wanted | {"reviewer": " "})
    assert refused.json()["code"] == "no_reviewer"
    done = trainer.post(f"/desk/courses/{SLUG}/publish", wanted).json()
    assert done == {"new": [], "changed": [FIRST], "same": []}
    page = office.settings.pages / SLUG / f"{FIRST}.ipynb"
    assert "## 猜一猜" in page.read_text("utf-8")

    learner = office.browser("s001")
    assert learner.get(f"/lessons/{SLUG}/{FIRST}").status_code == 200
    withdrawn = trainer.post(f"/desk/courses/{SLUG}/lessons/{FIRST}/withdraw", {"reason": "要重写"})
    assert withdrawn.json() == {"state": "withdrawn"}
    gone = learner.get(f"/lessons/{SLUG}/{FIRST}")
    assert (gone.status_code, gone.json()["code"]) == (404, "lesson_withdrawn")
    assert not page.exists()
    trainer.post(f"/desk/courses/{SLUG}/lessons/{FIRST}/restore", {})
    assert learner.get(f"/lessons/{SLUG}/{FIRST}").status_code == 200


def test_pages_that_could_not_be_written_are_written_when_the_api_starts(
    office: Office, trainer: Browser
) -> None:
    pages = office.settings.pages
    (pages / ".lock").unlink()
    (pages / ".lock").mkdir()
    withdrawn = trainer.post(f"/desk/courses/{SLUG}/lessons/{FIRST}/withdraw", {"reason": "要重写"})
    assert withdrawn.json() == {"state": "withdrawn"}
    (pages / ".lock").rmdir()
    assert (pages / SLUG / f"{FIRST}.ipynb").exists()
    with TestClient(make_app(office.settings, office.clock)):
        assert not (pages / SLUG / f"{FIRST}.ipynb").exists()


@pytest.fixture
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made before the API, which sleeps between two looks."""
    monkeypatch.setattr(page_watch, "EVERY", 0.05)


def test_pages_that_are_missing_are_written_later(looking_often: None, office: Office) -> None:
    pages = office.settings.pages
    other = next((pages / SLUG).glob("*.ipynb"))
    other.unlink()
    end = time.monotonic() + 5
    while not other.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert other.exists()


def test_faults_come_lesson_by_lesson(trainer: Browser, folder: Path) -> None:
    trainer.post(f"/desk/courses/{SLUG}/draft", {})
    path = folder / SLUG / f"{FIRST}.ipynb"
    path.write_text(path.read_text("utf-8").replace("lesson.begin()", "import os"), "utf-8")
    line = trainer.get(f"/desk/courses/{SLUG}").json()["lessons"][0]
    chosen = {"lesson": FIRST, "stamp": line["draft"]["stamp"], "version": 1}
    wanted = {"lessons": [chosen], "about": "", "reviewer": "审核人甲"}
    assert trainer.post(f"/desk/courses/{SLUG}/publish", wanted).json()["code"] == "draft_conflict"
    course = trainer.get(f"/desk/courses/{SLUG}").json()
    wanted |= {"about": course["about_stamp"]}
    reply = trainer.post(f"/desk/courses/{SLUG}/publish", wanted)
    assert reply.status_code == 422
    assert reply.json()["lessons"][FIRST][0]["cell"] == 3


def test_a_preview_follows_the_file_and_keeps_no_answer(
    office: Office, trainer: Browser, folder: Path
) -> None:
    trainer.post(f"/desk/courses/{SLUG}/draft", {})
    before = trainer.get(f"/desk/preview/{SLUG}/{FIRST}/stamp").json()["stamp"]
    path = folder / SLUG / f"{FIRST}.ipynb"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    after = trainer.get(f"/desk/preview/{SLUG}/{FIRST}").json()
    assert after["preview"]["stamp"] != before
    assert (
        after["preview"]["stamp"]
        == (trainer.get(f"/desk/preview/{SLUG}/{FIRST}/stamp").json()["stamp"])
    )
    tried = trainer.post("/desk/preview/try", WRITES["/desk/preview/try"]).json()
    assert "revealed" in tried
    with office.sessions() as session:
        assert session.query(Answer).count() == 0


def test_a_statement_is_confirmed_and_taken_back(trainer: Browser) -> None:
    (one, *_) = trainer.get("/desk/unconfirmed").json()["statements"]
    assert one["places"][0]["url"].startswith("/services/learn/")
    assert trainer.post("/desk/unconfirmed/confirm", {"digest": one["digest"], "note": "对"})
    *_, done = trainer.get("/desk/unconfirmed").json()["statements"]
    assert (done["digest"], done["confirmed"]["by"]) == (one["digest"], "教员01")
    back = trainer.post("/desk/unconfirmed/take-back", {"digest": one["digest"]})
    assert back.json() == {"note": "对"}


def test_learn_alone_may_ask_for_a_preview_and_only_for_trainers(
    office: Office, trainer: Browser
) -> None:
    secret = {"Authorization": f"Bearer {office.settings.secrets['service-learn']}"}
    body = {"login": "t01", "course": SLUG, "lesson": FIRST, "version": 1}

    def ask(path: str, body: dict[str, Any], **headers: str) -> Any:
        return office.app.post(f"/services/api/internal/{path}", json=body, headers=headers)

    assert ask("preview", body).status_code == 403
    assert ask("preview", body, Authorization="Bearer x").status_code == 401
    sheet = ask("preview", body, **secret).json()
    assert sheet["stamp"] == "v1"
    assert sheet["notebook"]["cells"]
    for login, status in (("s001", 403), ("nobody", 401)):
        assert ask("preview", body | {"login": login}, **secret).status_code == status
        picture = {"login": login, "course": SLUG, "name": "a.png"}
        assert ask("preview/picture", picture, **secret).status_code == status
    for wrong in ({"course": "../x"}, {"lesson": "../../x"}, {"version": 99}, {"course": "a\0"}):
        assert calm(ask("preview", body | wrong, **secret)), wrong
    for name in ("../secret.png", "a.ipynb", "a.png", "a\0.png"):
        picture = {"login": "t01", "course": SLUG, "name": name}
        assert calm(ask("preview/picture", picture, **secret)), name
    assert trainer.get("/internal/preview").status_code == 405


def test_strange_names_in_addresses_are_refused(
    office: Office, trainer: Browser, folder: Path
) -> None:
    folder.mkdir(parents=True)
    (folder / "media").symlink_to("/etc")
    for name in [*NAMES, "media"]:
        for path in (
            f"/desk/courses/{name}",
            f"/desk/courses/{name}/lessons/{FIRST}",
            f"/desk/courses/{SLUG}/lessons/{name}",
            f"/desk/preview/{name}/{FIRST}",
            f"/desk/preview/{SLUG}/{name}",
        ):
            if path != f"/desk/courses/{SLUG}/lessons/media":
                assert calm(trainer.get(path)), path
    for name in NAMES:
        for path in (
            f"/desk/courses/{name}/draft",
            f"/desk/courses/{name}/about",
            f"/desk/courses/{SLUG}/lessons/{name}/discard",
            f"/desk/courses/{SLUG}/lessons/{name}/withdraw",
        ):
            body = ABOUT if path.endswith("about") else {"reason": "x"}
            assert calm(send(office, trainer, path, body)), path
    assert sorted(path.name for path in folder.iterdir()) == ["media"]


def test_strange_values_in_any_field_are_refused(
    office: Office, trainer: Browser, folder: Path
) -> None:
    trainer.post(f"/desk/courses/{SLUG}/draft", {})
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path, whole in WRITES.items():
        for field in whole:
            for value in VALUES:
                if (field, value) in (("position", None), ("awaits", []), ("stamp", "../x")):
                    continue
                if field in ("note", "reason", "title", "reviewer") and value == "../x":
                    continue  # a text may say that
                reply = send(office, trainer, path, whole | {field: value})
                assert calm(reply), f"{path} {field}={value!r:.40}: {reply.status_code}"
    course = quote(SLUG)
    assert trainer.get(f"/desk/courses/{course}").status_code == 200
    assert {path: path.read_bytes() for path in files} == files
