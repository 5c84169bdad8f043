"""One search over lessons, articles and explanations, and the index that it stands on.

Explanations hold keys: a learner finds only those of questions he has answered in the version that
is in use, and is not answering again in a quiz at this moment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import time
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lawlab.domain.lesson import read_call
from lawlab.domain.question import Question
from lawlab.domain.search import (
    Everyday,
    Piece,
    Query,
    boolean,
    excerpt,
    highlighted,
    read_everyday,
    read_query,
    score,
)
from lawlab.domain.statute import ArticleRef, Law, normalised
from lawlab.errors import FileFaults, LawlabError
from lawlab.services.progress import law_address
from lawlab.services.quizzes import items_being_answered
from lawlab.services.scoring import answered_versions
from lawlab.services.sessions import Caller
from lawlab.store.content import courses, lesson_pages, newest_item_ids, newest_items, out_of_use
from lawlab.store.engine import writing
from lawlab.store.search import Document, candidates, digests, put, remove, take_stock
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import (
    ImportedLaw,
    ItemVersion,
    LessonVersion,
    Publication,
    SearchDocument,
)

WORDS = Path("courses") / "everyday-words.toml"
KINDS = ("lesson", "article", "item")
SHOWN = {"lesson": 8, "article": 12, "item": 8}
"""Results of each kind; who needs more asks more precisely."""
_PROPOSED = 40
BREATH = 0.03
"""Seconds between two steps. SQLite's lock is not fair: whoever waits only looks again from time to
time, and without a pause met the next step, and the next, for all of the 0.4 s it took."""
STEP = 200
"""Documents that are written in one transaction: some tens of milliseconds."""
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_TABLE = re.compile(r"^[|: -]*\|[|: -]*$|[ \t]*\|[ \t]*", re.MULTILINE)
_MARKS = re.compile(r"^#+\s*|\*\*|^\s*[-*]\s+|^\s*\d+\.\s+", re.MULTILINE)


@dataclass(frozen=True)
class Hit:
    """One result. `url` leads to it; an item without a lesson has none."""

    kind: str
    ref: str
    title: tuple[Piece, ...]
    place: str
    excerpt: tuple[Piece, ...]
    url: str


@dataclass(frozen=True)
class Found:
    """What a search found, best first within each kind."""

    query: Query
    hits: tuple[Hit, ...]
    loose: bool = False
    """Nothing has all of his words: these only resemble them."""


def everyday_words(repository: Path) -> tuple[Everyday, ...]:
    """The reviewed table from everyday to legal words. Raises FileFaults with every fault."""
    data = tomllib.loads((repository / WORDS).read_text("utf-8"))
    entries, faults = read_everyday(data)
    if faults:
        raise FileFaults(WORDS.as_posix(), faults)
    return entries


def words_faults(repository: Path, statutes: Statutes, on: dt.date) -> list[str]:
    """Entries that the law does not bear out: the first legal word must stand in the article that
    the entry names, the others somewhere in that law."""
    faults = []
    for entry in everyday_words(repository):
        try:
            ref = ArticleRef.parse(entry.article)
            law = statutes.law(ref.law, on=on)
            article = law.at(ref.key)
        except LawlabError as error:
            faults.append(f"“{entry.words[0]}”：{error.sentence}")
            continue
        first, *others = entry.legal
        if normalised(first) not in article.plain:
            faults.append(f"“{entry.words[0]}”：{ref} 里没有“{first}”。")
        faults += [
            f"“{entry.words[0]}”：{ref.law}里没有“{word}”。"
            for word in others
            if not law.holding(word)
        ]
    return faults


def search(
    session: Session, caller: Caller, asked: str, table: tuple[Everyday, ...], now: dt.datetime
) -> Found:
    """The best lessons, articles and explanations for what a person typed. First everything that
    has all of his words; when nothing has, what has most of them."""
    query = read_query(asked, table)
    visible = _visible_items(session, caller, now)
    documents: list[Document] = []
    loose = False
    for loose in (False, True):
        groups = boolean(query, all_terms=not loose)
        for kind in KINDS:
            refs = visible if kind == "item" else None
            documents += candidates(session, groups, kind, _PROPOSED, refs)
        if documents:
            break
    favourites = {entry.article for entry in query.translated}

    def worth(document: Document) -> float:
        favoured = 20.0 if document.ref in favourites else 0.0
        return favoured + score(query, document.kind, document.title, document.body)

    best = sorted(documents, key=worth, reverse=True)
    shown = [
        document
        for kind in KINDS
        for document in [found for found in best if found.kind == kind][: SHOWN[kind]]
    ]
    items = any(document.kind == "item" for document in shown)
    cards = _lesson_of_card(session) if items else {}
    hits = [_hit(document, query, cards) for document in shown]
    return Found(query, tuple(hits), loose=loose and bool(hits))


def refresh_index(
    session: Session, statutes: Statutes, now: dt.datetime, table: tuple[Everyday, ...] = ()
) -> int:
    """Bring the index in step with what is published and in force, and with the laws to which the
    `table` leads; returns how many documents changed. A repeat changes nothing; two at once do the
    work once between them. Commits, in small steps: somebody who signs in meanwhile waits for one
    step at most."""
    wanted = {(found.kind, found.ref): found for found in _documents(session, statutes, now, table)}
    stored = digests(session)
    changed = [
        name
        for name in dict.fromkeys([*wanted, *stored])  # lessons first: people look for those
        if name not in wanted or name not in stored or stored[name][1] != _digest(wanted[name])
    ]
    session.commit()
    changes = sum(
        _bring_in_step(session, changed[start : start + STEP], wanted)
        for start in range(0, len(changed), STEP)
    )
    if changes:
        take_stock(session)
        session.commit()
    return changes


def drop_damaged(session: Session) -> None:
    """In the caller's transaction: take out documents that are not what their digest stands for."""
    rows = session.scalars(select(SearchDocument))
    remove(session, [row.id for row in rows if _digest(row) != row.digest])


def _bring_in_step(
    session: Session, names: list[tuple[str, str]], wanted: dict[tuple[str, str], Document]
) -> int:
    writing(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(hashtext('lawlab search index'))"))
    stored = digests(session, [ref for _, ref in names])
    old: list[int] = []
    fresh: dict[str, Document] = {}
    changes = 0
    for name in names:
        row, before = stored.get(name, (0, ""))
        digest = _digest(wanted[name]) if name in wanted else ""
        if digest == before:
            continue  # another process came first
        changes += 1
        old += [row] if row else []
        if digest:
            fresh[digest] = wanted[name]
    remove(session, old)
    put(session, fresh)
    session.commit()
    time.sleep(BREATH)
    return changes


def content_mark(session: Session, now: dt.datetime) -> str:
    """Changes whenever the index may be out of step: with each publication, withdrawal or import,
    and with the day, since laws begin on days. Costs four lookups."""
    newest = [
        session.scalar(select(func.max(table.id)))
        for table in (ItemVersion, LessonVersion, Publication, ImportedLaw)
    ]
    return f"{china_day(now)} {newest}"


def lesson_prose(notebook: str) -> str:
    """What a lesson's page says, without its question cards."""
    parts = []
    for cell in json.loads(notebook)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(_TABLE.sub(" ", _MARKS.sub("", _PICTURE.sub(r"\1", source))))
            continue
        call, _ = read_call(source, "")
        if call and call.name in ("steps", "takeaway", "staff", "unconfirmed"):
            parts.append("\n".join(map(str, call.texts)))
    return re.sub(r"\s*\n\s*", " ", "\n".join(parts)).strip()


def _documents(
    session: Session, statutes: Statutes, now: dt.datetime, table: tuple[Everyday, ...]
) -> Iterator[Document]:
    shelves = courses(session)
    titles = {
        (shelf.slug, row.lesson): (row.title, shelf.title)
        for shelf in shelves
        for row in shelf.lessons
    }
    laws = {shelf.law for shelf in shelves}
    laws |= {ArticleRef.parse(entry.article).law for entry in table}
    for name, notebook in lesson_pages(session).items():
        if name in titles:
            title, place = titles[name]
            body = lesson_prose(notebook).removeprefix(title).strip()
            yield Document("lesson", "/".join(name), title, place, body)
    gone = out_of_use(session)
    for item, row in newest_items(session).items():
        question = Question.from_json(row.body)
        refs = [ArticleRef.parse(ref) for ref in question.articles]
        laws |= {ref.law for ref in refs}
        if item not in gone:
            place = "、".join(dict.fromkeys(f"《{ref.law}》" for ref in refs))
            reasons = " ".join([question.explanation, *question.why_wrong.values()])
            yield Document("item", item, question.stem, place, reasons)
    for law in filter(None, map(partial(_law, statutes, now), sorted(laws))):
        for article in law.articles:
            ref = str(ArticleRef(law.info.short, article.key))
            title = f"《{law.info.short}》{article.title}"
            body = " ".join(article.paragraphs)
            yield Document("article", ref, title, " › ".join(article.path), body)


def _law(statutes: Statutes, now: dt.datetime, name: str) -> Law | None:
    try:
        return statutes.law(name, on=china_day(now))
    except LawlabError:
        # Awaited, repealed or not yet in force: nothing of it can be found.
        return None


def _visible_items(session: Session, caller: Caller, now: dt.datetime) -> Collection[str] | None:
    if caller.roles & {"trainer", "admin"}:
        return None
    given = answered_versions(session, caller.person_id)
    answered = {item for item, version in newest_item_ids(session).items() if version in given}
    return answered - items_being_answered(session, caller.person_id, now)


def _lesson_of_card(session: Session) -> dict[str, str]:
    return {
        card: f"{shelf.slug}/{row.lesson}"
        for shelf in courses(session)
        for row in shelf.lessons
        for card in row.cards
    }


def _hit(document: Document, query: Query, cards: dict[str, str]) -> Hit:
    lesson = document.ref if document.kind == "lesson" else cards.get(document.ref)
    if document.kind == "article":
        law, _, number = document.ref.partition("#")
        url = law_address(law, number)
    else:
        url = f"/services/learn/lesson/{lesson}" if lesson else ""
    return Hit(
        document.kind,
        document.ref,
        highlighted(document.title, query),
        document.place,
        excerpt(document.body, query),
        url,
    )


def _digest(document: Document | SearchDocument) -> str:
    whole = "\x1f".join(
        (document.kind, document.ref, document.title, document.place, document.body)
    )
    return hashlib.sha256(whole.encode()).hexdigest()
