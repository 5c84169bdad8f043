"""Content that is published and not in use: withdrawn by a trainer, or stale: the law changed.

Each change adds a row to the history and brings the points of the lessons concerned in step.
Nothing here commits: it is one step of a use case that does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.services import audit
from lawlab.services.scoring import update_scores_with_card
from lawlab.store.tables import ContentState, ItemVersion, LessonVersion, Publication

WITHDRAWN = "withdrawn"
STALE = "stale"
_ACTIONS = {WITHDRAWN: "withdraw", STALE: "stale"}
_AUDITED = {
    "publish": "content.publish",
    "import": "content.law",
    "confirm": "content.confirm",
    "unconfirm": "content.confirm",
}


def set_state(
    session: Session, kind: str, name: str, state: str, reason: str, by: str, now: datetime
) -> ContentState:
    """Take `name` out of use. `kind` is `item` or `lesson`, `state` `withdrawn` or `stale`.

    A repeat changes nothing, another reason takes the place of the first. What a trainer withdrew
    stays withdrawn, whatever becomes of the law: only he brings it back.
    """
    row = session.get(ContentState, (kind, name))
    if row is None:
        row = ContentState(kind=kind, name=name)
        session.add(row)
    elif (row.state, row.reason) == (state, reason) or row.state == WITHDRAWN != state:
        return row
    row.state, row.reason, row.by, row.since = state, reason, by, now
    _changed(session, kind, name, now)
    record(session, kind, name, _ACTIONS[state], by, now, note=reason)
    return row


def clear_state(
    session: Session, kind: str, name: str, by: str, now: datetime, action: str = "restore"
) -> bool:
    """Bring `name` back into use. `action` is what the history calls it: `restore`, or `fresh` when
    the law reads again as it did, which brings back only what was stale.

    False when there was nothing to bring back; then nothing is recorded.
    """
    # Locked: of several who bring it back at once, the others find it back already.
    row = session.get(ContentState, (kind, name), with_for_update=True)
    if row is None or (action == "fresh" and row.state != STALE):
        return False
    session.delete(row)
    _changed(session, kind, name, now)
    record(session, kind, name, action, by, now)
    return True


def states(session: Session, kind: str) -> dict[str, ContentState]:
    """Name → why it is not in use, for all content of one kind that is not."""
    rows = session.scalars(select(ContentState).where(ContentState.kind == kind))
    return {row.name: row for row in rows}


def record(
    session: Session,
    kind: str,
    name: str,
    action: str,
    by: str,
    now: datetime,
    *,
    version: int | None = None,
    reviewer: str = "",
    note: str = "",
) -> None:
    """Add a row to the history of published content, and where somebody did it, to the audit trail.
    Without `version` it is the current one."""
    version = version or _current_version(session, kind, name)
    if by not in audit.OTHER_NAMES:
        facts = {"kind": kind, "version": version, "done": action, "reviewer": reviewer}
        audit.note(session, now, by, _AUDITED.get(action, "content.state"), name, **facts)
    session.add(
        Publication(
            kind=kind,
            name=name,
            version=version,
            action=action,
            by=by,
            reviewer=reviewer,
            note=note,
            at=now,
        )
    )


def _changed(session: Session, kind: str, name: str, now: datetime) -> None:
    session.flush()
    if kind == "item":
        # What counts of a lesson depends on which of its cards are in use.
        update_scores_with_card(session, name, now)


def _current_version(session: Session, kind: str, name: str) -> int | None:
    if kind == "item":
        return session.scalar(select(func.max(ItemVersion.version)).where(ItemVersion.item == name))
    if kind == "lesson":
        course, _, stem = name.partition("/")
        return session.scalar(
            select(func.max(LessonVersion.version)).where(
                LessonVersion.course_slug == course, LessonVersion.lesson == stem
            )
        )
    return None
