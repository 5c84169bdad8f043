"""Attendance as .xlsx: the sign-in sheet of an activity (签到表), and a year. No phone numbers."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import (
    PHASE_NAMES,
    STATUS_NAMES,
    WARN_AFTER,
    WARN_BELOW,
    WAY_NAMES,
    Rate,
    Status,
)
from lawlab.domain.roster_cells import COHORT_NAMES, KIND_NAMES
from lawlab.domain.sealing import grouped
from lawlab.services.attendance_records import PersonLine, Year
from lawlab.services.attendance_sign_sheet import SignRow, SignSheet
from lawlab.services.sealing import newest_link
from lawlab.services.sheets import fill
from lawlab.store.tables import Attachment

SIGN_COLUMNS = ("序号", "姓名", "单位", "状态", "签到时间", "方式", "备注", "签名")
SIGN_WIDTHS = (6, 12, 20, 8, 12, 12, 16, 20)
PICTURE = (110, 40)
"""Pixels that a signature may take in its cell."""

PEOPLE_COLUMNS = (
    *("登录名", "姓名", "单位", "人群", "应到", "实到"),
    *(STATUS_NAMES[status] for status in Status),
    *("出勤率", "积分", "满分", "提示"),
)
UNIT_COLUMNS = ("单位", "类型", "现有人数", "应到人次", "实到人次", "出勤率", "积分", "满分")
ACTIVITY_COLUMNS = (
    "编号",
    "日期",
    "开始",
    "名称",
    "阶段",
    "地点",
    "主办",
    "应到",
    "实到",
    "出勤率",
    "说明",
)
NO_UNIT, TOWN = "没有单位", "镇"
THIN = Side(style="thin", color="999999")
BEHIND = f"出勤率低于 {WARN_BELOW:.0%}"


def sign_sheet_file(session: Session, sheet: SignSheet, town: str, zone: dt.tzinfo) -> bytes:
    """The sign-in sheet as an .xlsx file, ready for printing on A4; what it says can be imported
    again. Signatures that were given stand in their cells."""
    activity = sheet.activity
    book = Workbook()
    page: Any = book.active
    page.title = "签到表"
    starts, ends = activity.starts_at.astimezone(zone), activity.ends_at.astimezone(zone)
    organizer = activity.organizer.name if activity.organizer else town
    there = sum(row.status in (Status.PRESENT, Status.LATE) for row in sheet.rows)
    head = [
        [f"{activity.title} 签到表"],
        [f"{starts:%Y年%m月%d日 %H:%M} 至 {ends:%H:%M}　地点：{activity.place}　主办：{organizer}"],
        [
            f"表上 {len(sheet.rows)} 人，到 {there} 人"
            + ("（活动已取消）" if activity.cancelled_at else "")
        ],
    ]
    lines = [_sign_line(number, row, zone) for number, row in enumerate(sheet.rows, 1)]
    fill(page, [*head, SIGN_COLUMNS, *lines])
    first = len(head) + 1
    width = len(SIGN_COLUMNS)
    for number in range(1, first):
        page.merge_cells(start_row=number, end_row=number, start_column=1, end_column=width)
        page.cell(number, 1).alignment = Alignment(horizontal="center", wrap_text=True)
    page["A1"].font = Font(bold=True, size=16)
    _dress(page, first, SIGN_WIDTHS)
    pictures = _pictures(session, sheet)
    for number, row in enumerate(sheet.rows, first + 1):
        page.row_dimensions[number].height = 32
        if row.signature in pictures:
            _place(page, f"{get_column_letter(width)}{number}", pictures[row.signature])
    page.print_title_rows = f"{first}:{first}"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.oddFooter.center.text = "第 &P 页，共 &N 页"
    if link := newest_link(session):
        # Printed and signed, it is a place where the platform cannot change the head.
        page.oddFooter.left.text = f"存证 {link.number} {grouped(link.head)}"
        page.oddFooter.left.size = 6
    return _saved(book)


def year_file(sheet: Year, town: str, zone: dt.tzinfo) -> bytes:
    """A year as five sheets: 说明, 人员, 单位, 活动, and 明细 with everybody at every activity."""
    book = Workbook()
    about: Any = book.active
    about.title = "说明"
    fill(about, _about(sheet, town))
    about["A1"].font = Font(bold=True, size=14)
    about.column_dimensions["A"].width = 90
    tables: list[tuple[str, Sequence[Sequence[Any]], Sequence[int]]] = [
        ("人员", people_rows(sheet), (12, 12, 20, 18)),
        ("单位", _unit_rows(sheet), (20, 12)),
        ("活动", _activity_rows(sheet, zone), (8, 12, 8, 30, 10, 20, 16)),
        ("明细", _matrix(sheet, zone), (12, 12, 20)),
    ]
    for title, rows, widths in tables:
        page = book.create_sheet(title)
        fill(page, rows)
        _dress(page, 1, widths)
        page.freeze_panes = "D2" if title == "明细" else "B2"
    return _saved(book)


def people_rows(sheet: Year) -> list[Sequence[Any]]:
    """The table of people with its heading: figures, and who falls behind."""
    return [PEOPLE_COLUMNS, *(_person_row(line) for line in sheet.person_lines)]


def _person_row(line: PersonLine) -> list[Any]:
    said = [BEHIND] if line.behind and line.active else []
    said += [] if line.active else ["账号已停用"]
    return [
        line.login,
        line.name,
        line.unit or NO_UNIT,
        "、".join(COHORT_NAMES[cohort] for cohort in line.cohorts),
        line.rate.expected,
        line.rate.there,
        *(line.counts.get(status, 0) for status in Status),
        *_shares(line.rate),
        "，".join(said),
    ]


def _unit_rows(sheet: Year) -> list[Sequence[Any]]:
    rows = [
        [
            line.unit or NO_UNIT,
            KIND_NAMES.get(line.kind or "", ""),
            line.members,
            line.rate.expected,
            line.rate.there,
            *_shares(line.rate),
        ]
        for line in sheet.unit_lines
    ]
    total = sheet.rate(sheet.counted)
    members = sum(line.members for line in sheet.unit_lines)
    rows.append(["合计", "", members, total.expected, total.there, *_shares(total)])
    return [UNIT_COLUMNS, *rows]


def _activity_rows(sheet: Year, zone: dt.tzinfo) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = [ACTIVITY_COLUMNS]
    for line in sheet.activity_lines:
        one = line.activity
        starts, closed = one.starts_at.astimezone(zone), one.closed_at is not None
        counts = [line.expected, line.there] if closed else ["", ""]
        share = line.there / line.expected if closed and line.expected else None
        rows.append(
            [
                one.id,
                f"{starts:%Y-%m-%d}",
                f"{starts:%H:%M}",
                one.title,
                PHASE_NAMES[one.phase],
                one.place,
                one.organizer.name if one.organizer else TOWN,
                *counts,
                _percent(share) if closed else "",
                "" if closed else "还没有结束，不计入",
            ]
        )
    return rows


def _matrix(sheet: Year, zone: dt.tzinfo) -> list[Sequence[Any]]:
    held = [one for one in sheet.activities if one.id in sheet.closed]
    said = {(mark.person_id, mark.activity_id): mark for mark in sheet.marks}

    def word(person: int, activity: int) -> str:
        mark = said.get((person, activity))
        if mark is None:
            return ""
        return STATUS_NAMES[mark.status] + ("" if mark.expected else "（旁听）")

    heading = [f"{one.starts_at.astimezone(zone):%m-%d} {one.title}" for one in held]
    return [
        ["登录名", "姓名", "单位", *heading],
        *(
            [
                line.login,
                line.name,
                line.unit or NO_UNIT,
                *(word(line.person_id, one.id) for one in held),
            ]
            for line in sheet.person_lines
        ),
    ]


def _about(sheet: Year, town: str) -> list[list[str]]:
    return [
        [f"{town} {sheet.year} 年学法考勤"],
        [f"单位和人群是 {sheet.day} 的。单位的出勤率按每场活动那天各人所在的单位算。"],
        ["只算已经结束的活动；取消的不算；旁听的人不算。"],
        ["出勤率 = 实到 ÷ 应到，实到是出勤和迟到。"],
        ["积分是考勤得分，满分是每场都出勤能得的分。"],
        [f"“{BEHIND}”：应到满 {WARN_AFTER} 场才提示。"],
    ]


def _sign_line(number: int, row: SignRow, zone: dt.tzinfo) -> list[Any]:
    return [
        number,
        row.name,
        row.unit or "",
        STATUS_NAMES.get(row.status or "", ""),
        f"{row.at.astimezone(zone):%H:%M}" if row.at else "",
        WAY_NAMES.get(row.way or "", ""),
        row.note,
        "",
    ]


def _shares(found: Rate) -> list[Any]:
    return [_percent(found.share), found.points, found.most]


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _dress(page: Any, first: int, widths: Sequence[int]) -> None:
    """Lines around the table that begins in row `first`, its heading bold, columns so wide."""
    for cells in page.iter_rows(min_row=first):
        for cell in cells:
            cell.border = Border(top=THIN, bottom=THIN, left=THIN, right=THIN)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    for cell in page[first]:
        cell.font = Font(bold=True)
    for number, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width


def _pictures(session: Session, sheet: SignSheet) -> dict[int | None, bytes]:
    wanted = [row.signature for row in sheet.rows if row.signature is not None]
    query = select(Attachment.id, Attachment.content).where(Attachment.id.in_(wanted))
    return dict(session.execute(query).all()) if wanted else {}


def _place(page: Any, cell: str, content: bytes) -> None:
    try:
        picture = Image(io.BytesIO(content))
    except Exception:  # noqa: BLE001 - a broken picture makes the library raise nearly anything
        return
    scale = min(PICTURE[0] / picture.width, PICTURE[1] / picture.height, 1)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    page.add_image(picture, cell)


def _saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
