"""`lawlab drill …`: what practice derives, made anew from the answers."""

from __future__ import annotations

import datetime as dt

import typer
from rich.console import Console
from rich.progress import track
from sqlalchemy import select

from lawlab.cli.installation import database
from lawlab.services.drill_days import recompute_days
from lawlab.services.game_scores import recompute_game_scores
from lawlab.services.memory import note_made, recompute_memories
from lawlab.store.engine import writing
from lawlab.store.tables import Person

app = typer.Typer(help="练习：从答题记录重新算一遍。", no_args_is_help=True)
console = Console()


@app.callback()
def drill() -> None:
    """练习：从答题记录重新算一遍。"""


@app.command()
def recompute() -> None:
    """从每个人的答题记录重新算：记得多少、什么时候再考、练习的天数和积分。不改答题记录。"""
    with database() as (_, session):
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
        now = dt.datetime.now(dt.UTC)
        changed = 0
        # One person at a time: whoever practises meanwhile waits for a moment only.
        for person_id in track(people, "正在重新计算……", console=console, transient=True):
            writing(session)
            changed += recompute_memories(session, [person_id])
            changed += recompute_days(session, [person_id])
            changed += recompute_game_scores(session, [person_id])
            session.commit()
        writing(session)
        note_made(session, now)
        session.commit()
    console.print(
        f"{len(people)} 人的练习重新算过，"
        + (f"{changed} 处和原来不同，已改正。" if changed else "和原来一样。")
    )
