"""The walk-ins of an activity as a trainer settles them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.store.attendance import activity_day, people_on
from lawlab.store.tables import Activity, Person, WalkIn

NO_UNIT = "（没有单位）"


def walk_in_lines(
    session: Session, activity: Activity, notes: Sequence[WalkIn]
) -> list[dict[str, Any]]:
    """The notes that are open or merged, with whom each may have been."""
    shown = [note for note in notes if note.settled_at is None or note.person_id]
    candidates = _candidates(session, activity, shown)
    return [
        {
            "id": note.id,
            "full_name": note.full_name,
            "phone_tail": note.phone_tail,
            "at": note.at.isoformat(),
            "status": note.status,
            "by": note.by,
            "person": note.person and {"login": note.person.login, "name": note.person.full_name},
            "candidates": candidates[note.id],
        }
        for note in shown
    ]


def _candidates(
    session: Session, activity: Activity, notes: Sequence[WalkIn]
) -> dict[int, list[dict[str, Any]]]:
    """Who each walk-in may have been: the same name, or the same end of the phone number; who fits
    in both comes first. The number itself is not told."""
    found: dict[int, list[dict[str, Any]]] = {}
    names = {note.full_name for note in notes if note.person_id is None}
    tails = {note.phone_tail for note in notes if note.person_id is None}
    rows = (
        session.execute(
            select(Person.id, Person.full_name, Person.phone).where(
                Person.active,
                Person.full_name.in_(names)
                | func.substr(Person.phone, func.length(Person.phone) - 3).in_(tails),
            )
        ).all()
        if names
        else []
    )
    who = people_on(session, activity_day(activity), [row[0] for row in rows]) if rows else {}
    for note in notes:
        fitting = sorted(
            (
                (-((name == note.full_name) + (phone or "").endswith(note.phone_tail)), person)
                for person, name, phone in rows
                if name == note.full_name or (phone or "").endswith(note.phone_tail)
            ),
        )
        found[note.id] = [
            {"login": who[one].login, "name": who[one].name, "unit": who[one].unit or NO_UNIT}
            for _, one in fitting[:5]
        ]
    return found
