"""Says with a commit what it changed, to whoever listens on the same PostgreSQL database. On
SQLite, which one API process uses alone, nobody is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from lawlab.store.tables import Activity, AttendanceEvent, LeaveRequest, PresenceAnswer, WalkIn
from lawlab.store.tables import PresenceCard as Card

CHANNEL = "lawlab"
BOARD, ACTIVITY, CONTEST = "board", "activity:", "contest:"
TELLER = "teller"
"""Stands in `info` of the sessions of a process: its name, by which it knows its own words."""

_SAY = text("select pg_notify(:channel, :payload)")


def tell(session: Session, topic: str) -> None:
    """When the caller's transaction commits, and only then, listeners hear of `topic`; once,
    however often it is said in it."""
    if session.get_bind().dialect.name == "postgresql":
        payload = f"{session.info.get(TELLER, '')} {topic}"
        session.execute(_SAY, {"channel": CHANNEL, "payload": payload})


def tell_of_activities(session: Session, _context: Any) -> None:
    """A listener of `after_flush`: whatever changed the board of an activity is told."""
    changed: set[int] = set()
    for one in (*session.new, *session.dirty):
        if isinstance(one, AttendanceEvent | WalkIn | LeaveRequest | Card):
            changed.add(one.activity_id)
        elif isinstance(one, Activity):
            changed.add(one.id)
        elif isinstance(one, PresenceAnswer):
            card = session.get(Card, one.card_id)
            changed |= {card.activity_id} if card else set()
    for activity in sorted(changed):
        tell(session, f"{ACTIVITY}{activity}")
