"""`lawlab report …`: the yearly report with its appendix, and the template that the town edits."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lawlab.cli.installation import database, installation
from lawlab.domain.audit import COMMAND
from lawlab.errors import Conflict, LawlabError
from lawlab.services.annual_chart import chinese_font
from lawlab.services.annual_report import make_report
from lawlab.services.annual_template import write_own_template
from lawlab.services.annual_words import placeholders
from lawlab.services.audit import note_alone

app = typer.Typer(help="年度报告：生成报告和附件，取模板来改。", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)
MAIN = ("people", "staff", "villagers", "meetings", "person_times", "attendance_rate", "quizzes")
FIRST_YEAR, LAST_YEAR = 2000, 2100


@app.command()
def annual(
    year: Annotated[
        int | None,
        typer.Option(min=FIRST_YEAR, max=LAST_YEAR, help="哪一年；不写就是设置里的项目年份。"),
    ] = None,
    out: Annotated[Path, typer.Option(help="写到哪个文件夹。")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="已有同名文件时，换成新的。")] = False,
) -> None:
    """生成一年的报告（.docx）和附件（.xlsx）：报告里每个数字都有脚注，附件里有逐人逐场的明细。"""
    with database() as (settings, session):
        made = make_report(
            session, settings, year or settings.program_year, dt.datetime.now(dt.UTC), chinese_font
        )
        files = {out / made.document_name: made.document, out / made.sheets_name: made.sheets}
        _write(files, force)
        subject = f"year:{year or settings.program_year}"
        note_alone(session, dt.datetime.now(dt.UTC), COMMAND, "report.made", subject)
        for name in MAIN:
            figure = made.report.figures[name]
            console.print(f"{figure.label}：{figure.text}", markup=False)
        for note in made.report.notes:
            console.print(f"注意：{note}", markup=False)
        for file in files:
            console.print(f"已写好：{file}", markup=False)


@app.command()
def template(
    force: Annotated[
        bool, typer.Option("--force", help="已有自己的模板时，换成随平台带来的。")
    ] = False,
) -> None:
    """把报告模板放一份到数据文件夹里，用 Word 改；以后的报告就照它生成。"""
    with installation() as (settings, _sessions):
        path = write_own_template(settings, force=force)
        console.print(f"模板在 {path}，请用 Word 打开来改。", markup=False)
        console.print(
            "占位符写成 {{ staff }} 这样；数字后面的脚注会自动加上。可以用：", markup=False
        )
        table = Table(box=None, show_header=False)
        for name, stands_for in placeholders().items():
            table.add_row(name, stands_for)
        console.print(table)


def _write(files: dict[Path, bytes], force: bool) -> None:
    """All files, each whole, or none."""
    there = [str(file) for file in files if file.exists()]
    if there and not force:
        raise Conflict(
            "file_exists", f"已经有 {'、'.join(there)}，没有写入。要换成新的，请加 --force。"
        )
    for file in files:
        if file.is_dir():
            raise LawlabError("no_file", f"写不了 {file}：它是一个文件夹。")
    news: dict[Path, Path] = {}
    try:
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            news[file] = file.with_name(f".{file.name}.{os.getpid()}")
            news[file].write_bytes(content)
        for file, new in news.items():
            new.replace(file)
    except OSError as error:
        raise LawlabError("no_file", f"写不了 {error.filename}：{error.strerror}。") from error
    finally:
        for new in news.values():
            new.unlink(missing_ok=True)
