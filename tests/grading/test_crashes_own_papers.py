"""A grader killed in the midst of a second attempt on a paper of its own, or of a corrected key,
ends in the gradebook of one that nobody disturbed."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crashing import crash
from nbgrader.api import Gradebook
from sqlalchemy import select

from lawlab.config import Settings
from lawlab.grading import submission, worker
from lawlab.grading.build import open_assignment
from lawlab.grading.slot import keys_file
from lawlab.grading.worker import Grader
from lawlab.services.jobs import release_leases
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.quiz_pages import quiz_state
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.services.regrading import save
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.quizzes import paper_questions
from lawlab.store.tables import Answer, Grade, ItemVersion, Job, Person, Quiz, Sitting

NOW = datetime(2022, 12, 5, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DRAWN = """
title = "各人各卷"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 3
mode = "drawn"
attempts = 2
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
SECOND_ATTEMPT = (
    "claimed",
    "written-keys",
    "composed",
    "earlier-removed",
    "half-submitted",
    "submitted",
    "half-collected",
    "collected",
    "marked",
    "half-recorded",
    "recorded",
    "not-committed",
    "done",
)
CORRECTED = (
    "keys-unwritten",
    "keys-refreshed",
    "submitted",
    "marked",
    "recorded",
    "not-committed",
    "done",
)
CORRECTED_OWN = ("keys-refreshed", "written-keys", "collected", "recorded", "done")


@dataclass(frozen=True)
class Course:
    """An installation of its own in a data folder."""

    data: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", Settings(data=self.data))
        object.__setattr__(self, "engine", make_engine(self.settings.database))
        object.__setattr__(self, "sessions", make_sessions(self.engine))

    settings: Any = None
    engine: Any = None
    sessions: Any = None

    def grade_all(self) -> None:
        """What the next grader does: put back what the one before had claimed, and work."""
        with self.sessions() as session:
            release_leases(session)
        grader = Grader(self.sessions, self.settings)
        while grader.step():
            pass

    def sit(self, login: str, quiz: str, right: int, minute: int) -> None:
        """An attempt with the first `right` questions right."""
        at = NOW + minute * MINUTE
        with self.sessions() as session:
            person = session.scalars(select(Person.id).where(Person.login == login)).one()
            start_sitting(session, person, quiz, at)
            slots = quiz_state(session, person, quiz, at)["slots"]
            paper = [{"slot": s["slot"], "item": s["question"]["id"], "version": 1} for s in slots]
            for n, question in enumerate(paper_questions(session, paper).values()):
                wrong = "D" if question.options else "对"
                chosen = list(question.answer) if n < right else [wrong]
                given = Answer(key=f"{login}-{quiz}-{minute}-{n}", person_id=person)
                given.item_version_id = session.scalars(
                    select(ItemVersion.id).where(ItemVersion.item == question.id)
                ).one()
                given.place, given.received_at = f"quiz:{quiz}", at + MINUTE
                text = {"text": f"第 {minute} 分钟的回答"}
                given.response = text if question.manual else {"chosen": chosen}
                session.add(given)
            session.commit()
            hand_in(session, person, quiz, at + 2 * MINUTE)

    def correct(self, quiz: str, slot: str) -> None:
        """Full points for the question that s001 has in a slot of the attempt that counts."""
        with self.sessions() as session:
            paper = session.get_one(Quiz, quiz).paper
            for one in session.scalars(select(Sitting).where(Sitting.assignment == quiz)):
                if one.person.login == "s001" and one.counts:
                    paper = one.paper or paper
            [item] = [one["item"] for one in paper if one["slot"] == slot]
            assert save(session, "t01", quiz, item, {"full": True}, "题干有歧义", NOW)["saved"]

    def standing(self, quiz: str) -> dict[str, Any]:
        """All that must be as if nobody had been killed: gradebook, grades, files, queue."""
        with Gradebook(
            f"sqlite:///{self.settings.nbgrader_course}/gradebook.db", "law2022"
        ) as book:
            gradebook = {
                one.student.id: (
                    one.timestamp,
                    one.score,
                    [(g.name, g.auto_score, g.manual_score, g.needs_manual_grade) for g in grades],
                    [(c.name, c.auto_comment, c.manual_comment) for c in comments],
                )
                for one in book.assignment_submissions(quiz)
                for grades in [sorted(one.notebooks[0].grades, key=lambda grade: grade.name)]
                for comments in [sorted(one.notebooks[0].comments, key=lambda one: one.name)]
            }
        with self.sessions() as session:
            rows = session.execute(select(Grade, Sitting).join(Sitting).order_by(Sitting.id))
            grades = [
                (s.id, s.counts, s.auto_points, g.score, g.needs_manual, g.slots)
                for g, s in rows
                if s.assignment == quiz
            ]
            jobs = session.execute(select(Job.kind, Job.subject, Job.state).order_by(Job.id)).all()
        course, exchange = self.settings.nbgrader_course, self.data / "exchange" / "root"
        files = [keys_file(course, quiz), *sorted((course / "keys" / quiz).glob("*.json"))]
        for folder in ("submitted", "autograded"):
            files += sorted((course / folder).glob(f"*/{quiz}/{quiz}.ipynb"))
            files += sorted((course / folder).glob(f"*/{quiz}/timestamp.txt"))
        inbound = sorted(one.name for one in exchange.glob(f"*/inbound/*+{quiz}+*"))
        texts = {str(one.relative_to(course)): one.read_text("utf-8") for one in files}
        return {
            "gradebook": gradebook,
            "grades": grades,
            "jobs": jobs,
            "inbound": inbound,
            "files": texts,
        }

    def copy(self, data: Path) -> Course:
        self.engine.dispose()
        shutil.copytree(self.data, data)
        return Course(data)


@pytest.fixture(scope="module")
def seed(seed_place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Two learners have sat both quizzes and are graded; a trainer has marked a first attempt."""
    course = Course(seed_place).copy(tmp_path_factory.mktemp("seed") / "d")
    with course.sessions() as session:
        build_quiz_text(session, "own.toml", DRAWN, NOW)
    open_assignment(course.sessions, course.settings, "own", NOW)
    for quiz in ("own", "quiz-1"):
        course.sit("s001", quiz, 3, 0)
        course.sit("v001", quiz, 2, 0)
    course.grade_all()
    with Gradebook(f"sqlite:///{course.settings.nbgrader_course}/gradebook.db", "law2022") as book:
        grade = book.find_grade("q05", "own", "own", "s001")
        grade.manual_score, grade.needs_manual_grade = 13.0, False
        book.db.commit()
    course.grade_all()
    yield course
    course.engine.dispose()


@pytest.fixture(scope="module")
def twice(seed: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """The same with a second attempt of s001 that waits for the grader."""
    course = seed.copy(tmp_path_factory.mktemp("twice") / "d")
    course.sit("s001", "own", 1, 5)
    yield course
    course.engine.dispose()


@pytest.fixture(scope="module")
def undisturbed(
    seed: Course, twice: Course, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What stands after nobody was killed: a second attempt, a key corrected on the paper that all
    have, and one on papers of one's own."""
    found = {}
    for name, start, quiz in (
        ("second", twice, "own"),
        ("quiz-1", seed, "quiz-1"),
        ("own", seed, "own"),
    ):
        course = start.copy(tmp_path_factory.mktemp(name) / "d")
        before = course.standing(quiz)
        if name != "second":
            course.correct(quiz, "q05" if quiz == "quiz-1" else "q04")
        course.grade_all()
        found[name] = course.standing(quiz)
        assert found[name]["gradebook"]["s001"][1] != before["gradebook"]["s001"][1]
        course.engine.dispose()
    return found


@pytest.mark.parametrize("point", SECOND_ATTEMPT)
def test_killed_while_a_second_attempt_replaces_the_first(
    twice: Course, undisturbed: dict[str, Any], tmp_path: Path, point: str
) -> None:
    course = twice.copy(tmp_path / "d")
    assert crash(course.data, point) == -signal.SIGKILL
    course.grade_all()
    found = course.standing("own")
    assert found == undisturbed["second"]
    at, score, grades, _ = found["gradebook"]["s001"]
    # The second one's marks, and no trainer's mark of the first one's answer.
    assert (at.minute, score, grades[4]) == (7, 20.0, ("q05", None, None, True))
    assert [name.split("+")[0] for name in found["inbound"]] == ["s001", "v001"]
    assert {state for _, _, state in found["jobs"]} == {"done"}
    course.engine.dispose()


@pytest.mark.parametrize(
    ("quiz", "slot", "point"),
    [("quiz-1", "q05", point) for point in CORRECTED]
    + [("own", "q04", point) for point in CORRECTED_OWN],
)
def test_killed_while_a_corrected_key_is_followed(
    seed: Course, undisturbed: dict[str, Any], tmp_path: Path, quiz: str, slot: str, point: str
) -> None:
    course = seed.copy(tmp_path / "d")
    course.correct(quiz, slot)
    assert crash(course.data, point) == -signal.SIGKILL
    course.grade_all()
    assert course.standing(quiz) == undisturbed[quiz]
    course.engine.dispose()


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.mark.parametrize("ended", [False, True], ids=["before it is done", "when it is done"])
def test_a_key_corrected_while_the_grader_marks_and_is_then_killed_is_not_lost(
    seed: Course,
    undisturbed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ended: bool,
) -> None:
    course = seed.copy(tmp_path / "d")
    with course.sessions() as session:  # as `lawlab quiz grade --again` does
        for job in session.scalars(select(Job)):
            job.state = "waiting"
        session.commit()
    original, bring_back = worker.hand_in_of, worker.bring_back

    def late(*given: Any) -> submission.HandIn:
        found = original(*given)
        if found.assignment == "quiz-1":
            monkeypatch.setattr(worker, "hand_in_of", original)
            course.correct("quiz-1", "q05")
            monkeypatch.setattr(worker, "bring_back", killed)
        return found

    def killed(*given: Any, **named: Any) -> None:
        if ended:
            bring_back(*given, **named)
        raise Killed

    monkeypatch.setattr(worker, "hand_in_of", late)
    with pytest.raises(Killed):
        course.grade_all()
    monkeypatch.undo()
    course.grade_all()
    assert course.standing("quiz-1") == undisturbed["quiz-1"]
    course.engine.dispose()
