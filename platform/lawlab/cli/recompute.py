"""`lawlab recompute`: everything that derives, made anew from what people did."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Engine

from lawlab.cli.installation import installation
from lawlab.cli.progress import progress
from lawlab.config import REPOSITORY, Settings
from lawlab.domain.audit import COMMAND
from lawlab.grading.config import gradebook_url
from lawlab.grading.gradebook import read_gradebook
from lawlab.services.audit import note_alone
from lawlab.services.quiz_grades import Reading
from lawlab.services.recomputing import Sources
from lawlab.services.recomputing import recompute as make_anew
from lawlab.services.search import everyday_words
from lawlab.store.engine import make_sessions
from lawlab.store.statutes import statutes_with

console = Console(highlight=False, soft_wrap=True)


def recompute(
    check: Annotated[
        bool, typer.Option("--check", help="只比较，不改；有不同时退出码为 2。")
    ] = False,
) -> None:
    """把由记录算出来的都重新算一遍：积分、考勤、练习、比武成绩、排行榜、搜索。不改记录本身。"""
    doing = "正在比较：" if check else "正在重新计算："
    with installation() as (settings, sessions), progress(console, doing) as told:
        engine: Engine = sessions.kw["bind"]
        now = dt.datetime.now(dt.UTC)
        found = make_anew(engine, sources_of(settings, engine), now, told, mend=not check)
        if found and not check:
            with sessions() as session:
                sums = {one.table: one.rows for one in found}
                note_alone(session, now, COMMAND, "data.recompute", "", **sums)
    done = "比较过" if check else "重新算过"
    if not found:
        console.print(f"{done}，和原来一样。")
        return
    rows = sum(one.rows for one in found)
    console.print(f"{done}，{rows} 处和原来不同，{'没有改动' if check else '已改正'}：")
    for one in found:
        console.print(f"  {one.sentence}", markup=False)
    if check:
        console.print("要改正，请运行 lawlab recompute。")
        raise typer.Exit(2)


def sources_of(settings: Settings, engine: Engine) -> Sources:
    """What derived rows are made of besides the database, of one installation."""

    def readings() -> list[Reading]:
        # SQLite would make an empty gradebook of a name that is not there.
        gradebook = settings.nbgrader_course / "gradebook.db"
        there = not gradebook_url(settings).startswith("sqlite") or gradebook.exists()
        return read_gradebook(settings) if there else []

    return Sources(statutes_with(make_sessions(engine)), everyday_words(REPOSITORY), readings)
