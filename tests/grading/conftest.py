"""A real installation in a temporary folder: bank, two learners, an opened quiz, nbgrader's course.

Kernels, exchange, gradebook and database are the real ones; the database is SQLite, because what is
tested here is nbgrader's side (`tests/services` runs on both).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.grading.build import open_assignment, write_source
from lawlab.grading.worker import Grader
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_papers import Paper, paper_of
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Answer, Grade, ItemVersion, Person, Sitting

BLUEPRINT = """
title = "小测验 *一*"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 7
partial = true
[[section]]
type = "single"
count = 2
points = 15
[[section]]
type = "multiple"
count = 2
points = 15
[[section]]
type = "judge"
count = 2
points = 10
[[section]]
type = "case"
count = 1
points = 20
"""


def make_question(type: QuestionType, n: int) -> Question:
    choice = type in (QuestionType.SINGLE, QuestionType.MULTIPLE)
    case = type is QuestionType.CASE
    return Question(
        id=f"{type}-{n}",
        type=type,
        stem=f"题干 {type} {n}：银行卡能借给别人吗？<b>$x$</b> [链接]（javascript:alert（1））",
        options={letter: f"选项{letter}之{n}" for letter in "ABCD"} if choice else {},
        answer={"single": "B", "multiple": "ACD", "judge": "错", "case": "参考答案全文"}[type],
        explanation="钥匙解析",
        articles=("反电信网络诈骗法#31",),
        evidence="",
        difficulty=2,
        rubric=(RubricPoint("要点甲", 12), RubricPoint("要点乙", 8)) if case else (),
        why_wrong={"A": "错在这里"} if choice else {},
    )


def add_bank(session: Session, now: datetime) -> None:
    for type in (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.JUDGE, QuestionType.CASE):
        for n in range(3):
            question = make_question(type, n)
            session.add(
                ItemVersion(
                    item=question.id,
                    version=1,
                    bank="atf",
                    type=type.value,
                    body=question.to_json(),
                    sha256="0" * 64,
                    article_prints={},
                    published_at=now,
                )
            )


def add_person(session: Session, login: str, full_name: str, now: datetime) -> int:
    person = Person(login=login, full_name=full_name, created_at=now)
    session.add(person)
    session.flush()
    return person.id


@dataclass
class Place:
    """One installation with an opened quiz `quiz-1` and two learners."""

    blueprint: ClassVar[str] = BLUEPRINT

    secrets: ClassVar[tuple[str, ...]] = (
        "钥匙解析",
        "参考答案全文",
        "要点甲",
        "要点乙",
        "错在这里",
    )
    """Texts that stand only in keys, explanations and rubrics."""

    good: ClassVar[dict[str, Any]] = {
        "q01": {"chosen": ["B"]},
        "q02": {"chosen": ["B"]},
        "q03": {"chosen": ["A", "C", "D"]},
        "q04": {"chosen": ["D", "C", "A"]},
        "q05": {"chosen": ["错"]},
        "q06": {"chosen": ["错"]},
        "q07": {"text": "应当先报警。\n\n<script>alert（1）</script>\n```\n</pre>$\\href{x}{y}$"},
    }
    """Everything right; the case answer is nasty on purpose."""

    mixed: ClassVar[dict[str, Any]] = {
        "q01": {"chosen": ["A"]},
        "q02": {"chosen": ["B"]},
        "q03": {"chosen": ["A", "C"]},
        "q04": {"chosen": ["A", "B"]},
        "q05": {"chosen": ["对"]},
    }
    """One wrong, two partly right, one missing, no case answer."""

    settings: Settings
    sessions: sessionmaker[Session]
    now: datetime
    people: dict[str, int]

    @property
    def course(self) -> Path:
        return self.settings.nbgrader_course

    @property
    def gradebook(self) -> str:
        return f"sqlite:///{self.course / 'gradebook.db'}"

    def paper(self) -> Paper:
        with self.sessions() as session:
            return paper_of(session, "quiz-1")

    def grader(self) -> Grader:
        return Grader(self.sessions, self.settings)

    def grade_all(self) -> None:
        """Run the grader's rounds until no job is left."""
        grader = self.grader()
        while grader.step():
            pass

    def released_grades(self) -> dict[str, Grade]:
        """Sign-in name → what came back into the platform."""
        with self.sessions() as session:
            rows = session.execute(
                select(Person.login, Grade)
                .join(Sitting, Sitting.person_id == Person.id)
                .join(Grade, Grade.sitting_id == Sitting.id)
            )
            return {row.login: row.Grade for row in rows}

    def snapshot(self) -> dict[str, Any]:
        """All that a grader can change in nbgrader's gradebook."""
        with Gradebook(self.gradebook, "law2022") as gradebook:
            return {
                submission.student.id: {
                    "name": submission.student.first_name,
                    "at": submission.timestamp.isoformat(),
                    "grades": sorted(
                        (g.name, g.auto_score, g.manual_score, g.needs_manual_grade)
                        for notebook in submission.notebooks
                        for g in notebook.grades
                    ),
                    "comments": sorted(
                        (c.name, c.auto_comment, c.manual_comment)
                        for notebook in submission.notebooks
                        for c in notebook.comments
                    ),
                }
                for submission in gradebook.assignment_submissions("quiz-1")
            }

    def mark_case(self, login: str, points: float, comment: str) -> None:
        """What formgrader does when a trainer enters a mark and a comment."""
        with Gradebook(self.gradebook, "law2022") as gradebook:
            grade = gradebook.find_grade("q07", "quiz-1", "quiz-1", login)
            grade.manual_score, grade.needs_manual_grade = points, False
            gradebook.find_comment("q07", "quiz-1", "quiz-1", login).manual_comment = comment
            gradebook.db.commit()

    def answer(self, login: str, responses: dict[str, Any], at: datetime) -> None:
        slots = {slot["slot"]: slot for slot in self.paper().slots}
        with self.sessions() as session:
            for slot, response in responses.items():
                version = session.scalars(
                    select(ItemVersion).where(ItemVersion.item == slots[slot]["item"])
                ).one()
                session.add(
                    Answer(
                        key=f"{slot}-{at.timestamp()}",
                        person_id=self.people[login],
                        item_version_id=version.id,
                        place="quiz:quiz-1",
                        response=response,
                        received_at=at,
                    )
                )
            session.commit()

    def sit(self, login: str, responses: dict[str, Any]) -> dict[str, Any]:
        """Start, answer, hand in."""
        with self.sessions() as session:
            start_sitting(session, self.people[login], "quiz-1", self.now)
        self.answer(login, responses, self.now + timedelta(minutes=1))
        with self.sessions() as session:
            return hand_in(session, self.people[login], "quiz-1", self.now + timedelta(minutes=2))


@pytest.fixture(scope="session")
def seed_place(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """A data folder with the quiz built and opened once; tests copy it."""
    data = tmp_path_factory.mktemp("seed") / "d"
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "lawlab.sqlite")
    place = _place(data)
    with place.sessions() as session:
        add_bank(session, place.now)
        for login, name in (("s001", "干部001"), ("v001", "明白人001")):
            add_person(session, login, name, place.now)
        session.commit()
        blueprint = data.parent / "quiz-1.toml"
        blueprint.write_text(BLUEPRINT, "utf-8")
        build_quiz(session, blueprint, place.now)
    write_source(place.settings, place.paper())
    open_assignment(place.sessions, place.settings, "quiz-1", place.now)
    _close(place)
    return data


@pytest.fixture
def place(seed_place: Path, tmp_path: Path) -> Iterator[Place]:
    """An installation of its own for one test."""
    data = tmp_path / "d"
    shutil.copytree(seed_place, data)
    place = _place(data)
    yield place
    _close(place)


def _place(data: Path) -> Place:
    settings = Settings(data=data)
    sessions = make_sessions(make_engine(settings.database))
    with sessions() as session:
        people = {login: id for id, login in session.execute(select(Person.id, Person.login))}
    return Place(settings, sessions, datetime(2022, 12, 5, 2, 0, tzinfo=UTC), people)


def _close(place: Place) -> None:
    with place.sessions() as session:
        session.get_bind().dispose()  # type: ignore[union-attr]
