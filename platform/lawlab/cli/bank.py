"""`lawlab bank`: checks bank files against their rules and the law, and publishes them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from lawlab.cli.bank_export import export
from lawlab.cli.bank_figures import stats
from lawlab.cli.bank_reading import blind, compare_answers
from lawlab.cli.installation import database
from lawlab.cli.publishing import Installed, all_faults, known_content, say_published, say_waiting
from lawlab.config import REPOSITORY
from lawlab.domain.exchange.formats import Form
from lawlab.domain.question import TYPE_NAMES
from lawlab.errors import LawlabError
from lawlab.services.bank_files import import_questions, read_questions
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
    bank: Annotated[
        str, typer.Option("--bank", help="别的系统的题目存进哪个题库，如 civil-code。")
    ] = "",
    types: Annotated[
        list[str] | None, typer.Option("--type", help="题型编号的意思，如 1=single；可以写几个。")
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="文件格式；不写就看文件名的结尾。")
    ] = None,
) -> None:
    """检查并发布题库（.yaml）；别的系统的题（.xlsx、.csv、.txt、.gift、.xml）存成草稿。

    没有改动的题不产生新版本；有问题的文件一题也不写入。草稿由教员补上条文后发布。"""
    now = dt.datetime.now(dt.UTC)
    with all_faults() as collect, database() as (_settings, session):
        statutes = statutes_of(session)
        for file in files or bank_files(REPOSITORY):
            with collect():
                if form is None and file.suffix.lower() in (".yaml", ".yml"):
                    say_published(publish_bank(session, file, statutes, now, reviewer), "题")
                else:
                    _import_drafts(session, file, bank, _codes(types or []), form, now)


def _codes(types: list[str]) -> dict[str, str]:
    return {code.strip(): name.strip() for code, _, name in (one.partition("=") for one in types)}


def _import_drafts(
    session: Session,
    file: Path,
    bank: str,
    types: dict[str, str],
    form: Form | None,
    now: dt.datetime,
) -> None:
    if not bank:
        raise LawlabError("no_bank", f"请写明 {file.name} 的题存进哪个题库，如 --bank civil-code。")
    found = read_questions(file, types, form)
    done = import_questions(
        session, bank, found.items, [str(one) for one in found.warnings], COMMAND_LINE, now
    )
    console = Console(highlight=False, soft_wrap=True)
    known = f"，题库里已经有的 {done.known} 题没有再存" if done.known else ""
    console.print(f"{file.name}：存了 {len(done.items)} 份草稿{known}。", markup=False)
    for warning in done.warnings:
        console.print(f"  请留意 {warning}", markup=False)
    if done.items:
        console.print("下一步：在教员工作台的题库里给每题补上依据的条文，再发布。", markup=False)


def _report(console: Console, found: InspectedBank) -> None:
    questions = found.bank.questions
    counts = Counter(TYPE_NAMES[question.type] for question in questions)
    kinds = "，".join(f"{kind} {count}" for kind, count in counts.items())
    console.print(f"{found.file.name}：{len(questions)} 题（{kinds}），没有问题。", markup=False)
    say_waiting(console, found.waiting)
    for question in questions:
        if question.unconfirmed:
            console.print(f"  待核 {question.id}：{question.unconfirmed}", markup=False)
