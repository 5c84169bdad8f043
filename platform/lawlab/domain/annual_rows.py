"""What a year's report is written in: rows of its appendix, and figures counted over them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lawlab.domain.quiz_report import ExpectedPerson

Row = TypeVar("Row")

FIRST_ROW = 2
"""In every sheet of the appendix the first row is the heading."""
MOST_SPANS = 6
"""So many stretches of rows a footnote names; the appendix has them all."""
PEOPLE, UNITS, MEETINGS, ATTENDANCE = "人员", "单位", "活动", "出勤"
LEAVES, QUIZZES, LESSONS = "请假", "测验", "课时"


@dataclass(frozen=True)
class PersonRow:
    """Somebody in the program on the day of the report."""

    login: str
    name: str
    unit: str | None
    cohorts: frozenset[str]


@dataclass(frozen=True)
class UnitRow:
    """A unit with members in the program on the day, or with somebody expected in the year.
    `expected` and `there` are person-times of the year."""

    name: str
    kind: str
    members: int
    expected: int
    there: int

    @property
    def share(self) -> float | None:
        return self.there / self.expected if self.expected else None


@dataclass(frozen=True)
class QuizRow:
    """One person who was expected at one quiz."""

    assignment: str
    title: str
    day: date
    person: ExpectedPerson


@dataclass(frozen=True)
class Figure:
    """A number of the report. `name` is stable; `rows` are those of `sheet` that were counted.

    A `value` with the unit "%" is a share from 0 to 1; None: there is nothing to take it from.
    """

    name: str
    label: str
    unit: str
    value: float | None
    how: str
    sheet: str
    rows: tuple[int, ...]

    @property
    def text(self) -> str:
        """The number as people read it, with its unit: 74人, 93.5%."""
        if self.value is None:
            return "—"
        if self.unit == "%":
            return f"{rounded(100 * self.value)}%"
        if isinstance(self.value, int):
            return f"{self.value}{self.unit}"
        return f"{rounded(self.value)}{self.unit}"

    @property
    def where(self) -> str:
        """The evidence in a few words: “活动”表第2—5、9行. Of rows that lie apart too often,
        between which ones they lie."""
        if not self.rows:
            return f"“{self.sheet}”表，没有符合的行"
        told = spans(self.rows)
        if told.count("、") < MOST_SPANS:
            return f"“{self.sheet}”表第{told}行"
        return f"“{self.sheet}”表第{self.rows[0]}—{self.rows[-1]}行里符合的{len(self.rows)}行"


def rounded(value: float) -> str:
    """One decimal, halves up as people round, none when it is a whole number."""
    return f"{math.floor(value * 10 + 0.5 + 1e-9) / 10:.1f}".removesuffix(".0")


def spans(rows: Sequence[int]) -> str:
    """2,3,4,9 → 2—4、9."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return "、".join(str(one) if one == last else f"{one}—{last}" for one, last in found)


def rows_where(rows: Iterable[Row], wanted: Callable[[Row], object]) -> tuple[int, ...]:
    """The numbers, in their sheet, of the rows that are wanted."""
    return tuple(number for number, row in enumerate(rows, FIRST_ROW) if wanted(row))
