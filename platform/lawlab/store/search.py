"""The full-text index: FTS5 on SQLite, a `simple` tsvector on PostgreSQL, asked in the same way.

Documents are rows of `SearchDocument`; the index holds their grams under the same id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from lawlab.domain.search import grams, is_lone
from lawlab.store.tables import SearchDocument

LONGEST_INDEXED = 20_000
"""Characters of a document that can be found: a tsvector of PostgreSQL holds 1 MiB."""
MOST_RANKED = 500
"""Documents of one kind that PostgreSQL ranks where only single characters are looked for: ranking
reads the whole of each, and that 的 stands in six thousand of them tells nothing."""
Groups = tuple[tuple[tuple[str, ...], ...], ...]
"""And of or of and, as `domain.search.boolean` makes it."""


@dataclass(frozen=True)
class Document:
    """One thing to find, without its place in the index."""

    kind: str
    ref: str
    title: str
    place: str
    body: str


def is_index_table(name: str) -> bool:
    """True for the index and the tables that FTS5 keeps beside it, which no ORM class describes."""
    return name == "search_index" or name.startswith("search_index_")


def digests(
    session: Session, refs: Collection[str] | None = None
) -> dict[tuple[str, str], tuple[int, str]]:
    """(kind, ref) → id and digest of the documents in the index: of all, or of those `refs`."""
    query = select(
        SearchDocument.kind, SearchDocument.ref, SearchDocument.id, SearchDocument.digest
    )
    if refs is not None:
        query = query.where(SearchDocument.ref.in_(refs))
    return {(kind, ref): (row, digest) for kind, ref, row, digest in session.execute(query)}


def put(session: Session, documents: Mapping[str, Document]) -> None:
    """Add documents, each under its digest."""
    rows = [
        SearchDocument(
            kind=document.kind,
            ref=document.ref,
            title=document.title,
            place=document.place,
            body=document.body,
            digest=digest,
        )
        for digest, document in documents.items()
    ]
    session.add_all(rows)
    session.flush()
    values = [
        {
            "id": row.id,
            "grams": " ".join(grams(f"{row.title} {row.place} {row.body}"[:LONGEST_INDEXED])),
        }
        for row in rows
    ]
    if values:
        session.execute(text(_INSERT[_dialect(session)]), values)


def remove(session: Session, ids: Collection[int]) -> None:
    """Take documents out."""
    if ids:
        gone = text("delete from search_index where rowid in :ids")
        session.execute(gone.bindparams(bindparam("ids", expanding=True)), {"ids": list(ids)})
        session.execute(delete(SearchDocument).where(SearchDocument.id.in_(ids)))


def take_stock(session: Session) -> None:
    """Tell the database what the index holds now. PostgreSQL would find that out by itself within
    minutes and read all of it for each search until then."""
    if _dialect(session) == "postgresql":
        session.execute(text("analyze search_index, search_documents"))


def candidates(
    session: Session, groups: Groups, kind: str, limit: int, refs: Collection[str] | None = None
) -> list[Document]:
    """Documents of one kind that fit, the likeliest first as the database sees it; `refs` says
    which may be found at all."""
    if not groups or (refs is not None and not refs):
        return []
    dialect = _dialect(session)
    allowed = "" if refs is None else " and d.ref in :refs"
    lone = all(is_lone(gram) for group in groups for inner in group for gram in inner)
    some = _SOME[dialect] if lone else ""
    statement = text(_FIND[dialect].format(allowed=allowed, some=some))
    values: dict[str, object] = {
        "wanted": _expression(groups, _WORDS[dialect]),
        "kind": kind,
        "limit": limit,
    }
    if refs is not None:
        statement = statement.bindparams(bindparam("refs", expanding=True))
        values["refs"] = list(refs)
    return [Document(*row) for row in session.execute(statement, values)]


_INSERT = {
    "sqlite": "insert into search_index (rowid, grams) values (:id, :grams)",
    "postgresql": "insert into search_index (rowid, grams)"
    " values (:id, to_tsvector('simple', :grams))",
}
_FIND = {
    "sqlite": "select d.kind, d.ref, d.title, d.place, d.body from search_index"
    " join search_documents d on d.id = search_index.rowid"
    " where search_index match :wanted and d.kind = :kind{allowed}"
    " order by search_index.rank limit :limit",
    "postgresql": "select kind, ref, title, place, body from"
    " (select d.*, i.grams, wanted from search_index i join search_documents d on d.id = i.rowid,"
    " to_tsquery('simple', :wanted) wanted"
    " where i.grams @@ wanted and d.kind = :kind{allowed}{some}) found"
    " order by ts_rank(grams, wanted) desc, id limit :limit",
}
_SOME = {"sqlite": "", "postgresql": f" limit {MOST_RANKED}"}
_WORDS = {"sqlite": ('"{}"', " AND ", " OR "), "postgresql": ("{}", " & ", " | ")}


def _expression(groups: Groups, words: tuple[str, str, str]) -> str:
    quote, both, either = words

    def joined(parts: Iterable[str], by: str) -> str:
        return f"({by.join(parts)})"

    return joined(
        (
            joined((joined((quote.format(g) for g in inner), both) for inner in group), either)
            for group in groups
        ),
        both,
    )


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
