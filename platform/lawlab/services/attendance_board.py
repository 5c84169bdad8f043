"""The board of an activity: who is there, who is missing, unit by unit, for the trainer and for the
projector. Only reads, in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Status
from lawlab.services.activity_cards import (
    card_of,
    cards,
    times_of,
)
from lawlab.services.attendance_access import may_change, may_mark, served_units
from lawlab.services.sessions import Caller
from lawlab.services.walk_in_list import NO_UNIT, walk_in_lines
from lawlab.store.attendance import (
    Expected,
    activity_day,
    activity_revision,
    answered_cards,
    events_of,
    expected_people,
    newest_leaves,
    people_on,
    years_with_activities,
)
from lawlab.store.people import names_of
from lawlab.store.tables import (
    Activity,
    Attachment,
    Attendance,
    AttendanceEvent,
    LeaveRequest,
    Person,
    PresenceCard,
    WalkIn,
)


def board(session: Session, activity: Activity, caller: Caller, now: datetime) -> dict[str, Any]:
    """Everything a trainer sees of an activity that goes on or is over."""
    people = _people(session, activity, caller)
    notes = session.scalars(
        select(WalkIn).where(WalkIn.activity_id == activity.id).order_by(WalkIn.id)
    ).all()
    open_notes = sum(note.settled_at is None for note in notes)
    return {
        "activity": {**card_of(activity, now), **times_of(activity)},
        "revision": activity_revision(session, activity.id),
        "counts": _counts(people) | {"walk_ins": open_notes},
        "units": _units(people),
        "people": people,
        "walk_ins": walk_in_lines(session, activity, notes),
        "cards": _cards(session, activity, now) if activity.online else None,
        "server_time": now.isoformat(),
    }


def desk_list(
    session: Session,
    activities: Sequence[Activity],
    caller: Caller,
    year: int,
    now: datetime,
    zone: Any,
) -> dict[str, Any]:
    """The activities of a year with their counts, and what waits for a trainer."""
    ids = [activity.id for activity in activities]
    statuses: dict[int, Counter[str]] = {one: Counter() for one in ids}
    rows = session.execute(
        select(Attendance.activity_id, Attendance.status, Attendance.expected, func.count())
        .where(Attendance.activity_id.in_(ids))
        .group_by(Attendance.activity_id, Attendance.status, Attendance.expected)
    )
    for activity_id, status, was_expected, count in rows:
        if was_expected:
            statuses[activity_id][status] += count
        elif status in (Status.PRESENT, Status.LATE):
            statuses[activity_id]["guests"] += count
    notes = _count_by(session, WalkIn.activity_id, WalkIn.settled_at.is_(None))
    leaves = _count_by(session, LeaveRequest.activity_id, LeaveRequest.state == "asked")
    served = served_units(session, caller)
    made = []
    for activity, card in zip(
        activities, cards(session, activities, caller.person_id, now), strict=True
    ):
        counts = statuses[activity.id]
        said = sum(counts[status] for status in Status)
        # Members may change until the close; then everybody expected has a row.
        expected = said if activity.closed_at else len(expected_people(session, activity))
        card["counts"] = {
            "expected": expected,
            **{status.value: counts[status] for status in Status},
            "unmarked": max(0, expected - said),
            "guests": counts["guests"],
            "walk_ins": notes.get(activity.id, 0),
        }
        card["trainers"] = [trainer.full_name for trainer in activity.trainers]
        card["leave_waiting"] = leaves.get(activity.id, 0)
        card["may_change"] = may_change(served, caller, activity)
        made.append(card)
    return {
        "year": year,
        "years": years_with_activities(session, zone, year, now.astimezone(zone).year),
        "activities": made,
        "server_time": now.isoformat(),
    }


def waiting_activities(session: Session) -> list[dict[str, Any]]:
    """Activities for which a trainer should decide something: `leaves` asked for, `walk_ins` to
    settle."""
    leaves = _count_by(session, LeaveRequest.activity_id, LeaveRequest.state == "asked")
    notes = _count_by(session, WalkIn.activity_id, WalkIn.settled_at.is_(None))
    found = session.scalars(
        select(Activity)
        .where(Activity.id.in_({*leaves, *notes}), Activity.cancelled_at.is_(None))
        .order_by(Activity.starts_at)
    )
    return [
        {
            "id": activity.id,
            "title": activity.title,
            "leaves": leaves.get(activity.id, 0),
            "walk_ins": notes.get(activity.id, 0),
        }
        for activity in found
    ]


def history(session: Session, activity: Activity) -> list[dict[str, Any]]:
    """Everything that was ever said, the newest first: the audit trail of an activity."""
    rows = session.execute(
        select(AttendanceEvent, Person.login, Person.full_name)
        .join(Person, Person.id == AttendanceEvent.person_id)
        .where(AttendanceEvent.activity_id == activity.id)
        .order_by(AttendanceEvent.id.desc())
    ).all()
    names = names_of(session, {event.by for event, _, _ in rows})
    return [
        {
            "at": event.at.isoformat(),
            "received_at": event.received_at.isoformat(),
            "person": {"login": login, "name": name},
            "kind": event.kind,
            "status": event.status,
            "way": event.way,
            "by": event.by,
            "by_name": names.get(event.by, event.by),
            "reason": event.reason,
        }
        for event, login, name in rows
    ]


def _people(session: Session, activity: Activity, caller: Caller) -> list[dict[str, Any]]:
    rows = {
        row.person_id: row
        for row in session.scalars(select(Attendance).where(Attendance.activity_id == activity.id))
    }
    expected = expected_people(session, activity)
    if activity.closed_at:
        wanted = {person for person, row in rows.items() if row.expected}
    else:
        wanted = set(expected)
    events = events_of(session, activity.id)
    leaves = {
        person: leave
        for (_, person), leave in newest_leaves(session, [activity.id]).items()
        if leave.state != "withdrawn"
    }
    rest = (set(rows) | wanted | set(leaves)) - set(expected)
    day = activity_day(activity)
    everybody = expected | (people_on(session, day, rest) if rest else {})
    listed = wanted | set(rows) | set(leaves)
    signatures = {
        row[0]: row[1]
        for row in session.execute(
            select(Attachment.person_id, func.max(Attachment.id))
            .where(Attachment.activity_id == activity.id, Attachment.kind == "signature")
            .group_by(Attachment.person_id)
        )
    }
    answered = answered_cards(session, activity.id) if activity.online else {}
    shared = _shared_phones(events.values())
    served = served_units(session, caller)
    deciding = {row.event_id for row in rows.values()}
    said_by = {one.by for said in events.values() for one in said if one.id in deciding}
    names = names_of(session, said_by)
    made = [
        {
            **_who(who, served),
            "expected": who.person_id in wanted,
            **_standing(rows.get(who.person_id), events.get(who.person_id, []), names),
            "shared": shared.get(who.person_id, 0),
            "leave": _leave(leaves.get(who.person_id)),
            "signature": signatures.get(who.person_id),
            "cards": len(answered.get(who.person_id, ())) if activity.online else None,
        }
        for who in everybody.values()
        if who.person_id in listed
    ]
    return sorted(made, key=lambda one: (not one["expected"], one["unit"], one["login"]))


def _who(who: Expected, served: frozenset[int] | None) -> dict[str, Any]:
    return {
        "login": who.login,
        "name": who.name,
        "unit": who.unit or NO_UNIT,
        "mine": may_mark(served, who.unit_id),
    }


def _standing(
    row: Attendance | None, said: Sequence[AttendanceEvent], names: Mapping[str, str]
) -> dict[str, Any]:
    if row is None:
        return dict.fromkeys(("status", "way", "at", "by", "by_name"), None) | {
            "reason": "",
            "contradicted": False,
        }
    decides = next(event for event in said if event.id == row.event_id)
    own = [event for event in said if event.kind == Kind.CHECK_IN]
    return {
        "status": row.status,
        "way": row.way,
        "at": row.at.isoformat(),
        "by": decides.by,
        "by_name": names.get(decides.by, decides.by),
        "reason": decides.reason,
        "contradicted": bool(own)
        and decides.kind == Kind.MARK
        and row.status in (Status.ABSENT, Status.EXCUSED),
    }


def _shared_phones(said: Iterable[Sequence[AttendanceEvent]]) -> dict[int, int]:
    """Person → how many signed in with the phone that he used, when it was more than one."""
    users: dict[str, set[int]] = {}
    for events in said:
        for event in events:
            if event.device and event.kind == Kind.CHECK_IN:
                users.setdefault(event.device, set()).add(event.person_id)
    return {
        person: len(people) for people in users.values() if len(people) > 1 for person in people
    }


def _leave(leave: LeaveRequest | None) -> dict[str, Any] | None:
    if leave is None:
        return None
    return {
        "id": leave.id,
        "state": leave.state,
        "reason": leave.reason,
        "note": leave.note,
        "asked_at": leave.asked_at.isoformat(),
        "proof": leave.proof_id,
    }


def _counts(people: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    expected = [one for one in people if one["expected"]]
    counts = Counter(one["status"] for one in expected)
    there = (Status.PRESENT, Status.LATE)
    return {
        "expected": len(expected),
        **{status.value: counts[status.value] for status in Status},
        "unmarked": counts[None],
        "guests": sum(not one["expected"] and one["status"] in there for one in people),
    }


def _units(people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    by_unit: dict[str, list[Mapping[str, Any]]] = {}
    for one in people:
        if one["expected"]:
            by_unit.setdefault(one["unit"], []).append(one)
    made = []
    for unit, members in by_unit.items():
        counts = _counts(members)
        counts.pop("guests")
        made.append({"unit": unit, **counts})
    return made


def _cards(session: Session, activity: Activity, now: datetime) -> dict[str, Any]:
    shown = session.scalars(
        select(PresenceCard.until).where(
            PresenceCard.activity_id == activity.id, PresenceCard.shows_at <= now
        )
    ).all()
    return {"shown": len(shown), "next": any(until > now for until in shown)}


def _count_by(session: Session, column: Any, where: Any) -> dict[int, int]:
    rows = session.execute(select(column, func.count()).where(where).group_by(column))
    return {row[0]: row[1] for row in rows}
