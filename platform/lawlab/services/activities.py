"""What trainers do with study activities: plan, change, cancel, bring back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.domain.activity_plan import Fault, Plan, Repeat, occurrences, plan_faults
from lawlab.domain.attendance import Kind
from lawlab.errors import Conflict, LawlabError
from lawlab.services.attendance_access import require_change, require_units, served_units
from lawlab.services.attendance_events import bring_in_step
from lawlab.services.audit import note
from lawlab.services.sessions import Caller
from lawlab.store.attendance import activity_day, events_of, find_activity, people_on
from lawlab.store.content import courses
from lawlab.store.engine import writing
from lawlab.store.people import roles_of
from lawlab.store.tables import Activity, AttendanceEvent, Person, PresenceCard, Unit


class PlanFaults(LawlabError):
    """Everything wrong with a plan, each with its field; nothing was stored."""

    status = 422

    def __init__(self, faults: Iterable[Fault]) -> None:
        listed = list(faults)
        said = "\n".join(dict.fromkeys(fault.text for fault in listed))
        super().__init__(
            "plan_faults",
            f"活动没有保存：\n{said}",
            faults=[{"field": fault.field, "text": fault.text} for fault in listed],
        )


def plan_activity(
    session: Session,
    plan: Plan,
    by: Caller,
    now: datetime,
    zone: ZoneInfo,
    repeat: Repeat | None = None,
    key: str | None = None,
) -> list[int]:
    """Store an activity, or a series; a repeat with the same key stores nothing and gives the same
    ids. Raises PlanFaults; Refused `not_your_units`."""
    try:
        return _plan(session, plan, by, now, zone, repeat, key)
    except IntegrityError:
        # The same key arrived twice at once; the other one has committed.
        session.rollback()
        return _plan(session, plan, by, now, zone, repeat, key)


def _plan(
    session: Session,
    plan: Plan,
    by: Caller,
    now: datetime,
    zone: ZoneInfo,
    repeat: Repeat | None,
    key: str | None,
) -> list[int]:
    writing(session)
    if key is not None:
        same = select(Activity.id).where(Activity.created_by == by.login, Activity.plan_key == key)
        if before := session.scalars(same.order_by(Activity.starts_at)).all():
            session.rollback()
            return list(before)
    _check(session, plan, by, now, repeat)
    series = secrets.token_hex(8) if repeat else None
    made = []
    for starts, ends in occurrences(plan.starts_at, plan.ends_at, repeat, zone):
        activity = Activity(
            starts_at=starts,
            ends_at=ends,
            series=series,
            plan_key=key,
            created_by=by.login,
            created_at=now,
        )
        session.add(activity)
        _fill(session, activity, plan, now)
        made.append(activity)
    session.commit()
    return [activity.id for activity in made]


def edit_activity(
    session: Session, activity_id: int, plan: Plan, by: Caller, now: datetime
) -> None:
    """Change an activity that is neither closed nor cancelled.

    Once somebody has signed in, start, rules and way stay: what he was told holds. Raises
    Conflict `closed`, `cancelled`, `begun`; PlanFaults; Refused.
    """
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    require_change(session, by, activity)
    _require_open(activity)
    _check(session, plan, by, now, None, before=activity)
    before = (activity.starts_at, activity.rules, activity.online)
    if before != (plan.starts_at, plan.rules.to_json(), plan.online):
        if _somebody_signed_in(session, activity):
            raise Conflict(
                "begun",
                "已经有人签到，开始时间、签到规则、是不是线上不能再改。其他内容还可以改。",
            )
        # Cards that were dealt for the old time; nobody can have answered one.
        session.execute(delete(PresenceCard).where(PresenceCard.activity_id == activity.id))
    activity.starts_at, activity.ends_at = plan.starts_at, plan.ends_at
    _fill(session, activity, plan, now)
    session.flush()
    bring_in_step(session, activity, set(events_of(session, activity.id)), now)
    session.commit()


def cancel_activity(
    session: Session,
    activity_id: int,
    reason: str,
    by: Caller,
    now: datetime,
    *,
    following: bool = False,
) -> list[int]:
    """Cancel an activity, or it and those of its series that come after it; returns which.

    Raises LawlabError `no_reason`; Conflict `closed`.
    """
    if not 2 <= len(reason.strip()) <= 200:
        raise LawlabError("no_reason", "请写取消的原因，2 到 200 个字；大家在日历里看得到。")
    writing(session)
    first = find_activity(session, activity_id, lock=True)
    require_change(session, by, first)
    if first.closed_at:
        raise Conflict("closed", "活动已经结束，不能取消。登记错了可以更正。")
    chosen = [first]
    if following and first.series:
        later = select(Activity).where(
            Activity.series == first.series, Activity.starts_at > first.starts_at
        )
        # By id, as check-ins lock several.
        chosen += session.scalars(later.order_by(Activity.id).with_for_update())
    for activity in chosen:
        require_change(session, by, activity)
    chosen.sort(key=lambda activity: activity.starts_at)
    changed = [one for one in chosen if one.cancelled_at is None and one.closed_at is None]
    for activity in changed:
        activity.cancelled_at, activity.cancel_reason = now, reason.strip()
        note(session, now, by.login, "activity.cancel", f"activity:{activity.id}")
        activity.changed_at = now
        # What is cancelled earns nothing.
        bring_in_step(session, activity, set(events_of(session, activity.id)), now)
    session.commit()
    return [activity.id for activity in changed]


def restore_activity(session: Session, activity_id: int, by: Caller, now: datetime) -> None:
    """Take a cancellation back; a repeat changes nothing."""
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    require_change(session, by, activity)
    if activity.cancelled_at is not None:
        activity.cancelled_at = activity.cancel_reason = None
        note(session, now, by.login, "activity.restore", f"activity:{activity.id}")
        activity.changed_at = now
        bring_in_step(session, activity, set(events_of(session, activity.id)), now)
    session.commit()


def _require_open(activity: Activity) -> None:
    if activity.cancelled_at:
        raise Conflict("cancelled", "活动已经取消。要改请先恢复它。")
    if activity.closed_at:
        raise Conflict("closed", "活动已经结束，不能再改。登记错了可以更正。")


def _somebody_signed_in(session: Session, activity: Activity) -> bool:
    found = select(AttendanceEvent.id).where(
        AttendanceEvent.activity_id == activity.id, AttendanceEvent.kind == Kind.CHECK_IN
    )
    return session.scalar(found.limit(1)) is not None


def _check(
    session: Session,
    plan: Plan,
    by: Caller,
    now: datetime,
    repeat: Repeat | None,
    before: Activity | None = None,
) -> None:
    faults = plan_faults(plan, now, repeat)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    if not {*plan.units, *filter(None, [plan.organizer])} <= set(units):
        faults.append(Fault("units", "选的单位有的已经没有了，请刷新页面重新选。"))
    known = {person.login: person for person in session.scalars(select(Person))}
    if strangers := [login for login in (*plan.people, *plan.trainers) if login not in known]:
        faults.append(Fault("people", f"没有登录名为 {'、'.join(strangers)} 的人。"))
    for login in plan.trainers:
        if login in known and not roles_of(known[login]) & {"trainer", "admin"}:
            faults.append(Fault("trainers", f"{known[login].full_name} 不是教员。"))
    slugs = {course.slug for course in courses(session)}
    for topic in plan.topics:
        if topic["kind"] == "course" and topic["ref"] not in slugs:
            faults.append(Fault("topics", f"没有课程“{topic['ref']}”，请重新选。"))
    if faults:
        raise PlanFaults(faults)
    # What stood there before is no fault of who edits the rest.
    kept = {unit.id for unit in before.units} if before else set()
    served = served_units(session, by)
    require_units(served, [(one, units[one].name) for one in plan.units if one not in kept])
    new = {known[login].id for login in plan.people} - (
        {person.id for person in before.people} if before else set()
    )
    if served is not None and new:
        day = activity_day(Activity(starts_at=plan.starts_at))
        for who in people_on(session, day, new).values():
            require_units(served, [(who.unit_id or 0, who.unit or who.name)])


def _fill(session: Session, activity: Activity, plan: Plan, now: datetime) -> None:
    activity.title, activity.phase = plan.title.strip(), plan.phase
    activity.place = plan.place.strip() or "线上"
    activity.online, activity.organizer_id = plan.online, plan.organizer
    activity.topics = [dict(topic) for topic in plan.topics]
    activity.materials = [dict(one) for one in plan.materials]
    activity.note, activity.rules = plan.note.strip(), plan.rules.to_json()
    activity.changed_at = now
    activity.units = list(session.scalars(select(Unit).where(Unit.id.in_(plan.units))))
    activity.people = list(session.scalars(select(Person).where(Person.login.in_(plan.people))))
    activity.trainers = list(session.scalars(select(Person).where(Person.login.in_(plan.trainers))))
