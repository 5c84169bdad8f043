"""What people remember follows from their answers, step by step and all at once. Both databases."""

from __future__ import annotations

import datetime as dt
import random
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.services import regrading
from lawlab.services.answers import Submission, record_answer
from lawlab.services.drill_plan import save_plan
from lawlab.services.memory import bring_memories_in_step, recompute_memories, replay
from lawlab.services.quiz_papers import release_quiz
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.services.sessions import Caller
from lawlab.store.drill import drill_plan, facts_of, memories_of
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Answer,
    DrillItem,
    DrillPlan,
    ItemVersion,
    Memory,
    Person,
    Quiz,
    Score,
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
    """One learner, six questions in the pool whose answer is A, a quiz of three of them, and a
    clock."""

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
            session.commit()
            self.caller = Caller(person.id, "s001", "干部001", frozenset({"learner"}))

    def version(self, question: Question, number: int) -> ItemVersion:
        made = ItemVersion(item=question.id, version=number, bank="one", sha256="")
        made.type, made.body = question.type.value, question.to_json()
        made.article_prints, made.published_at = {}, self.now
        return made

    def practise(self, item: str, letter: str, key: str = "") -> Any:
        given = Submission(
            key or next(self.keys), "s001", item, 1, "drill:daily", {"chosen": [letter]}
        )
        with self.sessions() as session:
            return record_answer(session, self.caller, given, self.now)

    def quiz(self, name: str, letters: str, *, mock: bool = False) -> None:
        """A quiz of the first three questions, handed in with these answers."""
        with self.sessions() as session:
            quiz = Quiz(assignment=name, title="小测验", minutes=30, pass_mark=60)
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
                place, answer = f"quiz:{name}", {"chosen": [letter]}
                given = Submission(next(self.keys), "s001", item, 1, place, answer)
                with self.sessions() as session:
                    record_answer(session, self.caller, given, self.now)
        self.now += dt.timedelta(minutes=3)
        with self.sessions() as session:
            hand_in(session, self.caller.person_id, name, self.now)

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


@pytest.fixture
def room(sessions: Sessions, now: dt.datetime) -> Room:
    return Room(sessions, now)


@pytest.mark.parametrize("seed", range(4))
def test_step_by_step_is_the_same_as_all_at_once(room: Room, seed: int) -> None:
    rng = random.Random(seed)
    for turn in range(40):
        room.now += dt.timedelta(seconds=rng.choice([3, 40, 100, 4000, 90_000, 400_000]))
        if turn in (10, 25):
            letters = "".join(rng.choice("ABC-") for _ in range(3))
            room.quiz(f"quiz-{turn}", letters, mock=turn == 25)
        elif turn == 18:
            room.release("quiz-10")
        elif turn == 30:
            with room.sessions() as session:
                save_plan(
                    session,
                    (room.now + dt.timedelta(days=20)).date().isoformat(),
                    [],
                    {},
                    0,
                    "t01",
                    room.now,
                )
        else:
            room.practise(rng.choice(ITEMS), rng.choice("AAB"))
        room.in_step()


def test_a_quiz_counts_when_its_key_is_told(room: Room) -> None:
    room.quiz("quiz-1", "AB-")
    assert [room.memory(item) for item in ITEMS[:3]] == [None, None, None]
    room.now += dt.timedelta(days=2)
    room.release("quiz-1")
    right, wrong, unanswered = (room.memory(item) for item in ITEMS[:3])
    assert right is not None
    assert wrong is not None
    assert (right.in_book, wrong.in_book) == (False, True)
    assert right.last == (room.now + dt.timedelta(hours=8)).date()
    assert unanswered is None


def test_a_mock_exam_counts_when_it_is_handed_in_and_not_again_at_its_release(room: Room) -> None:
    room.quiz("mock-1", "ABA", mock=True)
    room.now += dt.timedelta(days=1)
    room.release("mock-1")
    assert [row.reviews for item in ITEMS[:3] if (row := room.memory(item))] == [1, 1, 1]
    room.in_step()


def test_a_corrected_key_is_as_if_it_had_always_counted(room: Room) -> None:
    room.quiz("quiz-1", "BBB")
    room.release("quiz-1")
    room.now += dt.timedelta(days=3)
    room.practise(ITEMS[0], "A")
    with room.sessions() as session:
        session.add(room.version(make_question(ITEMS[0], answer="B"), 2))
        session.commit()
        regrading.save(session, "t01", "quiz-1", ITEMS[0], {"version": 2}, "答案有误", room.now)
    row = room.memory(ITEMS[0])
    assert row is not None
    assert (row.wrongs, row.in_book, row.reviews) == (0, False, 2)
    with room.sessions() as session:
        regrading.save(session, "t01", "quiz-1", ITEMS[1], {"full": True}, "题目有误", room.now)
    assert room.memory(ITEMS[1]) is None
    room.in_step()


def test_a_written_answer_is_no_memory(room: Room) -> None:
    given = Submission(next(room.keys), "s001", "case-1", 1, "drill:daily", {"text": "先报警"})
    with room.sessions() as session, pytest.raises(Exception, match="已经不在练习里"):
        record_answer(session, room.caller, given, room.now)
    assert room.memory("case-1") is None


def test_who_is_slow_is_asked_sooner(room: Room) -> None:
    room.practise(ITEMS[0], "A")
    for item, seconds in ((ITEMS[1], 20), (ITEMS[2], 200), (ITEMS[3], 2_000)):
        room.now += dt.timedelta(seconds=seconds)
        room.practise(item, "A")
    quick, slow, away = (room.memory(item) for item in ITEMS[1:4])
    assert quick is not None
    assert slow is not None
    assert away is not None
    assert slow.stability < quick.stability == away.stability


def test_another_plan_makes_all_memories_anew_once(room: Room) -> None:
    room.practise(ITEMS[0], "A")
    with room.sessions() as session:
        assert bring_memories_in_step(session, room.now) == 0
        far = room.memory(ITEMS[0])
        assert far is not None
        session.add(
            DrillPlan(
                contest=far.last + dt.timedelta(days=1),
                holidays=[],
                goals={},
                by="t01",
                at=room.now,
            )
        )
        session.commit()
        assert bring_memories_in_step(session, room.now) == 1
        assert bring_memories_in_step(session, room.now) == 0
    near = room.memory(ITEMS[0])
    assert near is not None
    assert near.due == near.last + dt.timedelta(days=1)
    room.in_step()


def test_what_was_changed_by_hand_is_found_and_mended(room: Room) -> None:
    for item in ITEMS:
        room.practise(item, "A")
    with room.sessions() as session:
        writing(session)
        session.get_one(Memory, (room.caller.person_id, ITEMS[0])).wrongs = 7
        session.delete(session.get_one(Memory, (room.caller.person_id, ITEMS[1])))
        session.flush()
        assert recompute_memories(session) == 2
        session.commit()
        writing(session)
        assert recompute_memories(session) == 0
        session.commit()
    room.in_step()


def test_answers_at_once_from_two_devices_are_both_kept(room: Room) -> None:
    start = threading.Barrier(6)

    def give(item: str) -> None:
        start.wait()
        room.practise(item, "A")

    threads = [threading.Thread(target=give, args=(ITEMS[n % 3],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with room.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 6
        assert session.scalars(
            select(Score.answered).where(Score.source.like("drill:day/%"))
        ).all() == [3]
    assert [row.reviews for item in ITEMS[:3] if (row := room.memory(item))] == [2, 2, 2]
    room.in_step()
