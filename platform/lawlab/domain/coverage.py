"""How much of its law a course treats: articles with a button, and chapters with such an article.

A chapter is an outermost heading of the law: 章 in most laws, 编 in the Civil Code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lawlab.domain.statute import ArticleRef, Heading, Key, Law


@dataclass(frozen=True)
class Coverage:
    """Articles and chapters treated, of how many, and the titles of the chapters that are not."""

    articles: int
    articles_total: int
    chapters: int
    chapters_total: int
    missing: tuple[str, ...]


def coverage(law: Law, refs: Iterable[ArticleRef]) -> Coverage:
    """What the references of a course treat of its law; those to other laws do not count."""
    known = {article.key for article in law.articles}
    treated = {ref.key for ref in refs if ref.law == law.info.short} & known
    missing = tuple(top.title for top in law.tree if not treated & set(_keys(top)))
    return Coverage(
        articles=len(treated),
        articles_total=len(known),
        chapters=len(law.tree) - len(missing),
        chapters_total=len(law.tree),
        missing=missing,
    )


def _keys(heading: Heading) -> list[Key]:
    return [*heading.articles, *(key for child in heading.children for key in _keys(child))]
