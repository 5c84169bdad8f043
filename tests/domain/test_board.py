"""Ranks and unit figures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.board import PersonRow, UnitRow, rank_people, rank_units


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
