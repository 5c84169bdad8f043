"""The live contest (大比武): what was planned, what happened, what follows from it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lawlab.store.tables.base import Base
from lawlab.store.tables.people import Person


class Contest(Base):
    """One contest or rehearsal. Its answers are `answers` at `contest:<id>/<turn>`, of a rehearsal
    at `rehearsal:<id>/<turn>`; in a window contest the turn is the place on the person's paper."""

    __tablename__ = "contests"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by the client; a repeat makes nothing."""
    title: Mapped[str] = mapped_column(String(80))
    rehearsal: Mapped[bool] = mapped_column(default=False)
    """彩排: leaves no trace in boards, practice or statistics."""
    script: Mapped[dict[str, Any]]
    """`domain.contest_script.Script`; changes only while the state is `draft`."""
    state: Mapped[str] = mapped_column(String(20))
    """`draft` → `open` → `finished`; a draft or an open one may become `cancelled`."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counts changes of the draft; a change that follows an older one is refused."""
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[dt.datetime]
    opened_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    """Since when results stand in the boards and mistakes in everybody's practice."""
    __table_args__ = (
        CheckConstraint("state in ('draft', 'open', 'finished', 'cancelled')", name="state"),
    )


class ContestEvent(Base):
    """One thing that happened: `domain.contest_events.Event`. Append-only."""

    __tablename__ = "contest_events"
    contest_id: Mapped[int] = mapped_column(ForeignKey("contests.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(64))
    """Of a host's command; a repeat does nothing."""
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("contest_id", "key"),)


class ContestPaper(Base):
    """In a window contest: when somebody began, and what was drawn for him."""

    __tablename__ = "contest_papers"
    contest_id: Mapped[int] = mapped_column(ForeignKey("contests.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    began_at: Mapped[dt.datetime]
    deadline: Mapped[dt.datetime]
    slots: Mapped[list[Any]]
    """Places in the script's steps, in the order in which they are asked."""
    finished_at: Mapped[dt.datetime | None]


class ContestResult(Base):
    """How one person ended; derived from events and answers, kept in step with every objection."""

    __tablename__ = "contest_results"
    contest_id: Mapped[int] = mapped_column(ForeignKey("contests.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    team: Mapped[str] = mapped_column(String(80), default="")
    points: Mapped[int]
    right: Mapped[int]
    answered: Mapped[int]
    milliseconds: Mapped[int]
    rank: Mapped[int]
    person: Mapped[Person] = relationship()


class ContestTeamResult(Base):
    """How one team or unit ended; derived like `ContestResult`."""

    __tablename__ = "contest_team_results"
    contest_id: Mapped[int] = mapped_column(ForeignKey("contests.id"), primary_key=True)
    team: Mapped[str] = mapped_column(String(80), primary_key=True)
    points: Mapped[float]
    members: Mapped[int]
    present: Mapped[int]
    milliseconds: Mapped[int]
    rank: Mapped[int]


class Certificate(Base):
    """荣誉证书, which anybody can check by its code. One that no longer holds is revoked, never
    deleted."""

    __tablename__ = "certificates"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    contest_id: Mapped[int] = mapped_column(ForeignKey("contests.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    team: Mapped[str] = mapped_column(String(80), default="")
    """Of a team's certificate; then there is no person."""
    holder: Mapped[str] = mapped_column(String(80))
    """The name as printed."""
    award: Mapped[str] = mapped_column(String(40))
    rank: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    revoked_why: Mapped[str] = mapped_column(Text, default="")
    person: Mapped[Person | None] = relationship()
