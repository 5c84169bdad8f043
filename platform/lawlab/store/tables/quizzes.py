"""What people answer, and quizzes from the paper to the grade."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lawlab.store.tables.base import Base
from lawlab.store.tables.content import ItemVersion
from lawlab.store.tables.people import Person


class Answer(Base):
    """A response as given. Append-only."""

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    """Made by the client; a repeat with the same key gets the first reply."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    place: Mapped[str] = mapped_column(String(120))
    """Where it was given: `lesson:<course>/<lesson>`, `quiz:<assignment>`, `drill:daily`,
    `drill:practice/<scope>`, `drill:chain/<run>`, `drill:duel/<id>`, `contest:<id>/<turn>` or
    `rehearsal:<id>/<turn>`."""
    contest_id: Mapped[int | None]
    """The contest or rehearsal that `place` names, so that its answers are found by an index."""
    response: Mapped[dict[str, Any]]
    received_at: Mapped[dt.datetime]
    item_version: Mapped[ItemVersion] = relationship()
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_answers_person_place", "person_id", "place"),
        Index("ix_answers_person_received", "person_id", "received_at"),
        Index(
            "ix_answers_contest",
            "contest_id",
            sqlite_where=text("contest_id is not null"),
            postgresql_where=text("contest_id is not null"),
        ),
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
