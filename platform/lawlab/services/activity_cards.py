"""Activities as pages show them: cards, one with all its facts, the calendar, what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Rules, rate
from lawlab.domain.statute import ArticleRef, number_text, number_title
from lawlab.services.progress import course_address, law_address
from lawlab.services.sessions import Caller
from lawlab.store.attendance import (
    activities_between,
    activity_day,
    activity_times,
    newest_leaves,
    year_span,
    years_with_activities,
)
from lawlab.store.content import courses
from lawlab.store.people import memberships
from lawlab.store.tables import (
    Activity,
    Attendance,
    AttendanceEvent,
    LeaveRequest,
    UnitMembership,
)

PROOF_DAYS = 7
"""So long after an activity leave may be asked for, or proved."""
AHEAD = timedelta(days=90)
"""How far the home page looks for what is next."""


def state_of_activity(activity: Activity, now: datetime) -> str:
    """`cancelled`; `over` (closed or past); `open` (one may sign in); or `planned`."""
    if activity.cancelled_at:
        return "cancelled"
    if activity.closed_at or now >= activity.ends_at:
        return "over"
    return "open" if now >= activity_times(activity).opens else "planned"


def calendar(
    session: Session, caller: Caller, year: int, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """A year's activities as one person sees them."""
    found = activities_between(session, *year_span(year, zone))
    return {
        "year": year,
        "years": years_with_activities(session, zone, year, now.astimezone(zone).year),
        "activities": cards(session, found, caller.person_id, now),
        "server_time": now.isoformat(),
    }


def next_for(session: Session, person_id: int, now: datetime) -> dict[str, Any] | None:
    """What a person should go to next: an activity that is open or planned and expects him."""
    found = activities_between(session, now - timedelta(hours=12), now + AHEAD)
    coming = [one for one in found if state_of_activity(one, now) in ("open", "planned")]
    mine = [card for card in cards(session, coming, person_id, now) if card["expected"]]
    return mine[0] if mine else None


def cards(
    session: Session, activities: Sequence[Activity], person_id: int, now: datetime
) -> list[dict[str, Any]]:
    """A card for each, in the same order, in a constant number of queries."""
    ids = [activity.id for activity in activities]
    units, cohorts = memberships(session, person_id)
    standing = {
        row.activity_id: (row, by)
        for row, by in session.execute(
            select(Attendance, AttendanceEvent.by)
            .join(AttendanceEvent, AttendanceEvent.id == Attendance.event_id)
            .where(Attendance.person_id == person_id, Attendance.activity_id.in_(ids))
        )
    }
    leaves = newest_leaves(session, ids, person_id)
    made = []
    for activity in activities:
        card = card_of(activity, now)
        day = activity_day(activity)
        row = standing.get(activity.id)
        named = person_id in {person.id for person in activity.people}
        member = in_units(activity, units, day) and any(_holds(one, day) for one in cohorts)
        card["expected"] = (
            row[0].expected if row is not None and activity.closed_at else named or member
        )
        card["my"] = row and {
            "status": row[0].status,
            "way": row[0].way,
            "at": row[0].at.isoformat(),
            "by": row[1],
        }
        card["leave"] = leave_facts(leaves.get((activity.id, person_id)))
        made.append(card)
    return made


def card_of(activity: Activity, now: datetime) -> dict[str, Any]:
    """What everybody sees of an activity."""
    return {
        "id": activity.id,
        "title": activity.title,
        "phase": activity.phase,
        "place": activity.place,
        "online": activity.online,
        "starts_at": activity.starts_at.isoformat(),
        "ends_at": activity.ends_at.isoformat(),
        "state": state_of_activity(activity, now),
        "cancel_reason": activity.cancel_reason,
        "organizer": activity.organizer.name if activity.organizer else None,
        "units": [unit.name for unit in activity.units],
    }


def times_of(activity: Activity) -> dict[str, Any]:
    """The moments at which signing in changes its meaning."""
    when = activity_times(activity)
    return {
        "opens_at": when.opens.isoformat(),
        "present_until": when.present_until.isoformat(),
        "late_until": when.late_until.isoformat(),
        "closed_at": activity.closed_at.isoformat() if activity.closed_at else None,
    }


def leave_facts(leave: LeaveRequest | None) -> dict[str, Any] | None:
    """A request for leave as its person sees it."""
    if leave is None:
        return None
    return {
        "id": leave.id,
        "state": leave.state,
        "reason": leave.reason,
        "note": leave.note,
        "proof": leave.proof_id is not None,
    }


def activity_page(
    session: Session, activity: Activity, caller: Caller, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """One activity with all that a person may see of it."""
    [card] = cards(session, [activity], caller.person_id, now)
    leave, open_until = card["leave"], activity.ends_at + timedelta(days=PROOF_DAYS)
    waiting = leave is not None and leave["state"] == "asked"
    granted = leave is not None and leave["state"] == "approved"
    can = card["expected"] and not activity.cancelled_at and now < open_until
    was_there = card["my"] is not None and card["my"]["status"] in ("present", "late")
    return {
        **card,
        **times_of(activity),
        "note": activity.note,
        "trainers": [trainer.full_name for trainer in activity.trainers],
        "topics": topics_of(session, activity),
        "materials": activity.materials,
        "may_ask_leave": can and not waiting and not granted and not was_there,
        "may_give_proof": can and (waiting or granted) and not leave["proof"],
        "record": _record(session, activity, caller.person_id, zone),
        "server_time": now.isoformat(),
    }


def topics_of(session: Session, activity: Activity) -> list[dict[str, Any]]:
    """What is studied, each with the address at which it can be read, if there is one."""
    titles: Mapping[str, str] = (
        {course.slug: course.title for course in courses(session)}
        if any(topic["kind"] == "course" for topic in activity.topics)
        else {}
    )
    return [_topic(topic, titles) for topic in activity.topics]


def _topic(topic: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, Any]:
    ref = topic["ref"]
    if topic["kind"] == "course":
        return {
            "title": titles.get(ref, ref),
            "url": course_address(ref) if ref in titles else None,
        }
    if topic["kind"] == "article":
        article = ArticleRef.parse(ref)
        return {
            "title": f"《{article.law}》{number_title(article.key)}",
            "url": law_address(article.law, number_text(article.key)),
        }
    return {"title": ref, "url": None}


def _record(session: Session, activity: Activity, person_id: int, zone: ZoneInfo) -> dict[str, Any]:
    """How often the person was there in the year of the activity, of those that are closed."""
    since, until = year_span(activity.starts_at.astimezone(zone).year, zone)
    rows = session.execute(
        select(Attendance.status, Activity.rules)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(
            Attendance.person_id == person_id,
            Attendance.expected,
            Activity.closed_at.is_not(None),
            Activity.cancelled_at.is_(None),
            Activity.starts_at >= since,
            Activity.starts_at < until,
        )
    )
    found = rate([(status, Rules.from_json(rules)) for status, rules in rows])
    return {
        "expected": found.expected,
        "there": found.there,
        "points": found.points,
        "most": found.most,
    }


def in_units(activity: Activity, units: Sequence[UnitMembership], day: date) -> bool:
    """Whether one of these memberships, on that day, is of a unit that the activity expects."""
    wanted = {unit.id for unit in activity.units}
    return any(one.unit_id in wanted and _holds(one, day) for one in units)


def _holds(one: Any, day: date) -> bool:
    return bool(one.since <= day and (one.until is None or one.until > day))
