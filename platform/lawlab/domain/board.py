"""Ranks and unit figures of the boards. Who is expected, and on which day, the caller decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar


@dataclass(frozen=True)
class PersonRow:
    """One person's line. `learn`, `quiz`, `meet`, `drill` and `contest` are what earned it."""

    login: str
    name: str
    unit: str | None
    points: float
    learn: float = 0.0
    quiz: float = 0.0
    meet: float = 0.0
    drill: float = 0.0
    contest: float = 0.0
    rank: int = 0


@dataclass(frozen=True)
class UnitRow:
    """One unit's or cohort's line: `points` is the sum over its members divided by `members`, so
    that sending only the best gains nothing; `participation` is the share who did anything."""

    unit: str
    members: int
    participants: int
    points: float
    rank: int = 0

    @property
    def participation(self) -> float:
        return self.participants / self.members if self.members else 0.0


def rank_people(rows: Iterable[PersonRow]) -> list[PersonRow]:
    """Highest points first; equal points share a rank and stand by sign-in name (1, 2, 2, 4)."""
    ordered = sorted(rows, key=lambda row: (-row.points, row.login))
    return [replace(row, rank=rank) for row, rank in _ranked(ordered)]


def rank_units(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Highest mean first; equal ones share a rank and stand by name."""
    ordered = sorted(rows, key=lambda row: (-row.points, row.unit))
    return [replace(row, rank=rank) for row, rank in _ranked(ordered)]


Row = TypeVar("Row", PersonRow, UnitRow)


def _ranked(ordered: Sequence[Row]) -> list[tuple[Row, int]]:
    ranked: list[tuple[Row, int]] = []
    for position, row in enumerate(ordered, 1):
        shared = ranked and ranked[-1][0].points == row.points
        ranked.append((row, ranked[-1][1] if shared else position))
    return ranked
