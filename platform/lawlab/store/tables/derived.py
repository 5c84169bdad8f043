"""What can be recomputed from the rest."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
    """`lesson:<course>/<lesson>`, `quiz:<assignment>`, `activity:<id>`, and of practice
    `drill:day/2026-11-26`, `drill:chain/2026-W48`, `drill:duel/<id>` and `drill:mastery`; and
    `contest:<id>`."""
    phase: Mapped[str] = mapped_column(String(20))
    """`learn` (大学习), `drill` (大练兵) or `compete` (大比武)."""
    # What they were before decides on which day they were earned.
    points: Mapped[float] = mapped_column(active_history=True)
    answered: Mapped[int] = mapped_column(default=0)
    completed: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime] = mapped_column(active_history=True)
    __table_args__ = (Index("ix_scores_phase", "phase"),)


class ScoreDay(Base):
    """What of a score was earned on a day before that of its newest change; kept by
    `store.tables.boards`. Most sources earn on one day and have none."""

    __tablename__ = "score_days"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(120), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    points: Mapped[float]


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


class Memory(Base):
    """What one person remembers of one question: `domain.drill.Memory`, and his mistakes. Derived
    from marked answers in lessons, practice and contests, and from released quizzes."""

    __tablename__ = "memories"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    stability: Mapped[float]
    difficulty: Mapped[float]
    state: Mapped[int]
    step: Mapped[int | None]
    last: Mapped[dt.date]
    due: Mapped[dt.date]
    reviews: Mapped[int]
    lapses: Mapped[int]
    first: Mapped[dt.date]
    """The day on which it was met."""
    wrongs: Mapped[int] = mapped_column(default=0)
    last_wrong_at: Mapped[dt.datetime | None]
    rights_since: Mapped[int] = mapped_column(default=0)
    """Days with a right answer since the last wrong one, and no wrong one between."""
    in_book: Mapped[bool] = mapped_column(default=False)
    """Stands in the wrong-question book (错题本): answered wrongly, and not yet known again."""
    last_right: Mapped[bool]
    """How the last answer was."""
    __table_args__ = (
        Index("ix_memories_due", "person_id", "due"),
        Index("ix_memories_first", "person_id", "first"),
        Index("ix_memories_last", "person_id", "last"),
        Index("ix_memories_book", "person_id", "in_book"),
        Index("ix_memories_item", "item"),
    )


class DrillItem(Base):
    """A question that practice may ask: of a bank, or made from an article. Derived from published
    questions, lessons and laws; what a trainer withdrew is left out when asking."""

    __tablename__ = "drill_items"
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"))
    course: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    """Counts through all questions of a course: the bank's by article, then the made ones."""
    type: Mapped[str] = mapped_column(String(20))
    made: Mapped[bool]
    chapter: Mapped[str] = mapped_column(String(120), default="")
    article: Mapped[str] = mapped_column(String(120))
    """The first that it cites, as "民法典#667"."""
    articles: Mapped[list[Any]]
    characters: Mapped[int]
    """Of stem and options: how long it takes to read."""
    __table_args__ = (
        UniqueConstraint("course", "position"),
        Index("ix_drill_items_article", "article"),
    )


class DrillDay(Base):
    """What one person practised on one of the town's days; derived from answers."""

    __tablename__ = "drill_days"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    answered: Mapped[int]
    """Different questions answered in practice on that day."""
    right: Mapped[int]
    """Those of them whose first answer of the day was right."""
    done_at: Mapped[dt.datetime | None]
    """When the day's practice was complete."""


class DerivedState(Base):
    """By what a derived table was made; when that differs from what is now, it is made anew."""

    __tablename__ = "derived_states"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]


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
