"""Builds a law from raw rows and cures what is known to be wrong with them.

In laws with books the next book's heading stands at the end of the article before it; it is the
only trace of 编 and 分编. It is cut from the article and becomes a heading of what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lawlab.domain.numerals import CHINESE
from lawlab.domain.statute import Article, Key, Law, LawInfo, parse_number
from lawlab.errors import LawlabError

_HEADING = re.compile(rf"第[{CHINESE}]+(?P<level>分?编)\s.*|附\s*则")
FIRST_BOOK = "第一编 总则"
"""Its heading stands before article 1 and so in no row; every code so far calls it this."""


@dataclass(frozen=True)
class Row:
    """One article as a data file holds it. `number` is shared by 第N条 and 第N条之一."""

    title: str
    number: int | None
    text: str
    chapter: str | None = None
    section: str | None = None


@dataclass(frozen=True)
class _Place:
    """The headings in force while rows are read. `stale` is a chapter and section that the data
    file carries on past the book they belong to."""

    book: str | None = None
    part: str | None = None
    stale: tuple[str | None, str | None] | None = None

    def path(self, row: Row) -> tuple[str, ...]:
        inner = (row.chapter, row.section)
        if inner == self.stale:
            inner = (None, None)
        return tuple(tidy(title) for title in (self.book, self.part, *inner) if title)

    def past(self, row: Row, headings: list[str]) -> _Place:
        place = self if (row.chapter, row.section) == self.stale else replace(self, stale=None)
        for heading in headings:
            if _level(heading) == "分编":
                place = replace(place, part=heading)
            else:
                place = replace(place, book=heading, part=None)
            place = replace(place, stale=(row.chapter, row.section))
        return place


def build_law(info: LawInfo, rows: Iterable[Row]) -> Law:
    """The law with its trailing headings turned into the tree's books and parts."""
    cut = [(row, *cut_headings(row.text)) for row in rows]
    has_books = any(_level(heading) == "编" for _, _, headings in cut for heading in headings)
    place = _Place(book=FIRST_BOOK if has_books else None)
    articles = []
    for row, text, headings in cut:
        articles.append(Article(_key(row), row.title, text, place.path(row)))
        place = place.past(row, headings)
    return Law(info, tuple(articles))


def cut_headings(text: str) -> tuple[str, list[str]]:
    """An article's own text, and the headings of the next book that stood at its end."""
    lines, headings = text.split("\n"), list[str]()
    while len(lines) > 1 and _HEADING.fullmatch(lines[-1].strip()):
        headings.insert(0, lines.pop().strip())
    return "\n".join(lines), headings


def tidy(title: str) -> str:
    """`第二编 物 权` is 第二编 物权, `附 则` is 附则."""
    head, _, name = title.strip().partition(" ")
    name = re.sub(r"\s", "", name)
    return f"{head} {name}" if head.startswith("第") and name else head + name


def _level(heading: str) -> str:
    found = _HEADING.fullmatch(heading)
    return (found and found["level"]) or "附则"


def _key(row: Row) -> Key:
    try:
        return parse_number(row.title)
    except LawlabError:  # 条目一 of an amendment, 全文 of a decision without articles
        return row.number or 0, 0
