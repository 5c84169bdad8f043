"""What trainers say about attendance: marks, signatures, the close.

Every use case locks the activity, adds events, and commits once; a repeat with the same key adds
nothing. After the close a reason is asked, and everything stays in the events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Outside, Status, Way, status_at
from lawlab.errors import Conflict, LawlabError, NotFound, Refused
from lawlab.services import audit
from lawlab.services.attachments import keep_picture
from lawlab.services.attendance_access import may_mark, require_change, served_units
from lawlab.services.attendance_events import (
    Saying,
    bring_in_step,
    close_activity,
    say,
    say_all,
)
from lawlab.services.sessions import Caller
from lawlab.store.attendance import (
    Expected,
    activity_day,
    activity_times,
    events_of,
    expected_people,
    find_activity,
    people_on,
)
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, Attendance, AttendanceEvent, Person

MOST_AT_ONCE = 1000


def not_yours(names: Iterable[str]) -> Refused:
    """Said to a trainer who marks people of units that he does not serve."""
    listed = list(names)
    shown = "、".join(listed[:5]) + (f"等 {len(listed)} 人" if len(listed) > 5 else "")
    return Refused("not_your_units", f"{shown}不在您负责的单位，不能由您登记。")


def mark(
    session: Session,
    activity_id: int,
    logins: Collection[str],
    status: Status,
    reason: str,
    key: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Say how people stand, whatever was said before. Raises Refused `not_your_units`; Conflict
    `cancelled`; LawlabError `no_reason` after the close; NotFound `no_person`."""
    activity = begin(session, activity_id)
    _require_reason(activity, reason)
    people = mine(session, activity, logins, caller)
    _correct(session, activity, _words(people, status, reason, key, caller, now), caller, now)
    session.commit()


def mark_all(
    session: Session, activity_id: int, key: str, caller: Caller, now: datetime
) -> list[str]:
    """出勤 for everybody expected of whom nothing is said yet, in the units that the trainer
    serves; returns the sign-in names. Raises Conflict `closed`, `cancelled`."""
    activity = begin(session, activity_id)
    if activity.closed_at:
        raise Conflict("closed", "活动已经结束，请一个一个更正，并写原因。")
    standing = set(
        session.scalars(select(Attendance.person_id).where(Attendance.activity_id == activity.id))
    )
    served = served_units(session, caller)
    rest = [
        who
        for who in expected_people(session, activity).values()
        if who.person_id not in standing and may_mark(served, who.unit_id)
    ]
    sayings = _words(rest, Status.PRESENT, "", key, caller, now)
    new = {saying.person_id for saying in say_all(session, activity, sayings, now)}
    session.commit()
    return [who.login for who in rest if who.person_id in new]


def unmark(
    session: Session,
    activity_id: int,
    logins: Collection[str],
    reason: str,
    key: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Take a trainer's word back: what the person did himself counts again. Raises as `mark`."""
    activity = begin(session, activity_id)
    _require_reason(activity, reason)
    people = mine(session, activity, logins, caller)
    _correct(session, activity, _words(people, None, reason, key, caller, now), caller, now)
    session.commit()


def sign(
    session: Session,
    activity_id: int,
    login: str,
    image: str,
    key: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Somebody signed on the trainer's phone: he is there, by the time rules; after their end he is
    late. Raises as `mark`; LawlabError `bad_picture`."""
    activity = begin(session, activity_id)
    [who] = mine(session, activity, [login], caller)
    saying = Saying(
        who.person_id,
        f"{key}:{who.person_id}",
        Kind.MARK,
        status_now(activity, now),
        Way.SIGNATURE,
        now,
        caller.login,
    )
    known = select(AttendanceEvent.id).where(
        AttendanceEvent.activity_id == activity.id, AttendanceEvent.key == saying.key
    )
    if activity.closed_at and session.scalar(known) is None:
        raise Conflict("closed", "活动已经结束，不能再签名。请用更正，并写原因。")
    if say(session, activity, saying, now):
        keep_picture(session, activity.id, who.person_id, "signature", image, caller.login, now)
    session.commit()


def close(session: Session, activity_id: int, caller: Caller, now: datetime) -> None:
    """Close before the end; a repeat changes nothing. Raises Conflict `too_early`, `cancelled`;
    Refused `not_your_activity`."""
    activity = find_activity(session, activity_id)
    require_change(session, caller, activity)
    if activity.cancelled_at:
        raise Conflict("cancelled", "活动已经取消。")
    if now < activity_times(activity).opens:
        raise Conflict("too_early", "还没有开始签到，不能结束。不开了请用“取消活动”。")
    close_activity(session, activity_id, now, caller.login)


def reopen(session: Session, activity_id: int, reason: str, caller: Caller, now: datetime) -> None:
    """Take an early close back while the activity goes on. Raises Conflict `over`; LawlabError
    `no_reason`."""
    if len(reason.strip()) < 2:
        raise LawlabError("no_reason", "请写重新打开的原因，2 个字以上。")
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    require_change(session, caller, activity)
    if now >= activity.ends_at:
        raise Conflict("over", "活动的时间已经过了，不能重新打开。登记错了请直接更正。")
    if activity.closed_at is not None:
        activity.closed_at = None
        activity.changed_at = now
        audit.note(session, now, caller.login, "activity.reopen", f"activity:{activity.id}")
        stamp = f"{now.timestamp():.6f}"
        sayings = [
            Saying(
                person,
                f"reopen:{person}:{stamp}",
                Kind.CLOSE,
                None,
                Way.CLOSE,
                now,
                caller.login,
                reason.strip(),
            )
            for person, said in events_of(session, activity.id).items()
            if any(event.kind == Kind.CLOSE for event in said)
        ]
        say_all(session, activity, sayings, now)
        # Guests, whom the close may have judged by the cards.
        bring_in_step(session, activity, set(events_of(session, activity.id)), now)
    session.commit()


def begin(session: Session, activity_id: int) -> Activity:
    """The activity, locked, and open to what a trainer says of it."""
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    if activity.cancelled_at:
        raise Conflict("cancelled", "活动已经取消，不能登记。")
    return activity


def _correct(
    session: Session, activity: Activity, words: list[Saying], caller: Caller, now: datetime
) -> None:
    """Say it; what stood otherwise before stands in the audit trail too."""
    about = [word.person_id for word in words]
    rows = select(Attendance.person_id, Attendance.status).where(
        Attendance.activity_id == activity.id, Attendance.person_id.in_(about)
    )
    before = dict(iter(session.execute(rows)))
    new = say_all(session, activity, words, now)
    changes = [
        [word.person_id, before.get(word.person_id), word.status]
        for word in new
        if activity.closed_at or before.get(word.person_id, word.status) != word.status
    ]
    if changes:
        facts = {"closed": activity.closed_at is not None, "changes": changes}
        audit.note(
            session, now, caller.login, "activity.correct", f"activity:{activity.id}", **facts
        )


def _words(
    people: Iterable[Expected],
    status: Status | None,
    reason: str,
    key: str,
    caller: Caller,
    now: datetime,
) -> list[Saying]:
    """A trainer's word on each of these people; without a status he takes it back."""
    kind = Kind.MARK if status else Kind.UNMARK
    return [
        Saying(
            who.person_id,
            f"{key}:{who.person_id}",
            kind,
            status,
            Way.LIST,
            now,
            caller.login,
            reason.strip(),
        )
        for who in people
    ]


def _require_reason(activity: Activity, reason: str) -> None:
    if activity.closed_at and len(reason.strip()) < 2:
        raise LawlabError("no_reason", "活动已经结束，更正要写原因，2 个字以上。")
    if len(reason) > 200:
        raise LawlabError("no_reason", f"原因有 {len(reason)} 个字，最多 200 个。")


def status_now(activity: Activity, now: datetime) -> Status:
    """Whoever stands before the trainer is there, however early or late he is."""
    found = status_at(activity_times(activity), now)
    if isinstance(found, Outside):
        return Status.PRESENT if found is Outside.EARLY else Status.LATE
    return found


def mine(
    session: Session, activity: Activity, logins: Collection[str], caller: Caller
) -> list[Expected]:
    """These people, when the trainer serves their units. Raises NotFound `no_person`; Refused
    `not_your_units`."""
    if len(logins) > MOST_AT_ONCE:
        raise LawlabError("too_many_people", f"一次最多登记 {MOST_AT_ONCE} 人。")
    ids = dict(
        iter(session.execute(select(Person.login, Person.id).where(Person.login.in_(logins))))
    )
    if strangers := sorted(set(logins) - set(ids)):
        raise NotFound("no_person", f"没有登录名为 {'、'.join(strangers[:5])} 的人。")
    return require_mine(session, activity, list(ids.values()), caller)


def require_mine(
    session: Session, activity: Activity, people: Collection[int], caller: Caller
) -> list[Expected]:
    """As `mine`, by the ids of people."""
    found = list(people_on(session, activity_day(activity), people).values())
    served = served_units(session, caller)
    if foreign := [who.name for who in found if not may_mark(served, who.unit_id)]:
        raise not_yours(foreign)
    return found
