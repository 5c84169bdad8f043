"""What the form for an activity needs: who and what can be chosen, and what was."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Rules
from lawlab.services.activity_cards import state_of_activity
from lawlab.services.attendance_access import may_change, may_mark, served_units
from lawlab.services.sessions import Caller
from lawlab.store.attendance import people_on
from lawlab.store.content import courses
from lawlab.store.tables import Activity, Person, Role, Unit


def form_facts(session: Session, caller: Caller, rules: Rules, day: date) -> dict[str, Any]:
    """Units (with how many people they have on `day`), people, trainers, courses, and the town's
    rules."""
    served = served_units(session, caller)
    active = session.scalars(select(Person.id).where(Person.active)).all()
    people = list(people_on(session, day, active).values())
    members = Counter(who.unit_id for who in people)
    trainers = session.execute(
        select(Person.login, Person.full_name)
        .where(
            Person.active,
            Person.id.in_(select(Role.person_id).where(Role.role.in_(("trainer", "admin")))),
        )
        .order_by(Person.login)
    )
    return {
        "units": [
            {
                "id": unit.id,
                "name": unit.name,
                "kind": unit.kind,
                "members": members[unit.id],
                "mine": may_mark(served, unit.id),
            }
            for unit in session.scalars(select(Unit).order_by(Unit.kind, Unit.id))
        ],
        "people": [
            {"login": who.login, "name": who.name, "unit": who.unit or ""} for who in people
        ],
        "trainers": [{"login": login, "name": name} for login, name in trainers],
        "courses": [{"slug": course.slug, "title": course.title} for course in courses(session)],
        "rules": rules.to_json(),
        "me": {"login": caller.login, "whole_town": served is None},
    }


def plan_facts(
    session: Session, activity: Activity, caller: Caller, now: datetime
) -> dict[str, Any]:
    """An activity as its form shows it."""
    rules = Rules.from_json(activity.rules)
    return {
        "id": activity.id,
        "title": activity.title,
        "phase": activity.phase,
        "place": activity.place,
        "online": activity.online,
        "organizer": activity.organizer_id,
        "units": [unit.id for unit in activity.units],
        "people": [person.login for person in activity.people],
        "starts_at": activity.starts_at.isoformat(),
        "ends_at": activity.ends_at.isoformat(),
        "trainers": [trainer.login for trainer in activity.trainers],
        "topics": activity.topics,
        "materials": activity.materials,
        "note": activity.note,
        "rules": {
            "opens_minutes": rules.opens_minutes,
            "present_minutes": rules.present_minutes,
            "late_minutes": rules.late_minutes,
        },
        "series": activity.series is not None,
        "state": state_of_activity(activity, now),
        "cancel_reason": activity.cancel_reason,
        "may_change": may_change(served_units(session, caller), caller, activity),
    }
