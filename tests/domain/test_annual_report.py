"""The figures of a year: who counts on which day, what they say when there is nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from lawlab.domain.annual_facts import (
    Meeting,
    Membership,
    PersonFacts,
    QuizFacts,
    Record,
    YearFacts,
)
from lawlab.domain.annual_report import AnnualReport, annual_report
from lawlab.domain.annual_rows import rounded, spans
from lawlab.domain.quiz_report import ExpectedPerson

CHINA = dt.timezone(dt.timedelta(hours=8))
KINDS = {"司法所": "department", "综治办": "department", "河口村": "village"}
LAST = dt.date(2022, 12, 31)


def person(
    login: str,
    *cohorts: str,
    since: dt.date = dt.date(2022, 1, 1),
    until: dt.date | None = None,
    left: dt.date | None = None,
    unit: str = "司法所",
) -> PersonFacts:
    memberships = tuple(Membership(one, since, until) for one in cohorts)
    return PersonFacts(login, login, memberships, (Membership(unit, since, until),), left)


def meeting(number: int, month: int = 5, phase: str = "learn", organizer: str = "") -> Meeting:
    starts = dt.datetime(2022, month, number, 9, tzinfo=CHINA)
    return Meeting(
        number, f"第{number}场", starts.date(), starts, phase, False, "三楼", organizer or None
    )


def record(
    number: int, login: str, status: str, *, expected: bool = True, unit: str | None = "司法所"
) -> Record:
    at = dt.datetime(2022, 5, number, 9, tzinfo=CHINA)
    return Record(number, login, login, unit, expected, status, "list", at)


def report(today: dt.date = dt.date(2026, 11, 26), **facts: object) -> AnnualReport:
    empty = dict.fromkeys(("people", "meetings", "records", "leaves", "quizzes", "lessons"), ())
    given = empty | {"year": 2022, "today": today, "kinds": KINDS} | facts
    return annual_report(YearFacts(**given))  # type: ignore[arg-type]


def values(found: AnnualReport, *names: str) -> list[float | None]:
    return [found.figures[name].value for name in names]


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({"since": LAST}, True),
        ({"since": LAST + dt.timedelta(days=1)}, False),
        ({"until": LAST}, False),  # its last day was 30 December
        ({"until": LAST + dt.timedelta(days=1)}, True),
        ({"left": LAST}, False),
        ({"left": LAST + dt.timedelta(days=1)}, True),  # disabled since, and there then
    ],
)
def test_people_count_on_the_last_day_of_the_year(facts: dict[str, dt.date], counts: bool) -> None:
    found = report(people=(person("s001", "staff", **facts),))  # type: ignore[arg-type]
    assert values(found, "staff", "people", "departments") == [counts] * 3


def test_while_the_year_runs_people_count_today() -> None:
    new = person("s001", "staff", since=dt.date(2022, 6, 2))
    for day, counts in ((1, 0), (2, 1)):
        found = report(dt.date(2022, 6, day), people=(new,))
        assert (values(found, "staff"), found.day) == ([counts], dt.date(2022, 6, day))
        assert "还没有过完" in found.notes[0]
    assert report(people=(new,)).notes == ()


def test_who_is_both_counts_in_both_and_once_in_the_total() -> None:
    people = (person("s001", "staff", "villager"), person("v001", "villager", unit="河口村"))
    found = report(people=people)
    names = ("staff", "villagers", "people", "departments", "villages", "units")
    assert values(found, *names) == [1, 2, 2, 1, 1, 2]
    assert [row.login for row in found.people] == ["s001", "v001"]
    assert found.figures["villagers"].where == "“人员”表第2—3行"
    assert found.figures["staff"].where == "“人员”表第2行"


def test_meetings_are_split_by_who_held_them_and_by_phase() -> None:
    meetings = (
        meeting(3, phase="compete", organizer="河口村"),
        meeting(1, organizer="司法所"),
        meeting(2, phase="drill"),
    )
    found = report(meetings=meetings)
    names = ("meetings", "by_departments", "by_villages", "by_town")
    assert values(found, *names) == [3, 1, 1, 1]
    assert values(found, "learn_meetings", "drill_meetings", "compete_meetings") == [1, 1, 1]
    assert found.figures["by_villages"].where == "“活动”表第4行"  # by date


def test_attendance_leaves_guests_out_of_the_rate_only() -> None:
    records = (
        record(1, "s001", "present"),
        record(1, "s002", "excused"),
        record(1, "s003", "present", expected=False),
        record(2, "s001", "late"),
        record(2, "s002", "absent"),
    )
    found = report(meetings=(meeting(1), meeting(2, phase="drill")), records=records)
    assert values(found, "person_times", "learn_times", "drill_times") == [3, 2, 1]
    assert values(found, "attended", "guests") == [2, 1]
    assert values(found, "expected_times", "expected_there", "late", "leave", "absent") == [
        4,
        2,
        1,
        1,
        1,
    ]
    assert found.figures["attendance_rate"].text == "50%"


def test_without_anything_there_is_no_rate_and_no_division_by_zero() -> None:
    found = report()
    assert {one.value for one in found.figures.values()} == {0, None}
    for name in ("attendance_rate", "quiz_average", "pass_rate"):
        assert (found.figures[name].value, found.figures[name].text) == (None, "—")
    assert (found.months, found.leading, found.lagging) == ((), (), ())


def test_units_that_did_well_and_those_that_lag() -> None:
    records = [record(n, "s001", "present", unit="司法所") for n in range(1, 11)]
    records += [
        record(n, "s002", "present" if n < 8 else "absent", unit="综治办") for n in range(1, 11)
    ]
    records += [
        record(n, "v001", "present" if n < 7 else "absent", unit="河口村") for n in range(1, 11)
    ]
    found = report(meetings=tuple(meeting(n) for n in range(1, 11)), records=tuple(records))
    assert [one.name for one in found.leading] == ["司法所"]
    assert [one.name for one in found.lagging] == ["河口村"]  # 70% is no lagging
    assert [(one.month, one.expected, one.there) for one in found.months] == [(5, 30, 23)]


def test_quiz_figures_take_settled_results_only() -> None:
    rows = [(0.9, True), (0.5, False), (0.7, None), (None, None)]
    people = tuple(
        ExpectedPerson(f"s{n}", f"s{n}", None, ("staff",), *row) for n, row in enumerate(rows)
    )
    found = report(quizzes=(QuizFacts("quiz-1", "测验一", dt.date(2022, 5, 1), people),))
    assert values(found, "quizzes", "quiz_takers", "pass_rate") == [1, 3, 0.5]
    assert found.figures["quiz_average"].text == "70分"
    assert found.figures["quiz_average"].where == "“测验”表第2—3行"


@pytest.mark.parametrize(
    ("value", "text"),
    [(74.0, "74"), (66.65, "66.7"), (0.05, "0.1"), (100, "100"), (1234567.25, "1234567.3")],
)
def test_a_share_is_rounded_as_people_round(value: float, text: str) -> None:
    assert rounded(value) == text


def test_rows_are_written_as_spans() -> None:
    assert spans([2, 3, 4, 9, 11, 12]) == "2—4、9、11—12"
    assert spans([]) == ""


def test_rows_that_lie_apart_too_often_are_told_in_short() -> None:
    statuses = ["present" if n % 2 else "absent" for n in range(1, 21)]
    records = tuple(record(n, "s001", one) for n, one in enumerate(statuses, 1))
    found = report(meetings=tuple(meeting(n) for n in range(1, 21)), records=records)
    assert found.figures["person_times"].where == "“出勤”表第2—20行里符合的10行"
    assert found.figures["expected_times"].where == "“出勤”表第2—21行"
