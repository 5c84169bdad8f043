"""What was done by hand, and the chain that makes a later change of any record show."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lawlab.store.tables.base import Base


class AuditEntry(Base):
    """One act that changes what others may or get. Append-only."""

    __tablename__ = "audit_entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(40))
    """A sign-in name, `command` for the command line, `system` for the platform itself."""
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]]


class Seal(Base):
    """One link: a digest over every record that came since the link before. Append-only."""

    __tablename__ = "seals"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    upto: Mapped[dict[str, Any]]
    """Table → the last id that this and all earlier links cover."""
    digest: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(64), unique=True)
    """Over the head before, `at`, `upto` and `digest`."""
