"""A quiz's report and statistics as plain data, for pages and notebooks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lawlab.domain.item_statistics import FLAG_NAMES, ItemStatistics, flag_reason
from lawlab.domain.question import TYPE_NAMES, Question
from lawlab.domain.quiz_report import COLUMN_NAMES, ExpectedPerson, ReportLine
from lawlab.domain.roster_cells import COHORT_NAMES
from lawlab.services.quiz_results import QuizResults, QuizStatistics

NO_UNIT = "没有单位"


def report_figures(results: QuizResults) -> dict[str, Any]:
    """The report by unit and by cohort with its people; shares from 0 to 1, nothing rounded."""
    report = results.report
    return {
        "assignment": results.assignment,
        "title": results.title,
        "day": results.day.isoformat(),
        "columns": COLUMN_NAMES,
        "units": [_line(line, line.label or NO_UNIT) for line in report.units],
        "cohorts": [_line(line, COHORT_NAMES[line.label or ""]) for line in report.cohorts],
        "total": _line(report.total, "合计"),
        "people": [_person(person) for person in results.people],
    }


def statistics_figures(statistics: QuizStatistics) -> dict[str, Any]:
    """The figures of the paper and of each question, with its text, key and use of options."""
    return {
        "attempts": statistics.attempts,
        "paper": asdict(statistics.paper),
        "items": [_item(one, statistics.questions[one.question]) for one in statistics.items],
    }


def _line(line: ReportLine, label: str) -> dict[str, Any]:
    return asdict(line) | {"label": label}


def _person(person: ExpectedPerson) -> dict[str, Any]:
    result = {True: "及格", False: "不及格", None: "待评"}[person.passed]
    return {
        "login": person.login,
        "name": person.name,
        "unit": person.unit or "",
        "cohorts": [COHORT_NAMES[cohort] for cohort in person.cohorts],
        "score": None if person.share is None else 100 * person.share,
        "result": "未参加" if person.share is None else result,
    }


def _item(one: ItemStatistics, question: Question) -> dict[str, Any]:
    figures = asdict(one) | {
        "type": question.type.value,
        "type_name": TYPE_NAMES[question.type],
        "stem": question.stem,
        "answer": question.answer,
        "articles": list(question.articles),
        "flags": [
            {"flag": flag.value, "name": FLAG_NAMES[flag], "reason": flag_reason(flag)}
            for flag in one.flags
        ],
    }
    for option in figures["options"]:
        letter = option["option"]
        option["text"] = question.options.get(letter, "")
        option["right"] = letter in question.answer
    return figures
