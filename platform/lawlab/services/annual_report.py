"""The report of a year: its figures, and the two files that are made of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.config import Settings
from lawlab.domain.annual_facts import LessonFacts, QuizFacts, YearFacts
from lawlab.domain.annual_report import AnnualReport, annual_report
from lawlab.errors import LawlabError, NotFound
from lawlab.services.annual_document import check_template, make_document
from lawlab.services.annual_sheets import make_sheets
from lawlab.services.annual_template import template_of
from lawlab.services.quiz_results import expected_people
from lawlab.store import annual_report as store
from lawlab.store.people import unit_kinds
from lawlab.store.statutes import china_day
from lawlab.store.tables import Quiz

FindFont = Callable[[], str]
NO_FILE_NAME = re.compile(r'[\x00-\x1f\\/:*?"<>|]')
"""What the name of a file cannot hold on one system or another."""


@dataclass(frozen=True)
class Made:
    """Both files of a year, from one look at the database, and how they are called."""

    report: AnnualReport
    document: bytes
    sheets: bytes
    document_name: str
    sheets_name: str


def year_report(session: Session, year: int, now: datetime) -> AnnualReport:
    """The figures of a year as of `now`.

    Raises NotFound `empty_year`, with `years` that are not, when nothing happened in it.
    """
    completed = store.completed_lessons(session)
    facts = _facts(session, year, now, completed)
    if facts.empty:
        years = _years(session, completed)
        known = f"有记录的年份：{'、'.join(map(str, years))}。" if years else "别的年份也还没有。"
        raise NotFound(
            "empty_year",
            f"{year} 年没有结束了的活动、公布了成绩的测验，也没有人学完课时，没有生成报告。{known}",
            year=year,
            years=years,
        )
    return annual_report(facts)


def years_with_data(session: Session) -> list[int]:
    """The years of which a report can be made."""
    return _years(session, store.completed_lessons(session))


def make_report(
    session: Session, settings: Settings, year: int, now: datetime, find_font: FindFont
) -> Made:
    """Make both files, or neither.

    Raises NotFound `empty_year`, LawlabError `bad_template`, LawlabError `no_font`.
    """
    report = year_report(session, year, now)
    name = NO_FILE_NAME.sub("", settings.town) + f"{year}年普法学习"
    sheets_name = f"{name}附件.xlsx"
    document, numbers = make_document(
        report, template_of(settings), settings.town, china_day(now), sheets_name, find_font()
    )
    return Made(
        report,
        document,
        make_sheets(report, numbers),
        f"{name}报告.docx",
        sheets_name,
    )


def faults_of(settings: Settings, find_font: FindFont) -> list[str]:
    """What keeps the files from being made, in sentences; nothing when they can be."""
    faults = []
    for check in (lambda: check_template(template_of(settings)), find_font):
        try:
            check()
        except LawlabError as error:
            faults.append(error.sentence)
    return faults


def report_json(report: AnnualReport) -> dict[str, Any]:
    """The figures for a page, in the order in which people read them."""
    return {
        "year": report.year,
        "day": report.day.isoformat(),
        "figures": [
            {
                "name": one.name,
                "label": one.label,
                "value": one.value,
                "unit": one.unit,
                "text": one.text,
                "how": one.how,
                "where": one.where,
                "sheet": one.sheet,
            }
            for one in report.figures.values()
        ],
        "notes": list(report.notes),
    }


def _facts(
    session: Session, year: int, now: datetime, completed: list[store.Completed]
) -> YearFacts:
    today = china_day(now)
    unclosed, unsettled = store.unclosed_and_unsettled(session, year, now)
    return YearFacts(
        year,
        today,
        unit_kinds(session),
        store.people_facts(session),
        store.meetings_of(session, year),
        store.records_of(session, year),
        store.leaves_of(session, year),
        tuple(_quiz(session, quiz) for quiz in store.quizzes_of(session, year)),
        tuple(_lessons(session, year, completed)),
        unclosed,
        unsettled,
    )


def _quiz(session: Session, quiz: Quiz) -> QuizFacts:
    assert quiz.opened_at is not None
    day = china_day(quiz.opened_at)
    return QuizFacts(quiz.assignment, quiz.title, day, expected_people(session, quiz))


def _lessons(session: Session, year: int, completed: list[store.Completed]) -> list[LessonFacts]:
    found = [one for one in completed if china_day(one.at).year == year]
    titles = store.lesson_titles(session)
    people = store.names_of(session, {one.person_id for one in found})
    rows = []
    for one in found:
        login, name = people[one.person_id]
        course, title = titles.get(one.place, ("", one.place))
        rows.append(LessonFacts(login, name, course, title, china_day(one.at)))
    return rows


def _years(session: Session, completed: list[store.Completed]) -> list[int]:
    years = store.years_of_activities_and_quizzes(session)
    return sorted(years | {china_day(one.at).year for one in completed})
