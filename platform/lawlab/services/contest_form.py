"""What hosts see before a contest begins: the list of contests, one as its form shows it, and what
can be chosen."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_draw import InBank
from lawlab.domain.contest_plan import STATE_NAMES, minutes_of
from lawlab.domain.contest_script import FOR_TEAMS, FORMAT_NAMES, KIND_NAMES, Script
from lawlab.domain.roster_cells import COHORT_NAMES
from lawlab.services.contest_drawing import askable, choices_of, shown, used_lately
from lawlab.store.attendance import people_on
from lawlab.store.content import courses, item_versions
from lawlab.store.contests import find_contest
from lawlab.store.items import banks
from lawlab.store.tables import Contest, Person, Unit

MOST_LISTED = 200
"""Of the newest; older ones stand in the boards and in the protocols."""


def contest_list(session: Session) -> list[dict[str, Any]]:
    """Contests and rehearsals of all hosts, the newest first."""
    rows = session.scalars(select(Contest).order_by(Contest.id.desc()).limit(MOST_LISTED)).all()
    makers = select(Person.login, Person.full_name).where(
        Person.login.in_({row.made_by for row in rows})
    )
    names = dict(iter(session.execute(makers)))
    return [_line(row, names.get(row.made_by, row.made_by)) for row in rows]


def contest_plan(session: Session, contest_id: int, now: datetime) -> dict[str, Any]:
    """A contest as its form shows it, with every question and its key. Raises NotFound."""
    row = find_contest(session, contest_id)
    script = Script.from_json(row.script)
    held, used = askable(session), used_lately(session, now)
    slots = [step.slot for step in script.steps]
    gone = item_versions(session, {one.version_id for one in slots if one.item not in held})
    members = {one for team in script.teams for one in team.members}
    query = select(Person.id, Person.login).where(Person.id.in_(members))
    logins: dict[int, str] = dict(iter(session.execute(query)))
    data = row.script
    return {
        "id": row.id,
        "title": row.title,
        "state": row.state,
        "rehearsal": row.rehearsal,
        "revision": row.revision,
        "plan": {
            "title": row.title,
            **{name: data[name] for name in ("format", "speed", "cohorts", "units", "awards")},
            "window": data["window"],
            "teams": [
                {
                    "name": team.name,
                    "members": [logins[one] for one in team.members if one in logins],
                }
                for team in script.teams
            ],
            "rounds": [
                {
                    **{name: one[name] for name in ("kind", "title", "seconds", "points")},
                    "items": [slot["item"] for slot in one["slots"]],
                }
                for one in data["rounds"]
            ],
        },
        "questions": [
            shown(held[slot.item], used)
            if slot.item in held
            else shown(InBank("", slot.version, slot.version_id, gone[slot.version_id][1]), used)
            | {"gone": True}
            for slot in slots
        ],
    }


def contest_form(session: Session, day: date) -> dict[str, Any]:
    """Everything that can be chosen: formats, kinds of rounds, courses with how many questions of
    theirs may be asked, types, kinds of people, units with how many people they have, people."""
    held = askable(session)
    counts = Counter(one.bank for one in held.values())
    titles = {course.slug: course.title for course in courses(session)}
    active = session.scalars(select(Person.id).where(Person.active)).all()
    people = list(people_on(session, day, active).values())
    members = Counter(who.unit_id for who in people)
    return {
        "formats": [{"format": one.value, "name": name} for one, name in FORMAT_NAMES.items()],
        "kinds": [
            {"kind": one.value, "name": name, "for_teams": one in FOR_TEAMS}
            for one, name in KIND_NAMES.items()
        ],
        "banks": [
            {
                "slug": bank.slug,
                "title": titles.get(bank.slug) or bank.law or bank.slug,
                "count": counts[bank.slug],
            }
            for bank in banks(session)
            if counts[bank.slug]
        ],
        "types": choices_of(held.values()),
        "cohorts": [{"cohort": one, "name": name} for one, name in COHORT_NAMES.items()],
        "units": [
            {"id": unit.id, "name": unit.name, "kind": unit.kind, "members": members[unit.id]}
            for unit in session.scalars(select(Unit).order_by(Unit.kind, Unit.id))
        ],
        "people": [
            {"login": who.login, "name": who.name, "unit": who.unit or ""} for who in people
        ],
    }


def _line(row: Contest, maker: str) -> dict[str, Any]:
    script = Script.from_json(row.script)
    return {
        "id": row.id,
        "title": row.title,
        "rehearsal": row.rehearsal,
        "state": row.state,
        "state_name": STATE_NAMES[row.state],
        "format": script.format.value,
        "format_name": FORMAT_NAMES[script.format],
        "rounds": len(script.rounds),
        "questions": len(script.steps),
        "minutes": minutes_of(script),
        "maker": maker,
        "made_at": row.made_at.isoformat(),
        "opened_at": row.opened_at.isoformat() if row.opened_at else None,
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }
