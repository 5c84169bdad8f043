"""Papers of one's own, lateness and attempts, through real nbgrader into its gradebook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeAlias

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select

from lawlab.grading.build import open_assignment
from lawlab.grading.config import configure_private_kernel, course_config
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.quiz_pages import quiz_state
from lawlab.services.quiz_papers import release_quiz
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.store.quizzes import paper_questions
from lawlab.store.tables import Answer, Grade, ItemVersion, Sitting

# The fixture's class stands in conftest.py, which no module can import.
Place: TypeAlias = Any
MINUTE = timedelta(minutes=1)
BLUEPRINT = """
title = "各人各卷"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 3
{rules}
[[section]]
type = "single"
count = 2
points = 20
[[section]]
type = "judge"
count = 2
points = 20
[[section]]
type = "case"
count = 1
points = 20
"""
NO_CASE = BLUEPRINT.replace('type = "case"\ncount = 1', 'type = "multiple"\ncount = 1')


def set_up(place: Place, rules: str, text: str = BLUEPRINT) -> None:
    with place.sessions() as session:
        build_quiz_text(session, "own.toml", text.format(rules=rules), place.now)
    open_assignment(place.sessions, place.settings, "own", place.now)


def sit(place: Place, login: str, right: int, minute: int = 0) -> dict[str, Any]:
    """Start, answer with the first `right` questions right, hand in two minutes later."""
    at, person = place.now + minute * MINUTE, place.people[login]
    with place.sessions() as session:
        start_sitting(session, person, "own", at)
        slots = quiz_state(session, person, "own", at)["slots"]
        paper = [{"slot": s["slot"], "item": s["question"]["id"], "version": 1} for s in slots]
        questions = paper_questions(session, paper)
        for n, slot in enumerate(slots):
            question = questions[slot["slot"]]
            chosen = list(question.answer) if n < right else ["A"] if question.options else ["对"]
            version = session.scalars(
                select(ItemVersion).where(ItemVersion.item == question.id)
            ).one()
            session.add(
                Answer(
                    key=f"{login}-{minute}-{n}",
                    person_id=person,
                    item_version_id=version.id,
                    place="quiz:own",
                    response={"text": "我的回答"} if question.manual else {"chosen": chosen},
                    received_at=at + MINUTE,
                )
            )
        session.commit()
        return hand_in(session, person, "own", at + 2 * MINUTE)


def auto_scores(place: Place) -> dict[str, dict[str, float | None]]:
    with Gradebook(place.gradebook, "law2022") as gradebook:
        return {
            one.student.id: {grade.name: grade.auto_score for grade in one.notebooks[0].grades}
            for one in gradebook.assignment_submissions("own")
        }


def grades(place: Place) -> list[Grade]:
    with place.sessions() as session:
        query = select(Grade).join(Sitting).where(Sitting.assignment == "own", Sitting.counts)
        return list(session.scalars(query.order_by(Sitting.person_id)))


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_each_own_paper_is_marked_by_its_own_keys_as_stock_nbgrader_does(place: Place) -> None:
    set_up(place, 'mode = "drawn"')
    released = nbformat.read(place.course / "release" / "own" / "own.ipynb", as_version=4)
    assert not [cell for cell in released.cells if "题干" in cell.source]
    sit(place, "s001", 4)
    sit(place, "v001", 2)
    with place.sessions() as session:
        papers = [one.paper for one in session.scalars(select(Sitting).order_by(Sitting.id))]
    assert [s["item"] for s in papers[0]] != [s["item"] for s in papers[1]]
    place.grade_all()
    ours = auto_scores(place)
    assert ours["s001"] == {"q01": 20, "q02": 20, "q03": 20, "q04": 20, "q05": None}
    assert [ours["v001"][slot] for slot in ("q01", "q02")] == [20, 20]
    first = grades(place)[0]
    assert (first.score, first.needs_manual) == (80.0, True)
    for login, paper in zip(("s001", "v001"), papers, strict=True):
        file = place.course / "submitted" / login / "own" / "own.ipynb"
        submitted = file.read_text("utf-8")
        for slot in paper:
            kind, _, n = slot["item"].partition("-")
            assert f"题干 {kind} {n}" in submitted
        assert not [secret for secret in place.secrets if secret in submitted]
    # Stock nbgrader, a kernel each, comes to the same.
    with Gradebook(place.gradebook, "law2022") as gradebook:
        for login in ours:
            gradebook.remove_submission("own", login)
    config = course_config(place.settings)
    config.CourseDirectory.assignment_id = "own"
    config.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default_args[0]
    configure_private_kernel(config, place.settings)
    stock = Autograde(coursedir=CourseDirectory(config=config), config=config)
    stock.force = True
    stock.start()
    assert auto_scores(place) == ours


def test_handing_in_late_costs_the_points_that_the_blueprint_says(place: Place) -> None:
    closes = place.now + 10 * MINUTE
    rules = f"closes_at = {closes.isoformat()}\nlate_minutes = 60\nlate_points = 15"
    set_up(place, rules, NO_CASE)
    sit(place, "s001", 4)
    sit(place, "v001", 4, minute=9)
    place.grade_all()
    in_time, late = grades(place)
    assert (in_time.score, in_time.late_penalty) == (80.0, 0.0)
    assert (late.score, late.late_penalty) == (65.0, 15.0)
    with Gradebook(place.gradebook, "law2022") as gradebook:
        submission = gradebook.find_submission("own", "v001")
        assert (submission.score, submission.late_submission_penalty) == (80.0, 15.0)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [("attempts = 2", 20.0), ('attempts = 2\ncounting = "best"', 80.0)],
    ids=["last", "best"],
)
def test_the_gradebook_holds_the_attempt_that_counts(
    place: Place, rules: str, expected: float
) -> None:
    set_up(place, f'mode = "drawn"\n{rules}', NO_CASE)
    first = sit(place, "s001", 4)
    place.grade_all()
    second = sit(place, "s001", 1, minute=5)
    place.grade_all()
    assert first["receipt"] != second["receipt"]
    [grade] = grades(place)
    assert grade.score == expected
    inbound = place.settings.data / "exchange" / "root" / "law2022" / "inbound"
    assert len(list(inbound.glob("s001+own+*"))) == 1
    with Gradebook(place.gradebook, "law2022") as gradebook:
        assert gradebook.find_submission("own", "s001").score == expected
    with place.sessions() as session:
        release_quiz(session, "own", place.now + 60 * MINUTE, force=True)
        state = quiz_state(session, place.people["s001"], "own", place.now + 60 * MINUTE)
    assert state["result"]["score"] == expected
    assert [one["counts"] for one in state["attempts"]] == [expected == 80.0, expected == 20.0]


def test_a_mock_exam_never_reaches_nbgrader(place: Place) -> None:
    set_up(place, "mock = true")
    sit(place, "s001", 4)
    place.grade_all()
    assert grades(place) == []
    assert not (place.course / "release" / "own").exists()
    with Gradebook(place.gradebook, "law2022") as gradebook:
        assert [one.name for one in gradebook.assignments] == ["quiz-1"]


def test_formgraders_own_autograde_keeps_the_penalty(place: Place) -> None:
    closes = place.now + 10 * MINUTE
    rules = f"closes_at = {closes.isoformat()}\nlate_minutes = 60\nlate_points = 15"
    set_up(place, rules, NO_CASE)
    sit(place, "v001", 4, minute=9)
    place.grade_all()
    config = course_config(place.settings)
    configure_private_kernel(config, place.settings)
    api = NbGraderAPI(CourseDirectory(config=config), Authenticator(config=config), config=config)
    assert api.autograde("own", "v001")["success"]
    place.grade_all()
    [grade] = grades(place)
    assert (grade.score, grade.late_penalty) == (65.0, 15.0)
