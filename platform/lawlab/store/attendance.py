"""Reads about study activities: who is expected, what was said of whom, who stands how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from lawlab.domain import attendance as rules
from lawlab.errors import NotFound
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    Activity,
    ActivityPerson,
    ActivityUnit,
    AttendanceEvent,
    CohortMembership,
    LeaveRequest,
    Person,
    PresenceAnswer,
    PresenceCard,
    Unit,
    UnitMembership,
    WalkIn,
)


@dataclass(frozen=True)
class Expected:
    """Somebody with his unit on the day of an activity."""

    person_id: int
    login: str
    name: str
    unit_id: int | None
    unit: str | None


def activity_day(activity: Activity) -> dt.date:
    """The town's day on which an activity begins; memberships count as of it."""
    return china_day(activity.starts_at)


def activity_times(activity: Activity) -> rules.Times:
    return rules.times(rules.Rules.from_json(activity.rules), activity.starts_at, activity.ends_at)


def find_activity(session: Session, activity_id: int, *, lock: bool = False) -> Activity:
    """One activity. `lock` holds off everybody else who says something of it, so that what is said
    is counted one after another. Raises NotFound `no_activity`."""
    query = select(Activity).where(Activity.id == activity_id)
    activity = session.scalar(
        query.with_for_update().execution_options(populate_existing=True) if lock else query
    )
    if activity is None:
        raise NotFound("no_activity", "没有这场活动，它可能写错了编号。请从活动列表打开。")
    return activity


def activities_between(session: Session, since: dt.datetime, until: dt.datetime) -> list[Activity]:
    """Activities that begin in [since, until), the earliest first, with all that a card shows."""
    return list(
        session.scalars(
            select(Activity)
            .where(Activity.starts_at >= since, Activity.starts_at < until)
            .options(
                selectinload(Activity.units),
                selectinload(Activity.people),
                selectinload(Activity.trainers),
                selectinload(Activity.organizer),
            )
            .order_by(Activity.starts_at, Activity.id)
        )
    )


def year_span(year: int, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """From the first moment of the town's year to the first of the next."""
    return dt.datetime(year, 1, 1, tzinfo=zone), dt.datetime(year + 1, 1, 1, tzinfo=zone)


def years_with_activities(session: Session, zone: dt.tzinfo, *also: int) -> list[int]:
    """The years in which an activity begins, and `also`, to choose from."""
    begins = session.scalars(select(Activity.starts_at))
    return sorted({*also, *(at.astimezone(zone).year for at in begins)})


def expected_people(
    session: Session, activity: Activity, only: Collection[int] | None = None
) -> dict[int, Expected]:
    """Person → who is expected: members of the activity's units who are in a cohort on its day, and
    those it names; nobody who had been disabled by then. `only` limits it to these people."""
    day = activity_day(activity)
    members = (
        select(UnitMembership.person_id)
        .join(ActivityUnit, ActivityUnit.unit_id == UnitMembership.unit_id)
        .where(ActivityUnit.activity_id == activity.id, _holds(UnitMembership, day))
        .where(
            UnitMembership.person_id.in_(
                select(CohortMembership.person_id).where(_holds(CohortMembership, day))
            )
        )
    )
    named = select(ActivityPerson.person_id).where(ActivityPerson.activity_id == activity.id)
    there_then = or_(Person.active, Person.disabled_at > activity.starts_at)
    wanted = or_(Person.id.in_(members), Person.id.in_(named))
    return _with_units(session, day, wanted & there_then, only)


def people_on(session: Session, day: dt.date, only: Collection[int]) -> dict[int, Expected]:
    """These people with their units on a day, whether expected or not."""
    return _with_units(session, day, Person.id.in_(only), only)


def events_of(
    session: Session, activity_id: int, people: Collection[int] | None = None
) -> dict[int, list[AttendanceEvent]]:
    """Person → what was said of him at an activity, in order."""
    query = (
        select(AttendanceEvent)
        .where(AttendanceEvent.activity_id == activity_id)
        .order_by(AttendanceEvent.id)
    )
    if people is not None:
        query = query.where(AttendanceEvent.person_id.in_(people))
    found: dict[int, list[AttendanceEvent]] = {}
    for event in session.scalars(query):
        found.setdefault(event.person_id, []).append(event)
    return found


def as_event(row: AttendanceEvent) -> rules.Event:
    """A row as the rules read it."""
    return rules.Event(row.id, row.kind, row.status, row.way, row.at, row.by, row.reason)


def answered_cards(
    session: Session, activity_id: int, people: Collection[int] | None = None
) -> dict[int, set[int]]:
    """Person → the cards of an online activity that he answered in time."""
    query = (
        select(PresenceAnswer.person_id, PresenceAnswer.card_id)
        .join(PresenceCard, PresenceCard.id == PresenceAnswer.card_id)
        .where(PresenceCard.activity_id == activity_id)
    )
    if people is not None:
        query = query.where(PresenceAnswer.person_id.in_(people))
    found: dict[int, set[int]] = {}
    for person_id, card_id in session.execute(query):
        found.setdefault(person_id, set()).add(card_id)
    return found


def cards_over(session: Session, activity_id: int, now: dt.datetime) -> list[PresenceCard]:
    """The cards of an online activity whose time is over."""
    return list(
        session.scalars(
            select(PresenceCard)
            .where(PresenceCard.activity_id == activity_id, PresenceCard.until <= now)
            .order_by(PresenceCard.shows_at)
        )
    )


def newest_leaves(
    session: Session, activity_ids: Iterable[int], person_id: int | None = None
) -> dict[tuple[int, int], LeaveRequest]:
    """(activity, person) → his newest request for leave."""
    query = select(LeaveRequest).where(LeaveRequest.activity_id.in_(list(activity_ids)))
    if person_id is not None:
        query = query.where(LeaveRequest.person_id == person_id)
    rows = session.scalars(query.order_by(LeaveRequest.id))
    return {(row.activity_id, row.person_id): row for row in rows}


def activity_revision(session: Session, activity_id: int) -> str:
    """A short text that changes whenever the board of an activity does."""
    events = select(func.max(AttendanceEvent.id)).where(AttendanceEvent.activity_id == activity_id)
    walk_ins = select(
        func.count(WalkIn.id), func.max(WalkIn.settled_at), func.max(WalkIn.id)
    ).where(WalkIn.activity_id == activity_id)
    leaves = select(func.max(LeaveRequest.id), func.max(LeaveRequest.decided_at)).where(
        LeaveRequest.activity_id == activity_id
    )
    facts = select(Activity.changed_at, Activity.closed_at, Activity.cancelled_at).where(
        Activity.id == activity_id
    )
    answers = (
        select(func.count())
        .select_from(PresenceAnswer)
        .join(PresenceCard)
        .where(PresenceCard.activity_id == activity_id)
    )
    parts = [
        part
        for query in (events, walk_ins, leaves, facts, answers)
        for row in session.execute(query)
        for part in row
    ]
    return "-".join(_short(part) for part in parts)


def _short(part: object) -> str:
    if isinstance(part, dt.datetime):
        return f"{part.timestamp():.6f}"
    return "" if part is None else str(part)


def _with_units(
    session: Session, day: dt.date, wanted: ColumnElement[bool], only: Collection[int] | None
) -> dict[int, Expected]:
    unit = (
        select(UnitMembership.person_id, Unit.id, Unit.name)
        .join(Unit)
        .where(_holds(UnitMembership, day))
        .subquery()
    )
    query = (
        select(Person.id, Person.login, Person.full_name, unit.c.id, unit.c.name)
        .outerjoin(unit, unit.c.person_id == Person.id)
        .where(wanted)
        .order_by(Person.login)
    )
    if only is not None:
        query = query.where(Person.id.in_(only))
    return {row[0]: Expected(*row) for row in session.execute(query)}


def _holds(
    table: type[UnitMembership] | type[CohortMembership], day: dt.date
) -> ColumnElement[bool]:
    return (table.since <= day) & (table.until.is_(None) | (table.until > day))
