"""Trainers' marks from the desk in nbgrader's own gradebook: once, whenever they were given, and
never over what somebody changed in formgrader.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from lawlab.cli import quiz as command
from lawlab.grading import manual_marks, submission, worker
from lawlab.grading.config import course_config
from lawlab.grading.slot import keys_file
from lawlab.services.jobs import ask, release_leases
from lawlab.services.marking_desk import Save, answers, save_mark
from lawlab.services.quiz_papers import ask_grading
from lawlab.services.quizzes import start_sitting
from lawlab.store.tables import Job, ManualMark, Sitting

Place = Any
SHORT = {"q07": {"text": "先挂断，再报警。"}}


def case(place: Place) -> str:
    item: str = place.paper().questions["q07"].id
    return item


def mark(place: Place, *rubric: float, comment: str = "", revision: int = 0) -> None:
    """What the marking page does with the one written answer."""
    with place.sessions() as session:
        listed = answers(session, "t01", "quiz-1", case(place), place.now)["answers"]
        [code] = [one["code"] for one in listed if one["state"] != "blank"]
        given = Save(revision, rubric, comment)
        save_mark(session, "t01", "quiz-1", case(place), code, given, place.now)


def on_desk(place: Place) -> dict[str, Any]:
    with place.sessions() as session:
        [one] = answers(session, "t01", "quiz-1", case(place), place.now)["answers"]
        return dict(one)


def in_gradebook(place: Place) -> tuple[float | None, bool, str | None]:
    with Gradebook(place.gradebook, "law2022") as gradebook:
        grade = gradebook.find_grade("q07", "quiz-1", "quiz-1", "s001")
        comment = gradebook.find_comment("q07", "quiz-1", "quiz-1", "s001")
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment


def in_formgrader(place: Place) -> tuple[float, bool]:
    """What formgrader's list of submissions says."""
    shown = NbGraderAPI(config=course_config(place.settings)).get_submission("quiz-1", "s001")
    return shown["score"], shown["needs_manual_grade"]


def grade_again(place: Place) -> None:
    with place.sessions() as session:
        ask_grading(session, "quiz-1", place.now, again=True)
    place.grade_all()


def job_states(place: Place) -> dict[str, str]:
    with place.sessions() as session:
        return {job.kind: job.state for job in session.scalars(select(Job))}


def test_a_mark_lands_in_the_gradebook_that_formgrader_shows(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    assert in_formgrader(place) == (80.0, True)
    mark(place, 12, 3.5, comment="没有说到冻结")
    place.grade_all()
    assert in_gradebook(place) == (15.5, False, "没有说到冻结")
    assert in_formgrader(place) == (95.5, False)
    grade = place.released_grades()["s001"]
    assert (grade.score, grade.needs_manual) == (95.5, False)
    assert grade.slots["q07"] == {"points": 15.5, "max_points": 20.0, "comment": "没有说到冻结"}
    assert job_states(place) == {"hand_in": "done", "mark": "done"}
    assert on_desk(place)["elsewhere"] is None


def test_a_changed_mark_follows(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 8, comment="好")
    place.grade_all()
    mark(place, 12, 0, revision=1)
    place.grade_all()
    assert in_gradebook(place) == (12.0, False, None)
    assert place.released_grades()["s001"].score == 92.0


@pytest.mark.parametrize("batch", [False, True])
def test_a_mark_given_before_the_grading_comes_with_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, batch: bool
) -> None:
    place.sit("s001", place.good)
    mark(place, 12, 8)
    with place.sessions() as session:
        # The mark's job is the first to run: there is no submission yet.
        session.scalars(select(Job).where(Job.kind == "hand_in")).one().state = "failed"
        session.commit()
    place.grade_all()
    assert job_states(place) == {"hand_in": "failed", "mark": "done"}
    assert place.snapshot() == {}
    if batch:
        monkeypatch.setenv("LAWLAB_DATA", str(place.settings.data))
        command.grade("quiz-1")
    else:
        grade_again(place)
    assert in_gradebook(place) == (20.0, False, None)
    assert place.released_grades()["s001"].score == 100.0


def test_what_stock_nbgrader_grades_gets_its_mark_too(place: Place) -> None:
    file = place.course / "release" / "quiz-1" / "quiz-1.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("1"))
    nbformat.write(notebook, file)
    place.sit("s001", SHORT)
    mark(place, 0, 8, comment="只说了一半")
    place.grade_all()
    assert in_gradebook(place) == (8.0, False, "只说了一半")
    grade_again(place)
    assert in_gradebook(place) == (8.0, False, "只说了一半")


def test_grading_again_keeps_marks_of_both_kinds(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 8, comment="好")
    place.grade_all()
    before = place.snapshot()
    grade_again(place)
    assert place.snapshot() == before
    monkeypatch.setenv("LAWLAB_DATA", str(place.settings.data))
    command.grade("quiz-1", again=True)
    assert place.snapshot() == before
    assert place.released_grades()["s001"].score == 100.0


def test_a_later_mark_in_formgrader_wins_until_somebody_marks_here_again(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 8, comment="好")
    place.grade_all()
    place.mark_case("s001", 5.0, "更正")
    place.grade_all()
    assert on_desk(place)["elsewhere"] == 5.0
    grade_again(place)
    assert in_gradebook(place) == (5.0, False, "更正")
    with place.sessions() as session:
        job = session.scalars(select(Job).where(Job.kind == "mark")).one()
        job.state = "waiting"
        session.commit()
    place.grade_all()
    assert in_gradebook(place) == (5.0, False, "更正")
    mark(place, 12, 0, comment="再看一遍", revision=1)
    place.grade_all()
    assert in_gradebook(place) == (12.0, False, "再看一遍")
    assert on_desk(place)["elsewhere"] is None


def test_a_mark_taken_back_in_formgrader_is_given_again_by_the_next_grading(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 8)
    place.grade_all()
    with Gradebook(place.gradebook, "law2022") as gradebook:
        grade = gradebook.find_grade("q07", "quiz-1", "quiz-1", "s001")
        grade.manual_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()
    grade_again(place)
    assert in_gradebook(place) == (20.0, False, None)


def test_another_attempt_does_not_inherit_the_mark(place: Place) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 8)
    with place.sessions() as session:
        session.scalars(select(Sitting)).one().counts = False
        second = Sitting(assignment="quiz-1", person_id=place.people["s001"], attempt=2)
        second.started_at = second.deadline = second.handed_in_at = place.now
        second.responses = SHORT
        session.add(second)
        session.flush()
        ask(session, "hand_in", str(second.id), place.now)
        session.commit()
    place.grade_all()
    assert in_gradebook(place) == (None, True, None)
    mark(place, 0, 8)
    place.grade_all()
    assert in_gradebook(place) == (8.0, False, None)


def test_what_is_taken_off_for_lateness_grows_with_the_mark(place: Place) -> None:
    file = keys_file(place.course, "quiz-1")
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"late_points": 10}), "utf-8")
    with Gradebook(place.gradebook, "law2022") as gradebook:
        gradebook.find_assignment("quiz-1").duedate = datetime(2022, 12, 5)  # noqa: DTZ001
        gradebook.db.commit()
    place.sit("s001", SHORT)
    place.grade_all()
    assert in_formgrader(place) == (0.0, True)
    mark(place, 12, 0)
    place.grade_all()
    with Gradebook(place.gradebook, "law2022") as gradebook:
        notebook = gradebook.find_submission_notebook("quiz-1", "quiz-1", "s001")
        assert notebook.late_submission_penalty == 10.0
    assert place.released_grades()["s001"].score == 2.0


POINTS: dict[str, tuple[Any, str, bool]] = {
    # point: module, attribute, before (True) or after it
    "claimed": (manual_marks, "newest_marks", True),
    "not-written": (manual_marks, "apply_marks", True),
    "written": (manual_marks, "apply_marks", False),
    "brought-back": (manual_marks, "bring_back", False),
    "finished": (manual_marks, "finish_marking", False),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_grader_killed_while_it_writes_a_mark_ends_in_the_same_gradebook(
    place: Place, point: str
) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 3.5, comment="好")
    child = os.fork()
    if child == 0:
        _die_at(*POINTS[point])
        place.sessions.kw["bind"].dispose(close=False)
        place.grade_all()
        os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with place.sessions() as session:
        release_leases(session)
    place.grade_all()
    assert in_gradebook(place) == (15.5, False, "好")
    assert place.released_grades()["s001"].score == 95.5
    assert job_states(place)["mark"] == "done"
    before = place.snapshot()
    grade_again(place)
    assert place.snapshot() == before


def _die_at(module: Any, name: str, before: bool) -> None:
    original: Callable[..., Any] = getattr(module, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        if not before:
            original(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, wrapped)


def test_a_mark_given_while_an_older_one_is_written_is_not_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.sit("s001", place.good)
    place.grade_all()
    mark(place, 12, 8)
    original = manual_marks.apply_marks

    def slow(*args: Any) -> None:
        original(*args)
        monkeypatch.setattr(manual_marks, "apply_marks", original)
        mark(place, 0, 8, revision=1)

    monkeypatch.setattr(manual_marks, "apply_marks", slow)
    place.grade_all()
    assert in_gradebook(place) == (8.0, False, None)
    assert job_states(place)["mark"] == "done"


def test_a_mark_given_while_the_hand_in_is_graded_is_not_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.sit("s001", place.good)
    original = worker.hand_in_of

    def late(session: Session, sitting: int) -> submission.HandIn:
        given = original(session, sitting)
        monkeypatch.setattr(worker, "hand_in_of", original)
        mark(place, 12, 0)
        with place.sessions() as other:
            # Another grader found nothing to write it to.
            other.scalars(select(Job).where(Job.kind == "mark")).one().state = "done"
            other.commit()
        return given

    monkeypatch.setattr(worker, "hand_in_of", late)
    place.grade_all()
    assert in_gradebook(place) == (12.0, False, None)


def test_a_hand_in_asks_once_for_marks_and_only_when_something_was_written(place: Place) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    asked: list[str] = []
    engine = place.sessions.kw["bind"]
    event.listen(
        engine, "before_cursor_execute", lambda *given: asked.append(given[2]), named=False
    )
    for sitting, times in ((1, 1), (2, 0)):
        asked.clear()
        with place.sessions() as session:
            given = submission.hand_in_of(session, sitting)
        assert sum("manual_marks" in one for one in asked) == times
        assert given.marks == ()


def test_someone_who_is_answering_has_no_mark(place: Place) -> None:
    with place.sessions() as session:
        start_sitting(session, place.people["s001"], "quiz-1", place.now)
        assert answers(session, "t01", "quiz-1", case(place), place.now)["answers"] == []
        assert session.scalars(select(ManualMark)).all() == []
