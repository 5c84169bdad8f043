"""`lawlab statutes import`: shows what stands in an official file, asks, and stores it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session, sessionmaker

from lawlab.cli.installation import installation
from lawlab.cli.local_statutes import local_statutes
from lawlab.cli.staleness import say_stale
from lawlab.domain.statute_text import KINDS, Given, StatuteText
from lawlab.errors import FileFaults, LawlabError
from lawlab.services.item_versions import COMMAND_LINE
from lawlab.services.reading import make_reading_course
from lawlab.services.statute_files import StatuteFile, open_statute_file
from lawlab.services.statute_import import Imported, Preview, import_statute, look_at
from lawlab.store.statutes import TownStatutes, statutes_with

_HINTS = {
    "name": "--name 某市爱护桥梁条例",
    "issuer": "--issuer 某市人民代表大会常务委员会",
    "kind": "--kind 地方性法规",
    "published": "--published 2020-07-31",
    "effective": "--effective 2020-09-01",
}
"""How a person says what a file does not."""


def import_file(
    file: Annotated[Path, typer.Argument(help="官方文件：.docx、.md 或 .txt。")],
    name: Annotated[str, typer.Option(help="法规的全称；文件里没有写或写错时用。")] = "",
    issuer: Annotated[str, typer.Option(help="制定机关。")] = "",
    kind: Annotated[str, typer.Option(help=f"类别：{'、'.join(KINDS)}。")] = "",
    published: Annotated[str, typer.Option(help="公布日期，如 2020-07-31。")] = "",
    effective: Annotated[str, typer.Option(help="施行日期，如 2020-09-01。")] = "",
    version: Annotated[
        str,
        typer.Option(help="版本日期：最近一次修改的日期；不写则按文件，没有修改过就是公布日期。"),
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="只看读出了什么，不保存。")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再问，直接保存。")] = False,
    course: Annotated[
        bool, typer.Option("--course", help="导入以后做成阅读课程，学员马上能看到。")
    ] = False,
) -> None:
    """导入一部法规的官方文件。先列出读出的内容，问过再保存；有问题时全部列出，什么也不保存。"""
    dates = [_day(text) for text in (published, effective, version)]
    given = Given(name.strip(), issuer.strip(), kind.strip(), *dates)
    console = Console(highlight=False, soft_wrap=True)
    found = open_statute_file(file)
    if check:
        with local_statutes() as (statutes, _):
            _show(console, look_at(found, given, statutes))
        return
    with installation() as (_settings, sessions):
        town = statutes_with(sessions)
        preview = look_at(found, given, town)
        _show(console, preview)
        if not preview.same and not yes and not _agreed():
            console.print("没有保存任何内容。")
            raise typer.Exit(1)
        _save(console, sessions, town, found, given, course=course)


def _save(
    console: Console,
    sessions: sessionmaker[Session],
    town: TownStatutes,
    file: StatuteFile,
    given: Given,
    *,
    course: bool,
) -> None:
    now = dt.datetime.now(dt.UTC)
    with sessions() as session:
        done = import_statute(session, file, given, town, COMMAND_LINE, now)
        if done.first:
            say_imported(console, done)
        if course:
            slug, new = make_reading_course(session, done.info.short, town, COMMAND_LINE, now)
            what = "已经做成阅读课程" if new else "早已做成阅读课程"
            console.print(f"《{done.info.short}》{what}（{slug}）。", markup=False)


def say_imported(console: Console, done: Imported) -> None:
    """What was stored, and which items left the papers because of it."""
    console.print(f"已经导入《{done.info.name}》{done.info.version} 的版本。", markup=False)
    say_stale(console, done.stale)


def _show(console: Console, preview: Preview) -> None:
    """Everything that was found. Raises FileFaults, with hints, when something is wrong."""
    console.print(f"{preview.file.name} 里读出：", markup=False)
    for label, text in facts(preview.statute):
        console.print(f"  {label}：{text}", markup=False)
    others = [str(info.version) for info in preview.versions if info is not preview.same]
    if others:
        console.print(f"  已有的其他版本：{'、'.join(others)}", markup=False)
    if preview.faults:
        hints = [_HINTS[fault.field] for fault in preview.faults if fault.field]
        if hints:
            console.print(f"缺的内容可以写在命令后面，例如：{' '.join(hints)}", markup=False)
        raise FileFaults(preview.file.name, preview.said)
    if preview.known:
        console.print(preview.known, markup=False)


def facts(statute: StatuteText) -> Iterator[tuple[str, str]]:
    """Label and text of what was found, as a person checks it against the file."""
    yield "名称", statute.name or "没有找到"
    yield "类别", statute.kind
    yield "制定机关", statute.issuer or "没有找到（可以用 --issuer 写明）"
    for label, day in (
        ("通过", statute.adopted),
        ("公布", statute.published),
        ("施行", statute.effective),
        ("版本", statute.version),
    ):
        yield label, str(day) if day else "没有找到"
    if statute.amendments:
        yield "修改", "、".join(map(str, statute.amendments))
    counts = [f"{count} {level}" for level, count in statute.counts.items() if count]
    yield "结构", "，".join(counts) or "没有条文"
    if statute.articles:
        yield "首末", f"{statute.articles[0].title} 至 {statute.articles[-1].title}"
    if statute.insertions:
        yield "插入的条", "、".join(statute.insertions)
    if statute.appendices:
        yield "附件（另存，不算条文）", "、".join(one.title for one in statute.appendices)
    for note in statute.notes:
        yield "标题下的说明", note
    if statute.left_out:
        yield "文末没有收进来的", "；".join(line.text for line in statute.left_out)


def _agreed() -> bool:
    try:
        return typer.confirm("请对照文件核对。保存吗？")
    except typer.Abort:
        return False


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise LawlabError("bad_date", f"日期“{text[:20]}”应写成 2020-07-31 的样子。") from None
