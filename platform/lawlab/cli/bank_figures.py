"""`lawlab bank stats`: how many questions of which kind, and how much of each law they cite."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table

from lawlab.cli.installation import installation
from lawlab.cli.publishing import Installed
from lawlab.config import REPOSITORY
from lawlab.domain.bank_stats import KINDS, BankFigures
from lawlab.services.checking import bank_files, parse_bank, read_text
from lawlab.services.content_figures import (
    BankReport,
    bank_report,
    item_states,
    published_banks,
)
from lawlab.store.statutes import china_day, open_statutes, statutes_with


def stats(
    files: Annotated[list[Path] | None, typer.Argument(help="题库文件；不写则为全部题库。")] = None,
    installed: Installed = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用。")] = False,
) -> None:
    """每个题库有多少题：题型、难度、引用的条文、待核。

    加 --installed，数本平台已发布的题，并列出停用和过时的。"""
    if installed:
        with installation() as (_settings, sessions), sessions() as session:
            statutes, states = statutes_with(sessions), item_states(session)
            report = bank_report(published_banks(session), statutes, china_day(), states)
    else:
        banks = [parse_bank(read_text(file))[0] for file in files or bank_files(REPOSITORY)]
        report = bank_report(banks, open_statutes(), china_day())
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        _print(report)


def _print(report: BankReport) -> None:
    console = Console(highlight=False)
    console.print(_kinds([*report.banks, report.all]))
    console.print(_depth([*report.banks, report.all]))
    laws = _table("法律", "题库引用的条文", "全部条文")
    for law in report.laws:
        laws.add_row(law.name, str(law.cited), _size(law))
    console.print(laws)


def _kinds(rows: Iterable[BankFigures]) -> Table:
    table = _table("题库", "共", *KINDS)
    for row in rows:
        table.add_row(row.name, str(row.items), *(str(row.kinds[kind]) for kind in KINDS))
    return table


def _depth(rows: Iterable[BankFigures]) -> Table:
    rows = list(rows)
    seen = any(row.withdrawn is not None for row in rows)
    levels = ("难度1", *"2345")
    table = _table("题库", *levels, "条文", "待核", *(("停用", "过时") if seen else ()))
    for row in rows:
        lost = (str(row.withdrawn), str(row.stale)) if seen else ()
        cited = f"{row.cited}/{_size(row)}" if row.law else ""
        table.add_row(row.name, *map(str, row.difficulty), cited, str(row.unconfirmed), *lost)
    return table


def _size(row: BankFigures) -> str:
    return "待导入" if row.total is None else str(row.total)


def _table(name: str, *columns: str) -> Table:
    right = [Column(column, justify="right", no_wrap=True) for column in columns]
    return Table(Column(name, overflow="fold"), *right, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
