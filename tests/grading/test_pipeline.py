"""The whole way through real nbgrader: build, open, hand in, grade, bring back."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import select

from lawlab.domain.marking import mark
from lawlab.grading.submission import grade_hand_in, hand_in_of
from lawlab.services import jobs
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_pages import quiz_state
from lawlab.services.quiz_papers import ask_grading, ask_open, release_quiz
from lawlab.services.quizzes import start_sitting
from lawlab.store.tables import Job, Quiz, Score

Place = Any
BIN = Path(sys.executable).parent


def expected(place: Place, responses: dict[str, Any]) -> dict[str, float | None]:
    paper = place.paper()
    return {
        slot["slot"]: mark(
            paper.questions[slot["slot"]],
            responses.get(slot["slot"]),
            slot["points"],
            partial=paper.partial,
        ).points
        for slot in paper.slots
    }


def nbgrader(course: Path, *words: str) -> None:
    """The stock command in the course folder, as a trainer would type it."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LAWLAB_")
    }
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    subprocess.run(
        [str(BIN / "nbgrader"), *words],
        cwd=course,
        env=environment,
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_every_cell_equals_the_marking_rule_and_comes_back(place: Place) -> None:
    given = {"s001": place.good, "v001": place.mixed}
    for login, responses in given.items():
        place.sit(login, responses)
    place.grade_all()
    snapshot, brought = place.snapshot(), place.released_grades()
    assert set(snapshot) == set(brought) == set(given)
    for login, responses in given.items():
        points = expected(place, responses)
        cells = {name: auto for name, auto, _, _ in snapshot[login]["grades"]}
        assert cells == points
        back = {name: slot["points"] for name, slot in brought[login].slots.items()}
        assert back == points
        assert brought[login].max_score == 100
        assert brought[login].score == sum(one or 0 for one in points.values())
    assert [one.needs_manual for one in (brought["s001"], brought["v001"])] == [True, False]
    assert snapshot["s001"]["name"] == "干部001"
    assert snapshot["s001"]["at"] == "2022-12-05T02:02:00"
    assert brought["v001"].slots["q06"]["comment"] == "未作答"
    with place.sessions() as session:
        assert {job.state for job in session.scalars(select(Job))} == {"done"}
        assert session.scalars(select(Score)).all() == []  # boards wait for the release


def test_a_repeated_job_gives_the_same_gradebook_and_keeps_a_manual_mark(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    place.mark_case("s001", 17.5, "要点齐全")
    before = place.snapshot()
    with place.sessions() as session:
        assert ask_grading(session, "quiz-1", place.now, again=True) == {"1"}
    place.grade_all()
    assert place.snapshot() == before
    grade = place.released_grades()["s001"]
    assert (grade.score, grade.needs_manual) == (97.5, False)
    inbound = place.settings.data / "exchange" / "root" / "law2022" / "inbound"
    assert len(list(inbound.iterdir())) == 1


def test_a_mark_made_in_formgrader_comes_back_by_polling(place: Place) -> None:
    place.sit("s001", place.good)
    grader = place.grader()
    while grader.step():
        pass
    assert place.released_grades()["s001"].slots["q07"]["points"] is None
    place.mark_case("s001", 12.0, "没有说到冻结")
    assert grader.step() is False
    grade = place.released_grades()["s001"]
    assert grade.slots["q07"] == {"points": 12.0, "max_points": 20.0, "comment": "没有说到冻结"}
    assert (grade.score, grade.needs_manual) == (92.0, False)
    place.mark_case("s001", 20.0, "更正")
    grader.step()
    with place.sessions() as session:
        release_quiz(session, "quiz-1", place.now)
        assert session.scalars(select(Score.points)).one() == 100.0
    with place.sessions() as session:
        result = quiz_state(session, place.people["s001"], "quiz-1", place.now)["result"]
    assert (result["score"], result["passed"]) == (100.0, True)
    assert result["slots"][6]["comment"] == "更正"


def test_a_stock_nbgrader_grades_and_exports_the_course_folder(
    place: Place, tmp_path: Path
) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    place.grade_all()
    place.mark_case("s001", 12.0, "可以")
    before = place.snapshot()
    nbgrader(place.course, "autograde", "quiz-1", "--force")
    assert place.snapshot() == before
    table = tmp_path / "grades.csv"
    nbgrader(place.course, "export", f"--CsvExportPlugin.to={table}")
    with table.open(encoding="utf-8") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == {"s001": 92.0, "v001": 25.0}
    # Without our configuration too: the folder alone is enough.
    (place.course / "nbgrader_config.py").unlink()
    nbgrader(place.course, "autograde", "quiz-1", "--force")
    scores = {
        login: {name: (auto, manual) for name, auto, manual, _ in one["grades"]}
        for login, one in place.snapshot().items()
    }
    assert scores == {
        login: {name: (auto, manual) for name, auto, manual, _ in one["grades"]}
        for login, one in before.items()
    }
    place.grade_all()
    assert place.released_grades()["s001"].needs_manual is False


def test_no_key_leaves_before_the_release(place: Place) -> None:
    outside = [
        *place.course.joinpath("release").rglob("*"),
        *place.settings.data.joinpath("exchange", "root", "law2022", "outbound").rglob("*"),
    ]
    notebooks = [file for file in outside if file.suffix == ".ipynb"]
    assert len(notebooks) == 2
    for file in filter(Path.is_file, outside):
        text = file.read_text("utf-8")
        assert not [secret for secret in place.secrets if secret in text]
        assert "mark_slot" not in text
        assert '"错"' not in text
        assert '\\"B\\"' not in text
    place.sit("s001", place.good)
    place.grade_all()
    with place.sessions() as session:
        state = quiz_state(session, place.people["s001"], "quiz-1", place.now)
    assert not [secret for secret in place.secrets if secret in json.dumps(state)]
    # formgrader gets the rubric back in the graded copy.
    graded = place.course / "autograded" / "s001" / "quiz-1" / "quiz-1.ipynb"
    assert "要点甲" in graded.read_text("utf-8")


def test_the_source_marks_itself_full_and_the_blank_release_zero(place: Place) -> None:
    answers = {
        slot["slot"]: {"chosen": list(question.answer)}
        for slot in place.paper().slots
        if not (question := place.paper().questions[slot["slot"]]).manual
    }
    place.sit("s001", answers)
    place.sit("v001", {})
    place.grade_all()
    brought = place.released_grades()
    assert (brought["s001"].score, brought["v001"].score) == (80.0, 0.0)
    assert {slot["points"] for slot in brought["v001"].slots.values()} == {0.0}


def test_two_hand_ins_at_the_same_moment_are_two_submissions(place: Place) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.good)
    with place.sessions() as session:
        first, second = (hand_in_of(session, sitting) for sitting in (1, 2))
    assert first.handed_in_at == second.handed_in_at
    place.grade_all()
    snapshot = place.snapshot()
    assert snapshot["s001"]["grades"] == snapshot["v001"]["grades"]


def test_a_person_whose_time_is_over_is_graded_without_a_browser(place: Place) -> None:
    with place.sessions() as session:
        start_sitting(session, place.people["s001"], "quiz-1", place.now)
    place.answer("s001", place.mixed, place.now + timedelta(minutes=29))
    place.grade_all()  # the wall clock is long past the deadline
    assert place.released_grades()["s001"].score == 25.0


def test_a_job_opens_a_quiz(place: Place, tmp_path: Path) -> None:
    blueprint = tmp_path / "quiz-2.toml"
    blueprint.write_text(place.blueprint, "utf-8")
    with place.sessions() as session:
        build_quiz(session, blueprint, place.now)
        ask_open(session, "quiz-2", place.now)
    place.grade_all()
    with place.sessions() as session:
        assert session.get_one(Quiz, "quiz-2").state == "open"
    assert (place.course / "release" / "quiz-2" / "quiz-2.ipynb").exists()


def test_a_failing_job_says_why_and_does_not_stop_the_others(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    # A folder that cannot be removed: nbgrader fails for one learner only.
    (place.course / "autograded").mkdir()
    (place.course / "autograded" / "s001").write_text("in the way", "utf-8")
    place.grade_all()
    assert set(place.released_grades()) == {"v001"}
    with place.sessions() as session:
        job = session.scalars(select(Job).where(Job.subject == "1")).one()
        assert job.state == "waiting"
        assert "NotADirectoryError" in (job.error or "")
    assert any("任务 hand_in 1 第 1 次没有成功" in line for line in caplog.messages)
    (place.course / "autograded" / "s001").unlink()
    with place.sessions() as session:
        jobs.release_leases(session)
        ask_grading(session, "quiz-1", place.now)
    place.grade_all()
    assert place.released_grades()["s001"].score == 80.0


def test_half_a_copy_with_the_right_time_is_collected_again(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    before = place.snapshot()
    (place.course / "submitted" / "s001" / "quiz-1" / "quiz-1.ipynb").unlink()
    with place.sessions() as session:
        given = hand_in_of(session, 1)
    grade_hand_in(place.settings, given)
    assert place.snapshot() == before


def test_the_gradebook_knows_the_course(place: Place) -> None:
    with Gradebook(place.gradebook, "law2022") as gradebook:
        assignment = gradebook.find_assignment("quiz-1")
        assert assignment.course_id == "law2022"
        assert assignment.max_score == 100
