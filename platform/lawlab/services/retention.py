"""Personal data goes when its time is over; whoever left may be forgotten.

What the yearly report and the marks stand on stays: answers, attendance, results. It names nobody
any more once its person is forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from lawlab.domain.audit import COMMAND, SYSTEM
from lawlab.domain.personal import (
    FAILURE_DAYS,
    FORGOTTEN,
    NO_REASON,
    PROOF_DAYS,
    WALK_IN_DAYS,
    forgotten_name,
)
from lawlab.errors import Conflict, NotFound
from lawlab.services.audit import note
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import (
    Activity,
    ApiSession,
    Attachment,
    AttendanceEvent,
    Certificate,
    Favourite,
    LeaveRequest,
    Person,
    Role,
    SigninFailure,
    TrainerUnit,
    WalkIn,
)

DAY = timedelta(days=1)


def apply_rules(session: Session, now: datetime, keep_signins_days: int) -> dict[str, int]:
    """Delete what is over; returns how many of each kind. A repeat deletes nothing."""
    writing(session)
    counts = {"failures": 0, "sessions": 0, "proofs": 0, "walk_ins": 0}
    conditions = _over(now, keep_signins_days)
    counts["failures"] = _deleted(session, SigninFailure, conditions["failures"])
    counts["sessions"] = _deleted(session, ApiSession, conditions["sessions"])
    proofs = list(session.scalars(select(Attachment.id).where(conditions["proofs"])))
    if proofs:
        held = LeaveRequest.proof_id.in_(proofs)
        session.execute(update(LeaveRequest).where(held).values(proof_id=None))
        counts["proofs"] = _deleted(session, Attachment, Attachment.id.in_(proofs))
    for walk_in in session.scalars(select(WalkIn).where(conditions["walk_ins"])):
        _unname(session, walk_in)
        counts["walk_ins"] += 1
    if any(counts.values()):
        note(session, now, SYSTEM, "data.retention", "personal data", **counts)
    session.commit()
    return counts


def due(session: Session, now: datetime, keep_signins_days: int) -> dict[str, int]:
    """How many of each kind the next look will delete."""
    found = {}
    tables = {
        "failures": SigninFailure,
        "sessions": ApiSession,
        "proofs": Attachment,
        "walk_ins": WalkIn,
    }
    for name, condition in _over(now, keep_signins_days).items():
        query = select(func.count()).select_from(tables[name]).where(condition)
        found[name] = session.scalars(query).one()
    return found


def forget(session: Session, login: str, now: datetime, by: str = COMMAND) -> str:
    """Take name, phone and password from somebody who was disabled, and all pictures and words
    that tell of him; what he did stays, under the name that is returned. For good.

    Raises NotFound `no_person`; Conflict `still_active`, `forgotten`.
    """
    writing(session)
    person = person_by_login(session, login, lock=True)
    if person is None:
        raise NotFound("no_person", f"没有登录名为“{login}”的人。")
    if person.active:
        raise Conflict("still_active", f"{login} 还在用。请先停用，确认他已经离开，再删除。")
    name = forgotten_name(person.id)
    if person.full_name == name and person.phone is None:
        raise Conflict("forgotten", f"{login} 的个人信息已经删除过了。")
    person.full_name, person.phone, person.password_hash = name, None, None
    mine = person.id
    pictures = list(session.scalars(select(Attachment.id).where(Attachment.person_id == mine)))
    leaves = LeaveRequest.person_id == mine
    session.execute(update(LeaveRequest).where(leaves).values(proof_id=None, reason=NO_REASON))
    _deleted(session, Attachment, Attachment.person_id == mine)
    said = AttendanceEvent.person_id == mine
    session.execute(update(AttendanceEvent).where(said).values(reason=""))
    for walk_in in session.scalars(select(WalkIn).where(WalkIn.person_id == mine)):
        _unname(session, walk_in)
    held = Certificate.person_id == mine
    session.execute(update(Certificate).where(held).values(holder=name))
    for table in (Role, TrainerUnit, Favourite, ApiSession):
        _deleted(session, table, table.person_id == mine)
    _deleted(session, SigninFailure, SigninFailure.login == login)
    note(session, now, by, "people.forget", login, person=mine, pictures=len(pictures))
    session.commit()
    return name


def forgotten_count(session: Session) -> int:
    begins = Person.full_name.startswith(FORGOTTEN)
    return session.scalars(
        select(func.count(Person.id)).where(begins, Person.phone.is_(None))
    ).one()


def _over(now: datetime, keep_signins_days: int) -> dict[str, ColumnElement[bool]]:
    since = func.coalesce(ApiSession.ended_at, ApiSession.created_at)
    old = select(Activity.id).where(Activity.ends_at <= now - PROOF_DAYS * DAY)
    return {
        "failures": SigninFailure.at <= now - FAILURE_DAYS * DAY,
        "sessions": since <= now - keep_signins_days * DAY,
        "proofs": (Attachment.kind == "proof") & Attachment.activity_id.in_(old),
        "walk_ins": (WalkIn.full_name != NO_REASON)
        & or_(
            WalkIn.settled_at <= now - WALK_IN_DAYS * DAY,
            WalkIn.received_at <= now - PROOF_DAYS * DAY,
        ),
    }


def _unname(session: Session, walk_in: WalkIn) -> None:
    walk_in.full_name, walk_in.phone_tail = NO_REASON, ""
    said = AttendanceEvent.key.startswith(f"walk-in:{walk_in.id}:", autoescape=True)
    here = AttendanceEvent.activity_id == walk_in.activity_id
    session.execute(update(AttendanceEvent).where(here, said).values(reason="现场登记"))


def _deleted(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    return int(session.execute(delete(table).where(condition)).rowcount)  # type: ignore[attr-defined]
