"""The desk of quizzes over HTTP: for trainers only, with the sheet that says what the page says."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from desk_calls import DeskCalls
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.app import make_app
from lawlab.client.api import Api
from lawlab.config import Settings
from lawlab.store.tables import Job, Quiz, Score, Sitting

READS = ["", "/quiz-1", "/quiz-1/report", "/quiz-1/statistics", "/quiz-1/report.xlsx"]
BLUEPRINT = """
title = "过桥"
bank = "brg"
minutes = 9
pass_mark = 60
seed = 1
[[section]]
type = "single"
count = 2
points = 30
[[section]]
type = "judge"
count = 1
points = 40
"""
WRITES: dict[str, dict[str, Any]] = {
    "/build": {"name": "brg-quiz", "text": BLUEPRINT},
    "/quiz-1/open": {},
    "/quiz-1/grade": {"again": True},
    "/quiz-1/release": {"force": True},
}


class Desk(DeskCalls):
    def facts(self) -> tuple[Any, ...]:
        """What writes change."""
        with self.sessions() as session:
            jobs = session.execute(select(Job.kind, Job.subject, Job.state).order_by(Job.id)).all()
            states = session.execute(select(Quiz.assignment, Quiz.state)).all()
            handed_in = session.scalars(select(Sitting.handed_in_at).order_by(Sitting.id)).all()
        return ([*map(tuple, jobs)], [*map(tuple, states)], handed_in)


@pytest.fixture
def desk(
    sessions: sessionmaker[Session],
    database_url: str,
    tmp_path: Path,
    now: datetime,
    take_quiz: Callable[[Session, datetime], None],
) -> Iterator[Desk]:
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    with sessions() as session:
        take_quiz(session, now)
    app = TestClient(make_app(settings, lambda: now), raise_server_exceptions=False)
    with app as client:
        yield Desk(client, sessions, now, ("t01", "s001"))


def test_a_learner_and_a_stranger_get_nothing(desk: Desk) -> None:
    before = desk.facts()
    for path in READS:
        reply = desk.get(path, "s001")
        assert (reply.status_code, reply.json()["code"], path) == (403, "trainers_only", path)
        assert (desk.get(path, "nobody").status_code, path) == (401, path)
    for path, body in WRITES.items():
        assert (desk.post(path, body, "s001").status_code, path) == (403, path)
        assert (desk.post(path, body, "nobody").status_code, path) == (401, path)
        foreign = desk.post(path, body, Origin="http://elsewhere.example")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "bad_origin")
    assert desk.facts() == before


def test_a_trainer_sees_the_quizzes_and_one_of_them(desk: Desk) -> None:
    (line,) = desk.get("").json()["quizzes"]
    assert (line["assignment"], line["title"], line["missing_marks"]) == ("quiz-1", "爱桥测验", 1)
    found = desk.get("/quiz-1").json()
    assert (found["minutes"], found["points"], found["counts"]["sitting"]) == (30, 100, 1)
    assert {person["state"] for person in found["people"]} >= {"new", "sitting", "failed"}
    statistics = desk.get("/quiz-1/statistics").json()
    assert statistics["title"] == "爱桥测验"
    assert [item["question"] for item in statistics["items"]] == [
        f"brg-00{n}" for n in (1, 2, 3, 4)
    ]


def test_the_sheet_is_a_download_and_agrees_with_the_page(desk: Desk) -> None:
    reply = desk.get("/quiz-1/report.xlsx")
    assert reply.headers["content-type"].endswith("spreadsheetml.sheet")
    disposition = reply.headers["content-disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''%E7%88%B1%E6%A1%A5" in disposition
    assert "no-store" in reply.headers["cache-control"]
    book = load_workbook(io.BytesIO(reply.content))
    report = desk.get("/quiz-1/report").json()
    rows = [[cell.value for cell in row] for row in book["汇总"].rows]
    assert rows[0] == ["单位或人群", *report["columns"].values()]
    for row, line in zip(
        rows[1:], [*report["units"], *report["cohorts"], report["total"]], strict=True
    ):
        counts = [line[name] for name in ("expected", "taken", "absent", "passed", "failed")]
        assert row[:6] == [line["label"], *counts]
        assert row[8] == round(line["mean"], 1)
        assert row[7] == f"{line['pass_rate']:.1%}"
    people = [[cell.value for cell in row] for row in book["名单"].rows][1:]
    assert [[row[0], row[5]] for row in people] == [
        [person["login"], person["result"]] for person in report["people"]
    ]
    items = [[cell.value for cell in row] for row in book["试题分析"].rows][1:]
    statistics = desk.get("/quiz-1/statistics").json()
    assert [row[:2] for row in items] == [
        [item["question"], item["stem"]] for item in statistics["items"]
    ]
    assert "区分度为负" in [row[7] for row in items]


def test_a_release_names_what_is_missing_and_can_be_forced(desk: Desk) -> None:
    refused = desk.post("/quiz-1/release", {"force": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert len(refused.json()["reasons"]) == 3
    assert desk.get("/quiz-1").json()["state"] == "open"
    assert desk.post("/quiz-1/release", {"force": True}).json() == {"state": "released"}
    assert desk.get("/quiz-1").json()["counts"]["sitting"] == 0
    with desk.sessions() as session:
        assert session.scalars(select(Score.points)).all()
    assert desk.post("/quiz-1/release", {}).json() == {"state": "released"}


def test_grading_is_left_to_the_grader(desk: Desk) -> None:
    asked = desk.post("/quiz-1/grade", {})
    assert asked.status_code == 202
    with desk.sessions() as session:
        waiting = session.scalars(select(Job.subject).where(Job.state == "waiting")).all()
        failed = session.scalars(select(Job.subject).where(Job.state == "failed")).all()
    assert (len(waiting), failed) == (asked.json()["asked"], [])
    assert desk.get("/quiz-1").json()["counts"]["failed"] == 0


def test_a_quiz_is_built_from_its_blueprint_until_it_is_open(desk: Desk) -> None:
    made = desk.post("/build", {"name": " brg-quiz ", "text": BLUEPRINT})
    assert (made.status_code, made.json()) == (201, {"assignment": "brg-quiz", "questions": 3})
    more = BLUEPRINT.replace("minutes = 9", "minutes = 12")
    assert desk.post("/build", {"name": "brg-quiz", "text": more}).status_code == 201
    found = desk.get("/brg-quiz").json()
    assert (found["state"], found["minutes"], found["people"]) == ("built", 12, [])
    again = desk.post("/build", {"name": "quiz-1", "text": BLUEPRINT})
    assert (again.status_code, again.json()["code"]) == (409, "quiz_exists")


@pytest.mark.parametrize("name", ["", "../quiz", "Quiz", "测验", "a b", "x" * 80])
def test_a_quiz_needs_a_plain_number(desk: Desk, name: str) -> None:
    before = desk.facts()
    reply = desk.post("/build", {"name": name, "text": BLUEPRINT})
    assert reply.status_code == 422
    assert desk.facts() == before


@pytest.mark.parametrize(
    "text", ["", "title = ", "[[section]]", BLUEPRINT.replace("brg", "none"), "x" * 20_001, "\0"]
)
def test_all_faults_of_a_blueprint_come_together(desk: Desk, text: str) -> None:
    before = desk.facts()
    reply = desk.post("/build", {"name": "brg-quiz", "text": text})
    assert reply.status_code == 422
    assert desk.facts() == before


def test_opening_is_left_to_the_grader_and_happens_once(desk: Desk, now: datetime) -> None:
    with desk.sessions() as session:
        quiz = Quiz(assignment="quiz-2", title="二", minutes=1, pass_mark=60, state="built")
        quiz.blueprint = session.get_one(Quiz, "quiz-1").blueprint
        quiz.paper, quiz.built_at = [], now
        session.add(quiz)
        session.commit()
    assert desk.post("/quiz-2/open", {}).status_code == 202
    assert desk.get("/quiz-2").json()["opening"] is True
    assert desk.post("/quiz-2/open", {}).status_code == 202
    again = desk.post("/quiz-1/open", {})
    assert (again.status_code, again.json()["code"]) == (409, "quiz_exists")
    for path in ("/quiz-2/report", "/quiz-2/report.xlsx"):
        reply = desk.get(path)
        assert (reply.status_code, reply.json()["code"]) == (409, "quiz_not_open")
    assert desk.get("/quiz-2/statistics").json()["items"] == []


@pytest.mark.parametrize("name", ["nothing", "%00", "%ff", "x" * 5000, "..%2f..", "é", "'; --"])
def test_a_strange_address_is_refused_in_words(desk: Desk, name: str) -> None:
    for path in ("", "/report", "/statistics", "/report.xlsx"):
        reply = desk.get(f"/{name}{path}")
        assert reply.status_code in {404, 422}, path
        assert reply.json()["message"].endswith("。")
    for path in ("open", "grade", "release"):
        assert desk.post(f"/{name}/{path}", {}).status_code in {404, 422}


@pytest.mark.parametrize("body", [{"force": "perhaps"}, {"more": 1}, [], None])
def test_a_body_of_another_shape_is_refused(desk: Desk, body: Any) -> None:
    before = desk.facts()
    for path in WRITES:
        assert desk.post(path, body).status_code == 422, path
    assert desk.facts() == before


def test_notebooks_read_the_same_figures_as_frames(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Api("http://testserver", {})
    reads = {"/desk/quizzes": desk.get("").json()}
    for part in ("report", "statistics"):
        reads[f"/desk/quizzes/quiz-1/{part}"] = desk.get(f"/quiz-1/{part}").json()
    monkeypatch.setattr(client, "_get", reads.__getitem__)
    quizzes = client.quizzes()
    assert quizzes["编号"].iloc[0] == "quiz-1"
    assert list(client.quiz_report("quiz-1")["单位或人群"])[-1] == "合计"
    items = client.quiz_items("quiz-1")
    statistics = reads["/desk/quizzes/quiz-1/statistics"]
    served = statistics["items"]
    assert list(items["得分率"]) == [item["facility"] for item in served]
    assert len(client.quiz_options("quiz-1")) == sum(len(item["options"]) for item in served)
    assert client.quiz_alpha("quiz-1") == statistics["paper"]["alpha"]
    client.close()
