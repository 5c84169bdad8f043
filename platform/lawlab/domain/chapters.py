"""A law in pieces that are read one at a time: its chapters, and the sections of very long ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from lawlab.domain.numerals import CHINESE
from lawlab.domain.statute import Article, Key, Law

MOST_ARTICLES = 50
"""A chapter with more articles and with sections is read section by section."""
WHOLE, OPENING = "全文", "开头部分"

_SECTION = re.compile(rf"第[{CHINESE}]+节\b.*")


@dataclass(frozen=True)
class Chapter:
    """A run of articles below the same headings. `path` holds them from the outermost in, the
    chapter's own last; it is empty where a law has none. An appendix has a `text` and no articles.
    `number` counts from 1 through the law, in reading order."""

    number: int
    path: tuple[str, ...]
    articles: tuple[Article, ...]
    text: str = ""

    @property
    def title(self) -> str:
        return self.path[-1] if self.path else WHOLE if self.number == 1 else OPENING

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(article.key for article in self.articles)


@dataclass(frozen=True)
class Part:
    """A heading of the law's outline. Only the innermost ones have a chapter to read."""

    title: str
    chapter: Chapter | None
    parts: tuple[Part, ...]

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Everything to read below it, in order."""
        if self.chapter:
            return (self.chapter,)
        return tuple(chapter for part in self.parts for chapter in part.chapters)


def chapters(law: Law) -> tuple[Chapter, ...]:
    """All chapters of a law in order, its appendices behind them. Every article is in exactly one,
    however its headings are laid out."""
    runs: list[tuple[tuple[str, ...], tuple[Article, ...]]] = []
    for path, group in groupby(law.articles, lambda article: _above_section(article.path)):
        inside = tuple(group)
        if len(inside) > MOST_ARTICLES and any(len(a.path) > len(path) for a in inside):
            runs += [(key, tuple(run)) for key, run in groupby(inside, lambda a: a.path)]
        else:
            runs.append((path, inside))
    found = [Chapter(number, *run) for number, run in enumerate(runs, 1)]
    found += [
        Chapter(number, (appendix.title,), (), appendix.text)
        for number, appendix in enumerate(law.appendices, len(found) + 1)
    ]
    return tuple(found)


def outline(found: Iterable[Chapter]) -> tuple[Part, ...]:
    """The headings over chapters as a tree."""
    return _parts(tuple(found), 0)


def chapter_of(found: Iterable[Chapter], key: Key) -> Chapter | None:
    """The chapter in which an article stands."""
    return next((chapter for chapter in found if key in chapter.keys), None)


def section_of(chapter: Chapter, article: Article) -> str:
    """The heading of an article inside its chapter, or nothing."""
    return " › ".join(article.path[len(chapter.path) :])


def _above_section(path: tuple[str, ...]) -> tuple[str, ...]:
    return path[:-1] if path and _SECTION.fullmatch(path[-1]) else path


def _parts(found: tuple[Chapter, ...], depth: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    for title, group in groupby(found, lambda c: c.path[depth] if len(c.path) > depth else ""):
        inside = tuple(group)
        if not title or all(len(chapter.path) == depth + 1 for chapter in inside):
            parts += [Part(chapter.title, chapter, ()) for chapter in inside]
        else:
            parts.append(Part(title, None, _parts(inside, depth + 1)))
    return tuple(parts)
