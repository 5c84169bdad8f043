"""Statements marked 待核: where they stand, and that a trainer has confirmed one.

A confirmation belongs to words and source together (`statement_digest`), wherever they stand: a
lesson that says it otherwise later is 待核 again by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.domain.statement import statement_digest
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.content_state import record
from lawlab.services.lesson_contents import lesson_contents
from lawlab.store.content import LessonRow, courses, newest_items, out_of_use
from lawlab.store.engine import looking_again, writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import Confirmation

NOTE_LIMIT = 400


@dataclass(frozen=True)
class Place:
    """Where a statement stands: `kind` is `lesson` or `item`."""

    kind: str
    name: str
    title: str
    url: str


@dataclass(frozen=True)
class Statement:
    """What no installed text supports, and who confirmed it, if anybody did."""

    digest: str
    text: str
    source: str
    places: tuple[Place, ...]
    confirmation: Confirmation | None


def confirmed_days(session: Session, digests: Iterable[str]) -> dict[str, str]:
    """Digest → the town's day on which it was confirmed, of those that were."""
    asked = set(digests)
    if not asked:
        return {}
    query = select(Confirmation.digest, Confirmation.at).where(Confirmation.digest.in_(asked))
    return {digest: china_day(at).isoformat() for digest, at in session.execute(query)}


def lesson_digests(session: Session, row: LessonRow) -> list[str]:
    """The digests of a lesson's statements."""
    content = lesson_contents(session, [row])[row.course, row.lesson]
    return [statement_digest(note.text, note.source) for note in content.unconfirmed]


def item_digest(question: Question) -> str | None:
    """The digest of what a question says beyond the law, when it does."""
    return statement_digest(question.unconfirmed) if question.unconfirmed else None


def confirmed_day(session: Session, question: Question) -> str:
    """When what a question says beyond the law was confirmed; empty when it was not."""
    digest = item_digest(question)
    return confirmed_days(session, [digest]).get(digest, "") if digest else ""


def statements(session: Session) -> list[Statement]:
    """All statements of lessons and items in use: first those that wait for somebody, then the
    confirmed ones, the latest on top."""
    texts: dict[str, tuple[str, str]] = {}
    places: dict[str, list[Place]] = {}
    for text, source, place in _everywhere(session):
        digest = statement_digest(text, source)
        texts.setdefault(digest, (text, source))
        places.setdefault(digest, []).append(place)
    known = {row.digest: row for row in session.scalars(select(Confirmation))}
    found = [
        Statement(digest, *texts[digest], tuple(places[digest]), known.get(digest))
        for digest in texts
    ]
    waiting = [each for each in found if each.confirmation is None]
    done = [each for each in found if each.confirmation is not None]
    return waiting + sorted(done, key=_confirmed_at, reverse=True)


@looking_again
def confirm(session: Session, by: str, digest: str, note: str, now: datetime) -> None:
    """A trainer has looked it up; `note` says what he compared it with.

    Raises LawlabError `no_note`, NotFound `no_statement`, Conflict `confirmed_already`.
    """
    note = note.strip()
    if not 0 < len(note) <= NOTE_LIMIT:
        raise LawlabError("no_note", f"请写明是怎么核对的（{NOTE_LIMIT} 个字以内）。")
    writing(session)
    found = _find(session, digest)
    if found.confirmation:
        raise Conflict("confirmed_already", "这一条已经有人核对过了，请刷新页面。")
    session.add(
        Confirmation(
            digest=digest,
            text=found.text,
            source=found.source,
            note=note,
            by=by,
            at=now,
        )
    )
    _tell(session, found, "confirm", by, now, note)
    session.commit()


def take_back(session: Session, by: str, digest: str, now: datetime) -> str:
    """Make it 待核 again; returns the note that it had. Raises NotFound `no_statement`."""
    writing(session)
    row = session.get(Confirmation, digest, with_for_update=True)
    if row is None:
        raise NotFound("no_statement", "这一条现在就是待核，请刷新页面。")
    session.delete(row)
    here = [each for each in statements(session) if each.digest == digest]
    for each in here:
        _tell(session, each, "unconfirm", by, now, row.note)
    session.commit()
    return row.note


def _find(session: Session, digest: str) -> Statement:
    for each in statements(session):
        if each.digest == digest:
            return each
    raise NotFound("no_statement", "没有这一条待核的内容，它可能已经改写。请刷新页面。")


def _tell(
    session: Session, statement: Statement, action: str, by: str, now: datetime, note: str
) -> None:
    for place in statement.places:
        record(session, place.kind, place.name, action, by, now, note=f"{statement.text}（{note}）")


def _everywhere(session: Session) -> Iterator[tuple[str, str, Place]]:
    shelves = courses(session)
    found = lesson_contents(session, [row for shelf in shelves for row in shelf.lessons])
    for shelf in shelves:
        for row in shelf.lessons:
            name = f"{row.course}/{row.lesson}"
            url = f"/services/learn/lesson/{name}"
            place = Place("lesson", name, f"{shelf.title}：{row.title}", url)
            for note in found[row.course, row.lesson].unconfirmed:
                yield note.text, note.source, place
    gone = out_of_use(session)
    for item, version in sorted(newest_items(session).items()):
        text = version.body.get("unconfirmed", "")
        if text and item not in gone:
            url = f"/services/learn/bank/{item}"
            yield text, "", Place("item", item, f"{item} {version.body['stem'][:40]}", url)


def _confirmed_at(statement: Statement) -> datetime:
    assert statement.confirmation
    return statement.confirmation.at
