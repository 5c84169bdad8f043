"""`lawlab restore`: an installation from a backup onto an empty machine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.backup.restoring import restore as bring_back
from lawlab.cli.installation import fail
from lawlab.cli.progress import progress
from lawlab.cli.recompute import sources_of
from lawlab.config import load_settings
from lawlab.domain.audit import COMMAND
from lawlab.errors import LawlabError
from lawlab.services.audit import note_alone
from lawlab.services.recomputing import recompute
from lawlab.store.engine import make_engine, make_sessions

console = Console(highlight=False, soft_wrap=True)


def restore(
    file: Annotated[Path, typer.Argument(help="lawlab backup 或夜间备份做的文件。")],
) -> None:
    """从备份恢复到一个空的数据文件夹。已经有数据的，不会覆盖。"""
    try:
        with progress(console, "正在恢复：") as told:
            found, settings = bring_back(
                file, load_settings().data, lambda folder: load_settings(data=folder), told
            )
        engine = make_engine(settings.database)
        try:
            with progress(console, "正在核对：") as told:
                now = dt.datetime.now(dt.UTC)
                wrong = recompute(engine, sources_of(settings, engine), now, told, mend=False)
            with make_sessions(engine)() as session:
                when = found.made_at.isoformat()
                note_alone(session, now, COMMAND, "data.restore", file.name, made_at=when)
        finally:
            engine.dispose()
    except LawlabError as error:
        fail(error)
    made = found.made_at.astimezone(settings.zone)
    console.print(
        f"已恢复到 {settings.data}：{found.town} {found.program_year} 年度，"
        f"备份做于 {made:%Y-%m-%d %H:%M}，{len(found.members)} 个文件、"
        f"{len(found.tables)} 张表都核对过。",
        markup=False,
    )
    if wrong:
        console.print("由记录算出来的数字有的和现在的算法不同，请运行 lawlab recompute：")
        for one in wrong:
            console.print(f"  {one.sentence}", markup=False)
    else:
        console.print("由记录算出来的数字和原来一样。")
    if (named := load_settings({}, settings.data).database_url) != settings.database_url:
        where = "还是原来的" if named else "没有写"
        console.print(
            f"{settings.data / 'lawlab.toml'} 里的 database_url {where}，"
            "请改成现在的，不然启动以后用的是别的数据库。",
            markup=False,
        )
    console.print("现在可以启动了：lawlab serve。大家要重新登录一次。")
