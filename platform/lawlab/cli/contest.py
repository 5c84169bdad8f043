"""`lawlab contest …`: which contests there are."""

from __future__ import annotations

import datetime as dt

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lawlab.cli.installation import database
from lawlab.services.contest_form import contest_list

app = typer.Typer(help="比武：看有哪些。", no_args_is_help=True)
console = Console()


@app.callback()
def contest() -> None:
    """比武：看有哪些。"""


@app.command("list")
def list_() -> None:
    """列出比武和彩排：编号、名称、到了哪一步、什么时候。最新的在上面。"""
    with database() as (settings, session):
        found = contest_list(session)
    if not found:
        console.print("还没有比武。主持人在网页的“比武”里新建。")
        return
    table = Table("编号", "名称", "形式", "题数", "状态", "时间")
    for one in found:
        at = dt.datetime.fromisoformat(one["finished_at"] or one["opened_at"] or one["made_at"])
        table.add_row(
            str(one["id"]),
            escape(one["title"]) + ("（彩排）" if one["rehearsal"] else ""),
            one["format_name"],
            str(one["questions"]),
            one["state_name"],
            f"{at.astimezone(settings.zone):%Y-%m-%d %H:%M}",
        )
    console.print(table)
