"""Grading without a kernel gives what stock nbgrader gives, and refuses what it does not know."""

from __future__ import annotations

import copy
import json
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from lawlab.config import Settings
from lawlab.domain.question import Question, QuestionType
from lawlab.grading.batch import Outcome, batch
from lawlab.grading.build import open_assignment
from lawlab.grading.config import configure_private_kernel, course_config
from lawlab.grading.course import locked
from lawlab.grading.direct import Marked, NeedsKernel, mark_notebook
from lawlab.grading.slot import read_keys
from lawlab.grading.submission import HandIn, read_source_once, submit
from lawlab.services.quiz_building import build_quiz
from lawlab.store.tables import ItemVersion

Place = Any
ADDED = "import time"
TEXTS = ("应当报警。", "```\n</pre>$x$\n# q01 = 1", "“先”冻结\r\n")


def random_responses(chance: random.Random) -> dict[str, Any]:
    """Right, wrong, partly right and missing answers to the quiz of the fixture."""
    found: dict[str, Any] = {}
    for slot in ("q01", "q02"):
        found[slot] = {"chosen": [chance.choice("ABCD")]}
    for slot in ("q03", "q04"):
        found[slot] = {"chosen": chance.sample("ABCD", chance.randint(1, 4))}
    for slot in ("q05", "q06"):
        found[slot] = {"chosen": [chance.choice("对错")]}
    found["q07"] = {
        "text": chance.choice(["应当报警。", "```\n</pre>$x$\n# q01 = 1", "“先”冻结\r\n"])
    }
    return {slot: given for slot, given in found.items() if chance.random() < 0.8}


def hand_ins(place: Place, count: int) -> list[HandIn]:
    chance = random.Random(4)
    return [
        HandIn(
            "quiz-1",
            f"u{n:03}",
            f"学员{n:03}",
            place.now + timedelta(minutes=n),
            random_responses(chance),
        )
        for n in range(count)
    ]


def grade(place: Place, given: list[HandIn], workers: int = 2) -> list[Outcome]:
    with batch(place.settings, workers) as graders:
        return graders.grade(given, lambda _: None)


def stock_grade(settings: Settings, assignment: str = "quiz-1") -> None:
    """nbgrader's own steps, one kernel a notebook, over everything that was submitted."""
    config = course_config(settings)
    config.CourseDirectory.assignment_id = assignment
    config.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default_args[0]
    configure_private_kernel(config, settings)
    autograde = Autograde(coursedir=CourseDirectory(config=config), config=config)
    autograde.force = True
    autograde.start()


def graded_cells(course: Path, login: str) -> list[tuple[Any, ...]]:
    file = course / "autograded" / login / "quiz-1" / "quiz-1.ipynb"
    notebook = nbformat.read(file, as_version=4)
    return [
        (cell.cell_type, cell.source, facts, cell.get("execution_count"), outputs)
        for cell in notebook.cells
        # When a kernel began and ended is nothing that could be equal.
        for facts in [{name: fact for name, fact in cell.metadata.items() if name != "execution"}]
        for outputs in [json.dumps(cell.get("outputs"), sort_keys=True)]
    ]


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_every_cell_is_as_stock_nbgrader_grades_it(place: Place, tmp_path: Path) -> None:
    given = hand_ins(place, 8)
    outcomes = grade(place, given)
    assert sorted(one.given.login for one in outcomes) == [one.login for one in given]
    assert not [one for one in outcomes if one.fault or one.kernel]
    ours = place.snapshot()
    logins = [one.login for one in given]
    cells = {login: graded_cells(place.course, login) for login in logins}
    folders = [sorted(p.name for p in (place.course / "autograded").rglob("*"))]

    shutil.rmtree(place.course / "autograded")
    with Gradebook(place.gradebook, "law2022") as gradebook:
        for login in logins:
            gradebook.remove_submission("quiz-1", login)
    assert place.snapshot() == {}
    stock_grade(place.settings)
    assert place.snapshot() == ours
    for login in logins:
        for stock, our in zip(graded_cells(place.course, login), cells[login], strict=True):
            assert our == stock
    assert [sorted(p.name for p in (place.course / "autograded").rglob("*"))] == folders
    assert sum(len(one["grades"]) for one in ours.values()) == 8 * 7


WRITTEN = """
title = "填空和排序"
bank = "written"
minutes = 30
pass_mark = 60
seed = 7
[[section]]
type = "fill"
count = 1
points = 50
[[section]]
type = "order"
count = 1
points = 50
"""


@pytest.fixture
def written(place: Place, tmp_path: Path) -> str:
    """An opened quiz with two blanks and four steps."""
    common: dict[str, Any] = {"explanation": "", "articles": (), "evidence": "", "difficulty": 1}
    questions = [
        Question(
            id="wrt-001",
            type=QuestionType.FILL,
            stem="最短____，最长____。",
            options={},
            answer="六个月；三年",
            blanks=(("六个月", "6个月"), ("三年",)),
            **common,
        ),
        Question(
            id="wrt-002",
            type=QuestionType.ORDER,
            stem="怎样排？",
            options=dict(zip("ABCD", "甲乙丙丁", strict=True)),
            answer="DACB",
            **common,
        ),
    ]
    file = tmp_path / "written.toml"
    file.write_text(WRITTEN, "utf-8")
    with place.sessions() as session:
        for question in questions:
            session.add(
                ItemVersion(
                    item=question.id,
                    version=1,
                    bank="written",
                    type=question.type.value,
                    body=question.to_json(),
                    sha256="",
                    article_prints={},
                    published_at=place.now,
                )
            )
        session.commit()
        build_quiz(session, file, place.now)
    open_assignment(place.sessions, place.settings, "written", place.now)
    return "written"


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_blanks_and_orders_are_marked_as_stock_nbgrader_runs_them(
    place: Place, written: str
) -> None:
    responses: dict[str, Any] = {
        "right": {"q01": {"filled": ["６ 个月", "三年"]}, "q02": {"chosen": list("DACB")}},
        "half": {"q01": {"filled": ["", "三年"]}, "q02": {"chosen": list("ABCD")}},
        "none": {},
    }
    given = [HandIn(written, login, login, place.now, one) for login, one in responses.items()]
    assert [one.fault + one.kernel for one in grade(place, given)] == ["", "", ""]

    def scores() -> dict[str, list[float]]:
        with Gradebook(place.gradebook, "law2022") as gradebook:
            return {
                one.student.id: sorted(grade.auto_score for grade in one.notebooks[0].grades)
                for one in gradebook.assignment_submissions(written)
            }

    assert scores() == {"right": [50, 50], "half": [0, 25], "none": [0, 0]}
    with Gradebook(place.gradebook, "law2022") as gradebook:
        for login in responses:
            gradebook.remove_submission(written, login)
    stock_grade(place.settings, written)
    assert scores() == {"right": [50, 50], "half": [0, 25], "none": [0, 0]}


def test_a_mark_is_asked_for_again_only_when_the_answer_has_changed(place: Place) -> None:
    [given] = hand_ins(place, 1)
    first = HandIn(**{**vars(given), "responses": {**place.good}})
    assert grade(place, [first]) == [Outcome(first)]
    place.mark_case("u000", 17.5, "要点齐全")
    before = place.snapshot()
    grade(place, [first])
    assert place.snapshot() == before
    changed = {**place.good, "q01": {"chosen": ["A"]}}
    grade(place, [HandIn(**{**vars(first), "responses": changed})])
    assert ("q07", None, 17.5, False) in place.snapshot()["u000"]["grades"]
    changed["q07"] = {"text": "另一个回答"}
    grade(place, [HandIn(**{**vars(first), "responses": changed})])
    assert ("q07", None, None, True) in place.snapshot()["u000"]["grades"]
    assert ("q07", None, "要点齐全") in place.snapshot()["u000"]["comments"]


def test_the_course_is_free_between_two_rounds_of_the_same_workers(place: Place) -> None:
    one, other = hand_ins(place, 2)
    with batch(place.settings, 2) as graders:
        graders.grade([one], lambda _: None)
        with locked(place.settings.data / "grading" / "course.lock", wait=False):
            pass
        graders.grade([other], lambda _: None)
    assert set(place.snapshot()) == {"u000", "u001"}


def test_a_killed_worker_stops_nothing(place: Place) -> None:
    given = hand_ins(place, 4)
    with batch(place.settings, 2) as graders:
        for worker in psutil.Process().children():
            worker.kill()
        first = graders.grade(given[:2], lambda _: None)
        second = graders.grade(given[2:], lambda _: None)
    assert [one.fault for one in (*first, *second)] == [""] * 4
    assert len(place.snapshot()) == 4


def test_one_bad_submission_is_reported_and_the_others_are_graded(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = hand_ins(place, 3)
    bad = HandIn(**{**vars(given[1]), "responses": {"q01": {"chosen": 3}}})
    outcomes = {one.given.login: one for one in grade(place, [given[0], bad, given[2]])}
    assert {login: one.fault[:9] for login, one in outcomes.items()} == {
        "u000": "",
        "u001": "TypeError",
        "u002": "",
    }
    assert set(place.snapshot()) == {"u000", "u002"}
    assert grade(place, [given[1]])[0].fault == ""
    assert set(place.snapshot()) == {"u000", "u001", "u002"}


def test_code_of_its_own_is_graded_by_stock_nbgrader_which_is_said(place: Place) -> None:
    file = place.course / "release" / "quiz-1" / "quiz-1.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(ADDED))
    nbformat.write(notebook, file)
    [given] = hand_ins(place, 1)
    [outcome] = grade(place, [given])
    assert outcome.fault == ""
    assert "多出来的代码格" in outcome.kernel
    assert len(place.snapshot()["u000"]["grades"]) == 7


def _submitted(place: Place) -> Any:
    [given] = hand_ins(place, 1)
    given = HandIn(**{**vars(given), "responses": place.good})
    submit(place.settings, given)
    file = place.course / "submitted" / "u000" / "quiz-1" / "quiz-1.ipynb"
    return nbformat.read(file, as_version=4)


def _name(cell: Any) -> str | None:
    name: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name


def _mark(place: Place, notebook: Any) -> Marked:
    source = read_source_once(place.settings, "quiz-1")
    keys = read_keys(place.settings.nbgrader_course, "quiz-1", "u000")
    return mark_notebook(source, keys, "u000", notebook)


@pytest.mark.parametrize(
    "source",
    [
        "q01 = __import__('os').getcwd()",
        "q01 = ['B']\nimport os",
        "q02 = ['B']",
        "q01 = [1]",
        "q01 = 'B'",
        "q01 = [",
        "q01 = " + "[" * 500 + "]" * 500,
        "",
    ],
)
def test_an_answer_that_is_more_than_an_answer_needs_a_kernel(place: Place, source: str) -> None:
    notebook = _submitted(place)
    assert _mark(place, notebook).grades["q01"] == 15
    [cell] = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "q01-answer"
    ]
    cell.source = source
    with pytest.raises(NeedsKernel):
        _mark(place, notebook)


def test_cells_that_are_missing_doubled_moved_or_changed_need_a_kernel(place: Place) -> None:
    whole = _submitted(place)
    named = [n for n, c in enumerate(whole.cells) if "nbgrader" in c.metadata]
    for at in named:
        for change in ("missing", "doubled", "type", "flag"):
            notebook = copy.deepcopy(whole)
            cell = notebook.cells[at]
            if change == "missing":
                del notebook.cells[at]
            elif change == "doubled":
                notebook.cells.insert(at, cell)
            elif change == "type":
                cell.cell_type = "markdown" if cell.cell_type == "code" else "code"
            else:
                cell.metadata.nbgrader["grade"] = not cell.metadata.nbgrader["grade"]
            with pytest.raises(NeedsKernel):
                _mark(place, notebook)


def test_what_a_learner_must_not_change_is_restored(place: Place) -> None:
    notebook = _submitted(place)
    honest = _mark(place, _submitted(place))
    for cell in notebook.cells:
        facts = cell.metadata.get("nbgrader", {})
        if facts.get("locked"):
            cell.source = "print(100)"
        if facts.get("grade"):
            facts["points"] = 1000
    assert _mark(place, notebook) == honest
