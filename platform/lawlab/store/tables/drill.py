"""Daily practice (大练兵): the town's plan, what people keep, how they play and report."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lawlab.store.tables.base import Base
from lawlab.store.tables.content import ItemVersion
from lawlab.store.tables.people import Person


class DrillPlan(Base):
    """What the town decided about practice. Append-only; the newest holds."""

    __tablename__ = "drill_plans"
    id: Mapped[int] = mapped_column(primary_key=True)
    contest: Mapped[dt.date | None]
    """The day everybody learns for."""
    holidays: Mapped[list[Any]]
    """One each: {"from": "2026-10-01", "to": "2026-10-07", "name": "国庆节"}; both days belong."""
    goals: Mapped[dict[str, Any]]
    """Course → the day ("2026-11-30") until which all its questions are to be met once."""
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[dt.datetime]


class Favourite(Base):
    """A question that somebody keeps (收藏)."""

    __tablename__ = "favourites"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[dt.datetime]


class ChainRun(Base):
    """One run of 挑战答题: until the first wrong answer. Answers stand at `drill:chain/<id>`."""

    __tablename__ = "chain_runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    key: Mapped[str] = mapped_column(String(64))
    """Made by the client; a repeat begins nothing."""
    week: Mapped[str] = mapped_column(String(8), index=True)
    """As "2026-W48": the week of the town's day on which it began."""
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    right: Mapped[int] = mapped_column(default=0)
    item_version_id: Mapped[int | None] = mapped_column(ForeignKey("item_versions.id"))
    """The question that is to be answered now; none when the run is over."""
    person: Mapped[Person] = relationship()
    item_version: Mapped[ItemVersion | None] = relationship()
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_chain_runs_person_week", "person_id", "week"),
    )


class Duel(Base):
    """双人对战: two people, the same questions, each when he has time. Answers stand at
    `drill:duel/<id>`."""

    __tablename__ = "duels"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    challenger_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    opponent_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    items: Mapped[list[Any]]
    """Ids of item versions, in order."""
    created_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    """Whoever has not answered by then loses what is open."""
    declined_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    winner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None with `finished_at`: a draw."""
    challenger: Mapped[Person] = relationship(foreign_keys=challenger_id)
    opponent: Mapped[Person] = relationship(foreign_keys=opponent_id)
    seats: Mapped[list[DuelSeat]] = relationship(back_populates="duel")
    __table_args__ = (
        UniqueConstraint("challenger_id", "key"),
        CheckConstraint("challenger_id <> opponent_id", name="two"),
    )


class DuelSeat(Base):
    """How far one of the two is. A question is dealt when its page asks for it; from then on the
    server's clock counts."""

    __tablename__ = "duel_seats"
    duel_id: Mapped[int] = mapped_column(ForeignKey("duels.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    answered: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    milliseconds: Mapped[int] = mapped_column(default=0)
    """From the dealing of each question to its answer, added up; decides equal results."""
    dealt_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    seen_at: Mapped[dt.datetime | None]
    """When this person saw the result."""
    duel: Mapped[Duel] = relationship(back_populates="seats")


class ItemReport(Base):
    """A learner says that a question is wrong, and what a trainer answered."""

    __tablename__ = "item_reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    key: Mapped[str] = mapped_column(String(64))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    place: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    """What is wrong, in the learner's words; may be empty."""
    at: Mapped[dt.datetime]
    outcome: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[dt.datetime | None]
    seen_at: Mapped[dt.datetime | None]
    """When the learner read the answer."""
    person: Mapped[Person] = relationship()
    item_version: Mapped[ItemVersion] = relationship()
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        CheckConstraint("outcome in ('fine', 'corrected', 'withdrawn')", name="outcome"),
    )
