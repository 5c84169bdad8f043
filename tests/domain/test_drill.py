"""When a question is asked again: the library's own vector, the contest, holidays, the load."""

from __future__ import annotations

import datetime as dt

import pytest
from fsrs import Card, Rating, Scheduler

from lawlab.domain.drill import AWAY_S, Memory, Plan, rating_of, recall, recall_of, review

START = dt.date(2022, 11, 29)
GOOD, AGAIN, HARD = Rating.Good, Rating.Again, Rating.Hard


def play(ratings: list[Rating], plan: Plan) -> list[int]:
    """The intervals in days when each answer is given on the day it falls due."""
    memory: Memory | None = None
    day, intervals = START, []
    for rating in ratings:
        memory = review(memory, rating, day, plan)
        intervals.append((memory.due - day).days)
        day = memory.due
    return intervals


def test_the_published_vector_of_the_library_passes_through_our_adapter() -> None:
    ratings = [GOOD] * 6 + [AGAIN] * 2 + [GOOD] * 5
    as_published = Plan(new_steps=(1, 10), again_steps=(10,))
    assert play(ratings, as_published) == [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]


def test_sixty_days_of_one_question_stay_what_they_are() -> None:
    """Answers on these days of a fixed history; what is remembered is pinned to six digits."""
    history = [
        (0, GOOD),
        (2, GOOD),
        (2, GOOD),
        (9, AGAIN),
        (10, GOOD),
        (13, HARD),
        (20, GOOD),
        (41, AGAIN),
        (42, GOOD),
        (47, GOOD),
        (60, GOOD),
    ]
    plan = Plan(contest=START + dt.timedelta(days=90), holidays=frozenset({START}))
    memory: Memory | None = None
    seen = []
    for after, rating in history:
        memory = review(memory, rating, START + dt.timedelta(days=after), plan)
        stands = (round(memory.stability, 6), round(memory.difficulty, 6))
        seen.append((*stands, (memory.due - START).days, memory.lapses))
    assert seen == GOLDEN
    assert memory is not None
    assert memory.reviews == len(history)


GOLDEN = [
    (2.3065, 2.118104, 2, 0),
    (10.964332, 2.111214, 13, 0),
    (10.964332, 2.104331, 13, 0),
    (1.469214, 7.389976, 10, 1),
    (3.480994, 7.377814, 13, 1),
    (6.459816, 8.244499, 19, 1),
    (13.899113, 8.231483, 34, 1),
    (1.6724, 9.403929, 43, 2),
    (2.56746, 9.389753, 45, 2),
    (5.518772, 9.375592, 53, 2),
    (11.814207, 9.361445, 72, 2),
]


@pytest.mark.parametrize("left", [1, 2, 5, 30])
def test_no_interval_ends_after_the_contest(left: int) -> None:
    contest = START + dt.timedelta(days=left)
    memory = Memory(stability=200, difficulty=3, last=START - dt.timedelta(days=60), due=START)
    assert review(memory, GOOD, START, Plan(contest=contest)).due <= contest
    # On the day itself and afterwards it is over: nothing is bound by it.
    assert review(memory, GOOD, contest, Plan(contest=contest)).due > contest


def test_nothing_falls_due_on_a_holiday() -> None:
    free = review(None, GOOD, START, Plan()).due
    rest = frozenset(free + dt.timedelta(days=n) for n in range(7))
    assert review(None, GOOD, START, Plan(holidays=rest)).due == free + dt.timedelta(days=7)
    # Even where the contest leaves no other day, it is never after it.
    contest = free + dt.timedelta(days=3)
    assert review(None, GOOD, START, Plan(contest=contest, holidays=rest)).due <= contest


def test_the_emptiest_day_near_the_interval_is_taken() -> None:
    memory = Memory(stability=30, difficulty=5, last=START - dt.timedelta(days=30), due=START)
    usual = review(memory, GOOD, START, Plan()).due
    empty = usual - dt.timedelta(days=2)
    assert review(memory, GOOD, START, Plan(), lambda day: 0 if day == empty else 9).due == empty
    far = usual + dt.timedelta(days=60)
    assert review(memory, GOOD, START, Plan(), lambda day: 0 if day == far else 9).due == usual


@pytest.mark.parametrize(
    ("right", "seconds", "characters", "rating"),
    [
        (False, None, 0, AGAIN),
        (False, 1, 0, AGAIN),
        (True, None, 0, GOOD),
        (True, 20, 0, GOOD),
        (True, 20.01, 0, HARD),
        (True, 50, 100, GOOD),
        (True, 50.01, 100, HARD),
        (True, AWAY_S, 100, HARD),
        (True, AWAY_S + 0.01, 100, GOOD),
    ],
)
def test_right_wrong_and_slow(
    right: bool, seconds: float | None, characters: int, rating: Rating
) -> None:
    assert rating_of(right, seconds, characters) is rating


def test_an_answer_that_comes_late_counts_as_of_the_last_day() -> None:
    memory = review(None, GOOD, START, Plan())
    late = review(memory, GOOD, START - dt.timedelta(days=3), Plan())
    assert late.last == START
    assert late == review(memory, GOOD, START, Plan())


def test_what_is_remembered_fades() -> None:
    memory = review(None, GOOD, START, Plan())
    days = [START + dt.timedelta(days=n) for n in (-5, 0, 1, 10, 100)]
    chances = [recall(memory, day) for day in days]
    assert chances[0] == chances[1] == 1
    assert chances == sorted(chances, reverse=True)
    at_stability = recall_of(10.0, START, START + dt.timedelta(days=10))
    assert at_stability == pytest.approx(0.9)
    for day in days[1:]:
        noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
        begun = dt.datetime.combine(START, dt.time(12), dt.UTC)
        card = Card(card_id=0, stability=memory.stability, due=begun, last_review=begun)
        library = Scheduler().get_card_retrievability(card, noon)
        assert recall(memory, day) == pytest.approx(library, abs=1e-12)
