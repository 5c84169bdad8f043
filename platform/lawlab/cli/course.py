"""`lawlab course`: checks course folders against their rules and the law, and publishes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.installation import database
from lawlab.cli.publishing import all_faults, say_published
from lawlab.config import REPOSITORY
from lawlab.services.checking import CourseFolder, cards_of, check_course, course_folders
from lawlab.services.content import publish_course
from lawlab.store.statutes import china_day, open_statutes

app = typer.Typer(no_args_is_help=True, help="课程：检查和发布课文。")

Folders = Annotated[list[Path] | None, typer.Argument(help="课程文件夹；不写则为全部课程。")]


@app.callback()
def course() -> None:
    """课程：检查和发布课文。"""


@app.command()
def check(folders: Folders = None) -> None:
    """检查课程：格式、可用的调用、练习题和条文。有问题时全部列出，退出码为 2。"""
    console = Console(highlight=False, soft_wrap=True)
    statutes, today = open_statutes(), china_day()
    cards = cards_of(REPOSITORY)
    with all_faults() as collect, console.status("正在检查……"):
        for folder in folders or course_folders(REPOSITORY):
            with collect():
                _report(console, check_course(folder, statutes, today, cards))


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="课程文件夹。")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="对法律内容负责的审核人。")],
) -> None:
    """检查并发布一门课程。没有改动的课文不产生新版本；有问题时什么也不写入。"""
    statutes, now = open_statutes(), dt.datetime.now(dt.UTC)
    with database() as (settings, session):
        say_published(
            publish_course(session, folder, statutes, reviewer, settings.pages, now), "课"
        )


def _report(console: Console, found: CourseFolder) -> None:
    unconfirmed = [
        (stem, note) for stem, lesson in found.lessons.items() for note in lesson.unconfirmed
    ]
    console.print(
        f"{found.slug}：{len(found.lessons)} 课，没有问题；待核 {len(unconfirmed)} 处。",
        markup=False,
    )
    for stem, note in unconfirmed:
        console.print(f"  待核 {stem}：{note.text}（来源：{note.source}）", markup=False)
