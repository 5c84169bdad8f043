"""`lawlab bank`: checks bank files against their rules and the law, and publishes them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.installation import database
from lawlab.cli.publishing import all_faults, say_published
from lawlab.config import REPOSITORY
from lawlab.domain.bank import Bank
from lawlab.domain.question import TYPE_NAMES
from lawlab.services.checking import bank_files, check_bank, read_text
from lawlab.services.content import publish_bank
from lawlab.store.statutes import china_day, open_statutes

app = typer.Typer(no_args_is_help=True, help="题库：检查和发布题目。")

Files = Annotated[list[Path] | None, typer.Argument(help="题库文件；不写则为全部题库。")]


@app.callback()
def bank() -> None:
    """题库：检查和发布题目。"""


@app.command()
def check(files: Files = None) -> None:
    """练习题库：格式、答案、依据的条文、摘句和数字。有问题时全部列出，退出码为 2。"""
    console = Console(highlight=False, soft_wrap=True)
    statutes, today = open_statutes(), china_day()
    with all_faults() as collect, console.status("正在检查……"):
        for file in files or bank_files(REPOSITORY):
            with collect():
                _report(console, file, check_bank(read_text(file), file.name, statutes, today))


@app.command("import")
def import_files(files: Files = None) -> None:
    """检查并发布题库。没有改动的题不产生新版本；有问题的文件一题也不写入。"""
    statutes, now = open_statutes(), dt.datetime.now(dt.UTC)
    with all_faults() as collect, database() as (_settings, session):
        for file in files or bank_files(REPOSITORY):
            with collect():
                say_published(publish_bank(session, file, statutes, now), "题")


def _report(console: Console, file: Path, found: Bank) -> None:
    counts = Counter(TYPE_NAMES[question.type] for question in found.questions)
    kinds = "，".join(f"{kind} {count}" for kind, count in counts.items())
    console.print(f"{file.name}：{len(found.questions)} 题（{kinds}），没有问题。", markup=False)
    for question in found.questions:
        if question.unconfirmed:
            console.print(f"  待核 {question.id}：{question.unconfirmed}", markup=False)
