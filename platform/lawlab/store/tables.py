"""Every table of the platform. What people did is append-only; the rest derives from it.

Times are aware and UTC; dates are the town's days. A membership holds from `since` to before
`until` (None: still).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    true,
)
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC time on every database; a naive one is refused on the way in."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: pass an aware one")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        # SQLite stores no zone; what was bound was UTC.
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        dt.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


# ---- people -------------------------------------------------------------------------------------


class Unit(Base):
    """A department (`department`) of the town office, or a village or community (`village`)."""

    __tablename__ = "units"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    __table_args__ = (CheckConstraint("kind in ('department', 'village')", name="kind"),)


class Person(Base):
    """Somebody who signs in. Disabled or merged, never deleted."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    privacy_seen_at: Mapped[dt.datetime | None]
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    units: Mapped[list[UnitMembership]] = relationship(back_populates="person")
    cohorts: Mapped[list[CohortMembership]] = relationship(back_populates="person")
    roles: Mapped[list[Role]] = relationship(back_populates="person", cascade="all, delete-orphan")


class UnitMembership(Base):
    __tablename__ = "unit_memberships"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    person: Mapped[Person] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class CohortMembership(Base):
    """`staff` (干部职工) or `villager` (法律明白人); a person may be both at once."""

    __tablename__ = "cohort_memberships"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    cohort: Mapped[str] = mapped_column(String(20))
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    person: Mapped[Person] = relationship(back_populates="cohorts")
    __table_args__ = (CheckConstraint("cohort in ('staff', 'villager')", name="cohort"),)


class Role(Base):
    """`learner`, `trainer`, `host` or `admin`."""

    __tablename__ = "roles"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    person: Mapped[Person] = relationship(back_populates="roles")
    __table_args__ = (
        CheckConstraint("role in ('learner', 'trainer', 'host', 'admin')", name="role"),
    )


class SigninFailure(Base):
    """One failed sign-in; rows older than the longest window are dropped."""

    __tablename__ = "signin_failures"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), index=True)
    device: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class ApiSession(Base):
    """A browser's session with the API. Ends with the Hub's, or when its person is disabled."""

    __tablename__ = "api_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    hub_session_hash: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    person: Mapped[Person] = relationship()


# ---- content ------------------------------------------------------------------------------------


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


# ---- what people did ----------------------------------------------------------------------------


class Answer(Base):
    """A response as given. Append-only."""

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    """Made by the client; a repeat with the same key gets the first reply."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    place: Mapped[str] = mapped_column(String(120))
    """Where it was given: `lesson:<course>/<lesson>` or `quiz:<assignment>`."""
    response: Mapped[dict[str, Any]]
    received_at: Mapped[dt.datetime]
    item_version: Mapped[ItemVersion] = relationship()
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_answers_person_place", "person_id", "place"),
    )


class Mark(Base):
    """One marking of one answer; the newest counts, the older ones stay."""

    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"), index=True)
    key_version: Mapped[int]
    marker: Mapped[str] = mapped_column(String(40))
    """`auto`, or the sign-in name of a trainer."""
    points: Mapped[float]
    max_points: Mapped[float]
    marked_at: Mapped[dt.datetime]


# ---- quizzes ------------------------------------------------------------------------------------


class Quiz(Base):
    """An nbgrader assignment with its blueprint and drawn paper."""

    __tablename__ = "quizzes"
    assignment: Mapped[str] = mapped_column(String(60), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    minutes: Mapped[int]
    pass_mark: Mapped[float]
    state: Mapped[str] = mapped_column(String(20))
    """`built` → `open` → `released`."""
    blueprint: Mapped[dict[str, Any]]
    paper: Mapped[list[Any]]
    """Slots in order: {"slot": "q01", "item": "atf-001", "version": 1, "points": 4}; where each
    person draws, what a slot asks for instead: {"slot": "q01", "section": 0, "difficulty": 2,
    "points": 4}."""
    corrections: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Item → what marking uses instead of the drawn version: {"version": 3}, or {"full": true} for
    full points to everybody (送分)."""
    expected: Mapped[list[Any] | None]
    """Ids of the people who may take a make-up exam, as of its opening; None: everybody."""
    built_at: Mapped[dt.datetime]
    opened_at: Mapped[dt.datetime | None]
    released_at: Mapped[dt.datetime | None]
    __table_args__ = (CheckConstraint("state in ('built', 'open', 'released')", name="state"),)


class Sitting(Base):
    """One attempt of one person at one quiz. The server's clock alone decides `deadline`."""

    __tablename__ = "sittings"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(ForeignKey("quizzes.assignment"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    started_at: Mapped[dt.datetime]
    deadline: Mapped[dt.datetime]
    handed_in_at: Mapped[dt.datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(12))
    responses: Mapped[dict[str, Any] | None]
    """Slot → response, frozen at hand-in; before that the newest answers count."""
    attempt: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts from 1."""
    paper: Mapped[list[Any] | None]
    """The person's own slots in the order shown, as in `Quiz.paper` with "options": "CABD", the
    order of the options shown; None: the quiz's paper as it is."""
    counts: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether this is the attempt that the gradebook holds; at most one handed-in one does."""
    auto_points: Mapped[float | None]
    """What the questions that need no person earned, set at hand-in; decides the best attempt."""
    left_page: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the page was left while answering."""
    person: Mapped[Person] = relationship()
    __table_args__ = (UniqueConstraint("assignment", "person_id", "attempt"),)


class Job(Base):
    """Work for the grader; done any number of times with the same result."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(120))
    """`hand_in` and `mark`: the sitting's id. `open`: the assignment."""
    state: Mapped[str] = mapped_column(String(20), index=True)
    """`waiting` → `running` → `done` or `failed`."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[dt.datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
    )


class Grade(Base):
    """What nbgrader's gradebook says of one sitting, brought back by the grader."""

    __tablename__ = "grades"
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    score: Mapped[float]
    max_score: Mapped[float]
    needs_manual: Mapped[bool]
    slots: Mapped[dict[str, Any]]
    """Slot → {"points": 4.0 or null, "max_points": 4.0, "comment": "…" or null}."""
    late_penalty: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """Points already taken off `score` for handing in late."""
    read_at: Mapped[dt.datetime]
    sitting: Mapped[Sitting] = relationship()


class ManualMark(Base):
    """A trainer's mark of one written answer. Append-only; the newest revision counts."""

    __tablename__ = "manual_marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"))
    slot: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    """Counts from 1; a mark that follows an older one than the newest is refused."""
    rubric: Mapped[list[Any]]
    """What each rubric point earned, in the order of the question's rubric."""
    points: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, server_default="")
    marker: Mapped[str] = mapped_column(String(40))
    marked_at: Mapped[dt.datetime]
    __table_args__ = (UniqueConstraint("sitting_id", "slot", "revision"),)


class MarkingLease(Base):
    """Who is looking at a written answer now, so that no other trainer is given the same."""

    __tablename__ = "marking_leases"
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(10), primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))
    until: Mapped[dt.datetime]


class Regrade(Base):
    """A corrected key and what it changed. Append-only."""

    __tablename__ = "regrades"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment: Mapped[str] = mapped_column(ForeignKey("quizzes.assignment"), index=True)
    item: Mapped[str] = mapped_column(String(60))
    correction: Mapped[dict[str, Any]]
    """As in `Quiz.corrections`; {}: back to the drawn version."""
    reason: Mapped[str] = mapped_column(Text)
    changes: Mapped[list[Any]]
    """One each: {"login": "s001", "attempt": 1, "slot": "q03", "before": 0, "after": 5}."""
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[dt.datetime]


# ---- derived ------------------------------------------------------------------------------------


class Score(Base):
    """Points of one person from one source; derived, kept in step, can be recomputed from zero."""

    __tablename__ = "scores"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(120), primary_key=True)
    """`lesson:<course>/<lesson>` or `quiz:<assignment>`."""
    phase: Mapped[str] = mapped_column(String(20))
    """`learn` (大学习), `drill` (大练兵) or `compete` (大比武)."""
    points: Mapped[float]
    answered: Mapped[int] = mapped_column(default=0)
    completed: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime]
    __table_args__ = (Index("ix_scores_phase", "phase"),)


class SearchDocument(Base):
    """One thing that search can find. Derived; its grams stand in the database's own full-text
    index (`store.search`)."""

    __tablename__ = "search_documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """`lesson`, `article` or `item`."""
    ref: Mapped[str] = mapped_column(String(120))
    """`<course>/<lesson>`, `民法典#667`, or the item's id."""
    title: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("kind", "ref"),)
