"""A wrong key: who gains what is listed first, and exactly that happens. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from remembering import BLUEPRINT, make_question
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, NotFound
from lawlab.services import regrading
from lawlab.services.quiz_results import quiz_statistics
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.services.regrading import BadCorrection
from lawlab.store.tables import Answer, ItemVersion, Job, Person, Quiz, Regrade, Sitting

Sessions = sessionmaker[Session]
POINTS = {"one": 30, "two": 30, "three": 40}


class Hall:
    """One quiz of three single-choice questions whose answer is A, and two learners."""

    def __init__(self, sessions: Sessions, now: datetime) -> None:
        self.sessions, self.now = sessions, now
        self.people: dict[str, int] = {}
        for name in POINTS:
            self.publish(make_question(name), 1)
        with sessions() as session:
            for login in ("s001", "v001"):
                person = Person(login=login, full_name=f"干部{login}", created_at=now)
                session.add(person)
                session.flush()
                self.people[login] = person.id
            quiz = Quiz(assignment="quiz-1", title="小测验", minutes=30, pass_mark=60)
            quiz.paper = [
                {"slot": f"q0{n}", "item": name, "version": 1, "points": points}
                for n, (name, points) in enumerate(POINTS.items(), 1)
            ]
            quiz.state, quiz.blueprint, quiz.built_at, quiz.opened_at = "open", BLUEPRINT, now, now
            session.add(quiz)
            session.commit()

    def publish(self, question: Question, version: int) -> None:
        with self.sessions() as session:
            made = ItemVersion(item=question.id, version=version, bank="atf", sha256="")
            made.type, made.body = question.type.value, question.to_json()
            made.article_prints, made.published_at = {}, self.now
            session.add(made)
            session.commit()

    def sit(self, login: str, letters: str, hour: int = 0, *, end: bool = True) -> None:
        """An attempt with these answers, one a question."""
        at = self.now + timedelta(hours=hour)
        with self.sessions() as session:
            start_sitting(session, self.people[login], "quiz-1", at)
            for name, letter in zip(POINTS, letters, strict=True):
                query = select(ItemVersion.id)
                query = query.where(ItemVersion.item == name, ItemVersion.version == 1)
                given = Answer(key=f"{login}-{hour}-{name}", person_id=self.people[login])
                given.item_version_id = session.scalars(query).one()
                given.place, given.response = "quiz:quiz-1", {"chosen": [letter]}
                given.received_at = at + timedelta(minutes=1)
                session.add(given)
            session.commit()
            if end:
                hand_in(session, self.people[login], "quiz-1", at + timedelta(minutes=2))
            for job in session.scalars(select(Job)):
                job.state = "done"
            session.commit()

    def preview(self, item: str, correction: dict[str, Any]) -> dict[str, Any]:
        with self.sessions() as session:
            offered = regrading.choices(session, "quiz-1", item)["choices"]
        listed = next(one for one in offered if one["correction"] == correction)
        return {key: listed[key] for key in ("papers", "changes", "before", "after")}

    def save(self, item: str, correction: dict[str, Any], reason: str = "有误") -> dict[str, Any]:
        with self.sessions() as session:
            return regrading.save(session, "t01", "quiz-1", item, correction, reason, self.now)

    def choices(self, item: str) -> list[dict[str, Any]]:
        with self.sessions() as session:
            found: list[dict[str, Any]] = regrading.choices(session, "quiz-1", item)["choices"]
            return found

    def attempts(self) -> list[tuple[str, int, float | None, bool]]:
        with self.sessions() as session:
            rows = session.scalars(select(Sitting).order_by(Sitting.person_id, Sitting.attempt))
            return [(s.person.login, s.attempt, s.auto_points, s.counts) for s in rows]

    def waiting(self) -> set[int]:
        with self.sessions() as session:
            jobs = session.scalars(select(Job).where(Job.state == "waiting"))
            return {int(job.subject) for job in jobs}

    def facts(self) -> Any:
        with self.sessions() as session:
            quiz = session.get_one(Quiz, "quiz-1")
            rows = session.scalars(select(Regrade).order_by(Regrade.id)).all()
            return quiz.corrections, [(row.item, row.correction, row.changes) for row in rows]


@pytest.fixture
def hall(sessions: Sessions, now: datetime) -> Hall:
    return Hall(sessions, now)


def test_what_was_listed_is_what_happens(hall: Hall) -> None:
    hall.publish(make_question("one", answer="B"), 2)
    hall.sit("s001", "AAA")
    hall.sit("v001", "BAC")
    before = hall.facts()
    listed = hall.preview("one", {"version": 2})
    first = {"attempt": 1, "slot": "q01"}
    assert listed == {
        "papers": 2,
        "changes": [
            {"login": "s001", "name": "干部s001", **first, "before": 30, "after": 0},
            {"login": "v001", "name": "干部v001", **first, "before": 0, "after": 30},
        ],
        "before": 30,
        "after": 30,
    }
    assert (hall.facts(), hall.waiting()) == (before, set())
    assert hall.save("one", {"version": 2}) == {"saved": True, **listed}
    assert hall.attempts() == [("s001", 1, 70, True), ("v001", 1, 60, True)]
    assert hall.waiting() == {1, 2}
    corrections, rows = hall.facts()
    assert corrections == {"one": {"version": 2}}
    noted = [{key: one[key] for key in one if key != "name"} for one in listed["changes"]]
    assert rows == [("one", {"version": 2}, noted)]
    with hall.sessions() as session:
        (told,) = regrading.history(session, "quiz-1")
    assert (told["by"], told["reason"], told["changes"]) == ("t01", "有误", noted)


def test_a_repeat_is_harmless_and_the_old_key_can_come_back(hall: Hall) -> None:
    hall.publish(make_question("one", answer="B"), 2)
    hall.sit("v001", "BAC")
    hall.save("one", {"version": 2})
    before = hall.facts()
    again = hall.save("one", {"version": 2})
    assert (again["saved"], again["changes"], hall.facts()) == (False, [], before)
    assert [one["correction"] for one in hall.choices("one")] == [{"full": True}, {}]
    assert hall.save("one", {"version": 1})["changes"][0]["after"] == 0
    corrections, rows = hall.facts()
    assert (corrections, len(rows), rows[-1][1]) == ({}, 2, {})
    assert hall.attempts() == [("v001", 1, 30, True)]
    assert hall.save("one", {})["saved"] is False


def test_full_points_go_to_everybody_even_without_an_answer(hall: Hall) -> None:
    hall.sit("s001", "BBB")
    hall.sit("v001", "AAA")
    with hall.sessions() as session:
        session.get_one(Sitting, 1).responses = {}
        session.commit()
    saved = hall.save("three", {"full": True})
    assert [(one["login"], one["after"]) for one in saved["changes"]] == [("s001", 40)]
    assert hall.attempts() == [("s001", 1, 40, True), ("v001", 1, 100, True)]


def test_another_attempt_may_be_the_best_one_now(hall: Hall) -> None:
    hall.publish(make_question("three", answer="C"), 2)
    hall.sit("s001", "BAA")
    hall.sit("s001", "AAC", hour=1)
    assert [one[2:] for one in hall.attempts()] == [(70, True), (60, False)]
    hall.save("three", {"version": 2})
    assert [one[2:] for one in hall.attempts()] == [(30, False), (100, True)]
    assert hall.waiting() == {2}


def test_whoever_is_answering_is_marked_by_the_new_key(hall: Hall) -> None:
    hall.publish(make_question("one", answer="B"), 2)
    hall.sit("s001", "BAA", end=False)
    assert hall.save("one", {"version": 2})["papers"] == 0
    with hall.sessions() as session:
        hand_in(session, hall.people["s001"], "quiz-1", hall.now + timedelta(minutes=3))
    assert hall.attempts() == [("s001", 1, 100, True)]


def test_a_hand_in_and_a_start_at_the_same_moment_are_neither_lost_nor_stuck(hall: Hall) -> None:
    hall.publish(make_question("one", answer="B"), 2)
    hall.sit("s001", "BAA", end=False)
    later = hall.now + timedelta(minutes=3)
    barrier = threading.Barrier(3)
    faults: list[Exception] = []

    def at_once(act: Callable[[Session], object]) -> None:
        barrier.wait()
        try:
            with hall.sessions() as session:
                act(session)
        except Exception as error:
            faults.append(error)

    acts: list[Callable[[Session], object]] = [
        lambda s: hand_in(s, hall.people["s001"], "quiz-1", later),
        lambda s: start_sitting(s, hall.people["v001"], "quiz-1", later),
        lambda s: regrading.save(s, "t01", "quiz-1", "one", {"version": 2}, "有误", later),
    ]
    threads = [threading.Thread(target=at_once, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    assert [one[:3] for one in hall.attempts()] == [("s001", 1, 100), ("v001", 1, None)]


def test_only_papers_that_hold_the_item_are_touched(hall: Hall) -> None:
    hall.sit("s001", "BBB")
    hall.sit("v001", "BBB")
    with hall.sessions() as session:
        other = session.get_one(Sitting, 2)
        other.paper = [{"slot": "q01", "item": "two", "version": 1, "points": 100}]
        session.commit()
    assert hall.save("one", {"full": True})["papers"] == 1
    assert (hall.attempts()[1][2], hall.waiting()) == (0, {1})


def test_a_mock_exam_has_no_gradebook_to_tell(hall: Hall) -> None:
    hall.sit("s001", "BAA")
    with hall.sessions() as session:
        session.get_one(Quiz, "quiz-1").blueprint = BLUEPRINT | {"mock": True}
        session.commit()
    hall.save("one", {"full": True})
    assert (hall.attempts(), hall.waiting()) == ([("s001", 1, 100, True)], set())


def test_only_versions_of_the_same_shape_are_offered(hall: Hall) -> None:
    hall.publish(make_question("one", options={"A": "甲", "B": "乙"}), 2)
    hall.publish(make_question("one", type=QuestionType.MULTIPLE), 3)
    hall.publish(make_question("one", answer="C", stem="新题干"), 4)
    found = hall.choices("one")
    assert [one["correction"] for one in found] == [{"version": 4}, {"full": True}]
    assert (found[0]["answer"], found[0]["stem"]) == ("C", "新题干")
    for bad in ({"version": 2}, {"version": 9}, {"version": 4, "full": True}, {"full": False}):
        with pytest.raises(BadCorrection, match="不能这样更正"):
            hall.save("one", bad)
    for reason in ("", "  ", "长" * 201):
        with pytest.raises(BadCorrection, match=r"原因|为什么"):
            hall.save("one", {"version": 4}, reason)
    assert hall.facts() == ({}, [])


def test_what_cannot_be_corrected_says_why(hall: Hall) -> None:
    with pytest.raises(NotFound, match="没有编号为"):
        hall.preview("nine", {"full": True})
    with hall.sessions() as session:
        version = session.scalars(select(ItemVersion).where(ItemVersion.item == "two")).one()
        version.body = make_question("two", type=QuestionType.CASE, options={}).to_json()
        session.commit()
    with pytest.raises(Conflict, match="由教员评分"):
        hall.save("two", {"full": True})
    with hall.sessions() as session:
        session.get_one(Quiz, "quiz-1").state = "built"
        session.commit()
    with pytest.raises(Conflict, match="还没有开放"):
        hall.save("one", {"full": True})


def test_the_statistics_know_the_corrected_key(hall: Hall) -> None:
    hall.publish(make_question("one", answer="B"), 2)
    hall.sit("s001", "AAA")
    hall.save("one", {"version": 2})
    with hall.sessions() as session:
        assert quiz_statistics(session, "quiz-1").questions["one"].answer == "B"
