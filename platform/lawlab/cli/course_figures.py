"""`lawlab course check --summary`: how much of its law each course treats, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Column, Table

from lawlab.services.content_figures import CourseFigures


def print_json(rows: Sequence[CourseFigures]) -> None:
    """The figures for programs."""
    print(json.dumps([row.to_json() for row in rows], ensure_ascii=False, indent=1))


def print_summary(rows: Sequence[CourseFigures]) -> None:
    """Two tables and, for each course, the chapters without a lesson; fits 80 columns."""
    console = Console(highlight=False)
    size = _table("课程", "课", "练习", "条文", "章（编）", "待核", "问题")
    for row in rows:
        size.add_row(row.slug, *map(str, (row.lessons, row.cards)), *_shares(row), *_counts(row))
    console.print(size)
    care = _table("课程", "核对日期", "审核人", side="left")
    for row in rows:
        care.add_row(row.slug, str(row.checked or "没有写"), "、".join(row.reviewers) or "未知")
    console.print(care)
    for row in rows:
        if not row.law:
            console.print(f"{row.slug}：course.toml 有问题，还数不出条文和章。", markup=False)
        elif row.coverage is None:
            console.print(f"{row.slug}：待导入《{row.law}》，还数不出条文和章。", markup=False)
        elif row.coverage.missing:
            missing = "、".join(row.coverage.missing)
            console.print(f"{row.slug} 没有讲到：{missing}。", markup=False)


def _shares(row: CourseFigures) -> tuple[str, str]:
    if row.coverage is None:
        return ("待导入", "待导入") if row.law else ("—", "—")
    found = row.coverage
    chapters = f"{found.chapters}/{found.chapters_total}" if found.chapters_total else "不分章"
    return f"{found.articles}/{found.articles_total}", chapters


def _counts(row: CourseFigures) -> tuple[str, str]:
    return str(row.unconfirmed), str(row.faults)


def _table(name: str, *columns: str, side: str = "right") -> Table:
    others = [
        Column(column, justify="right" if side == "right" else "left", no_wrap=side == "right")
        for column in columns
    ]
    return Table(Column(name, overflow="fold"), *others, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
