"""The clock of a sitting, at its boundaries, and the receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lawlab.domain import sitting
from lawlab.domain.blueprint import Blueprint, Counting
from lawlab.domain.sitting import closing, counting_attempt, deadline, refusal

START = datetime(2022, 12, 5, 2, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
SECOND = timedelta(seconds=1)


def test_a_sitting_is_open_up_to_its_deadline_and_due_after_the_grace() -> None:
    assert sitting.deadline(START, 30) == END
    table = [
        (START, True, False),
        (END, True, False),
        (END + SECOND, False, False),
        (END + sitting.CLOSING_GRACE, False, False),
        (END + sitting.CLOSING_GRACE + SECOND, False, True),
    ]
    for now, is_open, due in table:
        assert sitting.is_open(END, None, now) is is_open
        assert sitting.is_due(END, None, now) is due
        assert not sitting.is_open(END, START, now)
        assert not sitting.is_due(END, START, now)


def test_seconds_left_never_go_below_zero() -> None:
    assert sitting.seconds_left(END, START) == 1800
    assert sitting.seconds_left(END, END - timedelta(milliseconds=1500)) == 1
    assert sitting.seconds_left(END, END + SECOND) == 0


def test_a_late_hand_in_counts_as_one_at_the_deadline() -> None:
    assert sitting.handed_in_time(END, START) == START
    assert sitting.handed_in_time(END, END + timedelta(hours=3)) == END


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        sitting.deadline(START.replace(tzinfo=None), 30)


def test_the_receipt_is_the_same_for_the_same_paper_and_another_for_any_change() -> None:
    responses = {"q01": {"chosen": ["B"]}, "q02": None}
    code = sitting.receipt("quiz", "s001", START, responses)
    town = START.astimezone(timezone(timedelta(hours=8)))
    assert code == sitting.receipt("quiz", "s001", town, dict(reversed(responses.items())))
    assert len(code) == 9
    assert not set(code) & set("01ILO")
    others = {
        sitting.receipt("quiz", "s002", START, responses),
        sitting.receipt("other", "s001", START, responses),
        sitting.receipt("quiz", "s001", END, responses),
        sitting.receipt("quiz", "s001", START, {**responses, "q02": {"chosen": ["A"]}}),
    }
    assert len(others) == 4
    assert code not in others


# ---- the window and the attempts ----------------------------------------------------------------

T = datetime(2022, 11, 24, 1, tzinfo=UTC)


def rules(**given: Any) -> Blueprint:
    return Blueprint("测验", "atf", 30, 60.0, 1, (), **given)


def test_a_window_ends_with_the_late_time_and_cuts_the_deadline() -> None:
    assert closing(rules()) is None
    late = rules(closes_at=T, late_minutes=10)
    assert closing(late) == T + timedelta(minutes=10)
    assert deadline(T, 30, closing(late)) == T + timedelta(minutes=10)
    assert deadline(T - timedelta(hours=1), 30, closing(late)) == T - timedelta(minutes=30)


def test_who_may_not_begin_is_told_why() -> None:
    window = rules(opens_at=T, closes_at=T + timedelta(hours=1), attempts=2)
    at = {"attempts": 0, "may_take": True, "now": T}
    assert refusal(window, **at) == ""
    assert refusal(window, **at | {"now": T - timedelta(seconds=1)}) == "too_early"
    assert refusal(window, **at | {"now": T + timedelta(hours=1)}) == "too_late"
    assert refusal(window, **at | {"attempts": 1}) == ""
    assert refusal(window, **at | {"attempts": 2}) == "no_attempt_left"
    assert refusal(window, **at | {"may_take": False}) == "not_expected"


def test_the_last_or_the_best_attempt_counts() -> None:
    points = {1: 60.0, 2: 80.0, 3: 80.0, 4: 20.0}
    assert counting_attempt(Counting.LAST, points) == 4
    assert counting_attempt(Counting.BEST, points) == 2  # of two best ones the earlier
    assert counting_attempt(Counting.BEST, {1: None, 2: 0.0}) == 1
