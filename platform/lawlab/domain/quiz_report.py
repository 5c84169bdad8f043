"""The report of a quiz: how many were expected, came and passed, by unit and by cohort.

Who is expected, what they earned and whether that is a pass, the caller decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COHORTS = ("staff", "villager")

COLUMN_NAMES = {
    "expected": "应考",
    "taken": "实考",
    "absent": "未参加",
    "passed": "及格",
    "failed": "不及格",
    "waiting": "待评",
    "pass_rate": "及格率",
    "mean": "平均分",
    "participation": "参考率",
}
"""The figures of a line in the order in which people read them."""


@dataclass(frozen=True)
class ExpectedPerson:
    """One person who should have taken the quiz. `share` is what they earned of the full marks
    (0 to 1), None when absent; `passed` is None while a mark is missing, and not looked at when
    absent."""

    login: str
    name: str
    unit: str | None
    cohorts: tuple[str, ...]
    share: float | None
    passed: bool | None


@dataclass(frozen=True)
class ReportLine:
    """The figures of some people. `label` is a unit's name (None: people without a unit), a cohort,
    or None for the total.

    `taken` is `passed` + `failed` + `waiting`. `pass_rate` (0 to 1) and `mean` (out of 100) are
    taken over the settled results, `passed` + `failed`, and None when there is none: those who wait
    are neither in the numerator nor in the denominator. `participation` (0 to 1) is `taken` of
    `expected`, None when nobody is expected. Nothing is rounded.
    """

    label: str | None
    expected: int
    taken: int
    absent: int
    passed: int
    failed: int
    waiting: int
    pass_rate: float | None
    mean: float | None
    participation: float | None


@dataclass(frozen=True)
class QuizReport:
    """`total` is the sum over `units`, not over `cohorts`: a person may be in both or in none."""

    units: tuple[ReportLine, ...]
    cohorts: tuple[ReportLine, ...]
    total: ReportLine


def quiz_report(people: Iterable[ExpectedPerson]) -> QuizReport:
    """The report from one row a person. Units stand in the order in which they first appear;
    cohorts in the order of COHORTS, those without people left out."""
    rows = list(people)
    by_unit: dict[str | None, list[ExpectedPerson]] = {}
    for row in rows:
        by_unit.setdefault(row.unit, []).append(row)
    by_cohort = {cohort: [row for row in rows if cohort in row.cohorts] for cohort in COHORTS}
    return QuizReport(
        units=tuple(_line(unit, members) for unit, members in by_unit.items()),
        cohorts=tuple(_line(cohort, members) for cohort, members in by_cohort.items() if members),
        total=_line(None, rows),
    )


def _line(label: str | None, rows: Sequence[ExpectedPerson]) -> ReportLine:
    results = [(row.share, row.passed) for row in rows if row.share is not None]
    settled = [share for share, passed in results if passed is not None]
    passed = sum(passed is True for _, passed in results)
    return ReportLine(
        label=label,
        expected=len(rows),
        taken=len(results),
        absent=len(rows) - len(results),
        passed=passed,
        failed=len(settled) - passed,
        waiting=len(results) - len(settled),
        pass_rate=passed / len(settled) if settled else None,
        mean=100 * math.fsum(settled) / len(settled) if settled else None,
        participation=len(results) / len(rows) if rows else None,
    )
