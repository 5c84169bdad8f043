"""`lawlab board …`: the leaderboards, made anew from everybody's points."""

from __future__ import annotations

import datetime as dt

import typer
from rich.console import Console

from lawlab.cli.installation import database
from lawlab.services.board_keeping import make_boards

app = typer.Typer(help="排行榜：重新算一遍。", no_args_is_help=True)
console = Console()


@app.callback()
def board() -> None:
    """排行榜：重新算一遍。"""


@app.command()
def recompute() -> None:
    """从每个人的积分重新算排行榜。不改积分。"""
    with database() as (_, session), console.status("正在重新计算……"):
        changed = make_boards(session, dt.datetime.now(dt.UTC))
    console.print(
        "排行榜重新算过，" + (f"{changed} 处和原来不同，已改正。" if changed else "和原来一样。")
    )
