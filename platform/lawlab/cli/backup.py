"""`lawlab backup`: everything that people made, in one file, while everything runs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from lawlab.backup.saving import save
from lawlab.cli.installation import fail
from lawlab.cli.progress import progress
from lawlab.config import Settings, load_settings
from lawlab.domain.audit import COMMAND
from lawlab.errors import LawlabError
from lawlab.services.audit import note_alone
from lawlab.store.engine import make_engine, make_sessions

ENDING = ".tar.gz"
console = Console(highlight=False, soft_wrap=True)


def backup(
    file: Annotated[Path, typer.Argument(help="备份成哪个文件，以 .tar.gz 结尾；不会覆盖。")],
) -> None:
    """把全部数据备份成一个文件，不用停下平台。"""
    try:
        if not file.name.endswith(ENDING):
            raise LawlabError(
                "backup_place", f"备份的文件名应以 {ENDING} 结尾，“{file.name}”不是。"
            )
        settings, now = load_settings(), dt.datetime.now(dt.UTC)
        with progress(console, "正在备份：") as told:
            made = save(settings, file, now, told)
    except LawlabError as error:
        fail(error)
    size = file.stat().st_size / 2**20
    rows = sum(made.tables.values())
    console.print(
        f"已备份到 {file.resolve()}：{size:.1f} MB，{len(made.members)} 个文件，"
        f"{len(made.tables)} 张表共 {rows} 行。",
        markup=False,
    )
    console.print("里面有姓名、手机号、成绩和平台的密钥，请像档案一样保管，最好另存一处。")
    _remember(settings, file, now)
    if made.remarks:
        console.print(f"要留意的有 {len(made.remarks)} 处：")
        for word in made.remarks:
            console.print(f"  {word}", markup=False)


def _remember(settings: Settings, file: Path, now: dt.datetime) -> None:
    """Note who took everything with him. What cannot be written is saved all the same."""
    engine = make_engine(settings.database)
    try:
        with make_sessions(engine)() as session:
            note_alone(session, now, COMMAND, "data.backup", file.name)
    except (SQLAlchemyError, LawlabError):
        console.print("这次备份没有记进操作记录：数据库现在写不了，或者还没有升级。")
    finally:
        engine.dispose()
