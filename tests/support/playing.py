"""A small town that plays: a pool made by hand whose right answer is always A, and its people."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import LawlabError
from lawlab.services.answers import Receipt, Submission, record_answer
from lawlab.services.chain import begin
from lawlab.services.duel_beginning import challenge
from lawlab.services.duel_pages import duel_state
from lawlab.services.quizzes import start_sitting
from lawlab.services.sessions import Caller
from lawlab.store.tables import (
    CohortMembership,
    ContentState,
    Course,
    DrillItem,
    ItemVersion,
    Person,
    Quiz,
)

POOL = 12
BLUEPRINT: dict[str, Any] = {
    "title": "小测验",
    "bank": "one",
    "minutes": 30,
    "pass_mark": 60,
    "seed": 1,
    "attempts": 1,
    "counting": "best",
    "sections": [],
}


class Town:
    """Four people in a cohort (ids 1 to 4), POOL questions of the course `one`, and a clock."""

    def __init__(self, sessions: sessionmaker[Session], now: dt.datetime, pool: int = POOL) -> None:
        self.sessions, self.now = sessions, now
        self.keys = (f"key-{n:020}" for n in range(100_000))
        with sessions() as session:
            for n in range(1, 5):
                person = Person(login=f"s00{n}", full_name=f"干部00{n}", created_at=now)
                since = now.date() - dt.timedelta(days=9)
                person.cohorts = [CohortMembership(cohort="staff", since=since)]
                session.add(person)
                session.flush()
            session.add(Course(slug="one", title="第一课", law="某法", position=0, about={}))
            for n in range(pool):
                self._add_item(session, n)
            session.commit()

    def _add_item(self, session: Session, n: int) -> None:
        question = Question(
            id=f"one-{n:02}",
            type=QuestionType.SINGLE,
            stem=f"第 {n} 题",
            options={"A": "甲", "B": "乙"},
            answer="A",
            explanation="",
            articles=(f"某法#{n // 2 + 1}",),
            evidence="",
            difficulty=1,
        )
        version = ItemVersion(item=question.id, version=1, bank="one", sha256="")
        version.type, version.body = "single", question.to_json()
        version.article_prints, version.published_at = {}, self.now
        session.add(version)
        session.flush()
        row = DrillItem(item=question.id, item_version_id=version.id, course="one", position=n)
        row.type, row.made, row.chapter = "single", False, f"第{n // 6 + 1}章"
        row.article, row.articles, row.characters = question.articles[0], [], 10
        session.add(row)

    def who(self, n: int) -> Caller:
        return Caller(n, f"s00{n}", f"干部00{n}", frozenset({"learner"}))

    def pass_(self, **span: int) -> None:
        self.now += dt.timedelta(**span)

    def answer(self, n: int, item: str, place: str, right: bool = True, key: str = "") -> Receipt:
        """One answer of person `n`."""
        chosen = {"chosen": ["A" if right else "B"]}
        given = Submission(key or next(self.keys), f"s00{n}", item, 1, place, chosen)
        with self.sessions() as session:
            return record_answer(session, self.who(n), given, self.now)

    def begin(self, n: int) -> dict[str, Any]:
        """The run of person `n`, begun or gone on with."""
        with self.sessions() as session:
            run = begin(session, self.who(n), next(self.keys), self.now)["run"]
        assert run is not None
        return dict(run)

    def challenge(self, n: int, opponent: int) -> int:
        with self.sessions() as session:
            return challenge(session, self.who(n), next(self.keys), f"s00{opponent}", self.now)

    def look(self, n: int, duel: int) -> dict[str, Any]:
        """The duel as person `n` sees it; this deals the next question."""
        with self.sessions() as session:
            return duel_state(session, self.who(n), duel, self.now)

    def play(self, n: int, duel: int, rights: str, seconds: int = 10) -> None:
        """Answer one question of a duel for each letter: + rightly, - wrongly."""
        for right in rights:
            item = self.look(n, duel)["item"]
            self.pass_(seconds=seconds)
            self.answer(n, item["id"], item["place"], right == "+")

    def finished(self, one: int, other: int, rights: tuple[str, str] = ("+++++", "-----")) -> int:
        """A duel that both have answered."""
        duel = self.challenge(one, other)
        self.play(one, duel, rights[0])
        self.play(other, duel, rights[1])
        return duel

    def sit(self, n: int, items: Sequence[str]) -> None:
        """Person `n` begins a quiz of these questions."""
        with self.sessions() as session:
            quiz = Quiz(assignment="quiz", title="小测验", minutes=30, pass_mark=60)
            quiz.paper = [
                {"slot": f"q{n:02}", "item": item, "version": 1, "points": 5}
                for n, item in enumerate(items, 1)
            ]
            quiz.state, quiz.blueprint = "open", BLUEPRINT
            quiz.built_at = quiz.opened_at = self.now
            session.add(quiz)
            session.commit()
            start_sitting(session, n, "quiz", self.now)

    def withdraw(self, item: str) -> None:
        with self.sessions() as session:
            facts = {"state": "withdrawn", "reason": "", "by": "t01", "since": self.now}
            session.add(ContentState(kind="item", name=item, **facts))
            session.commit()

    def item_of(self, version_id: int) -> str:
        with self.sessions() as session:
            query = select(ItemVersion.item).where(ItemVersion.id == version_id)
            return session.scalars(query).one()


def refusal(act: Callable[[], Any]) -> str:
    """The code with which something is refused."""
    with pytest.raises(LawlabError) as caught:
        act()
    return caught.value.code


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do these things at the same moment; for each "done", or the code of its refusal."""
    gate = threading.Barrier(len(acts))
    results: dict[int, str] = {}

    def run(n: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            act()
            results[n] = "done"
        except LawlabError as error:
            results[n] = error.code
        except Exception as error:  # a deadlock shows itself as one
            results[n] = repr(error)

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[n] for n in range(len(acts))]
