"""`lawlab contest …`: which contests there are, and their results made anew."""

from __future__ import annotations

import datetime as dt

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lawlab.cli.installation import database
from lawlab.services.contest_form import contest_list
from lawlab.services.contest_settling import recompute_results
from lawlab.store.engine import writing

app = typer.Typer(help="比武：看有哪些，重新算成绩。", no_args_is_help=True)
console = Console()


@app.callback()
def contest() -> None:
    """比武：看有哪些，重新算成绩。"""


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


@app.command()
def recompute() -> None:
    """从主持记录和每个人的答案重新算各场比武的成绩和积分。不改答案和记录。"""
    with database() as (_, session):
        changed = recompute_results(writing(session), dt.datetime.now(dt.UTC))
        session.commit()
    console.print(
        "各场比武的成绩重新算过，"
        + (f"{changed} 处和原来不同，已改正。" if changed else "和原来一样。")
    )
