"""`lawlab attendance …`: the year's tables, the sign-in sheet, a list of who came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from lawlab.cli.installation import database, fail
from lawlab.domain.attendance import STATUS_NAMES
from lawlab.errors import LawlabError
from lawlab.services.attendance_import import ListFile, ListPreview, apply_list, preview_list
from lawlab.services.attendance_records import year_sheet
from lawlab.services.attendance_sheets import people_rows, sign_sheet_file, year_file
from lawlab.services.attendance_sign_sheet import sign_sheet
from lawlab.services.audit import note_alone
from lawlab.services.item_versions import COMMAND_LINE
from lawlab.services.roster_files import read_file, write_table
from lawlab.services.sessions import Caller

app = typer.Typer(help="考勤：导出全年的表、签到表，导入签到名单。", no_args_is_help=True)
console = Console()
Id = Annotated[int, typer.Argument(help="活动的编号，在活动那一页的地址里。", min=1, max=2**31 - 1)]
ANYBODY = Caller(0, COMMAND_LINE, COMMAND_LINE, frozenset({"admin"}))
"""Whoever has a terminal on the server speaks for the whole town."""


@app.command("export")
def export(
    year: Annotated[int, typer.Option("--year", help="哪一年。", min=2000, max=2999)],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="写到哪个文件：.xlsx 有五张表，.csv 只有人员。"),
    ] = None,
) -> None:
    """导出一年的考勤：人员、单位、活动和明细。"""
    file = out or Path(f"考勤-{year}.xlsx")
    kind = _kind(file, ".xlsx", ".csv")
    with database() as (settings, session):
        sheet = year_sheet(session, year, _now(), settings.zone)
        note_alone(session, _now(), COMMAND_LINE, "activity.export", f"year:{year}")
        if kind == ".csv":
            rows = [[str(cell) for cell in row] for row in people_rows(sheet)]
            _write(file, lambda: write_table(file, rows))
        else:
            content = year_file(sheet, settings.town, settings.zone)
            _write(file, lambda: file.write_bytes(content))
    behind = len(sheet.behind)
    console.print(
        f"已导出 {year} 年 {len(sheet.person_lines)} 人、{len(sheet.closed)} 场已结束的活动"
        f"到 {file}。落后的有 {behind} 人。",
        markup=False,
        soft_wrap=True,
    )


@app.command("sheet")
def sheet(
    activity: Id,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个 .xlsx 文件。")] = None,
) -> None:
    """导出一场活动的签到表，可以打印。"""
    file = out or Path(f"签到表-{activity}.xlsx")
    _kind(file, ".xlsx")
    with database() as (settings, session):
        found = sign_sheet(session, activity)
        content = sign_sheet_file(session, found, settings.town, settings.zone)
        note_alone(session, _now(), COMMAND_LINE, "activity.export", f"activity:{activity}")
        _write(file, lambda: file.write_bytes(content))
    console.print(
        f"已导出“{found.activity.title}”的签到表，{len(found.rows)} 人，到 {file}。",
        markup=False,
        soft_wrap=True,
    )


@app.command("import")
def import_(
    activity: Id,
    file: Annotated[Path, typer.Argument(help="签到名单，.xlsx 或 .csv。")],
    apply: Annotated[bool, typer.Option("--apply", help="真的导入；不写就只看会改什么。")] = False,
) -> None:
    """导入签到名单：先列出会改什么，加 --apply 才写入；有一处问题就什么都不写。"""
    with database() as (settings, session):
        brought = ListFile(file.name, read_file(file))
        bring = apply_list if apply else preview_list
        _show(bring(session, ANYBODY, activity, brought, _now(), settings.zone), applied=apply)


def _show(preview: ListPreview, *, applied: bool) -> None:
    changes = preview.changes
    console.print(f"“{preview.title}”，名单 {preview.file}：", markup=False)
    table = Table("行", "姓名", "现在", "以后", Column("表里写的", overflow="fold"))
    for row in changes:
        table.add_row(
            str(row.line.row),
            f"{row.line.person.name}（{row.line.person.login}）",
            STATUS_NAMES.get(row.before or "", "未签到"),
            STATUS_NAMES[row.status or ""],
            row.line.text,
        )
    if table.row_count:
        console.print(table, markup=False)
    for fault in preview.faults:
        console.print(str(fault), style="red", markup=False, soft_wrap=True)
    same = len(preview.rows) - len(changes)
    console.print(f"改动 {len(changes)} 人，不变 {same} 人，问题 {len(preview.faults)} 处。")
    if preview.faults:
        raise typer.Exit(2)
    if applied:
        console.print("已导入。")
    elif changes:
        console.print("还没有导入。看好了，加上 --apply 再运行一次。")


def _kind(file: Path, *allowed: str) -> str:
    kind = file.suffix.lower()
    if kind not in allowed:
        fail(LawlabError("bad_file", f"文件 {file.name} 应以 {' 或 '.join(allowed)} 结尾。"))
    return kind


def _write(file: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise LawlabError(
            "not_written", f"写不了 {file}：{error.strerror}。请换一个文件夹。"
        ) from error


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
