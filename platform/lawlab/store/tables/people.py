"""People, their units, cohorts and roles, and how they sign in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lawlab.store.tables.base import Base


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
