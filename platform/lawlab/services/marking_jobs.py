"""Trainers' marks on their way into the gradebook: which are the newest, and whether a job that
wrote some has written all. `lawlab.grading.manual_marks` does nbgrader's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.services import jobs
from lawlab.services.jobs import Claim
from lawlab.store.engine import writing
from lawlab.store.tables import ManualMark, Sitting


@dataclass(frozen=True)
class SlotMark:
    """The newest mark of one slot. A later mark has a higher `id`."""

    id: int
    slot: str
    points: float
    comment: str


def newest_marks(session: Session, sitting: int) -> tuple[SlotMark, ...]:
    """The newest mark of each slot of a sitting that a trainer has marked."""
    rows = session.scalars(
        select(ManualMark).where(ManualMark.sitting_id == sitting).order_by(ManualMark.revision)
    )
    newest = {row.slot: SlotMark(row.id, row.slot, row.points, row.comment) for row in rows}
    return tuple(newest.values())


def latest(marks: tuple[SlotMark, ...]) -> int:
    """The highest id among marks; 0 for none."""
    return max((mark.id for mark in marks), default=0)


def ask_missed_marks(session: Session, seen: Mapping[int, int], now: datetime) -> None:
    """Have the marks written that were given while hand-ins were being graded. `seen`: sitting →
    `latest` of those that were written with it. Call it before the hand-ins' jobs are done."""
    newest = _newest_ids(session, set(seen))
    missed = [sitting for sitting, id in sorted(newest.items()) if id > seen[sitting]]
    if missed:
        writing(session)
        for sitting in missed:
            _lock(session, sitting)
            jobs.ask(session, "mark", str(sitting), now)
    session.commit()


def finish_marking(session: Session, taken: Claim, seen: int, now: datetime) -> None:
    """Note a job `mark` as done, or as waiting again when a trainer has marked since: `seen` is the
    `latest` of what it wrote."""
    writing(session)
    sitting = int(taken.subject)
    # Whoever saves a mark holds this row while he asks for the job.
    _lock(session, sitting)
    if _newest_ids(session, {sitting}).get(sitting, 0) > seen:
        jobs.put_back(session, taken)
    else:
        jobs.note_done(session, taken, now)
    session.commit()


def _newest_ids(session: Session, sittings: set[int]) -> dict[int, int]:
    rows = session.execute(
        select(ManualMark.sitting_id, func.max(ManualMark.id))
        .where(ManualMark.sitting_id.in_(sittings))
        .group_by(ManualMark.sitting_id)
    )
    return dict(list(rows))


def _lock(session: Session, sitting: int) -> None:
    session.get(Sitting, sitting, with_for_update={"key_share": True}, populate_existing=True)
