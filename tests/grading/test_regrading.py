"""A corrected key through real nbgrader: the gradebook and the learner's result follow it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.cli import quiz as command
from lawlab.grading import submission, worker
from lawlab.grading.build import open_assignment
from lawlab.grading.slot import keys_file
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.quiz_pages import quiz_state
from lawlab.services.quiz_papers import release_quiz
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.services.regrading import save
from lawlab.store.tables import ItemVersion, Sitting

Place = Any


def correct(place: Place, slot: str, correction: dict[str, Any]) -> dict[str, Any]:
    item = {one["slot"]: one["item"] for one in place.paper().slots}[slot]
    with place.sessions() as session:
        return save(session, "t01", "quiz-1", item, correction, "答案有误", place.now)


def publish(place: Place, slot: str, answer: str) -> None:
    """A second version of the item with another answer."""
    question = replace(place.paper().questions[slot], answer=answer)
    with place.sessions() as session:
        made = ItemVersion(item=question.id, version=2, bank="atf", sha256="1" * 64)
        made.type, made.body = question.type.value, question.to_json()
        made.article_prints, made.published_at = {}, place.now
        session.add(made)
        session.commit()


def auto(place: Place, login: str, slot: str) -> float | None:
    with Gradebook(place.gradebook, "law2022") as gradebook:
        points: float | None = gradebook.find_grade(slot, "quiz-1", "quiz-1", login).auto_score
        return points


@pytest.mark.parametrize("batch", [False, True])
def test_gradebook_and_result_follow_and_a_trainers_mark_stays(
    place: Place, monkeypatch: pytest.MonkeyPatch, batch: bool
) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    place.grade_all()
    place.mark_case("s001", 17.0, "很好")
    place.grade_all()
    with place.sessions() as session:
        release_quiz(session, "quiz-1", place.now)
    publish(place, "q01", "A")
    saved = correct(place, "q01", {"version": 2})
    told = {one["login"]: (one["before"], one["after"]) for one in saved["changes"]}
    assert told == {"s001": (15, 0), "v001": (0, 15)}
    assert auto(place, "s001", "q01") == 15
    if batch:
        monkeypatch.setenv("LAWLAB_DATA", str(place.settings.data))
        command.grade("quiz-1", again=True)
    place.grade_all()
    assert (auto(place, "s001", "q01"), auto(place, "v001", "q01")) == (0, 15)
    grade = place.released_grades()["s001"]
    assert (grade.score, grade.slots["q07"]["points"]) == (82.0, 17.0)
    with place.sessions() as session:
        state = quiz_state(session, place.people["s001"], "quiz-1", place.now)
    first = state["result"]["slots"][0]
    assert (state["result"]["score"], first["points"], first["corrected"]) == (
        82,
        0,
        {"version": 2},
    )
    correct(place, "q01", {})
    place.grade_all()
    assert place.released_grades()["s001"].score == 97.0


def test_full_points_reach_whoever_gave_no_answer(place: Place) -> None:
    place.sit("v001", place.mixed)
    place.grade_all()
    before = place.released_grades()["v001"].score
    correct(place, "q06", {"full": True})
    place.grade_all()
    assert auto(place, "v001", "q06") == 10
    assert place.released_grades()["v001"].score == before + 10


def test_a_key_corrected_while_the_hand_in_is_graded_is_not_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.sit("s001", place.good)
    publish(place, "q01", "A")
    original = worker.hand_in_of

    def late(session: Session, sitting: int) -> submission.HandIn:
        given = original(session, sitting)
        monkeypatch.setattr(worker, "hand_in_of", original)
        correct(place, "q01", {"version": 2})
        return given

    monkeypatch.setattr(worker, "hand_in_of", late)
    place.grade_all()
    assert auto(place, "s001", "q01") == 0
    assert place.released_grades()["s001"].score == 65.0


OWN = """
title = "各人各卷"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 3
mode = "drawn"
[[section]]
type = "single"
count = 1
points = 40
[[section]]
type = "judge"
count = 2
points = 30
"""


def test_papers_of_ones_own_follow_too(place: Place) -> None:
    with place.sessions() as session:
        build_quiz_text(session, "own.toml", OWN, place.now)
    open_assignment(place.sessions, place.settings, "own", place.now)
    with place.sessions() as session:
        for person in place.people.values():
            start_sitting(session, person, "own", place.now)
            hand_in(session, person, "own", place.now)
        papers = {one.person.login: one.paper for one in session.scalars(select(Sitting))}
    place.grade_all()
    item = papers["s001"][1]["item"]
    holders = {login for login, paper in papers.items() if item in {s["item"] for s in paper}}
    with place.sessions() as session:
        saved = save(session, "t01", "own", item, {"full": True}, "题干有歧义", place.now)
    assert {one["login"] for one in saved["changes"]} == holders
    place.grade_all()
    found = place.released_grades()
    assert {login: grade.score for login, grade in found.items()} == {
        login: 30.0 if login in holders else 0.0 for login in papers
    }


def test_keys_are_written_only_when_they_differ(place: Place) -> None:
    file = keys_file(place.course, "quiz-1")
    before = file.stat()
    place.sit("s001", place.good)
    place.grade_all()
    assert file.stat().st_ino == before.st_ino
    correct(place, "q01", {"full": True})
    place.grade_all()
    assert json.loads(file.read_text("utf-8"))["papers"]["*"]["q01"]["full"] is True
    file.write_text("{", "utf-8")
    correct(place, "q01", {})
    place.grade_all()
    assert "full" not in json.loads(file.read_text("utf-8"))["papers"]["*"]["q01"]
    assert place.released_grades()["s001"].score == 80.0
