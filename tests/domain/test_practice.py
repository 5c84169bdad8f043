"""When a day of practice is done, and what makes a row of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.practice import (
    BEFORE_CONTEST,
    FEWEST_NEW,
    GOAL,
    MOST_NEW,
    RECENT,
    USUAL_NEW,
    Given,
    day_of,
    goal_of,
    longest_streak,
    most_new,
    new_per_day,
    new_today,
    streak,
    week_of,
    working_days,
)

START = dt.datetime(2026, 12, 1, 2, tzinfo=dt.UTC)
NEW_YEAR = {dt.date(2027, 1, day) for day in (1, 2, 3)}


def answers(*given: str) -> list[Given]:
    """As "a+" for right and "a-" for wrong, a minute apart."""
    return [
        Given(START + dt.timedelta(minutes=n), one[:-1], one.endswith("+"))
        for n, one in enumerate(given)
    ]


def days(*written: str) -> set[dt.date]:
    return {dt.date.fromisoformat(f"2026-{one}") for one in written}


def test_a_day_without_answers_is_empty_and_not_done() -> None:
    assert (day_of([], GOAL).answered, day_of([], GOAL).done_at) == (0, None)
    assert day_of([], 0).done_at is None


def test_only_different_questions_count_and_only_the_first_answer_of_the_day_is_right() -> None:
    day = day_of(answers("a-", "a+", "b+", "b-", "c+"), 3)
    assert (day.answered, day.right) == (3, 2)
    assert day.done_at == START + dt.timedelta(minutes=4)


def test_a_day_is_done_with_the_tenth_question_and_stays_done() -> None:
    given = answers(*(f"{n}+" for n in range(12)))
    assert day_of(given[:9], GOAL).done_at is None
    assert day_of(given[:10], GOAL).done_at == given[9].at
    assert day_of(given, GOAL).done_at == given[9].at


@pytest.mark.parametrize(("pool", "goal"), [(0, 0), (3, 3), (10, 10), (10_000, 10)])
def test_where_there_are_few_questions_all_of_them_make_a_day(pool: int, goal: int) -> None:
    assert goal_of(pool) == goal


@pytest.mark.parametrize(
    ("done", "today", "length"),
    [
        ((), "12-03", 0),
        (("12-03",), "12-03", 1),
        (("12-02",), "12-03", 1),  # today may still be done
        (("12-01",), "12-03", 0),
        (("12-01", "12-02", "12-03"), "12-03", 3),
        (("12-01", "12-03"), "12-03", 1),
        (("12-30", "12-31"), "12-31", 2),
        (("12-04",), "12-03", 0),  # another day's clock
    ],
)
def test_a_streak_ends_with_a_missed_day(done: tuple[str, ...], today: str, length: int) -> None:
    assert streak(days(*done), dt.date.fromisoformat(f"2026-{today}"), ()) == length


@pytest.mark.parametrize(
    ("today", "length"),
    [("2027-01-01", 2), ("2027-01-03", 2), ("2027-01-04", 2), ("2027-01-05", 0)],
)
def test_holidays_over_the_turn_of_the_year_neither_count_nor_break(
    today: str, length: int
) -> None:
    done = days("12-30", "12-31")
    assert streak(done, dt.date.fromisoformat(today), NEW_YEAR) == length


def test_a_holiday_on_which_one_practised_counts() -> None:
    done = days("12-31") | {dt.date(2027, 1, 2), dt.date(2027, 1, 4)}
    assert streak(done, dt.date(2027, 1, 4), NEW_YEAR) == 3
    assert longest_streak(done, NEW_YEAR) == 3


def test_the_longest_streak_is_remembered_after_it_broke() -> None:
    done = days("12-01", "12-02", "12-03", "12-07", "12-08")
    assert longest_streak(done, ()) == 3
    assert longest_streak(done, days("12-04", "12-05", "12-06")) == 5
    assert longest_streak((), ()) == 0


@given(
    st.sets(st.integers(0, 40), max_size=30),
    st.sets(st.integers(0, 40), max_size=10),
    st.integers(0, 45),
)
def test_a_streak_is_what_counting_backwards_day_by_day_gives(
    done: set[int], rest: set[int], today: int
) -> None:
    first = dt.date(2026, 12, 1)
    done_days, holidays = (
        {first + dt.timedelta(days=n) for n in one if n <= today} for one in (done, rest)
    )
    expected = 0
    for n in range(today, -1, -1):
        day = first + dt.timedelta(days=n)
        if day in done_days:
            expected += 1
        elif day not in holidays and n != today:
            break
    current = streak(done_days, first + dt.timedelta(days=today), holidays)
    assert current == expected
    assert current <= longest_streak(done_days, holidays) <= len(done_days)


def test_working_days_leave_holidays_out_and_count_both_ends() -> None:
    assert working_days(dt.date(2026, 12, 30), dt.date(2027, 1, 4), NEW_YEAR) == 3
    assert working_days(dt.date(2026, 12, 30), dt.date(2026, 12, 30), NEW_YEAR) == 1
    assert working_days(dt.date(2027, 1, 1), dt.date(2027, 1, 3), NEW_YEAR) == 0


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-12-31", "2026-W53"), ("2027-01-03", "2026-W53"), ("2027-01-04", "2027-W01")],
)
def test_a_week_begins_on_monday_also_over_the_turn_of_the_year(day: str, week: str) -> None:
    assert week_of(dt.date.fromisoformat(day)) == week


MONDAY = dt.date(2026, 12, 7)


def in_days(days: int) -> dt.date:
    return MONDAY + dt.timedelta(days=days)


def test_without_goal_and_contest_the_usual_number_is_new() -> None:
    assert new_per_day({"a": 500}, {}, None, MONDAY, ()) == USUAL_NEW
    assert new_per_day({}, {"a": MONDAY}, in_days(90), MONDAY, ()) == USUAL_NEW


def test_what_is_left_is_spread_over_the_days_until_the_goal_of_each_course() -> None:
    goals = {"a": in_days(9), "b": in_days(19)}
    assert new_per_day({"a": 30, "b": 20}, goals, None, MONDAY, ()) == 4
    # Holidays are no days for it; a course without a goal is met before the contest.
    holidays = {in_days(n) for n in range(5)}
    assert new_per_day({"a": 30}, goals, None, MONDAY, holidays) == 6
    contest = in_days(19) + BEFORE_CONTEST
    assert new_per_day({"a": 30, "c": 20}, goals, contest, MONDAY, ()) == 4


def test_a_goal_that_passed_asks_for_all_that_is_left_and_nothing_left_for_a_few() -> None:
    assert new_per_day({"a": 7}, {"a": in_days(-1)}, None, MONDAY, ()) == 7
    assert new_per_day({"a": 7}, {"a": MONDAY}, None, MONDAY, {MONDAY}) == 7
    assert new_per_day({"a": 0}, {"a": in_days(9)}, None, MONDAY, ()) == FEWEST_NEW


@given(st.floats(0, 500), st.integers(0, RECENT), st.integers(0, RECENT))
def test_no_more_is_new_than_anybody_does_and_what_comes_first_is_part_of_it(
    wanted: float, known: int, forgotten: int
) -> None:
    first, most = new_today(wanted, known, known + forgotten)
    assert 0 <= first <= most <= MOST_NEW
    assert new_today(wanted, known + 1, known + forgotten + 1)[0] >= first


def test_whoever_forgets_keeps_first_and_whoever_knows_goes_on() -> None:
    assert new_today(5, RECENT, RECENT) == (5, 5)
    assert new_today(5, RECENT // 2, RECENT) == (0, 5)
    assert new_today(4.2, 0, RECENT) == (0, 5)


def test_what_is_due_keeps_its_place_where_not_everything_can_be_met() -> None:
    contest = in_days(59)  # sixty days, today with them
    assert most_new(60 * GOAL, contest, MONDAY, ()) == MOST_NEW
    assert most_new(60 * GOAL + 1, contest, MONDAY, ()) == MOST_NEW // 2
    assert most_new(60 * GOAL, contest, MONDAY, (in_days(3),)) == MOST_NEW // 2
    # In the last month what was never met goes first.
    assert most_new(60 * GOAL + 1, in_days(30), MONDAY, ()) == MOST_NEW
    assert most_new(10_000, None, MONDAY, ()) == MOST_NEW
    assert new_today(40.0, 40, 40, MOST_NEW // 2) == (MOST_NEW // 2, MOST_NEW // 2)
