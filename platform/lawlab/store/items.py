"""Queries for the trainers' desk: banks, drafts, every version of a question and its history."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.errors import NotFound
from lawlab.store.content import MADE_BANK, newest_items, out_of_use
from lawlab.store.tables import Course, ItemBank, ItemDraft, ItemVersion, Person, Publication, Quiz


def banks(session: Session) -> list[ItemBank]:
    """Every bank, also one without an item yet; in the order of the courses, others behind."""
    order = (Course.position.is_(None), Course.position, ItemBank.law, ItemBank.slug)
    with_courses = select(ItemBank).outerjoin(Course, Course.slug == ItemBank.slug)
    return list(session.scalars(with_courses.order_by(*order)))


def bank(session: Session, slug: str) -> ItemBank:
    """Raises NotFound `no_bank`."""
    row = session.get(ItemBank, slug)
    if row is None:
        raise NotFound("no_bank", f"没有名为“{slug}”的题库。", bank=slug)
    return row


def drafts(session: Session) -> dict[str, ItemDraft]:
    """Item → its draft, over all banks."""
    return {row.item: row for row in session.scalars(select(ItemDraft))}


def item_ids(session: Session) -> dict[str, str]:
    """Item → bank, of everything that has an id: published or only drafted."""
    published = session.execute(
        select(ItemVersion.item, ItemVersion.bank).where(ItemVersion.bank != MADE_BANK).distinct()
    )
    drafted = session.execute(select(ItemDraft.item, ItemDraft.bank))
    return dict([*published, *drafted])


def newest_version(session: Session, item: str) -> ItemVersion | None:
    return session.scalar(
        select(ItemVersion)
        .where(ItemVersion.item == item)
        .order_by(ItemVersion.version.desc())
        .limit(1)
    )


def versions(session: Session, item: str) -> list[ItemVersion]:
    """All versions of an item, the newest first."""
    query = select(ItemVersion).where(ItemVersion.item == item)
    return list(session.scalars(query.order_by(ItemVersion.version.desc())))


def history(session: Session, kind: str, name: str) -> list[Publication]:
    """What was done to published content, the newest first."""
    query = select(Publication).where(Publication.kind == kind, Publication.name == name)
    return list(session.scalars(query.order_by(Publication.id.desc())))


def reviewers(session: Session) -> list[str]:
    """Names that reviewed something before, the latest first."""
    rows = session.scalars(
        select(Publication.reviewer)
        .where(Publication.reviewer != "")
        .order_by(Publication.id.desc())
    )
    return list(dict.fromkeys(rows))[:8]


def full_names(session: Session, logins: Iterable[str]) -> dict[str, str]:
    """Login → full name, of those among `logins` who are people here."""
    query = select(Person.login, Person.full_name).where(Person.login.in_(set(logins)))
    return dict(list(session.execute(query)))


def quizzes_with(session: Session, item: str) -> list[Quiz]:
    """The quizzes whose paper holds an item, the newest first."""
    rows = session.scalars(select(Quiz).order_by(Quiz.built_at.desc()))
    return [quiz for quiz in rows if any(slot["item"] == item for slot in quiz.paper)]


def other_questions(session: Session, item: str) -> list[ItemVersion]:
    """The newest version of every other item in use."""
    out = out_of_use(session)
    return [row for name, row in newest_items(session).items() if name != item and name not in out]
