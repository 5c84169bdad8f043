"""`lawlab course`: checks course folders against their rules and the law, and publishes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.course_drafts import diff, draft, history, restore, withdraw
from lawlab.cli.course_figures import print_json, print_summary
from lawlab.cli.installation import database
from lawlab.cli.publishing import Installed, all_faults, known_content, say_published, say_waiting
from lawlab.config import REPOSITORY
from lawlab.errors import FileFaults
from lawlab.services.checking import course_folders
from lawlab.services.content import publish_course
from lawlab.services.content_figures import course_figures
from lawlab.services.draft_files import DraftFiles, drafts_of
from lawlab.services.inspection import InspectedCourse, inspect_courses
from lawlab.services.item_versions import COMMAND_LINE
from lawlab.services.lesson_drafts import remember_bases
from lawlab.services.lesson_publishing import Chosen, publish_draft
from lawlab.services.search import WORDS, words_faults
from lawlab.store.statutes import china_day, statutes_of

app = typer.Typer(no_args_is_help=True, help="课程：检查、修改和发布课文。")

Folders = Annotated[list[Path] | None, typer.Argument(help="课程文件夹；不写则为全部课程。")]


@app.callback()
def course() -> None:
    """课程：检查、修改和发布课文。"""


@app.command()
def check(
    folders: Folders = None,
    installed: Installed = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="先列出每门课讲了多少条文和章，再列问题。")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="同 --summary 一起用：输出 JSON，给程序用。")
    ] = False,
) -> None:
    """检查课程：格式、练习题、条文、用语，并且把每一课运行一遍。

    有问题时全部列出，退出码为 2。"""
    console = Console(highlight=False, soft_wrap=True)
    today, chosen = china_day(), folders or course_folders(REPOSITORY)
    with all_faults() as collect, known_content(installed) as known:
        with console.status("正在检查……"):
            courses = inspect_courses(chosen, known.statutes, today, known.cards)
        if summary or as_json:
            figures = [
                course_figures(found, known.statutes, today, known.reviewers) for found in courses
            ]
            (print_json if as_json else print_summary)(figures)
        for found in courses:
            with collect():
                found.raise_faults()
                if not (summary or as_json):
                    _report(console, found)
        if not folders and (faults := words_faults(REPOSITORY, known.statutes, today)):
            with collect():
                raise FileFaults(WORDS.as_posix(), faults)


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="课程文件夹。")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="对法律内容负责的审核人。")],
    lessons: Annotated[
        list[str] | None,
        typer.Option("--lesson", help="只发布这一课，可以写几次；不写则为整个文件夹。"),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="改了什么，记在历史里。")] = "",
) -> None:
    """检查并发布一门课程。没有改动的课文不产生新版本；有问题时什么也不写入。

    不写 --lesson 时，文件夹里没有的课时从课程里移出；写了，其余的课时不动。"""
    now = dt.datetime.now(dt.UTC)
    with database() as (settings, session):
        statutes, pages = statutes_of(session), settings.pages
        if not lessons:
            done = publish_course(session, folder, statutes, reviewer, pages, now, note=note)
            remember_bases(session, drafts_of(settings), done.name)
        else:
            done = publish_draft(
                session,
                DraftFiles(folder.resolve().parent),
                folder.resolve().name,
                [Chosen(stem.removesuffix(".ipynb")) for stem in lessons],
                reviewer,
                statutes,
                pages,
                now,
                by=COMMAND_LINE,
                note=note,
            )
        say_published(done, "课")


for command in (draft, diff, withdraw, restore, history):
    app.command()(command)


def _report(console: Console, found: InspectedCourse) -> None:
    unconfirmed = [
        (stem, note) for stem, lesson in found.lessons.items() for note in lesson.unconfirmed
    ]
    console.print(
        f"{found.folder.name}：{len(found.lessons)} 课，没有问题；待核 {len(unconfirmed)} 处。",
        markup=False,
    )
    say_waiting(console, found.waiting)
    for stem, note in unconfirmed:
        console.print(f"  待核 {stem}：{note.text}（来源：{note.source}）", markup=False)
