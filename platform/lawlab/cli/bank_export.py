"""`lawlab bank export`: the published bank as a file, for another town or another editor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.installation import database
from lawlab.errors import Conflict, LawlabError
from lawlab.services.bank_export import Export, export_bank, export_exchange

EXCHANGE = (".xlsx", ".csv", ".gift", ".xml")


def export(
    bank: Annotated[str, typer.Argument(help="题库名，如 anti-telecom-fraud。")],
    file: Annotated[Path | None, typer.Argument(help="写到哪个文件；不写就显示在屏幕上。")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="已撤下的、条文已变的题也写进去。")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="已有同名文件时，换成新的。")] = False,
) -> None:
    """把已发布的题写成题库文件，可以再用 bank import 发布。

    文件名以 .xlsx、.csv、.gift、.xml（Moodle）结尾，就写成别的系统能用的格式。"""
    suffix = file.suffix.lower() if file else ""
    with database() as (_settings, session):
        if file is not None and suffix in EXCHANGE:
            done = export_exchange(session, bank, suffix, everything=everything)
        else:
            done = export_bank(session, bank, everything=everything)
        if file is None:
            typer.echo(done.text, nl=False)
        else:
            _write(file, done.content, force)
        _say(Console(stderr=True, highlight=False, soft_wrap=True), done, file)


def _write(file: Path, content: bytes, force: bool) -> None:
    if file.exists() and not force:
        raise Conflict("file_exists", f"已经有 {file}，没有写入。要换成新的，请加 --force。")
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        new.write_bytes(content)
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise LawlabError("no_file", f"写不了 {file}：{error.strerror}。") from error


def _say(console: Console, done: Export, file: Path | None) -> None:
    if file is not None:
        console.print(f"{file}：写了 {done.items} 题。", markup=False)
        if file.suffix.lower() in EXCHANGE:
            console.print("这种格式放不下依据条文、错误选项的说明和评分要点，没有写。")
    if done.homeless:
        console.print(
            f"{len(done.homeless)} 题在这种格式里没有对应的题型，没有写："
            f"{'、'.join(done.homeless)}。要全部写，请用 .xlsx。",
            markup=False,
        )
    if done.left_out:
        console.print(
            f"没有写已撤下或条文已变的 {len(done.left_out)} 题：{'、'.join(done.left_out)}。"
            "也要写，请加 --all。",
            markup=False,
        )
