"""`lawlab statutes`: which laws there are, the tree of one, the text of one article, importing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from lawlab.cli.local_statutes import local_statutes
from lawlab.cli.statute_diff import diff
from lawlab.cli.statute_import import import_file
from lawlab.domain.statute import ArticleText, Heading, LawInfo, number_title
from lawlab.errors import LawlabError

app = typer.Typer(no_args_is_help=True, help="法律条文：查看、导入和比较。")

Version = Annotated[
    str | None, typer.Option("--version", help="要看的版本的日期，如 1982-12-04；不写为现行版本。")
]


@app.callback()
def statutes() -> None:
    """法律条文：查看收有哪些法律，看目录和条文；导入官方文件，比较两个版本。"""


@app.command("list")
def list_laws(
    word: Annotated[str, typer.Argument(help="只列名称里有这几个字的。")] = "",
) -> None:
    """列出收有的法律和版本。本镇导入的写着“本地导入”。"""
    with local_statutes() as (statutes, _):
        found = [info for info in statutes.laws() if word in info.name]
    table = Table("简称", "状态", "公布", "施行", "版本")
    for info in found:
        table.add_row(info.short, info.status, *map(str, _dates(info)))
    Console().print(table)
    Console().print(f"共 {len(found)} 个版本。")


@app.command()
def show(
    law: Annotated[str, typer.Argument(help="法律的全称或简称。")],
    number: Annotated[str | None, typer.Argument(help="条号，如 31 或 133之1。")] = None,
    version: Version = None,
) -> None:
    """显示一部法律的目录，或者一条的全文。"""
    day = _day(version)
    with local_statutes() as (laws, _):
        if number:
            _print_article(laws.article(law, number, version=day))
        else:
            found = laws.law(law, version=day)
            _print_outline(found.info, len(found.articles), found.tree)


app.command("import")(import_file)
app.command()(diff)


def _print_article(article: ArticleText) -> None:
    console = Console(highlight=False)
    console.print(f"{article.law} {article.number}", style="bold", markup=False)
    console.print(" > ".join(article.path), style="dim", markup=False)
    for paragraph in article.paragraphs:
        console.print(paragraph, markup=False)


def _print_outline(info: LawInfo, count: int, headings: Iterable[Heading]) -> None:
    published, effective, version = _dates(info)
    tree = Tree(f"[bold]{info.name}[/] {info.status}，共 {count} 条")
    tree.add(f"公布 {published}，施行 {effective}，版本 {version}")
    _grow(tree, headings)
    Console(highlight=False).print(tree)


def _grow(tree: Tree, headings: Iterable[Heading]) -> None:
    for heading in headings:
        span = " 至 ".join(dict.fromkeys(map(number_title, (heading.first, heading.last))))
        _grow(tree.add(f"{heading.title} [dim]{span}[/]"), heading.children)


def _dates(info: LawInfo) -> tuple[dt.date, dt.date, dt.date]:
    return info.published, info.effective, info.version


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise LawlabError("bad_date", f"日期“{text}”应写成 1982-12-04 的样子。") from None
