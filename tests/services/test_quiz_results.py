"""The report of a quiz by unit and cohort, its statistics, and the sheet made of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, NotFound
from lawlab.services.quiz_results import quiz_results, quiz_statistics
from lawlab.services.quiz_sheets import write_results
from lawlab.store.tables import (
    CohortMembership,
    Grade,
    ItemVersion,
    Person,
    Quiz,
    Role,
    Sitting,
    Unit,
    UnitMembership,
)

Sessions = sessionmaker[Session]
LONG_AGO = date(2022, 1, 1)


def question(n: int) -> Question:
    return Question(
        id=f"atf-{n:03}",
        type=QuestionType.SINGLE,
        stem=f"=第 {n} 个题干",
        options={"A": "甲", "B": "乙"},
        answer="A",
        explanation="",
        articles=("反电信网络诈骗法#1",),
        evidence="",
        difficulty=1,
    )


def person(
    login: str, unit: Unit | None, cohorts: str, now: datetime, role: str = "learner"
) -> Person:
    found = Person(login=login, full_name=f"学员{login}", created_at=now)
    found.roles = [Role(role=role)]
    found.cohorts = [CohortMembership(cohort=one, since=LONG_AGO) for one in cohorts.split()]
    if unit:
        found.units = [UnitMembership(unit=unit, since=LONG_AGO)]
    return found


@pytest.fixture
def people(sessions: Sessions, now: datetime) -> dict[str, int]:
    """An opened quiz of two questions, and who took it: a passed, b failed, c waits, d was absent,
    e is still answering; the others were not expected."""
    with sessions() as session:
        office, village = (
            Unit(name="司法所", kind="department"),
            Unit(name="河口村", kind="village"),
        )
        everybody = [
            person("a", office, "staff", now),
            person("b", office, "staff villager", now),
            person("c", village, "villager", now),
            person("d", village, "villager", now),
            person("e", None, "villager", now),
            person("left", village, "villager", now),
            person("later", village, "villager", now),
            person("trainer", office, "staff", now, role="trainer"),
        ]
        everybody[5].disabled_at, everybody[5].active = now - timedelta(days=2), False
        everybody[6].cohorts[0].since = now.date() + timedelta(days=1)
        session.add_all(everybody)
        session.add(
            Quiz(
                assignment="quiz-1",
                title="小测验",
                minutes=30,
                pass_mark=60,
                state="open",
                blueprint={},
                paper=[
                    {"slot": f"q0{n}", "item": f"atf-00{n}", "version": 1, "points": 50}
                    for n in (1, 2)
                ],
                built_at=now,
                opened_at=now,
            )
        )
        for n in (1, 2):
            session.add(
                ItemVersion(
                    item=f"atf-00{n}",
                    version=1,
                    bank="atf",
                    type="single",
                    body=question(n).to_json(),
                    sha256="",
                    article_prints={},
                    published_at=now,
                )
            )
        session.commit()
        ids = {one.login: one.id for one in everybody}
        given = {"a": (50.0, 50.0), "b": (50.0, 0.0), "c": (0.0, None), "trainer": (0.0, 0.0)}
        for login, points in given.items():
            sitting = Sitting(
                assignment="quiz-1",
                person_id=ids[login],
                started_at=now,
                deadline=now + timedelta(minutes=30),
                handed_in_at=now,
                responses={"q01": {"chosen": ["A" if points[0] else "B"]}},
            )
            session.add(sitting)
            session.flush()
            slots = {
                f"q0{n}": {"points": one, "max_points": 50.0, "comment": None}
                for n, one in enumerate(points, 1)
            }
            session.add(
                Grade(
                    sitting_id=sitting.id,
                    score=sum(one or 0 for one in points),
                    max_score=100.0,
                    needs_manual=None in points,
                    slots=slots,
                    read_at=now,
                )
            )
        session.add(
            Sitting(
                assignment="quiz-1",
                person_id=ids["e"],
                started_at=now,
                deadline=now + timedelta(minutes=30),
            )
        )
        session.commit()
        return ids


@pytest.mark.usefixtures("people")
def test_the_report_counts_who_was_expected_on_the_day_of_the_opening(sessions: Sessions) -> None:
    with sessions() as session:
        results = quiz_results(session, "quiz-1")
    lines = {
        line.label: (line.expected, line.taken, line.absent, line.passed, line.failed, line.waiting)
        for line in results.report.units
    }
    assert lines == {
        "司法所": (2, 2, 0, 1, 1, 0),
        "河口村": (2, 1, 1, 0, 0, 1),
        None: (1, 0, 1, 0, 0, 0),
    }
    assert [line.label for line in results.report.units] == ["司法所", "河口村", None]
    assert {line.label: line.expected for line in results.report.cohorts} == {
        "staff": 2,
        "villager": 4,
    }
    total = results.report.total
    assert (total.expected, total.taken, total.pass_rate, total.mean) == (5, 3, 0.5, 75.0)


@pytest.mark.usefixtures("people")
def test_the_statistics_leave_out_what_a_person_has_still_to_mark(sessions: Sessions) -> None:
    with sessions() as session:
        statistics = quiz_statistics(session, "quiz-1")
    first, second = statistics.items
    assert (first.question, first.attempts, first.facility) == ("atf-001", 4, 0.5)
    assert (second.attempts, second.unmarked, second.blank) == (3, 1, 4)
    assert {one.option: one.chosen for one in first.options} == {"A": 2, "B": 2}


@pytest.mark.usefixtures("people")
def test_the_sheet_holds_the_same_figures_and_no_formula(
    sessions: Sessions, tmp_path: Path
) -> None:
    file = tmp_path / "out" / "成绩.xlsx"
    file.parent.mkdir()
    with sessions() as session:
        write_results(quiz_results(session, "quiz-1"), quiz_statistics(session, "quiz-1"), file)
    book = load_workbook(file)
    assert book.sheetnames == ["汇总", "名单", "试题分析"]
    rows = [[cell.value for cell in row] for row in book["汇总"].rows]
    assert rows[0][:5] == ["单位或人群", "应考", "实考", "未参加", "及格"]
    assert rows[1] == ["司法所", 2, 2, 0, 1, 1, 0, "50.0%", 75.0, "100.0%"]
    assert rows[-1] == ["合计", 5, 3, 2, 1, 1, 1, "50.0%", 75.0, "60.0%"]
    people = {row[0].value: [cell.value for cell in row][4:] for row in book["名单"].rows}
    assert people["a"] == [100, "及格"]
    assert people["c"] == [0, "待评"]
    assert people["d"] == [None, "未参加"]
    assert "left" not in people
    stem = book["试题分析"]["B2"]
    assert (stem.value, stem.data_type) == ("=第 1 个题干", "s")
    assert list(file.parent.iterdir()) == [file]


def test_a_quiz_that_is_not_there_or_not_open_says_so(sessions: Sessions, now: datetime) -> None:
    with sessions() as session:
        with pytest.raises(NotFound):
            quiz_results(session, "nothing")
        session.add(
            Quiz(
                assignment="quiz-2",
                title="二",
                minutes=1,
                pass_mark=60,
                state="built",
                blueprint={},
                paper=[],
                built_at=now,
            )
        )
        session.commit()
        with pytest.raises(Conflict, match="还没有开放"):
            quiz_results(session, "quiz-2")
