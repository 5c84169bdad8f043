"""What a trainer's mark may be, what it adds up to, and in which order answers are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lawlab.domain.manual_marking import (
    COMMENT_LIMIT,
    LEASE,
    STEP,
    BadMark,
    check_mark,
    code,
    half,
    is_held,
    lease_end,
    place,
    rubric_of,
    total,
)
from lawlab.domain.question import Question, QuestionType, RubricPoint

RUBRIC = (RubricPoint("先报警", 8), RubricPoint("冻结账户", 7), RubricPoint("留证据", 5))
NOW = datetime(2022, 12, 5, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("earned", [[8, 7, 5], [0, 0, 0], [7.5, 0.5, 5.0]])
def test_a_mark_gives_each_rubric_point_something_between_nothing_and_all(earned: Any) -> None:
    check_mark(RUBRIC, earned, "写得清楚")


@pytest.mark.parametrize(
    "earned",
    [
        [8, 7],
        [8, 7, 5, 0],
        [8.5, 7, 5],
        [-0.5, 7, 5],
        [8, 7, 4.75],
        [8, True, 5],
        [8, "7", 5],
        [8, None, 5],
        [float("nan"), 7, 5],
        [float("inf"), 7, 5],
    ],
)
def test_any_other_mark_is_refused(earned: Any) -> None:
    with pytest.raises(BadMark) as refused:
        check_mark(RUBRIC, earned, "")
    assert (refused.value.code, refused.value.status) == ("bad_mark", 422)


def test_a_rubric_point_of_odd_worth_can_be_given_whole() -> None:
    check_mark((RubricPoint("甲", 1.25),), [1.25], "")
    with pytest.raises(BadMark, match="半分为单位"):
        check_mark((RubricPoint("甲", 1.5),), [1.25], "")


@pytest.mark.parametrize("comment", ["字" * (COMMENT_LIMIT + 1), "a\0b", "\ud800"])
def test_a_comment_that_cannot_be_stored_is_refused(comment: str) -> None:
    check_mark(RUBRIC, [8, 7, 5], "字" * COMMENT_LIMIT)
    with pytest.raises(BadMark):
        check_mark(RUBRIC, [8, 7, 5], comment)


@pytest.mark.parametrize(
    ("earned", "most", "points"),
    [
        ([8, 7, 5], 20, 20.0),
        ([8, 0, 2.5], 20, 10.5),
        ([8, 7, 5], 15, 15.0),
        ([8, 7, 5], 12.25, 12.25),
        ([8, 0, 0], 15, 6.0),
        ([0, 7, 0], 15, 5.5),
        ([0, 0, 5], 15, 4.0),  # 3.75 is nearer to 4
        ([0, 0, 0], 15, 0.0),
    ],
)
def test_a_paper_may_scale_the_rubric(earned: list[float], most: float, points: float) -> None:
    assert total(RUBRIC, earned, most) == points


def halves(most: int, least: int = 0) -> st.SearchStrategy[float]:
    return st.integers(round(least / STEP), round(most / STEP)).map(lambda n: n * STEP)


@st.composite
def marks(draw: st.DrawFn, worth: st.SearchStrategy[float]) -> tuple[Any, list[float]]:
    """A rubric and a mark that it can have: whole points, or halves of them."""
    rubric = [
        RubricPoint(f"要点{n}", one) for n, one in enumerate(draw(st.lists(worth, min_size=1)))
    ]
    earned = [draw(st.one_of(st.just(p.points), halves(int(p.points)))) for p in rubric]
    check_mark(rubric, earned, "")
    return tuple(rubric), earned


STEPS = st.integers(1, 80).map(lambda n: n * STEP)
ODD = st.floats(0.01, 40)
"""What a file may say: only more than nothing is asked of a rubric point and of a question."""


@given(marks(STEPS), STEPS)
def test_a_total_in_steps_is_in_halves_of_a_point(mark: Any, most: float) -> None:
    rubric, earned = mark
    assert total(rubric, earned, most) % STEP == 0


@given(marks(ODD | STEPS), ODD | STEPS, st.booleans())
def test_a_total_lies_between_nothing_and_all(mark: Any, most: float, scaled: bool) -> None:
    rubric, earned = mark
    whole = [point.points for point in rubric]
    most = most if scaled else sum(whole)
    assert 0 <= total(rubric, earned, most) <= most
    assert total(rubric, [0] * len(rubric), most) == 0
    assert total(rubric, whole, most) == most


@given(marks(ODD | STEPS), ODD | STEPS, st.booleans(), st.data())
def test_more_for_one_point_is_never_less_in_all(
    mark: Any, most: float, scaled: bool, data: st.DataObject
) -> None:
    rubric, earned = mark
    most = most if scaled else sum(point.points for point in rubric)
    n = data.draw(st.integers(0, len(rubric) - 1))
    better = data.draw(st.just(rubric[n].points) | halves(int(rubric[n].points)))
    assume(better >= earned[n])
    assert total(rubric, [*earned[:n], better, *earned[n + 1 :]], most) >= total(
        rubric, earned, most
    )


@pytest.mark.parametrize(("points", "given"), [(8, 4), (7, 3.5), (5, 2.5), (2.5, 1), (0.5, 0)])
def test_half_a_point_is_a_step(points: float, given: float) -> None:
    assert half(points) == given


def test_an_answer_without_a_rubric_is_marked_as_a_whole() -> None:
    question = Question("a", QuestionType.SHORT, "题", {}, "答", "", (), "", 1)
    assert rubric_of(question, 10) == (RubricPoint("整道题", 10),)


def test_the_order_is_the_same_for_everybody_and_not_that_of_the_hand_ins() -> None:
    places = [place("quiz-1", "atf-001", n) for n in range(50)]
    assert places == [place("quiz-1", "atf-001", n) for n in range(50)]
    assert sorted(places) != places
    assert code("quiz-1", "atf-001", 7) == places[7][:12]
    assert len({code("quiz-1", "atf-001", n) for n in range(5000)}) == 5000
    others = [place("quiz-1", "atf-002", n) for n in range(50)]
    assert sorted(range(50), key=others.__getitem__) != sorted(range(50), key=places.__getitem__)


def test_an_answer_is_kept_for_ten_minutes_from_others_only() -> None:
    until = lease_end(NOW)
    assert until - NOW == LEASE == timedelta(minutes=10)
    almost = until - timedelta(seconds=1)
    assert is_held("t01", until, "t02", almost)
    assert not is_held("t01", until, "t01", almost)
    assert not is_held("t01", until, "t02", until)
