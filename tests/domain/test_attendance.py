"""Time rules at the second, whose word counts, and rates."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.attendance import (
    Event,
    Kind,
    Outside,
    Rules,
    Status,
    Way,
    cards_needed,
    falls_behind,
    rate,
    standing,
    status_at,
    times,
)
from lawlab.domain.checkin import (
    codes_at,
    qr_is_good,
    six_digits,
    window,
    window_ends,
)
from lawlab.domain.presence import CARD_SECONDS, CARDS, card_moments

TOWN = ZoneInfo("Asia/Shanghai")
START = dt.datetime(2022, 3, 8, 9, 0, tzinfo=TOWN)
END = START + dt.timedelta(hours=2)


def clock(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2022-03-08 {text}").replace(tzinfo=TOWN)


@pytest.mark.parametrize(
    ("at", "means"),
    [
        ("08:29:59", Outside.EARLY),
        ("08:29:59.999", Outside.EARLY),
        ("08:30:00", Status.PRESENT),
        ("09:00:00", Status.PRESENT),
        ("09:14:59", Status.PRESENT),
        ("09:15:00", Status.PRESENT),
        ("09:15:00.999", Status.PRESENT),
        ("09:15:01", Status.LATE),
        ("09:30:00", Status.LATE),
        ("09:30:00.999", Status.LATE),
        ("09:30:01", Outside.OVER),
        ("11:00:01", Outside.OVER),
    ],
)
def test_each_second_has_its_meaning(at: str, means: Status | Outside) -> None:
    assert status_at(times(Rules(), START, END), clock(at)) is means


def test_nothing_counts_after_the_end_of_a_short_activity() -> None:
    when = times(Rules(), START, START + dt.timedelta(minutes=20))
    assert status_at(when, clock("09:20:00")) is Status.LATE
    assert status_at(when, clock("09:20:01")) is Outside.OVER
    shorter = times(Rules(), START, START + dt.timedelta(minutes=10))
    assert status_at(shorter, clock("09:10:00")) is Status.PRESENT
    assert status_at(shorter, clock("09:10:01")) is Outside.OVER


def test_midnight_and_the_turn_of_the_year_are_seconds_like_others() -> None:
    start = dt.datetime(2022, 12, 31, 23, 50, tzinfo=TOWN)
    when = times(Rules(), start, start + dt.timedelta(hours=1))

    def means(*moment: int) -> Status | Outside:
        return status_at(when, dt.datetime(*moment, tzinfo=TOWN))  # type: ignore[misc]

    assert means(2022, 12, 31, 23, 59, 59) is Status.PRESENT
    assert means(2023, 1, 1, 0, 0, 0) is Status.PRESENT
    assert means(2023, 1, 1, 0, 5, 0) is Status.PRESENT
    assert means(2023, 1, 1, 0, 5, 1) is Status.LATE
    assert means(2023, 1, 1, 0, 20, 0) is Status.LATE
    assert means(2023, 1, 1, 0, 20, 1) is Outside.OVER
    # The same instant, written in another zone.
    utc = dt.datetime(2022, 12, 31, 16, 5, 1, tzinfo=dt.UTC)
    assert status_at(when, utc) is Status.LATE


def test_a_town_that_has_no_late_ones_and_one_that_opens_at_the_start() -> None:
    strict = times(Rules(opens_minutes=0, present_minutes=0, late_minutes=0), START, END)
    assert status_at(strict, clock("08:59:59")) is Outside.EARLY
    assert status_at(strict, clock("09:00:00")) is Status.PRESENT
    assert status_at(strict, clock("09:00:01")) is Outside.OVER


def event(number: int, kind: Kind, status: str | None, at: str = "09:00:00") -> Event:
    return Event(number, kind, status, "qr", clock(at))


def decides(*events: Event, enough_cards: bool = True) -> str | None:
    found = standing(events, enough_cards=enough_cards)
    return found and found.status


def test_a_trainers_newest_word_counts_before_all_others() -> None:
    own = event(1, Kind.CHECK_IN, "present")
    assert decides(own, event(2, Kind.MARK, "absent")) == "absent"
    assert decides(event(1, Kind.MARK, "absent"), event(2, Kind.CHECK_IN, "present")) == "absent"
    assert decides(own, event(2, Kind.MARK, "absent"), event(3, Kind.MARK, "late")) == "late"
    assert decides(own, event(2, Kind.MARK, "absent"), event(3, Kind.UNMARK, None)) == "present"
    assert decides(event(2, Kind.MARK, "absent"), event(3, Kind.UNMARK, None)) is None


def test_undoing_a_merged_walk_in_takes_back_no_other_word() -> None:
    mark = event(1, Kind.MARK, "present")
    merge = Event(2, Kind.MARK, "late", Way.WALK_IN, clock("09:20:00"))
    undo = Event(3, Kind.UNMARK, None, Way.WALK_IN, clock("09:40:00"))
    assert decides(mark, merge) == "late"
    assert decides(mark, merge, undo) == "present"
    later = event(4, Kind.MARK, "excused")
    assert decides(mark, merge, undo, later) == "excused"
    assert (
        decides(
            merge,
            Event(3, Kind.MARK, "excused", "list", clock("09:30:00")),
            Event(4, Kind.UNMARK, None, Way.WALK_IN, clock("09:40:00")),
        )
        == "excused"
    )


def test_the_earliest_time_of_signing_in_counts_whenever_it_arrives() -> None:
    late = event(1, Kind.CHECK_IN, "late", "09:20:00")
    assert decides(late, event(2, Kind.CHECK_IN, "present", "09:01:00")) == "present"


def test_who_scanned_in_time_is_not_absent_because_the_close_came_first() -> None:
    close = event(1, Kind.CLOSE, "absent", "11:00:00")
    assert decides(close) == "absent"
    assert decides(close, event(2, Kind.CHECK_IN, "late", "09:29:00")) == "late"
    assert decides(close, event(2, Kind.CLOSE, None)) is None


def test_leave_counts_before_the_close_and_after_being_there() -> None:
    leave, close = event(1, Kind.LEAVE, "excused"), event(2, Kind.CLOSE, "absent")
    assert decides(leave, close) == "excused"
    assert decides(leave, event(2, Kind.CHECK_IN, "present")) == "present"
    assert decides(leave, event(2, Kind.LEAVE, None), event(3, Kind.CLOSE, "absent")) == "absent"


def test_too_few_cards_undo_the_coming_in_but_not_a_trainers_word() -> None:
    came, close = event(1, Kind.CHECK_IN, "present"), event(2, Kind.CLOSE, "absent")
    assert decides(came, close, enough_cards=False) == "absent"
    assert decides(came, close, event(3, Kind.MARK, "present"), enough_cards=False) == "present"
    assert [cards_needed(shown) for shown in range(6)] == [0, 1, 1, 2, 2, 3]


@given(st.permutations(range(6)))
def test_the_order_in_which_events_are_read_does_not_matter(order: list[int]) -> None:
    events = [
        event(1, Kind.CLOSE, "absent"),
        event(2, Kind.LEAVE, "excused"),
        event(3, Kind.CHECK_IN, "late", "09:20:00"),
        event(4, Kind.MARK, "absent"),
        event(5, Kind.UNMARK, None),
        event(6, Kind.CHECK_IN, "present", "09:02:00"),
    ]
    assert decides(*(events[place] for place in order)) == "present"


def test_rates_count_being_there_and_points_each_by_its_activitys_rules() -> None:
    generous = Rules(points=(4, 3, 2, 0))
    found = rate(
        [("present", Rules()), ("late", generous), ("excused", Rules()), ("absent", Rules())]
    )
    assert (found.expected, found.there) == (4, 2)
    assert (found.points, found.most) == (2 + 3 + 1, 2 + 4 + 2 + 2)
    assert found.share == 0.5
    assert rate([]).share is None
    assert rate([]).score is None


def test_a_warning_comes_after_five_activities_and_below_seventy_percent() -> None:
    def after(there: int, missed: int) -> bool:
        return falls_behind(rate([("present", Rules())] * there + [("absent", Rules())] * missed))

    assert not after(0, 4)
    assert after(0, 5)
    assert after(3, 2)
    assert not after(7, 3)


def test_a_qr_code_is_good_while_it_is_shown_and_five_seconds_more() -> None:
    shown = clock("09:00:00")
    number = window(shown, 15)
    assert window_ends(number, 15) == clock("09:00:15")
    assert not qr_is_good(number, shown - dt.timedelta(milliseconds=1))
    assert qr_is_good(number, shown)
    assert qr_is_good(number, clock("09:00:19.999"))
    assert not qr_is_good(number, clock("09:00:20"))


def test_six_digits_are_good_for_their_minute_and_half_the_next() -> None:
    code = six_digits("secret", 7, window(clock("09:00:00"), 60))
    assert len(code) == 6
    assert code.isdecimal()
    assert code in codes_at("secret", 7, clock("09:00:00"))
    assert code in codes_at("secret", 7, clock("09:01:29"))
    assert code not in codes_at("secret", 7, clock("09:01:30"))
    assert code not in codes_at("secret", 7, clock("08:59:59"))
    assert code not in codes_at("secret", 8, clock("09:00:00"))
    assert code not in codes_at("other", 7, clock("09:00:00"))


@given(st.integers(4, 720), st.integers())
def test_cards_show_one_after_another_and_can_be_answered_in_full(minutes: int, seed: int) -> None:
    end = START + dt.timedelta(minutes=minutes)
    moments = card_moments(START, end, random.Random(seed))
    assert 1 <= len(moments) <= CARDS
    assert moments[0] >= START
    last = moments[-1]
    if minutes >= 10:
        assert last + dt.timedelta(seconds=CARD_SECONDS) <= end
    for one, other in itertools.pairwise(moments):
        assert other - one >= dt.timedelta(seconds=CARD_SECONDS)
