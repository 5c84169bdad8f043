"""Courses, questions and laws: published versions, drafts, and what was done to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lawlab.store.tables.base import Base


class Course(Base):
    __tablename__ = "courses"
    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    law: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    about: Mapped[dict[str, Any]]
    """What `course.toml` says besides: sources, date checked, audience."""


class LessonVersion(Base):
    """An immutable published version of a lesson; the highest version is the current one."""

    __tablename__ = "lesson_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_slug: Mapped[str] = mapped_column(ForeignKey("courses.slug"))
    lesson: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    cards: Mapped[list[Any]]
    """Ids of the check cards, in order. The lesson is complete when each has an answer."""
    notebook: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    reviewer: Mapped[str] = mapped_column(String(40))
    published_at: Mapped[dt.datetime]
    __table_args__ = (UniqueConstraint("course_slug", "lesson", "version"),)


class ItemBank(Base):
    """A bank of questions: what its file says besides its items, and how their ids begin."""

    __tablename__ = "item_banks"
    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    law: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(20))
    """`atf` for atf-001; new items get the next free number."""
    awaits: Mapped[list[Any]]
    """Laws that the town imports itself; see `domain.bank.Bank`."""


class ItemVersion(Base):
    """An immutable published version of a question; `body` is a `domain.question.Question`."""

    __tablename__ = "item_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    bank: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    article_prints: Mapped[dict[str, Any]]
    """Article reference → fingerprint of its text when published (DESIGN decision 10)."""
    reviewer: Mapped[str] = mapped_column(String(40), server_default="")
    """Who answers for the law of this version."""
    published_at: Mapped[dt.datetime]
    __table_args__ = (UniqueConstraint("item", "version"),)


class ItemDraft(Base):
    """A trainer's unpublished text of one item; at most one for an item."""

    __tablename__ = "item_drafts"
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    bank: Mapped[str] = mapped_column(String(40))
    body: Mapped[dict[str, Any]]
    """The fields of a bank file's item as the form holds them; may be incomplete."""
    base_version: Mapped[int | None]
    """The published version the draft began from; None for a new item."""
    revision: Mapped[int]
    """Counts saves; a save that names an older one is refused, so nobody overwrites unseen."""
    author: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[dt.datetime]


class ContentState(Base):
    """Content that is published and not in use. Whatever has no row here is in use."""

    __tablename__ = "content_states"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`item` or `lesson`."""
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    """The item's id, or `<course>/<lesson>`."""
    state: Mapped[str] = mapped_column(String(20))
    """`withdrawn` by a trainer, or `stale` because a cited article changed."""
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(40))
    since: Mapped[dt.datetime]
    __table_args__ = (
        CheckConstraint("kind in ('item', 'lesson')", name="kind"),
        CheckConstraint("state in ('withdrawn', 'stale')", name="state"),
    )


class Publication(Base):
    """What was done to published content, by whom, and who reviewed it. Append-only."""

    __tablename__ = "publications"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """`item`, `lesson`, `course` or `law`."""
    name: Mapped[str] = mapped_column(String(120))
    version: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(20))
    """`publish`, `withdraw`, `restore`, `stale`, `fresh`, `import`, `confirm`."""
    by: Mapped[str] = mapped_column(String(40))
    reviewer: Mapped[str] = mapped_column(String(40), server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    at: Mapped[dt.datetime]
    __table_args__ = (Index("ix_publications_name", "kind", "name"),)


class Confirmation(Base):
    """A statement marked 待核 that a trainer has confirmed; `digest` stands for text and source."""

    __tablename__ = "confirmations"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[dt.datetime]


class LessonPicture(Base):
    """A picture of a course's published lessons, by the name that lessons use for it."""

    __tablename__ = "lesson_pictures"
    course_slug: Mapped[str] = mapped_column(ForeignKey("courses.slug"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportedLaw(Base):
    """One version of a statute that a trainer imported from an official file. Immutable."""

    __tablename__ = "imported_laws"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    issuer: Mapped[str] = mapped_column(String(200))
    published: Mapped[dt.date]
    effective: Mapped[dt.date]
    version: Mapped[dt.date]
    articles: Mapped[list[Any]]
    """In order: {"title": "第三条", "text": "…", "path": ["第一章 总则"]}; behind them appendices:
    {"title": "附件1", "text": "…", "appendix": true}."""
    sha256: Mapped[str] = mapped_column(String(64))
    """`domain.statute.Law.fingerprint`."""
    file_name: Mapped[str] = mapped_column(String(200))
    imported_by: Mapped[str] = mapped_column(String(40))
    imported_at: Mapped[dt.datetime]
    __table_args__ = (UniqueConstraint("name", "version"),)
