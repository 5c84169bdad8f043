"""Leave (请假): asked for before the activity or up to PROOF_DAYS after it (补假), decided by a
trainer, proved late if need be."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Status, Way, was_there
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services import audit
from lawlab.services.activity_cards import PROOF_DAYS
from lawlab.services.attachments import keep_picture
from lawlab.services.attendance_access import may_mark, served_units
from lawlab.services.attendance_desk import not_yours
from lawlab.services.attendance_events import Saying, say
from lawlab.services.sessions import Caller
from lawlab.store.attendance import (
    activity_day,
    expected_people,
    find_activity,
    newest_leaves,
    people_on,
)
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, Attendance, LeaveRequest


def ask_leave(
    session: Session,
    activity_id: int,
    caller: Caller,
    reason: str,
    proof: str | None,
    key: str,
    now: datetime,
) -> None:
    """Ask for leave; a repeat with the same key changes nothing.

    Raises LawlabError `no_reason`, `bad_picture`; Conflict `not_expected`, `too_late`, `cancelled`,
    `was_there`, `asked`.
    """
    tidy = reason.strip()
    if not 2 <= len(tidy) <= 300:
        raise LawlabError("no_reason", "请写请假的原因，2 到 300 个字。")
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    repeated = select(LeaveRequest.id).where(
        LeaveRequest.person_id == caller.person_id, LeaveRequest.key == key
    )
    if session.scalar(repeated) is not None:
        session.rollback()
        return
    _require_time(activity, now)
    row = session.get(Attendance, (activity.id, caller.person_id))
    expected = bool(expected_people(session, activity, [caller.person_id]))
    if not expected and not (row is not None and row.expected):
        raise Conflict("not_expected", "这场活动没有要求您参加，不用请假。")
    if row is not None and was_there(row.status):
        raise Conflict("was_there", "您已经签到，不用请假。如果登记错了，请找教员更正。")
    before = newest_leaves(session, [activity.id], caller.person_id)
    for one in before.values():
        if one.state in ("asked", "approved"):
            raise Conflict("asked", "您已经请过假了，不用再请。")
    request = LeaveRequest(
        activity_id=activity.id,
        person_id=caller.person_id,
        key=key,
        reason=tidy,
        state="asked",
        asked_at=now,
    )
    if proof:
        request.proof_id = _proof(session, activity, caller, proof, now)
    session.add(request)
    activity.changed_at = now
    session.commit()


def give_proof(
    session: Session, activity_id: int, caller: Caller, proof: str, now: datetime
) -> None:
    """Hand in the proof later. Raises NotFound `no_leave`; Conflict `too_late`, `has_proof`;
    LawlabError `bad_picture`."""
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    _require_time(activity, now)
    request = newest_leaves(session, [activity.id], caller.person_id).get(
        (activity.id, caller.person_id)
    )
    if request is None or request.state not in ("asked", "approved"):
        raise NotFound("no_leave", "您还没有请假，或者请假没有批准。")
    if request.proof_id is not None:
        raise Conflict("has_proof", "证明已经交过了。要换一张，请找教员。")
    request.proof_id = _proof(session, activity, caller, proof, now)
    activity.changed_at = now
    session.commit()


def withdraw_leave(session: Session, activity_id: int, caller: Caller, now: datetime) -> None:
    """Take a request back, also an approved one; a repeat changes nothing. Raises Conflict
    `too_late` after the close."""
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    request = newest_leaves(session, [activity.id], caller.person_id).get(
        (activity.id, caller.person_id)
    )
    if request is None or request.state not in ("asked", "approved"):
        session.rollback()
        return
    if activity.closed_at and request.state == "approved":
        raise Conflict("too_late", "活动已经结束，批准过的请假不能撤回。如有不对，请找教员更正。")
    was_approved = request.state == "approved"
    request.state = "withdrawn"
    activity.changed_at = now
    if was_approved:
        _say(session, activity, request, None, caller, now)
    session.commit()


def decide_leave(
    session: Session,
    activity_id: int,
    leave_id: int,
    caller: Caller,
    *,
    approve: bool,
    note: str,
    now: datetime,
) -> None:
    """Approve or refuse; deciding again changes the decision. Raises NotFound `no_leave`; Conflict
    `withdrawn`, `cancelled`; Refused `not_your_units`; LawlabError `no_note`."""
    if len(note) > 200:
        raise LawlabError("no_note", "给本人的话最多 200 个字。")
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    request = session.get(LeaveRequest, leave_id)
    if request is None or request.activity_id != activity.id:
        raise NotFound("no_leave", "没有这份请假，请刷新页面。")
    if activity.cancelled_at:
        raise Conflict("cancelled", "这场活动已经取消，请假不用再批。")
    if request.state == "withdrawn":
        raise Conflict("withdrawn", "本人已经撤回了这份请假。")
    who = people_on(session, activity_day(activity), [request.person_id])[request.person_id]
    if not may_mark(served_units(session, caller), who.unit_id):
        raise not_yours([who.name])
    before, after = request.state, "approved" if approve else "refused"
    request.state, request.note = after, note.strip()
    request.decided_by, request.decided_at = caller.login, now
    if before != after:
        facts = {"person": request.person_id, "before": before, "after": after}
        subject = f"activity:{activity.id}/{request.id}"
        audit.note(session, now, caller.login, "activity.leave", subject, **facts)
    if "approved" in (before, after) and before != after:
        status = Status.EXCUSED if approve else None
        _say(session, activity, request, status, caller, now)
    session.commit()


def _say(
    session: Session,
    activity: Activity,
    request: LeaveRequest,
    status: Status | None,
    by: Caller,
    now: datetime,
) -> None:
    session.flush()
    saying = Saying(
        request.person_id,
        f"leave:{request.id}:{secrets.token_hex(6)}",
        Kind.LEAVE,
        status,
        Way.LEAVE,
        now,
        by.login,
        reason=request.reason if status else "请假不再有效",
    )
    say(session, activity, saying, now)


def _require_time(activity: Activity, now: datetime) -> None:
    if activity.cancelled_at:
        raise Conflict("cancelled", "这场活动已经取消，不用请假。")
    if now >= activity.ends_at + timedelta(days=PROOF_DAYS):
        raise Conflict(
            "too_late", f"活动结束已经超过 {PROOF_DAYS} 天，不能再补。如有特殊情况，请找教员更正。"
        )


def _proof(session: Session, activity: Activity, caller: Caller, proof: str, now: datetime) -> int:
    return keep_picture(
        session, activity.id, caller.person_id, "proof", proof, caller.login, now
    ).id
