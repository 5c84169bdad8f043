"""The audit trail: one entry for each act that changes what others may, get or see, stored in the
transaction of the act itself, so that neither is there without the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.audit import ACTIONS, COMMAND, FORBIDDEN, SYSTEM
from lawlab.store.engine import writing
from lawlab.store.tables import AuditEntry

OTHER_NAMES = {"命令行": COMMAND, "系统": SYSTEM}
"""How the history of published content and of attendance calls those who have no sign-in name."""


def note(
    session: Session, now: datetime, actor: str, action: str, subject: str, **detail: Any
) -> None:
    """Add an entry; the caller commits. `detail` holds ids, and what was before and after; no
    names, phone numbers or passwords, for an entry is never changed."""
    if action not in ACTIONS or not set(FORBIDDEN).isdisjoint(detail):
        raise ValueError(f"an audit entry of {action} with {sorted(detail)}")
    who = OTHER_NAMES.get(actor, actor)[:40]
    session.add(AuditEntry(at=now, actor=who, action=action, subject=subject[:200], detail=detail))


def note_alone(
    session: Session, now: datetime, actor: str, action: str, subject: str, **detail: Any
) -> None:
    """The same for an act that stores nothing itself: an export, before it is handed out."""
    note(writing(session), now, actor, action, subject, **detail)
    session.commit()


def entries(
    session: Session,
    *,
    actor: str = "",
    action: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 200,
) -> Sequence[AuditEntry]:
    """The newest entries first. `action` may be a whole one or the part before the dot."""
    query = select(AuditEntry)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    if action:
        begins = AuditEntry.action.startswith(f"{action}.", autoescape=True)
        query = query.where((AuditEntry.action == action) | begins)
    if subject:
        query = query.where(AuditEntry.subject.contains(subject, autoescape=True))
    if since:
        query = query.where(AuditEntry.at >= since)
    if until:
        query = query.where(AuditEntry.at < until)
    return session.scalars(query.order_by(AuditEntry.id.desc()).limit(most)).all()
