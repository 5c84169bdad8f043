"""Finds the article that a question is to cite: among the laws of its bank first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.numerals import CHINESE
from lawlab.domain.statute import Article, ArticleRef, Law, normalised, parse_number
from lawlab.errors import LawlabError
from lawlab.store.content import newest_items
from lawlab.store.items import bank
from lawlab.store.statutes import Statutes

MOST = 20
_NUMBER = re.compile(
    rf"(?P<law>.*?)[#\s]*(?P<number>第?(?:\d+|[{CHINESE}]+)条?(?:之(?:\d+|[{CHINESE}]+))?)"
)


def find_articles(
    session: Session, slug: str, law: str, words: str, statutes: Statutes, on: date
) -> dict[str, Any]:
    """Articles by number (`31`, `刑法 133之1`) or by words, in `law` or in the laws of the bank;
    with the names of laws that the words may mean. Raises NotFound `no_bank`, or of `law`."""
    own = _laws_of_bank(session, slug)
    names = [statutes.find(law, on=on).short] if law else own
    found = list(_found(names, words.strip(), statutes, on))
    return {
        "laws": own,
        "named": _named(words.strip(), statutes, {*own, *names}),
        "articles": [_shown(found_law, article) for found_law, article in found[:MOST]],
        "more": len(found) > MOST,
    }


def _laws_of_bank(session: Session, slug: str) -> list[str]:
    """The bank's own law, then the others that its questions cite, the most cited first."""
    home = bank(session, slug)
    rows = [row for row in newest_items(session).values() if row.bank == slug]
    cited = Counter(ref.partition("#")[0] for row in rows for ref in row.body["articles"])
    others = [law for law, _ in cited.most_common(12) if law != home.law]
    return [home.law, *others] if home.law else others


def _found(
    names: list[str], words: str, statutes: Statutes, on: date
) -> Iterator[tuple[Law, Article]]:
    if not words:
        return
    number = _NUMBER.fullmatch(words)
    if number:
        named = [number["law"].strip("《》 ")] if number["law"].strip("《》 ") else names
        for law in _laws(named, statutes, on):
            try:
                yield law, law.at(parse_number(number["number"]))
            except LawlabError:
                continue
        return
    asked = [word for part in words.split() if (word := normalised(part))]
    for law in _laws(names, statutes, on):
        for article in law.articles:
            if asked and all(word in article.plain for word in asked):
                yield law, article


def _laws(names: Iterable[str], statutes: Statutes, on: date) -> Iterator[Law]:
    for name in names:
        try:
            yield statutes.law(name, on=on)
        except LawlabError:
            continue


def _named(words: str, statutes: Statutes, known: set[str]) -> list[str]:
    name = normalised(words)
    if len(name) < 2:
        return []
    shorts = dict.fromkeys(info.short for info in statutes.laws())
    return [short for short in shorts if name in normalised(short) and short not in known][:8]


def _shown(law: Law, article: Article) -> dict[str, Any]:
    return {
        "ref": str(ArticleRef(law.info.short, article.key)),
        "law": law.info.short,
        "number": article.title,
        "path": list(article.path),
        "text": article.text[:80],
    }
