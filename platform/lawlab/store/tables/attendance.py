"""Study activities (普法学习活动), and who was there."""

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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lawlab.store.tables.base import Base
from lawlab.store.tables.content import ItemVersion
from lawlab.store.tables.people import Person, Unit

STATUSES = "status in ('present', 'late', 'excused', 'absent')"


class Activity(Base):
    """A meeting of people to study law, in a hall or online. Cancelled, never deleted."""

    __tablename__ = "activities"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    phase: Mapped[str] = mapped_column(String(20))
    """`learn` (大学习), `drill` (大练兵) or `compete` (大比武)."""
    place: Mapped[str] = mapped_column(String(80))
    online: Mapped[bool] = mapped_column(default=False)
    organizer_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    """The unit that holds it; None: the town."""
    starts_at: Mapped[dt.datetime] = mapped_column(index=True)
    ends_at: Mapped[dt.datetime]
    topics: Mapped[list[Any]]
    """One each: {"kind": "course", "ref": "<slug>"}, {"kind": "article", "ref": "<law>#31"} or
    {"kind": "text", "ref": "…"}."""
    materials: Mapped[list[Any]]
    """One each: {"title": "…", "url": "…" or ""}."""
    note: Mapped[str] = mapped_column(Text, default="")
    rules: Mapped[dict[str, Any]]
    """`domain.attendance.Rules`, as of the planning."""
    series: Mapped[str | None] = mapped_column(String(32), index=True)
    """The same for all that were planned as one repeating series."""
    plan_key: Mapped[str | None] = mapped_column(String(64))
    """Made by the form; a repeat with the same key plans nothing. All of a series have the same."""
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    cancelled_at: Mapped[dt.datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[dt.datetime | None]
    """Since when whoever is expected and did nothing is absent; corrections need a reason."""
    organizer: Mapped[Unit | None] = relationship()
    units: Mapped[list[Unit]] = relationship(secondary="activity_units", order_by=Unit.id)
    """Whose members, on the day, are expected."""
    people: Mapped[list[Person]] = relationship(secondary="activity_people", order_by=Person.login)
    """Expected whatever their unit."""
    trainers: Mapped[list[Person]] = relationship(
        secondary="activity_trainers", order_by=Person.login
    )
    __table_args__ = (
        UniqueConstraint("created_by", "plan_key", "starts_at"),
        CheckConstraint("phase in ('learn', 'drill', 'compete')", name="phase"),
        CheckConstraint("ends_at > starts_at", name="times"),
    )


class ActivityUnit(Base):
    __tablename__ = "activity_units"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)


class ActivityPerson(Base):
    __tablename__ = "activity_people"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


class ActivityTrainer(Base):
    __tablename__ = "activity_trainers"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


class TrainerUnit(Base):
    """A unit that a trainer serves. A trainer without any serves the whole town."""

    __tablename__ = "trainer_units"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)


class AttendanceEvent(Base):
    """What was said of one person at one activity, and by whom. Append-only."""

    __tablename__ = "attendance_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    key: Mapped[str] = mapped_column(String(100))
    """A repeat with the same key adds nothing."""
    kind: Mapped[str] = mapped_column(String(20))
    """As in `domain.attendance.Kind`."""
    status: Mapped[str | None] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(20))
    """As in `domain.attendance.Way`."""
    at: Mapped[dt.datetime]
    """The time that counts: of a phone whose network failed, when it scanned."""
    received_at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    device: Mapped[str | None] = mapped_column(String(32))
    """Names the browser that signed in; one that signs in several people is shown to trainers."""
    person: Mapped[Person] = relationship()
    __table_args__ = (
        UniqueConstraint("activity_id", "key"),
        Index("ix_attendance_events_activity_person", "activity_id", "person_id"),
        CheckConstraint("kind in ('check_in', 'mark', 'unmark', 'leave', 'close')", name="kind"),
        CheckConstraint(f"status is null or {STATUSES}", name="status"),
    )


class WalkIn(Base):
    """Somebody who came without an account, by his own word; a trainer says later who it was."""

    __tablename__ = "walk_ins"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    key: Mapped[str] = mapped_column(String(100))
    full_name: Mapped[str] = mapped_column(String(40))
    phone_tail: Mapped[str] = mapped_column(String(4))
    status: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    by: Mapped[str | None] = mapped_column(String(40))
    """The trainer who wrote it down; None: the visitor on his own phone."""
    device: Mapped[str | None] = mapped_column(String(32))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    settled_by: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[dt.datetime | None]
    """With a person: merged; without: dropped as a mistake."""
    person: Mapped[Person | None] = relationship()
    __table_args__ = (
        UniqueConstraint("activity_id", "key"),
        CheckConstraint(STATUSES, name="status"),
    )


class LeaveRequest(Base):
    """请假, before or (补假) after the activity."""

    __tablename__ = "leave_requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    key: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[dt.datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[dt.datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    """What the trainer said to it."""
    proof_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    person: Mapped[Person] = relationship()
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_leave_requests_activity_person", "activity_id", "person_id"),
        CheckConstraint("state in ('asked', 'approved', 'refused', 'withdrawn')", name="state"),
    )


class Attachment(Base):
    """A picture: a `signature` at an activity, or a `proof` for leave from one."""

    __tablename__ = "attachments"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(20))
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(40))
    __table_args__ = (CheckConstraint("kind in ('signature', 'proof')", name="kind"),)


class PresenceCard(Base):
    """A question shown during an online activity at a moment that nobody knows beforehand."""

    __tablename__ = "presence_cards"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    number: Mapped[int]
    """Counts from 1."""
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"))
    shows_at: Mapped[dt.datetime]
    until: Mapped[dt.datetime]
    item_version: Mapped[ItemVersion] = relationship()
    __table_args__ = (UniqueConstraint("activity_id", "number"),)


class PresenceAnswer(Base):
    """Somebody answered a card in time; whether rightly does not matter for being there."""

    __tablename__ = "presence_answers"
    card_id: Mapped[int] = mapped_column(ForeignKey("presence_cards.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    response: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime]
    card: Mapped[PresenceCard] = relationship()
