"""`lawlab audit …`: who did what, and whether anything that was recorded was changed since."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lawlab.cli.installation import database
from lawlab.config import Settings
from lawlab.domain.audit import action_name, actor_name, detail_text
from lawlab.domain.sealing import grouped, read_head
from lawlab.domain.sealing_words import break_text, daily_page, link_text
from lawlab.errors import LawlabError
from lawlab.services import sealing
from lawlab.services.audit import entries
from lawlab.services.written_heads import read_heads

app = typer.Typer(help="存证：查操作记录，核对记录有没有被改过。", no_args_is_help=True)
console = Console()
Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def verify(
    head: Annotated[str, typer.Option("--head", help="打印出来的校验码，写前四组就可以。")] = "",
    heads: Annotated[
        Path | None, typer.Option("--heads", help="写在外面的校验码文件（audit_head_file）。")
    ] = None,
) -> None:
    """从头核对一遍：封存过的记录有没有被改、被删、被加。不对时退出码为 2。"""
    with database() as (settings, session):
        typed = _typed(head)
        written = read_heads(heads) if heads else {}
        with console.status("正在核对……") as status:
            verdict = sealing.verify(
                session, written, lambda rows: status.update(f"正在核对……已看 {rows} 条")
            )
        for one in verdict.breaks:
            console.print(break_text(one, settings.zone), style="red", markup=False)
        if typed and (found := sealing.find_head(session, typed)) is None:
            text = "平台里没有这个校验码：记录被整个重写过，或者校验码抄错了。"
            console.print(text, style="red", markup=False)
        elif typed and found:
            console.print(f"校验码对得上：{link_text(found, settings.zone)}。", markup=False)
        if verdict.breaks or (typed and found is None):
            raise typer.Exit(2)
    console.print(f"都对得上：{verdict.links} 环，{verdict.rows} 条记录。")
    if written:
        console.print(f"写在外面的 {len(written)} 个校验码也都对得上。")


@app.command("list")
def list_(
    actor: Annotated[str, typer.Option(help="谁做的，登录名；command 是命令行。")] = "",
    action: Annotated[str, typer.Option(help="做了什么，例如 people 或 quiz.release。")] = "",
    subject: Annotated[str, typer.Option(help="对谁、对什么，写一部分就可以。")] = "",
    since: Day = None,
    until: Day = None,
    most: Annotated[int, typer.Option(help="最多列多少条。")] = 50,
) -> None:
    """列出操作记录，最新的在上面。"""
    with database() as (settings, session):
        found = entries(
            session,
            actor=actor,
            action=action,
            subject=subject,
            since=since.replace(tzinfo=settings.zone) if since else None,
            until=until.replace(tzinfo=settings.zone) + dt.timedelta(days=1) if until else None,
            most=most,
        )
        if not found:
            console.print("没有找到操作记录。")
            return
        table = Table("编号", "时间", "谁", "做了什么", "对象", "内容")
        for one in found:
            at = one.at.astimezone(settings.zone)
            words = (actor_name(one.actor), action_name(one.action), one.subject)
            table.add_row(str(one.id), f"{at:%Y-%m-%d %H:%M:%S}", *words, detail_text(one.detail))
        console.print(table, markup=False)


@app.command()
def head() -> None:
    """最近一环的校验码：抄下来、拍下来，以后核对。"""
    with database() as (settings, session):
        link = sealing.newest_link(session)
    if link is None:
        console.print("还没有封存过记录。平台运行的时候，一分钟一次。")
        return
    console.print(link_text(link, settings.zone), markup=False, soft_wrap=True)


@app.command()
def daily(
    day: Annotated[
        dt.datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="哪一天，默认今天。")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个文件，.md 或 .txt。")] = None,
) -> None:
    """一天的存证，一页纸：打印、签名、存档。"""
    with database() as (settings, session):
        begins = _begin_of(settings, day)
        ends = begins + dt.timedelta(days=1)
        made = entries(session, since=begins, until=ends, most=1_000_000)
        counts = Counter(action_name(one.action) for one in made)
        link = sealing.last_link_before(session, ends)
    page = daily_page(settings.town, begins.date(), dict(counts), link, settings.zone)
    if out is None:
        typer.echo(page)
        return
    try:
        out.write_text(page, "utf-8")
    except OSError as error:
        raise LawlabError("bad_file", f"{out} 写不了：{error.strerror}。") from None
    console.print(f"已写到 {out}，请打印、签名、存档。", markup=False)


def _begin_of(settings: Settings, day: dt.datetime | None) -> dt.datetime:
    moment = day.replace(tzinfo=settings.zone) if day else dt.datetime.now(settings.zone)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _typed(head: str) -> str:
    if not head:
        return ""
    read = read_head(head)
    if read is None:
        raise LawlabError(
            "bad_head",
            f"校验码“{head}”看不懂：应为 0 到 9、A 到 F，至少前四组（16 位），例如 "
            f"{grouped('0123456789abcdef')}。",
        )
    return read
