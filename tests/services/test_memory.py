"""What people remember follows from their answers, step by step and all at once. Both databases."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest
from remembering import ITEMS, Room, Sessions, make_question
from sqlalchemy import func, select

from lawlab.services import regrading
from lawlab.services.answers import Submission, record_answer
from lawlab.services.memory import bring_memories_in_step, recompute_memories
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, DrillPlan, Memory, Score


@pytest.fixture
def room(sessions: Sessions, now: dt.datetime) -> Room:
    return Room(sessions, now)


@pytest.mark.parametrize("seed", range(4))
def test_step_by_step_is_the_same_as_all_at_once(room: Room, seed: int) -> None:
    rng = random.Random(seed)
    letters = ["".join(rng.choice("ABC-") for _ in range(3)) for _ in range(3)]
    turns = {
        5: lambda: room.quiz("quiz-1", letters[0]),
        10: lambda: room.release("quiz-1"),
        15: lambda: room.quiz("mock-1", letters[1], mock=True),
        20: lambda: room.correct("quiz-1", {"full": True}),
        23: lambda: room.plan(0),
        26: lambda: room.sit("mock-2", letters[2], mock=True),
        29: room.close,
        32: lambda: room.correct("mock-1", {"full": True}),
        35: lambda: room.correct("quiz-1", {}),
    }
    for turn in range(40):
        room.now += dt.timedelta(seconds=rng.choice([3, 40, 100, 4000, 90_000, 400_000]))
        if turn in turns:
            turns[turn]()
        elif 26 < turn < 29:
            room.practise(rng.choice(ITEMS[3:]), "A")  # the others are in the quiz
        elif rng.random() < 0.3:
            room.study(rng.choice(ITEMS[2:5]), rng.choice("AAB"))
        else:
            room.practise(rng.choice(ITEMS), rng.choice("AAB"))
        room.in_step()


def test_what_the_server_closes_late_counts_at_its_own_time(room: Room) -> None:
    room.sit("mock-1", "AAA", mock=True, minutes=30)
    room.sit("mock-2", "BBB", mock=True, minutes=20)  # is over first, and closed second
    assert room.close() == 2
    row = room.memory(ITEMS[0])
    assert row is not None
    assert (row.last_right, row.in_book, row.reviews) == (True, True, 2)
    room.in_step()


def test_an_answer_that_waited_while_a_quiz_was_released_comes_before_it(room: Room) -> None:
    room.quiz("quiz-1", "BBB")
    room.now += dt.timedelta(seconds=2)
    room.release("quiz-1")
    room.now -= dt.timedelta(seconds=1)
    room.practise(ITEMS[0], "A")
    row = room.memory(ITEMS[0])
    assert row is not None
    assert (row.last_right, row.reviews) == (False, 2)
    room.in_step()


def test_a_wrong_one_leaves_the_book_when_it_was_known_on_two_later_days(room: Room) -> None:
    """Days passed, letter → days known since, and whether it stands in the book."""
    history = [(0, "A"), (1, "B"), (0, "A"), (1, "A"), (0, "A"), (1, "B"), (1, "A"), (2, "A")]
    seen = []
    for days, letter in history:
        room.now += dt.timedelta(days=days, minutes=1)
        room.study(ITEMS[2], letter)
        row = room.memory(ITEMS[2])
        assert row is not None
        seen.append((row.wrongs, row.rights_since, row.in_book))
    assert seen == [
        (0, 1, False),
        (1, 0, True),
        (1, 0, True),
        (1, 1, True),
        (1, 1, True),
        (2, 0, True),
        (2, 1, True),
        (2, 2, False),
    ]
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
    room.correct("quiz-1", {"version": 2})
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
