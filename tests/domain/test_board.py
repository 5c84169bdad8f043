"""Ranks and unit figures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.board import PersonRow, rank_people, rank_units


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


def test_a_unit_counts_every_member_so_that_sending_the_best_gains_nothing() -> None:
    ranked = rank_units([row("1", 90, "甲村"), row("2", 0, "甲村"), row("3", 50, "乙村")])
    assert [(unit.unit, unit.points, unit.members, unit.participants) for unit in ranked] == [
        ("乙村", 50, 1, 1),
        ("甲村", 45, 2, 1),
    ]
    assert ranked[1].participation == 0.5


def test_people_without_a_unit_are_in_no_unit_line() -> None:
    assert rank_units([row("1", 9, None)]) == []


@given(st.lists(st.floats(0, 1000, allow_nan=False), max_size=40))
def test_rank_is_one_more_than_the_number_of_better_people(points: list[float]) -> None:
    ranked = rank_people(row(str(n), value) for n, value in enumerate(points))
    for found in ranked:
        assert found.rank == 1 + sum(value > found.points for value in points)
