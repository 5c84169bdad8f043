"""Ranks and unit figures."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.board import PersonRow, UnitRow, rank_people, rank_units
from lawlab.domain.board_spans import earlier_after, earned_on


def row(login: str, points: float, unit: str | None = "党政综合办公室") -> PersonRow:
    return PersonRow(login, f"干部{login}", unit, points)


def test_equal_points_share_a_rank_and_the_next_rank_is_skipped() -> None:
    ranked = rank_people([row("3", 5), row("1", 9), row("2", 9), row("4", 1)])
    assert [(found.login, found.rank) for found in ranked] == [
        ("1", 1),
        ("2", 1),
        ("3", 3),
        ("4", 4),
    ]


def test_units_stand_by_their_mean_and_say_who_took_part() -> None:
    ranked = rank_units(
        [UnitRow("甲村", 2, 1, 45.0), UnitRow("乙村", 1, 1, 50.0), UnitRow("丙村", 4, 0, 45.0)]
    )
    assert [(unit.unit, unit.rank) for unit in ranked] == [("乙村", 1), ("丙村", 2), ("甲村", 2)]
    assert [unit.participation for unit in ranked] == [1.0, 0.0, 0.5]


@given(st.lists(st.floats(0, 1000, allow_nan=False), max_size=40))
def test_rank_is_one_more_than_the_number_of_better_people(points: list[float]) -> None:
    ranked = rank_people(row(str(n), value) for n, value in enumerate(points))
    for found in ranked:
        assert found.rank == 1 + sum(value > found.points for value in points)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), min_size=1, max_size=30))
def test_points_belong_to_days_and_what_is_lost_was_earned_last(
    changes: list[tuple[int, int]],
) -> None:
    """Against a pile of single quarter points, of which each knows its day."""
    pile: list[dt.date] = []
    earlier: dict[dt.date, float] = {}
    before = (0.0, dt.date(2026, 1, 1))
    for days, quarters in changes:
        after = (quarters / 4, before[1] + dt.timedelta(days=days))
        del pile[quarters:]
        pile += [after[1]] * (quarters - len(pile))
        earlier = earlier_after(earlier, before, after)
        before = after
        assert earned_on(*after, earlier) == {day: pile.count(day) / 4 for day in set(pile)}
        assert after[1] not in earlier
