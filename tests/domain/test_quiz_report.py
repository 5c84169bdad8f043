"""The report of a quiz."""

from __future__ import annotations

import dataclasses
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.quiz_report import (
    COLUMN_NAMES,
    ExpectedPerson,
    QuizReport,
    ReportLine,
    quiz_report,
)

COUNTS = ("expected", "taken", "absent", "passed", "failed", "waiting")


def person(
    login: str,
    share: float | None,
    passed: bool | None = None,
    *,
    unit: str | None = "甲村",
    cohorts: tuple[str, ...] = ("staff",),
) -> ExpectedPerson:
    return ExpectedPerson(login, f"干部{login}", unit, cohorts, share, passed)


PEOPLE = [
    person("1", 0.9, True, unit="乙村"),
    person("2", 0.5, False, unit="甲村", cohorts=("staff", "villager")),
    person("3", None, unit="乙村", cohorts=("villager",)),
    person("4", 0.4, None, unit="乙村"),
    person("5", 0.6, True, unit="乙村", cohorts=()),
]


def counts(line: ReportLine) -> tuple[int, ...]:
    return tuple(getattr(line, name) for name in COUNTS)


def test_units_stand_in_the_order_of_their_first_appearance() -> None:
    report = quiz_report(PEOPLE)
    assert [line.label for line in report.units] == ["乙村", "甲村"]
    assert [counts(line) for line in report.units] == [(4, 3, 1, 2, 0, 1), (1, 1, 0, 0, 1, 0)]


def test_the_total_counts_everybody_once() -> None:
    total = quiz_report(PEOPLE).total
    assert total.label is None
    assert counts(total) == (5, 4, 1, 2, 1, 1)
    assert total.pass_rate == pytest.approx(2 / 3)
    assert total.mean == pytest.approx(100 * fmean([0.9, 0.5, 0.6]))
    assert total.participation == pytest.approx(4 / 5)


def test_a_person_in_both_cohorts_is_in_both_lines() -> None:
    cohorts = quiz_report(PEOPLE).cohorts
    assert [(line.label, line.expected) for line in cohorts] == [("staff", 3), ("villager", 2)]


def test_a_cohort_without_people_has_no_line() -> None:
    assert [line.label for line in quiz_report([person("1", 0.5, True)]).cohorts] == ["staff"]


def test_who_waits_for_a_mark_is_in_no_rate_but_has_taken_part() -> None:
    total = quiz_report([person("1", 0.3, None)]).total
    assert (total.taken, total.waiting, total.participation) == (1, 1, 1)
    assert (total.pass_rate, total.mean) == (None, None)


def test_nobody_who_is_absent_passes_or_waits() -> None:
    total = quiz_report([person("1", None, True), person("2", None, None)]).total
    assert counts(total) == (2, 0, 2, 0, 0, 0)
    assert (total.pass_rate, total.mean, total.participation) == (None, None, 0)


def test_a_result_of_nothing_is_not_an_absence() -> None:
    total = quiz_report([person("1", 0.0, False)]).total
    assert counts(total) == (1, 1, 0, 0, 1, 0)
    assert (total.pass_rate, total.mean) == (0, 0)


def test_people_without_a_unit_have_a_line_of_their_own() -> None:
    report = quiz_report([person("1", 0.7, True, unit=None), person("2", 0.7, True)])
    assert [(line.label, line.expected) for line in report.units] == [(None, 1), ("甲村", 1)]


def test_nobody_expected_makes_an_empty_report() -> None:
    nothing = ReportLine(None, 0, 0, 0, 0, 0, 0, None, None, None)
    assert quiz_report([]) == QuizReport((), (), nothing)


def test_every_figure_has_its_chinese_heading() -> None:
    fields = [field.name for field in dataclasses.fields(ReportLine)]
    assert ["label", *COLUMN_NAMES] == fields


shares = st.none() | st.floats(0, 1)
people = st.lists(
    st.builds(
        ExpectedPerson,
        login=st.text("0123456789", min_size=6, max_size=6),
        name=st.just("干部"),
        unit=st.sampled_from(["甲村", "乙村", "财政所", None]),
        cohorts=st.sampled_from([(), ("staff",), ("villager",), ("villager", "staff")]),
        share=shares,
        passed=st.none() | st.booleans(),
    ),
    max_size=30,
)


@given(people)
def test_sums(rows: list[ExpectedPerson]) -> None:
    report = quiz_report(rows)
    for line in (*report.units, *report.cohorts, report.total):
        assert line.expected == line.taken + line.absent
        assert line.taken == line.passed + line.failed + line.waiting
        assert min(counts(line)) >= 0
        assert line.participation is None or 0 <= line.participation <= 1
        assert (line.pass_rate is None) == (line.mean is None) == (line.taken == line.waiting)
        assert line.pass_rate is None or 0 <= line.pass_rate <= 1
        assert line.mean is None or 0 <= line.mean <= 100
    assert counts(report.total) == tuple(
        sum(getattr(line, name) for line in report.units) for name in COUNTS
    )
    for line in report.cohorts:
        assert line.expected == sum(line.label in row.cohorts for row in rows)


@given(people.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_only_the_order_of_the_units_depends_on_the_order_of_the_people(
    both: tuple[list[ExpectedPerson], list[ExpectedPerson]],
) -> None:
    first, second = map(quiz_report, both)
    assert (first.cohorts, first.total) == (second.cohorts, second.total)
    assert set(first.units) == set(second.units)
