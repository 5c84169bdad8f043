"""Laws that a trainer imported, as rows and as values. Which version counts is `store.statutes`'
business.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.statute import Appendix, Article, Law, LawInfo, parse_number
from lawlab.domain.statute_text import IMPORTED
from lawlab.store.tables import ImportedLaw

_PREFIX = "import:"


def imports_mark(session: Session) -> tuple[int, int]:
    """Changes whenever something was imported: rows are only ever added."""
    count, last = session.execute(
        select(func.count(), func.max(ImportedLaw.id)).select_from(ImportedLaw)
    ).one()
    return count, last or 0


def imported_laws(session: Session) -> list[LawInfo]:
    """What is known of every imported version, without its text."""
    columns = (ImportedLaw.id, ImportedLaw.name, ImportedLaw.kind, ImportedLaw.issuer)
    dates = (ImportedLaw.published, ImportedLaw.effective, ImportedLaw.version)
    rows = session.execute(select(*columns, *dates))
    return [
        LawInfo(f"{_PREFIX}{row}", name, kind, issuer, IMPORTED, published, effective, version)
        for row, name, kind, issuer, published, effective, version in rows
    ]


def is_imported(info: LawInfo) -> bool:
    """True for a version that did not come with the package."""
    return info.id.startswith(_PREFIX)


def imported_law(session: Session, info: LawInfo) -> Law:
    """The text of an imported version."""
    row = int(info.id.removeprefix(_PREFIX))
    entries = session.scalars(select(ImportedLaw.articles).where(ImportedLaw.id == row)).one()
    return Law(info, tuple(_articles(entries)), tuple(_appendices(entries)))


def entries_of(law: Law) -> list[dict[str, Any]]:
    """Articles and appendices of a law as `ImportedLaw.articles` keeps them."""
    articles = [
        {"title": article.title, "text": article.text, "path": list(article.path)}
        for article in law.articles
    ]
    appendices = [
        {"title": appendix.title, "text": appendix.text, "appendix": True}
        for appendix in law.appendices
    ]
    return [*articles, *appendices]


def _articles(entries: Iterable[dict[str, Any]]) -> Iterable[Article]:
    for entry in entries:
        if "appendix" not in entry:
            title = entry["title"]
            yield Article(parse_number(title), title, entry["text"], tuple(entry["path"]))


def _appendices(entries: Iterable[dict[str, Any]]) -> Iterable[Appendix]:
    for entry in entries:
        if "appendix" in entry:
            yield Appendix(entry["title"], entry["text"])
