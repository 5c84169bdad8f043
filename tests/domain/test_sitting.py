"""The clock of a sitting, at its boundaries, and the receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lawlab.domain import sitting

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
