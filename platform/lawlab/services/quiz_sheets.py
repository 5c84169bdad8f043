"""A quiz's results as the .xlsx that trainers pass on: 汇总, 名单, 试题分析."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from lawlab.domain.item_statistics import FLAG_NAMES, ItemStatistics
from lawlab.domain.quiz_report import COLUMN_NAMES, ReportLine
from lawlab.domain.roster_cells import COHORT_NAMES
from lawlab.services.quiz_results import QuizResults, QuizStatistics
from lawlab.services.sheets import fill

SHARES = ("pass_rate", "participation")


def write_results(results: QuizResults, statistics: QuizStatistics, file: Path) -> None:
    """Write the three sheets. Replaces `file` only when all of it is written. Raises OSError."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.write_bytes(results_file(results, statistics))
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def results_file(results: QuizResults, statistics: QuizStatistics) -> bytes:
    """The three sheets as the content of an .xlsx file."""
    book = Workbook()
    summary = book.active
    assert summary is not None
    summary.title = "汇总"
    _fill(summary, [["单位或人群", *COLUMN_NAMES.values()], *summary_rows(results)])
    _fill(
        book.create_sheet("名单"),
        [["登录名", "姓名", "单位", "人群", "得分", "结果"], *_people(results)],
    )
    heading = ["题号", "题干", "作答人数", "得分率", "区分度", "区分效率", "未作答", "提示"]
    _fill(
        book.create_sheet("试题分析"),
        [heading, *([*row] for row in item_rows(statistics))],
    )
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def summary_rows(results: QuizResults) -> list[list[Any]]:
    """The lines of the unit report: units, then cohorts, then the total, in words and figures."""
    report = results.report
    units = [(line.label or "没有单位", line) for line in report.units]
    cohorts = [(COHORT_NAMES[line.label or ""], line) for line in report.cohorts]
    return [[name, *_figures(line)] for name, line in [*units, *cohorts, ("合计", report.total)]]


def item_rows(statistics: QuizStatistics) -> Iterable[Sequence[Any]]:
    """A question a row: id, stem, answers, facility in %, index, efficiency, blanks, flags."""
    for item in statistics.items:
        yield (
            item.question,
            statistics.questions[item.question].stem,
            item.attempts,
            _percent(item.facility),
            _rounded(item.index),
            _rounded(item.efficiency),
            item.blank,
            flags(item),
        )


def flags(item: ItemStatistics) -> str:
    return "；".join(FLAG_NAMES[flag] for flag in item.flags)


def _figures(line: ReportLine) -> list[Any]:
    return [
        _percent(value) if name in SHARES else _rounded(value)
        for name in COLUMN_NAMES
        for value in [getattr(line, name)]
    ]


def _people(results: QuizResults) -> Iterable[list[Any]]:
    for person in results.people:
        absent = person.share is None
        settled = {True: "及格", False: "不及格", None: "待评"}[person.passed]
        yield [
            person.login,
            person.name,
            person.unit or "",
            "、".join(COHORT_NAMES[cohort] for cohort in person.cohorts),
            "" if person.share is None else _rounded(person.share * 100),
            "未参加" if absent else settled,
        ]


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _rounded(value: float | None) -> float | str:
    return "—" if value is None else round(value, 1)


def _fill(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    fill(sheet, rows)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 18
