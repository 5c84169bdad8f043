"""What trainers see of quizzes: who is where, what failed, and what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from lawlab.errors import NotFound
from lawlab.services.quiz_desk import desk_quiz, desk_quizzes, waiting_quizzes
from lawlab.services.quiz_figures import report_figures, statistics_figures
from lawlab.services.quiz_papers import ask_open
from lawlab.services.quiz_results import quiz_results, quiz_statistics
from lawlab.store.tables import Grade, ItemVersion, Job, Person, Quiz, Sitting

Sessions = sessionmaker[Session]


@pytest.fixture
def taken(
    sessions: Sessions, now: datetime, take_quiz: Callable[[Session, datetime], None]
) -> Sessions:
    with sessions() as session:
        take_quiz(session, now)
    return sessions


def people(taken: Sessions, now: datetime) -> dict[str, dict[str, Any]]:
    with taken() as session:
        return {one["login"]: one for one in desk_quiz(session, "quiz-1", now)["people"]}


def test_everybody_who_was_expected_or_came_is_named_with_where_they_are(
    taken: Sessions, now: datetime
) -> None:
    found = people(taken, now)
    assert {login: one["state"] for login, one in found.items()} == {
        "v001": "not_passed",
        "v002": "passed",
        "v003": "sitting",
        "v004": "failed",
        "v005": "new",
        "s001": "passed",
        "s002": "passed",
        "s003": "marking",
        "s004": "not_passed",
        "t01": "passed",
    }
    assert [login for login, one in found.items() if not one["expected"]] == ["t01"]
    assert list(found)[-1] == "t01"
    assert (found["s001"]["score"], found["s001"]["passed"]) == (68, True)
    assert (found["s003"]["score"], found["s003"]["passed"]) == (50, None)
    assert found["s001"]["unit"] == "司法所"
    assert found["s001"]["receipt"] == "7K2M-QX9D"
    assert found["v004"]["error"] == "成绩册打不开。"
    assert found["v005"]["started_at"] is None


def test_the_counts_and_the_reasons_of_failures(taken: Sessions, now: datetime) -> None:
    with taken() as session:
        found = desk_quiz(session, "quiz-1", now)
        (line,) = desk_quizzes(session)
        with pytest.raises(NotFound):
            desk_quiz(session, "nothing", now)
    assert found["counts"] == {
        "expected": 9,
        "new": 1,
        "sitting": 1,
        "handed_in": 8,
        "ungraded": 1,
        "missing_marks": 1,
        "failed": 1,
    }
    assert (line["title"], line["state"], line["failed"]) == ("爱桥测验", "open", 1)
    assert (line["sitting"], line["ungraded"], line["missing_marks"]) == (1, 1, 1)


def test_answers_are_counted_while_somebody_is_answering(taken: Sessions, now: datetime) -> None:
    found = people(taken, now)["v003"]
    assert (found["answered"], found["left_page"], found["handed_in_at"]) == (1, 3, None)
    with taken() as session:
        # What was answered before this attempt began belongs to an earlier one.
        session.execute(
            update(Sitting)
            .where(Sitting.handed_in_at.is_(None))
            .values(started_at=now + timedelta(minutes=2))
        )
        session.commit()
    assert people(taken, now)["v003"]["answered"] == 0


def test_only_the_attempt_that_counts_is_a_result(taken: Sessions, now: datetime) -> None:
    found = people(taken, now)["s004"]
    assert (found["attempts"], found["score"], found["answered"]) == (2, 54, 3)
    with taken() as session:
        person = session.scalars(select(Person).where(Person.login == "s004")).one()
        third = Sitting(assignment="quiz-1", person_id=person.id, attempt=3, counts=False)
        third.started_at, third.deadline = now, now + timedelta(minutes=30)
        session.add(third)
        session.commit()
    found = people(taken, now)["s004"]
    assert (found["state"], found["attempts"], found["score"]) == ("sitting", 3, 54)
    with taken() as session:
        results = quiz_results(session, "quiz-1")
        statistics = quiz_statistics(session, "quiz-1")
    assert results.report.total.taken == 7
    assert statistics.attempts == 7


def test_a_make_up_exam_expects_only_its_own_people(taken: Sessions, now: datetime) -> None:
    with taken() as session:
        ids = session.scalars(select(Person.id).where(Person.login.in_(["v004", "v005"]))).all()
        session.get_one(Quiz, "quiz-1").expected = list(ids)
        session.commit()
        total = quiz_results(session, "quiz-1").report.total
    assert (total.expected, total.taken, total.absent) == (2, 1, 1)


def test_the_figures_say_what_to_look_at(taken: Sessions) -> None:
    with taken() as session:
        report = report_figures(quiz_results(session, "quiz-1"))
        statistics = statistics_figures(quiz_statistics(session, "quiz-1"))
    assert [line["label"] for line in report["units"]] == ["司法所", "河口村"]
    assert [line["label"] for line in report["cohorts"]] == ["干部职工", "法律明白人"]
    assert (report["total"]["expected"], report["total"]["passed"]) == (9, 3)
    assert {one["result"] for one in report["people"]} == {"及格", "不及格", "待评", "未参加"}
    items = {one["question"]: one for one in statistics["items"]}
    assert [flag["flag"] for flag in items["brg-002"]["flags"]] == ["negative"]
    assert [flag["flag"] for flag in items["brg-003"]["flags"]] == ["easy"]
    first, second = items["brg-001"]["options"]
    assert (first["text"], first["right"], first["chosen"]) == ("不行", True, 5)
    assert (second["text"], second["right"], second["chosen"]) == ("行", False, 2)
    assert items["brg-004"]["options"] == ()
    assert statistics["paper"]["complete"] == 6


def test_statistics_hold_papers_of_ones_own(taken: Sessions, now: datetime) -> None:
    with taken() as session:
        body = session.scalars(select(ItemVersion).where(ItemVersion.item == "brg-001")).one().body
        other = ItemVersion(item="brg-009", version=1, bank="brg", type="single", sha256="")
        other.body, other.article_prints = {**body, "id": "brg-009"}, {}
        other.published_at = now
        session.add(other)
        session.get_one(Quiz, "quiz-1").paper = [
            {"slot": "q01", "section": 0, "difficulty": 1, "points": 100}
        ]
        for n, sitting in enumerate(session.scalars(select(Sitting).order_by(Sitting.id))):
            item = "brg-009" if n % 2 else "brg-001"
            sitting.paper = [{"slot": "q01", "item": item, "version": 1, "points": 100}]
        session.commit()
        statistics = quiz_statistics(session, "quiz-1")
    assert set(statistics.questions) == {"brg-001", "brg-009"}
    assert sum(one.attempts for one in statistics.items) == 7


def test_what_waits_for_a_trainer(taken: Sessions, now: datetime) -> None:
    with taken() as session:
        (before,) = waiting_quizzes(session)
        for sitting in session.scalars(select(Sitting).where(Sitting.handed_in_at.is_(None))):
            sitting.handed_in_at = now
            session.add(_grade(sitting, now))
        for job in session.scalars(select(Job)):
            job.state = "done"
            session.add(_grade(session.get_one(Sitting, int(job.subject)), now))
        for grade in session.scalars(select(Grade)):
            grade.needs_manual = False
        session.commit()
        (after,) = waiting_quizzes(session)
    assert (before["marks"], before["failed"], before["ready"]) == (1, 1, False)
    assert (after["marks"], after["failed"], after["ready"]) == (0, 0, True)


def test_an_opening_that_is_asked_for_or_failed_is_told(taken: Sessions, now: datetime) -> None:
    with taken() as session:
        quiz = Quiz(assignment="quiz-2", title="二", minutes=1, pass_mark=60, state="built")
        quiz.blueprint = session.get_one(Quiz, "quiz-1").blueprint
        quiz.paper, quiz.built_at = [], now
        session.add(quiz)
        session.commit()
        before = desk_quiz(session, "quiz-2", now)
        session.rollback()
        ask_open(session, "quiz-2", now)
        asked = desk_quiz(session, "quiz-2", now)
        job = session.scalars(select(Job).where(Job.kind == "open")).one()
        job.state, job.error = "failed", "交换目录写不进去。"
        session.commit()
        failed = next(one for one in desk_quizzes(session) if one["assignment"] == "quiz-2")
    assert (before["opening"], before["people"]) == (False, [])
    assert (asked["opening"], asked["open_error"]) == (True, None)
    assert (failed["opening"], failed["open_error"]) == (False, "交换目录写不进去。")


def _grade(sitting: Sitting, now: datetime) -> Grade:
    grade = Grade(sitting_id=sitting.id, score=0.0, max_score=100.0, needs_manual=False)
    grade.slots, grade.read_at = {}, now
    return grade
