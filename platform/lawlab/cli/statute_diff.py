"""`lawlab statutes diff`: what changed between two versions of a law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session, sessionmaker

from lawlab.cli.installation import installation
from lawlab.cli.local_statutes import local_statutes
from lawlab.cli.staleness import say_stale
from lawlab.domain.statute import Law
from lawlab.domain.statute_diff import (
    KIND_NAMES,
    Change,
    Kind,
    changes,
    plain_marks,
    summary,
)
from lawlab.services.freshness import mark_stale
from lawlab.services.law_changes import law_or_file, touched_items
from lawlab.store.statutes import statutes_with

_HELP = "“宪法@1982-12-04”这样的法律和版本日期；不写日期为现行版本；也可以是一个官方文件。"


def diff(
    old: Annotated[str, typer.Argument(help=f"旧的：{_HELP}")],
    new: Annotated[str, typer.Argument(help="新的：写法相同。")],
    mark: Annotated[
        bool, typer.Option("--mark", help="并且对照现行条文，把依据已变的题目从试卷里撤下。")
    ] = False,
) -> None:
    """逐条比较两个版本：未变、修改、新增、删去、只改条号。改动的字句前后都标出来。"""
    console = Console(highlight=False, soft_wrap=True)
    with local_statutes() as (statutes, sessions):
        before, after = law_or_file(old, statutes), law_or_file(new, statutes)
        found = changes(before, after)
        for line in _lines(before, after, found):
            console.print(line, markup=False)
        if sessions:
            _say_touched(console, sessions, before.info.short, found)
    if mark:
        with installation() as (_settings, own), own() as session:
            now = dt.datetime.now(dt.UTC)
            say_stale(console, mark_stale(session, statutes_with(own), now))


def _lines(before: Law, after: Law, found: list[Change]) -> Iterator[str]:
    counts = "，".join(f"{KIND_NAMES[kind]} {count} 条" for kind, count in summary(found).items())
    yield f"{_title(before)} → {_title(after)}：{counts}。"
    for kind, group in groupby(found, lambda change: change.kind):
        if kind in (Kind.SAME, Kind.RENUMBERED):
            yield from _unchanged(kind, list(group))
            continue
        for change in group:
            yield ""
            yield f"{change.title}［{KIND_NAMES[change.kind]}］"
            text = (
                plain_marks(change.pieces) if kind in (Kind.CHANGED, Kind.MOVED) else _text(change)
            )
            yield from (f"  {line}" for line in text.split("\n"))


def _unchanged(kind: Kind, group: list[Change]) -> Iterator[str]:
    yield ""
    if kind is Kind.RENUMBERED:
        yield from (f"{change.title}［{KIND_NAMES[kind]}］" for change in group)
        return
    ends = dict.fromkeys(change.title for change in (group[0], group[-1]))
    yield f"{' 至 '.join(ends)}［{KIND_NAMES[kind]}］"


def _text(change: Change) -> str:
    article = change.new or change.old
    assert article
    return article.text


def _title(law: Law) -> str:
    dated = law.info.version if law.info.version != dt.date.min else "文件"
    return f"《{law.info.short}》{dated}"


def _say_touched(
    console: Console, sessions: sessionmaker[Session], law: str, found: Iterable[Change]
) -> None:
    with sessions() as session:
        items = touched_items(session, law, list(found))
    if items:
        console.print(f"\n涉及 {len(items)} 题：")
    for item in items:
        console.print(f"  {item.item}（{'、'.join(item.articles)}）{item.stem[:40]}", markup=False)
