"""Signing in by oneself: by the QR code or by six digits.

A hall signs in in the same second, so check-ins are taken together: one lock, one commit for all
that wait. Each is decided for itself, and answered only after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Outside, Status, Way, status_at
from lawlab.domain.checkin import codes_at
from lawlab.errors import Conflict, LawlabError, NotFound, Refused
from lawlab.services.activity_cards import state_of_activity
from lawlab.services.attendance_events import Saying, say_all
from lawlab.services.checkin_tokens import read_receipt
from lawlab.store.attendance import (
    activities_between,
    activity_times,
    expected_people,
    find_activity,
)
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, Attendance, AttendanceEvent


@dataclass(frozen=True)
class Try:
    """Somebody signs in: with the receipt of a scan, or else with six digits. `guest`: he knows
    that he is not expected there."""

    person_id: int
    login: str
    device: str
    receipt: str = ""
    code: str = ""
    guest: bool = False


@dataclass(frozen=True)
class CheckedIn:
    """How somebody stands after a check-in. `again`: he had signed in before."""

    activity: dict[str, Any]
    status: str
    at: datetime
    way: str
    again: bool
    guest: bool
    by: str


def check_in_all(
    session: Session, secret: str, tries: Sequence[Try], now: datetime
) -> list[CheckedIn | LawlabError]:
    """Sign in everybody of `tries` whom the rules let in, in one transaction; the replies are in
    their order, an error for each who is not.

    Codes: `bad_token`, `old_token`, `other_phone`, `bad_code`, `no_activity`, `cancelled`,
    `online_activity`, `wrong_activity` (facts: the right one), `too_early` (facts: `opens_at`),
    `over`.
    """
    writing(session)
    replies: dict[int, CheckedIn | LawlabError] = {}
    wanted: dict[int, list[tuple[int, datetime]]] = {}
    for place, one in enumerate(tries):
        try:
            activity_id, at = _aim(session, secret, one, now)
            wanted.setdefault(activity_id, []).append((place, at))
        except LawlabError as error:
            replies[place] = error
    for activity_id in sorted(wanted):
        try:
            activity = find_activity(session, activity_id, lock=True)
        except NotFound as error:
            replies |= {place: error for place, _ in wanted[activity_id]}
            continue
        aimed = [(place, tries[place], at) for place, at in wanted[activity_id]]
        replies |= _at_activity(session, activity, aimed, now)
    session.commit()
    return [replies[place] for place in range(len(tries))]


def _aim(session: Session, secret: str, one: Try, now: datetime) -> tuple[int, datetime]:
    """Which activity a try is for, and the time that counts."""
    if one.receipt:
        receipt = read_receipt(secret, one.receipt, one.device, now)
        return receipt.activity, receipt.at
    around = activities_between(session, now - timedelta(hours=12), now + timedelta(hours=12))
    fitting = [
        activity
        for activity in around
        if activity.cancelled_at is None and one.code in codes_at(secret, activity.id, now)
    ]
    for activity in fitting:
        if len(fitting) == 1 or expected_people(session, activity, [one.person_id]):
            return activity.id, now
    raise Refused("bad_code", "数字不对，或者刚刚换了。请看屏幕上现在的六位数字，再输一次。")


def _at_activity(
    session: Session,
    activity: Activity,
    aimed: Sequence[tuple[int, Try, datetime]],
    now: datetime,
) -> dict[int, CheckedIn | LawlabError]:
    people = {one.person_id for _, one, _ in aimed}
    expected = expected_people(session, activity, people)
    before = set(
        session.scalars(
            select(AttendanceEvent.person_id).where(
                AttendanceEvent.activity_id == activity.id,
                AttendanceEvent.person_id.in_(people),
                AttendanceEvent.kind == Kind.CHECK_IN,
            )
        )
    )
    replies: dict[int, CheckedIn | LawlabError] = {}
    sayings = []
    for place, one, at in aimed:
        if one.person_id in before:
            continue
        try:
            if one.person_id not in expected and not one.guest:
                _require_no_other(session, activity, one, at)
            status = own_status(activity, at)
        except LawlabError as error:
            replies[place] = error
            continue
        sayings.append(
            Saying(
                one.person_id,
                f"in:{one.person_id}",
                Kind.CHECK_IN,
                status,
                Way.QR if one.receipt else Way.CODE,
                at,
                one.login,
                device=one.device,
            )
        )
    new = {saying.person_id for saying in say_all(session, activity, sayings, now)}
    standing = {
        row.person_id: (row, by)
        for row, by in session.execute(
            select(Attendance, AttendanceEvent.by)
            .join(AttendanceEvent, AttendanceEvent.id == Attendance.event_id)
            .where(Attendance.activity_id == activity.id, Attendance.person_id.in_(people))
        )
    }
    for place, one, _ in aimed:
        if place in replies:
            continue
        if one.person_id not in standing:
            replies[place] = Conflict("not_counted", "您的签到没有计入，请找教员。")
        else:
            row, by = standing[one.person_id]
            replies[place] = CheckedIn(
                brief(activity),
                row.status,
                row.at,
                row.way,
                again=one.person_id not in new,
                guest=one.person_id not in expected,
                by="self" if by == one.login else "trainer",
            )
            new.discard(one.person_id)
    return replies


def own_status(activity: Activity, at: datetime) -> Status:
    """What signing in by oneself at `at` counts as. Raises Conflict `cancelled`,
    `online_activity`, `too_early`, `over`."""
    facts = {"activity": brief(activity)}
    if activity.cancelled_at:
        why = f"“{activity.title}”已经取消：{activity.cancel_reason}"
        raise Conflict("cancelled", why, **facts)
    if activity.online:
        raise Conflict(
            "online_activity", f"“{activity.title}”在线上举行，请从“活动”里进入会场。", **facts
        )
    found = status_at(activity_times(activity), at)
    if found is Outside.EARLY:
        opens = activity_times(activity).opens
        raise Conflict(
            "too_early",
            f"“{activity.title}”还没有开始签到。到时请再扫一次。",
            opens_at=opens.isoformat(),
            **facts,
        )
    if found is Outside.OVER or (activity.closed_at and at > activity.closed_at):
        raise Conflict(
            "over", f"“{activity.title}”的签到已经结束。如果您到了会场，请找教员登记。", **facts
        )
    assert isinstance(found, Status)
    return found


def brief(activity: Activity) -> dict[str, Any]:
    """What a phone says of the activity it signed in to."""
    return {
        "id": activity.id,
        "title": activity.title,
        "place": activity.place,
        "online": activity.online,
        "starts_at": activity.starts_at.isoformat(),
        "ends_at": activity.ends_at.isoformat(),
    }


def _require_no_other(session: Session, activity: Activity, one: Try, at: datetime) -> None:
    """Somebody who is expected elsewhere now is in the wrong room. Who is expected nowhere is a
    guest and welcome."""
    near = activities_between(session, at - timedelta(hours=12), at + timedelta(hours=4))
    for other in near:
        if other.id == activity.id or state_of_activity(other, at) != "open":
            continue
        if expected_people(session, other, [one.person_id]):
            where = f"“{other.title}”，地点：{other.place}"
            raise Conflict(
                "wrong_activity",
                f"这是“{activity.title}”的签到码。您现在应参加的是{where}。",
                activity=brief(activity),
                right=brief(other),
            )
