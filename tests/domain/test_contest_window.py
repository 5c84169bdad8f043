"""A window contest: what is drawn, who may answer when, what a paper is worth."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.contest_scoring import PersonResult, ranked_people
from lawlab.domain.contest_script import Window
from lawlab.domain.contest_window import (
    Paper,
    Reply,
    Standing,
    check_answer,
    draw,
    is_running,
    milliseconds_used,
    new_paper,
    result,
    standing,
)
from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, NotFound

OPENS = dt.datetime(2026, 12, 4, 1, 0, tzinfo=dt.UTC)
CLOSES = OPENS + dt.timedelta(hours=10)
WINDOW = Window(OPENS, CLOSES, 20, 4)
POINTS = 10
MINUTE = dt.timedelta(minutes=1)


def question(level: int = 2, type_: QuestionType = QuestionType.SINGLE) -> Question:
    options = {"A": "是", "B": "否"}
    return Question("brg-001", type_, "问什么？", options, "A", "因为。", (), "因为", level)


def difficulty(one: Question) -> tuple[object, ...]:
    return (one.difficulty,)


def kind(one: Question) -> tuple[object, ...]:
    return one.difficulty, one.type


def pool_of(size: int) -> list[Question]:
    return [question() for _ in range(size)]


def paper_of(person: int = 1, now: dt.datetime = OPENS) -> Paper:
    return new_paper(7, person, WINDOW, pool_of(9), now)


pools = st.lists(
    st.builds(
        question, st.integers(1, 3), st.sampled_from([QuestionType.SINGLE, QuestionType.MULTIPLE])
    ),
    min_size=1,
    max_size=60,
)


@given(st.integers(1, 10**6), st.integers(1, 10**6), pools, st.data())
def test_a_draw_repeats_itself_and_stays_within_the_pool(
    contest: int, person: int, pool: list[Question], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(pool)))
    drawn = draw(contest, person, pool, count)
    assert drawn == draw(contest, person, pool, count)
    assert len(set(drawn)) == count
    assert set(drawn) <= set(range(len(pool)))


@given(st.integers(1, 10**6), st.integers(1, 10**6), pools, st.data())
def test_every_paper_is_as_hard_as_the_pool(
    contest: int, person: int, pool: list[Question], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(pool)))
    drawn = [pool[place] for place in draw(contest, person, pool, count)]
    for one in (difficulty, kind):
        held, got = Counter(map(one, pool)), Counter(map(one, drawn))
        assert all(abs(got[of] - count * held[of] / len(pool)) < 1 for of in held)


def test_people_get_different_questions_and_each_question_gets_its_turn() -> None:
    papers = [draw(7, person, pool_of(12), 4) for person in range(300)]
    assert len(set(papers)) > 280
    counts = [sum(position in paper for paper in papers) for position in range(12)]
    assert min(counts) > 60
    assert max(counts) < 140
    # A test that knows the numbers notices when the draw of a stored contest would change.
    assert draw(7, 1, pool_of(9), 4) == (5, 1, 6, 8)


@given(st.integers(-60, 11 * 60 * 60))
def test_nobody_has_time_past_the_deadline(second: int) -> None:
    now = OPENS + dt.timedelta(seconds=second)
    if not OPENS <= now < CLOSES:
        with pytest.raises(Conflict) as refused:
            paper_of(now=now)
        assert refused.value.code == ("not_open" if now < OPENS else "closed")
        return
    paper = paper_of(now=now)
    assert now < paper.deadline <= min(CLOSES, now + 20 * MINUTE)
    assert check_answer(paper, 1, paper.deadline) == paper.slots[0]
    late = paper.deadline + dt.timedelta(milliseconds=1)
    assert not is_running(paper, 0, late)
    with pytest.raises(Conflict) as refused:
        check_answer(paper, 1, late)
    assert refused.value.code == "late"


replies = st.dictionaries(
    st.integers(1, 4),
    st.builds(
        Reply,
        st.integers(0, 1200).map(lambda s: OPENS + dt.timedelta(seconds=s)),
        st.booleans(),
    ),
)
handed_in = st.none() | st.integers(0, 1200).map(lambda s: OPENS + dt.timedelta(seconds=s))


@given(replies, handed_in)
def test_the_total_is_the_sum_and_only_answers_earn(
    given_: dict[int, Reply], end: dt.datetime | None
) -> None:
    paper = replace(paper_of(), finished_at=end)
    row = result(paper, given_, POINTS)
    assert row.points == sum(POINTS for reply in given_.values() if reply.right)
    assert row.answered == len(given_)
    assert row.right <= row.answered
    assert 0 <= row.milliseconds <= 20 * 60_000
    if not given_:
        assert row.points == 0


def test_the_time_ends_with_the_last_answer_the_hand_in_or_the_deadline() -> None:
    paper = paper_of()
    some = {1: Reply(OPENS + MINUTE, True)}
    assert milliseconds_used(paper, some) == 20 * 60_000
    assert milliseconds_used(replace(paper, finished_at=OPENS + 3 * MINUTE), some) == 180_000
    every = {n: Reply(OPENS + n * MINUTE, True) for n in (1, 2, 3, 4)}
    assert milliseconds_used(paper, every) == 240_000
    short = paper_of(now=CLOSES - MINUTE)
    assert milliseconds_used(short, {}) == 60_000


def test_of_equal_points_the_shorter_time_is_first_and_equal_times_share() -> None:
    def row(person: int, minutes: int, right: bool = True) -> PersonResult:
        replies = {n: Reply(OPENS + minutes * MINUTE, right) for n in (1, 2, 3, 4)}
        return result(paper_of(person), replies, POINTS)

    rows = ranked_people([row(1, 3), row(2, 2), row(3, 3), row(4, 1, right=False)])
    assert [(one.person, one.rank) for one in rows] == [(2, 1), (1, 2), (3, 2), (4, 4)]


def test_where_somebody_stands() -> None:
    paper, before, during = paper_of(), OPENS - MINUTE, OPENS + MINUTE
    assert standing("draft", WINDOW, None, 0, during) == Standing.NOT_OPEN
    assert standing("open", WINDOW, None, 0, before) == Standing.NOT_OPEN
    assert standing("open", WINDOW, None, 0, during) == Standing.READY
    assert standing("open", WINDOW, None, 0, CLOSES) == Standing.CLOSED
    assert standing("open", WINDOW, paper, 3, during) == Standing.RUNNING
    assert standing("open", WINDOW, paper, 4, during) == Standing.DONE
    assert standing("open", WINDOW, paper, 0, OPENS + 21 * MINUTE) == Standing.DONE
    early = replace(paper, finished_at=during)
    assert standing("open", WINDOW, early, 0, during) == Standing.DONE
    assert standing("finished", WINDOW, paper, 0, during) == Standing.CLOSED
    assert standing("cancelled", WINDOW, None, 0, during) == Standing.CLOSED


def test_what_is_not_on_the_paper_or_was_handed_in_is_refused() -> None:
    for place in (0, -1, 5):
        with pytest.raises(NotFound):
            check_answer(paper_of(), place, OPENS)
    with pytest.raises(Conflict) as refused:
        check_answer(replace(paper_of(), finished_at=OPENS), 1, OPENS)
    assert refused.value.code == "handed_in"
