"""Which records the chain of seals covers, and how they are read in order.

Only columns that never change afterwards, of rows that are never deleted; no free text in which
somebody may write what the law lets him have deleted again (a reason for leave), and no name. The
columns of an entry never change either: what a table holds besides from some day on gets an entry
of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from lawlab.domain.sealing import Digest, Part
from lawlab.store.tables import (
    Answer,
    AttendanceEvent,
    AuditEntry,
    Base,
    BoardRules,
    Certificate,
    ContestEvent,
    DrillPlan,
    ImportedLaw,
    ItemVersion,
    LessonVersion,
    ManualMark,
    PresenceAnswer,
    PresenceCard,
    Publication,
    Regrade,
)

SETTLED = dt.timedelta(minutes=5)
"""Where no number tells what came later, what is so old is surely committed."""
LOCK_WAIT_MS = 100
"""So long writers of PostgreSQL wait for a seal at most."""
CHUNK = 2000

Column = InstrumentedAttribute[Any]
Mark = int | str | None
"""Up to where a table is covered: an id, or a time; None: not at all."""


@dataclass(frozen=True)
class Source:
    """One kind of record. `mark` grows with every new one: its id, else a time."""

    name: str
    columns: tuple[Column, ...]
    mark: Column
    order: tuple[Column, ...] = ()
    joined: type[Base] | None = None

    @property
    def by_time(self) -> bool:
        return bool(self.order)

    def rows(self) -> Select[Any]:
        """All records in order, each behind its mark."""
        query = select(self.mark, *self.columns)
        if self.joined is not None:
            query = query.join(self.joined)
        return query.order_by(self.mark, *self.order).execution_options(yield_per=CHUNK)


def _numbered(table: type[Any], *names: str) -> Source:
    columns = tuple(getattr(table, name) for name in names)
    return Source(table.__tablename__, columns, table.id)


SOURCES = (
    _numbered(AuditEntry, "at", "actor", "action", "subject", "detail"),
    _numbered(
        Answer,
        *("key", "person_id", "item_version_id", "place", "contest_id", "response", "received_at"),
    ),
    _numbered(
        ManualMark,
        *("sitting_id", "slot", "revision", "rubric", "points", "comment", "marker", "marked_at"),
    ),
    _numbered(Regrade, "assignment", "item", "correction", "reason", "changes", "by", "at"),
    _numbered(
        AttendanceEvent,
        *("activity_id", "person_id", "key", "kind", "status", "way", "at", "received_at", "by"),
        "device",
    ),
    _numbered(Publication, "kind", "name", "version", "action", "by", "reviewer", "note", "at"),
    _numbered(
        ItemVersion,
        *("item", "version", "bank", "type", "body", "sha256", "reviewer", "published_at"),
    ),
    _numbered(
        LessonVersion,
        *("course_slug", "lesson", "version", "position", "title", "cards", "notebook", "sha256"),
        *("reviewer", "published_at"),
    ),
    _numbered(
        ImportedLaw,
        *("name", "kind", "issuer", "published", "effective", "version", "articles", "sha256"),
        *("file_name", "imported_by", "imported_at"),
    ),
    _numbered(
        Certificate,
        *("code", "contest_id", "person_id", "team", "award", "rank", "made_by", "made_at"),
    ),
    _numbered(BoardRules, "learn", "drill", "compete", "masked", "by", "at"),
    _numbered(DrillPlan, "contest", "holidays", "goals", "by", "at"),
    Source(
        "contest_events",
        (
            *(ContestEvent.contest_id, ContestEvent.seq, ContestEvent.key, ContestEvent.kind),
            *(ContestEvent.by, ContestEvent.data),
        ),
        ContestEvent.at,
        (ContestEvent.contest_id, ContestEvent.seq),
    ),
    Source(
        "presence_answers",
        (
            *(PresenceAnswer.card_id, PresenceAnswer.person_id),
            *(PresenceAnswer.response, PresenceAnswer.at),
        ),
        PresenceCard.until,
        (PresenceAnswer.card_id, PresenceAnswer.person_id),
        joined=PresenceCard,
    ),
)

NOT_SEALED = {
    "Changes by design; who changed it stands in the audit entries or in events": (
        *("activities", "activity_people", "activity_trainers", "activity_units"),
        *("cohort_memberships", "confirmations", "content_states", "contests", "courses"),
        *("item_banks", "item_drafts", "item_reports", "leave_requests", "lesson_pictures"),
        *("people", "presence_cards", "quizzes", "roles", "trainer_units", "unit_memberships"),
        *("units", "walk_ins"),
    ),
    "Follows from sealed records and can be made anew": (
        *("attendances", "board_groups", "board_rows", "contest_results", "contest_team_results"),
        *("drill_days", "drill_items", "grades", "marks", "memories", "score_days", "scores"),
        "search_documents",
    ),
    "Somebody's own state while he answers; what he answered is sealed": (
        *("chain_runs", "contest_papers", "duel_seats", "duels", "favourites", "sittings"),
    ),
    "Goes when its time is over": ("api_sessions", "attachments", "signin_failures"),
    "Work that waits": ("board_changes", "derived_states", "jobs", "marking_leases"),
    "The chain itself": ("seals",),
}
"""Why → tables of which nothing is sealed."""

LEFT_OUT = {
    "attendance_events": ("reason",),
    "certificates": ("holder", "revoked_at", "revoked_why"),
    "item_versions": ("article_prints",),
}
"""Columns of sealed tables that may change, or that somebody may have deleted."""


def covered_mark(session: Session, source: Source, before: Mark, now: dt.datetime) -> Mark:
    """Up to where a source can be sealed now: no record at or below comes later."""
    if source.by_time:
        query = select(func.max(source.mark)).where(source.mark <= now - SETTLED)
        newest = session.scalar(query)
        return max(_text(newest), str(before or "")) if newest else before
    query = select(func.max(source.mark))
    if (session.scalar(query) or 0) <= int(before or 0):
        return before
    if session.get_bind().dialect.name == "postgresql":
        # An id may be given out long before its row is committed. The lock waits for whoever
        # writes, so that none at or below the greatest is still to come.
        session.rollback()
        try:
            session.execute(text(f"set local lock_timeout = '{LOCK_WAIT_MS}ms'"))
            session.execute(text(f"lock table {source.name} in share mode"))
        except OperationalError:
            session.rollback()
            return before
    newest = session.scalar(query)
    session.rollback()
    return max(int(newest or 0), int(before or 0)) or None


def part_between(session: Session, source: Source, before: Mark, upto: Mark) -> Part:
    """The records above `before` up to `upto`."""
    query = source.rows().where(source.mark <= _value(source, upto))
    if before is not None:
        query = query.where(source.mark > _value(source, before))
    total = Digest()
    for row in session.execute(query):
        total.add(row)
    return total.part(upto)


class Stream:
    """All records of a source in order, read once."""

    def __init__(self, session: Session, source: Source) -> None:
        self.source = source
        self._result = session.execute(source.rows())
        self._rows: Iterator[Row[Any]] = iter(self._result)
        self._next = next(self._rows, None)

    def close(self) -> None:
        self._result.close()

    def part(self, upto: Mark) -> Part:
        """Those up to a mark that were not read yet."""
        total = Digest()
        if upto is not None:
            limit = _value(self.source, upto)
            while self._next is not None and self._next[0] <= limit:
                total.add(self._next)
                self._next = next(self._rows, None)
        return total.part(upto)


def _value(source: Source, mark: Mark) -> Any:
    return dt.datetime.fromisoformat(str(mark)) if source.by_time else int(mark or 0)


def _text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
