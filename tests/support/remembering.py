"""One learner who studies, practises and sits quizzes, and what he remembers of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.services import regrading
from lawlab.services.answers import Submission, record_answer
from lawlab.services.drill_plan import save_plan
from lawlab.services.memory import replay
from lawlab.services.quiz_papers import release_quiz
from lawlab.services.quizzes import close_due_sittings, hand_in, start_sitting
from lawlab.services.sessions import Caller
from lawlab.store.drill import drill_plan, facts_of, memories_of
from lawlab.store.tables import (
    Course,
    DrillItem,
    ItemVersion,
    LessonVersion,
    Memory,
    Person,
    Quiz,
)

Sessions = sessionmaker[Session]
ITEMS = [f"one-{n}" for n in range(6)]
BLUEPRINT: dict[str, Any] = {
    "title": "小测验",
    "bank": "one",
    "minutes": 30,
    "pass_mark": 60,
    "seed": 1,
    "attempts": 3,
    "counting": "best",
    "sections": [],
}


def make_question(name: str, **changes: Any) -> Question:
    question = Question(
        id=name,
        type=QuestionType.SINGLE,
        stem=f"题干 {name}",
        options={"A": "甲", "B": "乙", "C": "丙"},
        answer="A",
        explanation="",
        articles=(),
        evidence="",
        difficulty=1,
    )
    return replace(question, **changes)


class Room:
    """One learner, six questions in the pool whose answer is A, a lesson and quizzes of three of
    them, and a clock."""

    def __init__(self, sessions: Sessions, now: dt.datetime) -> None:
        self.sessions, self.now = sessions, now
        self.keys = (f"key-{n:020}" for n in range(100_000))
        with sessions() as session:
            person = Person(login="s001", full_name="干部001", created_at=now)
            session.add(person)
            for position, name in enumerate([*ITEMS, "case-1"], 1):
                kind = QuestionType.CASE if name == "case-1" else QuestionType.SINGLE
                session.add(self.version(make_question(name, type=kind), 1))
                session.flush()
                row = session.scalars(select(ItemVersion.id).where(ItemVersion.item == name)).one()
                item = DrillItem(item=name, item_version_id=row, course="c", position=position)
                item.type, item.made, item.article, item.articles = kind.value, False, "法#1", []
                item.characters = 20
                session.add(item)
            session.add(Course(slug="c", title="课", law="法", position=1, about={"order": ["l"]}))
            lesson = LessonVersion(course_slug="c", lesson="l", version=1, position=1, title="课")
            lesson.cards, lesson.notebook, lesson.sha256 = ITEMS[2:5], "{}", ""
            lesson.reviewer, lesson.published_at = "审核人甲", now
            session.add(lesson)
            session.commit()
            self.caller = Caller(person.id, "s001", "干部001", frozenset({"learner"}))

    def version(self, question: Question, number: int) -> ItemVersion:
        made = ItemVersion(item=question.id, version=number, bank="one", sha256="")
        made.type, made.body = question.type.value, question.to_json()
        made.article_prints, made.published_at = {}, self.now
        return made

    def answer(self, place: str, item: str, letter: str) -> None:
        given = Submission(next(self.keys), "s001", item, 1, place, {"chosen": [letter]})
        with self.sessions() as session:
            record_answer(session, self.caller, given, self.now)

    def practise(self, item: str, letter: str) -> None:
        self.answer("drill:daily", item, letter)

    def study(self, item: str, letter: str) -> None:
        self.answer("lesson:c/l", item, letter)

    def quiz(self, name: str, letters: str, *, mock: bool = False) -> None:
        """A quiz of the first three questions, handed in with these answers."""
        self.sit(name, letters, mock=mock)
        self.now += dt.timedelta(minutes=3)
        with self.sessions() as session:
            hand_in(session, self.caller.person_id, name, self.now)

    def sit(self, name: str, letters: str, *, mock: bool = False, minutes: int = 30) -> None:
        """The same, and the page was left without handing in."""
        with self.sessions() as session:
            quiz = Quiz(assignment=name, title="小测验", minutes=minutes, pass_mark=60)
            quiz.paper = [
                {"slot": f"q0{n}", "item": item, "version": 1, "points": 5}
                for n, item in enumerate(ITEMS[:3], 1)
            ]
            quiz.state, quiz.blueprint = "open", BLUEPRINT | {"mock": mock}
            quiz.built_at = quiz.opened_at = self.now
            session.add(quiz)
            session.commit()
            start_sitting(session, self.caller.person_id, name, self.now)
        for item, letter in zip(ITEMS, letters, strict=False):
            if letter != "-":
                self.answer(f"quiz:{name}", item, letter)

    def close(self) -> int:
        """What the server does by itself when time is over."""
        self.now += dt.timedelta(hours=1)
        with self.sessions() as session:
            return close_due_sittings(session, self.now)

    def correct(self, name: str, correction: dict[str, Any]) -> None:
        """Another key for the first question of a quiz."""
        with self.sessions() as session:
            regrading.save(session, "t01", name, ITEMS[0], correction, "答案有误", self.now)

    def plan(self, revision: int) -> None:
        contest = (self.now + dt.timedelta(days=20)).date().isoformat()
        with self.sessions() as session:
            save_plan(session, contest, [], {}, revision, "t01", self.now)

    def release(self, name: str) -> None:
        with self.sessions() as session:
            release_quiz(session, name, self.now, force=True)

    def memory(self, item: str) -> Memory | None:
        with self.sessions() as session:
            return session.get(Memory, (self.caller.person_id, item))

    def in_step(self) -> None:
        """What was kept step by step is what all answers say at once."""
        with self.sessions() as session:
            played = replay(session, self.caller.person_id, drill_plan(session))
            kept = memories_of(session, self.caller.person_id)
            assert {item: facts_of(row) for item, row in kept.items()} == {
                item: one.facts() for item, one in played.items()
            }
