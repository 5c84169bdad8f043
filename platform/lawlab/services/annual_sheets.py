"""The .xlsx appendix of the yearly report: how each figure is counted, and every row counted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from lawlab.domain import annual_rows as sheets
from lawlab.domain.annual_report import AnnualReport
from lawlab.domain.attendance import PHASE_NAMES, STATUS_NAMES, WAY_NAMES
from lawlab.domain.roster_cells import COHORT_NAMES, KIND_NAMES
from lawlab.domain.statute import CHINA_TIME
from lawlab.services.annual_words import notes_of, plain
from lawlab.services.sheets import fill

ABOUT = "说明"
LEAVE_STATES = {"asked": "待批", "approved": "已批准", "refused": "未批准", "withdrawn": "已撤回"}
NARROW, WIDE, WIDEST = 12, 20, 60
WIDE_COLUMNS = (
    "单位",
    "活动",
    "地点",
    "测验",
    "课程",
    "课时",
    "组织",
    "时间",
    "申请时间",
    "批复时间",
)
WIDEST_COLUMNS = ("怎么算的", "依据", "全部行")

Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


def make_sheets(report: AnnualReport, numbers: Mapping[str, tuple[int, ...]]) -> bytes:
    """The content of the .xlsx; `numbers` are the footnotes of each figure in the document."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, heading, rows in _tables(report, numbers):
        sheet = book.create_sheet(title)
        fill(sheet, [heading, *([_cell(value) for value in row] for row in rows)])
        _dress(sheet, heading)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _tables(report: AnnualReport, numbers: Mapping[str, tuple[int, ...]]) -> Iterable[Table]:
    meetings = {one.id: one for one in report.meetings}
    yield ABOUT, ["脚注", "数字", "值", "怎么算的", "依据", "全部行"], _about(report, numbers)
    yield (
        sheets.PEOPLE,
        ["登录名", "姓名", "单位", "人群"],
        ((one.login, one.name, one.unit, _cohorts(one.cohorts)) for one in report.people),
    )
    yield (
        sheets.UNITS,
        ["单位", "类别", "人数", "应到", "实到", "出勤率"],
        (
            (one.name, KIND_NAMES[one.kind], one.members, one.expected, one.there, _share(one))
            for one in report.units
        ),
    )
    yield (
        sheets.MEETINGS,
        ["日期", "活动", "类别", "组织", "方式", "地点"],
        (
            (
                one.day,
                one.title,
                PHASE_NAMES[one.phase],
                one.organizer or "镇",
                "线上" if one.online else "现场",
                one.place,
            )
            for one in report.meetings
        ),
    )
    yield (
        sheets.ATTENDANCE,
        ["单位", "日期", "活动", "登录名", "姓名", "应到", "结果", "登记方式", "时间"],
        (
            (
                one.unit,
                meetings[one.meeting].day,
                meetings[one.meeting].title,
                one.login,
                one.name,
                "是" if one.expected else "旁听",
                STATUS_NAMES[one.status],
                WAY_NAMES[one.way],
                one.at,
            )
            for one in report.records
        ),
    )
    yield (
        sheets.LEAVES,
        ["日期", "活动", "登录名", "姓名", "单位", "结果", "申请时间", "批复时间", "批复人"],
        (
            (
                meetings[one.meeting].day,
                meetings[one.meeting].title,
                one.login,
                one.name,
                one.unit,
                LEAVE_STATES[one.state],
                one.asked_at,
                one.decided_at,
                one.decided_by,
            )
            for one in report.leaves
        ),
    )
    yield (
        sheets.QUIZZES,
        ["日期", "测验", "登录名", "姓名", "单位", "得分", "结果"],
        (
            (
                one.day,
                one.title,
                one.person.login,
                one.person.name,
                one.person.unit,
                None if one.person.share is None else round(100 * one.person.share, 1),
                _result(one),
            )
            for one in report.quizzes
        ),
    )
    yield (
        sheets.LESSONS,
        ["日期", "登录名", "姓名", "课程", "课时"],
        ((one.day, one.login, one.name, one.course, one.lesson) for one in report.lessons),
    )


def _about(report: AnnualReport, numbers: Mapping[str, tuple[int, ...]]) -> Iterable[Sequence[Any]]:
    """In the order of the footnotes, then the figures that the document does not name."""
    figures = notes_of(report)
    for name in sorted(figures, key=lambda one: (one not in numbers, numbers.get(one, ()))):
        figure = figures[name]
        footnotes = "、".join(map(str, numbers.get(name, ()))) or "—"
        told = figure.label, figure.text, figure.how, figure.where, sheets.spans(figure.rows)
        yield footnotes, *told
    for note in report.notes:
        yield "注意", "", "", note, "", ""


def _cohorts(cohorts: frozenset[str]) -> str:
    return "、".join(name for cohort, name in COHORT_NAMES.items() if cohort in cohorts)


def _share(unit: sheets.UnitRow) -> str:
    return "—" if unit.share is None else f"{sheets.rounded(100 * unit.share)}%"


def _result(row: sheets.QuizRow) -> str:
    if row.person.share is None:
        return "未参加"
    return {True: "及格", False: "不及格", None: "待评"}[row.person.passed]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA_TIME):%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return plain(value)
    return value


def _dress(sheet: Any, heading: Sequence[str]) -> None:
    for number, name in enumerate(heading, 1):
        cell = sheet.cell(1, number)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
        width = WIDEST if name in WIDEST_COLUMNS else WIDE if name in WIDE_COLUMNS else NARROW
        sheet.column_dimensions[get_column_letter(number)].width = width
    if heading[-1] in WIDEST_COLUMNS:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
