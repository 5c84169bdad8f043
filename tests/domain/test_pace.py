"""Buckets: a burst, then a steady rate, for each one by himself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.pace import Buckets


def test_a_full_bucket_gives_its_burst_and_then_its_rate() -> None:
    buckets = Buckets(rate=10, burst=60)
    assert [buckets.take("甲", 0.0) for _ in range(60)] == [0.0] * 60
    assert buckets.take("甲", 0.0) == pytest.approx(0.1)
    assert buckets.take("乙", 0.0) == 0
    assert buckets.take("甲", 0.11) == 0
    assert buckets.take("甲", 0.11) > 0
    assert [buckets.take("甲", 100.0) for _ in range(61)].count(0) == 60


def test_what_is_refused_takes_nothing_and_says_when_it_is_there() -> None:
    buckets = Buckets(rate=2, burst=4)
    assert buckets.take("甲", 0.0, 4) == 0
    waits = {buckets.take("甲", 0.0, 3) for _ in range(5)}
    assert waits == {1.5}
    assert buckets.take("甲", 1.5, 3) == 0


def test_so_many_are_remembered_and_the_forgotten_begin_anew() -> None:
    buckets = Buckets(rate=1, burst=1, most=2)
    for who in "甲乙丙":
        assert buckets.take(who, 0.0) == 0
    assert buckets.take("丙", 0.0) > 0
    assert buckets.take("甲", 0.0) == 0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 5)), max_size=60))
def test_nobody_ever_gets_more_than_burst_and_rate(asked: list[tuple[float, float]]) -> None:
    buckets = Buckets(rate=3, burst=7)
    now = given_out = 0.0
    for gap, cost in asked:
        now += gap
        wait = buckets.take("甲", now, cost)
        given_out += cost if wait == 0 else 0
        assert wait >= 0
        assert given_out <= 7 + 3 * now + 1e-6
