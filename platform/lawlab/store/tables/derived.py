"""What can be recomputed from the rest."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lawlab.store.tables.base import Base


class Score(Base):
    """Points of one person from one source; derived, kept in step, can be recomputed from zero."""

    __tablename__ = "scores"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(120), primary_key=True)
    """`lesson:<course>/<lesson>`, `quiz:<assignment>` or `activity:<id>`."""
    phase: Mapped[str] = mapped_column(String(20))
    """`learn` (大学习), `drill` (大练兵) or `compete` (大比武)."""
    points: Mapped[float]
    answered: Mapped[int] = mapped_column(default=0)
    completed: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime]
    __table_args__ = (Index("ix_scores_phase", "phase"),)


class Attendance(Base):
    """How one person stands at one activity; derived from its events. Before the close only those
    of whom something was said have a row, from then on everybody who was expected."""

    __tablename__ = "attendances"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    """His unit on the day of the activity."""
    expected: Mapped[bool]
    """Guests (旁听) are not."""
    status: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime]
    event_id: Mapped[int] = mapped_column(ForeignKey("attendance_events.id"))
    """The event that decides."""


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
