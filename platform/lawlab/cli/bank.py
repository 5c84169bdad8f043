"""`lawlab bank`: checks bank files against their rules and the law, and publishes them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.bank_export import export
from lawlab.cli.bank_figures import stats
from lawlab.cli.bank_reading import blind, compare_answers
from lawlab.cli.installation import database
from lawlab.cli.publishing import Installed, all_faults, known_content, say_published, say_waiting
from lawlab.config import REPOSITORY
from lawlab.domain.question import TYPE_NAMES
from lawlab.services.checking import bank_files
from lawlab.services.content import publish_bank
from lawlab.services.inspection import InspectedBank, inspect_banks
from lawlab.services.item_versions import COMMAND_LINE
from lawlab.store.statutes import china_day, statutes_of

app = typer.Typer(no_args_is_help=True, help="题库：检查和发布题目。")

Files = Annotated[list[Path] | None, typer.Argument(help="题库文件；不写则为全部题库。")]


@app.callback()
def bank() -> None:
    """题库：检查和发布题目。"""


@app.command()
def check(files: Files = None, installed: Installed = False) -> None:
    """检查题库：格式、答案、条文、数字、用语、重复的题。

    有问题时全部列出，退出码为 2。"""
    console = Console(highlight=False, soft_wrap=True)
    chosen = files or bank_files(REPOSITORY)
    with (
        all_faults() as collect,
        console.status("正在检查……"),
        known_content(installed, chosen) as known,
    ):
        for found in inspect_banks(chosen, known.statutes, china_day(), known.questions):
            with collect():
                found.raise_faults()
                _report(console, found)


app.command()(stats)
app.command()(blind)
app.command("compare")(compare_answers)
app.command()(export)


@app.command("import")
def import_files(
    files: Files = None,
    reviewer: Annotated[
        str, typer.Option("--reviewer", help="法律审核人；不写就记作“命令行”。")
    ] = COMMAND_LINE,
) -> None:
    """检查并发布题库。没有改动的题不产生新版本；有问题的文件一题也不写入。"""
    now = dt.datetime.now(dt.UTC)
    with all_faults() as collect, database() as (_settings, session):
        statutes = statutes_of(session)
        for file in files or bank_files(REPOSITORY):
            with collect():
                say_published(publish_bank(session, file, statutes, now, reviewer), "题")


def _report(console: Console, found: InspectedBank) -> None:
    questions = found.bank.questions
    counts = Counter(TYPE_NAMES[question.type] for question in questions)
    kinds = "，".join(f"{kind} {count}" for kind, count in counts.items())
    console.print(f"{found.file.name}：{len(questions)} 题（{kinds}），没有问题。", markup=False)
    say_waiting(console, found.waiting)
    for question in questions:
        if question.unconfirmed:
            console.print(f"  待核 {question.id}：{question.unconfirmed}", markup=False)
